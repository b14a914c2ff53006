"""The storage servers."""

from collections.abc import Iterable

from fairlead.api import (
    Ask,
    Check,
    Fact,
    FairleadError,
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
from fairlead.api import upgrade as upgrades

from .agent import Logs
from .common import (
    agreement,
    checks,
    compatibility,
    containers,
    host_facts,
    images,
    nvme_config,
    preview,
    recipe,
    remains,
    secret_files,
    takeover,
    upcoming,
)


@hookimpl
def facts(ask: Ask) -> Iterable[Fact]:
    yield from host_facts.facts(ask, "server")


@hookimpl
def needs(ask: Ask) -> Iterable[SecretSpec]:
    return secret_files.needs(ask, "server")


@hookimpl
def preflight(ask: Ask[preview.For]) -> Iterable[Check]:
    """What a server needs of its host. With --for: what is in the way of that version."""
    return upcoming.told(ask, upcoming.server) if looks_ahead(ask) else checks.server(ask)


@hookimpl
def secrets(ask: Ask) -> Steps:
    """Put the server's certificates; one that runs reads them anew."""
    return secret_files.put(ask, "server", containers.container(ask, "server"))


@hookimpl
def build(ask: Ask) -> Steps:
    """Build the server's image, its configuration inside."""
    return images.steps(ask, "server")


@hookimpl
def up(ask: Ask) -> Steps:
    """Start the server as the site says, and wait until its control plane listens."""
    _require_same_release(ask)
    _require_one_version(ask)
    return _up(ask)


@verb
def stop(ask: Ask) -> Steps:
    """Stop the server; its container stays."""
    return containers.stop(ask, "server")


@verb
def start(ask: Ask) -> Steps:
    """Start the server that stands there."""
    return containers.start(ask, "server")


@verb(changes=False)
def upgradable(ask: Ask) -> Iterable[Check]:
    """May this server become the site's version, and has its host what it needs?"""
    return (checks.version(ask), *checks.server(ask))


@verb(changes=False)
def returnable(ask: Ask) -> Iterable[Check]:
    """Is there a version before to which this server can return?"""
    return (checks.previous(ask),)


@hookimpl
def upgrade(ask: Ask) -> Steps:
    """Bring the site's version into service, without formatting anything;
    come back to the old one where it does not become healthy."""
    checks.require_upgradable(ask)
    return _up(ask)


@hookimpl
def rollback(ask: Ask) -> Steps:
    """Return to the version before the last upgrade; daos_nvme.conf has its old names again."""
    server = containers.container(ask, "server")
    newer = containers.version(ask, "server")
    before = containers.previous_version(ask, "server")
    phases = upgrades.rollback(server, ask)
    return nvme_config.returning(phases, ask, server, newer, before)


@hookimpl
def down(ask: Ask) -> Steps:
    """Stop the server and take its container away; storage and metadata stay."""
    return containers.down(ask, "server")


@hookimpl
def restart(ask: Ask) -> Steps:
    """Stop and start the server, and wait until its control plane listens."""
    return lifecycle.restart(containers.container(ask, "server"), ask)


@hookimpl
def prune(ask: Ask[leftovers.PruneOptions]) -> Steps:
    """Take away old images that nobody needs (--days, --keep); what a rollback needs is named, and
    stays."""
    return [*remains.prune(ask, "server")]


@hookimpl
def du(ask: Ask) -> Status:
    """What images and earlier versions of the server take on the host, and what each is for."""
    return remains.du(ask, "server")


@hookimpl
def status(ask: Ask) -> Status:
    """The container, its image, and whether the control plane listens."""
    described = containers.container(ask, "server")
    return recipe.with_recipe(lifecycle.status(described, ask), ask, "server", described)


@hookimpl
def logs(ask: Ask[Logs]) -> Session:
    """What the server has said."""
    options = ask.options
    return lifecycle.logs(containers.container(ask, "server"), str(options.tail), options.follow)


@hookimpl
def exec_(ask: Ask) -> Session:
    """A shell in the server's container, or the words after --."""
    return lifecycle.session(containers.container(ask, "server"), ask.argv, prompt=("bash",))


def _up(ask: Ask) -> Steps:
    takeover.require_metadata(ask)
    server = containers.container(ask, "server")
    launched = [*containers.up(ask, "server")]
    return [
        *images.steps(ask, "server"),
        *secret_files.put(ask, "server", server),
        *nvme_config.with_way_back(launched, ask, server, containers.version(ask, "server")),
    ]


def _require_one_version(ask: Ask) -> None:
    """One of several servers stays what the others are. Raises FairleadError."""
    what, remedy = agreement.among_servers(ask)
    if what:
        raise FairleadError(ask.target.host, what, remedy)


def _require_same_release(ask: Ask) -> None:
    """Servers become another release all together. Raises FairleadError."""
    runs, version = containers.version(ask, "server"), ask.section.version
    if runs and not compatibility.same_release(runs, version):
        raise FairleadError(
            ask.target.host,
            f"the server is of version {runs}, the site says {version}",
            "inv daos.upgrade takes all together",
        )
