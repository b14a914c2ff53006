"""`inv triumf.preflight --for=docker-29`: what is in the way of the next version, weeks before its
window. It asks, and changes nothing."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from fairlead.api import Ask, Check, Noun
from fairlead.api import facts as probes

UNKNOWN = "not known"
DOCKER, HTCONDOR = "docker", "htcondor"


class For(msgspec.Struct, frozen=True, rename={"version": "for"}):
    version: Annotated[
        Literal["", "docker-28", "docker-29", "htcondor-24", "htcondor-25"],
        Meta(description="what is in the way of this version, instead of what is amiss today"),
    ] = ""


class Change(Noun, kw_only=True):
    """What a version does otherwise. `since`: the first that does; `concerned`: what of it is so
    here, in words, "" for nothing and None where that could not be learnt."""

    name: str
    since: str
    aim: str
    why: str
    source: str
    remedy: str
    concerned: Callable[[Any], str | None]
    blocks: bool = True


def version_of(ask: Ask[Any], product: str) -> str:
    """The version that was asked for, as MAJOR.0; "" where it was one of another product."""
    name, _, major = str(getattr(ask.options, "version", "")).partition("-")
    return f"{major}.0" if name == product else ""


def checks(changes: Iterable[Change], today: str, version: str, state: Any) -> Iterator[Check]:
    """A check for each change between what is there `today` and the next version.

    Where it is not known what is there, all that the next version does otherwise is asked.
    """
    for change in changes:
        is_new = not today or not probes.at_least(today, change.since)
        if is_new and probes.at_least(version, change.since):
            yield _check(change, change.concerned(state))


def _check(change: Change, finding: str | None) -> Check:
    return Check(
        name=change.name,
        ok=finding == "",
        wanted=change.aim,
        found=UNKNOWN if finding is None else finding or "nothing of it",
        why=f"{change.why} (since {change.since}: {change.source})",
        remedy=change.remedy,
        blocks=change.blocks and finding is not None,
    )


def listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def named(names: Mapping[str, Any], words: Iterable[str]) -> str:
    """Those of the words that are among the names."""
    return listed(word for word in words if word in names)
