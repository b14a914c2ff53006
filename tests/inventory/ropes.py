"""Two systems that do not exist, for whatever a section may hold, and sites that have them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import pytest
import yaml
from msgspec import Meta

from fairlead.inventory import site, types
from fairlead.model.plan import System

CASES = Path(__file__).parent / "cases"


class End(msgspec.Struct):
    length: int = 1
    hosts: types.NodeSet = ""


class Ends(msgspec.Struct, frozen=True):
    bitter: End | None = None


class Splice(msgspec.Struct):
    at: int
    tape: bool = False


class Span(msgspec.Struct, rename={"begin": "from", "end": "to"}):
    begin: int
    end: int

    def __post_init__(self) -> None:
        if self.end <= self.begin:
            raise ValueError("`to` has to come after `from`")


class Bowline(msgspec.Struct, tag="bowline"):
    turns: int = 1


class Hitch(msgspec.Struct, tag="hitch"):
    loops: int = 1


class Rope(msgspec.Struct, frozen=True):
    """Forgets to forbid unknown fields, as a plugin may."""

    hosts: types.NodeSet = ""
    tag: Annotated[types.Tag, Meta(description="which one")] = "latest"
    flavor: Literal["auto", "hawser", "cable"] = "auto"
    sources: tuple[types.Url, ...] = ()
    splices: list[Splice] = []
    ends: Ends = Ends()
    version: types.Version = ""
    count: Annotated[int, Meta(ge=1, description="strands of a rope")] = 3
    limits: dict[str, int] = {}
    build_host: types.OneHost = ""
    every: Span | None = None
    strict: bool = False
    note: dict[str, Any] = {}
    knot: Bowline | Hitch | None = None
    marks: dict[types.Tag, str] = {}
    range: tuple[int, str] = (1, "m")


class Tide(msgspec.Struct):
    table: str
    hosts: tuple[str, ...] = ()
    berths: dict[types.OneHost, int] = {}
    ebb: End | None = None

    def clashes(self, site: site.Site) -> Iterator[types.Clash]:
        """No berth twice, and none for a host that goes by another name."""
        taken = {}
        for host, number in self.berths.items():
            if number in taken:
                yield types.Clash(
                    ("berths", host),
                    f"berth {number} is that of",
                    ("berths", taken[number]),
                    "give it another",
                )
            taken[number] = host
        for number, name in enumerate(self.hosts):
            if name in site.hosts and site.hosts[name].address != name:
                yield types.Clash(("hosts", number), f"{name} goes by another name")


SYSTEMS = {
    "rope": System(name="rope", about="rope", section=Rope, components=("bitter",)),
    "tide": System(name="tide", about="tide", section=Tide, components=("table",)),
}


def cases(name: str, label: str = "case") -> list:
    """The cases of a file, each a parameter of a test."""
    return [
        pytest.param(case, id=case[label])
        for case in yaml.safe_load((CASES / name).read_text("utf-8"))
    ]


def write(folder: Path, text: str, name: str = "s.yml") -> Path:
    path = folder / "sites" / name
    path.write_text(text)
    return path


def load(folder: Path, text: str) -> site.Site:
    return site.load(write(folder, text), SYSTEMS)
