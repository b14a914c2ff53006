"""What comes back when a host boots, where its engine does not see to it.

Docker starts its containers itself. Podman starts none: `podman-restart.service` starts those of
the policy `always`, and from 5.8 on those of `unless-stopped` too, where somebody has enabled it; a
quadlet (from 4.4 on) makes its container anew at each start, so that there is none to return to.
So systemd has a unit for each container of ours, which starts the one that has its name.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.model.plan import NOT_KNOWN, Ask, Check, Fact, Step, then
from fairlead.operations import files, script
from fairlead.operations.argv.docker import Container

sh = script.beside(__file__)

UNIT = """# Written by fairlead.
[Unit]
Description={name}
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/bin/env podman start {name}
ExecStop=-/usr/bin/env podman stop -t {seconds} {name}
TimeoutStartSec=infinity

[Install]
WantedBy=multi-user.target
"""
OFFLINE = "offline"  # what systemctl(1) says where no systemd runs


def steps(c: Container) -> Iterator[Step]:
    """It comes back at boot; asked again when it was said."""
    if c.engine == "podman":
        yield files.put(_unit_file(c), _unit_text(c), name="unit")
        yield Step(
            name="at boot",
            unless=sh("unit_counts", _unit(c.name)),
            do=then(
                ("systemctl", "daemon-reload"),
                ("systemctl", "enable", "--now", _unit(c.name)),
            ),
            until=sh("unit_counts", _unit(c.name)),
            undo=("systemctl", "disable", _unit(c.name)),
            timeout=120,
            remedy="systemd starts containers of Podman when the host boots",
        )


def no_more(c: Container) -> Iterator[Step]:
    """The unit goes after the container."""
    if c.engine == "podman":
        yield Step(
            name="not at boot",
            unless=("test", "!", "-e", _unit_file(c)),
            do=then(
                ("systemctl", "disable", "--now", _unit(c.name)),
                ("rm", "-f", _unit_file(c)),
                ("systemctl", "daemon-reload"),
            ),
            undo=sh("unit_back", _unit_file(c), _unit_text(c), _unit(c.name)),
            timeout=120,
        )


def facts(engine: str, *names: str) -> Iterator[Fact]:
    """`boot`, for `check`: what systemd says of the units of these containers."""
    if engine == "podman":
        yield Fact("boot", sh("boot", *map(_unit, names)), units)


def units(code: int, text: str) -> Mapping[str, str] | str | None:
    """Unit -> enabled, disabled or what else systemd says; a text: nothing can start them; None:
    that is not known.
    """
    if code == 3:
        return "there is no systemctl"
    if code:
        return None
    if text.strip() == OFFLINE:
        return "no systemd runs"
    rows = (line.split(" ") for line in text.splitlines())
    return {row[0]: row[1] for row in rows if len(row) == 2}


def check(ask: Ask[Any], engine: str, *names: str) -> Iterator[Check]:
    """What stands of these containers comes back at boot; what does not stand yet can."""
    if engine != "podman":
        return
    state: Mapping[str, str] | str | None = ask.facts.get("boot")
    missing = _not_enabled(ask, state, names) if isinstance(state, Mapping) else ()
    yield Check(
        name="at boot",
        ok=isinstance(state, Mapping) and not missing,
        wanted="systemd, which starts containers of Podman",
        found=_described(state, missing),
        why="Podman starts none by itself when its host boots",
        remedy=f"{ask.target.typed('up')} puts a unit there"
        if missing or state is None
        else "a host with systemd, or engine: docker",
        blocks=isinstance(state, str),
    )


def _not_enabled(
    ask: Ask[Any], state: Mapping[str, str], names: tuple[str, ...]
) -> tuple[str, ...]:
    """Those that stand and do not come back."""
    containers = ask.facts.get("container")
    if not isinstance(containers, Mapping):
        return ()
    standing = (name for name in names if name in containers)
    return tuple(name for name in standing if state.get(_unit(name)) != "enabled")


def _described(state: Mapping[str, str] | str | None, missing: tuple[str, ...]) -> str:
    if state is None:
        return NOT_KNOWN
    if isinstance(state, str):
        return state
    if missing:
        return f"{', '.join(missing)}: no unit that is enabled"
    return "systemd starts them"


def _unit(name: str) -> str:
    return f"fairlead-{name}.service"


def _unit_file(c: Container) -> str:
    return f"/etc/systemd/system/{_unit(c.name)}"


def _unit_text(c: Container) -> str:
    return UNIT.format(name=c.name, seconds=c.stop_timeout)
