"""`inv xcat.VERB`: the management node, from nothing to a new version and back."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from fairlead.api import (
    Ask,
    Check,
    Container,
    Fact,
    FairleadError,
    Phase,
    SecretSpec,
    Session,
    Status,
    Step,
    Steps,
    hookimpl,
    lifecycle,
    persistence,
    state,
    verb,
    veth,
)
from fairlead.api import bridge as bridge_
from fairlead.api import upgrade as upgrades

from . import commands, logins
from . import facts as wanted
from .checks import checks


class Logs(msgspec.Struct, frozen=True):
    follow: Annotated[bool, Meta(description="go on until Ctrl-C")] = False
    tail: Annotated[int, Meta(ge=0, description="how many lines from the end")] = 100


@hookimpl
def facts(ask: Ask) -> Iterable[Fact]:
    return wanted.facts(ask)


@hookimpl
def needs(ask: Ask) -> Iterable[SecretSpec]:
    return logins.needs(ask)


@hookimpl
def preflight(ask: Ask) -> Iterator[Check]:
    """What xCAT needs of its host: architecture, engine, SELinux and AppArmor, the bridge, a free address, loop devices."""
    return checks(ask)


@hookimpl
def up(ask: Ask) -> Steps:
    """Move the host's address to the bridge (put back unless we still reach the host), start the container as the site says, give it its address."""
    c = commands.manager(ask)
    bridge = tuple(_bridge(ask))
    return [
        *((Phase("bridge", bridge),) if bridge else ()),
        Phase("container", (*_networks(ask.section), *lifecycle.up(c, ask), *_inside(c, ask))),
    ]


@hookimpl
def secrets(ask: Ask) -> Steps:
    """Put root's password and key and xCAT's passwords where they belong (--deliver); what is so already stays."""
    c = commands.manager(ask)
    found = logins.steps(c, ask) if ask.section.ssh or ask.section.passwords else ()
    if found:
        logins.running(c, ask)
    return [*found]


@hookimpl
def down(ask: Ask) -> Steps:
    """Stop it and take the container away; tables, keys, logs and /install stay, and so does the bridge."""
    steps = lifecycle.down(commands.manager(ask), ask)
    return (
        [*steps, commands.network_gone(ask.section)] if ask.section.network == "bridge" else steps
    )


@hookimpl
def restart(ask: Ask) -> Steps:
    """Stop and start it, give it its address, and wait until xcatd answers."""
    return lifecycle.restart(commands.manager(ask), ask)


@hookimpl
def upgrade(ask: Ask) -> Steps:
    """Bring the newest image into service with all tables; come back to the old one where xcatd does not answer or nodes are missing."""
    c = commands.manager(ask)
    return [*upgrades.upgrade(c, ask), Phase("inside", tuple(_inside(c, ask)))]


@hookimpl
def rollback(ask: Ask) -> Steps:
    """Return to the version before the last upgrade, with the tables of that time."""
    c = commands.manager(ask)
    return [*upgrades.rollback(c, ask), Phase("inside", tuple(_inside(c, ask)))]


@hookimpl
def status(ask: Ask) -> Status:
    """The bridge, the container and its address, whether it answers there, whether xcatd does, how many nodes are defined."""
    site, there = ask.section, state.standing(commands.manager(ask), ask)
    bridge: bridge_.Bridged = ask.facts.get("bridged") or bridge_.Bridged("unknown", "not known")
    attached: veth.Attached = ask.facts.get("attached") or veth.Attached("unknown", "not known")
    nodes, answers, alive = (
        ask.facts.get("nodes"),
        bool(ask.facts.get("answers")),
        bool(ask.facts.get("healthy")),
    )
    on_host, bare = site.network == "host", site.network == "bare"
    fields = (
        ("container", lifecycle.described(there)),
        ("image", there.reference if there else ""),
        ("network", site.network),
        *(
            ()
            if on_host
            else (
                (
                    "bridge",
                    f"{site.bridge.name} {bridge.said}" if bridge.word == "ok" else bridge.said,
                ),
            )
        ),
        *((("address", attached.said),) if bare else ()),
        *(
            ()
            if on_host
            else (("answers", f"{site.own} answers" if answers else f"{site.own} does not answer"),)
        ),
        ("xcatd", "answers" if alive else "does not answer"),
        ("nodes", nodes if nodes is not None else "not known"),
    )
    network = on_host or (bridge.word == "ok" and answers and (not bare or attached.word == "ok"))
    return Status(bool(there and there.running and alive and network), fields)


@hookimpl
def logs(ask: Ask[Logs]) -> Session:
    """What the container has said."""
    options = ask.options
    return lifecycle.logs(commands.manager(ask), str(options.tail), options.follow)


@hookimpl
def exec(ask: Ask) -> Session:
    """A bash prompt inside, or the words after --, such as `-- /opt/xcat/bin/lsdef`."""
    return lifecycle.session(commands.manager(ask), ask.argv, prompt=("bash",))


@verb(changes=False)
def attach(ask: Ask) -> Session:
    """The container's own terminal; Ctrl-P Ctrl-Q leaves it."""
    c = commands.manager(ask)
    return Session(
        (c.engine, "attach", "--no-stdin", c.name), tty_argv=(c.engine, "attach", c.name)
    )


@verb
def ssh(ask: Ask) -> Steps:
    """Let root log in by ssh inside: the site's keys, its password if it names one, PermitRootLogin, and a restart of the service."""
    c = commands.manager(ask)
    if not ask.section.ssh:
        raise FairleadError(
            ask.target.host,
            "the site names nobody who may log in",
            "add ssh: {authorized_keys: [...]} to its section xcat",
        )
    logins.running(c, ask)
    return [*logins.login(c, ask)]


def _bridge(ask: Ask[Any]) -> Iterator[Step]:
    """What the host's own network lacks; nothing, where it is as it should be."""
    if ask.section.network == "host":
        return
    b, keeping = ask.section.bridge, ask.facts.get("keeping")
    found: bridge_.Bridged = ask.facts.get("bridged") or bridge_.Bridged("unknown", "")
    lasts = (
        persistence.step(b.name, b.interface, b.address, b.gateway, keeping) if keeping else None
    )
    if found.word != "ok" or lasts:
        yield commands.bridge(ask)
    if lasts:
        yield lasts


def _networks(site: Any) -> tuple[Step, ...]:
    return (commands.network(site),) if site.network == "bridge" else ()


def _inside(c: Container, ask: Ask[Any]) -> Iterator[Step]:
    """What a container that runs has to have: its address, the host's loop devices, who may log in."""
    site = ask.section
    if site.network == "bare":
        yield veth.given(site)
        yield veth.forwarded(site)
    if site.loop_devices:
        yield commands.loops(c, site.loop_devices)
    if site.network == "host":
        yield commands.master(c, site.bridge.host)
    yield from logins.steps(c, ask)
