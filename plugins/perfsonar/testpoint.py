"""`inv perfsonar.VERB`: a test point, from nothing to a new version and back."""

from collections.abc import Iterable, Iterator
from typing import Annotated

import msgspec
from msgspec import Meta

from fairlead.api import (
    NOT_KNOWN,
    Ask,
    Check,
    Container,
    Fact,
    FairleadError,
    HostName,
    Logs,
    Phase,
    SecretSpec,
    Session,
    Status,
    Step,
    Steps,
    backups,
    hookimpl,
    leftovers,
    lifecycle,
    looks_ahead,
    state,
    steps,
    verb,
)
from fairlead.api import upgrade as upgrades

from . import (
    advice,
    commands,
    database,
    exporter,
    health,
    host,
    local,
    osg,
    registration,
    remotes,
    watchdog,
)
from . import facts as facts_
from . import secrets as secrets_
from .checks import checks


class Throughput(msgspec.Struct, frozen=True):
    dest: Annotated[HostName, Meta(description="the other end of the measurement")]


@hookimpl
def facts(ask: Ask) -> Iterable[Fact]:
    return facts_.facts(ask)


@hookimpl
def needs(ask: Ask) -> Iterable[SecretSpec]:
    return secrets_.needs(ask)


@hookimpl
def preflight(ask: Ask[advice.For]) -> Iterator[Check]:
    """What a test point needs of its host: engine, cgroup, clock, ports, room. With --for=VERSION:
    what is in the way of that version, weeks before its window; nothing is pulled."""
    return advice.checks(ask) if looks_ahead(ask) else checks(ask)


@hookimpl
def build(ask: Ask) -> Steps:
    """Build the image of the checkout (source: in the site); without one, pull it."""
    c = commands.testpoint(ask)
    if ask.section.source:
        return [steps.build(c)]
    return [steps.image(c, ask)]


@hookimpl
def pull(ask: Ask[upgrades.PullOptions]) -> Steps:
    """Fetch the image ahead of time, the same one on all hosts, while the test points go on; one of
    a checkout is built."""
    return upgrades.pull(commands.testpoint(ask), ask)


@hookimpl
def up(ask: Ask[lifecycle.UpAndDumpOptions]) -> Steps:
    """Start the test point as the site says, adopt one started by hand or by OSG's units, add the
    site's psconfig remotes, put its secrets. Before it the host's own settings that the site names;
    network changes are put back unless we still reach the host."""
    c = commands.testpoint(ask)
    container = (
        *osg.first(database.around(lifecycle.up(c, ask), c, ask), c, ask),
        *(remotes.add(c, entry) for entry in remotes.of_host(ask)),
        *registration.put(c, ask),
        *local.steps(c, ask),
        *exporter.put(c, ask),
        *secrets_.put(c, ask),
        *_no_other_remotes(c, ask),
        *watchdog.steps(c, ask),
    )
    return host.around(c, ask, container)


def _no_other_remotes(c: Container, ask: Ask) -> Iterator[Step]:
    if ask.section.psconfig_only:
        urls = (entry.url for entry in remotes.of_host(ask))
        listed = ask.facts.get("remotes") or ()
        yield remotes.only(c, (*urls, *secrets_.bare_urls(ask)), listed)


@hookimpl
def secrets(ask: Ask) -> Steps:
    """Put certificate, key, archives and the remotes with passwords where the test point reads them
    (--deliver); what is so already stays."""
    c = commands.testpoint(ask)
    if not secrets_.has_any(ask):
        return []
    secrets_.check_running(c, ask)
    return [*secrets_.put(c, ask)]


@hookimpl
def down(ask: Ask) -> Steps:
    """Stop it and take the container away; configuration and scheduled tests stay. What up changed
    of the host's own settings is as it was."""
    c = commands.testpoint(ask)
    return [*watchdog.gone(c, ask), *lifecycle.down(c, ask), *host.gone(c, ask)]


@hookimpl
def restart(ask: Ask) -> Steps:
    """Stop and start it, and wait until pScheduler answers."""
    return lifecycle.restart(commands.testpoint(ask), ask)


