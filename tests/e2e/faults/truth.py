"""What stands on a host, asked from below, without anything of what is tested."""

import time
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatch

from tests.e2e.faults.arena import SETTINGS, Arena
from tests.e2e.ground import files, sh, under

CALM = 120.0  # seconds that a host may need to finish what it began


@dataclass(frozen=True)
class Seen:
    """A container: its ID, its image's, its state, how often its engine started it again."""

    id: str
    image: str
    state: str
    restarts: int


@dataclass(frozen=True)
class Truth:
    """A host at one moment. `healthy`, `release`, `marks` are the arena's own."""

    containers: dict[str, Seen] = field(default_factory=dict)
    open: tuple[str, ...] = ()
    working: tuple[str, ...] = ()
    leases: tuple[str, ...] = ()
    has_engine: bool = True
    has_copy: bool = False
    healthy: bool = False
    release: str = ""
    marks: str = ""

    def images(self, arena: Arena) -> tuple[str, ...]:
        """What runs under the names of the site; "" for what does not run."""
        seen = (self.containers.get(name) for name in arena.names)
        return tuple(one.image if one and one.state == "running" else "" for one in seen)

    def stands(self, arena: Arena) -> tuple[str, ...]:
        """The images of what stands under the names of the site, whether it runs or not."""
        seen = (self.containers.get(name) for name in arena.names)
        return tuple(one.image if one else "" for one in seen)

    def kept(self, arena: Arena) -> list[str]:
        """What half a change leaves beside."""
        return [name for name in arena.names if f"{name}.kept" in self.containers]

    def is_well(self, arena: Arena) -> bool:
        """It serves, and nobody has to bring anything to an end."""
        return self.healthy and not (self.open or self.working or self.leases)

    def __str__(self) -> str:
        names = ", ".join(f"{name} {one.state}" for name, one in self.containers.items())
        words = [
            names or "no container",
            self.release,
            "healthy" if self.healthy else "not healthy",
        ]
        words += [f"open {run}" for run in self.open] + [f"works {run}" for run in self.working]
        words += [f"lease {lease}" for lease in self.leases]
        words += ["no engine"] * (not self.has_engine) + ["a copy kept"] * self.has_copy
        return "; ".join(filter(None, words))


def look(arena: Arena, *, patience: float = 0, times: int = 2) -> Truth:
    """How it is; health is waited for, as long as `patience` says, and has to last: that many
    answers in a row."""
    about = (arena.engine, arena.state, arena.address, *arena.names)
    words = (sh.text(arena.questions), str(int(patience)), str(times), *about)
    text = under(arena.host, sh.text("round_look"), *words, timeout=patience + 90)
    lines = text.splitlines()
    rows = [line.split() for line in lines if line.strip()]

    def all_of(kind: str) -> tuple[str, ...]:
        return tuple(row[1] for row in rows if row[0] == kind and len(row) > 1)

    return Truth(
        containers={
            row[1].lstrip("/"): Seen(row[2], row[3], row[4], int(row[5]))
            for row in rows
            if row[0] == "container"
        },
        open=all_of("open"),
        working=all_of("working"),
        leases=all_of("lease"),
        has_engine=not all_of("engine"),
        has_copy=bool(all_of("copy")),
        healthy=["healthy"] in rows,
        release=" ".join(all_of("release")),
        marks="\n".join(line for line in lines if line.startswith("mark ")),
    )


@dataclass(frozen=True)
class Remains:
    """What a change may leave behind on a host, a line for each thing."""

    lines: frozenset[str] = frozenset()

    def beside(self, before: "Remains", arena: Arena) -> list[str]:
        """What was not there before, but for what is kept for a rollback, and of
        a version that was not healthy; and what the system writes into its state by itself."""
        usual = {f"container {name}{end}" for name in arena.names for end in ("", ".previous")}
        usual |= {"state previous", "state failed"}
        new = self.lines - before.lines - usual
        return sorted(
            line for line in new if not (arena.own and fnmatch(line, f"state {arena.own}"))
        )


def remains(arena: Arena) -> Remains:
    """What is there now."""
    text = under(arena.host, sh.text("round_left"), arena.engine, arena.state, *arena.words)
    assert "container " in text, "the host has not said what is left there"
    return Remains(frozenset(text.splitlines()))


def begun(host: str) -> int:
    """How many steps have been begun on a host, in all runs that it remembers."""
    number = 0
    for marks in (files(host) / SETTINGS.lstrip("/")).glob("runs/*/marks"):
        with suppress(FileNotFoundError):
            number += sum(line.startswith(b"begun") for line in marks.read_bytes().splitlines())
    return number


def calm(arena: Arena) -> bool:
    """Wait until nothing works on the host any more; whether it came to that in time."""
    end = time.monotonic() + CALM
    while under(arena.host, sh.text("round_works")):
        if time.monotonic() >= end:
            return False
        time.sleep(0.2)
    return True
