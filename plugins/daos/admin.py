"""dmg, the DAOS Management Tool."""

from collections.abc import Iterable

from fairlead.api import (
    Ask,
    Check,
    Fact,
    SecretSpec,
    Session,
    Status,
    Step,
    Steps,
    hookimpl,
    leftovers,
    lifecycle,
    looks_ahead,
    verb,
)

from .agent import Logs
from .common import (
    agreement,
    checks,
    commands,
    containers,
    elsewhere,
    host_facts,
    images,
    pool_names,
    preview,
    recipe,
    remains,
    secret_files,
    sessions,
    stack,
    system_checks,
    system_state,
    upcoming,
)


@hookimpl
def facts(ask: Ask) -> Iterable[Fact]:
    yield from host_facts.facts(ask, "admin")
    yield from elsewhere.facts(ask, "admin")
    yield from system_state.facts(ask)


@hookimpl
def needs(ask: Ask) -> Iterable[SecretSpec]:
    return secret_files.needs(ask, "admin")


@hookimpl
def in_use(ask: Ask) -> Iterable[str]:
    """The sessions that are open."""
    return sessions.in_use(ask, "admin")


@hookimpl
def preflight(ask: Ask[preview.For]) -> Iterable[Check]:
    """What dmg needs of its host. With --for: what is in the way of that version."""
    return upcoming.told(ask, upcoming.admin) if looks_ahead(ask) else checks.admin(ask)


@hookimpl
def secrets(ask: Ask) -> Steps:
    """Put the admin's certificates."""
    if stack.is_launched(ask, "admin"):
        return stack.secrets(ask, "admin")
    return secret_files.put(ask, "admin", containers.container(ask, "admin"))


@hookimpl
def build(ask: Ask) -> Steps:
    """Build the admin's image, its configuration inside."""
    return images.steps(ask, "admin")


@hookimpl
def up(ask: Ask) -> Steps:
    """Make sessions possible, or start the container that is kept up, or the stack."""
    if stack.is_launched(ask, "admin"):
        return stack.up(ask, "admin")
    return [
        *images.steps(ask, "admin"),
        *secret_files.put(ask, "admin", containers.container(ask, "admin")),
        *containers.up(ask, "admin"),
    ]


@hookimpl
def upgrade(ask: Ask) -> Steps:
    """Make dmg that of the site's version."""
    return up(ask)


@hookimpl
def rollback(ask: Ask) -> Steps:
    """Return to the version before the last upgrade: the next session, or what is kept up."""
    return containers.rollback(ask, "admin")


@hookimpl
def down(ask: Ask) -> Steps:
    """Take the container away that is kept up, or the stack; secrets and swarm stay."""
    if stack.is_launched(ask, "admin"):
        return stack.down(ask, "admin")
    return containers.down(ask, "admin")


@hookimpl
def prune(ask: Ask[leftovers.PruneOptions]) -> Steps:
    """Take away old images that nobody needs (--days, --keep); what a rollback needs is named, and
    stays."""
    return [*remains.prune(ask, "admin")]


@hookimpl
def du(ask: Ask) -> Status:
    """What images and earlier versions of dmg take on the host, and what each is for."""
    return remains.du(ask, "admin")


@hookimpl
def status(ask: Ask) -> Status:
    """The container that is kept up, or the stack, or what the next session would run;
    whether it works with the servers, and which ranks have joined."""
    status = system_state.described(_status(ask), ask)
    return pool_names.of_status(agreement.compared(status, ask, "admin"), ask)


def _status(ask: Ask) -> Status:
    if stack.is_launched(ask, "admin"):
        return stack.status(ask, "admin")
    if sessions.are_of(ask, "admin"):
        return sessions.status(ask, "admin")
    described = containers.container(ask, "admin")
    return recipe.with_recipe(lifecycle.status(described, ask), ask, "admin", described)


@hookimpl
def restart(ask: Ask) -> Steps:
    """Stop and start what is kept up; a stack's tasks are replaced, the new ones up first."""
    if stack.is_launched(ask, "admin"):
        return stack.restart(ask, "admin")
    return lifecycle.restart(containers.container(ask, "admin"), ask)


@hookimpl
def logs(ask: Ask[Logs]) -> Session | None:
    """What the container that is kept up has said, or all tasks of the stack."""
    return containers.logs(ask, "admin", ask.options)


@hookimpl
def exec_(ask: Ask) -> Session | None:
    """A shell with dmg, or the words after --."""
    return containers.session(ask, "admin", *ask.argv)


@verb(destroys="all pools and containers of this DAOS system, by dmg")
def format_(ask: Ask) -> Steps:
    """Format the storage of all servers; asks for the site's name."""
    first = ask.target.host == ask.target.peers[0]
    do = containers.command(ask, "admin", *commands.FORMAT)
    return [Step(name="format", do=do, timeout=3600, progress=True)] if first else []


@verb(changes=False)
def query(ask: Ask) -> Session | None:
    """Every rank of the system and its state."""
    return containers.session(ask, "admin", *commands.QUERY)


@verb(changes=False)
def upgradable(ask: Ask) -> Iterable[Check]:
    """Are ranks and pools well, and of a layout that the site's version reads?"""
    return system_checks.upgradable(ask)


@verb(changes=False)
def returnable(ask: Ask) -> Iterable[Check]:
    """Are there pools that the version before cannot read?"""
    return system_checks.returnable(ask)


@verb
def evict(ask: Ask) -> Steps:
    """End every connection to a pool, as `dmg pool evict` does."""
    return containers.evict(ask)


@verb
def joined(ask: Ask) -> Steps:
    """Wait until all ranks have joined the system."""
    return containers.joined(ask)


@verb
def system_stop(ask: Ask) -> Steps:
    """Stop the engines of all servers, as `dmg system stop` does; the servers go on."""
    return containers.engines(ask, "stop", "Joined")


@verb
def system_start(ask: Ask) -> Steps:
    """Start the engines that were stopped, as `dmg system start` does."""
    return containers.engines(ask, "start", "Stopped")
