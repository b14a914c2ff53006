"""What is done with images for several machines, on a real docker-registry of this machine."""

import hashlib
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from fairlead.contract.loader import Plugins
from fairlead.operations import script
from tests.shells import Shell

sh = script.beside(__file__)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not shutil.which("docker-registry"), reason="needs docker-registry (Debian's package)"
    ),
]
OCI = "application/vnd.oci.image"
INDEX, MANIFEST = f"{OCI}.index.v1+json", f"{OCI}.manifest.v1+json"
DOCKER = "application/vnd.docker.distribution.manifest"
CONFIG = """version: 0.1
storage: {{delete: {{enabled: true}}, filesystem: {{rootdirectory: "{root}"}}}}
http: {{addr: "127.0.0.1:{port}"}}
"""


class Registry:
    """A registry that serves, as long as a test wants it to."""

    def __init__(self, folder: Path):
        self.root, self.config = folder / "root", folder / "config.yml"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.config.write_text(CONFIG.format(root=self.root, port=self.port))
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            ["docker-registry", "serve", str(self.config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        end = time.monotonic() + 20
        while self.status("") != 200:
            assert time.monotonic() < end
            time.sleep(0.05)

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait()
            self.process = None

    def ask(self, path: str, method: str = "GET", data: bytes | None = None, kind: str = "") -> str:
        """The answer's Location. Raises HTTPError."""
        url = path if path.startswith("http") else f"http://127.0.0.1:{self.port}/v2/{path}"
        headers = {"Accept": f"{INDEX}, {MANIFEST}, {DOCKER}.list.v2+json, {DOCKER}.v2+json"}
        if kind:
            headers["Content-Type"] = kind
        with urlopen(Request(url, data, headers, method=method), timeout=10) as answer:
            return answer.headers.get("Location") or ""

    def status(self, path: str) -> int:
        try:
            self.ask(path)
        except HTTPError as error:
            return error.code
        except OSError:
            return 0
        return 200

    def blob(self, content: bytes) -> dict[str, object]:
        """A blob that it has, and how a manifest names it."""
        location = self.ask("sl6/blobs/uploads/", "POST", b"")
        self.ask(f"{location}&digest={digest(content)}", "PUT", content, "application/octet-stream")
        return {"mediaType": "a", "digest": digest(content), "size": len(content)}

    def manifest(self, content: object, tag: str = "", kind: str = MANIFEST) -> str:
        """A manifest that it has, under a tag or under none; its digest."""
        text = json.dumps(content, indent=3).encode()
        self.ask(f"sl6/manifests/{tag or digest(text)}", "PUT", text, kind)
        return digest(text)

    def image(self, word: str, **more: object) -> str:
        """An image without a tag; its digest."""
        labels = {"fairlead.image.by": f"{word}@here", "fairlead.image.packages.1": "a=1 b=2"}
        config = {"created": "2026-01-01T00:00:00Z", "config": {"Labels": labels}}
        return self.manifest(
            {
                "schemaVersion": 2,
                "mediaType": MANIFEST,
                "config": self.blob(json.dumps(config, separators=(",", ":")).encode()),
                "layers": [self.blob(f"layer of {word}".encode())],
                **more,
            }
        )

    def index(self, tag: str, *digests: str, kind: str = INDEX) -> str:
        """An image for several machines: an attestation, then one for each."""
        names = ("unknown", "amd64", "arm64")
        parts = [
            {
                "mediaType": MANIFEST if kind == INDEX else f"{DOCKER}.v2+json",
                "digest": part,
                "size": 1,
                "platform": {"architecture": name, "os": name if name == "unknown" else "linux"},
            }
            for name, part in zip(names, digests, strict=True)
        ]
        content = {"schemaVersion": 2, "mediaType": kind, "manifests": parts}
        return self.manifest(content, tag, kind)


def digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    registry = Registry(tmp_path)
    registry.start()
    yield registry
    registry.stop()


@pytest.fixture
def machine(shell: Shell) -> Shell:
    """A machine on which no service of systemd runs, and where https is http."""
    shell.tool("systemctl", "exit 3")
    shell.tool("curl", sh.text("curl_plain"))
    return shell


def sweep(registry: Registry, untagged: str = "") -> tuple[str, ...]:
    return ("none", *swept(registry, untagged))


def swept(registry: Registry, untagged: str = "") -> tuple[str, ...]:
    line = ("docker-registry", "garbage-collect", str(registry.config))
    return (str(registry.root), untagged, *line)


def test_the_parts_of_a_tagged_image_for_several_machines_are_never_swept(
    plugins: Plugins, machine: Shell, registry: Registry
) -> None:
    from fairlead_plugins.triumf import registry as component

    parts = [registry.image(word) for word in ("attestation", "amd64", "arm64")]
    index = registry.index("latest", *parts)
    signature = registry.image("signature", subject={"digest": index, "size": 1})
    stray = registry.image("stray")
    assert machine.run(component.sh("swept", *swept(registry)))[0] == 0
    assert machine.run(component.sh("swept", *swept(registry, "untagged")))[0] == 1
    registry.stop()
    assert machine.run(component.sh("sweep", *sweep(registry, "untagged")))[0] == 0
    assert machine.run(component.sh("swept", *swept(registry, "untagged")))[0] == 0
    registry.start()
    manifests = ("latest", *parts, signature, stray)
    assert [registry.status(f"sl6/manifests/{name}") for name in manifests] == [200] * 5 + [404]
    layers = [digest(f"layer of {word}".encode()) for word in ("amd64", "arm64", "stray")]
    assert [registry.status(f"sl6/blobs/{layer}") for layer in layers] == [200, 200, 404]


def test_where_a_tagged_manifest_is_lost_nothing_of_its_repository_goes(
    plugins: Plugins, machine: Shell, registry: Registry
) -> None:
    from fairlead_plugins.triumf import registry as component

    parts = [registry.image(word) for word in ("attestation", "amd64", "arm64")]
    hexes = registry.index("latest", *parts).partition(":")[2]
    (registry.root / f"docker/registry/v2/blobs/sha256/{hexes[:2]}/{hexes}/data").unlink()
    machine.run(component.sh("sweep", *sweep(registry, "untagged")))
    links = registry.root / "docker/registry/v2/repositories/sl6/_manifests/revisions/sha256"
    assert {f"sha256:{link.name}" for link in links.iterdir()} >= {*parts}


def test_half_a_push_is_swept_unless_it_is_under_way(
    plugins: Plugins, machine: Shell, registry: Registry
) -> None:
    from fairlead_plugins.triumf import registry as component

    location = registry.ask("sl6/blobs/uploads/", "POST", b"")
    registry.ask(location, "PATCH", b"half", "application/octet-stream")
    (upload,) = (registry.root / "docker/registry/v2/repositories/sl6/_uploads").iterdir()
    with (upload / "data").open():
        assert machine.run(component.sh("swept", *swept(registry)))[0] == 0
    assert machine.run(component.sh("swept", *swept(registry)))[0] == 1
    registry.stop()
    assert machine.run(component.sh("sweep", *sweep(registry)))[0] == 0
    assert not upload.exists()
    assert machine.run(component.sh("swept", *swept(registry)))[0] == 0


@pytest.mark.parametrize("kind", [INDEX, f"{DOCKER}.list.v2+json"])
def test_an_image_for_several_machines_is_tracked_and_deleted(
    plugins: Plugins, machine: Shell, registry: Registry, kind: str
) -> None:
    from fairlead_plugins.triumf import registry as component
    from fairlead_plugins.triumf.image import tracking

    config = machine.folder / ".docker/config.json"
    config.parent.mkdir()
    host = f"127.0.0.1:{registry.port}"
    config.write_text(json.dumps({"auths": {host: {"auth": "me"}}}))
    parts = [registry.image(word) for word in ("attestation", "amd64", "arm64")]
    index = registry.index("latest", *parts, kind=kind)
    code, output = machine.run(tracking.sh("track", host, ""))
    assert (code, output.split("\t")[:8]) == (
        0,
        ["sl6", "latest", index, "2026-01-01T00:00:00", "2", "no", "yes", "amd64@here"],
    )
    delete = component.sh("delete", f"https://{host}", "sl6", "latest", "")
    assert machine.run(delete, "user = x\n")[0] == 0
    assert [registry.status(f"sl6/manifests/{name}") for name in ("latest", index)] == [404, 404]
    assert machine.run(delete, "user = x\n")[0] == 17
    registry.stop()
    assert machine.run(delete, "user = x\n")[0] == 15
