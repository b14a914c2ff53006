"""A terminal on a host is a terminal: raw keys, size changes, Ctrl-C, the exit code; and ours is
given back as it was.
"""

import fcntl
import os
import pty
import signal
import struct
import sys
import termios
import time
from pathlib import Path

import pytest

from tests import sshd

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sshd.SSHD is None, reason="needs sshd (openssh-server)"),
    pytest.mark.skipif(
        not sshd.gives_terminals(), reason="needs root, or /dev/pts with the group tty"
    ),
]

CLIENT = """
import sys
from pathlib import Path
from fairlead import connections as hosts
from fairlead.model.plan import Secret
from fairlead.inventory.hosts import Host
from fairlead.inventory.site import Site, Ssh
port, key, folder, transport, sudo, *argv = sys.argv[1:]
place = {"address": "127.0.0.1", "port": int(port)}
host = Host("n1", **place, identity=key, transport=transport, sudo=sudo == "sudo")
ssh = Ssh(config=folder + "/ssh_config", known_hosts=folder + "/known_hosts")
site = Site(name="test", path="t", hosts={"n1": host}, groups={}, sections={}, ssh=ssh)
connection = hosts.connect(host, site, password=lambda name: Secret("open sesame"))
code = connection.session(tuple(argv), tty=True)
connection.close()
print(f"\\nended with {code}", flush=True)
sys.exit(code)
"""


class Screen:
    """Our end of a terminal on which a client runs."""

    def __init__(self, argv: list[str], size: tuple[int, int] = (80, 24)):
        self.seen = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execv(argv[0], argv)
        self.resize(*size)
        self.before = termios.tcgetattr(self.fd)

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, text: str) -> None:
        os.write(self.fd, text.encode())

    def until(self, text: str, seconds: float = 10) -> str:
        end = time.monotonic() + seconds
        while text.encode() not in self.seen:
            assert time.monotonic() < end, self.seen
            self._read()
        before, _, self.seen = self.seen.partition(text.encode())
        return before.decode()

    def _read(self) -> None:
        import select

        if select.select([self.fd], [], [], 0.2)[0]:
            try:
                self.seen += os.read(self.fd, 65536)
            except OSError:
                time.sleep(0.05)

    def code(self) -> int:
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sshd")
    with sshd.running(
        folder / "sshd", environment=sshd.stub_sudo(folder / "bin", "ask")
    ) as running:
        yield running


@pytest.fixture
def screen(server, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    sshd.site(tmp_path, known=server.known)
    (tmp_path / "client.py").write_text(CLIENT)
    opened = []

    def make(*argv: str, transport: str = "ssh", sudo: str = "-") -> Screen:
        opened.append(
            Screen(
                [
                    sys.executable,
                    str(tmp_path / "client.py"),
                    str(server.port),
                    str(server.key),
                    str(tmp_path),
                    transport,
                    sudo,
                    *argv,
                ]
            )
        )
        return opened[-1]

    yield make
    for terminal in opened:
        os.close(terminal.fd)


@pytest.mark.parametrize("transport", ["ssh", "openssh", "local"])
def test_a_program_has_a_terminal_and_its_exit_code_comes_through(transport, screen):
    terminal = screen(
        "sh", "-c", "test -t 0 && test -t 1 && echo it is a terminal; exit 9", transport=transport
    )
    assert "it is a terminal" in terminal.until("ended with 9")
    assert terminal.code() == 9


@pytest.mark.parametrize("transport", ["ssh", "openssh"])
def test_it_has_our_size_and_hears_of_changes(transport, screen):
    terminal = screen(
        "sh",
        "-c",
        "trap 'stty size' WINCH; echo ready; while :; do sleep 0.1; done",
        transport=transport,
    )
    terminal.until("ready")
    terminal.resize(101, 33)
    os.kill(terminal.pid, signal.SIGWINCH)
    terminal.until("33 101")
    terminal.type("\x03")
    terminal.until("ended with 130")


@pytest.mark.parametrize("transport", ["ssh", "openssh"])
def test_keys_arrive_one_by_one_and_ctrl_c_is_the_far_sides(transport, screen):
    program = (Path(__file__).parent / "shell" / "one_key.sh").read_text()
    terminal = screen("sh", "-c", program, transport=transport)
    terminal.until("ready")
    terminal.type("\x03")
    terminal.until("key 03")
    terminal.until("ended with 0")


@pytest.mark.parametrize("transport", ["ssh", "local"])
def test_ctrl_c_ends_the_program_and_not_us(transport, screen):
    terminal = screen("sh", "-c", "echo ready; sleep 60", transport=transport)
    terminal.until("ready")
    time.sleep(0.2)
    terminal.type("\x03")
    terminal.until("ended with 130")
    assert terminal.code() == 130


@pytest.mark.parametrize("option", ["restrict", "no-pty"])
def test_a_key_without_terminals_is_told_as_that(screen, server, option):
    keys = server.folder / "authorized_keys"
    before = keys.read_text()
    keys.write_text(f"{option} {before}")
    try:
        terminal = screen("true")
        terminal.until(
            "n1: its sshd gives us no terminal (`restrict` or `no-pty` in authorized_keys?);"
            " allow `pty` there, or do without one: </dev/null"
        )
        assert terminal.code() == 1
    finally:
        keys.write_text(before)


def test_the_terminal_is_as_before(screen):
    terminal = screen("sh", "-c", "echo ready; read -r x; echo got $x")
    terminal.until("ready")
    assert termios.tcgetattr(terminal.fd)[3] != terminal.before[3]
    terminal.type("a word\r")
    terminal.until("ended with 0")
    assert termios.tcgetattr(terminal.fd)[:4] == terminal.before[:4]


def test_the_terminal_is_as_before_when_we_are_told_to_end(screen):
    terminal = screen("sh", "-c", "echo ready; sleep 60")
    terminal.until("ready")
    time.sleep(0.2)
    os.kill(terminal.pid, signal.SIGTERM)
    assert terminal.code() == 143
    assert termios.tcgetattr(terminal.fd)[:4] == terminal.before[:4]


def test_sudo_with_a_password_on_a_terminal(screen):
    terminal = screen("sh", "-c", 'test -t 0 && echo in; read -r x; echo "got $x"', sudo="sudo")
    before = terminal.until("in")
    assert "sesame" not in before
    terminal.type("a word\r")
    terminal.until("got a word")
    terminal.until("ended with 0")
