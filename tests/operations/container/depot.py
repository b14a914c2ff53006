"""Debian's own registry on this machine, with images of one manifest and of an index; and the
engines that ask it: Docker with either store, Podman of two releases.
"""

import gzip
import hashlib
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import tarfile
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Any

import bcrypt

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"

# What the next release of Debian has: Docker that can keep images in containerd's store, Podman 5.
NEXT = "trixie"
ENGINES = ("docker.io", "docker-cli", "containerd", "podman", "conmon", "crun", "netavark")
# what Podman is linked with: it runs in a tree of its own
LIBRARIES = (
    *("libacl1", "libassuan9", "libattr1", "libaudit1", "libbsd0", "libbz2-1.0", "libc6"),
    *("libcap-ng0", "libcrypt1", "libgpg-error0", "libgpgme11t64", "libmd0", "libpam0g"),
    *("libpcre2-8-0", "libseccomp2", "libselinux1", "libsemanage2", "libsepol2"),
    *("libsqlite3-0", "libsubid5"),
)
MOUNTS = ("dev", "etc", "proc", "run", "sys", "tmp", "var")  # the machine's own, in that tree
CACHE = Path("/var/cache/fairlead-lab/next-engines")


class Depot:
    """A registry at `address`, HOST:PORT, without TLS; `login`: NAME:PASSWORD of who may."""

    def __init__(self, address: str, login: str = ""):
        self.address, self.login = address, login

    def logins(self, folder: Path) -> dict[str, str]:
        """The environment in which engines are logged in."""
        auth = b64encode(self.login.encode()).decode()
        (folder / ".docker").mkdir()
        file = folder / ".docker/config.json"
        file.write_text(json.dumps({"auths": {self.address: {"auth": auth}}}, indent=1))
        return {"HOME": str(folder), "REGISTRY_AUTH_FILE": str(file)}

    def publish(self, name: str, content: str, *, index: bool = False) -> str:
        """An image whose /version says `content`, as NAME:latest; its digest there."""
        layer, tree = _layer(content)
        config = {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Cmd": ["/version"]},
            "rootfs": {"type": "layers", "diff_ids": [tree]},
        }
        layers = [self._blob(name, layer) | {"mediaType": LAYER}]
        described = self._blob(name, _json(config)) | {"mediaType": CONFIG}
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST}
        body = _json(manifest | {"config": described, "layers": layers})
        if not index:
            return self._put(name, "latest", body, MANIFEST)
        digest = self._put(name, _digest(body), body, MANIFEST)
        platform = {"architecture": "amd64", "os": "linux"}
        member = {"mediaType": MANIFEST, "digest": digest, "size": len(body), "platform": platform}
        whole = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [member]}
        return self._put(name, "latest", _json(whole), INDEX)

    def _blob(self, name: str, content: bytes) -> dict[str, object]:
        digest = _digest(content)
        place = self._call("POST", f"/v2/{name}/blobs/uploads/").headers["Location"]
        self._call("PUT", f"{place}&digest={digest}", content, "application/octet-stream")
        return {"digest": digest, "size": len(content)}

    def _put(self, name: str, tag: str, body: bytes, kind: str) -> str:
        self._call("PUT", f"/v2/{name}/manifests/{tag}", body, kind)
        return _digest(body)

    def _call(self, method: str, path: str, body: bytes = b"", kind: str = "") -> Any:
        url = path if path.startswith("http") else f"http://{self.address}{path}"
        request = urllib.request.Request(url, body or None, method=method)
        if kind:
            request.add_header("Content-Type", kind)
        if self.login:
            request.add_header("Authorization", f"Basic {b64encode(self.login.encode()).decode()}")
        return urllib.request.urlopen(request, timeout=30)


def _json(value: object) -> bytes:
    return json.dumps(value, indent=1).encode()


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _layer(content: str) -> tuple[bytes, str]:
    """A layer of one file, packed, and the digest of it unpacked."""
    unpacked = io.BytesIO()
    with tarfile.open(fileobj=unpacked, mode="w") as archive:
        entry = tarfile.TarInfo("version")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content.encode()))
    return gzip.compress(unpacked.getvalue(), mtime=0), _digest(unpacked.getvalue())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def depot(folder: Path, login: str = "") -> Iterator[Depot]:
    """A registry that keeps its images in a folder; `login`: NAME:PASSWORD of who alone may."""
    address = f"127.0.0.1:{free_port()}"
    settings: dict[str, Any] = {
        "version": 0.1,
        "log": {"level": "warn"},
        "storage": {"filesystem": {"rootdirectory": str(folder / "images")}},
        "http": {"addr": address},
    }
    if login:
        settings["auth"] = {"htpasswd": {"realm": "depot", "path": str(folder / "users")}}
        name, _, password = login.partition(":")
        (folder / "users").write_bytes(
            f"{name}:".encode() + bcrypt.hashpw(password.encode(), bcrypt.gensalt(4))
        )
    (folder / "registry.yml").write_text(json.dumps(settings))
    words = ["docker-registry", "serve", str(folder / "registry.yml")]
    with running(words, folder / "registry.log"):
        served = Depot(address, login)
        _wait(lambda: served._call("GET", "/v2/"))
        yield served


