"""Condor's workers of an engine, each a container with the document's flags; and how one comes to an end without losing a job. Source: 9 there."""

from collections.abc import Iterable, Iterator
from ipaddress import ip_interface
from typing import Any

from fairlead.commands import docker
from fairlead.commands.docker import Container
from fairlead.commands.network import Network
from fairlead.commands.standing import FIELDS, LOOK, containers
from fairlead.errors import FairleadError
from fairlead.plan import Ask, Command, Fact, Noun, Step

from . import ranges
from .facts import BRIDGE, bridge

NETWORK = "workers"
# Inside, where nothing but a shell is certain: "MASTER STARTD JOBS", the first two yes or no. A running job is a condor_starter.
COUNT = """master=no startd=no jobs=0
for file in /proc/[0-9]*/comm; do
  { read -r name <"$file"; } 2>/dev/null || continue
  case $name in condor_master) master=yes ;; condor_startd) startd=yes ;; condor_starter) jobs=$((jobs + 1)) ;; esac
done
echo "$master $startd $jobs\""""
ALIVE = f"{COUNT}; [ $master = yes ]"
_RUNNING = """count=$1; shift
running=$(docker container ls --format '{{.Names}}') || exit 2
runs() { printf '%s\\n' "$running" | grep -qxF "$1"; }
said() { docker exec "$1" sh -c "$count" 2>/dev/null; }
"""
# COUNT NAME...: does nobody of them work any more? What stands still works on nothing.
DRAINED = (
    _RUNNING
    + """code=0
for name; do
  runs "$name" && is=$(said "$name") || continue
  case $is in *" no 0") ;; *) echo "$name: ${is##* } jobs run" >&2; code=1 ;; esac
done
exit $code"""
)
# COUNT NAME...: jobs end in peace, and no new ones begin. One whose master is dead has nobody who could be told.
OFF = (
    _RUNNING
    + """for name; do
  runs "$name" && is=$(said "$name") || continue
  case $is in "yes yes "*) docker exec "$name" condor_off -peaceful || exit 1 ;; esac
done"""
)
# COUNT NAME...: and begin again. A master that has only just started needs a moment.
ON = (
    _RUNNING
    + """for name; do
  runs "$name" || continue
  tries=20
  until case $(said "$name") in "yes yes "*) true ;; *) docker exec "$name" condor_on >/dev/null 2>&1; false ;; esac; do
    [ $((tries -= 1)) -gt 0 ] || { echo "$name: condor_on did not bring condor_startd back" >&2; exit 1; }
    sleep 1
  done
done"""
)
WORKS = (
    _RUNNING
    + """for name; do
  runs "$name" || continue
  case $(said "$name") in "yes no "*) exit 1 ;; esac
done"""
)
# COUNT NAME...: "NAME ADDRESS HOSTNAME MASTER STARTD JOBS" of those that run
SEEN = (
    _RUNNING
    + """for name; do
  runs "$name" || continue
  echo "$name $(docker container inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$name")" \\
    "$(docker exec "$name" cat /proc/sys/kernel/hostname)" "$(said "$name")"
done"""
)


class Seen(Noun):
    """A worker that runs, as it is inside."""

    address: str
    hostname: str
    master: bool
    startd: bool
    jobs: int


def names(ask: Ask[Any]) -> tuple[str, ...]:
    return ask.section.worker.names.get(ask.target.host, ())


def port(site: Any, host: str, name: str) -> int:
    """Where condor is reached from outside: an engine's first worker at first_port, the next ones behind it."""
    return site.worker.first_port + site.worker.names[host].index(name)


def address(site: Any, host: str, name: str) -> str:
    """The worker's own, where workers have one: the next one of the engine's range."""
    return ranges.addresses(site.engine.ranges[host])[site.worker.names[host].index(name)] if site.worker.fixed else ""


