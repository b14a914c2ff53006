"""Preflight of xCAT's host. The reasons are those of "Run xCAT in Docker Container"; the ports
those of upstream's page on the host's network."""

from collections.abc import Iterator
from typing import Any

from fairlead.api import (
    Ask,
    Check,
    ContainerState,
    Noun,
    Step,
    boot,
    bridge,
    docker_network,
    limits,
    persistence,
    port_checks,
    script,
)
from fairlead.api import checks as preflight

from . import commands, recipe
from .site import XCat

PORTS = {
    "xcatd": (*preflight.tcp(3001, 3002), *preflight.udp(3001)),
    "DHCP": (*preflight.udp(67), preflight.spare("udp", 68)),  # 68: the host's own DHCP client
    "DNS": (*preflight.tcp(53), *preflight.udp(53)),
    "TFTP": preflight.udp(69),
    "http": preflight.tcp(80),
    "rsync": preflight.tcp(873),
    "conserver and goconserver": preflight.tcp(12429, 12430),
}
# Of today's xCAT: what its page "Port Usage" calls optional is a warning
PORTS_BUILT = PORTS | {
    "xcatd": (*PORTS["xcatd"], preflight.spare("tcp", 3003)),
    "syslog": (preflight.spare("tcp", 514), preflight.spare("udp", 514)),
    "PXE": (preflight.spare("udp", 4011),),
    "IPMI": (preflight.spare("udp", 623),),
}
WITHOUT_BRIDGE = {
    "docker": "Docker makes an empty bridge of its own where none is there",
    "podman": "Podman starts no container on a bridge that is not there",
}
IMAGE_MIB = 2000  # the image unpacked, the next one beside it, and a first /install
CONFINED = "services in the container may be confined: DHCP, TFTP and mounts fail in strange ways"
HOST_WIDE = (
    "nothing, where all works; the document's way is off for the whole host, "
    "now and after a reboot: --fix="
)
APPARMOR_BACK = "systemctl enable apparmor; systemctl restart apparmor"

sh = script.beside(__file__)


class Loops(Noun):
    """Loop devices: is one free, and which numbers have no node in /dev."""

    free: bool
    missing: tuple[int, ...]


def checks(ask: Ask[Any]) -> Iterator[Check]:
    site: XCat = ask.section
    yield preflight.architecture(
        ask, tuple(sorted(site.image)), "xCAT ships images for x86_64 and ppc64le alone"
    )
    yield preflight.engine(ask, site.engine)
    yield from limits.check(ask, site.engine)
    yield from boot.check(ask, site.engine, site.name)
    yield from recipe.checks(ask) if site.recipe else (_image(ask),)
    yield _selinux(ask)
    yield _apparmor(ask)
    if site.network == "host":
        yield from preflight.ports(ask, PORTS_BUILT if site.recipe else PORTS)
        yield _holds(ask)
    else:
        yield _bridge(ask)
        if site.engine == "podman":
            yield docker_network.check(ask, site.engine, commands.ON_HOST)
        b, facts = site.bridge, ask.facts
        yield from port_checks.checks(
            facts.get("hanging"), facts.get("bridged"), b.name, b.interface
        )
        yield _lasts(ask)
        yield _free(ask)
    yield _loops(ask)
    yield preflight.space(
        ask,
        200 if _is_there(ask) else IMAGE_MIB,
        "the image, the next one beside it at an upgrade, and what copycds brings",
    )


def _image(ask: Ask[Any]) -> Check:
    """An image that was pulled on a host of another kind, or by another name."""
    image, host = ask.facts.get("image", ""), ask.host.arch
    needed = {"x86_64": "amd64"}.get(host, host)
    return Check(
        name="image",
        ok=image in ("", needed),
        wanted=f"one for {needed or 'this host'}",
        found=image or "not pulled yet",
        why="an image runs on its own architecture only",
        remedy=f"take it away ({ask.section.engine} image rm), and check `image` in the site",
    )


def _selinux(ask: Ask[Any]) -> Check:
    state = ask.selinux
    confines = state == "Enforcing"
    off = Step(
        name="SELinux is off",
        do=sh("selinux_off"),
        undo=sh("selinux_back"),
        timeout=60,
    )
    return Check(
        name="SELinux",
        ok=not confines,
        wanted="not enforcing, or this one container unconfined",
        found=f"{state}; the container runs unconfined (label=disable)" if confines else state,
        why=CONFINED,
        remedy=f"{HOST_WIDE}selinux",
        blocks=False,
        fix=(off,),
        fix_name="selinux",
    )


