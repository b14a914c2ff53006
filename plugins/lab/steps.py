"""The Steps that a lab is made of: pure functions of the section and a host's name."""

import msgspec

from fairlead.api import Step, either

from . import commands, delivery
from .commands import asks, lab
from .images import Image
from .kinds import Kind
from .site import Lab


def files(section: Lab) -> Step:
    return Step(
        name="files of the lab",
        unless=commands.unpacked(section, delivery.digest()),
        do=commands.unpack(section, delivery.digest()),
        stdin=delivery.archive(),
    )


def files_for_down(section: Lab) -> Step:
    """The files, unless there is nothing to take down."""
    are_there = commands.unpacked(section, delivery.digest())
    unless = either(commands.nothing_left(section), are_there)
    return msgspec.structs.replace(files(section), unless=unless)


def shared(section: Lab) -> tuple[Step, ...]:
    """What all hosts hang on."""
    return (
        files(section),
        Step(
            name="keys and switch",
            unless=asks(section, "is-switch"),
            do=lab(section, "switch"),
            timeout=30,
        ),
        Step(
            name="registry",
            unless=asks(section, "is-registry"),
            do=lab(section, "registry"),
            timeout=30,
        ),
    )


def tree(section: Lab, release: str) -> Step:
    """What hosts of a Debian release stand on."""
    return Step(
        name=f"tree of {release}",
        unless=commands.has_tree(section, release),
        do=commands.make_tree(section, release),
        timeout=1800,
        progress=True,
    )


def boots(section: Lab, host: str, cgroup: str, must: str = "", kind: Kind = Kind()) -> Step:
    """Booted with this cgroup version. One that is up is left alone, unless it `must` have
    another. `kind` counts at the first boot."""
    words = kind.words
    if kind.release:
        words = (*words, f"tree={commands.tree(section, kind.release)}")
    return Step(
        name=f"{host} boots",
        unless=asks(section, "is-booting", host, *((must,) if must else ())),
        do=lab(section, "boot", host, cgroup, *words),
        undo=lab(section, "off", host),
        timeout=30,
    )


def answers(section: Lab, host: str) -> Step:
    return Step(
        name=f"{host} answers",
        unless=asks(section, "is-up", host),
        do=lab(section, "ready", host),
        timeout=60,
    )


def link(section: Lab, host: str, state: str) -> Step:
    return Step(
        name=f"link of {host} is {state}",
        unless=asks(section, f"is-link-{state}", host),
        do=lab(section, "link", host, state),
    )


def off(section: Lab, host: str) -> Step:
    return Step(
        name=f"{host} is off",
        unless=asks(section, "is-off", host),
        do=lab(section, "off", host),
        timeout=30,
    )


def delayed(section: Lab, host: str, ms: int) -> Step:
    return Step(
        name=f"{host} is {ms} ms away" if ms else f"{host} is near",
        unless=asks(section, "is-delayed", host, str(ms)),
        do=lab(section, "latency", host, str(ms)),
        timeout=60,
    )


def gone(section: Lab, host: str) -> Step:
    absent = either(commands.nothing_left(section), asks(section, "is-absent", host))
    return Step(name=f"{host} is gone", unless=absent, do=lab(section, "remove", host), timeout=60)


def switch_gone(section: Lab) -> Step:
    """The last to go; it stays while any host is there."""
    needed = either(commands.nothing_left(section), asks(section, "has-hosts"))
    return Step(
        name="switch and registry are gone",
        unless=needed,
        do=lab(section, "remove-switch"),
        timeout=60,
    )


def published(section: Lab, image: Image) -> Step:
    state = "broken" if image.broken else "sound"
    form = " index" if image.index else ""
    spec = f"{image.version} {image.flavor} {state}{form} {delivery.digest()[:16]}"
    suffix = " and broken" if image.broken else ""
    return Step(
        name=f"image {image.name} is {image.version}{suffix}",
        unless=commands.published(section, image.name, spec),
        do=commands.publish(section, image, spec),
        timeout=600,
        progress=True,
    )
