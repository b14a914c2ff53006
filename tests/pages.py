"""The files that a page of docs/ shows: code blocks whose first line is a comment with their
path.
"""

import re
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"
BLOCK = re.compile(r"^```\w+\n(# (\S+/\S+|\S+\.toml)\n.*?)^```$", re.M | re.S)


def files_of(page: str) -> dict[str, str]:
    """path -> text, verbatim, of docs/PAGE.md."""
    return {path: text for text, path in BLOCK.findall((DOCS / f"{page}.md").read_text())}


def lay_out(page: str, folder: Path) -> list[Path]:
    """Write the page's files under a folder; gives the plugin folders among them."""
    for path, text in files_of(page).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return sorted(init.parent for init in folder.glob("plugins/*/__init__.py"))