def _apparmor(ask: Ask[Any]) -> Check:
    confines = bool(ask.facts.get("apparmor"))
    off = Step(
        name="AppArmor is off",
        do=sh("apparmor_off"),
        undo=("sh", "-c", APPARMOR_BACK),
        timeout=60,
    )
    return Check(
        name="AppArmor",
        ok=not confines,
        wanted="not confining, or this one container unconfined",
        found="on; the container runs unconfined (apparmor=unconfined)" if confines else "off",
        why=CONFINED,
        remedy=f"{HOST_WIDE}apparmor",
        blocks=False,
        fix=(off,),
        fix_name="apparmor",
    )


def _bridge(ask: Ask[Any]) -> Check:
    b = ask.section.bridge
    state: bridge.BridgeState = ask.facts.get("bridged") or bridge.BridgeState(
        "unknown", "not known"
    )
    return Check(
        name="bridge",
        ok=state.word == "ok" or state.mends,
        wanted=f"{b.name} with {b.interface} in it and {b.address} on it, or all that makes one",
        found=f"{state.reason}; up makes it so" if state.mends else state.reason or state.word,
        why="the container is a host of the cluster's own network",
        remedy=f"check xcat.bridge in the site against: ip addr show dev {b.interface}",
    )


def _lasts(ask: Ask[Any]) -> Check:
    keeping: persistence.InterfaceConfig = ask.facts.get("keeping") or persistence.InterfaceConfig(
        "none", {}
    )
    is_kept = keeping.keeper != "none"
    return Check(
        name="after a reboot",
        ok=is_kept,
        wanted="networkd, NetworkManager or ifupdown keeps the interface",
        found=keeping.keeper if is_kept else "none of them does",
        why=f"up writes the bridge into its files; {WITHOUT_BRIDGE[ask.section.engine]}",
        remedy="write the bridge into what makes the network here, or run up after a reboot",
        blocks=False,
    )


def _free(ask: Ask[Any]) -> Check:
    site, taken, ours = ask.section, ask.facts.get("taken"), _is_there(ask)
    words = {True: "somebody answers to it", False: "free", None: "could not be asked"}
    return Check(
        name="address",
        ok=ours or taken is False,
        wanted=f"{site.own} is free",
        found="our container has it" if ours else words[taken],
        why="two of one address are found by chance",
        remedy=f"find out who it is (ip neigh show to {site.own}), or give the container another",
        blocks=taken is True,
    )


def _holds(ask: Ask[Any]) -> Check:
    own, addresses = ask.section.bridge.host, ask.facts.get("addresses") or ()
    return Check(
        name="address",
        ok=own in {address.partition("/")[0] for address in addresses},
        wanted=f"this host has {own}",
        found=", ".join(addresses) or "none",
        why="with the host's network it becomes xCAT's master",
        remedy="correct bridge.address in the site",
    )


def _loops(ask: Ask[Any]) -> Check:
    count = ask.section.loop_devices
    loops: Loops = ask.facts.get("loops") or Loops(False, ())
    missing = ", ".join(f"/dev/loop{number}" for number in loops.missing)
    if missing:
        state_of_loops, remedy = f"missing: {missing}", "make them: --fix"
    else:
        state_of_loops = "one is free" if loops.free else "none is free"
        remedy = f"make more: mknod /dev/loop{count} -m0660 b 7 {count}"
    several = f"/dev/loop0 to /dev/loop{count - 1}, one of them free"
    return Check(
        name="loop devices",
        ok=loops.free and not loops.missing,
        wanted=several if count else "one that is free",
        found=state_of_loops,
        why="copycds hangs when all of them are busy",
        remedy=remedy,
        blocks=False,
        fix=tuple(map(_loop, loops.missing)),
    )


def _loop(number: int) -> Step:
    path = f"/dev/loop{number}"
    return Step(
        name=path,
        unless=("test", "-b", path),
        do=("mknod", path, "-m0660", "b", "7", str(number)),
        undo=("rm", "-f", path),
    )


def _is_there(ask: Ask[Any]) -> bool:
    containers = ask.facts.get("container")
    if not isinstance(containers, dict):
        return False
    container = containers.get(ask.section.name)
    return isinstance(container, ContainerState) and container.running
