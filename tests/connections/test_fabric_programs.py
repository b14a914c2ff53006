"""Programs and sessions by Fabric against a real sshd: what ends in time, what comes through
whole.
"""

import getpass
import io
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from fairlead import connections
from fairlead.model.errors import CommandLineError, SecretError, Unreachable
from fairlead.model.plan import Secret
from tests import sshd
from tests.connections.door import Door
from tests.machine import ends

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sshd.SSHD is None, reason="needs sshd (openssh-server)"),
    pytest.mark.usefixtures("home"),
]


def test_a_program_gives_its_output_its_errors_and_its_exit_code(connection):
    answer = connection.run(sshd.program("echo out; echo err >&2; exit 7"))
    assert answer == connections.ProgramResult(7, b"out\n", b"err\n")


def test_words_that_are_no_utf_8_arrive(connection):
    output = []
    argv = ("printf", "%s", "/data/caf\udce9.log", "\u00e9")
    assert connection.session(argv, on_output=output.append) == 0
    assert b"".join(output) == b"/data/caf\xe9.log\xc3\xa9"


def test_what_goes_wrong_while_sending_is_raised_and_not_waited_for(connection):
    class Unreadable:
        def read(self, size: int) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(CommandLineError, match="stdin: cannot be read"):
        connection.session(("cat",), stdin=Unreadable(), on_output=bytes)


def test_all_runs_are_one_channel(connection):
    for _ in range(3):
        connection.run(sshd.program("true"))
    assert connection.channels == 1


def test_a_program_of_a_megabyte_that_talks_while_it_is_read(connection):
    text = "\n".join(f"printf '%s\\n' {'x' * 90}{number:07d}" for number in range(10_000))
    answer = connection.run(text + "\nexit 3\n")
    assert (answer.code, len(answer.out)) == (3, 10_000 * 98)


def test_ten_megabytes_of_output(connection):
    assert len(connection.run(sshd.program("head -c 10000000 /dev/zero")).out) == 10_000_000


def test_of_errors_the_last_64_kib_are_kept(connection):
    err = connection.run(
        sshd.program("head -c 300000 /dev/zero | tr '\\0' x >&2; echo end >&2")
    ).err
    assert (len(err), err[-5:]) == (64 * 1024, b"xend\n")


def test_output_is_heard_as_it_comes_and_answered_on_the_same_channel(connection):
    output = []

    def hear(data: bytes) -> bytes | None:
        output.append(data)
        return b"and you\n" if data.endswith(b"how are you\n") else None

    asks = 'echo how are you\nread -r reply <&3\necho "heard: $reply"'
    answer = connection.run("exec 3<&0\n" + sshd.program(asks), on_output=hear)
    assert (b"".join(output), answer, connection.channels) == (
        b"how are you\nheard: and you\n",
        connections.ProgramResult(0),
        1,
    )


def test_a_program_that_does_not_end_is_given_up(connection):
    began = time.monotonic()
    with pytest.raises(Unreachable) as late:
        connection.run(sshd.program("sleep 60"), timeout=0.5)
    message = (
        "n1: its program has not ended within 0.5 s; the link may be cut or the host "
        "too busy; look: inv hosts.check --host=n1"
    )
    assert str(late.value) == message
    assert time.monotonic() - began < 2


def test_a_program_that_is_silent_too_long_is_given_up(connection):
    output = []
    with pytest.raises(Unreachable) as late:
        connection.run(
            sshd.program("for i in 1 2 3; do echo $i; sleep 0.3; done; sleep 60"),
            timeout=None,
            idle=0.8,
            on_output=output.append,
        )
    assert late.value.what == "not a byte for 0.8 s"
    assert b"".join(output) == b"1\n2\n3\n"


def test_something_left_behind_with_open_output_does_not_hold_the_answer(connection, monkeypatch):
    monkeypatch.setattr("fairlead.connections.conversation.GRACE", 0.5)
    began = time.monotonic()
    assert connection.run(sshd.program("sleep 20 & echo left")).out == b"left\n"
    assert time.monotonic() - began < 5


def test_a_line_that_was_closed_opens_anew(connection):
    connection.run(sshd.program("true"))
    connection.close()
    assert connection.run(sshd.program("echo again")).out == b"again\n"


def test_a_link_that_is_cut_in_the_middle_ends_at_the_time_out(server, home):
    with Door(server.port) as door:
        host = server.host(port=door.port)
        connection = connections.connect(
            host,
            sshd.site(
                home, host, known=server.known.replace(str(server.port), str(door.port)), timeout=2
            ),
        )
        connection.run(sshd.program("true"))
        door.silent.set()
        began = time.monotonic()
        with pytest.raises(Unreachable):
            connection.run(sshd.program("true"), timeout=1)
        assert time.monotonic() - began < 4
        connection.close()


def test_a_link_that_is_cut_while_a_program_goes_in_ends_at_the_time_out(server, home):
    with Door(server.port) as door:
        host = server.host(port=door.port)
        connection = connections.connect(
            host,
            sshd.site(
                home, host, known=server.known.replace(str(server.port), str(door.port)), timeout=2
            ),
        )
        began = time.monotonic()

        def cut(data: bytes) -> bytes:
            door.silent.set()
            return b"x" * 50_000_000

        with pytest.raises(Unreachable) as late:
            connection.run("echo begin; cat >/dev/null\n", on_output=cut, timeout=2)
        assert (late.value.what, time.monotonic() - began < 5) == (
            "its program has not ended within 2 s",
            True,
        )
        connection.close()


