"""Preflight of an engine whose workers have IPv6 addresses of their own beside the others.

Sources: moby 47787 (fe80::1), kernel's ip-sysctl (accept_ra).
"""

from collections.abc import Iterator
from typing import Any

from fairlead.api import Ask, Check
from fairlead.api import facts as probes

QUIET = "27.0"  # the first Docker that gives a bridge no fe80::1


def checks(ask: Ask[Any]) -> Iterator[Check]:
    section, host = ask.section, ask.target.host
    if not (section.is_fixed(host) and section.engine.ranges6.get(host)):
        return
    address, *words = ask.facts.get("uplink6") or ("",)
    yield _bridge(ask, address)
    yield _advertisements(section.engine.bridge, words)
    yield _link(ask)


def _bridge(ask: Ask[Any], address: str) -> Check:
    engine = ask.section.engine
    return Check(
        name="IPv6 of the bridge",
        ok=bool(address),
        wanted=f"an IPv6 address of {engine.bridge}",
        found=address or "none",
        why="it is the gateway of the workers' network, which is made over it",
        remedy=f"give {engine.bridge} one, in the host's network configuration, that stays",
    )


def _advertisements(bridge: str, words: list[str]) -> Check:
    is_known = bool(words)
    by_ra = "ra" in words
    return Check(
        name="IPv6 router",
        ok=is_known and not by_ra,
        wanted="a route of IPv6 that is configured",
        found=f"{words[0]}{', by its advertisements' if by_ra else ''}" if words else "none",
        why="Docker turns forwarding of IPv6 on, and a host that forwards takes no advertisements: "
        "its own route ends with the one that it has",
        remedy=f"net.ipv6.conf.{bridge}.accept_ra = 2 in /etc/sysctl.d, or a static route",
        blocks=False,
    )


def _link(ask: Ask[Any]) -> Check:
    server = ask.engine.server
    return Check(
        name="IPv6 of the link",
        ok=bool(server) and probes.at_least(server, QUIET),
        wanted=f"Docker {QUIET} or newer",
        found=f"docker {server}" if server else "not known",
        why="older ones give the bridge of each such network fe80::1, and engines that share a "
        "wire have it twice then",
        remedy="upgrade the engine, or leave engine.ranges6 out until then",
        blocks=False,
    )
