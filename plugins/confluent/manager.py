"""`inv confluent.VERB`: the management server, from its recipe to a new version and back."""

from collections.abc import Iterator
from typing import Annotated

import msgspec
from msgspec import Meta

from fairlead.api import (
    Ask,
    Check,
    CommandLineError,
    Container,
    Fact,
    Logs,
    Session,
    Status,
    Steps,
    Version,
    Volume,
    backups,
    boot,
    build_checks,
    builds,
    checks,
    docker,
    hookimpl,
    leftovers,
    lifecycle,
    limits,
    script,
)
from fairlead.api import facts as engine_facts
from fairlead.api import upgrade as upgrades

from . import Confluent, image

SOCKET, WEB = 13001, 4005  # WEB: on 127.0.0.1 alone, for a web server before it
PORTS = {
    "confluent": checks.tcp(SOCKET, WEB),
    "deployment": (*checks.udp(67, 69, 4011), *checks.tcp(80, 443)),
}
# The database, its keys and certificates; what is deployed; the socket; what is booted
STATE = tuple(
    Volume(path)
    for path in (
        "/etc/confluent",
        "/var/lib/confluent",
        "/var/run/confluent",
        "/var/lib/tftpboot",
    )
)
CONFETTY = "/opt/confluent/bin/confetty"
BOTH = "both answer DHCP, TFTP and http, and the nodes would boot from either"

sh = script.beside(__file__)


def _manager(ask: Ask) -> Container:
    site: Confluent = ask.section
    return docker.container(
        ask,
        name=site.name,
        image=f"{site.image}:{site.tag}",
        options=("--network=host", "--init"),
        command=sh("serve"),
        root=site.state,
        state=STATE,
        healthy=(CONFETTY, "show", "/version"),
        listens=(SOCKET, WEB),
        patience=site.patience,
        verify=sh("node_count"),
        built_by=image.COMMAND if site.recipe else "",
        engine=site.engine,
    )


class For(msgspec.Struct, frozen=True, rename={"version": "for"}):
    version: Annotated[
        Version, Meta(description="refused here, for no release asks more of a host than another")
    ] = ""


@hookimpl
def facts(ask: Ask) -> Iterator[Fact]:
    container = _manager(ask)
    yield from engine_facts.engine_facts(container.engine)
    if ask.verb in leftovers.VERBS:
        yield from leftovers.facts(container, ask)
        return
    yield from lifecycle.facts(container, ask)
    if ask.verb in ("preflight", "up", "upgrade"):
        yield from _of_preflight(ask, container)
    if ask.verb == "status":
        yield Fact("nodes", docker.inside(container, *sh("node_count")), _count, timeout=20)


def _of_preflight(ask: Ask, container: Container) -> Iterator[Fact]:
    yield checks.sockets_fact()
    yield checks.pids_fact(container.engine, container.name)
    yield checks.room_fact(container.engine)
    yield checks.alone_fact(container.engine, "xcat")
    yield from boot.facts(container.engine, container.name)
    if container.engine == "podman":
        yield Fact("init", sh("init"), lambda code, text: code == 0)
    if own := image.build(ask.section):
        yield from build_checks.own_facts(own)


def _count(code: int, text: str) -> int | None:
    """How many nodes; None where the server did not say."""
    return int(text) if code == 0 and text.strip().isdigit() else None


@hookimpl
def preflight(ask: Ask[For]) -> Iterator[Check]:
    """What it needs of its host: engine, image, ports, no xCAT beside it, room."""
    if isinstance(ask.options, For) and ask.options.version:
        raise CommandLineError(
            "inv confluent.preflight --for",
            "is not to be had: no release of Confluent asks more of a host than another, as far "
            "as is known",
            f"say confluent.recipe.version: {ask.options.version}; {image.COMMAND} makes it beside "
            "what runs, and inv confluent.upgrade returns by itself where it does not answer",
        )
    container = _manager(ask)
    yield checks.engine(ask, container.engine)
    yield from limits.check(ask, container.engine, container.options)
    yield from boot.check(ask, container.engine, container.name)
    if container.engine == "podman":
        yield _init(bool(ask.facts.get("init")))
    if own := image.build(ask.section):
        yield from build_checks.own(ask, own)
    yield checks.alone(ask, "xcat", "xCAT", BOTH)
    yield from checks.ports(ask, {"confluent": PORTS["confluent"]})
    yield from checks.ports(ask, {"deployment": PORTS["deployment"]}, blocks=False)
    yield checks.space(ask, 1500, "the image, and the next one beside it at an upgrade")


