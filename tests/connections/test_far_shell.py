"""Programs spoken one after another to one shell: each by itself, whatever is left of the last."""

import select
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fairlead import connections
from fairlead.connections.base import program
from fairlead.connections.become import NoEscalation, Sudo
from fairlead.connections.far_shell import FarShell, Stream
from fairlead.connections.process import LocalProcess
from fairlead.model.errors import Unreachable
from fairlead.model.plan import Secret
from fairlead.model.processes import LastWord
from tests import sshd
from tests.machine import SHELLS, waited

pytestmark = pytest.mark.slow

ANSWERED = 'echo you?; read -r answer <&3; echo "$answer"'
Speak = Callable[..., tuple[int, bytes, bytes]]


def words(shell: str, before: str = "") -> tuple[str, ...]:
    """The listener in one of the shells that hosts have; `before`: what its login shell does."""
    listener = (SHELLS[shell], *["sh"] * (shell == "busybox"), "-c", program("listener"), "sh")
    return ("sh", "-c", f'{before}; exec "$@"', "login", *listener) if before else listener


@contextmanager
def far_shell(argv: tuple[str, ...]) -> Iterator[FarShell]:
    shell = FarShell(LocalProcess("n1", argv), NoEscalation())
    try:
        yield shell
    finally:
        shell.close()


@pytest.fixture(params=SHELLS)
def speak(request: pytest.FixtureRequest) -> Iterator[Speak]:
    """Speaks a program; what is said on `on_output` may be answered."""
    with far_shell(words(request.param)) as shell:
        yield lambda text, on_output=None: shell.run(text, on_output, 20, None)


def test_every_program_has_its_own_output_errors_and_exit_code(speak: Speak) -> None:
    assert speak("echo one; echo oops >&2; exit 3\n") == (3, b"one\n", b"oops\n")
    assert speak("printf 'no end'\n") == (0, b"no end", b"")
    assert speak("exit\n") == (0, b"", b"")
    assert speak("false\n") == (1, b"", b"")


def test_a_program_leaves_nothing_to_the_next(speak: Speak) -> None:
    changes = "x=1; cd /usr; umask 0; set -f; trap 'echo trapped' EXIT; export y=2; f() { :; }\n"
    assert speak(changes) == (0, b"trapped\n", b"")
    looks = 'echo "${x:-}${y:-}"; umask; command -v f; echo /et[c]; pwd\n'
    _, out, _ = speak(looks)
    lines = out.decode().splitlines()
    assert (lines[0], lines[2]) == ("", "/etc")
    assert lines[1] != "0000"
    assert lines[3] != "/usr"


def test_a_program_that_breaks_its_shell_breaks_its_own(speak: Speak) -> None:
    assert speak("readonly x=1; x=2; echo on\n")[1] == b""
    assert speak("echo )\n")[0] != 0
    assert speak("echo on\n") == (0, b"on\n", b"")


def test_an_answer_reaches_the_program_and_one_that_comes_too_late_nobody(speak: Speak) -> None:
    def answer(data: bytes) -> bytes:
        return b"read\n"  # a word of the shell's, that would swallow the next line

    assert speak(f"exec 3<&0\n{{ {ANSWERED}; }} </dev/null\n", answer) == (0, b"", b"")
    assert speak("echo said; sleep 0.3\n", answer) == (0, b"", b"")
    assert speak("echo next\n") == (0, b"next\n", b"")


def test_what_a_program_leaves_running_does_not_hold_the_next_up(speak: Speak) -> None:
    began = time.monotonic()
    assert speak("sleep 5 & echo gone\n")[1] == b"gone\n"
    assert speak("echo next\n")[1] == b"next\n"
    assert time.monotonic() - began < 4


def test_a_megabyte_is_read_whole(speak: Speak) -> None:
    text = "".join(f"x={'y' * 90}{number:07d}\n" for number in range(10_000))
    assert speak(f"{text}echo $x\n") == (0, b"y" * 90 + b"0009999\n", b"")


@pytest.mark.parametrize("shell", SHELLS)
def test_of_a_program_that_is_cut_short_nothing_runs(shell: str) -> None:
    body = "{\ntouch_nothing=1\necho ran\n}\n"
    for size in range(len(body) - 2):
        spoken = f"fairlead-1 {len(body)}\n{body[:size]}"
        done = subprocess.run(
            words(shell), input=spoken, capture_output=True, text=True, timeout=20
        )
        assert "ran" not in done.stdout


@pytest.mark.parametrize("shell", SHELLS)
def test_what_the_login_shell_prints_and_hides_is_borne(shell: str) -> None:
    with far_shell(words(shell, "printf Welcome; exec 2>/dev/null")) as talks:
        assert talks.run("echo one; echo lost >&2\n", None, 20, None)[1] == b"Welcomeone\n"
        began = time.monotonic()
        for _ in range(5):
            assert talks.run("echo two\n", None, 20, None) == (0, b"two\n", b"")
        assert time.monotonic() - began < 0.9  # it is waited for once


def test_a_shell_that_hears_nothing_is_not_waited_for_for_ever() -> None:
    with far_shell(("sleep", "60")) as shell, pytest.raises(Unreachable, match="within 0.5 s"):
        shell.run("echo\n", None, 0.5, None)


def test_the_listener_is_one_line() -> None:
    assert "\n" not in program("listener")


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_mark_is_found_however_it_is_cut(cut: int) -> None:
    stream, data = Stream(b"mark"), b"a\nma mar mark 17\nlate"
    pieces = [data[at : at + cut] for at in range(0, len(data), cut)]
    own = b""
    for piece in pieces:
        if not stream.is_over:
            own += stream.own(piece)
    assert (own, stream.is_over, stream.code) == (b"a\nma mar ", True, 17)


