"""One call of a URL: what answers it, and whom else it is told. The servers are stand-ins."""

import contextlib
import http.server
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from fairlead.connections import web


class Page(http.server.BaseHTTPRequestHandler):
    """Answers /there by 200, /moved by a redirect to it, /odd by what is no HTTP, /drops by a byte
    now and then, /cut and /cut/500 by less than was promised, /huge by more than anybody reads.
    """

    paths: list[str] = []
    is_over = threading.Event()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def do_GET(self) -> None:
        self.paths.append(f"{self.command} {self.path}")
        if self.path == "/odd":
            self.wfile.write(b"220 mail.example.org ESMTP\r\n")
            return
        if self.path == "/drops":
            self._drip()
            return
        self.send_response({"/moved": 302, "/cut/500": 500}.get(self.path, 200))
        self.send_header("Location", "/there")
        if self.path.startswith("/cut"):
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"ffff\r\nhalf")
            return
        if self.path == "/huge":
            self.end_headers()
            self._flood()
            return
        self.end_headers()
        self.wfile.write(b"done")

    def _drip(self) -> None:
        with contextlib.suppress(OSError):
            while not self.is_over.wait(0.05):
                self.wfile.write(b"H")

    def _flood(self) -> None:
        with contextlib.suppress(OSError):
            while not self.is_over.is_set():
                self.wfile.write(b"x" * web.LARGEST)

    def log_message(self, *words: Any) -> None: ...


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Page, "paths", [])
    monkeypatch.setattr(Page, "is_over", threading.Event())
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    Page.is_over.set()
    server.shutdown()
    server.server_close()


def call(url: str, timeout: float = 5, ca: str = "") -> tuple[int, str]:
    headers = {"Authorization": "Bearer s3cret"}
    return web.call(url, "POST", {"a": 1}, headers, timeout=timeout, ca=ca)


def refusal(url: str, timeout: float = 5, ca: str = "") -> str:
    with pytest.raises(web.NoAnswer) as error:
        call(url, timeout, ca)
    return str(error.value)


def test_an_answer_is_its_status_and_its_text(url: str) -> None:
    assert call(f"{url}/there") == (200, "done")


def test_a_redirect_is_an_answer_and_nobody_else_gets_the_authorization(url: str) -> None:
    assert call(f"{url}/moved") == (302, "it has moved to /there")
    assert Page.paths == ["POST /moved"]


def test_what_does_not_speak_http_is_told_as_any_other_failure(url: str) -> None:
    assert refusal(f"{url}/odd") == (
        "what answers does not speak HTTP (BadStatusLine('220 mail.example.org ESMTP\\r\\n')); "
        "see what listens there"
    )


@pytest.mark.parametrize("path", ["/cut", "/cut/500"])
def test_an_answer_that_breaks_off_is_none(url: str, path: str) -> None:
    assert refusal(url + path).startswith("what answers does not speak HTTP (IncompleteRead(")


def test_an_answer_in_drops_ends_in_time(url: str) -> None:
    begin = time.monotonic()
    assert refusal(f"{url}/drops", timeout=0.5) == (
        "there was no whole answer within 0.5 s; see whether it works, and what is between"
    )
    assert time.monotonic() - begin < 3


def test_a_listener_that_says_nothing_is_left_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"http://127.0.0.1:{mute.getsockname()[1]}"
        assert refusal(url, timeout=0.3).startswith("there was no whole answer within 0.3 s; ")


def test_of_a_huge_answer_the_beginning_is_read(url: str) -> None:
    assert call(f"{url}/huge") == (200, "x" * web.LARGEST)


def test_nobody_there_is_told() -> None:
    assert refusal("http://127.0.0.1:1") == (
        "Connection refused; see whether it runs, and can be reached from here"
    )


@pytest.mark.parametrize("url", ["http://127.0.0.1:x/", "http://127.0.0.1/\u00fc"])
def test_what_is_no_url_is_told(url: str) -> None:
    assert refusal(url) == "is no URL that can be called; write it in ASCII, a port as a number"


def test_a_name_that_nobody_knows_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*words: object, **more: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert refusal("http://nowhere.invalid") == (
        "its name is not known here (Name or service not known); "
        "see whether it is right, and whether DNS answers"
    )


@pytest.fixture
def secure(url: str, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A URL whose certificate nobody else has signed, and the file that trusts it."""
    file = tmp_path / "server.pem"
    file.write_bytes(certificate_and_key())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"https://127.0.0.1:{server.server_address[1]}", str(file)
    server.shutdown()
    server.server_close()


def certificate_and_key() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "here")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = serialization.PrivateFormat.PKCS8
    written = key.private_bytes(pem, private, serialization.NoEncryption())
    return certificate.public_bytes(pem) + written


def test_a_certificate_that_is_not_trusted_is_told_and_gets_no_authorization(
    secure: tuple[str, str],
) -> None:
    url, file = secure
    refused = refusal(f"{url}/there")
    assert refused == (
        "its certificate is not good here (self-signed certificate); mend it (openssl s_client "
        "-connect HOST:PORT shows it), or trust its authority here: the key ca of a call, else "
        "SSL_CERT_FILE"
    )
    assert Page.paths == []
    assert call(f"{url}/there", ca=file) == (200, "done")


def test_http_where_https_was_meant_is_told(url: str) -> None:
    refused = refusal(url.replace("http:", "https:"))
    assert refused.startswith("what answers does not speak TLS as we do (")
    assert refused.endswith("); see whether http:// is meant")


def test_a_file_of_certificates_that_is_none_is_named(url: str, tmp_path: Path) -> None:
    secure = url.replace("http:", "https:")
    missing, other = tmp_path / "no.pem", tmp_path / "other.pem"
    other.write_text("no certificate")
    assert refusal(secure, ca=str(missing)) == (
        f"{missing} cannot be used (No such file or directory); name a file of certificates in PEM"
    )
    assert refusal(secure, ca=str(other)).startswith(f"{other} cannot be used (")
