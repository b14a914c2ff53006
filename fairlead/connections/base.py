"""What every carrier's line does the same way: a program or a session through the door, and nothing left open when it goes wrong."""

from collections.abc import Callable
from typing import Any, BinaryIO

from fairlead.connections import conversation
from fairlead.connections.become import Escalation, NoEscalation, Sudo
from fairlead.connections.conversation import Talk
from fairlead.connections.line import Listens, ProgramResult
from fairlead.model.errors import FairleadError
from fairlead.model.plan import Secret

SHELL = ("sh", "-s")
ON_TERMINAL = 'trap : INT QUIT; "$@"; exit'  # a program that Ctrl-C ends has an exit code then; SSH's word for a signal is lost on the way


class BaseConnection:
    """A line; a subclass says how a program is started, and how one gets a terminal."""

    def __init__(self, host: str, sudo: bool, password: Callable[[str], Secret]):
        self.host, self.channels = host, 0
        self._sudo, self._password = sudo, password

    @property
    def user(self) -> str:
        """Who logs in there."""
        raise NotImplementedError

    def start(self, argv: tuple[str, ...]) -> Talk:
        """Start a program, opening the line first where it is not open."""
        raise NotImplementedError

    def terminal(self, argv: tuple[str, ...]) -> int:
        """Run a program on a terminal of its own, which is ours for so long."""
        raise NotImplementedError

    def close(self) -> None:
        """Nothing of it is left; the next use opens it anew."""

    def escalation(self, *, tty: bool = False) -> Escalation:
        return Sudo(self.host, self.user, self._password, tty) if self._sudo else NoEscalation()

    def run(
        self,
        program: str,
        *,
        on_output: Callable[[bytes], bytes | None] | None = None,
        timeout: float | None = 60,
        idle: float | None = None,
    ) -> ProgramResult:
        return self._through(
            SHELL,
            lambda talk, door: conversation.run(talk, door, program, on_output, timeout, idle),
        )

    def session(
        self,
        argv: tuple[str, ...],
        *,
        tty: bool = False,
        stdin: BinaryIO | None = None,
        on_output: Listens | None = None,
        on_errors: Listens | None = None,
    ) -> int:
        if tty:
            return self.terminal(("sh", "-c", ON_TERMINAL, "sh", *argv))
        held = argv if stdin else ("sh", "-c", conversation.LIFELINE, "sh", *argv)
        return self._through(
            held, lambda talk, door: conversation.stream(talk, door, stdin, on_output, on_errors)
        )

    def _through(self, argv: tuple[str, ...], speak: Callable[[Talk, Escalation], Any]) -> Any:
        door = self.escalation()
        talk = self.start(door.argv(argv))
        try:
            return speak(talk, door)
        except FairleadError:
            self.close()
            raise
        finally:
            talk.close()
