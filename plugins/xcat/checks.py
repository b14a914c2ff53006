"""Preflight of xCAT's host. The reasons are those of "Run xCAT in Docker Container"; the ports those of upstream's page on the host's network."""

from collections.abc import Iterator
from typing import Any

from fairlead.api import Ask, Check, ContainerState, Step, bridge, persistence
from fairlead.api import checks as preflight

from .facts import Loops

PORTS = {
    "xcatd": ((3001, 3002),),
    "DHCP": ((67, 68),),
    "DNS": ((53, 53),),
    "TFTP": ((69, 69),),
    "http": ((80, 80),),
    "rsync": ((873, 873),),
    "conserver and goconserver": ((12429, 12430),),
}
IMAGE_MIB = 2000  # the image unpacked, the next one beside it, and a first /install
CONFINED = "services in the container may be confined: DHCP, TFTP and mounts fail in strange ways"
SELINUX_OFF = """set -eu; setenforce 0; cp -p /etc/selinux/config /etc/selinux/config.fairlead
sed -i 's/^SELINUX=.*$/SELINUX=disabled/' /etc/selinux/config"""
SELINUX_BACK = "[ ! -e /etc/selinux/config.fairlead ] || mv /etc/selinux/config.fairlead /etc/selinux/config; setenforce 1"
APPARMOR_OFF = """set -eu; if command -v aa-teardown >/dev/null; then aa-teardown; else /etc/init.d/apparmor teardown; fi
systemctl disable apparmor"""
APPARMOR_BACK = "systemctl enable apparmor; systemctl restart apparmor"


def checks(ask: Ask[Any]) -> Iterator[Check]:
    site = ask.section
    yield preflight.architecture(
        ask, tuple(sorted(site.image)), "xCAT ships images for x86_64 and ppc64le alone"
    )
    yield preflight.engine(ask, "docker")
    yield _image(ask)
    yield _selinux(ask)
    yield _apparmor(ask)
    if site.network == "host":
        yield from preflight.ports(ask, PORTS)
        yield _holds(ask)
    else:
        yield _bridge(ask)
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
    found, arch = ask.facts.get("image", ""), ask.host.arch
    wanted = {"x86_64": "amd64"}.get(arch, arch)
    return Check(
        name="image",
        ok=found in ("", wanted),
        wanted=f"one for {wanted or 'this host'}",
        found=found or "not pulled yet",
        why="an image runs on its own architecture only",
        remedy="take it away (docker image rm), and check `image` in the site",
    )


def _selinux(ask: Ask[Any]) -> Check:
    state = ask.selinux
    off = Step(
        name="SELinux is off",
        do=("sh", "-c", SELINUX_OFF),
        undo=("sh", "-c", SELINUX_BACK),
        timeout=60,
    )
    return Check(
        name="SELinux",
        ok=state != "Enforcing",
        wanted="not enforcing, or this one container unconfined",
        found=f"{state}; the container runs unconfined (label=disable)"
        if state == "Enforcing"
        else state,
        why=CONFINED,
        remedy="nothing, where all works; the document's way is off for the whole host, now and after a reboot: --fix=selinux",
        blocks=False,
        fix=(off,),
        fix_name="selinux",
    )


def _apparmor(ask: Ask[Any]) -> Check:
    on = bool(ask.facts.get("apparmor"))
    off = Step(
        name="AppArmor is off",
        do=("sh", "-c", APPARMOR_OFF),
        undo=("sh", "-c", APPARMOR_BACK),
        timeout=60,
    )
    return Check(
        name="AppArmor",
        ok=not on,
        wanted="not confining, or this one container unconfined",
        found="on; the container runs unconfined (apparmor=unconfined)" if on else "off",
        why=CONFINED,
        remedy="nothing, where all works; the document's way is off for the whole host, now and after a reboot: --fix=apparmor",
        blocks=False,
        fix=(off,),
        fix_name="apparmor",
    )


def _bridge(ask: Ask[Any]) -> Check:
    b = ask.section.bridge
    found: bridge.Bridged = ask.facts.get("bridged") or bridge.Bridged("unknown", "not known")
    return Check(
        name="bridge",
        ok=found.word == "ok" or found.mends,
        wanted=f"{b.name} with {b.interface} in it and {b.address} on it, or all that makes one",
        found=f"{found.said}; up makes it so" if found.mends else found.said or found.word,
        why="the container is a host of the cluster's own network",
        remedy=f"check xcat.bridge in the site against: ip addr show dev {b.interface}",
    )


def _lasts(ask: Ask[Any]) -> Check:
    found: persistence.Keeping = ask.facts.get("keeping") or persistence.Keeping("none", {})
    return Check(
        name="after a reboot",
        ok=found.keeper != "none",
        wanted="networkd, NetworkManager or ifupdown keeps the interface",
        found=found.keeper if found.keeper != "none" else "none of them does",
        why="up writes the bridge into its files; Docker makes an empty bridge of its own where none is there",
        remedy="write the bridge into what makes the network here, or run up after a reboot",
        blocks=False,
    )


def _free(ask: Ask[Any]) -> Check:
    site, found = ask.section, ask.facts.get("taken")
    ours = _is_there(ask)
    return Check(
        name="address",
        ok=ours or found is False,
        wanted=f"{site.own} is free",
        found="our container has it"
        if ours
        else {True: "somebody answers to it", False: "free"}.get(found, "could not be asked"),
        why="two of one address are found by chance",
        remedy=f"find out who it is (ip neigh show to {site.own}), or give the container another",
        blocks=found is True,
    )


def _holds(ask: Ask[Any]) -> Check:
    wanted, found = ask.section.bridge.host, ask.facts.get("addresses") or ()
    return Check(
        name="address",
        ok=wanted in {one.partition("/")[0] for one in found},
        wanted=f"this host has {wanted}",
        found=", ".join(found) or "none",
        why="with the host's network it becomes xCAT's master",
        remedy="correct bridge.address in the site",
    )


def _loops(ask: Ask[Any]) -> Check:
    count, found = ask.section.loop_devices, ask.facts.get("loops") or Loops(False, ())
    missing = ", ".join(f"/dev/loop{number}" for number in found.missing)
    return Check(
        name="loop devices",
        ok=found.free and not found.missing,
        wanted=f"/dev/loop0 to /dev/loop{count - 1}, one of them free"
        if count
        else "one that is free",
        found=f"missing: {missing}"
        if missing
        else ("one is free" if found.free else "none is free"),
        why="copycds hangs when all of them are busy",
        remedy=f"make more: mknod /dev/loop{count} -m0660 b 7 {count}"
        if not missing
        else "make them: --fix",
        blocks=False,
        fix=tuple(map(_loop, found.missing)),
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
    there: Any = ask.facts.get("container")
    found = there.get(ask.section.name) if isinstance(there, dict) else None
    return isinstance(found, ContainerState) and found.running
