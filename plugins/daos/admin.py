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
    lifecycle,
    verb,
)

from .agent import Logs
from .common import checks, commands, containers, host_facts, images, recipe, secret_files, stack


@hookimpl
def facts(ask: Ask) -> Iterable[Fact]:
    yield from host_facts.facts(ask, "admin")


@hookimpl
def needs(ask: Ask) -> Iterable[SecretSpec]:
    return secret_files.needs(ask, "admin")


@hookimpl
def preflight(ask: Ask) -> Iterable[Check]:
    """What dmg needs of its host."""
    return checks.admin(ask)


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
    kept = containers.up(ask, "admin") if ask.section.admin.keep else ()
    return [
        *images.steps(ask, "admin"),
        *secret_files.put(ask, "admin", containers.container(ask, "admin")),
        *kept,
    ]


@hookimpl
def upgrade(ask: Ask) -> Steps:
    """Make dmg that of the site's version."""
    return up(ask)


@hookimpl
def down(ask: Ask) -> Steps:
    """Take the container away that is kept up, or the stack; secrets and swarm stay."""
    if stack.is_launched(ask, "admin"):
        return stack.down(ask, "admin")
    return containers.down(ask, "admin")


@hookimpl
def status(ask: Ask) -> Status:
    """The container that is kept up, or the stack; sessions have their own."""
    if stack.is_launched(ask, "admin"):
        return stack.status(ask, "admin")
    if not ask.section.admin.keep:
        fields = (("container", "made for each session"), ("image", images.image(ask, "admin")))
        return recipe.with_recipe(Status(True, fields), ask, "admin")
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
