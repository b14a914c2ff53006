"""A worker as a container: the document's line, what it needs beside it, and the steps in which one
worker comes, goes or takes another's place."""

from collections.abc import Iterable, Iterator
from ipaddress import ip_address, ip_interface, ip_network
from typing import Any

from msgspec.structs import replace

from fairlead.api import (
    Ask,
    Command,
    Container,
    Fact,
    FairleadError,
    Phase,
    Step,
    boot,
    docker,
    docker_network,
    lifecycle,
    replacement,
    script,
    state,
    upgrade,
)

from ..common.facts import is_address
from ..places import Place, places
from ..site import Triumf
from . import condor, options

sh = script.beside(__file__)

LOG = "/var/log/condor"
UNFIXED = "a newer Podman, or worker.fixed: false for Podman's own addresses and a port for each"


def image(section: Triumf) -> str:
    """The image with the site's registry before it."""
    assert section.worker
    name = f"{section.worker.image}:{section.worker.tag}"
    return f"{section.registry.reference}/{name}" if section.registry else name


def container(ask: Ask[Any], place: Place) -> Container:
    """The container of a worker: the document's words in the document's order, then what is this
    worker's own."""
    worker = ask.section.worker
    relabel = ":z" if ask.selinux == "Enforcing" else ""
    address6 = (f"--ip6={place.address6}",) if place.address6 else ()
    network = (f"--net={network_name(ask.section)}", f"--ip={place.address}", *address6)
    words = (
        "-it",
        *options.capabilities(worker),
        *options.mounts(worker),
        *options.published(worker, place),
        *(f"--name={place.name}", f"--hostname={place.hostname}"),
        *(network if place.address else ()),
        *("-v", f"{worker.logs}/{place.name}:{LOG}{relabel}"),
        *options.tokens(worker, relabel.replace(":", ",")),
        *options.others(worker),
    )
    return docker.container(
        ask,
        name=place.name,
        image=image(ask.section),
        options=words,
        command=(worker.command,),
        healthy=condor.healthy(),
        patience=worker.patience,
        reversible="yes",
        engine=worker.engine,
    )


def containers(ask: Ask[Any], only: str = "") -> tuple[Container, ...]:
    """The containers of this host's workers; `only`: that of this name alone, if it is here.

    Raises FairleadError where no host has a worker of that name.
    """
    names = ask.section.worker.names
    if only and not any(only in workers for workers in names.values()):
        raise FairleadError(
            ask.target.host, f"there is no worker {only}", "see triumf.worker.names in the site"
        )
    here = places(ask.section, ask.target.host)
    return tuple(container(ask, place) for place in here if only in ("", place.name))


# The network


def network_name(section: Triumf) -> str:
    """Docker's own DNS answers for an address of the network with NAME.NETWORK: called as the
    domain, that is the worker's name in DNS."""
    assert section.worker
    return section.worker.domain


def uplink_fact(section: Triumf) -> Fact:
    """`uplink`: address of the bridge with its length, and the router behind it or ""; () where it
    has no address."""
    return Fact("uplink", sh("uplink", section.engine.bridge, section.engine.port), uplink)


def uplink6_fact(section: Triumf) -> Fact:
    """`uplink6`: the same of IPv6, then `ra` where its router is known by advertisements."""
    words = (section.engine.bridge, section.engine.port)
    return Fact("uplink6", sh("uplink6", *words), lambda code, text: tuple(text.split()))


def uplink(code: int, text: str) -> tuple[str, ...]:
    return (*text.split(), "")[:2] if "/" in text else ()


def network(ask: Ask[Any]) -> Iterator[Step]:
    """The network of workers with addresses of their own. Raises FairleadError where the bridge has
    no address."""
    section, host = ask.section, ask.target.host
    if not section.is_fixed(host):
        return
    docker_network.refuse(ask, section.worker.engine, UNFIXED)
    engine = section.engine
    address, router = ask.facts.get("uplink") or ("", "")
    if not is_address(address):
        raise FairleadError(
            host,
            f"{engine.bridge} has no address, and workers have theirs from its subnet",
            f"inv triumf.engine.up --host={host}",
        )
    address6, router6 = _uplink6(ask)
    spec = docker_network.Network(
        name=network_name(section),
        bridge=engine.bridge,
        address=address,
        addresses=engine.ranges[host],
        router=_inside(router, address),
        mtu=engine.mtu,
        engine=section.worker.engine,
        address6=address6,
        addresses6=engine.ranges6.get(host, ""),
        router6=_inside(router6, address6),
    )
    yield docker_network.made(spec, "triumf.worker")


