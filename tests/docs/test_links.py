"""Every link of a page leads to a file that is there, and to a heading in it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.command_lines import PAGES, ROOT

TEXTS = (
    *(page for page in PAGES if page.suffix == ".md"),
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.*)$", re.M)
FENCED = re.compile(r"^```.*?^```$", re.M | re.S)


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """(file, anchor) of each, but of those that lead elsewhere."""
    for target in LINK.findall(FENCED.sub("", page.read_text("utf-8"))):
        path, _, anchor = target.partition("#")
        if ":" not in path:
            yield (page.parent / path if path else page).resolve(), anchor


def anchors(page: Path) -> set[str]:
    """The names that GitHub gives to the headings."""
    titles = HEADING.findall(FENCED.sub("", page.read_text("utf-8")))
    plain = (re.sub(r"[^\w\- ]", "", title.lower()) for title in titles)
    return {title.replace(" ", "-") for title in plain}


@pytest.mark.parametrize("page", TEXTS, ids=lambda page: str(page.relative_to(ROOT)))
def test_its_links_lead_somewhere(page: Path) -> None:
    targets = list(links(page))
    assert [str(path) for path, _ in targets if not path.exists()] == []
    lost = [
        f"{path.name}#{anchor}"
        for path, anchor in targets
        if anchor and path.suffix == ".md" and anchor not in anchors(path)
    ]
    assert lost == []


@pytest.mark.parametrize("page", TEXTS, ids=lambda page: str(page.relative_to(ROOT)))
def test_it_has_one_title(page: Path) -> None:
    text = FENCED.sub("", page.read_text("utf-8"))
    assert len(re.findall(r"^# ", text, re.M)) == 1


def test_every_page_is_in_the_index() -> None:
    """The README's tables are the one index."""
    listed = {path for path, _ in links(ROOT / "README.md")}
    pages = [page.resolve() for page in PAGES if page.is_relative_to(ROOT / "docs")]
    assert [page.name for page in pages if page.suffix == ".md" and page not in listed] == []
