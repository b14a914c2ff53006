"""What is asked of an engine before workers run on it, and what that means for them. The reasons are the document's."""

import re
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from msgspec.structs import replace

from fairlead.commands import preflight
from fairlead.plan import Ask, Check, Fact, Noun

from . import workers

CERTIFICATES = "/etc/grid-security/certificates"
# PATH...: those that are not there; an automounter's folder is not waited for.
LACKING = 'for path; do [ -e "$path" ] || echo "$path"; done'
# "autofs OPTIONS" or "fuse OPTIONS", of what is mounted at /cvmfs or below it
CVMFS = """while read -r _ at kind options _; do
  case $at in /cvmfs | /cvmfs/*) echo "${kind%%.*} $options" ;; esac
done </proc/mounts"""
# "UID NAME" of the folders in /home
HOMES = "stat -c '%u %n' /home/* 2>/dev/null | sed 's, /home/, ,'"
# NAME...: /etc/passwd of the first worker that is there, running or not
PASSWD = """for name; do
  if docker container inspect "$name" >/dev/null 2>&1; then exec docker cp "$name:/etc/passwd" - | tar -xOf -; fi
done"""
# FOLDER: how many CRLs there are, then those that have run out
CRLS = """now=$(date +%s) count=0 late=
for file in "$1"/*.r0; do
  [ -f "$file" ] || continue
  count=$((count + 1))
  until=$(openssl crl -in "$file" -noout -nextupdate 2>/dev/null) || { late="$late ${file##*/}"; continue; }
  [ "$(date -d "${until#*=}" +%s)" -gt "$now" ] || late="$late ${file##*/}"
done
echo "$count$late\""""
# NAME...: "NAME ADDRESS NAME-OF-THAT-ADDRESS"
NAMES = """for name; do
  address=$(getent ahostsv4 "$name" | awk '$1 !~ /^127\\./ { print $1; exit }')
  echo "$name ${address:--} $([ -z "$address" ] || getent hosts "$address" | awk '{ print $2; exit }')"
done"""


class Crls(Noun):
    """How many there are, and which have run out."""

    count: int
    late: tuple[str, ...]


def facts(ask: Ask[Any]) -> Iterator[Fact]:
    """`lacking`, `cvmfs`, `homes`, `passwd`, `crls`, `names`, `sockets`, `room`."""
    site, names = ask.section.worker, workers.names(ask)
    yield Fact("lacking", ("sh", "-c", LACKING, "lacking", *site.mounts), lambda code, text: tuple(text.split()))
    yield Fact("cvmfs", ("sh", "-c", CVMFS, "cvmfs"), lambda code, text: tuple(text.splitlines()))
    yield Fact("homes", ("sh", "-c", HOMES, "homes"), homes)
    yield Fact("passwd", ("sh", "-c", PASSWD, "passwd", *names), passwd)
    yield Fact("crls", ("sh", "-c", CRLS, "crls", CERTIFICATES), crls, timeout=60)
    yield Fact("names", ("sh", "-c", NAMES, "names", *names), resolved, timeout=60)
    yield preflight.sockets_fact()
    yield preflight.room_fact("docker")


def homes(code: int, text: str) -> dict[str, int]:
    """Name of a folder in /home -> its uid."""
    rows = (line.split(" ", 1) for line in text.splitlines())
    return {row[1]: int(row[0]) for row in rows if len(row) == 2 and row[0].isdigit()}


def passwd(code: int, text: str) -> dict[str, int]:
    """User -> uid."""
    rows = (line.split(":") for line in text.splitlines())
    return {row[0]: int(row[2]) for row in rows if len(row) == 7 and row[2].isdigit()}


def crls(code: int, text: str) -> Crls | None:
    words = text.split()
    return Crls(int(words[0]), tuple(words[1:])) if code == 0 and words and words[0].isdigit() else None


def resolved(code: int, text: str) -> dict[str, tuple[str, str]]:
    """Worker -> its address in DNS ("-" for none), and the name that address has there."""
    rows = (line.split(" ") for line in text.splitlines())
    return {row[0]: (row[1], row[2]) for row in rows if len(row) == 3}


def checks(ask: Ask[Any]) -> Iterator[Check]:
    site, lends = ask.section.worker, set(ask.section.worker.mounts)
    yield _docker(ask)
    yield _lent(ask)
    if "/cvmfs" in lends:
        yield _cvmfs(ask)
    if "/home" in lends:
        yield _uids(ask)
    if "/etc/grid-security" in lends:
        yield _crls(ask)
    yield from _ports(ask)
    yield _names(ask)
    if site.fixed:
        yield _bridge(ask)
    yield preflight.space(ask, 2000, "the image unpacked, and the next one beside it at an upgrade")


def _docker(ask: Ask[Any]) -> Check:
    found = preflight.engine(ask, "docker")
    return found if ask.facts.get("engine") else replace(found, found="This is not a docker server", remedy="inv triumf.engine.up makes it one")


