"""Where silences are: a stand-in for Alertmanager, on 127.0.0.1."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

OPEN = {
    "matchers": [{"name": "instance", "value": "({host_regex})(:.*)?", "isRegex": True}],
    "startsAt": "{begins}",
    "endsAt": "{ends}",
    "createdBy": "{who}",
    "comment": "{verb} {reason} ({run})",
    "end": "{ends_epoch}",
}


class Silences(BaseHTTPRequestHandler):
    """A stand-in: answers as Alertmanager's api/v2 does, and checks nothing of what it gets."""

    server: "Alerts"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.calls.append(("open", body))
        self.server.headers.append(dict(self.headers))
        self._answer(self.server.status, self.server.says())

    def do_DELETE(self) -> None:
        self.server.calls.append(("close", self.path))
        self._answer(self.server.closing, "")

    def _answer(self, status: int, text: str) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *words: Any) -> None: ...


class Alerts(ThreadingHTTPServer):
    """Where silences are; `calls` are what it was told, in order."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Silences)
        self.calls: list[tuple[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.status, self.closing, self.answer = 200, 200, '{"silenceID": "a b"}'
        self.says: Callable[[], str] = lambda: self.answer

    @property
    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.calls]

    def announcement(self, **more: Any) -> dict[str, Any]:
        url = f"http://127.0.0.1:{self.server_port}/api/v2"
        return {
            "id": "silenceID",
            "open": {"url": f"{url}/silences", "body": OPEN},
            "close": {"url": f"{url}/silence/{{id}}", "method": "DELETE"},
        } | more


@contextmanager
def listening() -> Iterator[Alerts]:
    server = Alerts()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()
