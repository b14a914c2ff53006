"""docs/tutorial.md shows the lines of docs/ten-minutes.txt, which a test types at a terminal."""

from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
TUTORIAL = DOCS / "tutorial.md"


@pytest.mark.skipif(not TUTORIAL.exists(), reason="docs/tutorial.md is not written yet")
def test_the_tutorial_shows_every_line_in_its_order():
    typed = (DOCS / "ten-minutes.txt").read_text("utf-8").splitlines()
    lines = [line.partition("  # exit ")[0] for line in typed if line and line[0] != "#"]
    page = TUTORIAL.read_text("utf-8").splitlines()
    shown = [line.strip() for line in page if line.startswith("    ")]
    commands = [line.partition("  #")[0].rstrip().removeprefix("$ ") for line in shown]
    assert [line for line in commands if line in lines] == lines