@contextmanager
def running(words: list[str], log: Path, **environment: str) -> Iterator[None]:
    """A program that runs meanwhile, and what it has started."""
    with log.open("w") as output:
        process = subprocess.Popen(
            words,
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            env=os.environ | environment,
        )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(question: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            question()
        except (OSError, urllib.error.URLError, subprocess.CalledProcessError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return


@contextmanager
def docker(folder: Path, *, containerd: bool) -> Iterator[dict[str, str]]:
    """An engine of one's own, with containerd's store (the next release's) or its own; the
    environment in which `docker` reaches it.
    """
    socket = f"unix://{folder}/sock"
    path = f"{next_engines()}/usr/bin:{next_engines()}/usr/sbin:" if containerd else ""
    environment = {"PATH": f"{path}{os.environ['PATH']}:/usr/sbin", "DOCKER_HOST": socket}
    (folder / "daemon.json").write_text(
        json.dumps({"features": {"containerd-snapshotter": True}} if containerd else {})
    )
    words = [
        shutil.which("dockerd", path=environment["PATH"]) or "dockerd",
        *("--config-file", f"{folder}/daemon.json", "--data-root", f"{folder}/d"),
        *("--exec-root", f"{folder}/e", "--pidfile", f"{folder}/pid", "--host", socket),
        *("--iptables=false", "--ip6tables=false", "--bridge=none"),
        *(() if containerd else ("--storage-driver=vfs",)),
    ]
    with running(words, folder / "log", **environment):
        asked = ["docker", "version"]
        _wait(
            lambda: subprocess.run(
                asked, check=True, capture_output=True, env=os.environ | environment
            )
        )
        yield environment


@contextmanager
def podman(folder: Path, address: str, *, latest: bool) -> Iterator[dict[str, str]]:
    """Podman of this release or the next, that knows the registry as one without TLS; the
    environment in which it has its images in this folder.
    """
    (folder / "registries.conf").write_text(
        f'[[registry]]\nlocation = "{address}"\ninsecure = true\n'
    )
    (folder / "storage.conf").write_text(
        f'[storage]\ndriver = "vfs"\nrunroot = "{folder}/r"\ngraphroot = "{folder}/g"\n'
    )
    if latest:
        tree = next_engines()
        mounts = "".join(f"mount --rbind /{name} {tree}/{name}; " for name in MOUNTS)
        itself = f"mount --bind {tree} {tree}; "  # applying a layer wants a mount as its root
        inside = f'{itself}{mounts}exec chroot {tree} /usr/bin/podman "$@"'
        (folder / "bin").mkdir()
        (folder / "bin/podman").write_text(
            f"#!/bin/sh\nexec unshare -m sh -c '{inside}' podman \"$@\"\n"
        )
        (folder / "bin/podman").chmod(0o755)
    yield {
        "CONTAINERS_REGISTRIES_CONF": f"{folder}/registries.conf",
        "CONTAINERS_STORAGE_CONF": f"{folder}/storage.conf",
        "PATH": f"{folder}/bin:{os.environ['PATH']}",
    }


def next_engines() -> Path:
    """The tree with the engines of Debian's next release; fetched once, by one of us."""
    CACHE.parent.mkdir(parents=True, exist_ok=True)
    with CACHE.with_suffix(".lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not (CACHE / "done").exists():
            _fetch_engines()
    return CACHE


def _fetch_engines() -> None:
    shutil.rmtree(CACHE, ignore_errors=True)
    (CACHE / "debs").mkdir(parents=True)
    packages = [f"{name}/{NEXT}" for name in (*ENGINES, *LIBRARIES)]
    words = ["apt-get", "download", *packages]
    subprocess.run(words, cwd=CACHE / "debs", check=True, capture_output=True, timeout=600)
    for package in (CACHE / "debs").iterdir():
        subprocess.run(["dpkg", "-x", str(package), str(CACHE)], check=True, timeout=120)
    shutil.rmtree(CACHE / "debs")
    for name in MOUNTS:
        (CACHE / name).mkdir(exist_ok=True)
    for name in ("lib", "lib64"):
        if not (CACHE / name).exists():
            (CACHE / name).symlink_to(f"usr/{name}")
    (CACHE / "done").touch()
