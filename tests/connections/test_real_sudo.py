"""The real sudo, with a user, a password and sudoers that only a mount namespace of its own sees;
nothing of this machine changes.
"""

import os
import shutil
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from fairlead import connections
from fairlead.connections import ProgramResult
from fairlead.model.errors import SecretError, Unreachable
from fairlead.model.plan import Secret
from tests import sshd
from tests.machine import ends

REASON = "needs root, sudo, sshd, unshare, openssl"
PROGRAMS = all(map(shutil.which, ("sudo", "unshare", "openssl"))) and sshd.SSHD is not None
pytestmark = [pytest.mark.lab, pytest.mark.skipif(os.geteuid() != 0 or not PROGRAMS, reason=REASON)]

MOUNTS = (Path(__file__).parent / "shell" / "mounts.sh").read_text()
PROGRAM = "main() {\nid -u; echo err >&2; exit 3\n}\nmain </dev/null\nexit\n"


@pytest.fixture
def bob(tmp_path, monkeypatch):
    """sudoers -> a line as bob, whose password is `open sesame`."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    stack = ExitStack()

    def make(
        sudoers: str, password: str = "open sesame", transport: str = "ssh"
    ) -> connections.Connection:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bob-")))
        folder.chmod(0o755)  # and no folder above it is closed to him, as pytest's are
        server = sshd.Sshd(folder / "sshd", UsePAM="yes")
        etc = _etc(folder, sudoers)
        stack.callback(
            server.start(
                "unshare", "-m", "--propagation", "private", "sh", "-c", MOUNTS, "sh", str(etc)
            ).stop
        )
        host = server.host(user="bob", sudo=True, transport=transport)
        return connections.connect(
            host,
            sshd.site(tmp_path, host, known=server.known),
            password=lambda name: Secret(password),
        )

    with stack:
        yield make


def _etc(folder: Path, sudoers: str) -> Path:
    etc = folder / "etc"
    etc.mkdir()
    crypted = subprocess.run(
        ["openssl", "passwd", "-6", "open sesame"], capture_output=True, text=True, check=True
    ).stdout.strip()
    more = {
        "passwd": "bob:x:4242:4242::/tmp:/bin/bash\n",
        "shadow": f"bob:{crypted}:19000:0:99999:7:::\n",
        "group": "bob:x:4242:\n",
    }
    for name, connection in more.items():
        shutil.copy(f"/etc/{name}", etc / name)
        (etc / name).write_text((etc / name).read_text() + connection)
    (etc / "sudoers").write_text(f"root ALL=(ALL) ALL\n{sudoers}\n")
    (etc / "sudoers").chmod(0o440)
    return etc


@pytest.mark.parametrize("transport", ["ssh", "openssh"])
@pytest.mark.parametrize("pty", ["use_pty", "!use_pty"])
def test_with_nopasswd(pty, transport, bob):
    connection = bob(f"Defaults {pty}\nbob ALL=(ALL) NOPASSWD: ALL", "wrong", transport)
    assert connection.run(PROGRAM) == ProgramResult(3, b"0\n", b"err\n")
    connection.close()


@pytest.mark.parametrize("transport", ["ssh", "openssh"])
@pytest.mark.parametrize("pty", ["use_pty", "!use_pty"])
def test_with_a_password(pty, transport, bob):
    connection = bob(f"Defaults {pty}\nbob ALL=(ALL) ALL", transport=transport)
    answer = connection.run(PROGRAM)
    assert (answer.code, answer.out, answer.err.strip()) == (3, b"0\n", b"err")
    connection.close()


@pytest.mark.parametrize("pty", ["use_pty", "!use_pty"])
def test_a_large_program_and_sessions(pty, bob):
    connection = bob(f"Defaults {pty}\nbob ALL=(ALL) ALL")
    assert (
        len(
            connection.run(
                "\n".join(f"echo {'x' * 90}{number:07d}" for number in range(10_000)) + "\nexit\n"
            ).out
        )
        == 10_000 * 98
    )
    output = []
    assert connection.session(("sh", "-c", "id -u; exit 4"), on_output=output.append) == 4
    assert b"".join(output).split() == [b"0"]
    connection.close()


@pytest.mark.parametrize("transport", ["ssh", "openssh"])
@pytest.mark.parametrize("pty", ["use_pty", "!use_pty"])
def test_ctrl_c_ends_what_root_runs(pty, transport, bob):
    connection, output = bob(f"Defaults {pty}\nbob ALL=(ALL) ALL", transport=transport), []

    def interrupt(data: bytes) -> None:
        output.append(data)
        if b"".join(output).strip():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        connection.session(("sh", "-c", "echo $$; exec sleep 300"), on_output=interrupt)
    pid = int(b"".join(output))
    assert ends(pid)
    connection.close()


def test_a_wrong_password_is_refused_once(bob):
    with pytest.raises(SecretError, match="sudo refuses the password of bob"):
        bob("bob ALL=(ALL) ALL", "wrong").run(PROGRAM)


def test_requiretty(bob):
    with pytest.raises(Unreachable, match="requiretty"):
        bob("Defaults requiretty\nbob ALL=(ALL) NOPASSWD: ALL").run(PROGRAM)


def test_a_user_who_is_not_in_sudoers(bob):
    with pytest.raises(Unreachable, match="sudo does not let bob become root"):
        bob("").run(PROGRAM)
