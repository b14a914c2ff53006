"""docs/performance.md, made of figures."""

import os
import platform
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

HEAD = """# Performance

`./inv bench` has written this page: what is measured, on which machine, and what came of it. All
figures of a table are of one run, in turn, the fastest of its rounds; compare them with each other,
not with those of another machine. Ratios come first: how many times the first row's time.
"""
HOSTS = """The hosts are addresses of 127.0.0.0/8 of this machine, each with state folders of its
own and a quiet login shell; so hosts and controller share its cores, and what many hosts take is
what those cores bear. Latency is added by a relay. Every peer is asked for the same: a folder a
step, each a command of its own. Ansible asks by `raw` with pipelining and ControlPersist, pyinfra
by `files.directory`, Fabric by a `run` for each over one connection, OpenSSH by `xargs -P 32 ssh`
with all of it in one command line.
"""


@dataclass(frozen=True)
class Target:
    """What must be shown; at most `limit`, or with `is_least` at least."""

    name: str
    value: float
    limit: float
    unit: str = ""
    is_least: bool = False

    @property
    def is_met(self) -> bool:
        return self.value >= self.limit if self.is_least else self.value <= self.limit

    @property
    def verdict(self) -> str:
        if self.is_met:
            return "met"
        missed = abs(self.value - self.limit)
        return f"missed by {missed:.2f}{self.unit} ({missed / self.limit * 100:.0f} %)"


@dataclass(frozen=True)
class Table:
    """A table of the page; a cell that is None was not measured."""

    title: str
    about: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def ratio(value: float, base: float, unit: str = " s", digits: int = 2) -> str:
    """A cell: the ratio first."""
    return f"{value / base:.2f} ({value:.{digits}f}{unit})"


def page(
    tables: Iterable[Table],
    targets: Sequence[Target],
    versions: Mapping[str, str],
    loads: Sequence[float],
    remarks: Iterable[str] = (),
) -> str:
    parts = [HEAD, _machine(versions, loads), HOSTS, _targets(targets)]
    parts += [f"- {remark}\n" for remark in remarks]
    return "\n".join([*parts, *map(_table, tables)])


def _machine(versions: Mapping[str, str], loads: Sequence[float]) -> str:
    names = ", ".join(f"{name} {version}" for name, version in versions.items())
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return (
        f"| | |\n|---|---|\n"
        f"| date | {time.strftime('%Y-%m-%d', time.gmtime())} |\n"
        f"| machine | {len(os.sched_getaffinity(0))} cores, {pages:.0f} GiB,"
        f" {platform.system()} {platform.release().partition('-')[0]} {platform.machine()} |\n"
        f"| load meanwhile | {min(loads):.1f} to {max(loads):.1f} |\n"
        f"| versions | {names} |\n"
    )


def _targets(targets: Sequence[Target]) -> str:
    lines = "".join(
        f"| {t.name} | {t.value:.2f}{t.unit} | {'at least' if t.is_least else 'at most'}"
        f" {t.limit:g}{t.unit} | {t.verdict} |\n"
        for t in targets
    )
    return f"## What must be shown\n\n| | measured | wanted | |\n|---|---|---|---|\n{lines}"


def _table(table: Table) -> str:
    head = " | ".join(("", *table.columns))
    rows = "".join(f"| {' | '.join((name, *cells))} |\n" for name, cells in table.rows)
    line = "|".join(["---"] * (len(table.columns) + 1))
    return f"## {table.title}\n\n{table.about}\n\n|{head} |\n|{line}|\n{rows}"
