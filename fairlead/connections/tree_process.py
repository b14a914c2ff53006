"""A program on a host behind a gateway, in a conversation of the gateway's channel."""

import queue
import threading
import time
from typing import TYPE_CHECKING, BinaryIO

from fairlead.connections.become import Chunk
from fairlead.connections.conversation import late, pieces
from fairlead.model.errors import Unreachable

if TYPE_CHECKING:
    from fairlead.connections.tree_channel import GatewayChannel

LOST = 255  # what ssh ends with when its link is lost
LAST_WORDS = 1.0  # seconds for what is sent, before it is closed


class TreeProcess:
    """One ssh of a gateway. Once its host has let us in, it prints the line `mark`."""

    def __init__(
        self,
        where: str,
        gateway: str,
        channel: "GatewayChannel",
        mark: str,
    ):
        self.where, self._gateway, self._channel = where, gateway, channel
        self._mark, self._number = mark.encode() + b"\n", 0
        self._chunks: queue.SimpleQueue[Chunk | None] = queue.SimpleQueue()
        self._waiting: list[Chunk] = []
        self._has_ended, self._code = threading.Event(), LOST
        self._is_gateway_lost = self._is_read = False

    def begin(self, argv: tuple[str, ...], known: str) -> None:
        self._number = self._channel.begin(self, argv, known)

    def complaint(self, seconds: float) -> str | None:
        """Wait until the host has let us in; what the gateway's ssh says where it does not.

        Raises Unreachable where the gateway is lost, or the time is over.
        """
        end, out, errors = time.monotonic() + seconds, b"", b""
        while (mark := out.find(self._mark)) < 0:
            chunks = self.receive(end - time.monotonic())
            if chunks is None:
                self.raise_loss()
                return errors.decode(errors="replace")
            if time.monotonic() > end:
                raise late(self.where, f"its gateway {self._gateway} says nothing of it")
            out += b"".join(data for stream, data in chunks if stream == 1)
            errors += b"".join(data for stream, data in chunks if stream == 2)
        after = out[mark + len(self._mark) :]
        self._waiting = [(1, after)] if after else []
        return None

    # heard from the engine

    def put(self, stream: int, data: bytes) -> None:
        self._chunks.put((stream, data))

    def ended(self, code: int | None) -> None:
        self._is_gateway_lost, self._code = code is None, LOST if code is None else code
        self._has_ended.set()
        self._chunks.put(None)

    # see conversation.Process

    def send(self, data: bytes) -> None:
        self._channel.write(self._number, data)

    def send_file(self, source: BinaryIO) -> None:
        for data in pieces(source):
            self.send(data)
        self.end()

    def end(self) -> None:
        self._channel.order(self._number, "eof")

    def flush(self) -> bool:
        """The gateway passes on what it has before it ends its ssh."""
        return self._channel.flush(LAST_WORDS)

    def receive(self, seconds: float) -> list[Chunk] | None:
        chunks, self._waiting = self._waiting, []
        try:
            while not self._is_read:
                chunk = self._chunks.get(not chunks, max(0, seconds))
                if chunk is None:
                    self._is_read = True
                else:
                    chunks.append(chunk)
        except queue.Empty:
            return chunks
        return chunks or None

    def has_ended(self) -> bool:
        return self._has_ended.is_set()

    def exit_code(self, seconds: float) -> int:
        if not self._has_ended.wait(max(0, min(seconds, 1e6))):
            raise late(self.where, "its program closed its output and goes on")
        self.raise_loss()
        if self._code == LOST:
            what = f"the link between its gateway {self._gateway} and it was lost"
            raise Unreachable(self.where, what, f"look: inv hosts.check --host={self.where}")
        return self._code

    def raise_loss(self) -> None:
        """Raise Unreachable where the gateway is lost."""
        if self._is_gateway_lost:
            what = f"its gateway {self._gateway} was lost"
            remedy = (
                f"another gateway is the way at the next try; look: inv hosts.check"
                f" --host={self._gateway}"
            )
            raise Unreachable(self.where, what, remedy)

    def close(self) -> None:
        if not self.has_ended():
            self._channel.order(self._number, "close")
        self._chunks.put(None)
