"""A port before a server: it may hang up, or fall silent."""

import socket
import threading
import time


class Door:
    """A port that hangs up on the first so many, and lets the others through to another port;
    `cut()` leaves those in silence.
    """

    def __init__(self, to: int, refuse: int = 0, greeting: bytes = b""):
        self.to, self.refuse, self.greeting, self.refused = to, refuse, greeting, 0
        self.silent = threading.Event()
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *error):
        self.server.close()

    def _serve(self):
        while True:
            try:
                near, _ = self.server.accept()
            except OSError:
                return
            if self.refused < self.refuse:
                self.refused += 1
                near.sendall(self.greeting)
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", self.to))
            for near_end, far_end in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(near_end, far_end), daemon=True).start()

    def _pass(self, source, target):
        try:
            while data := source.recv(65536):
                if self.silent.is_set():
                    time.sleep(3600)
                target.sendall(data)
            target.close()
        except OSError:
            return
