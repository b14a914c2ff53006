"""What a connection is, and what every kind of it does the same way: a program or a session under
the right user, and nothing left open when it goes wrong.
"""

import contextlib
import secrets
import threading
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import BinaryIO, Protocol, TypeVar

from fairlead.connections import conversation
from fairlead.connections.become import Escalation, NoEscalation, Sudo
from fairlead.connections.conversation import OutputCallback, Process
from fairlead.connections.far_shell import FarShell, Reply
from fairlead.model import shellfile
from fairlead.model.errors import FairleadError
from fairlead.model.plan import Noun, Secret
from fairlead.model.processes import SESSION

PROGRAMS = Path(__file__).parent / "shell"
TO_END = 10.0  # seconds for ending what a session has left

R = TypeVar("R")


class Host(Protocol):
    """What is needed of a host of the site; inventory.hosts.Host says what the words mean."""

    @property
    def name(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def user(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def has_port(self) -> bool: ...
    @property
    def via(self) -> str: ...
    @property
    def sudo(self) -> bool: ...
    @property
    def transport(self) -> str: ...
    @property
    def identity(self) -> str: ...
    @property
    def gateways(self) -> tuple[str, ...]: ...


class TreeOptions(Protocol):
    """How the gateways of a tree are started."""

    @property
    def python(self) -> str: ...


class SshOptions(Protocol):
    """How the hosts of a site are reached; inventory.site.Ssh says what the words mean."""

    @property
    def config(self) -> str: ...
    @property
    def known_hosts(self) -> str: ...
    @property
    def connect_timeout(self) -> float: ...
    @property
    def keep(self) -> int: ...
    @property
    def tree(self) -> TreeOptions | None: ...


class Site(Protocol):
    """What is needed of a site: its hosts by name, and how they are reached."""

    @property
    def path(self) -> str: ...
    @property
    def hosts(self) -> Mapping[str, Host]: ...
    @property
    def ssh(self) -> SshOptions: ...


class ProgramResult(Noun):
    """What a program left: its exit code, its stdout whole, the last 64 KiB of its stderr.

    `out` is empty where `on_output` got it.
    """

    code: int
    out: bytes = b""
    err: bytes = b""


class Connection(Protocol):
    """The way to one host. `channels` counts the exec channels it has opened.

    What goes wrong on the way is Unreachable, what sudo needs and does not get is SecretError; the
    connection is closed then, and opens again at its next use.
    """

    host: str
    channels: int

    def run(
        self,
        program: str,
        *,
        on_output: Callable[[bytes], bytes | None] | None = None,
        timeout: float | None = 60,
        idle: float | None = None,
    ) -> ProgramResult:
        """Speak a program to the shell that does all of this connection, one after another.

        Its stdin stays open, for what `on_output` answers to it.
        `timeout`: seconds until it must have ended; `idle`: seconds without a byte after which the
        link counts as lost. None: no limit.
        """
        ...

    def session(
        self,
        argv: tuple[str, ...],
        *,
        tty: bool = False,
        stdin: BinaryIO | None = None,
        on_output: OutputCallback | None = None,
        on_errors: OutputCallback | None = None,
    ) -> int:
        """Run a program for its output; its exit code.

        With `tty` it gets this terminal. It ends when we go away, and what it runs in a container
        with it, as far as SESSION is in its environment there. Its stderr goes to `on_errors`;
        where that is None, to `on_output` like its stdout.
        """
        ...

    def close(self) -> None: ...


class BaseConnection:
    """A connection; a subclass says how a program is started, and how one gets a terminal."""

    def __init__(
        self,
        host: str,
        sudo: bool,
        password: Callable[[str], Secret],
    ):
        self.host, self.channels = host, 0
        self._sudo, self._password = sudo, password
        self._shell: FarShell | None = None
        self._speaking = threading.Lock()  # held by the thread whose program the shell does

    @property
    def user(self) -> str:
        """Who logs in there."""
        raise NotImplementedError

    def start(self, argv: tuple[str, ...]) -> Process:
        """Start a program, opening the connection first where it is not open."""
        raise NotImplementedError

    def terminal(self, argv: tuple[str, ...]) -> int:
        """Run a program on a terminal of its own, which is ours for so long; its exit code."""
        raise NotImplementedError

    def close(self) -> None:
        """Nothing of it is left; the next use opens it anew."""
        shell, self._shell = self._shell, None
        if shell:
            shell.close()

    def lose(self) -> None:
        """Something went wrong on it: nobody uses it any more; the next use opens it anew."""
        self.close()

    def escalation(self, *, tty: bool = False) -> Escalation:
        """The way to root for one program."""
        return (
            Sudo(
                self.host,
                self.user,
                self._password,
                tty,
            )
            if self._sudo
            else NoEscalation()
        )

    def run(
        self,
        program: str,
        *,
        on_output: Callable[[bytes], bytes | None] | None = None,
        timeout: float | None = 60,
        idle: float | None = None,
    ) -> ProgramResult:
        """See Connection.run. A thread that finds the shell at work has another, for itself."""
        if not self._speaking.acquire(blocking=False):
            return self._run_apart(program, on_output, timeout, idle)
        try:
            return ProgramResult(*self._waiting_shell().run(program, on_output, timeout, idle))
        except FairleadError:
            self.lose()
            raise
        except BaseException:  # it is in the middle of something
            BaseConnection.close(self)
            raise
        finally:
            self._speaking.release()

    def _run_apart(
        self,
        program: str,
        on_output: Reply | None,
        timeout: float | None,
        idle: float | None,
    ) -> ProgramResult:
        shell = self._new_shell()
        try:
            return ProgramResult(*shell.run(program, on_output, timeout, idle))
        except FairleadError:
            self.lose()
            raise
        finally:
            shell.close()

    def _waiting_shell(self) -> FarShell:
        """The one there is, unless it has ended meanwhile; else a new one."""
        if self._shell and not self._shell.is_waiting():
            BaseConnection.close(self)
        if not self._shell:
            self._shell = self._new_shell()
        return self._shell

    def _new_shell(self) -> FarShell:
        escalation = self.escalation()
        argv = escalation.argv(("sh", "-c", program("listener"), "sh"))
        return FarShell(self.start(argv), escalation)

    def _finish_shell(self) -> None:
        """It makes room for a program that has a channel to itself: a host may allow no second."""
        shell, self._shell = self._shell, None
        if shell:
            shell.finish()

    def session(
        self,
        argv: tuple[str, ...],
        *,
        tty: bool = False,
        stdin: BinaryIO | None = None,
        on_output: OutputCallback | None = None,
        on_errors: OutputCallback | None = None,
    ) -> int:
        """See Connection.session."""
        self._finish_shell()
        token = secrets.token_hex(8)
        if tty:
            return self.terminal(("sh", "-c", program("on_terminal"), "sh", token, *argv))

        def talk(process: Process, escalation: Escalation) -> int:
            return conversation.stream(process, escalation, stdin, on_output, on_errors)

        if not stdin:
            return self._through(("sh", "-c", program("lifeline"), "sh", token, *argv), talk)
        try:
            return self._through(("env", f"{SESSION}={token}", *argv), talk)
        except BaseException:
            ending = f"token={token}; {program('end_session')} end_session; exit"
            with contextlib.suppress(FairleadError):
                self.run(ending, timeout=TO_END)
            raise

    def _through(
        self,
        argv: tuple[str, ...],
        talk: Callable[[Process, Escalation], R],
    ) -> R:
        """Start a program as the right user and talk with it; close it, and the connection where
        something goes wrong.
        """
        escalation = self.escalation()
        process = self.start(escalation.argv(argv))
        try:
            return talk(process, escalation)
        except FairleadError:
            self.lose()
            raise
        finally:
            process.close()


@cache
def program(name: str) -> str:
    """A program in shell/, on one line."""
    return " ".join(shellfile.read(PROGRAMS / f"{name}.sh").split("\n")).strip()
