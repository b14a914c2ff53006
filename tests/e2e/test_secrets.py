"""Secrets from nothing to a host, and nowhere else: markers are planted, what can go wrong goes
wrong, and all that was written is searched.
"""

import base64
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.ground import clear, newest, publish, sh, under
from tests.e2e.inv import ROOT, SITE, Said
from tests.e2e.ops import Repository
from tests.e2e.searching import Processes, among, files_with, needles
from tests.secrets.test_certificates import certificate, key

TOKEN = "Kq7-token-of-a-careless-system-0123456789"
URL = "https://me:Zt6-password-in-a-url-4711@psconfig.example.org/mesh.json"
STEP = "Jr4-given-to-a-careless-step"  # tests/e2e/plugins/leak/teller.py has it too
SITE_FILE = f"""\
extends: {SITE}
perfsonar:
  {{hosts: n1, patience: 8, tls: {{certificate: ps.pem, key: ps.key}}, psconfig_secret: [mesh]}}
leak: {{hosts: n1}}
"""
MODES = 'for file; do stat -c "%n %a %U:%G" "$file"; done'
STATE = "/var/lib/perfsonar-testpoint"
KEY, AGENT = "etc/ssl/private/pscheduler.key", "etc/perfsonar/psconfig/pscheduler-agent.json"
MEANT = {
    "/etc/leak/token": "640 root:daemon",
    "/etc/leak/leaf": "600 root:root",
    **{
        f"{STATE}/{when}/{KEY}": "600 root:root" for when in ("current", "previous")
    },  # the state of the version before an upgrade is kept
    **{f"{STATE}/{when}/{AGENT}": "600" for when in ("current", "previous")},  # the agent's own
}


class Story(Repository):
    """An ops repository with secrets of its own, and all that its commands have said."""

    def __init__(self, folder: Path):
        super().__init__(folder)
        self.site.write_text(SITE_FILE)
        shutil.copytree(
            Path(__file__).parent / "plugins/leak",
            folder / "plugins/leak",
            ignore=shutil.ignore_patterns("__pycache__"),
        )
        self.keys, self.state, self.processes = folder / "keys", folder / "state", Processes()
        self.keys.mkdir(mode=0o700)
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.keys / "id")],
            check=True,
            stdin=subprocess.DEVNULL,
        )
        self.said: dict[str, Said] = {}
        self.values: list[bytes] = [STEP.encode()]

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {
            "FAIRLEAD_IDENTITY": str(self.keys / "id"),
            "XDG_STATE_HOME": str(self.state),
            "PYTHONDONTWRITEBYTECODE": "1",  # the leak's own source is looked for as well
        }

    def tell(self, *argv: str, code: int = 0, **more: Any) -> Said:
        """A command that has to end so; what it says is remembered."""
        said = self.inv(*argv, **more)
        assert said.code == code, f"{argv}: {said.code}\n{said.err}\n{said.out}"
        self.said[f"{len(self.said)} {' '.join(argv)}"] = said
        return said

    def give(self, name: str, value: bytes, marks: bytes = b"") -> None:
        """A secret that people give; `marks` is what of it must not be seen."""
        self.values += [marks] if marks else []
        assert self.inv("secrets.set", f"--name={name}", stdin=value.decode()).code == 0

    def learn(self, *names: str) -> None:
        """The values of secrets that were made; those of before stay markers."""
        for name in names:
            self.values.append(self.inv("secrets.show", f"--name={name}", "--yes").out.encode())

    def last(self, start: str) -> Said:
        """What the last command that began so has said."""
        return next(
            said
            for name, said in reversed(self.said.items())
            if name.partition(" ")[2].startswith(start)
        )


