"""What ssh reaches by an ssh_config, we reach; where ssh stays outside so do we; and where it is
otherwise a sentence says why. Beside the real ssh, with real servers.
"""

import getpass
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from fairlead import connections
from fairlead.cli.commands import hosts
from fairlead.inventory.hosts import Host
from tests import sshd

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sshd.SSHD is None or not all(map(shutil.which, ("ssh", "ssh-agent", "busybox"))),
        reason="needs sshd, ssh, ssh-agent, busybox",
    ),
    pytest.mark.usefixtures("home"),
]
CASES = yaml.safe_load((Path(__file__).parent / "cases" / "ssh_doors.yml").read_text())
PLACE = "HostName 127.0.0.1\n Port PORT\n"
BEHIND = {
    "place": PLACE + " UserKnownHostsFile FOLDER/known\n",
    "key": PLACE + " IdentityFile FOLDER/key\n",
    "port": "HostName 127.0.0.1\n IdentityFile FOLDER/key\n UserKnownHostsFile FOLDER/known\n",
    None: PLACE + " IdentityFile FOLDER/key\n UserKnownHostsFile FOLDER/known\n",
}
GREETING = "echo we are in"


@pytest.fixture(scope="module")
def street(tmp_path_factory) -> Iterator[SimpleNamespace]:
    """Two servers that one key opens, an agent that has it, and files about them."""
    folder = tmp_path_factory.mktemp("street")
    with sshd.running(folder / "n1") as far, sshd.running(folder / "gate") as gate:
        shutil.copy(f"{far.key}.pub", gate.folder / "authorized_keys")
        _keys(folder, far.key)
        _known(folder, far, gate)
        with _agent(folder / "my agent", folder / "key"):
            words = {
                "PORT": str(far.port),
                "GATE": str(gate.port),
                "FREE": str(sshd.free_port()),
                "AGENT": str(folder / "agent"),
                "FOLDER": str(folder),
                "MENEXT": getpass.getuser(),
                "ME": getpass.getuser(),
            }
            yield SimpleNamespace(folder=folder, words=words)


def _keys(folder: Path, key: Path) -> None:
    for name in ("key", "open", "my key"):
        shutil.copy(key, folder / name)
        (folder / name).chmod(0o644 if name == "open" else 0o600)
    shutil.copy(f"{key}.pub", folder / "key.pub")
    sshd.keygen(folder / "other")


def _known(folder: Path, far: sshd.Sshd, gate: sshd.Sshd) -> None:
    key = " ".join(sshd.public(far.host_keys["ed25519"]))
    lines = far.known + gate.known + f"real {key}\n"
    for name in ("known", "known_n1", "my known", "hashed"):
        (folder / name).write_text(lines)
    subprocess.run(["ssh-keygen", "-q", "-Hf", folder / "hashed"], check=True, capture_output=True)
    (folder / "revoked").write_text(f"{lines}@revoked * {key}\n")


@contextmanager
def _agent(socket: Path, key: Path) -> Iterator[None]:
    """An agent that has a key; `agent` is another name of its socket."""
    words = ["ssh-agent", "-D", "-a", socket]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    while not socket.exists():
        threading.Event().wait(0.02)
    (socket.parent / "agent").symlink_to(socket)
    environment = os.environ | {"SSH_AUTH_SOCK": str(socket)}
    subprocess.run(["ssh-add", "-q", key], check=True, env=environment)
    yield
    process.terminate()
    process.wait(10)


@pytest.fixture(params=CASES, ids=lambda case: case["name"])
def door(request, street, home, monkeypatch) -> SimpleNamespace:
    """A case with its words filled in: config, site, says, and what ssh makes of it."""
    monkeypatch.setenv("CASE_FOLDER", str(street.folder))

    def filled(text: str) -> str:
        for word, value in street.words.items():
            text = text.replace(word, value)
        return text

    case = request.param
    behind = BEHIND.get(case.get("bare"), "")
    config = filled(case["config"] + f"Match all\n {behind}")
    values = {key: filled(value) for key, value in case.get("site", {}).items()}
    values |= {"port": int(values["port"]), "has_port": True} if "port" in values else {}
    return SimpleNamespace(
        config=config,
        values=values,
        truth=case.get("ours") == "in" or _is_let_in(home / "ssh_config", config, values),
        says=filled(case.get("says", "nothing of the kind")),
        openssh_says=filled(case.get("openssh_says", "nothing of the kind")),
    )


def _is_let_in(path: Path, config: str, site: dict) -> bool:
    """Whether ssh runs a program there."""
    path.write_text(config)
    flags = {"user": ("-l",), "port": ("-p",), "identity": ("-i",)}
    words = [word for key, flag in flags.items() if key in site for word in (*flag, str(site[key]))]
    address = ["-o", f"HostName={site['address']}"] if "address" in site else []
    ssh = ["ssh", "-F", path, "-o", "BatchMode=yes", "-o", "ConnectTimeout=20", *words, *address]
    done = subprocess.run(
        [*ssh, "n1", GREETING],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return (done.returncode, done.stdout.replace("\r", "")) == (0, "we are in\n")


def test_hosts_check_comes_in_where_ssh_does_or_says_why_not(door, home) -> None:
    for transport, says in (("ssh", door.says), ("openssh", door.openssh_says)):
        row = _checked(door, transport, home)
        notes = row["ssh"]["notes"] if row["ssh"] else ()
        assert "\n" not in row["error"]
        if says not in "; ".join((row["error"], *notes)):
            assert (not row["error"]) == door.truth, f"{transport}: {row['error']}"
        if not row["error"]:
            assert (row["reach"], row["key"], row["user"]) == ("yes", "known", getpass.getuser())


def _checked(door, transport: str, home: Path) -> dict:
    """The row of `inv hosts.check`."""
    host = Host(**{"name": "n1", "address": "n1", "transport": transport} | door.values)
    site = sshd.site(home, host, config=door.config, timeout=20)
    opened = []

    def connection() -> connections.Connection:
        opened.append(connections.connect(host, site))
        return opened[0]

    link = SimpleNamespace(fresh=connection)
    context = SimpleNamespace(site=lambda: site, link=lambda name: link)
    (row,) = hosts.check(context, SimpleNamespace(hosts=("n1",), fanout=1)).data
    for way in opened:
        way.close()
    return row
