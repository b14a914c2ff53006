"""`inv opensvc.agent.VERB`: a node that the agent works on."""

from collections.abc import Iterable, Iterator

from fairlead.api import Ask, Check, Fact, FairleadError, Status, Steps, hookimpl, looks_ahead

from .common import advice, checks, host_facts
from .common.agents import AGENTS


@hookimpl
def facts(ask: Ask) -> Iterable[Fact]:
    return host_facts.of_node(ask)


@hookimpl
def preflight(ask: Ask[advice.For]) -> Iterator[Check]:
    """Kernel, the node's own name, the agent and its generation,
    Docker installed but not started at boot, and set up as the agent's engines need it."""
    return advice.node(ask) if looks_ahead(ask) else checks.node(ask)


@hookimpl
def up(ask: Ask) -> Steps:
    """Take Docker out of the boot where services have engines of their own.
    The agent itself is installed by the node's packages."""
    if ask.facts.get("agent") not in AGENTS:
        raise FairleadError(
            ask.target.host,
            "there is no OpenSVC agent",
            "install it from its packages, then ask again",
        )
    return checks.not_at_boot(ask) if checks.has_own_engines(ask) else ()


@hookimpl
def status(ask: Ask) -> Status:
    """Which agent is here, and what starts Docker at boot."""
    generation = ask.facts.get("agent", "none")
    at_boot = ", ".join(checks.at_boot(ask)) or "no"
    return Status(generation in AGENTS, (("agent", generation), ("docker at boot", at_boot)))
