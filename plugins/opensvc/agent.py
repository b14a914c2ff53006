"""`inv opensvc.agent.VERB`: a node that the agent works on."""

from collections.abc import Iterable, Iterator

from fairlead.api import Ask, Check, Fact, FairleadError, Status, Steps, hookimpl

from .common import checks
from .common import facts as wanted
from .common.agents import AGENTS


@hookimpl
def facts(ask: Ask) -> Iterable[Fact]:
    return wanted.of_node(ask)


@hookimpl
def preflight(ask: Ask) -> Iterator[Check]:
    """Kernel, the node's own name, the agent and its generation, Docker installed but not started at boot."""
    return checks.node(ask)


@hookimpl
def up(ask: Ask) -> Steps:
    """Take Docker out of the boot where services have engines of their own. The agent itself is installed by the node's packages."""
    if ask.facts.get("agent") not in AGENTS:
        raise FairleadError(
            ask.target.host,
            "there is no OpenSVC agent",
            "install it from its packages, then ask again",
        )
    own = any(service.docker_data_dir for service in ask.section.of(ask.target.host).values())
    return checks.not_at_boot(ask) if own else ()


@hookimpl
def status(ask: Ask) -> Status:
    """Which agent is here, and what starts Docker at boot."""
    found = ask.facts.get("agent", "none")
    at_boot = [word for word in ask.facts.get("boot") or () if word not in ("there", "none")]
    return Status(
        found in AGENTS, (("agent", found), ("docker at boot", ", ".join(at_boot) or "no"))
    )
