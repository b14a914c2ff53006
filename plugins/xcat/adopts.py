"""A management node that runs already, as a section of a site: `inv adopt`."""

import re
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_address, ip_interface
from typing import Any

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

from .commands import STATE, STATE_TODAY
from .site import IMAGES, XCat

UP = "inv xcat.up"
DEFAULT = XCat(hosts="n1")
XCATD, CONFETTY = "/opt/xcat/sbin/xcatd", "/opt/confluent/bin/confetty"
NAMES = re.compile(r"xcat2?([-_].*)?")  # of images, behind the last slash
MANAGED = ("--privileged", "--hostname=", "--security-opt=", "--volume=/sys/fs/cgroup:")
ENGINES_BRIDGES = ("docker", "br-", "podman", "cni-podman")
OF_ENGINE = ("default", "bridge", "podman")  # the networks that engines have by themselves

sh = script.beside(__file__)


class Addresses(Noun):
    """Of a host: what it is, its interfaces with addresses, ports of bridges, default routes; of
    containers: address and router. Addresses have their length, such as 10.5.106.1/24.
    """

    architecture: str = ""
    host: tuple[tuple[str, str], ...] = ()
    ports: tuple[tuple[str, str], ...] = ()
    gateways: Mapping[str, str] = {}
    containers: Mapping[str, str] = {}
    routers: Mapping[str, str] = {}


def _addresses(code: int, text: str) -> Addresses:
    """The lines of shell/addresses_there.sh."""
    rows = [line.split() for line in text.splitlines()]
    pairs: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        if len(row) == 3:
            pairs.setdefault(row[0], []).append((row[1], row[2]))
    kinds = [row[1] for row in rows if row[:1] == ["A"] and len(row) == 2]
    return Addresses(
        architecture="".join(kinds[:1]),
        host=tuple(pairs.get("H", ())),
        ports=tuple(pairs.get("P", ())),
        gateways=dict(pairs.get("G", ())),
        containers=dict(pairs.get("C", ())),
        routers=dict(pairs.get("R", ())),
    )


PROBES = (
    Fact("xcat addresses", sh("addresses_there"), _addresses, timeout=30),
    running.holding_fact(CONFETTY, XCATD),
)


@hookimpl
def recognise(report: HostReport) -> Proposal | None:
    """The management node of a host."""
    holding = report.evidence[PROBES[1].name]
    successors = holding.get(CONFETTY, frozenset()) - holding.get(XCATD, frozenset())
    managers = [c for c in report.containers if _is_xcat(c) and c.name not in successors]
    managers.sort(key=lambda c: not c.running)
    if not managers:
        return None
    manager, there = managers[0], report.evidence[PROBES[0].name]
    network = _network(manager)
    keys = {"hosts": report.host, **_keys(manager, there), "network": network}
    unsaid: tuple[str, ...] = ()
    if network == "host":
        keys |= _master(there)
        unsaid = tuple(_unsaid_master(manager, there))
    else:
        keys |= _place(manager, there) | _entries(manager, there)
        unsaid = tuple(_unsaid_place(manager, there))
    others = (f"{c.name}: is of xCAT, too, and a site has one" for c in managers[1:])
    remarks = (*_remarks(manager, network), *unsaid, *others)
    return Proposal(section=keys, remarks=remarks, containers=tuple(c.name for c in managers))


def _is_xcat(container: RunningContainer) -> bool:
    return bool(NAMES.fullmatch(container.repository.rpartition("/")[2]))


def _network(manager: RunningContainer) -> str:
    known = {"none": "bare", "host": "host"}
    return known.get(manager.network, "bridge")


def _keys(manager: RunningContainer, there: Addresses) -> dict[str, Any]:
    """Those that are not as they are by default."""
    keys: dict[str, Any] = {}
    known = {str(architecture): image for architecture, image in IMAGES.items()}
    if known.get(there.architecture, manager.repository) != manager.repository:
        keys["image"] = {there.architecture: manager.repository}
    values = {
        "engine": manager.engine,
        "tag": manager.tag,
        "name": manager.name,
        "hostname": _hostname(manager),
        "state": _state(manager),
    }
    defaults = {key: getattr(DEFAULT, key) for key in values}
    return keys | {key: value for key, value in values.items() if value != defaults[key]}


def _hostname(manager: RunningContainer) -> str:
    """The engine's own is its ID, of one on the host's network the host's."""
    given = "".join(manager.values("--hostname")[:1])
    return manager.hostname if _network(manager) == "host" else given or DEFAULT.hostname


def _state(manager: RunningContainer) -> str:
    """Of ours where its state lies, else as by default."""
    end = f"/current{STATE[2].path}"
    for mount in manager.values("--volume"):
        source = mount.partition(":")[0]
        if manager.ours and source.endswith(end):
            return source.removesuffix(end)
    return DEFAULT.state


def _masters(there: Addresses) -> list[str]:
    """The host's addresses, that towards its router first, without those of engines' bridges."""
    own = [pair for pair in there.host if not pair[0].startswith(ENGINES_BRIDGES)]
    own.sort(key=lambda pair: pair[0] not in there.gateways)
    return [address for _, address in own]


