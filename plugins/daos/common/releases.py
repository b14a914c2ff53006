"""What DAOS's releases are, and which of their parts work together: one table, with its sources.

Sources: DAOS's repository, docs/release/ (upgrading.md, version_interop.md and support_matrix.md,
as they are at df309c0400, a branch on upgrading to 2.8), docs/admin/administration.md
("Interoperability Matrix"), and src/control/build/interop.go. docs/daos.md has the same table.
"""

import re
from typing import Literal

from fairlead.api import Noun

Numbers = tuple[int, ...]
Agreement = Literal["x.y.z", "x.y", "x.(y±1)"]


class Release(Noun, kw_only=True):
    """A release (x.y) of DAOS.

    `layout`: of the pools that it makes; it can be `dmg pool upgrade`d from the one before.
    `after`: the oldest version of the release before that may become it. `distros`: those that it
    was validated on, the first of them the default.
    """

    number: tuple[int, int]
    layout: int
    after: Numbers
    distros: tuple[str, ...]
    source: str


class Rule(Noun):
    """Two parts that talk to each other, and how near their versions have to be."""

    one: str
    other: str
    agreement: Agreement
    source: str


class Setting(Noun):
    """Two versions that talk only with a variable in the environment of both."""

    one: Numbers
    other: Numbers
    variable: str
    source: str


RELEASES = (
    Release(
        number=(2, 4),
        layout=2,
        after=(2, 2, 0),
        distros=("el8",),
        source='version_interop.md; the document "DAOS in Docker"',
    ),
    Release(
        number=(2, 6),
        layout=3,
        after=(2, 4, 0),
        distros=("el8", "el9"),
        source="version_interop.md; docs/QSG/setup_rhel.md at v2.6.5",
    ),
    Release(
        number=(2, 8),
        layout=4,
        after=(2, 6, 5),
        distros=("el9",),
        source="version_interop.md; upgrading.md; support_matrix.md",
    ),
)

RULES = (
    Rule("server", "server", "x.y.z", "version_interop.md: all servers of a system"),
    Rule("server", "agent", "x.(y±1)", "interop.go: within 2 minor versions; version_interop.md"),
    Rule("server", "client", "x.(y±1)", "version_interop.md: daos_engine and libdaos"),
    Rule("server", "admin", "x.y", "interop.go: standard DAOS compatibility; version_interop.md"),
    Rule("agent", "client", "x.y.z", "version_interop.md: daos_agent and libdaos"),
)

SETTINGS = (
    Setting(
        (2, 6, 4),
        (2, 6, 5),
        "NA_OFI_UNEXPECTED_TAG_MSG=0",
        "DAOS-18484 (dc36c67c29), in 2.6.5 and not in 2.6.4: OFI multi-recv beside verbs",
    ),
)


def numbers(version: str) -> Numbers:
    """2.4.0-2.el8 -> (2, 4, 0)."""
    return tuple(int(part) for part in re.findall(r"\d+", version.partition("-")[0])[:3])


def release(version: str) -> Release | None:
    """The release of a version; None: one that the table does not have."""
    number = numbers(version)[:2]
    return next((known for known in RELEASES if known.number == number), None)


def is_before(version: str, *number: int) -> bool:
    """Is it older than x.y.z, of which the last may be left away?"""
    return numbers(version) < number


def agree(agreement: Agreement, one: str, other: str) -> bool:
    """Are two versions as near as an agreement wants them?"""
    first, second = numbers(one), numbers(other)
    if agreement == "x.y.z":
        return first == second
    if agreement == "x.y":
        return first[:2] == second[:2]
    return first[:1] == second[:1] and abs(first[1] - second[1]) <= 2
