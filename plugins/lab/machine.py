"""What the machine that carries the lab must have."""

from collections.abc import Iterator, Mapping

from fairlead.api import Check, Fact, Step

from . import commands
from .site import Lab

FACT = "lab machine"
# package -> a command of it that the lab runs
PACKAGES = {
    "busybox-static": "busybox", "curl": "curl", "debootstrap": "debootstrap", "docker-registry": "docker-registry", "docker.io": "dockerd",
    "iproute2": "ip", "iptables": "iptables", "openssh-client": "ssh-keygen", "openssh-server": "sshd", "openssl": "openssl", "procps": "pkill",
    "python3": "python3", "sudo": "sudo", "tini": "tini", "util-linux": "unshare",
}  # fmt: skip

# PACKAGE...: installed without starting their services: no engine, sshd or registry of this machine's own comes up.
_INSTALL = """set -eu
rule=/usr/sbin/policy-rc.d
[ -e $rule ] || { printf '#!/bin/sh\\nexit 101\\n' >$rule; chmod 755 $rule; trap 'rm -f /usr/sbin/policy-rc.d' EXIT; }
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
"""


def fact(section: Lab) -> Fact:
    pairs = (f"{package}:{command}" for package, command in PACKAGES.items())
    return Fact(
        FACT,
        (
            "sh",
            "-c",
            commands.MACHINE,
            "lab",
            section.root,
            section.network,
            commands.identity(section),
            *pairs,
        ),
        words,
    )


def words(code: int, said: str) -> dict[str, str]:
    """`key value` lines; what stands several times is joined by spaces."""
    found: dict[str, str] = {}
    for key, _, value in (line.partition(" ") for line in said.splitlines()):
        found[key] = f"{found[key]} {value}" if key in found else value
    return found


def checks(section: Lab, found: Mapping[str, str]) -> Iterator[Check]:
    missing, below, route = (
        tuple(found.get("missing", "").split()),
        found.get("filesystem", "?"),
        found.get("route", ""),
    )
    yield Check(
        name="root",
        ok=found.get("uid") == "0",
        wanted="root",
        found=f"user {found.get('uid', '?')}",
        why="a lab makes namespaces and mounts",
        remedy="run it as root",
    )
    yield Check(
        name="packages",
        ok=not missing,
        wanted="the programs that a lab is made of",
        found=f"missing: {', '.join(missing)}" if missing else "all there",
        remedy=f"apt-get install {' '.join(missing)}" if missing else "",
        fix=(
            Step(
                name="packages",
                do=("sh", "-c", _INSTALL, "install", *missing),
                timeout=900,
                progress=True,
            ),
        )
        if missing
        else (),
    )
    yield Check(
        name="overlay",
        ok="overlay" in found,
        wanted="overlayfs",
        found="yes" if "overlay" in found else "no",
        why="a host's disk lies over this machine's files",
        remedy="use a kernel with overlayfs",
    )
    yield Check(
        name="file system",
        ok=below not in ("overlayfs", "nfs", "fuseblk"),
        wanted=f"a file system under {section.root} that an overlay can lie on",
        found=below,
        remedy="name another directory in lab.root, on ext4, xfs or tmpfs: /dev/shm/lab",
    )
    yield Check(
        name="network",
        ok=not route,
        wanted=f"{section.network}.0/24 is free",
        found=route or "free",
        remedy="name another network in lab.network",
    )
