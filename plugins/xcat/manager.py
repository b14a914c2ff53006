"""`inv xcat.VERB`: the management node, from nothing to a new version and back."""

from collections.abc import Iterable, Iterator
from typing import Any

from fairlead.api import (
    NOT_KNOWN,
    Ask,
    Check,
    Container,
    Fact,
    FairleadError,
    Logs,
    Phase,
    SecretSpec,
    Session,
    Status,
    Step,
    Steps,
    backups,
    builds,
    hookimpl,
    leftovers,
    lifecycle,
    looks_ahead,
    persistence,
    state,
    verb,
    veth,
)
from fairlead.api import bridge as bridge_
from fairlead.api import upgrade as upgrades

from . import commands, logins, preview, recipe
from . import facts as facts_
from .checks import checks
from .site import XCat


@hookimpl
def facts(ask: Ask) -> Iterable[Fact]:
    return facts_.facts(ask)


@hookimpl
def needs(ask: Ask) -> Iterable[SecretSpec]:
    return logins.needs(ask)


@hookimpl
def preflight(ask: Ask[preview.For]) -> Iterator[Check]:
    """What xCAT needs of its host: architecture, engine, SELinux and AppArmor, the bridge, a free
    address, loop devices. With --for: what is in the way of that version."""
    return preview.checks(ask) if looks_ahead(ask) else checks(ask)


@hookimpl
def build(ask: Ask[builds.BuildOptions]) -> Steps:
    """Make the image of the site's recipe on this host, where it is not here yet; nothing without a
    recipe."""
    return builds.build(ask, recipe.build(ask.section))


@hookimpl
def pull(ask: Ask[upgrades.PullOptions]) -> Steps:
    """Fetch its image ahead of time, nothing is stopped; one of a recipe has to be built on this
    host."""
    return upgrades.pull(commands.manager(ask), ask)


@hookimpl
def up(ask: Ask[lifecycle.UpAndDumpOptions]) -> Steps:
    """Move the host's address to the bridge (put back unless we still reach the host), start the
    container as the site says, give it its address."""
    c = commands.manager(ask)
    container = (*_networks(ask), *lifecycle.up(c, ask), *_inside(c, ask))
    return [*_way(ask), Phase("container", container)]


@hookimpl
def secrets(ask: Ask) -> Steps:
    """Put root's password and key and xCAT's passwords where they belong (--deliver); what is so
    already stays."""
    if not (ask.section.ssh or ask.section.passwords):
        return []
    c = commands.manager(ask)
    logins.check_running(c, ask)
    return [*logins.steps(c, ask)]


@hookimpl
def down(ask: Ask) -> Steps:
    """Stop it and take the container away; tables, keys, logs and /install stay, and so does the
    bridge."""
    steps = lifecycle.down(commands.manager(ask), ask)
    if ask.section.network == "bridge":
        return [*steps, commands.network_gone(ask.section)]
    return steps


@hookimpl
def restart(ask: Ask) -> Steps:
    """Stop and start it, give it its address, and wait until xcatd answers."""
    return [*_way(ask), Phase("restart", tuple(lifecycle.restart(commands.manager(ask), ask)))]


@hookimpl
def upgrade(ask: Ask[upgrades.UpgradeOptions]) -> Steps:
    """Bring the newest image into service with all tables; come back to the old one where xcatd
    does not answer or nodes are missing. Where there is no container yet, pull and start it."""
    c = commands.manager(ask)
    is_there = state.container_state(c, ask)
    network = () if is_there else (Phase("network", _networks(ask)),)
    inside = Phase("inside", tuple(_inside(c, ask)))
    return [*_way(ask), *network, *upgrades.upgrade(c, ask), inside]


@hookimpl
def rollback(ask: Ask[upgrades.DumpOptions]) -> Steps:
    """Return to the version before the last upgrade, with the tables of that time."""
    c = commands.manager(ask)
    return [*_way(ask), *upgrades.rollback(c, ask), Phase("inside", tuple(_inside(c, ask)))]


@hookimpl
def backup(ask: Ask[backups.DumpAndBackupOptions]) -> Steps:
    """Write tables, keys, logs and /install, and a dump of the tables, to one file of the host."""
    return [*backups.backup(commands.manager(ask), ask)]


@hookimpl
def restore(ask: Ask[backups.RestoreOptions]) -> Steps:
    """Bring the state of a backup back (--from; default: the newest); today's is laid by, and back
    where xcatd does not answer."""
    c = commands.manager(ask)
    inside = tuple(_inside(c, ask))
    return [*_way(ask), Phase("restore", tuple(backups.restore(c, ask))), Phase("inside", inside)]


@hookimpl
def prune(ask: Ask[leftovers.PruneOptions]) -> Steps:
    """Take away old images, dumps and states that nobody needs (--days, --keep); what a rollback
    needs is named, and stays."""
    return [*leftovers.prune(commands.manager(ask), ask)]


