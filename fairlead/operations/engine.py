"""The engine itself: restarted without hurting what runs in it. For Docker, as systemd runs it."""

from fairlead.model.plan import Command, Step
from fairlead.operations import script

sh = script.beside(__file__)

RUNS: Command = ("sh", "-c", "docker info >/dev/null 2>&1 || exit 1")


ENABLED = "systemctl is-enabled -q docker && docker info >/dev/null 2>&1 || exit 1"


def restart() -> Command:
    """It is restarted, and what ran in it runs again."""
    return sh("engine_restart")


def again() -> Command:
    """The way back: whatever its state, it runs with the files that are there now."""
    return sh("engine_again")


def reload(live: bool) -> Command:
    """The engine reads daemon.json anew; it has said that live-restore is as asked."""
    return sh("engine_reload", "true" if live else "false")


def live_restore_off(settings: str) -> Command:
    """The way back from live-restore, before the old file `settings` is there again: where the key
    is only missing, an engine keeps it at a reload."""
    return sh("engine_live_off", settings)


def started(name: str = "engine") -> Step:
    """It is enabled and runs."""
    return Step(
        name=name,
        unless=("sh", "-c", ENABLED),
        do=("systemctl", "enable", "--now", "docker"),
        until=RUNS,
        timeout=120,
        exclusive=True,
    )
