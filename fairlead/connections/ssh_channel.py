"""A program on a channel of paramiko's transport: no polling, and no wait without an end."""

import contextlib
import select
import time
from typing import TYPE_CHECKING, BinaryIO

from fairlead.connections.become import Chunk
from fairlead.connections.conversation import Writer, encoded, late, pieces
from fairlead.model.errors import Unreachable

if TYPE_CHECKING:
    import paramiko

LAST_WORDS = 1.0  # seconds for what is sent, when the channel has ended without an exit code
REFUSALS, PAUSE = 3, 0.1  # times, seconds: how often a channel that is refused is asked for again
CHUNK = 256 * 1024  # bytes taken at a time


class ChannelProcess:
    """One exec channel. `size`: it gets a terminal of so many columns and rows."""

    def __init__(
        self,
        where: str,
        transport: "paramiko.Transport",
        command: str,
        size: tuple[int, int] | None = None,
    ):
        import paramiko

        self.where, self._transport = where, transport
        failures = (OSError, EOFError, paramiko.SSHException, ValueError)
        try:
            self._channel = _opened(transport)
        except failures as error:
            why = getattr(error, "text", "") or str(error) or "it hung up"
            remedy = "the link may be cut, or sshd's MaxSessions reached; try again"
            raise Unreachable(where, f"opens no channel ({why})", remedy) from None
        self._poll = select.poll()
        self._poll.register(self._channel.fileno(), select.POLLIN)
        self._writer = Writer(failures)
        if size:
            self._writer.add(lambda: self._ask_terminal(size))
        self._writer.add(lambda: self._ask_program(encoded(command)))

    def _ask_terminal(self, size: tuple[int, int]) -> None:
        import paramiko

        try:
            self._channel.get_pty(_term(), *size)
        except paramiko.SSHException:
            if not self._transport.is_active():
                raise
            what = "its sshd gives us no terminal (`restrict` or `no-pty` in authorized_keys?)"
            remedy = "allow `pty` there, or do without one: </dev/null"
            raise Unreachable(self.where, what, remedy) from None

    def _ask_program(self, command: bytes) -> None:
        """Ask for the program, as paramiko's exec_command, without waiting for a word on it: what
        it reads follows at once. Where it is refused, the channel ends.
        """
        import paramiko
        from paramiko.common import cMSG_CHANNEL_REQUEST

        request = paramiko.Message()
        request.add_byte(cMSG_CHANNEL_REQUEST)
        request.add_int(self._channel.remote_chanid)
        request.add_string("exec")
        request.add_boolean(True)
        request.add_string(command)
        # paramiko has no public way to ask without waiting
        self._transport._send_user_message(request)  # type: ignore[attr-defined]

    def send(self, data: bytes) -> None:
        self._writer.add(lambda: self._channel.sendall(data))

    def send_file(self, source: BinaryIO) -> None:
        self._writer.add(lambda: self._send_file(source))

    def _send_file(self, source: BinaryIO) -> None:
        for data in pieces(source):
            self._channel.sendall(data)
        self._channel.shutdown_write()

    def end(self) -> None:
        """Its stdin ends after what was sent."""
        self._writer.add(self._channel.shutdown_write)

    def flush(self) -> bool:
        """sshd hands on what it has read before it sees that we are gone; of what a ProxyCommand
        passes on nobody knows how far it is.
        """
        import paramiko

        is_passed_on = isinstance(self._transport.sock, paramiko.ProxyCommand)
        return self._writer.flush(LAST_WORDS) and not is_passed_on

    def resize(self, columns: int, rows: int) -> None:
        """The size of its terminal has changed."""
        self._writer.add(lambda: self._channel.resize_pty(columns, rows))

    def receive(self, seconds: float) -> list[Chunk] | None:
        channel = self._channel
        self._writer.check()
        self._poll.poll(max(0, seconds) * 1000)
        # before the look for data: none comes after it
        has_ended = channel.eof_received or channel.closed
        chunks: list[Chunk] = []
        if channel.recv_ready():
            chunks.append((1, channel.recv(CHUNK)))
        if channel.recv_stderr_ready():
            chunks.append((2, channel.recv_stderr(CHUNK)))
        return None if has_ended and not chunks else chunks

    def has_ended(self) -> bool:
        return self._channel.exit_status_ready()

    def exit_code(self, seconds: float) -> int:
        end = time.monotonic() + seconds
        while not self._channel.status_event.wait(min(1, max(0, end - time.monotonic()))):
            if time.monotonic() >= end:
                raise late(self.where, "its program closed its output and goes on")
        code = self._channel.exit_status
        if code >= 0:
            return code
        self._writer.check(LAST_WORDS)
        if self._transport.is_active():
            return 255  # killed by a signal; paramiko does not tell which
        what = "the link was lost while a program ran"
        raise Unreachable(self.where, what, f"look: inv hosts.check --host={self.where}")

    def close(self) -> None:
        self._writer.stop()
        with contextlib.suppress(Exception):  # a link that is gone is closed enough
            self._channel.close()


def _opened(transport: "paramiko.Transport") -> "paramiko.Channel":
    """A channel. sshd may still count one that has just been closed among its MaxSessions."""
    import paramiko

    for _ in range(REFUSALS):
        with contextlib.suppress(paramiko.ChannelException):
            return transport.open_session()
        time.sleep(PAUSE)
    return transport.open_session()


def _term() -> str:
    import os

    return os.environ.get("TERM", "vt100")
