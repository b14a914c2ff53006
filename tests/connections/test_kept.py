"""A connection that stays for the next command line is the same to its host, and never an excuse:
whatever has changed since, leads to another one.
"""

import os
import shutil
import signal
import socket
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from fairlead import connections
from fairlead.connections import (
    kept,
    kept_folder,
    mux,
    openssh,
    process,
    ssh_answers,
    ssh_config,
)
from fairlead.connections.fabric import FabricConnection
from fairlead.connections.kept import KeptConnection
from fairlead.model.errors import CommandLineError, HostKeyRefused, SiteError, Unreachable
from fairlead.model.plan import Secret
from fairlead.model.processes import LastWord
from tests import sshd
from tests.connections.door import Door
from tests.machine import ends

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sshd.SSHD is None or shutil.which("ssh") is None,
        reason="needs sshd and ssh (openssh-server, openssh-client)",
    ),
]
LOG_IN = "Accepted publickey"


@pytest.fixture
def server(tmp_path):
    with sshd.running(tmp_path / "sshd") as running:
        yield running


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A home without anybody's keys, and a session whose folder has a short name."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    session = tempfile.mkdtemp(prefix="fl-test-")
    monkeypatch.setenv("XDG_RUNTIME_DIR", session)
    for name in ("SSH_AUTH_SOCK", "FAIRLEAD_KEEP", "FAIRLEAD_SUDO_PASSWORD_FILE"):
        monkeypatch.delenv(name, raising=False)
    yield tmp_path
    for path in sockets():
        mux.terminate(str(path))
    shutil.rmtree(session, ignore_errors=True)


def sockets() -> list[Path]:
    folder = Path(os.environ["XDG_RUNTIME_DIR"], "fairlead")
    return [path for path in folder.glob("*") if path.is_socket()]


def keeping(home, *hosts, known="", keep=60, **more):
    """A site that keeps its connections."""
    site = sshd.site(home, *hosts, known=known, **more)
    return msgspec.structs.replace(site, ssh=msgspec.structs.replace(site.ssh, keep=keep))


def opened(host, site, **more):
    return connections.connect(host, site, may_keep=True, **more)


def used_once(host, site, **more) -> None:
    connection = opened(host, site, **more)
    assert connection.run("echo in\n").out == b"in\n"
    connection.close()


def log_ins(server) -> int:
    return server.log.read_text().count(LOG_IN)


@pytest.mark.parametrize("transport", ["ssh", "openssh"])
def test_the_next_command_line_logs_in_nowhere(server, home, transport):
    host = server.host(transport=transport)
    site = keeping(home, host, known=server.known)
    for _ in range(3):
        used_once(host, site)
    assert (log_ins(server), len(sockets())) == (1, 1)
    (folder,) = {path.parent for path in sockets()}
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("keep", "variable", "stays"),
    [(0, "", False), (60, "0", False), (0, "60", True), (60, "", True)],
)
def test_the_environment_counts_more_than_the_site(
    server, home, monkeypatch, keep, variable, stays
):
    monkeypatch.setenv("FAIRLEAD_KEEP", variable)
    site = keeping(home, server.host(), known=server.known, keep=keep)
    for _ in range(2):
        used_once(server.host(), site)
    assert (log_ins(server), bool(sockets())) == (1 if stays else 2, stays)


@pytest.mark.parametrize("text", ["x", "-1", "1.5", "86401", "²"])
def test_a_time_that_is_none_is_refused(server, home, monkeypatch, text):
    monkeypatch.setenv("FAIRLEAD_KEEP", text)
    with pytest.raises(CommandLineError) as error:
        opened(server.host(), keeping(home, server.host(), known=server.known))
    assert str(error.value) == (
        f"FAIRLEAD_KEEP: {text!r} is no number of seconds from 0 to 86400; say for instance "
        "FAIRLEAD_KEEP=60, or unset it"
    )


def test_who_wants_a_fresh_connection_gets_one(server, home):
    site = keeping(home, server.host(), known=server.known)
    used_once(server.host(), site)
    connection = connections.connect(server.host(), site)
    assert isinstance(connection, FabricConnection)
    assert connection.run("echo in\n").out == b"in\n"
    connection.close()
    assert log_ins(server) == 2


