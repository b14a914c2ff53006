"""Secrets from nothing to the hosts, and nowhere else: markers are planted, everything is done that can go wrong with them, and all that was written is searched."""

import shutil
import stat
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.ground import NAME, STATE, clear, newest, publish, under
from tests.e2e.inv import ROOT, SITE, Said
from tests.e2e.ops import Repository
from tests.e2e.searching import Processes, among, files_with, needles
from tests.test_certificates import certificate, key

TOKEN = "Kq7-token-of-a-careless-system-0123456789"
URL = "https://me:Zt6-password-in-a-url-4711@psconfig.example.org/mesh.json"
SITE_FILE = f"""\
extends: {SITE}
perfsonar: {{hosts: n1, patience: 8, tls: {{certificate: ps.pem, key: ps.key}}, psconfig_secret: [mesh]}}
leak: {{hosts: n1}}
"""
EVERYTHING_OF_DOCKER = """ids=$(docker ps -aq; docker images -aq); docker inspect $ids
for id in $(docker ps -aq); do docker logs "$id" 2>&1; docker top "$id" 2>&1; docker exec "$id" env 2>&1; done; docker history --no-trunc $(docker images -q | head -n 1)"""
TMPFS = ("run", "tmp", "dev/shm")


class Story(Repository):
    """An ops repository with secrets of its own, and all that its commands have said."""

    def __init__(self, folder: Path):
        super().__init__(folder)
        self.site.write_text(SITE_FILE)
        shutil.copytree(Path(__file__).parent / "plugins/leak", folder / "plugins/leak", ignore=shutil.ignore_patterns("__pycache__"))
        self.keys, self.state = folder / "keys", folder / "state"
        self.keys.mkdir(mode=0o700)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.keys / "id")], check=True, stdin=subprocess.DEVNULL)
        self.said: dict[str, Said] = {}
        self.values: dict[str, bytes] = {}

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"FAIRLEAD_IDENTITY": str(self.keys / "id"), "XDG_STATE_HOME": str(self.state)}

    def tell(self, *argv: str, code: int = 0, **more: Any) -> Said:
        """A command that has to end so; what it says is remembered."""
        said = self.inv(*argv, **more)
        assert said.code == code, f"{argv}: {said.code}\n{said.err}\n{said.out}"
        self.said[f"{len(self.said)} {' '.join(argv)}"] = said
        return said

    def give(self, name: str, value: bytes) -> None:
        self.values[name] = value
        assert self.inv("secrets.set", f"--name={name}", stdin=value.decode()).code == 0

    def learn(self, *names: str) -> None:
        """The values of secrets that were made; also those of before stay markers."""
        for name in names:
            shown = self.inv("secrets.show", f"--name={name}", "--yes")
            assert shown.code == 0, shown.err
            self.values[f"{name} {len(self.values)}"] = shown.out.encode()

    @property
    def markers(self) -> tuple[bytes, ...]:
        """What must not be seen: of the URL its password, of the key its own lines."""
        return needles(*(value.split(b"@")[0].split(b":")[-1] if value.startswith(b"https:") else value for value in self.values.values()))


@pytest.fixture(scope="module")
def story(lab, tmp_path_factory) -> Iterator[Story]:
    """Everything that happens, once; the tests look at what it left."""
    clear("n1")
    under("n1", "rm -rf /etc/leak")
    newest("5.0.0")
    story = Story(tmp_path_factory.mktemp("ops"))
    (mine, secret), now = key(), datetime.now(UTC)
    story.tell("secrets.init")
    story.give("ps.key", secret.reveal())
    assert story.inv("secrets.set", "--name=ps.pem", stdin=certificate(mine, now - timedelta(1), now + timedelta(20)).reveal().decode()).code == 0
    story.give("mesh", URL.encode())
    story.give("leak.token", TOKEN.encode())
    with Processes() as processes:
        story.processes = processes
        happen(story)
    yield story
    story.inv("perfsonar.down", "leak.down", "--yes")
    clear("n1")


def happen(story: Story) -> None:
    story.tell("leak.secrets", code=7)
    story.tell("leak.secrets", "--generate", "--json")
    story.learn("leak.root", "leak.leaf")
    story.tell("perfsonar.up", "leak.up", "--dry-run", "--json")
    story.tell("perfsonar.up", "leak.up", "--explain")
    story.tell("perfsonar.up", "leak.up", timeout=200)
    story.tell("perfsonar.up", "leak.up", "--json")
    for more in ((), ("--json",)):
        story.tell("leak.aloud", *more, code=1)
        story.tell("leak.stdin", *more, code=1)
        story.tell("status", *more)
        story.tell("leak.logs", *more)
        story.tell("perfsonar.logs", *more)
        story.tell("leak.exec", *more, "--", "cat", "/etc/leak/token", "/etc/leak/leaf")
    story.tell("perfsonar.exec", "--", "cat", "/etc/ssl/private/pscheduler.key", "/etc/perfsonar/psconfig/pscheduler-agent.json")
    story.tell("leak.secrets", "--rotate", "--name=leak.root")
    story.learn("leak.root", "leak.leaf")
    story.tell("leak.secrets", "--deliver", "--json")
    story.tell("leak.secrets", "--deliver", "--json")
    publish("5.1.0")
    story.tell("perfsonar.upgrade", "--json", timeout=200)
    story.killed = story.start("leak.slow").until("wait").kill()


def test_x(story):
    import json
    print(json.dumps({k: (v.code, v.out[-1500:], v.err[-700:]) for k, v in story.said.items()}, indent=1))
    m = story.markers
    print({k: (among((v.out + v.err).encode(), m)[:5]) for k, v in story.said.items() if among((v.out+v.err).encode(), m)})
    pid = (ROOT / "n1/pid").read_text().strip()
    print(sorted(files_with(m, ROOT / "n1/disk", *(Path("/proc", pid, "root", t) for t in TMPFS))))
    print(sorted(files_with(m, story.folder)))
    print(story.processes.looks, len(story.processes.seen), story.processes.with_any(m))
