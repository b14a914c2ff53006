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
PATHS = (
    IDENTITY,
    PASSPHRASE,
    become.FILE,
    "XDG_STATE_HOME",
    "XDG_CACHE_HOME",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
)
MINUTES = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30)  # what cron can keep: it begins anew each hour
HOURS = (1, 2, 3, 4, 6, 8, 12, 24)  # and each day
LONGEST = 998  # bytes of a line that cron takes (Debian's: MAX_COMMAND in cron.h)
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
        user = f"User={operator.passwd_name()}\n" if folder == SYSTEM else ""
        service = SERVICE.format(
            site=_plain(self.site),
            user=user,
            environment="".join(f"Environment={_quoted(pair)}\n" for pair in self.environment),
            folder=self.folder.replace("%", "%%"),
            words=" ".join(_quoted(word).replace("$", "$$") for word in self.words),
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
    """The variables that name files, and PATH, on which its programs are found as they are here;
    what is a secret itself is in none of them.
    """
    values = {name: os.environ.get(name, "") for name in PATHS}
    named = [f"{name}={os.path.abspath(path)}" for name, path in values.items() if path]
    folders = filter(os.path.isabs, os.environ.get("PATH", os.defpath).split(os.pathsep))
    return (*named, f"PATH={os.pathsep.join(dict.fromkeys(folders))}")


def _program(folder: Path) -> tuple[str, ...]:
    """What runs fairlead here: the repository's own launcher, else this Python."""
    launcher = folder.resolve() / "inv"
    if os.access(launcher, os.X_OK) and launcher.is_file():
        return (str(launcher),)
    return (sys.executable, "-m", "fairlead")


def folder(to: str) -> Path:
    """Where the units lie: systemd's folder for root, else the operator's own."""
    if to:
        return operator.path(to).absolute()
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
    """A line of crontab; cron reads a % as the end of a line, so it has a backslash before it.

    Raises CommandLineError where cron could not do as it says.
    """
    words = ("env", *unit.environment, *unit.words)
    command = f"cd {shlex.quote(unit.folder)} && {shlex.join(words)} >/dev/null"
    line = f"{_cron_times(unit.seconds)} {command}".replace("%", "\\%")
    if "\n" in line:
        what, remedy = "cron takes no word with a line break", "put it into a script, and name that"
        raise CommandLineError("--cron", what, remedy)
    if len(os.fsencode(line)) > LONGEST:
        what = f"the line has more than {LONGEST} bytes, and cron takes no longer one"
        remedy = "name a script in --command, set a shorter PATH, or take a timer of systemd"
        raise CommandLineError("--cron", what, remedy)
    return line


def _cron_times(seconds: float) -> str:
    """Raises CommandLineError for what would not be the same time again and again."""
    minutes, hours = seconds / 60, seconds / 3600
    if minutes in MINUTES:
        return f"*/{minutes:.0f} * * * *"
    if hours in HOURS[:-1]:
        return f"0 */{hours:.0f} * * *"
    if hours == HOURS[-1]:
        return "0 0 * * *"
    nearest = f"{max(filter(minutes.__gt__, MINUTES))}m"
    if hours > 1:
        nearest = f"{max(filter(hours.__gt__, HOURS))}h"
    raise CommandLineError("--every", f"cron keeps no {seconds:g} s", f"write {nearest}")


def _plain(text: str) -> str:
    """A value as systemd takes it: % begins a name of its own."""
    return " ".join(text.split()).replace("%", "%%")


def _quoted(word: str) -> str:
    """A word as systemd reads it (systemd.syntax, "Quoting"): % is doubled. In ExecStart alone $
    is to be, too.
    """
    doubled = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    doubled = doubled.replace("\n", "\\n")
    return f'"{doubled}"' if re.search(r"[\s\"'\\;]", doubled) else doubled
