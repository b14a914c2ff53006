"""What there is to say to a host, and what it answers."""

from collections.abc import Callable
from typing import BinaryIO, Protocol

from fairlead.model.plan import Noun

Listens = Callable[[bytes], None]


class ProgramResult(Noun):
    """What a program left: its exit code, its stdout whole, the last 64 KiB of its stderr. `out` is empty when `on_output` heard it."""

    code: int
    out: bytes = b""
    err: bytes = b""


class Connection(Protocol):
    """The way to one host, used by one thread. `channels` counts the exec channels that it has opened.

    What goes wrong on the way is Unreachable, what sudo wants and does not get is SecretError; the line is closed then, and opens again at its
    next use.
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
        """Send a program to `sh -s` on one channel. It has to end in `exit`: its stdin stays open, for what `on_output` answers to it.

        `timeout`: seconds until it must have ended; `idle`: seconds without a byte after which the link counts as lost. None: no limit.
        """
        ...

    def session(
        self,
        argv: tuple[str, ...],
        *,
        tty: bool = False,
        stdin: BinaryIO | None = None,
        on_output: Listens | None = None,
        on_errors: Listens | None = None,
    ) -> int:
        """Run a program for its output; its exit code. With `tty` it gets this terminal. Without `stdin` it dies when we go away.

        Its stderr goes to `on_errors`; where that is None, to `on_output` like its stdout.
        """
        ...

    def close(self) -> None: ...