def test_a_host_that_has_become_a_stranger_is_refused_though_its_connection_is_kept(server, home):
    other = " ".join(sshd.public(sshd.keygen(home / "other")))
    used_once(server.host(), keeping(home, server.host(), known=server.known))
    for known, complaint in (
        ("", "is not known"),
        (f"[127.0.0.1]:{server.port} {other}\n", "has changed"),
        (f"{server.known}@revoked {server.known}", "is revoked"),
        (f"{server.known}@revoked * {server.known.partition(' ')[2]}", "is revoked"),
    ):
        site = keeping(home, server.host(), known=known)
        with pytest.raises(HostKeyRefused, match=complaint):
            opened(server.host(), site)
    assert len(sockets()) == 1  # it is there still
    used_once(server.host(), keeping(home, server.host(), known=server.known))
    assert log_ins(server) == 1


def test_a_gateway_that_has_become_a_stranger_is_refused(server, home, tmp_path):
    with sshd.running(tmp_path / "gateway") as gate:
        hosts = gate.host("gate"), server.host(via="gate")
        used_once(hosts[1], keeping(home, *hosts, known=server.known + gate.known))
        used_once(hosts[1], keeping(home, *hosts, known=server.known + gate.known))
        assert (log_ins(server), log_ins(gate)) == (1, 1)
        revoked = f"{server.known}{gate.known}@revoked {gate.known}"
        with pytest.raises(HostKeyRefused, match=r"^gate: .* is revoked"):
            opened(hosts[1], keeping(home, *hosts, known=revoked))


def test_a_key_that_ssh_config_lists_as_revoked_meanwhile_is_refused(server, home):
    (home / "revoked").write_text("")
    config = f"RevokedHostKeys {home}/revoked\n"
    host = server.host(transport="openssh")
    site = keeping(home, host, known=server.known, config=config)
    used_once(host, site)
    (home / "revoked").write_text(" ".join(sshd.public(server.host_keys["ed25519"])) + "\n")
    with pytest.raises(HostKeyRefused):
        opened(host, site)


def test_where_a_program_tells_the_keys_none_is_kept(server, home):
    config = "KnownHostsCommand /bin/true %H\n"
    host = server.host(transport="openssh")
    used_once(host, keeping(home, host, known=server.known, config=config))
    assert not sockets()


CHANGES = {
    "address": {"address": "127.0.0.2"},
    "port": {"port": 2222},
    "user": {"user": "somebody"},
    "identity": {"identity": "/etc/hostname"},
    "name": {"name": "n2"},
    "gateway": {"via": "gate"},
}


@pytest.mark.parametrize("change", CHANGES)
def test_another_way_to_a_host_is_another_connection(server, home, change):
    gate = server.host("gate", address="127.0.0.3")
    first, second = server.host(), server.host(**CHANGES[change])
    site = keeping(home, gate, first, known=server.known)
    assert kept.digest(first, site) == kept.digest(first, site)
    assert kept.digest(first, site) != kept.digest(second, site)


@pytest.mark.parametrize("variable", kept.ENVIRONMENT)
def test_another_place_of_keys_is_another_connection(server, home, monkeypatch, variable):
    site = keeping(home, server.host(), known=server.known)
    before = kept.digest(server.host(), site)
    monkeypatch.setenv(variable, "/nowhere")
    assert kept.digest(server.host(), site) != before


@pytest.mark.parametrize(
    "config",
    ["Ciphers aes128-ctr\n", "Host n1\n ProxyJump gate\n", "Match host=127.0.0.1\n IPQoS 8\n"],
)
def test_another_word_of_ssh_config_is_another_connection(server, home, config):
    host = server.host()
    before = kept.digest(host, keeping(home, host, known=server.known))
    assert kept.digest(host, keeping(home, host, known=server.known, config=config)) != before


def test_another_address_in_ssh_config_is_another_connection(server, home):
    host = server.host(address="n1")
    digests = {
        kept.digest(host, keeping(home, host, config=f"Host n1\n HostName 127.0.0.{n}\n"))
        for n in range(1, 4)
    }
    assert len(digests) == 3


def test_hosts_that_ssh_cannot_tell_apart_are_asked_about_once(server, home, monkeypatch):
    """And have the same names of sockets, whoever was asked first."""
    asked, capture = [], process.capture

    def counted(argv, timeout):
        asked.append(argv[-1])
        return capture(argv, timeout)

    monkeypatch.setattr(process, "capture", counted)
    hosts = [server.host(f"host{n}", address=f"127.0.0.{n}") for n in range(1, 4)]
    digests = []
    for order in (hosts, hosts[::-1]):
        monkeypatch.setattr(ssh_answers, "_ANSWERS", {})
        monkeypatch.setattr(ssh_answers, "_FIRST", {})
        site = keeping(home, *hosts, known=server.known, config="Host *\n Compression yes\n")
        digests.append({host.name: kept.digest(host, site) for host in order})
    assert digests[0] == digests[1]
    assert len(set(digests[0].values())) == 3
    assert asked == ["host1", "host3"]


