"""Do the parts that run work together? Their versions side by side, by the table of releases."""

from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.api import Ask, Check, Status

from . import containers, sessions
from .compatibility import disagreement
from .recipe import VERSION

BESIDE = {"agent": ("server",), "client": ("server", "agent"), "admin": ("server",)}


def version(ask: Ask[Any], component: str) -> str:
    """The version of DAOS of what stands there, or of what the next session would be; "": none."""
    if sessions.are_of(ask, component):
        current = ask.facts.get("in_service")
        return current.version if current else ""
    return containers.version(ask, component) if "container" in ask.facts else ""


def refusals(ask: Ask[Any], component: str) -> Iterator[tuple[str, str]]:
    """What does not work together with this part, of the components that were asked before it."""
    own = version(ask, component)
    for other in BESIDE.get(component, ()) if own else ():
        for beside in sorted(_versions(ask, other)):
            what, remedy = disagreement(component, own, other, beside)
            if what:
                yield what, remedy


def _versions(ask: Ask[Any], component: str) -> set[str]:
    """The versions of a component: on this host for an agent, on all hosts for servers."""
    hosts: Mapping[str, Mapping[str, Any]] = ask.components.get(component, {})
    if component == "agent":
        hosts = {host: facts for host, facts in hosts.items() if host == ask.target.host}
    states = (facts.get("container") for facts in hosts.values())
    running = (state.get(f"daos-{component}") for state in states if isinstance(state, dict))
    return {state.labels.get(VERSION, "") for state in running if state} - {""}


def compared(status: Status, ask: Ask[Any], component: str) -> Status:
    """A status, and with what its part does not work together; that is not well."""
    wrong = [what for what, _ in refusals(ask, component)]
    if not wrong:
        return status
    return Status(False, (*status.fields, ("works with", "; ".join(wrong))))


def check(ask: Ask[Any], component: str) -> Iterator[Check]:
    """The same for preflight: a warning, for `up` and `upgrade` are what mends it."""
    for what, remedy in refusals(ask, component):
        yield Check(
            name="versions",
            ok=False,
            wanted="such as work together",
            found=what,
            why="DAOS refuses calls between versions that are too far apart",
            remedy=remedy,
            blocks=False,
        )


def among_servers(ask: Ask[Any]) -> tuple[str, str]:
    """Why a server may not become the site's version alone; ("", ""): it may, or all go."""
    runs, new = containers.version(ask, "server"), ask.section.version
    if not runs or set(ask.target.peers) >= set(ask.target.everywhere):
        return "", ""
    return disagreement("server", new, "server", runs)
