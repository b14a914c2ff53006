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
    build_checks,
    builds,
    checks,
    docker,
    hookimpl,
    lifecycle,
    script,
)
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
    )


class For(msgspec.Struct, frozen=True, rename={"version": "for"}):
    version: Annotated[
        Version, Meta(description="refused here, for no release asks more of a host than another")
    ] = ""


@hookimpl
def facts(ask: Ask) -> Iterator[Fact]:
    container = _manager(ask)
    yield from lifecycle.facts(container, ask)
    if ask.verb in ("preflight", "up", "upgrade"):
        yield from _of_preflight(ask, container)
    if ask.verb == "status":
        yield Fact("nodes", docker.inside(container, *sh("node_count")), _count, timeout=20)


def _of_preflight(ask: Ask, container: Container) -> Iterator[Fact]:
    yield checks.sockets_fact()
    yield checks.pids_fact("docker", container.name)
    yield checks.room_fact("docker")
    yield checks.alone_fact("docker", "xcat")
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
    yield checks.engine(ask, "docker")
    if own := image.build(ask.section):
        yield from build_checks.own(ask, own)
    yield checks.alone(ask, "xcat", "xCAT", BOTH)
    yield from checks.ports(ask, {"confluent": PORTS["confluent"]})
    yield from checks.ports(ask, {"deployment": PORTS["deployment"]}, blocks=False)
    yield checks.space(ask, 1500, "the image, and the next one beside it at an upgrade")


@hookimpl
def build(ask: Ask[builds.BuildOptions]) -> Steps:
    """Make the image of the site's recipe on this host, where it is not here yet."""
    return builds.build(ask, image.build(ask.section))


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
def upgrade(ask: Ask) -> Steps:
    """Bring the newest image into service with all nodes; come back to the old one where it does
    not answer or nodes are missing."""
    return upgrades.upgrade(_manager(ask), ask)


@hookimpl
def rollback(ask: Ask) -> Steps:
    """Return to the version before the last upgrade, with the state of that time."""
    return upgrades.rollback(_manager(ask), ask)


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
