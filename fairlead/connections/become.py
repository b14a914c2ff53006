"""The way to root.

The password goes in when sudo has asked for it in our own word, the program when its shell has said
that it is there. A program and a password share one stdin; under NOPASSWD a password sent ahead
would be run as the program's first line, and printed. So nothing is sent unasked. One channel is
enough for all of it.
"""

import os
import re
import secrets
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from fairlead.model.errors import FairleadError, SecretError, Unreachable
from fairlead.model.plan import Secret
from fairlead.secrets.files import first_line, read_private

FILE = "FAIRLEAD_SUDO_PASSWORD_FILE"
PATIENCE = 30  # seconds for sudo to let us in, the asking of a person not counted
INSIDE = 'unset LC_ALL; echo "$0"; exec "$@"'  # LC_ALL=C is for sudo's own messages
KEPT = 8192  # bytes of what comes before we are root
TRIES = 3  # as sudo itself: so often is a password typed

Chunk = tuple[int, bytes]  # of output: 1 stdout, 2 stderr


class Escalation(Protocol):
    """How a program becomes root; `open` once it is."""

    open: bool

    def argv(self, argv: tuple[str, ...]) -> tuple[str, ...]:
        """The words that run `argv` as root."""
        ...

    def receive(self, chunk: Chunk) -> tuple[bytes, list[Chunk]]:
        """What to answer to a piece of output, and what of it is the program's own."""
        ...

    def refusal(self) -> FairleadError:
        """Why it did not open, in words."""
        ...


class NoEscalation:
    """A host where we are already who we have to be."""

    open = True

    def argv(self, argv: tuple[str, ...]) -> tuple[str, ...]:
        return argv

    def receive(self, chunk: Chunk) -> tuple[bytes, list[Chunk]]:
        return b"", [chunk]

    def refusal(self) -> FairleadError:
        raise AssertionError("there is no door")


class Sudo:
    """sudo on one host, for one program. With `tty` it reads from the terminal that the program
    gets.
    """

    def __init__(
        self,
        host: str,
        user: str,
        password: Callable[[str], Secret],
        tty: bool = False,
    ):
        self.host, self.user, self.tty, self.open = host, user, tty, False
        self._password, self._sent = password, list[Secret]()
        self._output, self._stdout = b"", b""  # the last of both streams, and of stdout
        self._prompt, self._ready = f"fairlead-{secrets.token_hex(8)}:", secrets.token_hex(12)

    def argv(self, argv: tuple[str, ...]) -> tuple[str, ...]:
        stdin = () if self.tty else ("-S",)
        sudo = ("env", "LC_ALL=C", "sudo", *stdin, "-p", self._prompt, "--")
        return (*sudo, "sh", "-c", INSIDE, self._ready, *argv)

    def receive(self, chunk: Chunk) -> tuple[bytes, list[Chunk]]:
        """What to answer, and what is the program's; SecretError: the password is wrong, and nobody
        has another one."""
        if self.open:
            return b"", [chunk]
        stream, data = chunk
        self._output = (self._output + data)[-KEPT:]
        if stream == 1:
            self._stdout = (self._stdout + data)[-max(KEPT, len(data)) :]
            ready = re.search(rb"%s\r?\n" % self._ready.encode(), self._stdout)
            if ready:
                self.open, after = True, self._stdout[ready.end() :]
                for accepted in self._sent[-1:]:
                    TYPED.accept(self.host, accepted)
                return b"", [(1, after)] if after else []
        return self._answer(), []

    def _answer(self) -> bytes:
        prompt = self._prompt.encode()
        if prompt not in self._output:
            return b""
        self._output = self._output.replace(prompt, b"")
        for refused in self._sent[-1:]:
            TYPED.refuse(refused)
        password = self._password(self.host)
        if password in self._sent:
            raise self._wrong()
        self._sent.append(password)
        return password.reveal() + b"\n"

    def _wrong(self) -> SecretError:
        what = f"sudo refuses the password of {self.user}"
        return SecretError(self.host, what, f"mend it in {FILE}, or type it anew")

    def refusal(self) -> FairleadError:
        """Why it did not open, in words: by what sudo printed, in the C locale."""
        output = self._output.decode(errors="replace")
        for pattern, what, remedy in _REFUSALS:
            if re.search(pattern, output):
                user = self.user
                return Unreachable(
                    self.host,
                    what.format(user=user),
                    remedy.format(user=user),
                )
        if re.search(_WRONG, output):
            return self._wrong()
        last = output.strip().rpartition("\n")[2].strip() or "it said nothing"
        what = f"sudo does not let {self.user} in ({last})"
        return Unreachable(self.host, what, "try there: sudo sh")


_WRONG = r"incorrect password|password is required|no password was provided"
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
    """Who gives sudo's password for a host.

    The file that FAIRLEAD_SUDO_PASSWORD_FILE names, else `ask`, else a person at the terminal,
    once.
    """
    ask_person = ask or ask_at_terminal
    return lambda host: from_file(os.environ[FILE]) if os.environ.get(FILE) else ask_person(host)


def from_file(path: str) -> Secret:
    """The first line of a file that nobody else can read. Raises SecretError."""
    remedy = "name a file of mode 0600 that holds the password"
    password = first_line(read_private(Path(path), FILE, remedy, regular=True))
    if not password.reveal():
        raise SecretError(FILE, f"{path} is empty", "write the password into it")
    return password


class TypedPasswords:
    """What a person types: once for all hosts of a command line, anew where a host refuses it,
    TRIES times at most.
    """

    def __init__(self) -> None:
        self._lock, self._typed, self._is_refused = threading.Lock(), list[Secret](), True
        self._accepted: dict[str, Secret] = {}

    def accept(self, host: str, password: Secret) -> None:
        """This is the host's, whatever is typed for others."""
        with self._lock:
            if password in self._typed:
                self._accepted[host] = password

    def refuse(self, password: Secret) -> None:
        """A host does not take it: the next who needs one asks the person again."""
        with self._lock:
            self._is_refused |= password in self._typed[-1:]

    def get(self, host: str) -> Secret:
        """The host's own, else the last that was typed; asks where that was refused."""
        with self._lock:
            if host in self._accepted:
                return self._accepted[host]
            if self._is_refused and len(self._typed) < TRIES:
                self._ask()
            return self._typed[-1]

    def _ask(self) -> None:
        from getpass import getpass

        before = "sudo refuses it; once more, the " if self._typed else ""
        self._typed.append(Secret(getpass(f"{before}sudo password for the hosts: ")))
        self._is_refused = False


TYPED = TypedPasswords()


def ask_at_terminal(host: str) -> Secret:
    """Typed by a person, once for all hosts of a command line; again where it was refused, but
    TRIES in all. Raises SecretError.
    """
    if not sys.stdin.isatty():
        raise SecretError(
            host,
            "sudo wants a password and there is no terminal to ask at",
            f"name a file of mode 0600 in {FILE}, or allow NOPASSWD",
        )
    return TYPED.get(host)