@pytest.fixture(scope="module")
def story(lab, tmp_path_factory) -> Iterator[Story]:
    """Everything that happens, once; the tests look at what it left."""
    clear("n1")
    under("n1", "rm -rf /etc/leak")
    newest("5.0.0")
    story, now = Story(tmp_path_factory.mktemp("ops")), datetime.now(UTC)
    mine, secret = key()
    story.tell("secrets.init")
    story.give("ps.key", secret.reveal(), secret.reveal())
    story.give("ps.pem", certificate(mine, now - timedelta(1), now + timedelta(20, 3600)).reveal())
    story.give("mesh", URL.encode(), b"Zt6-password-in-a-url-4711")
    story.give("leak.token", TOKEN.encode(), TOKEN.encode())
    with story.processes:
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
    story.tell("leak.aloud", code=1)
    story.tell("leak.aloud", "leak.status", "--json", code=1)
    story.tell("leak.stdin", code=1)
    story.tell("perfsonar.status", "leak.status", "leak.logs")
    story.tell("leak.logs", "--json")
    story.tell("leak.exec", "--", "cat", "/etc/leak/token", "/etc/leak/leaf")
    story.tell("perfsonar.exec", "--", "cat", f"/{KEY}", f"/{AGENT}")
    story.tell("leak.secrets", "--rotate", "--name=leak.root")
    story.learn("leak.root", "leak.leaf")
    story.start("leak.slow").until("leak: files: changed").kill()
    under("n1", sh.text("runs_are_over"))
    story.tell("leak.secrets", "--deliver", "--json")
    story.tell("leak.secrets", "--rotate", "--name=leak.leaf")
    story.learn("leak.leaf")
    story.tell("leak.secrets", "--deliver", "leak.secrets", "--deliver", "--json")
    publish("5.1.0")
    story.tell("perfsonar.upgrade", "--json", timeout=200)


@pytest.fixture(scope="module")
def markers(story) -> tuple[bytes, ...]:
    return needles(*story.values)


def of_the_host() -> dict[str, Path]:
    """All that a host has written: its disk, which lies over this machine's own, and its memory."""
    disk, inside = ROOT / "n1/disk", Path("/proc", (ROOT / "n1/pid").read_text().split()[0], "root")
    layers = {
        "": "upper",
        "/var/lib/fairlead": "state",
        "/var/lib/docker": "docker",
        "/root": "root",
        "/var/log": "log",
        "/home": "home",
    }
    return {name: disk / layer for name, layer in layers.items()} | {
        f"/{name}": inside / name for name in ("run", "tmp", "dev/shm")
    }


def on_the_host(found: tuple[bytes, ...]) -> set[str]:
    """Where on the host one of them stands, by the names that the host has for it."""
    folders = of_the_host()
    assert all(folder.is_dir() for folder in folders.values())
    return {
        f"{name}/{Path(file).relative_to(folder)}"
        for name, folder in folders.items()
        for file in files_with(found, folder)
    }


def modes(paths: set[str]) -> Mapping[str, str]:
    lines = under("n1", MODES, *sorted(paths)).splitlines()
    return {path: mode for path, _, mode in (line.partition(" ") for line in lines)}


def test_nothing_that_was_said_holds_one(story, markers) -> None:
    assert {
        name: found
        for name, said in story.said.items()
        if (found := among((said.out + said.err).encode(), markers))
    } == {}


def test_where_they_would_stand_are_stars(story) -> None:
    stars = {
        name: story.last(name).out.count("***")
        for name in ("leak.aloud", "leak.stdin", "leak.logs", "leak.exec", "perfsonar.exec")
    }
    assert stars == {
        "leak.aloud": 10,
        "leak.stdin": 1,
        "leak.logs": 5,
        "leak.exec": 3,
        "perfsonar.exec": 2,
    }
    assert "token=***" in story.last("perfsonar.status").out


def test_here_they_stand_nowhere(story, markers) -> None:
    assert files_with(markers, story.folder, Path("/dev/shm")) == {
        str(story.folder / "plugins/leak/teller.py")
    }  # STEP
    assert (story.state / "fairlead/journal.jsonl").read_text().count("leak.aloud") == 2


def test_on_the_host_they_stand_where_they_are_meant_to_with_mode_and_owner(story, markers) -> None:
    found = on_the_host(markers)
    backups = {path for path in found if path.startswith("/var/lib/fairlead/backups/files/")}
    assert found - backups == set(MEANT)
    assert {
        path: mode
        for path, mode in modes(found).items()
        if not mode.startswith(MEANT.get(path, "6"))
    } == {}
    assert set(
        modes({"/var/lib/fairlead", "/run/fairlead", "/var/lib/fairlead/backups"}).values()
    ) == {"700 root:root"}
    assert len(backups) == 2  # what the files of leak held before the last change