def reference(site: Any) -> str:
    """The image: in the site's registry, where there is one."""
    return f"{site.registry.reference + '/' if site.registry else ''}{site.worker.image}:{site.worker.tag}"


def worker(ask: Ask[Any], name: str) -> Container:
    """The document's line: its flags in its order, then what we add, the name first."""
    site, host = ask.section, ask.target.host
    mounts = (word for path in site.worker.mounts for word in ("-v", f"{path}:{path}"))
    fixed = ("--network", NETWORK, "--ip", address(site, host, name)) if site.worker.fixed else ()
    document = ("-it", "--cap-add", "SYS_ADMIN", *mounts, "-p", f"{port(site, host, name)}:{site.worker.port}")
    return docker.container(
        ask,
        name=name,
        image=reference(site),
        options=(*document, f"--name={name}", *fixed, "-v", f"{site.worker.logs}/{name}:/var/log/condor"),
        command=(site.worker.command,),
        healthy=("sh", "-c", ALIVE),
        patience=site.worker.patience,
        reversible="yes",  # what it has to keep lies in what the engine lends it
    )


def network(ask: Ask[Any]) -> Network:
    """That of fixed addresses, over the engine's bridge. Raises FairleadError where the bridge has no address."""
    engine, found = ask.section.engine, ask.facts.get("bridge", "")
    if "/" not in found:
        raise FairleadError(ask.target.host, f"{engine.bridge} is not there, or has no address", "inv triumf.engine.preflight tells what it needs")
    return Network(name=NETWORK, bridge=engine.bridge, address=str(ip_interface(found)), range=engine.ranges[ask.target.host], mtu=engine.mtu)


# What is asked


def bridge_fact(section: Any) -> Fact:
    """`bridge`: the address of the engine's bridge, with its length."""
    return Fact("bridge", ("sh", "-c", BRIDGE, "bridge", section.engine.bridge), bridge)


def standing_fact(wanted: Iterable[str]) -> Fact:
    """`container`: the workers, with what an upgrade keeps beside them."""
    inner = "|".join(docker.pattern(name).removeprefix("name=^").removesuffix("$") for name in wanted)
    words = ("docker", rf"name=^({inner})(\.kept|\.previous)?$", "\t".join(FIELDS))
    return Fact("container", ("sh", "-c", LOOK, "container", *words), containers)


def seen_fact(wanted: Iterable[str]) -> Fact:
    """`seen`: name -> Seen, of those that run."""
    return Fact("seen", ("sh", "-c", SEEN, "seen", COUNT, *wanted), seen, timeout=30)


def seen(code: int, text: str) -> dict[str, Seen]:
    rows = (line.split(" ") for line in text.splitlines())
    return {row[0]: Seen(row[1], row[2], row[3] == "yes", row[4] == "yes", int(row[5])) for row in rows if len(row) == 6 and row[5].isdigit()}


# An end in peace


def drain(ask: Ask[Any], wanted: Iterable[str], unless: Command | None = None) -> Iterator[Step]:
    """No new jobs begin, and those that run end by themselves; if they do not in time, work goes on as before."""
    wanted = tuple(wanted)
    if wanted:
        asked = ("sh", "-c", DRAINED, "drained", COUNT, *wanted)
        yield Step(
            name=f"drain {' '.join(wanted)}",
            unless=unless or asked,
            do=("sh", "-c", OFF, "off", COUNT, *wanted),
            until=asked,
            undo=("sh", "-c", ON, "on", COUNT, *wanted),
            every=2,
            timeout=ask.section.worker.drain,
            remedy="wait for the jobs, or raise worker.drain; inv triumf.worker.down --now does not wait",
        )


def resume(wanted: Iterable[str]) -> Step:
    """Those that were drained work again."""
    words = (COUNT, *wanted)
    return Step(
        name="work",
        unless=("sh", "-c", WORKS, "works", *words),
        do=("sh", "-c", ON, "on", *words),
        undo=("sh", "-c", OFF, "off", *words),
        timeout=120,
    )
