"""A real sshd on 127.0.0.1 for tests: a high port, host keys and authorized keys of its own,
nothing of this machine's configuration.
"""

import getpass
import grp
import os
import pty
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fairlead.inventory.hosts import Host
from fairlead.inventory.site import Site, Ssh

SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin")

SHELL = Path(__file__).parent / "shell"
CUT = (SHELL / "cut_connection.sh").read_text()  # a program that cuts its own connection
STUB = (SHELL / "sudo.sh").read_text()


def program(text: str) -> str:
    """A program that reads nothing of itself."""
    return f"main() {{\n{text}\n}}\nmain </dev/null\nexit\n"


def gives_terminals() -> bool:
    """A server that a plain user runs can give terminals only where /dev/pts has the group tty
    already (gid=5), as Debian mounts it.
    """
    ours, theirs = pty.openpty()
    try:
        return os.geteuid() == 0 or os.fstat(theirs).st_gid == grp.getgrnam("tty").gr_gid
    finally:
        os.close(ours)
        os.close(theirs)


class Sshd:
    """One server, and what a client needs to reach it."""

    def __init__(
        self,
        folder: Path,
        kinds: tuple[str, ...] = ("ed25519",),
        environment: dict[str, str] | None = None,
        **options: str,
    ):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.port, self.kinds = folder, free_port(), kinds
        self.key, self.log = keygen(folder / "user"), folder / "log"
        self.host_keys = {kind: keygen(folder / f"host_{kind}", kind) for kind in kinds}
        shutil.copy(f"{self.key}.pub", folder / "authorized_keys")
        (folder / "home").mkdir()
        options["SetEnv"] = " ".join(
            f"{name}={value}"
            for name, value in ({"HOME": folder / "home"} | (environment or {})).items()
        )
        (folder / "config").write_text(
            "".join(f"{name} {value}\n" for name, value in self._options(options))
        )

    def _options(self, more: dict[str, str]) -> Iterator[tuple[str, str]]:
        yield from ((("HostKey"), str(path)) for path in self.host_keys.values())
        known = {
            "ListenAddress": f"127.0.0.1:{self.port}",
            "AuthorizedKeysFile": str(self.folder / "authorized_keys"),
            "PidFile": "none",
            "StrictModes": "no",
            "UsePAM": "no",
            "PasswordAuthentication": "no",
            "KbdInteractiveAuthentication": "no",
            "PermitRootLogin": "prohibit-password",
        }
        yield from (known | more).items()

    def start(self, *before: str, within: float = 10) -> "Sshd":
        """Start it, as an argument of another program if there is one `before`; `within`: seconds
        until it listens.
        """
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
        self._process = subprocess.Popen(
            [*before, SSHD, "-D", "-f", self.folder / "config", "-E", self.log],
            start_new_session=True,
        )
        end = time.monotonic() + within
        while time.monotonic() < end:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.02)
        raise RuntimeError(self.log.read_text() if self.log.exists() else "sshd did not start")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)

    @property
    def known(self) -> str:
        """The lines that trust it."""
        return "".join(
            f"[127.0.0.1]:{self.port} {' '.join(public(path))}\n"
            for path in self.host_keys.values()
        )

    def fingerprint(self, kind: str = "ed25519") -> str:
        return subprocess.run(
            ["ssh-keygen", "-lf", f"{self.host_keys[kind]}.pub"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()[1]

    def host(self, name: str = "n1", **more: object) -> Host:
        return Host(
            **{
                "name": name,
                "address": "127.0.0.1",
                "user": getpass.getuser(),
                "port": self.port,
                "identity": str(self.key),
            }
            | more
        )


@contextmanager
def running(
    folder: Path,
    kinds: tuple[str, ...] = ("ed25519",),
    environment: dict[str, str] | None = None,
    **options: str,
) -> Iterator[Sshd]:
    """A server for the time of a with block."""
    server = Sshd(folder, kinds, environment, **options).start()
    try:
        yield server
    finally:
        server.stop()


def site(
    folder: Path, *hosts: Host, known: str = "", timeout: float = 5, config: str = "Host *\n"
) -> Site:
    """A site of these hosts, with a known_hosts and an ssh_config of its own."""
    (folder / "known_hosts").write_text(known)
    (folder / "ssh_config").write_text(config)
    ssh = Ssh(
        config=str(folder / "ssh_config"),
        known_hosts=str(folder / "known_hosts"),
        connect_timeout=timeout,
    )
    return Site(
        name="test",
        path="sites/test.yml",
        hosts={host.name: host for host in hosts},
        groups={},
        sections={},
        ssh=ssh,
    )


def stub_sudo(folder: Path, does: str) -> dict[str, str]:
    """The environment in which `sudo` is our stub."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sudo").write_text(STUB)
    (folder / "sudo").chmod(0o755)
    return {
        "PATH": f"{folder}:/usr/bin:/bin",
        "FAKE_SUDO": does,
        "FAKE_SUDO_LOG": str(folder / "log"),
    }


def keygen(path: Path, kind: str = "ed25519") -> Path:
    size = (
        ("-b", "2048") if kind == "rsa" else ()
    )  # as short as it may be: a longer one only takes longer
    subprocess.run(
        ["ssh-keygen", "-q", "-t", kind, *size, "-N", "", "-C", "test", "-f", path], check=True
    )
    return path


def public(path: Path) -> list[str]:
    """Type and key, as known_hosts has them."""
    return Path(f"{path}.pub").read_text().split()[:2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