def test_another_private_key_in_the_same_place_is_another_connection(server, home):
    host = server.host(identity=str(sshd.keygen(home / "mine")))
    site = keeping(home, host, known=server.known)
    before = kept.digest(host, site)
    (home / "mine").unlink()
    sshd.keygen(home / "mine")
    assert kept.digest(host, site) != before


def test_a_server_that_was_away_is_asked_anew(server, home):
    site = keeping(home, server.host(), known=server.known)
    connection = opened(server.host(), site)
    with pytest.raises(Unreachable) as lost:
        connection.run(sshd.CUT)
    assert lost.value.what == "the link was lost while a program ran"
    assert connection.run("echo again\n").out == b"again\n"
    connection.close()
    used_once(server.host(), site)
    assert log_ins(server) == 2


def test_a_host_that_comes_back_with_another_key_is_refused(server, home):
    site = keeping(home, server.host(), known=server.known)
    connection = opened(server.host(), site)
    server.stop()
    server.host_keys["ed25519"].unlink()
    sshd.keygen(server.host_keys["ed25519"])
    server.start()
    with pytest.raises(Unreachable):
        connection.run(sshd.CUT)
    with pytest.raises(HostKeyRefused, match="has changed"):
        connection.run("true\n")
    connection.close()
    with pytest.raises(HostKeyRefused, match="has changed"):
        opened(server.host(), site)


def test_a_link_that_is_silent_is_not_believed(server, home):
    """A way that swallows all, as a firewall does that has forgotten us."""
    with Door(server.port) as door:
        host = server.host()
        host = msgspec.structs.replace(host, port=door.port)
        site = keeping(
            home, host, known=server.known.replace(str(server.port), str(door.port)), timeout=1
        )
        used_once(host, site)
        door.silent.set()
        reopening = threading.Timer(0.5, door.silent.clear)
        reopening.start()
        began = time.monotonic()
        used_once(host, site)
        assert time.monotonic() - began < 5
    assert log_ins(server) == 2


def test_a_socket_without_a_master_is_not_believed(server, home):
    site = keeping(home, server.host(), known=server.known)
    used_once(server.host(), site)
    (path,) = sockets()
    os.kill(_master(path), signal.SIGKILL)
    used_once(server.host(), site)
    assert (log_ins(server), sockets()) == (2, [path])


def _master(path: Path) -> int:
    control = mux.Control(str(path))
    control.request(mux.ALIVE_CHECK)
    _, body = control.message(5)
    control.close()
    return int.from_bytes(body[4:8], "big")


def test_what_is_no_socket_of_ours_is_put_away(server, home):
    site = keeping(home, server.host(), known=server.known)
    path = kept_folder.folder() / kept.digest(server.host(), site)
    path.write_text("")
    used_once(server.host(), site)
    assert sockets() == [path]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to make what is another user's")
def test_a_socket_of_another_user_is_not_believed(server, home):
    site = keeping(home, server.host(), known=server.known)
    path = kept_folder.folder() / kept.digest(server.host(), site)
    with socket.socket(socket.AF_UNIX) as trap:
        trap.bind(str(path))
        trap.listen()
        os.chown(path, 65534, 65534)
        used_once(server.host(), site)
        trap.settimeout(0)
        with pytest.raises(BlockingIOError):
            trap.accept()
    assert log_ins(server) == 1


def test_a_master_that_does_not_speak_is_not_waited_for_long(server, home, monkeypatch):
    monkeypatch.setattr(mux, "LOCAL", 0.3)
    site = keeping(home, server.host(), known=server.known)
    path = kept_folder.folder() / kept.digest(server.host(), site)
    with socket.socket(socket.AF_UNIX) as trap:
        trap.bind(str(path))
        trap.listen()
        used_once(server.host(), site)
    assert log_ins(server) == 1


