"""Preflight of an engine for workers, and what is asked of it. The reasons are the document's."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from fairlead.api import Ask, Check, Fact, Noun, state
from fairlead.api import checks as preflight

from ..places import Place, places
from . import condor
from . import containers as nodes

# How /cvmfs is mounted: the type and the options of each mount there or below, automounter first.
MOUNTS = """awk '$2 == "/cvmfs" || index($2, "/cvmfs/") == 1 { print $3, $4 }' /proc/mounts"""
# Whose the folders of /home are: name and uid.
HOMES = """cd /home 2>/dev/null || exit 0; for one in *; do [ ! -d "$one" ] || stat -c '%n %u' -- "$one"; done"""
# CONTAINER...: users of the first that is there, whether it runs or not: name:x:uid:...
USERS = """for name; do
  docker cp "$name:/etc/passwd" - 2>/dev/null | tar -xOf - 2>/dev/null | grep . && exit 0
done; exit 1"""
# For each CRL of the grid's authorities: its file, and until when it is good.
CRLS = """command -v openssl >/dev/null || exit 3
for file in /etc/grid-security/certificates/*.r0; do
  [ ! -f "$file" ] || printf '%s %s\\n' "${file##*/}" "$(openssl crl -in "$file" -noout -nextupdate 2>/dev/null)"
done"""
# PATH...: those that are not there.
ABSENT = """for path; do [ -e "$path" ] || echo "$path"; done"""
# Which container has published which port.
PUBLISHED = ("docker", "container", "ls", "--format", "{{.Names}} {{.Ports}}")
# NAME...: what DNS says: NAME ADDRESS NAME-OF-ADDRESS, a - for nothing.
DNS = """for name; do
  address=$(getent ahostsv4 "$name" | awk '$1 !~ /^127\\./ { print $1; exit }')
  back=$([ -z "$address" ] || getent hosts "$address" | awk '{ print $2; exit }')
  echo "$name" "${address:--}" "${back:--}"
