"""The door to root. The password goes in when sudo has asked for it in our own word, the program when its shell has said that it is there.

A program and a password share one stdin; under NOPASSWD a password sent ahead would be run as the program's first line, and printed. So nothing
is sent unasked. One channel is enough for all of it.
"""

import os
import re
import secrets
import stat
import sys
import threading
from collections.abc import Callable
from functools import cache
from typing import Protocol

from fairlead.model.errors import FairleadError, SecretError, Unreachable
from fairlead.model.plan import Secret

FILE = "FAIRLEAD_SUDO_PASSWORD_FILE"
PATIENCE = 30  # seconds for sudo to let us in, the asking of a person not counted
INSIDE = 'unset LC_ALL; echo "$0"; exec "$@"'  # LC_ALL=C is for sudo's own messages
KEPT = 8192  # bytes of what is said before the door is open

Heard = tuple[int, bytes]  # 1 stdout, 2 stderr


class Escalation(Protocol):
    """What stands before a program: `argv` wraps it, `hears` is told all that comes and returns what to answer and what to let through."""

    open: bool

    def argv(self, argv: tuple[str, ...]) -> tuple[str, ...]: ...
    def hears(self, heard: Heard) -> tuple[bytes, list[Heard]]: ...
    def refusal(self) -> FairleadError: ...


class NoEscalation:
    """A host where we are already who we have to be."""

    open = True

    def argv(self, argv: tuple[str, ...]) -> tuple[str, ...]:
        return argv

    def hears(self, heard: Heard) -> tuple[bytes, list[Heard]]:
        return b"", [heard]

    def refusal(self) -> FairleadError:
        raise AssertionError("there is no door")


class Sudo:
    """sudo on one host, for one program. With `tty` it reads from the terminal that the program gets."""

    def __init__(self, host: str, user: str, password: Callable[[str], Secret], tty: bool = False):
        self.host, self.user, self.tty, self.open = host, user, tty, False
        self._password, self._asked, self._said, self._out = password, 0, b"", b""
        self._prompt, self._ready = f"fairlead-{secrets.token_hex(8)}:", secrets.token_hex(12)

    def argv(self, argv: tuple[str, ...]) -> tuple[str, ...]:
        stdin = () if self.tty else ("-S",)
        return (
            "env",
            "LC_ALL=C",
            "sudo",
            *stdin,
            "-p",
            self._prompt,
            "--",
            "sh",
            "-c",
            INSIDE,
            self._ready,
            *argv,
        )

    def hears(self, heard: Heard) -> tuple[bytes, list[Heard]]:
        if self.open:
            return b"", [heard]
        stream, data = heard
        self._said = (self._said + data)[-KEPT:]
        if stream == 1:
            self._out = (self._out + data)[-max(KEPT, len(data)) :]
            ready = re.search(rb"%s\r?\n" % self._ready.encode(), self._out)
            if ready:
                self.open, rest = True, self._out[ready.end() :]
                return b"", [(1, rest)] if rest else []
        return self._answer(), []

    def _answer(self) -> bytes:
        prompt = self._prompt.encode()
        if prompt not in self._said:
            return b""
        self._said = self._said.replace(prompt, b"")
        self._asked += 1
        if self._asked > 1:
            raise self._wrong()
        return self._password(self.host).reveal() + b"\n"

    def _wrong(self) -> SecretError:
        return SecretError(
            self.host,
            f"sudo refuses the password of {self.user}",
            f"mend it in {FILE}, or type it anew",
        )

    def refusal(self) -> FairleadError:
        """In words, why it did not open."""
        said = self._said.decode(errors="replace")
        for pattern, what, remedy in _REFUSALS:
            if re.search(pattern, said):
                return Unreachable(
                    self.host, what.format(user=self.user), remedy.format(user=self.user)
                )
        if re.search(r"incorrect password|password is required|no password was provided", said):
            return self._wrong()
        last = said.strip().rpartition("\n")[2].strip() or "it said nothing"
        return Unreachable(
            self.host, f"sudo does not let {self.user} in ({last})", "try there: sudo sh"
        )


_REFUSALS = (
    (
        r"must have a tty|terminal is required",
        "sudo wants a terminal (requiretty)",
        "visudo there: `Defaults:{user} !requiretty`, or log in as root",
    ),
    (
        r"not in the sudoers file|not allowed to|may not run sudo",
        "sudo does not let {user} become root",
        "add {user} with visudo, or log in as root",
    ),
    (
        r"sudo.*(not found|No such file)",
        "has no sudo",
        "install it, or log in as root and write `sudo: false`",
    ),
    (
        r"expired|account validation failure",
        "sudo says that the account or password of {user} has expired",
        "renew it there: passwd {user}",
    ),
)


def passwords(ask: Callable[[str], Secret] | None = None) -> Callable[[str], Secret]:
    """Who gives sudo's password for a host: the file that FAIRLEAD_SUDO_PASSWORD_FILE names, else `ask`, else a person at the terminal, once."""
    return lambda host: (
        from_file(os.environ[FILE]) if os.environ.get(FILE) else (ask or asked)(host)
    )


def from_file(path: str) -> Secret:
    """The first line of a file that nobody else can read."""
    try:
        with open(path, "rb") as file:
            state = os.fstat(file.fileno())
            text = file.read(4096).split(b"\n")[0].rstrip(b"\r")
    except OSError as error:
        raise SecretError(
            FILE,
            f"{path} cannot be read ({error.strerror})",
            "name a file of mode 0600 that holds the password",
        ) from None
    if not stat.S_ISREG(state.st_mode) or state.st_mode & 0o077:
        raise SecretError(
            FILE, f"{path} is open to others ({stat.filemode(state.st_mode)})", f"chmod 600 {path}"
        )
    if not text:
        raise SecretError(FILE, f"{path} is empty", "write the password into it")
    return Secret(text)


_ASKING = threading.Lock()


def asked(host: str) -> Secret:
    """Typed by a person, once for all hosts of a command line."""
    if not sys.stdin.isatty():
        raise SecretError(
            host,
            "sudo wants a password and there is no terminal to ask at",
            f"name a file of mode 0600 in {FILE}, or allow NOPASSWD",
        )
    with _ASKING:
        return _typed()


@cache
def _typed() -> Secret:
    from getpass import getpass

    return Secret(getpass("sudo password for the hosts: "))
