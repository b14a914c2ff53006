"""CONTRIBUTING.md leads somewhere: every file that it names is there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
NAMED = sorted(
    set(re.findall(r"`((?:fairlead|plugins|tests|docs|sites|bench)/[\w./-]*)", PAGE))
    | set(re.findall(r"`(\w+\.(?:md|py))`", PAGE))
)


def test_every_file_that_it_names_is_there() -> None:
    assert len(NAMED) > 40
    folders = ("", "fairlead/output")
    absent = [
        name
        for name in NAMED
        if "SYSTEM" not in name and not any((ROOT / folder / name).exists() for folder in folders)
    ]
    assert absent == []


def test_the_rooms_in_its_picture_are_those_that_there_are() -> None:
    rooms = {path.parent.name for path in (ROOT / "fairlead").glob("*/__init__.py")}
    picture = PAGE.split("a command line\n")[1].split("fairlead/api.py")[0]
    assert rooms <= set(re.findall(r"\w+", picture))
