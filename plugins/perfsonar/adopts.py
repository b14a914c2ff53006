"""A test point that runs already, as a section of a site: `inv adopt`."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from fairlead.api import (
    Fact,
    HostReport,
    Noun,
    Proposal,
    RunningContainer,
    hookimpl,
    running,
    script,
)

from . import commands, osg, remotes
from .site import EACH_NAME, is_of_systemd

UP = "inv perfsonar.up"
NAMES = ("testpoint", "perfsonar-testpoint")  # how the names of images end
DEFAULT_SHM, DEFAULT_PIDS = 512, 8192  # of the section
KEYS = {"bind-address": "bind", "ssl-ca-file": "ca"}  # of psconfig -> of the section

sh = script.beside(__file__)


class Remotes(Noun):
    """What psconfig goes by on a host: container -> its remotes, each by the keys of the agent's
    file. `full`: the host's full name, "" where it has none.
    """

    full: str = ""
    of: Mapping[str, tuple[Mapping[str, Any], ...]] = {}


def _remotes(code: int, text: str) -> Remotes:
    """The lines of shell/remotes_there.sh."""
    full, name, of = "", "", dict[str, list[Mapping[str, Any]]]()
    for line in text.splitlines():
        kind, _, rest = line.partition("\t")
        if kind == "N":
            full = rest
        elif kind == "C":
            name = rest
            of[name] = []
        elif kind == "R" and name:
            url, _, pairs = rest.partition("\t")
            of[name].append({"url": json.loads(url), **json.loads(f"{{{pairs}}}")})
    return Remotes(full, {container: tuple(listed) for container, listed in of.items()})


PROBES = (
    Fact("perfsonar remotes", sh("remotes_there", remotes.entries_program()), _remotes, timeout=60),
)


@hookimpl
def recognise(report: HostReport) -> Proposal | None:
    """The test point that runs on a host, or that stands there stopped."""
    points = [c for c in report.containers if c.repository.rpartition("/")[2] in NAMES]
    points.sort(key=lambda c: (not c.running, c.name != osg.SERVICE))
    if not points:
        return None
    point, there = points[0], report.evidence[PROBES[0].name]
    listed = there.of.get(point.name)
    psconfig, unsaid = _psconfig(listed or (), there.full)
    section = {"hosts": report.host, **_keys(point)}
    if psconfig:
        section["psconfig"] = psconfig
    remarks = (
        *_remarks(point),
        *unsaid,
        *(() if listed is not None else (_silent(point),)),
        *(f"{c.name}: is a test point, too, and a host has one here" for c in points[1:]),
    )
    return Proposal(section=section, remarks=remarks, containers=tuple(c.name for c in points))


def _silent(point: RunningContainer) -> str:
    return f"{point.name}: its psconfig does not answer: its remotes are not known"


# The keys


def _keys(point: RunningContainer) -> dict[str, Any]:
    """Those that are not as they are by default."""
    keys: dict[str, Any] = {}
    if point.repository != commands.IMAGE:
        keys["image"] = point.repository
    if point.tag:
        keys["tag"] = point.tag
    if _kind(point) == "supervisord":
        keys["flavor"] = "supervisord"
    if point.compose and point.engine == "docker":
        keys["launch"] = "compose"
    if point.engine != "docker":
        keys["engine"] = point.engine
    if point.name != osg.SERVICE:
        keys["name"] = point.name
    return keys | _limits(point) | _place(point)


def _kind(point: RunningContainer) -> str:
    is_systemd = is_of_systemd(point.tag) or point.repository == osg.IMAGE
    return "systemd" if is_systemd else "supervisord"


def _limits(point: RunningContainer) -> dict[str, Any]:
    """Limits that somebody gave it; where nobody did, a test point gets those of the section."""
    keys: dict[str, Any] = {}
    for size in point.values("--shm-size"):
        if int(size) >> 20 != DEFAULT_SHM:
            keys["shm"] = int(size) >> 20
    for count in point.values("--pids-limit"):
        if int(count) != DEFAULT_PIDS:
            keys["pids"] = int(count)
    return keys


def _place(point: RunningContainer) -> dict[str, Any]:
    """A fixed name, and of ours where its state lies."""
    keys: dict[str, Any] = {}
    named = point.labels.get(commands.NAMED, "").partition(" ")[0]
    name = named if point.ours else _fixed_name(point).partition(":")[0]
    if name and name != commands.PSDOCKER_NAME:
        keys["hostname"] = name
    inside = commands.STATE[0].path
    end = f"/current{inside}"
    for mount in point.values("--volume"):
        source, at, *_ = mount.split(":")
        root = source.removesuffix(end)
        if at == inside and root not in (source, "/var/lib/perfsonar-testpoint"):
            keys["state"] = root
    return keys


def _fixed_name(point: RunningContainer) -> str:
    """NAME:ADDRESS of the hosts entry for its own name, as `psdocker` gives it; "": none."""
    entries = point.values("--add-host")
    return next((entry for entry in entries if entry.startswith(f"{point.hostname}:")), "")


# What psconfig goes by


def _psconfig(
    listed: Sequence[Mapping[str, Any]], full: str
) -> tuple[list[str | dict[str, Any]], list[str]]:
    """The remotes as the section has them, and what it does not."""
    entries: list[str | dict[str, Any]] = []
    remarks: list[str] = []
    for remote in listed:
        url = remote["url"]
        if "***@" in url:
            remarks.append(
                f"psconfig: {url} has user and password: it stays; to have it in the site, "
                "name a secret with it in psconfig_secret"
            )
        else:
            entries.append(_entry(remote, _with_each_name(url, full)))
            remarks += _unknown_keys(remote)
    return entries, remarks


def _with_each_name(url: str, full: str) -> str:
    """A URL that names the host itself is the same one for all hosts."""
    parts = url.split("/")
    return "/".join(EACH_NAME if part == full and "." in full else part for part in parts)


def _entry(remote: Mapping[str, Any], url: str) -> str | dict[str, Any]:
    own = {key: remote[name] for name, key in KEYS.items() if name in remote}
    transform = _script(remote)
    if transform:
        own["transform"] = transform
    if not own:
        return url
    return {"url": url, "archives": bool(remote.get("configure-archives")), **own}


def _script(remote: Mapping[str, Any]) -> str:
    """The transform, where it is one line."""
    value = remote.get("transform")
    text = value.get("script") if isinstance(value, Mapping) else ""
    return text if isinstance(text, str) and "\n" not in text else ""


def _unknown_keys(remote: Mapping[str, Any]) -> Iterator[str]:
    known = {"url", "configure-archives", *KEYS, *(("transform",) if _script(remote) else ())}
    others = [key for key in remote if key not in known]
    if others:
        yield f"psconfig: no key of the section says {', '.join(others)} of {remote['url']}"


# What no key says


def _remarks(point: RunningContainer) -> Iterator[str]:
    kind = _kind(point)
    limits = ("--shm-size=", "--pids-limit=")
    successor = (*commands.OPTIONS[kind], *commands.STOP[kind], *limits)
    units = tuple(unit for unit in point.units if not _is_switched_off(unit, point))
    bare = replace(point, units=units)
    paths = (volume.path for volume in commands.STATE)
    yield from running.remarks(bare, up=UP, options=successor, state=paths, known=_expressed(point))
    if units != point.units:
        yield f"{point.name}: its units are OSG's: {UP} switches them off"


def _is_switched_off(unit: str, point: RunningContainer) -> bool:
    return point.name == osg.SERVICE and unit.rpartition("/")[2] in osg.UNITS


def _expressed(point: RunningContainer) -> Iterator[str]:
    """Words of the old one that the section says, or that a test point does without."""
    entry = _fixed_name(point)
    if entry:
        yield f"--add-host={entry}"
        yield f"--hostname={point.hostname}"
    if point.units or point.repository == osg.IMAGE:
        yield from (word for word in point.options if word.startswith(osg.NOT_KEPT))
        yield from (word for word in point.lost if osg.FOLDER in word)