def _master(there: Addresses) -> dict[str, Any]:
    """On the host's network xCAT has an address of the host."""
    addresses = _masters(there)
    return {"bridge": {"address": addresses[0]}} if addresses else {}


def _unsaid_master(manager: RunningContainer, there: Addresses) -> Iterator[str]:
    first, *others = _masters(there) or [""]
    if not first:
        yield f"{manager.name}: no address of the host is known: bridge.address is by default"
    elif others:
        what = f"of the host's addresses bridge.address has {first}, not {' '.join(others)}"
        yield f"{manager.name}: {what}: it becomes xCAT's master"


def _place(manager: RunningContainer, there: Addresses) -> dict[str, Any]:
    """Its address, and the bridge of the host in whose subnet that is."""
    address = _address(manager, there)
    if not address:
        return {}
    name, own = _bridge(address, there)
    keys: dict[str, Any] = {"address": address}
    if name:
        port = dict(there.ports).get(name, "")
        keys["bridge"] = {"name": name, "address": own}
        keys["bridge"] |= {"interface": port} if port else {}
        keys["bridge"] |= {"gateway": there.gateways[name]} if name in there.gateways else {}
    router = there.routers.get(manager.name, "")
    return keys | ({"gateway": router} if router not in ("", own.partition("/")[0]) else {})


def _address(manager: RunningContainer, there: Addresses) -> str:
    """Of the cluster's network; "" where it is not known, or it is in a network of the engine's."""
    return "" if manager.network in OF_ENGINE else there.containers.get(manager.name, "")


def _entries(manager: RunningContainer, there: Addresses) -> dict[str, Any]:
    """Name server, domain and entries of /etc/hosts, where they are not as by default."""
    keys: dict[str, Any] = {}
    address = _address(manager, there)
    own = _bridge(address, there)[1].partition("/")[0] if address else ""
    for server in manager.values("--dns")[:1]:
        keys |= {"dns": server} if server != own else {}
    for domain in manager.values("--dns-search")[:1]:
        keys |= {"domain": domain} if domain != DEFAULT.domain else {}
    hosts = dict(_hosts(manager.values("--add-host")))
    if hosts and hosts != {manager.hostname: address.partition("/")[0]}:
        keys["add_hosts"] = hosts
    return keys


def _hosts(entries: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Names and addresses; Compose takes several names in one entry."""
    for entry in entries:
        names, _, address = entry.partition(":")
        if _is_address(address):
            yield from ((name, address) for name in names.split())


def _is_address(word: str) -> bool:
    """It may be `host-gateway` too."""
    try:
        return bool(ip_address(word))
    except ValueError:
        return False


def _bridge(address: str, there: Addresses) -> tuple[str, str]:
    """The interface of the host in whose subnet the address is, and its own; "" for none."""
    subnet = ip_interface(address).network
    near = (pair for pair in there.host if ip_interface(pair[1]).network == subnet)
    return next(near, ("", ""))


def _unsaid_place(manager: RunningContainer, there: Addresses) -> Iterator[str]:
    address = _address(manager, there)
    if manager.network in OF_ENGINE:
        what = "it is in a network of the engine's own, behind the host: no node can boot from it"
        yield f"{manager.name}: {what}; address and bridge are by default: say them"
        return
    if not address:
        yield f"{manager.name}: its address is not known: address and bridge are by default"
        return
    name, _ = _bridge(address, there)
    if name and not manager.ours and _network(manager) == "bridge":
        yield _beside(manager, name)
    if not name:
        yield f"{manager.name}: no interface of the host is in its subnet: the bridge is by default"
    elif name not in dict(there.ports):
        yield f"{manager.name}: {name} has no port, or is no bridge: bridge.interface is by default"


def _beside(manager: RunningContainer, bridge: str) -> str:
    """Two networks cannot hold one subnet, and a bridge that an engine made goes with its own."""
    network, engine = manager.network, manager.engine
    return (
        f"{manager.name}: the engine's network {network} holds the subnet of {bridge}, and {UP} "
        f"makes one of its own: before it, at a console: {engine} network disconnect {network} "
        f"{manager.name}; {engine} network rm {network} (a bridge that the engine made goes with "
        "it: give the host's address back to its interface)"
    )


def _remarks(manager: RunningContainer, network: str) -> Iterator[str]:
    state = STATE_TODAY if network == "host" else STATE
    known = (word for word in manager.options if word.startswith(MANAGED))
    said = () if network == "host" else _said(manager)
    paths = [volume.path for volume in state]
    yield from running.remarks(manager, up=UP, state=paths, known=(*known, *said))


def _said(manager: RunningContainer) -> Iterator[str]:
    """Flags that the section says; of name servers and domains it has one each."""
    for flag in ("--dns", "--dns-search"):
        yield from (f"{flag}={value}" for value in manager.values(flag)[:1])
    for entry in manager.values("--add-host"):
        if dict(_hosts((entry,))):
            yield f"--add-host={entry}"
