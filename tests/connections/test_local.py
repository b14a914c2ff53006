"""This machine is a host like any other, without SSH; and a fake one, for tests."""

import io
import os
import signal
import subprocess
import time

import pytest

from fairlead import connections
from fairlead.connections.base import program
from fairlead.connections.local import LocalConnection
from fairlead.inventory.hosts import Host
from fairlead.inventory.site import Site
from fairlead.model.errors import CommandLineError, SecretError, Unreachable
from fairlead.model.plan import Secret
from tests import sshd
from tests.connections.fake import FakeConnection
from tests.machine import SHELLS, ends, waited

LOCAL = Host("local", "127.0.0.1", transport="local")
SITE = Site(name="test", path="sites/test.yml", hosts={"local": LOCAL}, groups={}, sections={})


@pytest.fixture
def connection():
    connection = connections.connect(LOCAL, SITE)
    yield connection
    connection.close()


def test_a_program_gives_its_output_its_errors_and_its_exit_code(connection):
    assert connection.run("echo out; echo err >&2; exit 7\n") == connections.ProgramResult(
        7, b"out\n", b"err\n"
    )
    assert connection.run("kill -9 $$\n").code == 137
    assert connection.channels == 1
    assert connection.run("exit 2\n").code == 2
    assert connection.channels == 2


def test_an_acknowledgement_goes_back(connection):
    output = []

    def hear(data: bytes) -> bytes | None:
        output.append(data)
        return b"seen\n" if data == b"over\n" else None

    assert connection.run(
        "echo over; read -r x; echo $x; exit\n", on_output=hear
    ) == connections.ProgramResult(0)
    assert b"".join(output) == b"over\nseen\n"


def test_a_large_program_that_talks_while_it_is_read(connection):
    text = "\n".join(f"printf '%s\\n' {'x' * 90}{number:07d}" for number in range(10_000))
    assert len(connection.run(text + "\nexit\n").out) == 10_000 * 98


def test_a_program_that_ends_before_it_is_read_is_no_failure(connection):
    assert connection.run("exit 3\n" + "#" * 5_000_000).code == 3


def test_a_program_that_does_not_end_is_given_up_and_ended(connection):
    output = []
    with pytest.raises(Unreachable) as late:
        connection.run("echo $$; sleep 60 & wait\n", timeout=0.5, on_output=output.append)
    assert late.value.what == "its program has not ended within 0.5 s"
    assert ends(int(b"".join(output)))


def test_a_daemon_that_keeps_the_output_open_does_not_hold_the_answer(connection, monkeypatch):
    monkeypatch.setattr("fairlead.connections.conversation.GRACE", 0.3)
    began = time.monotonic()
    assert connection.run("sleep 10 & echo left; exit\n").out == b"left\n"
    assert time.monotonic() - began < 4


def test_a_session(connection):
    output = []
    assert (
        connection.session(
            ("sh", "-c", 'printf "<%s>" "$@"; exit 4', "sh", "a b", "; echo no"),
            on_output=output.append,
        )
        == 4
    )
    assert (
        connection.session(
            ("wc", "-c"), stdin=io.BytesIO(b"x" * 3_000_000), on_output=output.append
        )
        == 0
    )
    assert connection.session(("wc", "-c"), on_output=output.append) == 0
    assert b"".join(output) == b"<a b><; echo no>3000000\n0\n"


NO_UTF8 = "/data/caf\udce9.log"  # caf\xe9 as Python gives it to us


def test_words_that_are_no_utf_8_arrive(connection):
    output = []
    argv = ("printf", "%s", NO_UTF8, "\u00e9")
    assert connection.session(argv, on_output=output.append) == 0
    assert b"".join(output) == b"/data/caf\xe9.log\xc3\xa9"


class Unreadable:
    def read(self, size: int) -> bytes:
        raise OSError(5, "Input/output error")


def test_stdin_that_cannot_be_read_ends_it_in_words(connection):
    with pytest.raises(CommandLineError) as error:
        connection.session(("cat",), stdin=Unreadable(), on_output=bytes)
    assert str(error.value) == (
        "stdin: cannot be read (Input/output error); look at what is piped into us"
    )


def test_what_goes_wrong_while_sending_is_raised_and_not_waited_for(connection):
    class Odd:
        def read(self, size: int) -> bytes:
            raise LookupError("a bug")

    with pytest.raises(LookupError, match="a bug"):
        connection.session(("cat",), stdin=Odd(), on_output=bytes)


def test_ctrl_c_ends_the_program(connection):
    output = []

    def interrupt(data: bytes) -> None:
        output.append(data)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        connection.session(("sh", "-c", "echo $$; exec sleep 300"), on_output=interrupt)
    assert ends(int(b"".join(output)))


