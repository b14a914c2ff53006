"""Which version may follow which.

Source: docs/release/version_interop.md and upgrading.md of the DAOS project. Minor numbers of
releases are even. Layout and wire protocol are understood by the next release, not by the one
after it ("N+1"); all servers of a system are of one version; 1.x and 2.x have nothing in common.
"""

import re

Numbers = tuple[int, ...]


def numbers(version: str) -> Numbers:
    """2.4.0-2.el8 -> (2, 4, 0)."""
    return tuple(int(part) for part in re.findall(r"\d+", version.partition("-")[0])[:3])


def refusal(old: str, new: str) -> tuple[str, str]:
    """Why servers of version `old` may not become `new`, and what to do; ("", ""): they may."""
    before, after = numbers(old), numbers(new)
    if before[:1] != after[:1]:
        return (
            f"{old} and {new} have no layout of storage in common",
            "copy the data out, then begin anew with inv daos.admin.format",
        )
    if after < before:
        return (
            f"{new} is older than {old}, which runs",
            "inv daos.rollback returns to the version before; else set daos.version to what runs",
        )
    path = between(before, after)
    if len(path) > 1:
        steps = ", then ".join(f"{major}.{minor}" for major, minor in path)
        return (
            f"{old} cannot become {new} at once: DAOS goes one release at a time",
            f"set daos.version and run inv daos.upgrade for {steps}",
        )
    return "", ""


def between(before: Numbers, after: Numbers) -> list[tuple[int, int]]:
    """The releases to go through, the last included; none where only the patch level differs."""
    minors = range(before[1] + 1, after[1] + 1)
    return [(after[0], minor) for minor in minors if minor % 2 == 0 or minor == after[1]]


def same_release(old: str, new: str) -> bool:
    """Do they differ in the patch level at most?"""
    return numbers(old)[:2] == numbers(new)[:2]
