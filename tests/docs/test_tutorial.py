"""docs/tutorial.md shows the commands of docs/ten-minutes.txt, which a test types, in order."""

from tests.docs.command_lines import ROOT


def test_it_has_every_command_that_is_typed_in_its_order() -> None:
    typed = (ROOT / "docs" / "ten-minutes.txt").read_text("utf-8").splitlines()
    lines = [line.partition("  # ")[0] for line in typed if line and not line.startswith("#")]
    text = (ROOT / "docs" / "tutorial.md").read_text("utf-8").partition("## From here")[0]
    shown = [line.strip() for line in text.splitlines() if line.startswith("    ")]
    assert [line for line in shown if line in lines] == lines