def test_what_only_begins_like_a_mark_comes_through_at_the_end() -> None:
    stream = Stream(b"mark")
    assert (stream.own(b"line\n"), stream.own(b"x ma"), stream.rest()) == (b"line\n", b"x ", b"ma")


# on connections


def test_a_shell_that_has_gone_meanwhile_is_opened_anew(connection) -> None:
    shell = int(connection.run("echo $PPID; echo $$\n").out.split()[1])
    subprocess.run(["kill", "-9", str(shell)], check=True)
    assert waited(lambda: subprocess.run(["kill", "-0", str(shell)], check=False).returncode)
    time.sleep(0.2)  # until sshd has said so
    assert connection.run("echo again\n").out == b"again\n"
    assert connection.channels == 2


def test_a_link_that_was_lost_meanwhile_is_opened_anew(connection) -> None:
    connection.run("echo\n")
    connection.hop.transport.close()
    assert connection.run("echo again\n").out == b"again\n"


def test_a_second_thread_has_a_channel_of_its_own(connection) -> None:
    first: list[bytes] = []
    thread = threading.Thread(
        target=lambda: first.append(connection.run("echo begun; sleep 1; echo ended\n").out)
    )
    connection.run("echo\n")
    thread.start()
    time.sleep(0.3)
    began = time.monotonic()
    assert connection.run("echo beside\n").out == b"beside\n"
    assert time.monotonic() - began < 0.6
    thread.join()
    assert (first, connection.channels) == ([b"begun\nended\n"], 2)
    connection.run("echo\n")
    assert connection.channels == 2


def test_whoever_is_interrupted_has_a_new_shell_afterwards(connection) -> None:
    def interrupt(data: bytes) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        connection.run("echo begun; sleep 60\n", on_output=interrupt)
    assert connection.run("echo next\n").out == b"next\n"
    assert connection.channels == 2


@pytest.mark.parametrize("transport", ["ssh", "openssh"])
def test_a_host_that_allows_one_channel_is_enough_for_programs_and_sessions(
    tmp_path, home, transport: str
) -> None:
    with sshd.running(tmp_path / "one", MaxSessions="1") as server:
        host = server.host(transport=transport)
        connection = connections.connect(host, sshd.site(home, host, known=server.known))
        for _ in range(2):
            output: list[bytes] = []
            assert connection.run("echo one; exit 2\n").code == 2
            assert connection.session(("echo", "two"), on_output=output.append) == 0
            assert output == [b"two\n"]
        assert connection.channels == 4
        connection.close()


def test_a_password_is_given_once_for_all_programs(tmp_path, home) -> None:
    environment = sshd.stub_sudo(tmp_path / "bin", "ask")
    with sshd.running(tmp_path / "sudo", environment=environment) as server:
        host = server.host(sudo=True)
        site = sshd.site(home, host, known=server.known)
        connection = connections.connect(host, site, password=lambda _: Secret("open sesame"))
        outs = [connection.run(f"echo {number}; read -r x </dev/null\n").out for number in "123"]
        assert (outs, connection.channels) == ([b"1\n", b"2\n", b"3\n"], 1)
        assert (tmp_path / "bin/log").read_text() == "open sesame\n"
        connection.close()


def test_when_the_connection_is_closed_the_shell_ends(connection) -> None:
    shell = connection.run("echo $$\n").out.strip().decode()
    connection.close()
    assert waited(lambda: subprocess.run(["kill", "-0", shell], check=False).returncode)


# the last word


def hears_last(path: object) -> str:
    """A program that notes the last word that it hears, a moment later."""
    return f"exec 3<&0\n{{ echo said; read -r w <&3; sleep 0.3; echo $w >{path}; }} </dev/null\n"


def last_word(data: bytes) -> bytes | None:
    return LastWord(b"seen\n") if b"said" in data else None


def test_after_the_last_word_nothing_is_waited_for_until_the_next_program(speak, tmp_path) -> None:
    began = time.monotonic()
    assert speak(hears_last(tmp_path / "word"), last_word) == (0, b"", b"")
    assert time.monotonic() - began < 0.25
    assert speak(f"cat {tmp_path}/word\n") == (0, b"seen\n", b"")


@pytest.mark.parametrize("way", ["direct", "openssh", "proxy"])
def test_the_last_word_arrives_though_the_connection_is_closed_at_once(
    server, home, tmp_path, way: str
) -> None:
    host = server.host(transport="openssh" if way == "openssh" else "ssh")
    command = f" ProxyCommand busybox nc 127.0.0.1 {server.port}\n" if way == "proxy" else ""
    site = sshd.site(home, host, known=server.known, config=f"Host *\n{command}")
    for number in range(5):
        connection = connections.connect(host, site)
        connection.run(hears_last(tmp_path / f"word{number}"), on_output=last_word)
        connection.close()
        waited(lambda number=number: (tmp_path / f"word{number}").exists())


def test_a_session_begins_when_the_program_before_it_has_ended(connection, tmp_path) -> None:
    connection.run(hears_last(tmp_path / "word"), on_output=last_word)
    output: list[bytes] = []
    assert connection.session(("cat", f"{tmp_path}/word"), on_output=output.append) == 0
    assert output == [b"seen\n"]


def test_a_password_that_sudo_asks_for_before_anything_is_said_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in sshd.stub_sudo(tmp_path / "bin", "ask").items():
        monkeypatch.setenv(name, value)
    sudo = Sudo("n1", "me", lambda host: Secret("open sesame"))
    process = LocalProcess("n1", sudo.argv(words("dash")))
    shell = FarShell(process, sudo)
    select.select([process._outputs[1]], [], [], 10)
    assert shell.is_waiting()
    assert shell.run("echo in\n", None, 20, None) == (0, b"in\n", b"")
    shell.close()