@pytest.mark.parametrize("stdin", [None, io.BytesIO(b"x")])
def test_when_nobody_reads_any_more_the_program_ends(connection, stdin):
    output = []

    def gone(data: bytes) -> None:
        output.append(data)
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        connection.session(("sh", "-c", "echo $$; exec yes"), on_output=gone, stdin=stdin)
    assert ends(int(b"".join(output).split()[0]))


def test_a_program_that_is_not_there(connection):
    output = []
    assert connection.session(("/absent/program",), on_output=output.append) == 127
    assert b"not found" in b"".join(output)


@pytest.fixture
def wheel(tmp_path, monkeypatch):
    def make(does: str, password: str) -> LocalConnection:
        for name, value in sshd.stub_sudo(tmp_path, does).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        return connections.connect(
            Host("local", "127.0.0.1", transport="local", sudo=True),
            SITE,
            password=lambda host: Secret(password),
        )

    return make


def test_sudo_with_a_password(wheel):
    connection = wheel("ask", "open sesame")
    assert connection.run("echo in; exit 3\n").out == b"in\n"
    output = []
    assert connection.session(("echo", "a b"), on_output=output.append) == 0
    assert b"".join(output) == b"a b\n"


def test_sudo_with_a_wrong_password(wheel):
    with pytest.raises(SecretError):
        wheel("ask", "open barley").run("echo in\n")


def test_root_needs_no_sudo(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    connection = connections.connect(
        Host("local", "127.0.0.1", transport="local", sudo=True),
        SITE,
        password=lambda host: pytest.fail("asked"),
    )
    assert connection.run("echo in; exit\n").out == b"in\n"


def test_a_fake_remembers_what_it_was_sent():
    connection: connections.Connection = FakeConnection(
        "n1", lambda program: connections.ProgramResult(2, program.upper().encode(), b"err")
    )
    output = []
    assert connection.run("one") == connections.ProgramResult(2, b"ONE", b"err")
    assert connection.run(
        "two", on_output=lambda data: output.append(data) or b"seen"
    ) == connections.ProgramResult(2, b"", b"err")
    assert connection.session(("id",), on_output=output.append) == 2
    assert (
        output,
        connection.programs,
        connection.sessions,
        connection.channels,
        connection.acknowledged,
    ) == (
        [b"TWO", b"err"],
        ["one", "two"],
        [("id",)],
        3,
        b"seen",
    )


@pytest.mark.parametrize("shell", SHELLS)
def test_a_session_without_stdin_ends_as_its_program_and_with_its_stdin(shell):
    token = f"a token {shell} {os.getpid()}"  # by which processes are ended, also those of others
    words = [*["sh"] * (shell == "busybox"), "-c", program("lifeline"), "sh", token]
    command = [SHELLS[shell], *words]
    pipe = subprocess.PIPE
    asks = subprocess.Popen([*command, "sh", "-c", "cat; exit 7"], stdin=pipe, stdout=pipe)
    assert (asks.wait(10), asks.stdout.read()) == (7, b"")  # it reads nothing, and we still listen
    asks.communicate()
    sleeps = subprocess.Popen(
        [*command, "sleep", "60"], stdin=pipe, stdout=pipe, start_new_session=True
    )
    sleeps.communicate(timeout=10)
    assert sleeps.returncode != 0
    assert "\n" not in program("lifeline")


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("name", ["lifeline", "on_terminal"])
def test_what_has_left_the_session_ends_with_it(shell, name, tmp_path):
    token = f"{shell}-{name}-{os.getpid()}"
    words = [*["sh"] * (shell == "busybox"), "-c", program(name), "sh", token]
    apart = f'setsid sh -c "echo \\$\\$ >{tmp_path}/pid; exec sleep 60" & exec sleep 60'
    session = subprocess.Popen(
        [SHELLS[shell], *words, "sh", "-c", apart], stdin=subprocess.PIPE, start_new_session=True
    )
    pid = int(waited(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text()))
    if name == "lifeline":
        session.stdin.close()
    else:
        os.killpg(session.pid, signal.SIGHUP)
    session.wait(10)
    assert ends(pid)


@pytest.mark.parametrize("shell", SHELLS)
def test_what_has_left_a_session_ends_where_a_signal_ends_its_program_first(shell, tmp_path):
    """Its reader goes: the program writes once more before its stdin ends."""
    token = f"{shell}-reader-{os.getpid()}"
    words = [*["sh"] * (shell == "busybox"), "-c", program("lifeline"), "sh", token]
    apart = f'setsid sh -c "echo \\$\\$ >{tmp_path}/pid; exec sleep 60" >/dev/null & exec yes'
    session = subprocess.Popen(
        [SHELLS[shell], *words, "sh", "-c", apart],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    pid = int(waited(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text()))
    session.stdout.close()
    assert session.wait(10) == 128 + signal.SIGPIPE
    assert ends(pid)
