"""A program of ours that the host's systemd runs by a timer."""

from collections.abc import Iterator

from fairlead.api import Step, files, script, then

UNITS = "/etc/systemd/system"
SERVICE = """# Written by fairlead.
[Unit]
Description={about}

[Service]
Type=oneshot
ExecStart=/bin/sh {program}
TimeoutStartSec=600
"""
TIMER = """# Written by fairlead.
[Unit]
Description={about}

[Timer]
{schedule}
[Install]
WantedBy=timers.target
"""

sh = script.beside(__file__)


def timer(unit: str) -> str:
    """The file of its timer."""
    return f"{UNITS}/{unit}.timer"


def put(unit: str, word: str, about: str, program: str, schedule: str) -> Iterator[Step]:
    """The units of `program`, which runs by them from now on. `word`: what the steps are about."""
    service = SERVICE.format(about=about, program=program)
    yield files.put(f"{UNITS}/{unit}.service", service, name=f"{word}'s unit")
    text = TIMER.format(about=about, schedule=schedule)
    yield files.put(timer(unit), text, name=f"{word}'s timer")
    yield Step(
        name=f"{word} runs",
        unless=sh("timer_runs", f"{unit}.timer"),
        do=then(
            ("systemctl", "daemon-reload"),
            ("systemctl", "enable", f"{unit}.timer"),
            ("systemctl", "restart", f"{unit}.timer"),
        ),
        undo=sh("timer_off", f"{unit}.timer"),
        timeout=60,
        remedy=f"systemd runs the {word}: leave {word} out of the site where there is none",
        after=(f"{word}'s timer",),
    )


def gone(unit: str, name: str, aside: str) -> Step:
    """Its units are gone; `aside`: a folder for what they were."""
    words = (timer(unit), f"{UNITS}/{unit}.service", aside)
    return Step(
        name=name,
        unless=("test", "!", "-e", timer(unit)),
        do=sh("unwatch", *words),
        undo=sh("rewatch", *words),
        timeout=60,
    )
