"""What the machine that carries the lab must have."""

from collections.abc import Iterator, Mapping, Sequence

from fairlead.api import Check, Fact, Step

from . import commands
from .site import Lab

FACT = "lab machine"
# package -> a command of it that the lab runs
PACKAGES = {
    "busybox-static": "busybox",
    "curl": "curl",
    "debootstrap": "debootstrap",
    "docker-registry": "docker-registry",
    "docker.io": "dockerd",
    "iproute2": "ip",
    "iptables": "iptables",
    "openssh-client": "ssh-keygen",
    "openssh-server": "sshd",
    "openssl": "openssl",
    "procps": "pkill",
    "python3": "python3",
    "sudo": "sudo",
    "tini": "tini",
    "util-linux": "unshare",
}


def fact(section: Lab) -> Fact:
    pairs = (f"{package}:{command}" for package, command in PACKAGES.items())
    where = (section.root, section.network, commands.identity(section))
    return Fact(FACT, commands.sh("machine", *where, *pairs), words)


def words(code: int, text: str) -> dict[str, str]:
    """`key value` lines; what stands several times is joined by spaces."""
    values: dict[str, str] = {}
    for key, _, value in (line.partition(" ") for line in text.splitlines()):
        values[key] = f"{values[key]} {value}" if key in values else value
    return values


def checks(section: Lab, machine: Mapping[str, str]) -> Iterator[Check]:
    """What is wrong with the machine that the fact describes."""
    yield Check(
        name="root",
        ok=machine.get("uid") == "0",
        wanted="root",
        found=f"user {machine.get('uid', '?')}",
        why="a lab makes namespaces and mounts",
        remedy="run it as root",
    )
    yield _packages(machine.get("missing", "").split())
    yield Check(
        name="overlay",
        ok="overlay" in machine,
        wanted="overlayfs",
        found="yes" if "overlay" in machine else "no",
        why="a host's disk lies over this machine's files",
        remedy="use a kernel with overlayfs",
    )
    below = machine.get("filesystem", "?")
    yield Check(
        name="file system",
        ok=below not in ("overlayfs", "nfs", "fuseblk"),
        wanted=f"a file system under {section.root} that an overlay can lie on",
        found=below,
        remedy="name another directory in lab.root, on ext4, xfs or tmpfs: /dev/shm/lab",
    )
    route = machine.get("route", "")
    yield Check(
        name="network",
        ok=not route,
        wanted=f"{section.network}.0/24 is free",
        found=route or "free",
        remedy="name another network in lab.network",
    )


def _packages(missing: Sequence[str]) -> Check:
    install = Step(name="packages", do=commands.sh("install", *missing), timeout=900, progress=True)
    return Check(
        name="packages",
        ok=not missing,
        wanted="the programs that a lab is made of",
        found=f"missing: {', '.join(missing)}" if missing else "all there",
        remedy=f"apt-get install {' '.join(missing)}" if missing else "",
        fix=(install,) if missing else (),
    )
