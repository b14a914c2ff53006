"""The carrier for Kerberos and hardware keys: the ssh command gives the same line, and its
complaints become our words.
"""

import io
import os
import shlex
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from fairlead import connections
from fairlead.connections import fabric, openssh
from fairlead.inventory.hosts import Host
from fairlead.model.errors import HostKeyRefused, Unreachable
from fairlead.model.plan import Secret
from tests import sshd
from tests.machine import ends, waited

pytestmark = pytest.mark.skipif(
    sshd.SSHD is None or shutil.which("ssh") is None,
    reason="needs sshd and ssh (openssh-server, openssh-client)",
)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with sshd.running(tmp_path_factory.mktemp("sshd"), ("ed25519", "ecdsa")) as running:
        yield running


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state with a blank"))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    return tmp_path


def of(server, **more) -> Host:
    return server.host(transport="openssh", **more)


@pytest.fixture
def connection(server, home):
    connection = connections.connect(of(server), sshd.site(home, of(server), known=server.known))
    yield connection
    connection.close()


def refused(host, site, kind=Unreachable) -> str:
    with pytest.raises(kind) as error:
        connections.connect(host, site)
    return str(error.value)


def test_a_program_gives_its_output_its_errors_and_its_exit_code(connection):
    assert connection.run("echo out; echo err >&2; exit 7\n") == connections.ProgramResult(
        7, b"out\n", b"err\n"
    )
    assert connection.run("exit 255\n") == connections.ProgramResult(255)
    assert connection.channels == 1


def test_an_acknowledgement_goes_back_on_the_same_channel(connection):
    output = []

    def hear(data: bytes) -> bytes | None:
        output.append(data)
        return b"seen\n" if data == b"over\n" else None

    assert connection.run("echo over; read -r x; echo $x; exit\n", on_output=hear).code == 0
    assert b"".join(output) == b"over\nseen\n"


def test_a_large_program_and_large_output(connection):
    text = "\n".join(f"printf '%s\\n' {'x' * 90}{number:07d}" for number in range(10_000))
    assert len(connection.run(text + "\nexit\n").out) == 10_000 * 98


def test_a_program_that_does_not_end_is_given_up(connection):
    began = time.monotonic()
    with pytest.raises(Unreachable) as late:
        connection.run("sleep 60\n", timeout=0.5)
    assert late.value.what == "its program has not ended within 0.5 s"
    assert time.monotonic() - began < 5
    assert connection.run("echo again; exit\n").out == b"again\n"


def test_a_session_keeps_its_words_and_takes_what_is_piped(connection):
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
    assert b"".join(output) == b"<a b><; echo no>3000000\n"


def test_ctrl_c_ends_the_program_on_the_far_side(connection, tmp_path):
    def interrupt(data: bytes) -> None:
        (tmp_path / "pid").write_bytes(data)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        connection.session(("sh", "-c", "echo $$; exec sleep 300"), on_output=interrupt)
    pid = int((tmp_path / "pid").read_text())
    assert ends(pid)


def test_the_socket_lies_in_a_folder_of_ours_and_is_gone_afterwards(connection):
    folder = Path(connection._folder)
    assert (folder.parent, folder.stat().st_mode & 0o777) == (Path(tempfile.gettempdir()), 0o700)
    connection.close()
    assert not folder.exists()


def test_an_unknown_and_a_changed_key_are_refused_with_the_fingerprint(server, home):
    print_ = server.fingerprint()
    assert refused(of(server), sshd.site(home, of(server)), HostKeyRefused) == (
        f"n1: its host key at 127.0.0.1:{server.port} is not known: ssh-ed25519 {print_}; "
        f"if that is the right one: inv hosts.trust --host=n1 --fingerprint={print_}"
    )
    known = f"[127.0.0.1]:{server.port} {' '.join(sshd.public(sshd.keygen(home / 'other')))}\n"
    message = refused(of(server), sshd.site(home, of(server), known=known), HostKeyRefused)
    assert f"has changed: now ssh-ed25519 {print_}, known is ssh-ed25519 SHA256:" in message


