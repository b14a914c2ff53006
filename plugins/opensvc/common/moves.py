"""Where a service runs, and what has to be so before it runs on another node."""

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from fairlead.api import Ask, CommandLineError, FairleadError, Step

from . import steps
from .service_on_host import ServiceOnHost, services_on_host
from .sessions import service_name


def home(s: ServiceOnHost, ask: Ask[Any]) -> str:
    """Where it runs, else where it belongs.

    Raises FairleadError where that cannot be known, or it runs on two nodes.
    """
    running = (*((s.host,) if s.runs_here else ()), *s.up_on)
    if len(running) > 1:
        raise FairleadError(
            s.host,
            f"{s.name} is up on {' and '.join(sorted(running))}",
            "find out which one is right, and stop the other: inv opensvc.down",
        )
    unasked = [
        node for node in s.service.nodes if node in ask.target.everywhere and node not in ask.around
    ]
    if not running and unasked:
        takeover = f"inv opensvc.takeover --service={s.name} --host={s.host}"
        raise FairleadError(
            s.host,
            f"{s.name} may run on {', '.join(unasked)}, which was not asked",
            f"leave --host away; where that node is dead, {takeover}",
        )
    return running[0] if running else s.service.home


def moved(ask: Ask[Any], to: str) -> ServiceOnHost | None:
    """The service that goes to another node; None: this host is none of its nodes.

    Raises CommandLineError where `to` is none of them.
    """
    name = service_name(ask)
    service = ask.section.services.get(name)
    services = services_on_host(ask, name)
    if service and to not in service.nodes:
        raise CommandLineError(
            "--to", f"{to} is none of the nodes of {name}", f"they are {', '.join(service.nodes)}"
        )
    return services[0] if services else None


def require_answers(s: ServiceOnHost, ask: Ask[Any]) -> None:
    """Raises FairleadError where a node of the service was not asked."""
    nodes = [node for node in s.service.nodes if node in ask.target.everywhere]
    missing = [node for node in nodes if node not in ask.around]
    if missing:
        raise FairleadError(
            s.host,
            f"{', '.join(missing)} was not asked",
            "leave --host away; takeover is for a node that is dead",
        )


def start_after_stop(s: ServiceOnHost, ask: Ask[Any]) -> Iterator[Step]:
    """Bring it up here; what fails says how to bring it back to where it was."""
    before = ", ".join(s.up_on)
    back = f"it is stopped on {before}: inv opensvc.switch --service={s.name} --to={before}"
    for step in steps.up(s, ask):
        yield replace(step, gate=False, remedy=back) if before else step


def require_free_addresses(s: ServiceOnHost, ask: Ask[Any]) -> None:
    """Raises FairleadError where an address of the service answers, or could not be asked for."""
    refusals = {
        "taken": "still answers: another node is alive",
        "unknown": "could not be asked for",
    }
    for ip in s.service.ip:
        state = (ask.facts.get(f"ip {ip.name}") or ("unknown",))[0]
        if state in refusals:
            raise FairleadError(
                s.host,
                f"the address of {ip.name} {refusals[state]}",
                "inv opensvc.switch, or end that node first",
            )
