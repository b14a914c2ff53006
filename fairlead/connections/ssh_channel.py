"""A program on a channel of paramiko's transport: no polling, and no wait without an end."""

import contextlib
import select
import time
from typing import Any, BinaryIO

from fairlead.connections.become import Heard
from fairlead.connections.conversation import Feeder, late
from fairlead.model.errors import Unreachable

CHUNK = 256 * 1024  # bytes taken at a time


class ChannelTalk:
    """One exec channel. `size`: it gets a terminal of so many columns and rows."""

    def __init__(
        self, where: str, transport: Any, command: str, size: tuple[int, int] | None = None
    ):
        import paramiko

        self.where, self._transport = where, transport
        failures = (OSError, EOFError, paramiko.SSHException, ValueError)
        try:
            self._channel = transport.open_session()
        except failures as error:
            why = getattr(error, "text", "") or str(error) or "it hung up"
            raise Unreachable(
                where,
                f"opens no channel ({why})",
                "the link may be cut, or sshd's MaxSessions reached; try again",
            ) from None
        self._poll = select.poll()
        self._poll.register(self._channel.fileno(), select.POLLIN)
        self._feeder = Feeder(failures)
        if size:
            self._feeder.add(lambda: self._channel.get_pty(_term(), *size))
        self._feeder.add(lambda: self._channel.exec_command(command))

    def send(self, data: bytes) -> None:
        self._feeder.add(lambda: self._channel.sendall(data))

    def pour(self, source: BinaryIO) -> None:
        self._feeder.add(lambda: self._pour(source))

    def _pour(self, source: BinaryIO) -> None:
        while data := getattr(source, "read1", source.read)(CHUNK):
            self._channel.sendall(data)
        self._channel.shutdown_write()

    def end(self) -> None:
        """Its stdin ends after what was sent."""
        self._feeder.add(self._channel.shutdown_write)

    def resize(self, columns: int, rows: int) -> None:
        self._feeder.add(lambda: self._channel.resize_pty(columns, rows))

    def hear(self, seconds: float) -> list[Heard] | None:
        channel = self._channel
        self._poll.poll(max(0, seconds) * 1000)
        ended = (
            channel.eof_received or channel.closed
        )  # before the look for data: none comes after it
        found = [(1, channel.recv(CHUNK))] if channel.recv_ready() else []
        if channel.recv_stderr_ready():
            found.append((2, channel.recv_stderr(CHUNK)))
        return None if ended and not found else found

    def over(self) -> bool:
        return self._channel.exit_status_ready()

    def code(self, seconds: float) -> int:
        end = time.monotonic() + seconds
        while not self._channel.status_event.wait(min(1, max(0, end - time.monotonic()))):
            if time.monotonic() >= end:
                raise late(self.where, "its program closed its output and goes on")
        code = self._channel.exit_status
        if code >= 0:
            return code
        if self._transport.is_active():
            return 255  # killed by a signal; paramiko does not tell which
        raise Unreachable(
            self.where,
            "the link was lost while a program ran",
            "look: inv hosts.check --host=" + self.where,
        )

    def close(self) -> None:
        self._feeder.stop()
        with contextlib.suppress(Exception):  # a link that is gone is closed enough
            self._channel.close()


def _term() -> str:
    import os

    return os.environ.get("TERM", "vt100")
