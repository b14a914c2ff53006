"""One call of a URL: what answers it, and whom else it is told. The servers are stand-ins."""

import http.server
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from fairlead.connections import web


class Page(http.server.BaseHTTPRequestHandler):
    """Answers /there by 200, /moved by a redirect to it, /odd by what is no HTTP."""

    paths: list[str] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def do_GET(self) -> None:
        self.paths.append(f"{self.command} {self.path}")
        if self.path == "/odd":
            self.wfile.write(b"220 mail.example.org ESMTP\r\n")
            return
        self.send_response(302 if self.path == "/moved" else 200)
        self.send_header("Location", "/there")
        self.end_headers()
        self.wfile.write(b"done")

    def log_message(self, *words: Any) -> None: ...


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Page, "paths", [])
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def call(url: str) -> tuple[int, str]:
    return web.call(url, "POST", {"a": 1}, {"Authorization": "Bearer s3cret"}, timeout=5)


def test_an_answer_is_its_status_and_its_text(url: str) -> None:
    assert call(f"{url}/there") == (200, "done")


def test_a_redirect_is_an_answer_and_nobody_else_gets_the_authorization(url: str) -> None:
    assert call(f"{url}/moved")[0] == 302
    assert Page.paths == ["POST /moved"]


def test_what_does_not_speak_http_is_told_as_any_other_failure(url: str) -> None:
    with pytest.raises(OSError, match="what answers does not speak HTTP"):
        call(f"{url}/odd")
