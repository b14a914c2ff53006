"""The map of a site: lines of a terminal, and a drawing in which no box lies on another."""

import itertools
import xml.etree.ElementTree as ET

from fairlead.output.site_map import Place, svg, tree_lines

NAMESPACE = "{http://www.w3.org/2000/svg}"
WORKERS = Place(hosts=("wn1", "wn2", "wn3"), components=("a", "b"))
SITE = Place(
    name="this machine",
    behind=(
        Place(
            hosts=("bastion",),
            behind=(WORKERS, Place(hosts=("n1",), components=("b",), is_offline=True)),
        ),
        Place(hosts=("ps1",), components=("c",)),
    ),
)


def test_the_map_is_a_tree_on_a_terminal() -> None:
    assert [*tree_lines(SITE)] == [
        "this machine",
        "├─ bastion",
        "│  ├─ wn[1-3]  a, b",
        "│  └─ n1  b, offline",
        "└─ ps1  c",
    ]


def boxes(text: str) -> list[tuple[float, ...]]:
    """x, y, width, height of each box."""
    root = ET.fromstring(text)
    rects = [rect for rect in root.iter(f"{NAMESPACE}rect") if rect.get("class") != "back"]
    names = ("x", "y", "width", "height")
    return [tuple(float(rect.get(name, "")) for name in names) for rect in rects]


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    (x, y, width, height), (x2, y2, width2, height2) = one, other
    return x < x2 + width2 and x2 < x + width and y < y2 + height2 and y2 < y + height


def test_no_box_lies_on_another_and_all_lie_on_the_canvas() -> None:
    many = tuple(Place(hosts=(f"x{n}",), components=("c",) * n) for n in range(6))
    tall = Place(hosts=("gate",), components=("d",) * 20, behind=many[:1])
    text = svg(Place(name="here", behind=(tall, SITE.behind[0], *many)), "s")
    drawn = boxes(text)
    assert len(drawn) == 12
    assert [pair for pair in itertools.combinations(drawn, 2) if overlap(*pair)] == []
    root = ET.fromstring(text)
    assert max(x + width for x, _, width, _ in drawn) <= float(root.get("width", ""))
    assert max(y + height for _, y, _, height in drawn) <= float(root.get("height", ""))


def test_names_are_text_and_nothing_is_fetched() -> None:
    text = svg(Place(name="<script>&", components=("\x1b[31m\x07",)), '"<b>')
    texts = [element.text for element in ET.fromstring(text).iter(f"{NAMESPACE}text")]
    assert texts == ["<script>&", "^G"]
    assert text.count("http") == 1  # the name of SVG itself


def test_long_node_sets_are_broken_behind_commas() -> None:
    hosts = tuple(f"{letter}-host{number}" for letter in "abcdefgh" for number in (1, 3))
    text = svg(Place(hosts=hosts), "s")
    lines = [element.text or "" for element in ET.fromstring(text).iter(f"{NAMESPACE}text")]
    assert "".join(lines) == Place(hosts=hosts).title
    assert max(map(len, lines)) <= 34
