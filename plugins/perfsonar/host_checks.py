"""Preflight of what lies around a test point: its memory, its names, its templates, its network.

All of it warns and nothing blocks, but a name that is none of the host's where psconfig goes by it:
who measures today goes on. Sources: perfSONAR's documentation (install_hardware, manage_ntp,
manage_dual_xface), toolkit's configure_sysctl, psconfig's base_agent.py (_get_addresses).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fairlead.api import Ask, Check, Fact, Noun, script

from . import tuning
from .remotes import names, urls, wants_names
from .tuning import Network

LOOK_UP = 1500  # ms; `pscheduler` gives a name two seconds
MEMORY, LEAST, SWAP = 8000, 4000, 2000  # MB; what a host shows is a little less than it has
SHOWS = 0.9

sh = script.beside(__file__)


class Names(Noun):
    """How names are looked up on a host. `took`: milliseconds, of its own name."""

    nameservers: tuple[str, ...] = ()
    took: int | None = None
    here: tuple[str, ...] = ()  # addresses of its interfaces
    addresses: Mapping[str, tuple[str, ...]] = {}  # name -> what it means
    back: Mapping[str, tuple[str, ...]] = {}  # address -> the names that it means


class Fetched(Noun):
    """The answer for one template: a code of HTTP, 0 for none, and why."""

    code: int
    url: str
    why: str


# Facts


def facts(ask: Ask[Any]) -> Iterator[Fact]:
    own = ask.section.names.get(ask.target.host, ())
    yield Fact("names", sh("look_up", *own), looked_up, timeout=30)
    yield tuning.network_fact()
    templates = [url for url in urls(ask.section) if url.startswith("http")]
    if templates:
        yield Fact("templates", sh("templates", " ".join(own), *templates), fetched, timeout=30)


def _rows(text: str, kind: str) -> list[list[str]]:
    rows = (line.split() for line in text.splitlines())
    return [row[1:] for row in rows if row and row[0] == kind and len(row) > 1]


def looked_up(code: int, text: str) -> Names:
    """The lines of shell/look_up.sh."""
    return Names(
        nameservers=tuple(row[0] for row in _rows(text, "nameserver")),
        took=next((int(row[0]) for row in _rows(text, "own")), None),
        here=tuple(row[0] for row in _rows(text, "here")),
        addresses=_grouped(_rows(text, "name")),
        back=_grouped(_rows(text, "back")),
    )


def _grouped(rows: Sequence[Sequence[str]]) -> Mapping[str, tuple[str, ...]]:
    groups: dict[str, tuple[str, ...]] = {}
    for key, value in (row[:2] for row in rows if len(row) > 1):
        groups[key] = (*groups.get(key, ()), value)
    return groups


def fetched(code: int, text: str) -> tuple[Fetched, ...]:
    """The lines of shell/templates.sh."""
    rows = (line.split(" ", 2) for line in text.splitlines())
    return tuple(Fetched(int(row[0]), row[1], "".join(row[2:]).strip()) for row in rows)


# Checks


def checks(ask: Ask[Any]) -> Iterator[Check]:
    known, its_network = ask.facts.get("names"), ask.facts.get("network")
    if its_network:
        yield _memory(its_network)
    if known:
        yield _nameserver(ask, known)
        yield _look_up(known)
        yield from (_name(ask, known, name) for name in names(ask) or known.addresses)
    if ask.facts.get("templates") is not None:
        yield _templates(ask.facts["templates"])
    if its_network and len(its_network.interfaces) > 1:
        yield _reverse_path(its_network)
    if its_network and ask.section.tuning != "off":
        yield _tuning(ask, its_network)


def _warning(
    name: str,
    complaints: Sequence[str],
    good: str,
    *,
    wanted: str,
    why: str,
    remedy: str,
    blocks: bool = False,
) -> Check:
    return Check(
        name=name,
        ok=not complaints,
        wanted=wanted,
        found="; ".join(complaints) or good or "nothing",
        why=why,
        remedy=remedy,
        blocks=blocks,
    )


def _memory(has: Network) -> Check:
    complaints = [f"{has.memory} MiB"] if has.memory < MEMORY * SHOWS else []
    if complaints and has.swap < SWAP * SHOWS:
        complaints.append(f"{has.swap} MiB of swap")
    return _warning(
        "memory",
        complaints,
        f"{has.memory} MiB",
        wanted=f"{MEMORY // 1000} GB, {LEAST // 1000} and {SWAP // 1000} of swap at the least",
        why="pScheduler, its database and the tools of a measurement run beside each other",
        remedy="give the host more memory",
    )


def _nameserver(ask: Ask[Any], known: Names) -> Check:
    return _warning(
        "name server",
        [] if known.nameservers else ["none in /etc/resolv.conf"],
        ", ".join(known.nameservers),
        wanted="one in /etc/resolv.conf",
        why="the container gets a copy of that file when it starts",
        remedy=f"name one, then {ask.target.typed('restart')}",
    )


def _look_up(known: Names) -> Check:
    is_slow = known.took is None or known.took > LOOK_UP
    took = "not known" if known.took is None else f"{known.took} ms"
    return _warning(
        "look-up time",
        [took] if is_slow else [],
        took,
        wanted=f"the host's own name within {LOOK_UP} ms",
        why="pScheduler gives a name two seconds, and fails",
        remedy="where one of two answers gets lost (a firewall, nftables on EL 10): "
        "`options single-request-reopen` in /etc/resolv.conf",
    )


def _name(ask: Ask[Any], known: Names, name: str) -> Check:
    """What psconfig makes of a name: its own names are those that its addresses mean."""
    means = known.addresses.get(name, ())
    away = [address for address in means if address not in known.here]
    found = [
        *(["it does not resolve"] if not means else []),
        *(f"{address} is on no interface of the host" for address in away),
        *_reverse(known, name, [address for address in means if address in known.here]),
        *(["no AAAA, though the host has IPv6"] if _lacks_ipv6(known, means) else []),
    ]
    is_vital = wants_names(ask.section) and (not means or len(away) == len(means))
    return _warning(
        f"name {name}",
        found,
        ", ".join(means),
        wanted="addresses of the host's interfaces, which mean that name again",
        why="psconfig measures under the names that the addresses of the host mean, and no others",
        remedy="mend A, AAAA and PTR, or perfsonar.names of the site",
        blocks=is_vital,
    )


def _reverse(known: Names, name: str, here: Sequence[str]) -> Iterator[str]:
    for address in here:
        back = [word.rstrip(".").lower() for word in known.back.get(address, ())]
        if name.rstrip(".").lower() not in back:
            yield f"{address} means {', '.join(back) or 'no name'}"


def _lacks_ipv6(known: Names, means: Sequence[str]) -> bool:
    has_ipv6 = any(":" in address for address in known.here)
    return bool(means) and has_ipv6 and not any(":" in address for address in means)


def _templates(answers: Sequence[Fetched]) -> Check:
    complaints = [
        f"{answer.url}: {'404, not known there' if answer.code == 404 else _reason(answer)}"
        for answer in answers
        if answer.code != 200
    ]
    is_unasked = not answers
    return _warning(
        "psconfig",
        ["not known: curl is not there"] if is_unasked else complaints,
        "; ".join(answer.url for answer in answers),
        wanted="the templates that the site names",
        why="psconfig measures what they say; what it cannot fetch is told in its log alone",
        remedy="install curl"
        if is_unasked
        else "enrol the host where its templates are made "
        "(WLCG: GOCDB or OSG topology), or mend the URL",
    )


def _reason(answer: Fetched) -> str:
    return answer.why or f"{answer.code}"


def _reverse_path(has: Network) -> Check:
    strict = [f"{i.name} has rp_filter 1" for i in has.interfaces if i.rp_filter == 1]
    return _warning(
        "two interfaces",
        strict,
        ", ".join(interface.name for interface in has.interfaces),
        wanted="rp_filter 2",
        why="what comes in by one and would leave by the other is dropped by 1",
        remedy="nics in the site: rp_filter 2, and a table of routes for each of them",
    )


def _tuning(ask: Ask[Any], has: Network) -> Check:
    core, tcp = tuning.buffers(has)
    small = [
        f"{name} ends at {tuning.last(has.values[name]) / tuning.MIB:.3g} MiB"
        for name, least in tuning.sizes(has).items()
        if name in has.values and tuning.last(has.values[name]) < least * tuning.MIB
    ]
    return _warning(
        "tuning",
        [*small, *_tcp(has)],
        tuning.GOOD,
        wanted=f"{core} MiB in net.core.?mem_max, {tcp} in net.ipv4.tcp_?mem, "
        + " or ".join(tuning.CONTROLS),
        why="without it throughput over long distances is the host's, not the network's",
        remedy="inv perfsonar.up sets it"
        if ask.section.tuning == "apply"
        else "tuning: apply in the site sets it, and so does the package perfsonar-toolkit-sysctl "
        "on the host; tuning: off is silent",
    )


def _tcp(has: Network) -> Iterator[str]:
    control = has.values.get(tuning.CONTROL, "")
    if control and control not in tuning.CONTROLS:
        yield f"congestion control is {control}"
    if tuning.is_jumbo(has) and has.values.get(tuning.PROBING) == "0":
        yield f"{tuning.PROBING} is 0 beside large frames"