def test_two_at_once_open_one_connection_and_share_it(server, home):
    site = keeping(home, server.host(), known=server.known)
    with ThreadPoolExecutor() as pool:
        both = list(pool.map(lambda _: opened(server.host(), site), range(4)))
        outputs = list(pool.map(lambda connection: connection.run("echo in\n").out, both))
    for connection in both:
        connection.close()
    assert outputs == [b"in\n"] * 4
    assert log_ins(server) == 1
    assert [path.suffix for path in kept_folder.folder().iterdir() if path.suffix == ".lock"] == []


def test_what_one_loses_another_ends_in_peace(server, home):
    site = keeping(home, server.host(), known=server.known)
    one, other = opened(server.host(), site), opened(server.host(), site)
    with ThreadPoolExecutor() as pool:
        long = pool.submit(other.run, "sleep 1; echo whole\n")
        with pytest.raises(Unreachable, match="has not ended within"):
            one.run("sleep 30\n", timeout=0.2)
        assert not sockets()
        used_once(server.host(), site)
        assert long.result().out == b"whole\n"
    for connection in (one, other):
        connection.close()


def test_where_a_host_opens_no_second_session_there_is_a_second_connection(tmp_path, home):
    with sshd.running(tmp_path / "narrow", MaxSessions="1") as server:
        site = keeping(home, server.host(), known=server.known)
        one, other = opened(server.host(), site), opened(server.host(), site)
        assert [way.run("echo in\n").out for way in (one, other)] == [b"in\n"] * 2
        assert (log_ins(server), len(sockets())) == (2, 1)
        one.close()
        other.close()
        used_once(server.host(), site)
        assert log_ins(server) == 2


def test_a_session_that_is_refused_is_told_where_nothing_is_kept(tmp_path, home):
    with sshd.running(tmp_path / "none", MaxSessions="0") as server:
        host = server.host(transport="openssh")
        connection = connections.connect(host, sshd.site(home, host, known=server.known))
        with pytest.raises(Unreachable) as error:
            connection.run("true\n")
        connection.close()
    assert error.value.what.startswith("its sshd opens no further session (")
    assert error.value.remedy == "raise MaxSessions there, or try again"


def test_the_last_word_arrives_though_we_are_gone(server, home):
    site = keeping(home, server.host(), known=server.known)
    connection = opened(server.host(), site)
    program = f"echo over; read -r word; sleep 2; echo $word >{home}/word\n"
    connection.run(program, on_output=lambda data: LastWord(b"seen\n"))
    began = time.monotonic()
    connection.close()
    assert time.monotonic() - began < 1.5  # nobody waits
    end = time.monotonic() + 5
    while not (home / "word").exists() and time.monotonic() < end:
        time.sleep(0.01)
    time.sleep(0.05)
    assert (home / "word").read_text() == "seen\n"


def test_ctrl_c_ends_the_program_and_leaves_the_connection(server, home):
    site = keeping(home, server.host(), known=server.known)
    connection = opened(server.host(), site)

    def interrupt(data: bytes) -> None:
        (home / "pid").write_bytes(data)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        connection.session(("sh", "-c", "echo $$; exec sleep 300"), on_output=interrupt)
    connection.close()
    assert ends(int((home / "pid").read_text()))
    used_once(server.host(), site)
    assert log_ins(server) == 1


def test_it_ends_by_itself(server, home):
    used_once(server.host(), keeping(home, server.host(), known=server.known, keep=1))
    (path,) = sockets()
    end = time.monotonic() + 10
    while path.exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert not path.exists()


def test_sudo_gets_its_password_on_stdin_each_time(home, tmp_path):
    environment = sshd.stub_sudo(tmp_path / "bin", "ask")
    with sshd.running(tmp_path / "wheel", environment=environment) as server:
        host = server.host(sudo=True)
        site = keeping(home, host, known=server.known)
        wanted = []

        def password(name: str) -> Secret:
            wanted.append(name)
            return Secret("open sesame")

        for _ in range(2):
            used_once(host, site, password=password)
        assert (wanted, log_ins(server)) == (["n1", "n1"], 1)