def test_a_connection_that_is_killed_is_told(connection):
    with pytest.raises(Unreachable) as lost:
        connection.run(sshd.program(sshd.CUT))
    assert (
        str(lost.value)
        == "n1: the link was lost while a program ran; look: inv hosts.check --host=n1"
    )


def test_fifty_hosts_at_a_time(server, home):
    every = [server.host(f"n{number}") for number in range(50)]
    site = sshd.site(home, *every, known=server.known)
    with ThreadPoolExecutor(20) as pool:
        opened = list(pool.map(lambda host: connections.connect(host, site), every))
        message = list(
            pool.map(
                lambda connection: (
                    connection.run(sshd.program(f"echo {connection.host}")).out.decode().strip()
                ),
                opened,
            )
        )
        list(pool.map(lambda connection: connection.close(), opened))
    assert message == [host.name for host in every]


# sessions


def test_a_session_keeps_its_words_and_its_exit_code(connection):
    output = []
    code = connection.session(
        ("sh", "-c", 'printf "<%s>" "$@"; exit 4', "sh", "a b", "; echo no", "'\"$HOME\"'", ""),
        on_output=output.append,
    )
    assert (b"".join(output), code) == (b"<a b><; echo no><'\"$HOME\"'><>", 4)


def test_a_session_streams_what_is_piped_into_it(connection):
    output = []
    assert (
        connection.session(
            ("wc", "-c"), stdin=io.BytesIO(b"x" * 5_000_000), on_output=output.append
        )
        == 0
    )
    assert b"".join(output).strip() == b"5000000"


def test_a_session_without_stdin_reads_nothing(connection):
    output = []
    assert connection.session(("sh", "-c", "wc -c; echo err >&2"), on_output=output.append) == 0
    assert sorted(b"".join(output).split()) == [b"0", b"err"]


def test_ctrl_c_ends_the_program_on_the_far_side(connection, tmp_path):
    started = tmp_path / "pid"

    def interrupt(data: bytes) -> None:
        started.write_bytes(data)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        connection.session(("sh", "-c", "echo $$; exec sleep 300"), on_output=interrupt)
    assert ends(int(started.read_text()))


# sudo


@pytest.fixture
def wheel(tmp_path_factory):
    """A server on which sudo is a stub that does as told: -> (its line's maker, what passwords it
    was given).
    """
    stack = ExitStack()

    def make(does: str, home: Path, password=None):
        folder = tmp_path_factory.mktemp("wheel")
        server = stack.enter_context(
            sshd.running(folder / "sshd", environment=sshd.stub_sudo(folder / "bin", does))
        )
        host = server.host(sudo=True)
        connection = connections.connect(
            host, sshd.site(home, host, known=server.known), password=password
        )
        stack.callback(connection.close)
        return connection, folder / "bin" / "log"

    with stack:
        yield make


def test_with_nopasswd_nothing_is_asked_sent_or_printed(wheel, home):
    connection, passwords = wheel("free", home, lambda host: pytest.fail("asked"))
    assert connection.run(
        sshd.program("echo in; echo err >&2; exit 3")
    ) == connections.ProgramResult(3, b"in\n", b"err\n")
    assert not passwords.exists()
    assert connection.channels == 1


def test_with_a_password_it_is_given_once_and_the_program_runs(wheel, home):
    connection, passwords = wheel("ask", home, lambda host: Secret("open sesame"))
    answer = connection.run(sshd.program("echo in; read -r x && echo $x; exit 3"))
    assert (answer.code, answer.out, connection.channels) == (3, b"in\n", 1)
    assert b"sesame" not in answer.err
    assert passwords.read_text() == "open sesame\n"


def test_with_a_password_sessions_run_too(wheel, home):
    connection, _ = wheel("ask", home, lambda host: Secret("open sesame"))
    output = []
    assert (
        connection.session(
            ("sh", "-c", "cat; exit 5"), stdin=io.BytesIO(b"piped"), on_output=output.append
        )
        == 5
    )
    assert b"".join(output).strip() == b"piped"
    output.clear()
    assert connection.session(("sh", "-c", "echo in; wc -c"), on_output=output.append) == 0
    assert b"".join(output).split() == [b"in", b"0"]


def test_a_wrong_password_is_given_once_only(wheel, home):
    connection, passwords = wheel("ask", home, lambda host: Secret("open barley"))
    with pytest.raises(SecretError) as refused:
        connection.run(sshd.program("echo in"))
    assert refused.value.what.startswith("sudo refuses the password of ")
    assert passwords.read_text() == "open barley\n"
    assert "barley" not in str(refused.value)


@pytest.mark.parametrize(
    ("does", "what"),
    [
        ("requiretty", "sudo wants a terminal (requiretty)"),
        ("stranger", "sudo does not let {user} become root"),
    ],
)
def test_a_sudo_that_refuses_is_told_in_words(does, what, wheel, home):
    connection, _ = wheel(does, home)
    with pytest.raises(Unreachable) as refused:
        connection.run(sshd.program("echo in"))
    assert refused.value.what == what.format(user=getpass.getuser())


def test_a_sudo_that_asks_something_else_does_not_hold_us(wheel, home, monkeypatch):
    monkeypatch.setattr("fairlead.connections.conversation.PATIENCE", 0.5)
    connection, _ = wheel("odd", home)
    with pytest.raises(Unreachable) as refused:
        connection.run(sshd.program("echo in"))
    assert refused.value.what == f"sudo does not let {getpass.getuser()} in (Verification code:)"