def test_what_the_site_trusts_ssh_trusts(server, home):
    from fairlead.connections import known_hosts

    site = sshd.site(home, of(server))
    name, _ = connections.known_as(of(server), site)
    known_hosts.trust(name, next(connections.shown_keys(of(server), site)))
    connections.connect(of(server), site).close()


def test_the_key_of_a_gateway_has_to_be_known_as_well(server, home, tmp_path_factory):
    with sshd.running(tmp_path_factory.mktemp("gateway")) as gate:
        gateway, host = gate.host("gate"), of(server, via="gate")
        message = refused(host, sshd.site(home, gateway, host, known=server.known), HostKeyRefused)
        assert message.startswith(
            f"gate: its host key at 127.0.0.1:{gate.port} is not known: ssh-ed25519 "
            f"{gate.fingerprint()}; "
        )
        connection = connections.connect(
            host, sshd.site(home, gateway, host, known=server.known + gate.known)
        )
        assert connection.run("echo in; exit\n").out == b"in\n"
        connection.close()
        assert "Accepted publickey" in gate.log.read_text()


def test_complaints_of_ssh_become_our_words(server, home):
    host = Host("n1", "127.0.0.1", port=sshd.free_port(), transport="openssh")
    assert (
        refused(host, sshd.site(home, host))
        == f"n1: nothing listens at 127.0.0.1:{host.port}; does sshd run there, on that port?"
    )
    host = of(server, identity=str(sshd.keygen(home / "stranger")))
    message = refused(host, sshd.site(home, host, known=server.known))
    assert message.startswith(f"n1: does not let {host.user} in (")
    assert message.endswith("Permission denied (publickey).); a key, or a ticket (kinit)?")
    host = Host("n1", "no-such-host.invalid", transport="openssh")
    message = (
        "n1: its address no-such-host.invalid is not known; mend `address:` in the site "
        "file, or the name service"
    )
    assert refused(host, sshd.site(home, host)) == message


def test_a_listener_that_never_answers(home):
    with socket.create_server(("127.0.0.1", 0)) as hole:
        host = Host("n1", "127.0.0.1", port=hole.getsockname()[1], transport="openssh")
        message = refused(host, sshd.site(home, host, timeout=1))
    assert (
        message
        == f"n1: no answer at 127.0.0.1:{host.port} within 1 s; is it up, and the way to it open?"
    )


def test_a_link_that_is_lost_is_told_and_opens_anew(connection):
    with pytest.raises(Unreachable) as lost:
        connection.run(sshd.CUT)
    assert lost.value.what == "the link was lost while a program ran"
    assert connection.run("echo again; exit\n").out == b"again\n"


def test_sudo_with_a_password(home, tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    with sshd.running(folder / "sshd", environment=sshd.stub_sudo(folder / "bin", "ask")) as server:
        host = of(server, sudo=True)
        connection = connections.connect(
            host,
            sshd.site(home, host, known=server.known),
            password=lambda name: Secret("open sesame"),
        )
        assert connection.run("echo in; exit 3\n").out == b"in\n"
        connection.close()


def test_nothing_is_left_running(connection):
    connection.run("true; exit\n")
    folder = connection._folder
    connection.close()
    waited(lambda: not any(folder.encode() in _command(pid) for pid in os.listdir("/proc")))


def _command(pid: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@pytest.mark.parametrize("user", ["jdoe@ad.example.org", "AD\\jdoe", "svc+ops$"])
def test_the_name_that_a_directory_gives_is_the_same_by_both_ways(home, user):
    """For ssh itself, for the built-in transport, and for the way through a gateway."""
    gate = Host("gate", "127.0.0.2", user=user)
    behind = Host("n1", "127.0.0.1", user=user, via="gate")
    site = sshd.site(home, gate, behind)
    words = openssh.options(behind, site, "/dev/null")
    asked = subprocess.run(["ssh", "-G", *words, "n1"], capture_output=True, text=True, check=True)
    assert f"\nuser {user}\n" in f"\n{asked.stdout}"
    (way,) = (line for line in asked.stdout.splitlines() if line.startswith("proxycommand "))
    assert f"User={user}" in shlex.split(way)
    assert fabric.hop_to(gate, site).connection.user == user
