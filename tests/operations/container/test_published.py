"""What a registry has of an image, asked by its own API: as an index or alone, behind a token."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from fairlead.operations.container import published
from tests.shells import Shell

ARM, X86 = "sha256:" + "a" * 64, "sha256:" + "b" * 64
CONFIG = "sha256:" + "c" * 64
DOCKER = "application/vnd.docker.distribution.manifest"
BLOBS = {
    "/v2/a/b/manifests/index": {
        "schemaVersion": 2,
        "manifests": [
            {"mediaType": f"{DOCKER}.v2+json", "size": 3, "digest": ARM}
            | {"platform": {"architecture": "arm64", "os": "linux"}},
            {"mediaType": f"{DOCKER}.v2+json", "digest": X86}
            | {"platform": {"os": "linux", "architecture": "amd64"}, "annotations": {"a": "b"}},
            {"digest": CONFIG, "platform": {"architecture": "unknown", "os": "unknown"}},
        ],
    },
    "/v2/a/b/manifests/arm": {
        "manifests": [{"digest": ARM, "platform": {"architecture": "arm64", "os": "linux"}}]
    },
    f"/v2/a/b/blobs/{CONFIG}": {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Env": ["PATH=/bin", "PG_VERSION=16"], "Labels": {"version": "5.2"}},
    },
}
ALONE: dict[str, Any] = {
    "config": {"mediaType": "application/json", "size": 7, "digest": CONFIG},
    "layers": [{"size": 1000, "digest": X86}, {"size": 24, "digest": ARM}],
}
BLOBS |= {"/v2/a/b/manifests/alone": ALONE, f"/v2/a/b/manifests/{X86}": ALONE}


class Registry(BaseHTTPRequestHandler):
    """Gives to whom has its token, in several lines as some do."""

    def do_HEAD(self) -> None:
        self.answer(b"")

    def do_GET(self) -> None:
        if self.path.startswith("/token"):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"token": "a.token"}')
        else:
            self.answer(json.dumps(BLOBS.get(self.path), indent=1).encode())

    def answer(self, body: bytes) -> None:
        code = 200 if self.path in BLOBS else 500 if "broken" in self.path else 404
        if self.headers.get("Authorization") != "Bearer a.token":
            code = 401
            realm = f'Bearer realm="http://{self.headers["Host"]}/token",service="s",scope="r"'
        self.send_response(code)
        if code == 401:
            self.send_header("WWW-Authenticate", realm)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        """Nothing is printed."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def ask(shell: Shell, address: str) -> Any:
    """The values of the fact for these tags, on a host of x86_64 whose engine knows the registry as
    one without TLS."""
    shell.tool("docker", f"echo {address}")
    shell.tool("uname", "echo x86_64")

    def asked(*tags: str) -> Any:
        fact = published.fact("docker", *(f"{address}/a/b:{tag}" for tag in tags))
        known = fact.parse(*shell.run(fact.argv))
        return [known.get(f"{address}/a/b:{tag}") for tag in tags]

    return asked


@pytest.mark.parametrize(
    ("tag", "is_index", "platforms"),
    [("index", True, ("linux/arm64", "linux/amd64")), ("alone", False, ("linux/amd64",))],
)
def test_the_image_for_this_architecture_is_described(ask, address, tag, is_index, platforms):
    nothing, image = ask("nonesuch", tag)
    assert nothing == published.NONE
    assert (image.reference, image.is_index) == (f"{address}/a/b:{tag}", is_index)
    assert (image.platforms, image.fits, image.size) == (platforms, True, 1024)
    assert (image.variables["PG_VERSION"], image.labels) == ("16", {"version": "5.2"})


def test_an_index_without_this_architecture_fits_not(ask):
    [image] = ask("arm")
    assert (image.fits, image.platforms, image.size) == (False, ("linux/arm64",), 0)


def test_a_name_that_the_registry_has_not_is_told_from_one_that_does_not_answer(ask, shell):
    assert ask("nonesuch", "broken") == [published.NONE, None]
    shell.tool("curl", "exit 7")
    assert ask("index", "nonesuch") == [None, None]
