"""The digest that a registry gives for a name, asked without an engine's help."""

import base64
import json
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from fairlead.operations.container import upgrade

LIBRARY = upgrade.sh.text("digest_lib")
DIGEST = "sha256:" + "0123456789abcdef" * 4


class TokenRegistry(BaseHTTPRequestHandler):
    """Asks for a token as Docker Hub does, and gives it to jdoe alone, for what was asked for."""

    def do_HEAD(self) -> None:
        if self.headers.get("Authorization") != "Bearer a.token":
            self.send_response(401)
            where = f"http://{self.headers['Host']}/token"
            scope = 'scope="repository:a/b:pull"'
            challenge = f'Bearer realm="{where}",service="the registry",{scope}'
            self.send_header("WWW-Authenticate", challenge)
        elif "vnd.oci.image.index" not in str(self.headers.get_all("Accept")):
            self.send_response(404)
        else:
            self.send_response(200)
            self.send_header("Docker-Content-Digest", DIGEST)
        self.end_headers()

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        jdoe = "Basic " + base64.b64encode(b'jdoe@ad:p"w').decode()
        is_right = asked == {"service": ["the registry"], "scope": ["repository:a/b:pull"]}
        is_let_in = is_right and self.headers.get("Authorization") == jdoe
        self.send_response(200 if is_let_in else 401)
        self.end_headers()
        self.wfile.write(b'{"expires_in": 300, "token": "a.token"}' if is_let_in else b"{}")

    def log_message(self, *words: object) -> None:
        """Nothing is printed."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), TokenRegistry)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()


def said(program: str, *words: str) -> str:
    argv = ["sh", "-c", f"{LIBRARY}\n{program}", "sh", *words]
    return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60).stdout


@pytest.mark.parametrize(
    ("login", "digests"), [('jdoe@ad:p"w', [DIGEST]), ("jdoe@ad:other", []), ("", [])]
)
def test_a_registry_that_wants_a_token_gets_one(
    every_shell: str, address: str, login: str, digests: list[str]
) -> None:
    headers = said('head_of "$1" "$2"', f"http://{address}/v2/a/b/manifests/latest", login)
    lines = [line.split() for line in headers.splitlines()]
    assert [words[1] for words in lines if words[:1] == ["Docker-Content-Digest:"]] == digests


@pytest.mark.parametrize(
    ("image", "registry"),
    [
        ("perfsonar/testpoint:latest", "docker.io"),
        ("alpine:3", "docker.io"),
        ("docker.io/library/alpine:3", "docker.io"),
        ("localhost/a:1", "localhost"),
        ("registry:5000/a/b:1", "registry:5000"),
        ("registry.example.org/a:1", "registry.example.org"),
    ],
)
def test_the_registry_that_an_image_names(every_shell: str, image: str, registry: str) -> None:
    assert said('registry_of "$1"', image).strip() == registry


@pytest.mark.parametrize(
    ("registry", "login"),
    [("r:5000", "robot$a:b:c"), ("docker.io", "hub:word"), ("other:5000", "")],
)
def test_who_is_logged_in_is_read_from_the_files_of_the_engines(
    every_shell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, registry: str, login: str
) -> None:
    def auth(text: str) -> str:
        return base64.b64encode(text.encode()).decode()

    (tmp_path / ".docker").mkdir()
    auths = {"r:5000": auth("robot$a:b:c"), "https://index.docker.io/v1/": auth("hub:word")}
    content = {"auths": {key: {"auth": word} for key, word in auths.items()}, "credsStore": ""}
    (tmp_path / ".docker/config.json").write_text(json.dumps(content, indent="\t"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("REGISTRY_AUTH_FILE", "/nowhere")
    assert said('login_of "$1"', registry) == login