def _init(is_there: bool) -> Check:
    return Check(
        name="init",
        ok=is_there,
        wanted="catatonit",
        found="there" if is_there else "none",
        why="Podman starts it as the first process, which buries the others (--init)",
        remedy="install the package catatonit",
    )


@hookimpl
def build(ask: Ask[builds.BuildOptions]) -> Steps:
    """Make the image of the site's recipe on this host, where it is not here yet."""
    return builds.build(ask, image.build(ask.section))


@hookimpl
def pull(ask: Ask[upgrades.PullOptions]) -> Steps:
    """Fetch its image ahead of time; one of a recipe has to be built on this host."""
    return upgrades.pull(_manager(ask), ask)


@hookimpl
def up(ask: Ask[lifecycle.UpOptions]) -> Steps:
    """Start it as the site says; the image is the one that this host has built."""
    return lifecycle.up(_manager(ask), ask)


@hookimpl
def down(ask: Ask) -> Steps:
    """Stop it and take the container away; its state stays."""
    return lifecycle.down(_manager(ask), ask)


@hookimpl
def restart(ask: Ask) -> Steps:
    """Stop and start it, and wait until it answers."""
    return lifecycle.restart(_manager(ask), ask)


@hookimpl
def upgrade(ask: Ask[upgrades.ShipOptions]) -> Steps:
    """Bring the newest image into service with all nodes; come back to the old one where it does
    not answer or nodes are missing."""
    return upgrades.upgrade(_manager(ask), ask)


@hookimpl
def rollback(ask: Ask) -> Steps:
    """Return to the version before the last upgrade, with the state of that time."""
    return upgrades.rollback(_manager(ask), ask)


@hookimpl
def backup(ask: Ask[backups.BackupOptions]) -> Steps:
    """Write its state, the database and its keys included, to one file of the host."""
    return [*backups.backup(_manager(ask), ask)]


@hookimpl
def restore(ask: Ask[backups.RestoreOptions]) -> Steps:
    """Bring the state of a backup back (--from; default: the newest); today's is laid by, and back
    where it does not answer."""
    return [*backups.restore(_manager(ask), ask)]


@hookimpl
def prune(ask: Ask[leftovers.PruneOptions]) -> Steps:
    """Take away old images, dumps and states that nobody needs (--days, --keep); what a rollback
    needs is named, and stays."""
    return [*leftovers.prune(_manager(ask), ask)]


@hookimpl
def du(ask: Ask) -> Status:
    """What its images, state, dumps and earlier versions take on the host, and what each is for."""
    return leftovers.du(_manager(ask), ask)


@hookimpl
def status(ask: Ask) -> Status:
    """The container, its image, whether it answers, how many nodes it has."""
    general, nodes = lifecycle.status(_manager(ask), ask), ask.facts.get("nodes")
    count = ("nodes", "not known" if nodes is None else nodes)
    return Status(general.healthy and nodes is not None, (*general.fields, count))


@hookimpl
def logs(ask: Ask[Logs]) -> Session:
    """What it has printed."""
    return lifecycle.logs(_manager(ask), str(ask.options.tail), ask.options.follow)


@hookimpl
def exec_(ask: Ask) -> Session:
    """Confluent's own prompt (confetty), or the words after --."""
    return lifecycle.session(_manager(ask), ask.argv, prompt=(CONFETTY,))