def test_without_ssh_it_is_the_built_in_one_as_ever(server, home, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    connection = opened(server.host(), keeping(home, server.host(), known=server.known))
    assert isinstance(connection, FabricConnection)
    connection.close()


def test_where_ssh_is_not_let_in_the_built_in_transport_tries(server, home, monkeypatch):
    options = openssh.options
    monkeypatch.setattr(
        openssh, "options", lambda *words: (*options(*words), "-o", "PubkeyAuthentication=no")
    )
    site = keeping(home, server.host(), known=server.known)
    connection = opened(server.host(), site)
    assert isinstance(connection, FabricConnection)
    connection.close()
    with pytest.raises(openssh.NotLetIn):
        opened(server.host(transport="openssh"), site)


def test_a_key_that_is_not_there_is_an_error_as_ever(server, home):
    host = server.host(identity="/nowhere")
    with pytest.raises(SiteError, match="there is no file /nowhere"):
        opened(host, keeping(home, host, known=server.known))


def test_a_terminal_is_one_over_the_kept_connection(server, home, monkeypatch):
    terminals = []
    monkeypatch.setattr(openssh, "run_on_terminal", lambda argv: terminals.append(argv) or 0)
    connection = opened(server.host(), keeping(home, server.host(), known=server.known))
    assert isinstance(connection, KeptConnection)
    assert connection.session(("true",), tty=True) == 0
    connection.close()
    (argv,) = terminals
    assert str(sockets()[0]) in argv
    assert log_ins(server) == 1


# The folder


def test_a_note_says_whose_connection_it_is_also_of_names_that_are_no_text(server, home):
    site = msgspec.structs.replace(keeping(home, server.host()), path="/tmp/\udcff.yml")
    path = str(kept_folder.folder() / "x")
    config = ssh_config.of_words("n1", {"user": ["j\udcff"]}, "")
    with socket.socket(socket.AF_UNIX) as there:
        there.bind(path)
        kept_folder.write_note(path, server.host(), site, config)
    (note,) = kept_folder.folder().glob("*.host")
    assert note.stat().st_mode & 0o777 == 0o600
    link = kept_folder._link(note)
    assert (link.site, link.host, link.user) == ("/tmp/?.yml", "n1", "j?")


def test_notes_of_connections_that_have_ended_are_forgotten(server, home):
    (kept_folder.folder() / "gone.host").write_text("{}")
    site = keeping(home, server.host(), known=server.known)
    used_once(server.host(), site)
    (path,) = sockets()
    assert [note.stem for note in path.parent.glob("*.host")] == [path.name]
    (link,) = kept_folder.kept_links(site)
    assert (link.path, link.host, link.port) == (str(path), "n1", server.port)
    mux.terminate(str(path))
    assert kept_folder.kept_links(site) == ()


def refused_folder(server, home) -> str:
    with pytest.raises(SiteError) as error:
        opened(server.host(), keeping(home, server.host(), known=server.known))
    assert LOG_IN not in server.log.read_text()
    return str(error.value)


def test_a_folder_that_is_open_to_others_is_refused(server, home):
    folder = Path(os.environ["XDG_RUNTIME_DIR"], "fairlead")
    folder.mkdir()
    folder.chmod(0o755)
    assert refused_folder(server, home) == (
        f"ssh.keep: {folder}: no connection is kept there: it is open to others (mode 0755); "
        f"chmod 700 {folder}, or do without: FAIRLEAD_KEEP=0"
    )


def test_a_folder_that_is_a_link_is_refused(server, home):
    folder = Path(os.environ["XDG_RUNTIME_DIR"], "fairlead")
    (home / "elsewhere").mkdir(mode=0o700)
    folder.symlink_to(home / "elsewhere")
    assert refused_folder(server, home) == (
        f"ssh.keep: {folder}: no connection is kept there: it is a link; look who made it, and "
        f"rm -r {folder}, or do without: FAIRLEAD_KEEP=0"
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to make what is another user's")
def test_a_folder_of_another_user_is_refused(server, home):
    folder = Path(os.environ["XDG_RUNTIME_DIR"], "fairlead")
    folder.mkdir(mode=0o700)
    os.chown(folder, 65534, 65534)
    assert "it belongs to another user (uid 65534); look who" in refused_folder(server, home)


@pytest.mark.parametrize("session", ["", "relative", "/nowhere", "/tmp", "/tmp/" + "x" * 60])
def test_without_a_folder_of_our_session_it_lies_below_tmp(monkeypatch, session):
    monkeypatch.setenv("XDG_RUNTIME_DIR", session)
    assert kept_folder._place() == Path(f"/tmp/fairlead-ssh-{os.geteuid()}")


def test_the_longest_path_is_short_enough_for_a_socket():
    path = f"/tmp/fairlead-ssh-{2**32 - 1}/" + "x" * (kept_folder.NAME + kept_folder.OF_SSH)
    assert len(path) <= kept_folder.LONGEST
