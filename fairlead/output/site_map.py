"""The map of a site: which hosts stand behind which gateways, and what runs on them."""

import textwrap
from collections.abc import Iterator
from html import escape

from fairlead.model.plan import Noun
from fairlead.output.folding import nodes
from fairlead.output.sanitize import visible

WIDTH = 300  # of a box; all in pixels
GAP = 56  # between columns
SPACE = 14  # between boxes of a column
LINE = 18
PAD = 10
LETTERS = 34  # of a line in a box
STYLE = """
text { font: 13px ui-monospace, monospace; fill: #1c2024; }
.hosts { font-weight: bold; }
rect { fill: #f4f6f8; stroke: #5a636d; }
.back { fill: #fff; stroke: none; }
.offline { stroke-dasharray: 5 4; }
path { fill: none; stroke: #5a636d; }
@media (prefers-color-scheme: dark) { text { fill: #e6e9ec; } rect { fill: #1d2227;
  stroke: #a3adb7; } .back { fill: #14171a; } path { stroke: #a3adb7; } }
"""


class Place(Noun, kw_only=True):
    """Hosts of which the same is to be said: the components there, and what is reached by them.

    `name`: of what is no host of the site (this machine, a gateway of ssh_config); else "".
    """

    hosts: tuple[str, ...] = ()
    name: str = ""
    components: tuple[str, ...] = ()
    is_offline: bool = False
    behind: tuple["Place", ...] = ()

    @property
    def title(self) -> str:
        return visible(self.name or nodes(self.hosts))

    @property
    def remarks(self) -> tuple[str, ...]:
        """Its components, and that it is marked offline."""
        components = tuple(map(visible, self.components))
        return (*components, "offline") if self.is_offline else components


def tree_lines(place: Place, before: str = "") -> Iterator[str]:
    """The map as lines of a terminal."""
    yield f"{place.title}  {', '.join(place.remarks)}".rstrip()
    for number, child in enumerate(place.behind, 1):
        is_last = number == len(place.behind)
        branch = "└─ " if is_last else "├─ "
        trunk = "   " if is_last else "│  "
        for line_number, line in enumerate(tree_lines(child)):
            lead = branch if line_number == 0 else trunk
            yield f"{before}{lead}{line}"


class _Box(Noun):
    """A place on the canvas: its upper left corner and its lines of text."""

    place: Place
    x: int
    y: int
    lines: tuple[tuple[str, str], ...]  # (class, text)
    behind: tuple["_Box", ...]

    @property
    def height(self) -> int:
        return len(self.lines) * LINE + 2 * PAD

    @property
    def middle(self) -> int:
        return self.y + self.height // 2

    @property
    def bottom(self) -> int:
        """Below it and all that stands behind it."""
        bottoms = [box.bottom for box in self.behind]
        return max([self.y + self.height, *bottoms])

    def all(self) -> Iterator["_Box"]:
        yield self
        for box in self.behind:
            yield from box.all()


def svg(place: Place, site: str) -> str:
    """The map as a file of SVG that needs nothing else."""
    root = _laid_out(place, SPACE, SPACE)
    boxes = list(root.all())
    width = max(box.x for box in boxes) + WIDTH + SPACE
    height = root.bottom + SPACE
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img">',
        f"<title>{escape(visible(site))}: hosts, gateways, components</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="back" width="{width}" height="{height}"/>',
    ]
    for box in boxes:
        parts += [_way(box, child) for child in box.behind]
    for box in boxes:
        parts += _drawn(box)
    return "\n".join([*parts, "</svg>\n"])


def _laid_out(place: Place, x: int, y: int) -> _Box:
    """The places behind it in the next column, below each other; itself beside their middle."""
    lines = tuple(_lines(place))
    height = len(lines) * LINE + 2 * PAD
    behind: list[_Box] = []
    top = y
    for child in place.behind:
        box = _laid_out(child, x + WIDTH + GAP, top)
        behind.append(box)
        top = box.bottom + SPACE
    own = y
    if behind:
        own = max(y, (behind[0].middle + behind[-1].middle - height) // 2)
    return _Box(place, x, own, lines, tuple(behind))


def _lines(place: Place) -> Iterator[tuple[str, str]]:
    for text in _wrapped(place.title):
        yield "hosts", text
    for remark in place.remarks:
        for text in _wrapped(remark):
            yield "remark", text


def _wrapped(text: str) -> list[str]:
    """A node set is broken behind a comma where that helps."""
    words = text.replace(",", ", ")
    lines = textwrap.wrap(words, LETTERS, break_on_hyphens=False)
    return [line.replace(", ", ",") for line in lines]


def _way(box: _Box, child: _Box) -> str:
    begin = box.x + WIDTH
    half = begin + GAP // 2
    return f'<path d="M{begin} {box.middle}H{half}V{child.middle}H{child.x}"/>'


def _drawn(box: _Box) -> Iterator[str]:
    kind = ' class="offline"' if box.place.is_offline else ""
    yield (f'<rect{kind} x="{box.x}" y="{box.y}" width="{WIDTH}" height="{box.height}" rx="6"/>')
    for number, (style, text) in enumerate(box.lines, 1):
        y = box.y + PAD + number * LINE - 5
        yield f'<text class="{style}" x="{box.x + PAD}" y="{y}">{escape(text)}</text>'
