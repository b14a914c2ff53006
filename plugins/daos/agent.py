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
    lifecycle,
    state,
    verb,
)
from fairlead.api import upgrade as upgrades

from .common import asked, checks, containers, images
from .common import secrets as secret


class Logs(msgspec.Struct, frozen=True):
    follow: Annotated[bool, Meta(description="go on until Ctrl-C")] = False
    tail: Annotated[int, Meta(ge=0, description="how many lines from the end")] = 100


@hookimpl
def facts(ask: Ask) -> Iterable[Fact]:
    yield from asked.facts(ask, "agent")


@hookimpl
def needs(ask: Ask) -> Iterable[SecretSpec]:
    return secret.needs(ask, "agent")


@hookimpl
def preflight(ask: Ask) -> Iterable[Check]:
    """What an agent needs of its host."""
    return checks.agent(ask)


@hookimpl
def secrets(ask: Ask) -> Steps:
    """Put the agent's certificates; one that runs reads them anew."""
    return secret.put(ask, "agent", containers.container(ask, "agent"))


@hookimpl
def build(ask: Ask) -> Steps:
    """Build the agent's image, its configuration inside."""
    return images.steps(ask, "agent")


@hookimpl
def up(ask: Ask) -> Steps:
    """Start the agent, and wait until its socket is there; where it has no container of its own, its image is made, and one of before goes."""
    c = containers.container(ask, "agent")
    if not _has_container(ask):
        there = state.container_state(c, ask)
        return [
            *images.steps(ask, "agent"),
            *(containers.down(ask, "agent") if there and there.ours else ()),
        ]
    return [*images.steps(ask, "agent"), *secret.put(ask, "agent", c), *containers.up(ask, "agent")]


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
    """Return to the version before the last upgrade."""
    return upgrades.rollback(containers.container(ask, "agent"), ask)


@hookimpl
def down(ask: Ask) -> Steps:
    """Stop the agent and take its container away."""
    return containers.down(ask, "agent")


@hookimpl
def restart(ask: Ask) -> Steps:
    """Stop and start the agent, and wait until its socket is there."""
    return lifecycle.restart(containers.container(ask, "agent"), ask)


@hookimpl
def status(ask: Ask) -> Status:
    """The container, its image, and whether its socket is there."""
    if not _has_container(ask):
        return Status(
            True,
            (
                (
                    "agent",
                    "in the client's container"
                    if ask.section.client.mode == "gathered"
                    else "on the host, outside of any container",
                ),
            ),
        )
    return lifecycle.status(containers.container(ask, "agent"), ask)


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
