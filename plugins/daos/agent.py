"""The agents, through which clients reach the servers."""

from collections.abc import Iterable
from typing import Annotated

import msgspec
from msgspec import Meta

from fairlead.api import (
    Ask,
    Check,
    Fact,
    SecretSpec,
    Session,
    Status,
    Steps,
    hookimpl,
    leftovers,
    lifecycle,
    looks_ahead,
    state,
    verb,
)
from fairlead.api import upgrade as upgrades

from .common import (
    agent_certificate,
    agreement,
    checks,
    containers,
    elsewhere,
    host_facts,
    images,
    preview,
    recipe,
    remains,
    secret_files,
    sessions,
    upcoming,
)


class Logs(msgspec.Struct, frozen=True):
    follow: Annotated[bool, Meta(description="go on until Ctrl-C")] = False
    tail: Annotated[int, Meta(ge=0, description="how many lines from the end")] = 100


@hookimpl
def facts(ask: Ask) -> Iterable[Fact]:
    yield from host_facts.facts(ask, "agent")
    yield from elsewhere.facts(ask, "agent")


@hookimpl
def needs(ask: Ask) -> Iterable[SecretSpec]:
    return secret_files.needs(ask, "agent")


@hookimpl
def in_use(ask: Ask) -> Iterable[str]:
    """The sessions that are open, with what is mounted in them."""
    return sessions.in_use(ask, "client")


@hookimpl
def preflight(ask: Ask[preview.For]) -> Iterable[Check]:
    """What an agent needs of its host. With --for: what is in the way of that version."""
    return upcoming.told(ask, checks.agent) if looks_ahead(ask) else checks.agent(ask)


@hookimpl
def secrets(ask: Ask) -> Steps:
    """Put the agent's certificates; one that runs reads them anew."""
    return secret_files.put(ask, "agent", containers.container(ask, "agent"))


@hookimpl
def build(ask: Ask) -> Steps:
    """Build the agent's image, its configuration inside."""
    return images.steps(ask, "agent")


@hookimpl
def up(ask: Ask) -> Steps:
    """Start the agent, and wait until its socket is there;
    where it has no container of its own, one of before goes, once the client's image is there."""
    container = containers.container(ask, "agent")
    image = images.steps(ask, "agent" if _has_container(ask) else "client")
    if _has_container(ask):
        secrets = secret_files.put(ask, "agent", container)
        return [*image, *secrets, *containers.up(ask, "agent")]
    standing = state.container_state(container, ask)
    is_ours = standing and standing.ours
    return [*image, *(containers.down(ask, "agent") if is_ours else ())]


@verb
def stop(ask: Ask) -> Steps:
    """Stop the agent; its container stays."""
    return containers.stop(ask, "agent")


@verb
def start(ask: Ask) -> Steps:
    """Start the agent that stands there."""
    return containers.start(ask, "agent")


@hookimpl
def upgrade(ask: Ask) -> Steps:
    """Bring the site's version into service."""
    return up(ask)


@hookimpl
def rollback(ask: Ask) -> Steps:
    """Return to the version before the last upgrade; in a client's container it goes with that."""
    return upgrades.rollback(containers.container(ask, "agent"), ask) if _has_container(ask) else ()


@hookimpl
def down(ask: Ask) -> Steps:
    """Stop the agent and take its container away."""
    return containers.down(ask, "agent")


@hookimpl
def restart(ask: Ask) -> Steps:
    """Stop and start the agent, and wait until its socket is there."""
    return lifecycle.restart(containers.container(ask, "agent"), ask)


@hookimpl
def prune(ask: Ask[leftovers.PruneOptions]) -> Steps:
    """Take away old images that nobody needs (--days, --keep); what a rollback needs is named, and
    stays."""
    return [*remains.prune(ask, "agent")]


@hookimpl
def du(ask: Ask) -> Status:
    """What images and earlier versions of the agent take on the host, and what each is for."""
    return remains.du(ask, "agent")


@hookimpl
def status(ask: Ask) -> Status:
    """The container, its image, and whether its socket is there."""
    if _has_container(ask):
        described = containers.container(ask, "agent")
        status = recipe.with_recipe(lifecycle.status(described, ask), ask, "agent", described)
        return agreement.compared(agent_certificate.compared(status, ask), ask, "agent")
    is_gathered = ask.section.client.mode == "gathered"
    outside = "on the host, outside of any container"
    return Status(True, (("agent", "in the client's container" if is_gathered else outside),))


@hookimpl
def logs(ask: Ask[Logs]) -> Session:
    """What the agent has said."""
    options = ask.options
    return lifecycle.logs(containers.container(ask, "agent"), str(options.tail), options.follow)


@hookimpl
def exec_(ask: Ask) -> Session:
    """A shell in the agent's container, or the words after --."""
    return lifecycle.session(containers.container(ask, "agent"), ask.argv, prompt=("bash",))


def _has_container(ask: Ask) -> bool:
    return ask.section.client.mode == "separate-agent"
