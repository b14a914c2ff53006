"""Which engines there are, on which host of the lab, and what each did in how many seconds."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.e2e.ground import under


@dataclass(frozen=True)
class Engine:
    """One engine, and the host that has it."""

    name: str
    version: str
    host: str
    release: str
    store: str = "docker"

    def __str__(self) -> str:
        suffix = "-containerd" if self.store == "containerd" else ""
        return f"{self.name}-{self.version}{suffix}"

    def run(self, program: str, *words: str) -> str:
        """What a program of sh prints on the host; $engine is the engine's own."""
        return under(self.host, f"engine={self.name}; {program}", *words)


ENGINES = (
    Engine("docker", "20.10", "n1", "bookworm"),
    Engine("docker", "26.1", "n2", "trixie"),
    Engine("docker", "26.1", "n3", "trixie", "containerd"),
    Engine("docker", "28.5", "n4", "forky"),
    Engine("docker", "28.5", "n5", "forky", "containerd"),
    Engine("podman", "4.3", "n1", "bookworm"),
    Engine("podman", "5.4", "n2", "trixie"),
    Engine("podman", "5.8", "n4", "forky"),
)
# HOST -> (release, store)
HOSTS = {engine.host: (engine.release, engine.store) for engine in reversed(ENGINES)}


@dataclass
class Record:
    """What one engine did: stage -> (state, seconds). A stage that was not reached is not there."""

    title: str
    stages: dict[str, tuple[str, float]] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str, state: str) -> Iterator[None]:
        """The state counts if nothing fails in between."""
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
    """A row for each engine, a column for each stage."""
    stages = list(dict.fromkeys(name for row in RECORDS.values() for name in row.stages))
    rows = [["engine", *stages]]
    for row in RECORDS.values():
        rows.append([row.title, *(_cell(row.stages.get(name)) for name in stages)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def _cell(stage: tuple[str, float] | None) -> str:
    return f"{stage[0]} {stage[1]:.1f} s" if stage else "-"