done"""


class Crls(Noun):
    """How many CRLs there are, and which are good no longer."""

    count: int
    old: tuple[str, ...]


def facts(ask: Ask[Any]) -> Iterator[Fact]:
    """`container`, `condor`, `uplink`; for preflight also `absent`, `cvmfs`, `homes`, `users`, `crls`, `published`, `sockets`, `dns`."""
    here = places(ask.section, ask.target.host)
    names = tuple(place.name for place in here)
    if ask.verb in state.WORDS_ONLY or not names:
        return
    found = f"name=^({'|'.join(map(re.escape, names))})" + r"(\.kept|\.previous)?$"
    yield Fact(
        "container",
        ("sh", "-c", state.LOOK, "container", "docker", found, "\t".join(state.FIELDS)),
        state.containers,
    )
    yield condor.fact(names)
    if ask.section.is_fixed(ask.target.host):
        yield nodes.uplink_fact(ask.section)
    if ask.verb == "preflight":
        yield Fact(
            "absent",
            ("sh", "-c", ABSENT, "absent", *ask.section.worker.mounts),
            lambda code, text: tuple(text.splitlines()),
        )
        yield Fact(
            "cvmfs",
            ("sh", "-c", MOUNTS, "cvmfs"),
            lambda code, text: tuple(tuple(line.split(" ", 1)) for line in text.splitlines()),
        )
        yield Fact("homes", ("sh", "-c", HOMES, "homes"), lambda code, text: _uids(text, " "))
        yield Fact(
            "users",
            ("sh", "-c", USERS, "users", *names),
            lambda code, text: None if code else _passwd(text.splitlines()),
        )
        yield Fact("crls", ("sh", "-c", CRLS, "crls"), crls, timeout=60)
        yield Fact("published", PUBLISHED, published)
        yield preflight.sockets_fact()
        yield Fact(
            "dns", ("sh", "-c", DNS, "dns", *(place.hostname for place in here)), dns, timeout=30
        )


def _uids(text: str, between: str) -> Mapping[str, int]:
    rows = (line.rsplit(between, 1) for line in text.splitlines())
    return {row[0]: int(row[1]) for row in rows if len(row) == 2 and row[1].isdigit()}


def _passwd(lines: Iterable[str]) -> Mapping[str, int]:
    """Name -> uid, of lines of a passwd file."""
    rows = (line.split(":") for line in lines)
    return {row[0]: int(row[2]) for row in rows if len(row) > 2 and row[2].isdigit()}


def crls(code: int, text: str) -> tuple[tuple[str, float], ...] | None:
    """(file, until when: seconds since the epoch, 0 where it cannot be read); None: nobody can read them."""
    return None if code else tuple(_crl(line) for line in text.splitlines())


def _crl(line: str) -> tuple[str, float]:
    name, _, said = line.partition(" ")
    try:
        return name, datetime.strptime(said, "nextUpdate=%b %d %H:%M:%S %Y GMT").replace(
            tzinfo=UTC
        ).timestamp()
    except ValueError:
        return name, 0


def published(code: int, text: str) -> Mapping[int, str]:
    """Port of the host -> the container that has it."""
    rows = (line.partition(" ") for line in text.splitlines())
    return {int(port): name for name, _, ports in rows for port in re.findall(r":(\d+)->", ports)}


def dns(code: int, text: str) -> Mapping[str, tuple[str, str]]:
    """Name -> its address, and the name that this has; "" for nothing."""
    rows = (line.replace(" -", " ").split(" ") for line in text.splitlines())
    return {row[0]: (row[1], row[2]) for row in rows if len(row) == 3}


# The checks


def checks(ask: Ask[Any]) -> Iterator[Check]:
    here = places(ask.section, ask.target.host)
    yield _engine(ask)
    yield _mounts(ask.facts.get("absent") or (), ask.target.host)
    mounts = ask.section.worker.mounts
    if "/cvmfs" in mounts:
        yield _cvmfs(ask.facts.get("cvmfs") or ())
    if "/home" in mounts:
        yield _homes(ask)
    if "/etc/grid-security" in mounts:
        yield _crls(ask.facts.get("crls"), ask.host.time)
    for place in here:
        yield _port(ask, place)
        yield _dns(ask, place)


def _engine(ask: Ask[Any]) -> Check:
    good = ask.engine.name == "docker" and not ask.engine.error
    return Check(
        name="engine",
        ok=good,
        wanted="Docker that answers",
        found=f"docker {ask.engine.server}"
        if good
        else ask.engine.error or "This is not a docker server",
        why="workers are its containers",
        remedy=f"inv triumf.engine.up --host={ask.target.host}, or see journalctl -u docker",
    )


def _mounts(absent: tuple[str, ...], host: str) -> Check:
    return Check(
        name="mounts",
        ok=not absent,
        wanted="every folder and file of worker.mounts",
        found=f"{', '.join(absent)}: not there" if absent else "all there",
        why="of what is not there Docker makes an empty folder, and jobs that want it fail there",
        remedy=f"bring {absent[0] if absent else 'it'} to {host}, or take it out of worker.mounts",
    )


def _cvmfs(found: Iterable[tuple[str, str]]) -> Check:
    autofs = [options for kind, options in found if kind == "autofs"]
    stays = [options for options in autofs if re.search(r"\btimeout=0\b", options)]
    others = [kind for kind, _ in found if kind != "autofs"]
    words = (
        "automounted, trees go after a time"
        if autofs and not stays
        else "automounted, trees stay"
        if stays
        else "mounted"
        if others
        else "not mounted"
    )
    return Check(
        name="cvmfs",
        ok=bool(stays or (others and not autofs)),
        wanted="/cvmfs mounted, and never unmounted",
        found=words,
        why="a tree that the engine unmounts is gone inside, and one that it mounts anew does not come back there",
        remedy="/cvmfs /etc/auto.cvmfs --timeout 0 in /etc/auto.master, then systemctl restart autofs",
    )


def _homes(ask: Ask[Any]) -> Check:
    homes: Mapping[str, int] = ask.facts.get("homes") or {}
    inside = _inside(ask)
    bad = [
        f"{name} is {uid} here and {inside[name]} inside"
        for name, uid in homes.items()
        if inside and inside.get(name, uid) != uid
    ]
    return Check(
        name="users of /home",
        ok=inside is not None and not bad,
        wanted="uids as in the image",
        found=", ".join(bad[:3]) + (f" and {len(bad) - 3} more" if len(bad) > 3 else "")
        or (
            "not known before the first worker stands"
            if inside is None
            else f"{len(homes)} folders, none of another uid"
        ),
        why="jobs write there as users of the image",
        remedy="the same numbers in the image (recipes.passwd) and on the engine"
        if bad
        else "inv triumf.worker.preflight again after up",
        blocks=bool(bad),
    )


def _inside(ask: Ask[Any]) -> Mapping[str, int] | None:
    """The users of the image: as a worker has them, else as its recipe says; None: not known."""
    site = ask.section
    recipe = site.image.recipes.get(site.worker.image) if site.image else None
    return ask.facts.get("users") or (_passwd(recipe.passwd) if recipe and recipe.passwd else None)


def _crls(found: tuple[tuple[str, float], ...] | None, now: float) -> Check:
    old = [name for name, until in found or () if until < now]
    words = f"{len(found or ())} CRLs" + (
        f", {len(old)} too old: {', '.join(old[:3])}{' ...' if len(old) > 3 else ''}" if old else ""
    )
    return Check(
        name="CRLs",
        ok=bool(found) and not old,
        wanted="CRLs of the grid's authorities, none too old",
        found="not known: openssl is not there"
        if found is None
        else words
        if found
        else "none in /etc/grid-security/certificates",
        why="the engine manages them for its workers; with one too old, all certificates of that authority are refused",
        remedy="fetch-crl, and its timer or cron job"
        if found is not None
        else "install the package openssl",
        blocks=bool(found) and len(old) == len(found),
    )


def _port(ask: Ask[Any], place: Place) -> Check:
    holder = (ask.facts.get("published") or {}).get(place.port, "")
    sockets = [
        s for s in ask.facts.get("sockets") or () if s.port == place.port and s.protocol == "tcp"
    ]
    held = (
        f"the container {holder}"
        if holder
        else f"{sockets[0].process or 'a process'} (pid {sockets[0].pid})"
        if sockets
        else ""
    )
    return Check(
        name=f"port of {place.name}",
        ok=holder == place.name or not held,
        wanted=f"{place.port} free",
        found=f"held by {held}" if held else "free",
        why="condor's shared port is reached by it",
        remedy=f"stop {held or 'what holds it'}, or another worker.first_port",
    )


def _dns(ask: Ask[Any], place: Place) -> Check:
    address, back = (ask.facts.get("dns") or {}).get(place.hostname, ("", ""))
    name = back.rstrip(".")
    agree = (
        bool(address) and name in (place.hostname, place.name) and place.address in ("", address)
    )
    return Check(
        name=f"DNS of {place.name}",
        ok=agree,
        wanted=f"{place.hostname} and {place.address or 'its address'}, forward and reverse",
        found=f"{address or 'no address'}{f', which is {name}' if name else ', which has no name' if address else ''}",
        why="a worker takes its host name from DNS, by its address",
        remedy=f"enter {place.hostname} with {place.address or 'an address'} in DNS, both ways"
        + ("; addresses go by the order of names" * bool(place.address)),
        blocks=bool(place.address),
    )
