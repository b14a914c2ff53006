"""The clients: a shell, and what is run in it."""

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
    verb,
)

from .agent import Logs
from .common import (
    agent_certificate,
    agreement,
    checks,
    commands,
    containers,
    elsewhere,
    host_facts,
    images,
    preview,
    recipe,
    remains,
    secret_files,
    sessions,
    stack,
    upcoming,
)
from .common.pool_names import PoolName
from .site import Word


class Pool(msgspec.Struct, frozen=True):
    pool: Annotated[PoolName, Meta(description="its name")]


class Fio(msgspec.Struct, frozen=True):
    pool: Annotated[PoolName, Meta(description="its name")]
    container: Annotated[Word, Meta(description="made as a POSIX container where it is not there")]


@hookimpl
def facts(ask: Ask) -> Iterable[Fact]:
    yield from host_facts.facts(ask, "client")
    yield from elsewhere.facts(ask, "client")
    yield from upcoming.client_facts(ask)


@hookimpl
def needs(ask: Ask) -> Iterable[SecretSpec]:
    return secret_files.needs(ask, "agent") if ask.section.client.mode == "gathered" else ()


@hookimpl
def in_use(ask: Ask) -> Iterable[str]:
    """The sessions that are open, with what is mounted in them."""
    return sessions.in_use(ask, "client")


@hookimpl
def preflight(ask: Ask[preview.For]) -> Iterable[Check]:
    """What a client needs of its host. With --for: what is in the way of that version."""
    return upcoming.told(ask, upcoming.client) if looks_ahead(ask) else checks.client(ask)


@hookimpl
def secrets(ask: Ask) -> Steps:
    """Put the certificates of the agent that is in the client's container;
    a stack goes on with those it has until `up`."""
    if stack.is_launched(ask, "client"):
        return stack.secrets(ask, "client")
    return secret_files.put(ask, "agent") if ask.section.client.mode == "gathered" else ()


@hookimpl
def build(ask: Ask) -> Steps:
    """Build the client's image."""
    return images.steps(ask, "client")


@hookimpl
def up(ask: Ask) -> Steps:
    """Make sessions possible, or start the client that is kept up, or the stack."""
    if stack.is_launched(ask, "client"):
        return stack.up(ask, "client")
    certificates = secret_files.put(ask, "agent") if ask.section.client.mode == "gathered" else ()
    return [*images.steps(ask, "client"), *certificates, *containers.up(ask, "client")]


@verb
def stop(ask: Ask) -> Steps:
    """End the sessions, and stop the client that is kept up, or take the stack away."""
    if stack.is_launched(ask, "client"):
        return stack.down(ask, "client")
    return containers.stop(ask, "client")


@verb
def start(ask: Ask) -> Steps:
    """Start the client that is kept up, or launch the stack with the secret that it had."""
    if stack.is_launched(ask, "client"):
        return stack.up(ask, "client")
    return containers.start(ask, "client")


@verb
def answers(ask: Ask) -> Steps:
    """Ask the system from each client, as `daos system query` does; an agent on bare metal is
    not ours to have started."""
    if ask.section.client.mode == "bare-metal-agent":
        return ()
    return containers.answers(ask)


@hookimpl
def upgrade(ask: Ask) -> Steps:
    """Make the next session, or the client that is kept up, one of the site's version."""
    return up(ask)


@hookimpl
def rollback(ask: Ask) -> Steps:
    """Return to the version before the last upgrade: the next session, or what is kept up."""
    return containers.rollback(ask, "client")


@hookimpl
def down(ask: Ask) -> Steps:
    """Take the client away that is kept up, or the stack; secrets and swarm stay."""
    if stack.is_launched(ask, "client"):
        return stack.down(ask, "client")
    return containers.down(ask, "client")


@hookimpl
def prune(ask: Ask[leftovers.PruneOptions]) -> Steps:
    """Take away old images that nobody needs (--days, --keep); what a rollback needs is named, and
    stays."""
    return [*remains.prune(ask, "client")]


@hookimpl
def du(ask: Ask) -> Status:
    """What images and earlier versions of the client take on the host, and what each is for."""
    return remains.du(ask, "client")


@hookimpl
def status(ask: Ask) -> Status:
    """The container that is kept up, or the stack, or what the next session would run;
    whether it works with the servers, and with the agent beside it."""
    return agreement.compared(_status(ask), ask, "client")


def _status(ask: Ask) -> Status:
    if stack.is_launched(ask, "client"):
        return agent_certificate.compared(stack.status(ask, "client"), ask)
    if sessions.are_of(ask, "client"):
        return sessions.status(ask, "client")
    described = containers.container(ask, "client")
    status = recipe.with_recipe(lifecycle.status(described, ask), ask, "client", described)
    return agent_certificate.compared(status, ask)


@hookimpl
def restart(ask: Ask) -> Steps:
    """Stop and start what is kept up; a stack's tasks are replaced, the new ones up first."""
    if stack.is_launched(ask, "client"):
        return stack.restart(ask, "client")
    return lifecycle.restart(containers.container(ask, "client"), ask)


@hookimpl
def logs(ask: Ask[Logs]) -> Session | None:
    """What the client that is kept up has said, or all tasks of the stack."""
    return containers.logs(ask, "client", ask.options)


@hookimpl
def exec_(ask: Ask) -> Session | None:
    """A shell in the client as its uid:gid, or the words after --,
    such as `-- daos pool autotest tank`."""
    return containers.session(ask, "client", *ask.argv)


@verb(changes=False)
def autotest(ask: Ask[Pool]) -> Session | None:
    """DAOS's own test of a pool."""
    return containers.session(ask, "client", *commands.autotest(ask.options.pool))


@verb(changes=False)
def fio(ask: Ask[Fio]) -> Session | None:
    """Mount a container by dfuse, measure random writes on it, and take the mount away."""
    stack.refuse_dfuse(ask)
    return containers.session(
        ask,
        "client",
        *commands.fio_recipe(ask.section.client.user, ask.options.pool, ask.options.container),
    )