def _lent(ask: Ask[Any]) -> Check:
    lacking = ask.facts.get("lacking", ())
    return Check(
        name="mounts",
        ok=not lacking,
        wanted=f"{', '.join(ask.section.worker.mounts)} on the engine",
        found=f"no {', '.join(lacking)}" if lacking else "all are there",
        why="Docker would lend the workers an empty folder in its place",
        remedy="make it, or take it out of worker.mounts",
    )


def _cvmfs(ask: Ask[Any]) -> Check:
    found = ask.facts.get("cvmfs", ())
    stays = any(re.search(r"^autofs .*\btimeout=0\b", line) for line in found) or (
        bool(found) and not any(line.startswith("autofs") for line in found)
    )
    return Check(
        name="cvmfs",
        ok=stays,
        wanted="/cvmfs mounted, for good: /cvmfs /etc/auto.cvmfs --timeout 0 in /etc/auto.master",
        found=("mounted" if stays else "mounted by autofs, with a time-out") if found else "not mounted",
        why="a repository that the engine unmounts is gone for its workers",
        remedy="write --timeout 0 behind it in /etc/auto.master and restart autofs" if found else "install cvmfs, and start autofs",
        blocks=not found,
    )


def _uids(ask: Ask[Any]) -> Check:
    inside = ask.facts.get("passwd") or _recipe(ask.section)
    wrong = [f"{name} is {uid} here, {inside[name]} inside" for name, uid in (ask.facts.get("homes") or {}).items() if inside.get(name, uid) != uid]
    return Check(
        name="uids of /home",
        ok=not wrong,
        wanted="those of the image's /etc/passwd",
        found=", ".join(wrong[:4]) + (f" and {len(wrong) - 4} more" if len(wrong) > 4 else "") if wrong else "the same",
        why="jobs write there as the image's users",
        remedy="correct image.recipes.NAME.passwd and inv triumf.image.build, or the owner of the folder",
    )


def _recipe(section: Any) -> Mapping[str, int]:
    """The users that the site's recipe of this image adds."""
    recipe = section.image.recipes.get(section.worker.image) if section.image else None
    return passwd(0, "\n".join(recipe.passwd)) if recipe else {}


def _crls(ask: Ask[Any]) -> Check:
    found: Crls | None = ask.facts.get("crls")
    late = found.late if found else ()
    words = (
        f"{len(late)} of {found.count} have run out: {', '.join(late[:3])}"
        if found and late
        else f"{found.count} are fresh"
        if found
        else "not known"
    )
    return Check(
        name="CRLs",
        ok=bool(found and found.count and not late),
        wanted=f"fresh ones in {CERTIFICATES}",
        found=words if not found or found.count else "none",
        why="the engine keeps them for its workers; who trusts an authority without them trusts what it has revoked",
        remedy="fetch-crl, and see that its cron job runs",
        blocks=False,
    )


def _ports(ask: Ask[Any]) -> Iterator[Check]:
    """A port that a worker of ours has already is free for it."""
    there: Any = ask.facts.get("container")
    running = {name for name, found in there.items() if found.running} if isinstance(there, dict) else set()
    free = [name for name in workers.names(ask) if name not in running]
    wanted = {name: ((workers.port(ask.section, ask.target.host, name),) * 2,) for name in free}
    for check in preflight.ports(ask, wanted):
        yield replace(check, why="condor is reached by it from outside", remedy=f"{check.remedy}, or begin elsewhere: worker.first_port")


def _names(ask: Ask[Any]) -> Check:
    found: Mapping[str, tuple[str, str]] = ask.facts.get("names") or {}
    wrong = [words for name in workers.names(ask) if (words := _wrong(ask, name, *found.get(name, ("-", ""))))]
    return Check(
        name="names",
        ok=not wrong,
        wanted="each worker's name has an address in DNS, and the address that name",
        found="; ".join(wrong) or "they agree",
        why="a worker takes the name that DNS has for its address",
        remedy="correct the zone, or worker.names",
    )


def _wrong(ask: Ask[Any], name: str, address: str, back: str) -> str:
    """What is wrong with a worker's name; "" for nothing."""
    own, network = workers.address(ask.section, ask.target.host, name), ask.section.engine.ranges.get(ask.target.host)
    if address == "-":
        return f"{name} has no address"
    if back.partition(".")[0] != name.partition(".")[0]:
        return f"{name} is {address}, which is {back or 'nobody'}"
    if own and address != own:
        return f"{name} is {address} and has to be {own}"
    outside = network and IPv4Address(address) not in IPv4Network(network)
    return f"{name} is {address}, which is not in {network}" if outside else ""


def _bridge(ask: Ask[Any]) -> Check:
    found = ask.facts.get("bridge", "")
    return Check(
        name="bridge",
        ok="/" in found,
        wanted=f"{ask.section.engine.bridge} with an address",
        found=found or "not there",
        why="the workers' addresses are out of its network",
        remedy="inv triumf.engine.preflight tells what it needs",
    )
