"""What begins `inv watch` by itself: a service and a timer of systemd, or a line of cron."""

import os
import re
import shlex
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from fairlead.cli.watching.flags import WatchFlags
from fairlead.connections import become
from fairlead.model import operator
from fairlead.model.errors import CommandLineError, FairleadError
from fairlead.model.plan import Noun
from fairlead.runner.context import Context
from fairlead.secrets import files
from fairlead.secrets.identities import PASSPHRASE

SYSTEM = Path("/etc/systemd/system")
LEAST = 60  # seconds between two watches
IDENTITY = "FAIRLEAD_IDENTITY"
# Variables that a watch needs as they are here; each names a file or a folder
PATHS = (IDENTITY, PASSPHRASE, become.FILE, "XDG_STATE_HOME")
SERVICE = """\
# Written by inv watch.install; write it anew in place of changing it.
[Unit]
Description=fairlead looks at the site {site}
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
{user}{environment}WorkingDirectory={folder}
ExecStart={words}
TimeoutStartSec=1h
"""
TIMER = """\
# Written by inv watch.install; write it anew in place of changing it.
[Unit]
Description=fairlead looks at the site {site} every {seconds:.0f} s

[Timer]
OnBootSec=2min
OnUnitActiveSec={seconds:.0f}
RandomizedDelaySec={spread:.0f}
AccuracySec=1s

[Install]
WantedBy=timers.target
"""


class Unit(Noun):
    """A watch of one site, from one ops repository."""

    site: str
    folder: str
    words: tuple[str, ...]
    seconds: float
    environment: tuple[str, ...] = ()  # NAME=VALUE

    @property
    def name(self) -> str:
        return f"fairlead-watch-{re.sub('[^A-Za-z0-9_.]+', '-', self.site)}"

    def files(self, folder: Path) -> Mapping[str, str]:
        """Name -> text of the service and of the timer."""
        user = f"User={operator.name()}\n" if folder == SYSTEM else ""
        service = SERVICE.format(
            site=_plain(self.site),
            user=user,
            environment="".join(f"Environment={_quoted(pair)}\n" for pair in self.environment),
            folder=_plain(self.folder),
            words=" ".join(map(_quoted, self.words)),
        )
        timer = TIMER.format(
            site=_plain(self.site), seconds=self.seconds, spread=min(self.seconds / 10, 60)
        )
        return {f"{self.name}.service": service, f"{self.name}.timer": timer}

    def commands(self, folder: Path) -> tuple[str, ...]:
        """What puts the timer in force, and what shows it."""
        control = "systemctl" if folder == SYSTEM else "systemctl --user"
        commands = (
            f"{control} daemon-reload && {control} enable --now {self.name}.timer",
            f"{control} start {self.name}.service    # once, by hand",
        )
        if folder == SYSTEM:
            return commands
        return (*commands, "loginctl enable-linger    # it goes on while you are not logged in")


def unit(context: Context, flags: WatchFlags, hosts: Iterable[str], seconds: float) -> Unit:
    """`hosts`: texts of --host. Raises CommandLineError."""
    if seconds < LEAST:
        raise CommandLineError("--every", f"{seconds:g} s is too often", "60s or more")
    site = context.site()
    folder = context.store().folder.parent if context.store else Path()
    path = os.path.abspath(site.path)
    of_hosts = (f"--host={host}" for host in hosts)
    words = (*_program(folder), "watch", f"--site={path}", *of_hosts, *flags.words())
    return Unit(site.name, str(folder.resolve()), words, seconds, _environment())


def _environment() -> tuple[str, ...]:
    """The variables that name files; what is a secret itself is in none of them."""
    values = {name: os.environ.get(name, "") for name in PATHS}
    return tuple(f"{name}={os.path.abspath(path)}" for name, path in values.items() if path)


def _program(folder: Path) -> tuple[str, ...]:
    """What runs fairlead here: the repository's own launcher, else this Python."""
    launcher = folder.resolve() / "inv"
    if os.access(launcher, os.X_OK) and launcher.is_file():
        return (str(launcher),)
    return (sys.executable, "-m", "fairlead")


def folder(to: str) -> Path:
    """Where the units lie: systemd's folder for root, else the operator's own."""
    if to:
        return Path(to).absolute()
    if os.getuid() == 0:
        return SYSTEM
    config = os.environ.get("XDG_CONFIG_HOME") or str(Path(operator.home(), ".config"))
    return Path(config) / "systemd" / "user"


def write(texts: Mapping[str, str]) -> None:
    """Raises FairleadError."""
    for path, text in texts.items():
        try:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            files.replace(Path(path), text.encode(), 0o644)
        except OSError as error:
            what = f"cannot be written ({error.strerror})"
            raise FairleadError(path, what, "name a folder of yours: --to=FOLDER") from None


def cron_line(unit: Unit) -> str:
    """A line of crontab; cron reads a % as the end of a line, so it has a backslash before it."""
    minutes = max(round(unit.seconds / 60), 1)
    hours = min(round(minutes / 60), 23)
    when = f"*/{minutes} * * * *" if minutes < 60 else f"0 */{hours} * * *"
    words = ("env", *unit.environment, *unit.words) if unit.environment else unit.words
    command = f"cd {shlex.quote(unit.folder)} && {shlex.join(words)}"
    return f"{when} {command} >/dev/null".replace("%", "\\%")


def _plain(text: str) -> str:
    """A value as systemd takes it: % begins a name of its own."""
    return " ".join(text.split()).replace("%", "%%")


def _quoted(word: str) -> str:
    """A word of ExecStart (systemd.service, "Command lines"): % and $ are doubled."""
    doubled = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    doubled = doubled.replace("\n", "\\n")
    return f'"{doubled}"' if re.search(r"[\s\"'\\;]", doubled) else doubled
