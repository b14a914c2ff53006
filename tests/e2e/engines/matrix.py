"""Which hosts and engines there are in the lab of today, and what each engine did in how many
seconds."""

import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.e2e.ground import under


@dataclass(frozen=True)
class Machine:
    """A host of the lab over the tree of a release."""

    host: str
    release: str
    store: str = "docker"
    init: str = "tini"

    def __str__(self) -> str:
        return self.release

    @property
    def words(self) -> tuple[str, ...]:
        """As lab.up takes them."""
        return (f"--release={self.release}", f"--store={self.store}", f"--init={self.init}")


BOOKWORM = Machine("n1", "bookworm")
TRIXIE = Machine("n2", "trixie")
TRIXIE_CONTAINERD = Machine("n3", "trixie", "containerd")
FORKY = Machine("n4", "forky")
FORKY_CONTAINERD = Machine("n5", "forky", "containerd")
SYSTEMD = (
    Machine("n6", "forky", init="systemd"),
    Machine("n7", "bookworm", init="systemd"),
    Machine("n8", "trixie", init="systemd"),
)


@dataclass(frozen=True)
class Engine:
    """One engine, and the machine that has it."""

    name: str
    version: str
    machine: Machine

    def __str__(self) -> str:
        suffix = "-containerd" if self.machine.store == "containerd" else ""
        return f"{self.name}-{self.version}{suffix}"

    @property
    def host(self) -> str:
        return self.machine.host

    def run(self, program: str, *words: str) -> str:
        """What a program of sh prints on the host; $engine is the engine's own."""
        return under(self.host, f"engine={self.name}; {program}", *words)


LOSING = Engine("docker", "26.1", TRIXIE_CONTAINERD)  # an image with its last name
ENGINES = (
    Engine("docker", "20.10", BOOKWORM),
    Engine("docker", "26.1", TRIXIE),
    LOSING,
    Engine("docker", "28.5", FORKY),
    Engine("docker", "28.5", FORKY_CONTAINERD),
    Engine("podman", "4.3", BOOKWORM),
    Engine("podman", "5.4", TRIXIE),
    Engine("podman", "5.8", FORKY),
)


STAGES = (
    *("up", "up again", "upgrade", "upgrade again", "index", "index again"),
    *("broken", "rollback", "down", "adopt", "adopt again"),
)


@dataclass
class Record:
    """What one engine did: stage -> (state, seconds). A stage that was not reached is not there."""

    title: str
    stages: dict[str, tuple[str, float]] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str, state: str) -> Iterator[None]:
        """The state counts if nothing fails in between."""
        assert name in STAGES
        began = time.monotonic()
        outcome = "FAILED"
        try:
            yield
            outcome = state
        finally:
            self.stages[name] = (outcome, time.monotonic() - began)


RECORDS: dict[str, Record] = {}


def record(title: str) -> Record:
    """The row of this name."""
    return RECORDS.setdefault(title, Record(title))


def table() -> str:
    """A row for each engine, a column for each stage, as docs/lab.md has it."""
    rows = map(row, RECORDS.values())
    return "\n".join((head(), "|---" * (len(STAGES) + 1) + "|", *rows))


def head() -> str:
    return _line("engine", *STAGES)


def row(record: Record) -> str:
    return _line(record.title, *(_cell(record.stages.get(stage)) for stage in STAGES))


def rewritten(page: str, records: Iterable[Record]) -> str:
    """The page, in whose table the rows of what ran now are as it was now."""
    for record in records:
        begin = re.escape(f"| {record.title} |")
        page = re.sub(f"^{begin}.*$", row(record), page, flags=re.MULTILINE)
    return page


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(stage: tuple[str, float] | None) -> str:
    return f"{stage[0]} {stage[1]:.0f} s" if stage else "-"
