"""One host of the lab. Asked for each; carried out on this machine, where files/lab.sh does it."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from fairlead.api import (
    NOT_KNOWN,
    Ask,
    Check,
    CommandLineError,
    Fact,
    FairleadError,
    Phase,
    Session,
    Status,
    Step,
    hookimpl,
    nodesets,
    verb,
)

from . import commands, delivery, kinds, machine, steps
from .images import Image
from .kinds import Kind

FIELDS = (
    *("address", "power", "link", "engine", "release", "init", "store"),
    *("cgroup", "latency", "registry"),
)
USUAL = 3  # hosts that are booted where nobody says how many


class Up(msgspec.Struct, frozen=True):
    """Flags of lab.up."""

    count: Annotated[
        Annotated[int, Meta(ge=1, le=252)] | None,
        Meta(description="how many, from the first on; default: 3, or all of --host"),
    ] = None
    cgroup: Annotated[
        Literal["", "v1", "v2"],
        Meta(description="what the hosts see; default: as they are, else as this machine"),
    ] = ""
    v2: Annotated[str, Meta(description="hosts that see cgroup v2, whatever the others do: n3")] = (
        ""
    )
    release: Annotated[
        tuple[str, ...],
        Meta(description="a Debian release that hosts stand on: trixie, or n3=forky for one"),
    ] = ()
    init: Annotated[
        tuple[str, ...],
        Meta(description="PID 1 of hosts that stand on a release: tini or systemd, or n3=systemd"),
    ] = ()
    store: Annotated[
        tuple[str, ...],
        Meta(description="where Docker keeps images: docker or containerd, or n3=containerd"),
    ] = ()


class Link(msgspec.Struct, frozen=True):
    """Flags of lab.link."""

    state: Annotated[Literal["up", "down"], Meta(description="up or down")]


class Power(msgspec.Struct, frozen=True):
    """Flags of lab.power."""

    state: Annotated[
        Literal["on", "off"], Meta(description="on, or off: a power cut; the disk stays")
    ]


class Latency(msgspec.Struct, frozen=True):
    """Flags of lab.latency."""

    ms: Annotated[
        int,
        Meta(
            ge=0,
            le=10_000,
            description="milliseconds that a round trip takes longer; 0 takes it away",
        ),
    ]


class Logs(msgspec.Struct, frozen=True):
    """Flags of lab.logs."""

    follow: Annotated[bool, Meta(description="go on until Ctrl-C")] = False


@hookimpl
def facts(ask: Ask) -> tuple[Fact, ...]:
    host = Fact(
        _key(ask.target.host),
        commands.status(ask.section, ask.target.host),
        _status,
        timeout=20,
    )
    return (machine.fact(ask.section), host)


@hookimpl
def preflight(ask: Ask) -> Iterator[Check]:
    """Has this machine what a lab needs?"""
    return machine.checks(ask.section, ask.facts.get(machine.FACT, {}))


@hookimpl
def up(ask: Ask[Up]) -> tuple[Phase, ...]:
    """Boot the first --count hosts, or those of --host, and publish the stand-ins that they can
    pull.
    """
    section, host = ask.section, ask.target.host
    if host not in _meant(ask):
        return ()
    must, kind = _must(ask), _kind(ask)
    cgroup = must or _state(ask).get("cgroup") or _usual_cgroup(ask, kind)
    images = [Image(section.version)]
    if cgroup == "v2":
        images.append(Image(section.version, flavor="systemd"))
    return (
        Phase("lab", (*steps.shared(section), *_tree(ask, kind))),
        Phase("boot", (steps.boots(section, host, cgroup, must, kind),)),
        Phase("ready", (steps.answers(section, host), steps.link(section, host, "up"))),
        Phase("images", tuple(steps.published(section, image) for image in images)),
    )


def _meant(ask: Ask[Up]) -> tuple[str, ...]:
    peers = ask.target.peers
    is_all = len(peers) == len(ask.target.everywhere)
    return peers[: ask.options.count or (USUAL if is_all else len(peers))]


@hookimpl
def down(ask: Ask) -> tuple[Phase, ...]:
    """Take the hosts away with all that is on them; the last one takes switch and registry along.
    The cache stays."""
    booted = _booted_peers(ask)
    if booted and ask.target.host not in booted:
        return ()
    return (
        Phase("files", (steps.files_for_down(ask.section),)),
        Phase("hosts", (steps.gone(ask.section, ask.target.host),)),
        Phase("lab", (steps.switch_gone(ask.section),)),
    )


@hookimpl
def status(ask: Ask) -> Status:
    """Address, power, link, engine, cgroup version, latency. A host that was never booted is as
    asked; what another user's lab has is not known."""
    state = _state(ask)
    is_reachable = (state.get("power"), state.get("link")) == ("on", "up")
    is_up = is_reachable and state.get("engine") != "none"
    fields = tuple((key, state[key]) for key in FIELDS if key in state)
    return Status(is_up or state.get("power") == "none", fields)


