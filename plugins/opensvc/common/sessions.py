"""Sessions with the engine of a service: on the node where it runs."""

from collections.abc import Iterable
from typing import Any

from fairlead.api import Argv, Ask, CommandLineError, Session, script

from .service_on_host import engine_argv

sh = script.beside(__file__)


def service_name(ask: Ask[Any]) -> str:
    """The service that is meant. Raises CommandLineError where several could be."""
    services, name = ask.section.services, getattr(ask.options, "service", "")
    if not name and len(services) == 1:
        return next(iter(services))
    if name not in services:
        known = ", ".join(services) or "none"
        what = f"no such service {name!r}" if name else "which one?"
        raise CommandLineError("--service", what, f"there are: {known}")
    return name


def session(
    ask: Ask[Any],
    plain: Argv,
    tty: Argv | None = None,
    fed: Argv | None = None,
    follow: bool = False,
) -> Session | None:
    """A command to the engine on the node where the service runs; None elsewhere."""
    name = service_name(ask)
    service = ask.section.services[name]
    if ask.target.host not in _session_nodes(ask, name) or ask.target.host not in service.nodes:
        return None
    return Session(
        engine_argv(name, service, plain),
        tty_argv=engine_argv(name, service, tty) if tty else None,
        fed_argv=engine_argv(name, service, fed) if fed else None,
        follow=follow,
    )


def _session_nodes(ask: Ask[Any], name: str) -> Iterable[str]:
    """The nodes where a service runs; else those whose engine does.

    Where it runs nowhere, these are all its nodes, and each of them says so.
    """
    containers = {host: facts.get(f"containers {name}") for host, facts in ask.around.items()}
    running = [host for host, names in containers.items() if names]
    awake = [host for host, names in containers.items() if names is not None]
    return running or awake or ask.section.services[name].nodes
