"""What is asked of a node. An agent takes seconds for each answer, so only those that are needed."""

import re
from collections.abc import Iterator
from typing import Any

from fairlead.api import Ask, Fact, bridge

from ..site import OpenSvc, Service
from . import scripts
from .agents import ASKED, choose
from .service_on_host import engine_host, pattern
from .state import parse

BOOT = r"""command -v docker >/dev/null 2>&1 || { echo none; exit 0; }
if [ -d /run/systemd/system ]; then
  for unit in docker.service docker.socket; do [ "$(systemctl is-enabled "$unit" 2>/dev/null)" != enabled ] || echo "$unit"; done
else for link in /etc/rc[2345].d/S[0-9][0-9]docker; do [ ! -e "$link" ] && [ ! -h "$link" ] || echo "$link"; done; fi
echo there"""
# NAME DEVICE: who has its address? `here`, `taken` (it answers), `free`, `unknown` (nobody could be asked) or `nameless` (it does not resolve)
HELD = (
    bridge.TAKEN
    + r"""address=$(getent ahostsv4 "$1" | awk '{ print $1; exit }')
[ -n "$address" ] || { echo nameless; exit 0; }
if ip -o -4 addr show | grep -qF " $address/"; then echo here; else taken "$2" "$address"; fi
echo "$address" """
)
GROUP = r"""command -v vgs >/dev/null 2>&1 || { echo "vgs is not there"; exit 2; }; vgs --noheadings -o vg_name "$1" 2>&1"""
DEVICE = r"""[ -e "$1" ] && echo there || echo missing"""
USED = r"""docker image ls -q --no-trunc | sort -u | wc -l
docker container ls -aq | wc -l
docker image ls -q --no-trunc | sort -u | xargs -r docker image inspect --format '{{.Size}}' | awk '{ n += $1 } END { print n + 0 }'
docker container ls -aq | xargs -r docker container inspect --size --format '{{.SizeRw}}' | awk '{ n += $1 } END { print n + 0 }'"""
DATA = r"""[ -d "$1" ] || exit 1; du -skx "$1" 2>/dev/null | awk '{ print $1 * 1024 }' """

LIGHT = frozenset({"docker", "exec", "logs"})  # they ask the engine alone


def agent() -> Fact:
    return Fact(
        "agent",
        ("sh", "-c", scripts.GENERATION, "generation"),
        lambda code, text: text.strip() if code == 0 else "none",
    )


def of_node(ask: Ask[Any]) -> Iterator[Fact]:
    """For the component `agent`."""
    yield agent()
    yield Fact("boot", ("sh", "-c", BOOT, "boot"), lambda code, text: tuple(text.split()))


def of_services(ask: Ask[Any]) -> Iterator[Fact]:
    """For the component `service`: of each that can run on this host, the file and the agent's status; of some verbs more."""
    site: OpenSvc = ask.section
    name = getattr(ask.options, "service", "")
    found = site.of(ask.target.host, name)
    if ask.verb in LIGHT:
        yield from (_runs(name, service) for name, service in found.items())
        return
    yield agent()
    for key, service in found.items():
        yield from _chargeback(key, service) if ask.verb == "chargeback" else _stands(key)
    if ask.verb in ("preflight", "takeover"):
        yield from {
            fact.name: fact for service in found.values() for fact in _needs(service)
        }.values()


def _stands(name: str) -> Iterator[Fact]:
    yield Fact(
        f"file {name}",
        choose(lambda agent: ("cat", agent.file(name))),
        lambda code, text: text if code == 0 else None,
    )
    yield Fact(f"status {name}", choose(lambda agent: agent.status(name)), parse, timeout=ASKED + 8)
    yield Fact(
        f"frozen {name}",
        ("test", "-e", f"/opt/opensvc/var/FROZEN.{name}"),
        lambda code, text: code == 0,
    )


def _runs(name: str, service: Service) -> Fact:
    """`containers NAME`: the names of those that run, in the engine of the service; None where that does not run."""
    words = ("docker", "container", "ls", "--filter", pattern(name), "--format", "{{.Names}}")
    return Fact(
        f"containers {name}",
        engine_host(name, service, words),
        lambda code, text: tuple(text.split()) if code == 0 else None,
    )


def _needs(service: Service) -> Iterator[Fact]:
    for address in service.ip:
        yield Fact(
            f"ip {address.name}",
            ("sh", "-c", HELD, "held", address.name, address.dev),
            lambda code, text: tuple(text.split()),
            timeout=15,
        )
    for disk in service.disks:
        yield Fact(
            f"vg {disk.vg}",
            ("sh", "-c", GROUP, "group", disk.vg),
            lambda code, text: (code, text.strip()),
            timeout=30,
        )
    for fs in service.fs:
        yield Fact(
            f"device {fs.dev}",
            ("sh", "-c", DEVICE, "device", fs.dev),
            lambda code, text: text.strip(),
        )


def _chargeback(name: str, service: Service) -> Iterator[Fact]:
    yield Fact(
        f"used {name}", engine_host(name, service, ("sh", "-c", USED, "used")), _used, timeout=50
    )
    if service.docker_data_dir:
        yield Fact(
            f"data {name}", ("sh", "-c", DATA, "data", service.docker_data_dir), _number, timeout=58
        )


def _used(code: int, text: str) -> tuple[int, ...] | None:
    """images, containers, their bytes; None where the engine does not run."""
    found = [int(word) for word in re.findall(r"^\s*(\d+)\s*$", text, re.M)]
    return tuple(found) if code == 0 and len(found) == 4 else None


def _number(code: int, text: str) -> int | None:
    return int(text) if code == 0 and text.strip().isdigit() else None