@hookimpl
def logs(ask: Ask[Logs]) -> Session:
    """How it booted, and what its engine and sshd say."""
    if _state(ask).get("init") == "systemd":
        follow = ("-f",) if ask.options.follow else ("--no-pager",)
        words = ("journalctl", "-n", "100", *follow, "-u", "ssh", "-u", "docker")
        command = commands.lab(ask.section, "exec", ask.target.host, *words)
        return Session(command, follow=ask.options.follow)
    folder = f"{ask.section.root}/{ask.target.host}"
    files = (f"{folder}/init.log", f"{folder}/disk/log/sshd.log", f"{folder}/disk/log/dockerd.log")
    return Session(
        ("tail", "-n", "100", *(("-F",) if ask.options.follow else ()), *files),
        follow=ask.options.follow,
    )


@hookimpl
def exec_(ask: Ask) -> Session:
    """A shell in the host, or a command, without ssh: it works while the link is down."""
    return Session(commands.lab(ask.section, "exec", ask.target.host, *(ask.argv or ("bash",))))


@verb
def link(ask: Ask[Link]) -> tuple[Step, ...]:
    """Pull the host's cable, or put it back."""
    return (
        (steps.files(ask.section), steps.link(ask.section, ask.target.host, ask.options.state))
        if _booted(ask)
        else ()
    )


@verb
def power(ask: Ask[Power]) -> tuple[Phase, ...]:
    """Cut the power of the host, or boot it again."""
    section, host = ask.section, ask.target.host
    if not _booted(ask):
        return ()
    if ask.options.state == "off":
        return (Phase("off", (steps.files(section), steps.off(section, host))),)
    boot = steps.boots(section, host, _state(ask).get("cgroup", "auto"))
    return (
        Phase("lab", steps.shared(section)),
        Phase("boot", (boot,)),
        Phase("ready", (steps.answers(section, host),)),
    )


@verb
def latency(ask: Ask[Latency]) -> tuple[Step, ...]:
    """Make the way to the host longer: netem where the kernel has it, else a relay in front of its
    sshd."""
    return (
        (steps.files(ask.section), steps.delayed(ask.section, ask.target.host, ask.options.ms))
        if _booted(ask)
        else ()
    )


@verb
def publish(ask: Ask[Image]) -> tuple[Step, ...]:
    """Build a stand-in image and push it to the lab's registry; published twice, nothing
    changes."""
    known = delivery.stand_ins()
    if ask.options.image.partition("/")[0] not in known:
        raise CommandLineError(
            "--image",
            f"no stand-in for {ask.options.image!r}",
            f"there are: {', '.join(f'{name}/...' for name in known)}",
        )
    return (*steps.shared(ask.section), steps.published(ask.section, ask.options))


def _key(host: str) -> str:
    return f"lab host {host}"


def _state(ask: Ask) -> Mapping[str, str]:
    return ask.facts.get(_key(ask.target.host), {"power": "none"})


def _status(code: int, text: str) -> dict[str, str]:
    """What is said of the host; where nothing is, it is not known whether there is one."""
    return {"power": NOT_KNOWN} | machine.words(code, text)


def _must(ask: Ask[Up]) -> str:
    """The cgroup version that the command line asks for this host; "" for none."""
    if ask.options.v2:
        chosen = nodesets.resolve([ask.options.v2], ask.target.peers, {}, "--v2")
        if ask.target.host in chosen:
            return "v2"
    return ask.options.cgroup


def _kind(ask: Ask[Up]) -> Kind:
    """What the host is or, at its first boot, becomes."""
    target = ask.target
    kind = kinds.requested(ask.options, target.host, target.peers)
    if kind.init == "systemd" and _must(ask) == "v1":
        raise CommandLineError("--cgroup", "systemd wants cgroup v2", "leave v1 out")
    return kinds.booted_as(kind, _state(ask), target.host)


def _usual_cgroup(ask: Ask[Up], kind: Kind) -> str:
    """As this machine; a release of its own has v2, as Debian has it."""
    return "v2" if kind.release else ask.facts.get(machine.FACT, {}).get("cgroup", "v1")


def _tree(ask: Ask[Up], kind: Kind) -> tuple[Step, ...]:
    """The step that makes what the host stands on; a disk that is there has one already."""
    is_new = _state(ask)["power"] == "none"
    return (steps.tree(ask.section, kind.release),) if kind.release and is_new else ()


def _booted_peers(ask: Ask) -> tuple[str, ...]:
    """The hosts of this ask that were booted once and not taken down."""
    power = {host: ask.facts.get(_key(host), {}).get("power", "none") for host in ask.target.peers}
    if NOT_KNOWN in power.values():
        what = f"{ask.section.root} is not yours to look into"
        raise FairleadError("lab.root", what, "run it as root, as preflight wants it")
    return tuple(host for host in ask.target.peers if power[host] != "none")


def _booted(ask: Ask) -> bool:
    """Is there such a host? Of many, those that were never booted are passed over; where none was,
    that is an error."""
    booted = _booted_peers(ask)
    if not booted:
        raise CommandLineError(
            f"inv lab.{ask.verb}",
            f"{nodesets.fold(ask.target.peers)} was never booted",
            "boot it first: inv lab.up",
        )
    return ask.target.host in booted
