"""Latency where a kernel has no netem: a port that passes on what comes, later."""

import contextlib
import selectors
import socket
import threading
import time

HOST = "127.0.0.1"


class Relay:
    """A port that passes on what comes to another port of the address that was dialled, half of
    `delay` (seconds) later each way.
    """

    def __init__(self, to: int, address: str = HOST):
        self.to, self.delay = to, 0.0
        self.server = socket.create_server((address, 0), backlog=1024)
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):  # it is closed
            while True:
                near, _ = self.server.accept()
                threading.Thread(target=self._open, args=(near,), daemon=True).start()

    def _open(self, near: socket.socket) -> None:
        time.sleep(self.delay)  # the handshake of TCP
        far = socket.create_connection((near.getsockname()[0], self.to))
        for end in (near, far):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for source, target in ((near, far), (far, near)):
            threading.Thread(target=self._pass, args=(source, target), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        """Read at once, written when it is due."""
        waiting: list[tuple[float, bytes]] = []
        with selectors.DefaultSelector() as ready:
            ready.register(source, selectors.EVENT_READ)
            is_open = True
            while is_open or waiting:
                due = waiting[0][0] - time.monotonic() if waiting else None
                if is_open and ready.select(None if due is None else max(0, due)):
                    data = _read(source)
                    waiting.append((time.monotonic() + self.delay / 2, data))
                    is_open = bool(data)
                elif not is_open and due and due > 0:
                    time.sleep(due)
                while waiting and waiting[0][0] <= time.monotonic():
                    _write(target, waiting.pop(0)[1])


def _read(source: socket.socket) -> bytes:
    try:
        return source.recv(1 << 18)
    except OSError:
        return b""


def _write(target: socket.socket, data: bytes) -> None:
    with contextlib.suppress(OSError):
        if data:
            target.sendall(data)
        else:
            target.shutdown(socket.SHUT_WR)