@hookimpl
def upgrade(ask: Ask[upgrades.UpgradeOptions]) -> Steps:
    """Bring the newest image into service with all state; come back to the old one by itself where
    it is not healthy. Where there is none yet, pull and start it."""
    c = commands.testpoint(ask)
    swapped = database.into_service(upgrades.upgrade(c, ask), c, ask)
    phases = (*osg.into_service(swapped, c, ask),)
    if state.container_state(c, ask):
        return phases
    if secrets_.has_any(ask):  # `up` alone may read them
        raise FairleadError(
            ask.target.host,
            f"there is no container {c.name} to upgrade, and its secrets are put by up",
            ask.target.typed("up"),
        )
    wanted = tuple(remotes.add(c, entry) for entry in remotes.of_host(ask))
    return [*phases, Phase("remotes", wanted)]


@hookimpl
def rollback(ask: Ask[upgrades.DumpOptions]) -> Steps:
    """Return to the version before the last upgrade, with the state of that time."""
    return upgrades.rollback(commands.testpoint(ask), ask)


@hookimpl
def backup(ask: Ask[backups.DumpAndBackupOptions]) -> Steps:
    """Write configuration, scheduled tests and a dump of the database to one file of the host; the
    test point stands still while its state is copied."""
    return [*backups.backup(commands.testpoint(ask), ask)]


@hookimpl
def restore(ask: Ask[backups.RestoreOptions]) -> Steps:
    """Bring the state of a backup back (--from; default: the newest of each host); today's is laid
    by, and back where pScheduler does not answer."""
    return [*backups.restore(commands.testpoint(ask), ask)]


@hookimpl
def prune(ask: Ask[leftovers.PruneOptions]) -> Steps:
    """Take away old images, dumps and states that nobody needs (--days, --keep); what a rollback
    needs is named, and stays."""
    return [*leftovers.prune(commands.testpoint(ask), ask)]


@hookimpl
def du(ask: Ask) -> Status:
    """What its images, state, dumps and earlier versions take on the host, and what each is for."""
    return leftovers.du(commands.testpoint(ask), ask)


@hookimpl
def status(ask: Ask) -> Status:
    """The container, its image and flavor, whether pScheduler is well, how many psconfig remotes
    and tasks, whether the lookup service knows it."""
    container = state.container_state(commands.testpoint(ask), ask)
    kind, why = commands.flavor(ask)
    image = ask.facts.get("image") or {}
    known = ask.facts.get("remotes")
    unknown = NOT_KNOWN if container else ""  # of an image that the engine did not describe
    word = ask.facts.get("healthy") if container and container.running else ""
    metrics = ask.facts.get("metrics") or health.Metrics()
    fields = (
        ("container", lifecycle.described(container)),
        ("image", container.reference if container else ""),
        ("digest", image.get("digest") or image.get("id", unknown)),
        ("age", _age(image["created"], ask) if image else unknown),
        ("flavor", f"{kind}: {why}"),
        ("pscheduler", health.described(word)),
        ("remotes", len(known) if known is not None else NOT_KNOWN),
        ("version", metrics.version),
        ("registered", metrics.registered),
        ("tasks", metrics.tasks),
        *_watched(ask),
    )
    own = host.described(ask)
    fields = (*fields, *((name, said) for name, said, _ in own))
    is_well = word is True and all(is_so for _, _, is_so in own)
    return Status(is_well and ask.facts.get("settled", True), fields)


@hookimpl
def logs(ask: Ask[Logs]) -> Session:
    """What the container has said."""
    options = ask.options
    return lifecycle.logs(commands.testpoint(ask), str(options.tail), options.follow)


@hookimpl
def exec_(ask: Ask) -> Session:
    """A bash prompt inside, or the words after --, such as
    `-- pscheduler task throughput --dest HOST`."""
    return lifecycle.session(commands.testpoint(ask), ask.argv, prompt=("bash",))


@verb(changes=False)
def troubleshoot(ask: Ask) -> Session:
    """pScheduler's own search for what is wrong."""
    return Session(argv=commands.troubleshoot(commands.testpoint(ask)))


@verb(changes=False, words=True)
def throughput(ask: Ask[Throughput]) -> Session:
    """Measure throughput to another test point, from each host."""
    c = commands.testpoint(ask)
    return Session(argv=commands.throughput(c, ask.options.dest, *ask.argv))


def _watched(ask: Ask) -> Iterator[tuple[str, str]]:
    """What the watchdog did, where there is one."""
    words = ask.facts.get("watchdog")
    if words:
        yield ("watchdog", words)


def _age(created: str, ask: Ask) -> str:
    """Days between the image's making and now, by the host's own clock."""
    from datetime import UTC, datetime

    try:
        made = datetime.fromisoformat(created[:19]).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return ""
    return f"{max(0, int((ask.host.time - made) // 86400))} days"
