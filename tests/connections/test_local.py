"""This machine is a host like any other, without SSH; and a fake one, for tests."""

import io
import os
import time

import pytest

from fairlead import connections
from fairlead.connections.local import LocalConnection
from fairlead.inventory.hosts import Host
from fairlead.inventory.site import Site
from fairlead.model.errors import SecretError, Unreachable
from fairlead.model.plan import Secret
from tests import sshd
from tests.connections.fake import FakeConnection
from tests.machine import ends

LOCAL = Host("local", "127.0.0.1", transport="local")
SITE = Site(name="test", path="sites/test.yml", hosts={"local": LOCAL}, groups={}, sections={})


@pytest.fixture
def line():
    found = connections.connect(LOCAL, SITE)
    yield found
    found.close()


def test_a_program_gives_its_output_its_errors_and_its_exit_code(line):
    assert line.run("echo out; echo err >&2; exit 7\n") == connections.ProgramResult(
        7, b"out\n", b"err\n"
    )
    assert line.run("kill -9 $$\n").code == 137
    assert line.channels == 2


def test_an_acknowledgement_goes_back(line):
    heard = []

    def hear(data: bytes) -> bytes | None:
        heard.append(data)
        return b"seen\n" if data == b"over\n" else None

    assert line.run(
        "echo over; read -r x; echo $x; exit\n", on_output=hear
    ) == connections.ProgramResult(0)
    assert b"".join(heard) == b"over\nseen\n"


def test_a_large_program_that_talks_while_it_is_read(line):
    text = "\n".join(f"printf '%s\\n' {'x' * 90}{number:07d}" for number in range(10_000))
    assert len(line.run(text + "\nexit\n").out) == 10_000 * 98


def test_a_program_that_ends_before_it_is_read_is_no_failure(line):
    assert line.run("exit 3\n" + "#" * 5_000_000).code == 3


def test_a_program_that_does_not_end_is_given_up_and_ended(line):
    heard = []
    with pytest.raises(Unreachable) as late:
        line.run("echo $$; sleep 60 & wait\n", timeout=0.5, on_output=heard.append)
    assert late.value.what == "its program has not ended within 0.5 s"
    assert ends(int(b"".join(heard)))


def test_a_daemon_that_keeps_the_output_open_does_not_hold_the_answer(line, monkeypatch):
    monkeypatch.setattr("fairlead.connections.conversation.GRACE", 0.3)
    began = time.monotonic()
    assert line.run("sleep 10 & echo left; exit\n").out == b"left\n"
    assert time.monotonic() - began < 4


def test_a_session(line):
    heard = []
    assert (
        line.session(
            ("sh", "-c", 'printf "<%s>" "$@"; exit 4', "sh", "a b", "; echo no"),
            on_output=heard.append,
        )
        == 4
    )
    assert (
        line.session(("wc", "-c"), stdin=io.BytesIO(b"x" * 3_000_000), on_output=heard.append) == 0
    )
    assert line.session(("wc", "-c"), on_output=heard.append) == 0
    assert b"".join(heard) == b"<a b><; echo no>3000000\n0\n"


def test_ctrl_c_ends_the_program(line):
    heard = []

    def interrupt(data: bytes) -> None:
        heard.append(data)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        line.session(("sh", "-c", "echo $$; exec sleep 300"), on_output=interrupt)
    assert ends(int(b"".join(heard)))


def test_a_program_that_is_not_there(line):
    heard = []
    assert line.session(("/absent/program",), on_output=heard.append) == 127
    assert b"not found" in b"".join(heard)


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
    line = wheel("ask", "open sesame")
    assert line.run("echo in; exit 3\n").out == b"in\n"
    heard = []
    assert line.session(("echo", "a b"), on_output=heard.append) == 0
    assert b"".join(heard) == b"a b\n"


def test_sudo_with_a_wrong_password(wheel):
    with pytest.raises(SecretError):
        wheel("ask", "open barley").run("echo in\n")


def test_root_needs_no_sudo(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    line = connections.connect(
        Host("local", "127.0.0.1", transport="local", sudo=True),
        SITE,
        password=lambda host: pytest.fail("asked"),
    )
    assert line.run("echo in; exit\n").out == b"in\n"


def test_a_fake_remembers_what_it_was_sent():
    line: connections.Connection = FakeConnection(
        "n1", lambda program: connections.ProgramResult(2, program.upper().encode(), b"err")
    )
    heard = []
    assert line.run("one") == connections.ProgramResult(2, b"ONE", b"err")
    assert line.run(
        "two", on_output=lambda data: heard.append(data) or b"seen"
    ) == connections.ProgramResult(2, b"", b"err")
    assert line.session(("id",), on_output=heard.append) == 2
    assert (heard, line.programs, line.sessions, line.channels, line.acknowledged) == (
        [b"TWO", b"err"],
        ["one", "two"],
        [("id",)],
        3,
        b"seen",
    )