def test_docker_knows_none(story, markers) -> None:
    told = under("n1", sh.text("docker_words"))
    assert "org.opencontainers.image.version" in told
    assert among(told.encode(), markers) == []


def test_no_process_had_one_in_its_arguments_or_environment(story, markers) -> None:
    assert len(story.processes.seen) > 500
    assert story.processes.with_any(markers) == {}


def test_a_secret_that_was_made_anew_is_a_step_that_changes_once(story) -> None:
    first, second = story.last("leak.secrets --deliver leak.secrets").json["runs"]
    assert [run["hosts"][0]["state"] for run in (first, second)] == ["changed", "ok"]


def test_what_is_needed_is_told_with_its_end(story) -> None:
    said = story.inv("secrets", "--fail-within=30d", "--json")
    rows = {row["name"]: (row["state"], row["days"], row["mode"]) for row in said.json["secrets"]}
    assert (said.code, rows) == (
        7,
        {
            "mesh": ("ok", None, "0600"),
            "ps.pem": ("ending", 20, "0644"),
            "ps.key": ("ok", None, "0600"),
            "leak.token": ("ok", None, "0640"),
            "leak.leaf": ("ok", None, "0600"),
            "leak.root": ("ok", None, ""),
        },
    )
    assert story.inv("secrets", "--fail-within=2w").code == 0


# Other stores, for real


@pytest.mark.parametrize(
    "store", ["environment: {}", "command: {argv: [KEEPER, show, fairlead/%], timeout: 5}"]
)
def test_a_secret_of_another_store_is_delivered(story, tmp_path, store) -> None:
    keeper, value = tmp_path / "keeper", f"Wd9-from-{store[:7]}-of-ours"
    keeper.write_text((sh.folder / "keeper.sh").read_text())
    keeper.chmod(0o700)
    (tmp_path / "keeper.value").write_text(f"{value}\n")
    site = tmp_path / "s.yml"
    site.write_text(
        f"extends: {story.site}\nleak: {{token: elsewhere}}\nsecrets: "
        f"{{{store.replace('KEEPER', str(keeper))}}}\n"
    )
    variable = {"FAIRLEAD_SECRET_ELSEWHERE": value} if store.startswith("env") else {}
    told = story.inv("leak.secrets", f"--site={site}", "--json", **variable).json["secrets"]
    assert [row["source"] for row in told] == [store.partition(":")[0], "age file", "age file"]
    assert story.inv("leak.secrets", "--deliver", f"--site={site}", **variable).code == 0
    assert under("n1", "cat /etc/leak/token") == value
    absent = (
        story.inv("leak.secrets", f"--site={site}", FAIRLEAD_SECRET_ELSEWHERE="")
        if variable
        else None
    )
    assert absent is None or absent.code == 7


# The search itself


@pytest.mark.parametrize("lead", range(3))
def test_the_search_finds_what_is_planted(story, markers, tmp_path, lead) -> None:
    planted = base64.b64encode(b"xyz"[:lead] + TOKEN.encode() + b"more").decode()
    assert among(planted.encode(), markers)
    under("n1", 'echo "$1" >/etc/leak/planted; echo "$1" >/run/planted', planted)
    here = tmp_path / "planted"
    here.write_text(TOKEN[5:17])
    try:
        assert on_the_host(markers) - set(MEANT) >= {"/etc/leak/planted", "/run/planted"}
        assert files_with(markers, tmp_path) == {str(here)}
    finally:
        under("n1", "rm -f /etc/leak/planted /run/planted")


def test_the_search_finds_a_process(markers) -> None:
    with (
        Processes() as processes,
        subprocess.Popen(["sleep", "0.5"], env={"X": TOKEN, "PATH": "/usr/bin:/bin"}) as one,
    ):
        one.wait()
    assert [re.sub(r"\d+", "N", where) for where in processes.with_any(markers)] == [
        "/proc/N/environ"
    ]
