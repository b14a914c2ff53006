"""A worker as a container: the document's line, what it needs beside it, and the steps in which one worker comes, goes or takes another's place."""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Interface
from typing import Any

import msgspec

from fairlead.api import (
    Ask,
    Container,
    ContainerState,
    Fact,
    FairleadError,
    Phase,
    Step,
    docker,
    docker_network,
    lifecycle,
    state,
    upgrade,
)

from .. import facts
from ..places import Place, places
from . import condor

LOG = "/var/log/condor"
# IMAGE FOLDER TEMPORARY: the folder is there, with the owner that the image's /var/log/condor has: condor writes as a user of its own.
LOGS = """set -eu; image=$1 folder=$2 name=$3
docker rm -f "$name" >/dev/null 2>&1 || :
docker create --name "$name" "$image" true >/dev/null
owner=$(docker cp "$name:/var/log/condor" - 2>/dev/null | tar -tvf - --numeric-owner 2>/dev/null | awk 'NR == 1 { sub("/", ":", $2); print $2 }')
docker rm -v "$name" >/dev/null
mkdir -p "$folder"; chmod 755 "$folder"; chown "${owner:-0:0}" "$folder" """
NO_LOGS = """docker rm -f -v "$2" >/dev/null 2>&1; rmdir "$1" 2>/dev/null; :"""
# BRIDGE PORT: address and router of the bridge; where it is not there yet, of the interface that becomes its port.
UPLINK = """for dev; do
  [ -n "$dev" ] || continue
  is=$(ip -o -4 addr show dev "$dev" scope global 2>/dev/null | awk '{ print $4; exit }')
  [ -z "$is" ] || { echo "$is" $(ip -4 route show default dev "$dev" | awk '{ print $3; exit }'); exit 0; }
done"""


def image(site: Any) -> str:
    """The image with the site's registry before it."""
    w = site.worker
    return f"{site.registry.reference}/{w.image}:{w.tag}" if site.registry else f"{w.image}:{w.tag}"


def node(ask: Ask[Any], place: Place) -> Container:
    """The container of a worker: the document's words in the document's order, then what is this worker's own."""
    site, w = ask.section, ask.section.worker
    own = (f"--net={net_name(site)}", f"--ip={place.address}") if place.address else ()
    confined = ":z" if ask.selinux == "Enforcing" else ""
    return docker.container(
        ask,
        name=place.name,
        image=image(site),
        options=(
            *("-it", "--cap-add", "SYS_ADMIN"),
            *(word for mount in w.mounts for word in ("-v", f"{mount}:{mount}")),
            *("-p", f"{place.port}:{w.port}"),
            *(f"--name={place.name}", f"--hostname={place.hostname}", *own),
            *("-v", f"{w.logs}/{place.name}:{LOG}{confined}"),
        ),
        command=(w.command,),
        healthy=condor.HEALTHY,
        patience=w.patience,
        reversible="yes",
    )


def nodes(ask: Ask[Any], only: str = "") -> tuple[Container, ...]:
    """The containers of this host's workers. Raises FairleadError where no host has a worker of that name."""
    if only and not any(only in names for names in ask.section.worker.names.values()):
        raise FairleadError(
            ask.target.host, f"there is no worker {only}", "see triumf.worker.names in the site"
        )
    return tuple(
        node(ask, place)
        for place in places(ask.section, ask.target.host)
        if only in ("", place.name)
    )


def names(ask: Ask[Any]) -> tuple[str, ...]:
    return tuple(place.name for place in places(ask.section, ask.target.host))


# The network


def net_name(site: Any) -> str:
    """Docker's own DNS answers for an address of the network with NAME.NETWORK: called as the domain, that is the worker's name in DNS."""
    return site.worker.domain


def uplink_fact(site: Any) -> Fact:
    """`uplink`: address of the bridge with its length, and the router behind it or ""."""
    words = ("sh", "-c", UPLINK, "uplink", site.engine.bridge, site.engine.port)
    return Fact("uplink", words, lambda code, text: (*text.split(), "")[:2] if "/" in text else ())


def net(ask: Ask[Any]) -> Iterator[Step]:
    """The network of workers with addresses of their own. Raises FairleadError where the bridge has no address."""
    site, host = ask.section, ask.target.host
    if not site.is_fixed(host):
        return
    address, router = ask.facts.get("uplink") or ("", "")
    if facts.bridge(0, address) in ("", "there"):
        raise FairleadError(
            host,
            f"{site.engine.bridge} has no address, and workers have theirs from its subnet",
            f"inv triumf.engine.up --host={host}",
        )
    inside = router and IPv4Address(router) in IPv4Interface(address).network
    wanted = docker_network.Network(
        name=net_name(site),
        bridge=site.engine.bridge,
        address=address,
        addresses=site.engine.ranges[host],
        router=router if inside else "",
        mtu=site.engine.mtu,
    )
    yield docker_network.made(wanted, "triumf.worker")


# Steps


def log_folder(c: Container, ask: Ask[Any]) -> Step:
    folder, temporary = f"{ask.section.worker.logs}/{c.name}", f"{c.name}.logs"
    there = ("sh", "-c", '[ -d "$1" ] || exit 1', "logs", folder)
    return Step(
        name="log folder",
        unless=there,
        do=("sh", "-c", LOGS, "logs", c.image, folder, temporary),
        undo=("sh", "-c", NO_LOGS, "logs", folder, temporary),
    )


def changes(c: Container, ask: Ask[Any]) -> bool:
    """Does what stands there give way to another? Then its jobs have to end first."""
    there = state.standing(c, ask)
    return bool(there and not (there.ours and there.labels.get(docker.SPEC) == docker.spec(c)))


def started(c: Container, ask: Ask[Any]) -> Iterator[Step]:
    """It runs as the site says, and takes jobs."""
    if changes(c, ask):
        yield condor.drain((c.name,), ask.section.worker.drain, unless=docker.is_right(c))
    yield log_folder(c, ask)
    inside = (ask.facts.get("condor") or {}).get(c.name, condor.Condor())
    for step in lifecycle.up(c, ask)[1:]:  # the image is there
        if step.name == "healthy" and inside.master and not inside.startd:
            yield Step(name="takes jobs", do=condor.on(c.name), undo=condor.off(c.name))
        yield step


def replaced(c: Container, ask: Ask[Any]) -> Iterator[Step]:
    """The newest image takes the old one's place, when its jobs have ended. Raises FairleadError where none stands."""
    there: ContainerState | None = state.standing(c, ask)
    if not there:
        raise FairleadError(
            ask.target.host, f"there is no container {c.name} to upgrade", "inv triumf.worker.up"
        )
    current = upgrade.current(c)
    yield condor.drain((c.name,), ask.section.worker.drain, unless=current)
    yield log_folder(c, ask)
    yield from (*upgrade.settle(c, ask), *upgrade.replace(c, ask, there, current))


def one_by_one(parts: Iterable[tuple[Container, Iterable[Step]]]) -> Iterator[Phase]:
    """A phase for each worker: a transaction of its own, so that what goes wrong with one leaves those before it alone. By --batch over the hosts."""
    for number, (c, found) in enumerate(parts, 1):
        yield Phase(f"worker {number}", of(c, found), rolling=True)


def of(c: Container, found: Iterable[Step]) -> tuple[Step, ...]:
    """The steps with the worker's name before theirs."""
    return tuple(msgspec.structs.replace(step, name=f"{c.name}: {step.name}") for step in found)