@hookimpl
def du(ask: Ask) -> Status:
    """What its images, state, dumps and earlier versions take on the host, and what each is for."""
    return leftovers.du(commands.manager(ask), ask)


@hookimpl
def status(ask: Ask) -> Status:
    """The bridge, the container and its address, whether it answers there, whether xcatd does, how
    many nodes are defined."""
    container = state.container_state(commands.manager(ask), ask)
    alive, nodes = bool(ask.facts.get("healthy")), ask.facts.get("nodes")
    network = _NETWORKS[ask.section.network](ask)
    fields = (
        ("container", lifecycle.described(container)),
        ("image", container.reference if container else ""),
        ("network", ask.section.network),
        *network.fields,
        ("xcatd", "answers" if alive else "does not answer"),
        ("nodes", nodes if nodes is not None else NOT_KNOWN),
    )
    runs = bool(container and container.running and ask.facts.get("settled", True))
    return Status(runs and alive and network.healthy, fields)


def _network_of_host(ask: Ask) -> Status:
    return Status(True, ())


def _bridged_network(ask: Ask) -> Status:
    site: XCat = ask.section
    bridge: bridge_.BridgeState = ask.facts.get("bridged") or bridge_.BridgeState(
        "unknown", NOT_KNOWN
    )
    is_ok, answers = bridge.word == "ok", bool(ask.facts.get("answers"))
    fields = (
        ("bridge", f"{site.bridge.name} {bridge.reason}" if is_ok else bridge.reason),
        ("answers", f"{site.own} answers" if answers else f"{site.own} does not answer"),
    )
    return Status(is_ok and answers, fields)


def _bare_network(ask: Ask) -> Status:
    attached: veth.AttachmentState = ask.facts.get("attached") or veth.AttachmentState(
        "unknown", NOT_KNOWN
    )
    network = _bridged_network(ask)
    bridge, answers = network.fields
    return Status(
        network.healthy and attached.word == "ok", (bridge, ("address", attached.reason), answers)
    )


_NETWORKS = {"host": _network_of_host, "bridge": _bridged_network, "bare": _bare_network}


@hookimpl
def logs(ask: Ask[Logs]) -> Session:
    """What the container has said."""
    return lifecycle.logs(commands.manager(ask), str(ask.options.tail), ask.options.follow)


@hookimpl
def exec_(ask: Ask) -> Session:
    """A bash prompt inside, or the words after --, such as `-- /opt/xcat/bin/lsdef`."""
    return lifecycle.session(commands.manager(ask), ask.argv, prompt=("bash",))


@verb(changes=False)
def attach(ask: Ask) -> Session:
    """The container's own terminal; Ctrl-P Ctrl-Q leaves it."""
    c = commands.manager(ask)
    without_terminal = (c.engine, "attach", "--no-stdin", c.name)
    return Session(without_terminal, tty_argv=(c.engine, "attach", c.name))


@verb
def ssh(ask: Ask) -> Steps:
    """Let root log in by ssh inside: the site's keys, its password if it names one,
    PermitRootLogin, and a restart of the service."""
    c = commands.manager(ask)
    if not ask.section.ssh:
        raise FairleadError(
            ask.target.host,
            "the site names nobody who may log in",
            "add ssh: {authorized_keys: [...]} to its section xcat",
        )
    logins.check_running(c, ask)
    return [*logins.login(c, ask)]


def _way(ask: Ask[Any]) -> tuple[Phase, ...]:
    """The bridge, where the host lacks it, as after a boot that did not bring it back."""
    bridge = tuple(_bridge(ask))
    return (Phase("bridge", bridge),) if bridge else ()


def _bridge(ask: Ask[Any]) -> Iterator[Step]:
    """What the host's own network lacks; nothing, where it is as it should be."""
    if ask.section.network == "host":
        return
    bridge: bridge_.BridgeState = ask.facts.get("bridged") or bridge_.BridgeState("unknown", "")
    lasting = _lasting(ask)
    if bridge.word != "ok" or lasting:
        yield commands.bridge(ask)
    if lasting:
        yield lasting


def _lasting(ask: Ask[Any]) -> Step | None:
    """Writes the bridge down for the next boot; None: it is, or nobody is known who keeps it."""
    b, keeping = ask.section.bridge, ask.facts.get("keeping")
    if not keeping:
        return None
    return persistence.step(b.name, b.interface, b.address, b.gateway, keeping)


def _networks(ask: Ask[Any]) -> tuple[Step, ...]:
    return (commands.network(ask),) if ask.section.network == "bridge" else ()


def _inside(c: Container, ask: Ask[Any]) -> Iterator[Step]:
    """What a container that runs has to have: its address, the host's loop devices, who may log
    in."""
    site: XCat = ask.section
    if site.network == "bare":
        yield veth.address(site)
        yield veth.forwarded(site)
    if site.loop_devices:
        yield commands.loops(c, site.loop_devices)
    if site.network == "host":
        yield commands.master(c, site.bridge.host)
    yield from logins.steps(c, ask)