def _inside(router: str, address: str) -> str:
    """The router, where it is one of the bridge's own subnet; "" else. One of IPv6 by its address
    of the link (fe80::) is none that Docker takes: containers' way out leads to the bridge."""
    is_inside = router and ip_address(router) in ip_interface(address).network
    return router if is_inside else ""


def _uplink6(ask: Ask[Any]) -> tuple[str, str]:
    """IPv6 address and router of the bridge, where workers have theirs beside it. Raises
    FairleadError where the bridge has none, or one of another subnet."""
    engine, host = ask.section.engine, ask.target.host
    range6 = engine.ranges6.get(host)
    if not range6:
        return "", ""
    words: tuple[str, ...] = ask.facts.get("uplink6") or ()
    address, router = (*words, "", "")[:2]
    own = ip_interface(address).network if address else None
    if not own or ip_network(range6).network_address not in own:
        raise FairleadError(
            host,
            f"{engine.bridge} has {address or 'no IPv6 address'}, and workers have theirs from "
            f"{range6}",
            f"give {engine.bridge} one of its subnet, or take {host} out of engine.ranges6",
        )
    return address, router


# Steps


def log_folder(c: Container, ask: Ask[Any]) -> Step:
    """The folder of the engine in which condor's logs lie."""
    folder, temporary = f"{ask.section.worker.logs}/{c.name}", f"{c.name}.logs"
    return Step(
        name="log folder",
        unless=sh("has_logs", folder),
        do=sh("logs", c.engine, c.image, folder, temporary),
        undo=sh("no_logs", c.engine, folder, temporary),
    )


def changes(c: Container, ask: Ask[Any]) -> bool:
    """Does what stands there give way to another? Then its jobs have to end first."""
    present = state.container_state(c, ask)
    if not present:
        return False
    return not (present.ours and present.labels.get(docker.SPEC) == docker.spec(c))


def inside(c: Container, ask: Ask[Any]) -> condor.Condor:
    """What runs inside."""
    return (ask.facts.get("condor") or {}).get(c.name, condor.Condor())


def emptied(c: Container, ask: Ask[Any], unless: Command) -> Iterator[Step]:
    """Its jobs have ended, unless there is nothing to do at all."""
    yield from condor.drained_before(c.engine, c.name, inside(c, ask), unless)
    yield condor.drain(c.engine, (c.name,), ask.section.worker.drain, unless)


def started(c: Container, ask: Ask[Any]) -> Iterator[Step]:
    """It runs as the site says, and takes jobs."""
    if changes(c, ask):
        yield from emptied(c, ask, docker.is_right(c))
    yield log_folder(c, ask)
    present = inside(c, ask)
    for step in lifecycle.up(c, ask)[1:]:  # the image is there
        if step.name == "healthy" and present.master and (present.is_ours or not present.startd):
            back = condor.drained(c.engine, 0, c.name)
            yield Step(name="takes jobs", do=condor.again(c.engine, c.name), undo=back)
        yield step


def replaced(c: Container, ask: Ask[Any]) -> Iterator[Step]:
    """The newest image takes the old one's place, when its jobs have ended; where none stands, it
    is started on that image."""
    present = state.container_state(c, ask)
    if not present:
        yield from started(c, ask)
        return
    current = upgrade.is_current(c)
    for step in emptied(c, ask, current):
        yield replace(step, after=upgrade.RENEWS)
    yield log_folder(c, ask)
    yield from replacement.settle(c, ask)
    yield from replacement.replace(c, ask, present, current, upgrade.RENEWS)
    yield from boot.steps(c)


def one_by_one(
    parts: Iterable[tuple[Container, Iterable[Step]]], ask: Ask[Any] | None = None
) -> Iterator[Phase]:
    """A phase for each worker: a transaction of its own, so that what goes wrong with one leaves
    those before it alone. By --batch over the hosts; with `ask`, of an upgrade, each says what way
    back there is."""
    for number, (c, steps) in enumerate(parts, 1):
        back = upgrade.way_back(c, ask) if ask else ""
        yield Phase(f"worker {number}", with_name(c, steps), rolling=True, way_back=back)


def with_name(c: Container, steps: Iterable[Step]) -> tuple[Step, ...]:
    """The steps with the worker's name before theirs, also where another is after one of them."""
    steps = tuple(steps)
    names = {step.name: f"{c.name}: {step.name}" for step in steps}
    return tuple(
        replace(
            step,
            name=names[step.name],
            after=tuple(names.get(name, name) for name in step.after),
        )
        for step in steps
    )
