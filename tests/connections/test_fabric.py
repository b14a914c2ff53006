"""The usual carrier against a real sshd: what is refused before anybody logs in, what ends in time, what comes through whole."""

import getpass
import io
import os
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from fairlead import connections
from fairlead.connections import known_hosts
from fairlead.inventory.hosts import Host
from fairlead.model.errors import HostKeyRefused, SecretError, SiteError, Unreachable
from fairlead.model.plan import Secret
from tests import sshd
from tests.machine import ends

pytestmark = pytest.mark.skipif(sshd.SSHD is None, reason="needs sshd (openssh-server)")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with sshd.running(tmp_path_factory.mktemp("sshd"), ("ed25519", "ecdsa", "rsa")) as found:
        yield found


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("SSH_AUTH_SOCK", "FAIRLEAD_SUDO_PASSWORD_FILE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def line(server, home):
    found = connections.connect(server.host(), sshd.site(home, server.host(), known=server.known))
    yield found
    found.close()


def program(text: str) -> str:
    return f"main() {{\n{text}\n}}\nmain </dev/null\nexit\n"


def refused(host, site, kind=Unreachable) -> str:
    with pytest.raises(kind) as error:
        connections.connect(host, site)
    return str(error.value)


# keys


def test_an_unknown_key_is_refused_with_the_command_that_would_trust_it(server, home):
    print_ = server.fingerprint()
    assert refused(server.host(), sshd.site(home, server.host()), HostKeyRefused) == (
        f"n1: its host key at 127.0.0.1:{server.port} is not known: ssh-ed25519 {print_}; "
        f"if that is the right one: inv hosts.trust --host=n1 --fingerprint={print_}"
    )


def test_an_unknown_key_is_refused_before_anybody_logs_in(server, home):
    before = server.log.read_text().count("Accepted publickey")
    refused(server.host(), sshd.site(home, server.host()), HostKeyRefused)
    assert server.log.read_text().count("Accepted publickey") == before


def test_a_changed_key_is_refused(server, home):
    other = sshd.keygen(home / "other")
    known = f"[127.0.0.1]:{server.port} {' '.join(sshd.public(other))}\n"
    said = refused(server.host(), sshd.site(home, server.host(), known=known), HostKeyRefused)
    assert (
        f"has changed: now ssh-ed25519 {server.fingerprint()}, known is ssh-ed25519 SHA256:" in said
    )
    assert "somebody may be in between" in said


def test_a_revoked_key_is_refused(server, home):
    known = server.known + "".join(
        f"@revoked * {line.split(' ', 1)[1]}\n" for line in server.known.splitlines()
    )
    assert "is revoked in" in refused(
        server.host(), sshd.site(home, server.host(), known=known), HostKeyRefused
    )


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_of_several_keys_the_known_one_is_asked_for(kind, server, home):
    known = f"[127.0.0.1]:{server.port} {' '.join(sshd.public(server.host_keys[kind]))}\n"
    found = connections.connect(server.host(), sshd.site(home, server.host(), known=known))
    assert found.run(program("echo in")).out == b"in\n"
    found.close()


@pytest.mark.parametrize("place", [".ssh/known_hosts", "state/fairlead/known_hosts"])
def test_the_users_file_and_ours_are_read(place, server, home):
    (home / place).parent.mkdir(parents=True)
    (home / place).write_text("@cert-authority * ssh-ed25519 AAAA\nbroken\n" + server.known)
    connections.connect(server.host(), sshd.site(home, server.host())).close()


def test_a_hashed_name_is_read(server, home):
    (home / "hashed").write_text(server.known)
    subprocess.run(
        ["ssh-keygen", "-q", "-H", "-f", home / "hashed"], check=True, capture_output=True
    )
    known = (home / "hashed").read_text()
    assert known.startswith("|1|")
    connections.connect(server.host(), sshd.site(home, server.host(), known=known)).close()


# the way there


def test_a_port_where_nothing_listens(home):
    host = Host("n1", "127.0.0.1", port=sshd.free_port())
    assert (
        refused(host, sshd.site(home, host))
        == f"n1: nothing listens at 127.0.0.1:{host.port}; does sshd run there, on that port?"
    )


def test_a_name_that_nobody_knows(home):
    host = Host("n1", "no-such-host.invalid")
    assert refused(host, sshd.site(home, host)).startswith(
        "n1: its address no-such-host.invalid is not known ("
    )


def test_a_listener_that_never_answers(home):
    with socket.create_server(("127.0.0.1", 0)) as hole:
        host = Host("n1", "127.0.0.1", port=hole.getsockname()[1])
        began = time.monotonic()
        said = refused(host, sshd.site(home, host, timeout=1))
    assert (
        said
        == f"n1: no answer at 127.0.0.1:{host.port} within 1 s; is it up, and the way to it open?"
    )
    assert time.monotonic() - began < 3


def test_a_full_backlog_is_no_answer(home):
    with socket.socket() as hole:
        hole.bind(("127.0.0.1", 0))
        hole.listen(0)
        place = hole.getsockname()
        kept = [socket.socket() for _ in range(4)]
        for one in kept:
            one.setblocking(False)
            one.connect_ex(place)
        host = Host("n1", "127.0.0.1", port=place[1])
        said = refused(host, sshd.site(home, host, timeout=1))
        assert (
            said
            == f"n1: no answer at 127.0.0.1:{place[1]} within 1 s; is it up, and the way to it open?"
        )
        for one in kept:
            one.close()


@pytest.mark.parametrize("greeting", [b"", b"Exceeded MaxStartups\r\n"])
def test_a_refused_banner_is_tried_again(greeting, home, server, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with _Door(server.port, 2, greeting) as door:
        host = server.host(port=door.port)
        known = server.known.replace(str(server.port), str(door.port))
        connections.connect(host, sshd.site(home, host, known=known)).close()
        assert door.refused == 2


def test_a_banner_that_is_refused_for_good_is_told(home, server, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with _Door(server.port, 99) as door:
        host = server.host(port=door.port)
        said = refused(host, sshd.site(home, host))
        assert (
            said
            == f"n1: 127.0.0.1:{door.port} hung up before its banner, 4 times; its sshd is busy (MaxStartups) or shuts us out; try later"
        )
        assert door.refused == 4


class _Door:
    """A port that hangs up on the first so many, and lets the others through to another port; `cut()` leaves those in silence."""

    def __init__(self, to: int, refuse: int = 0, greeting: bytes = b""):
        self.to, self.refuse, self.greeting, self.refused = to, refuse, greeting, 0
        self.silent = threading.Event()
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *error):
        self.server.close()

    def _serve(self):
        while True:
            try:
                near, _ = self.server.accept()
            except OSError:
                return
            if self.refused < self.refuse:
                self.refused += 1
                near.sendall(self.greeting)
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", self.to))
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one, other):
        try:
            while data := one.recv(65536):
                if self.silent.is_set():
                    time.sleep(3600)
                other.sendall(data)
            other.close()
        except OSError:
            return


def test_a_user_who_is_not_let_in_is_told_with_the_keys_that_were_tried(server, home):
    host = server.host(identity=str(sshd.keygen(home / "stranger")))
    assert refused(host, sshd.site(home, host, known=server.known)) == (
        f"n1: does not let {host.user} in: no key fits (tried {home}/stranger); "
        f"put one into ~{host.user}/.ssh/authorized_keys there, or name another `user:` or `identity:`"
    )


def test_a_user_who_does_not_exist_is_not_let_in(server, home):
    host = server.host(user="nobody-here")
    assert refused(host, sshd.site(home, host, known=server.known)).startswith(
        f"n1: does not let nobody-here in: no key fits (tried {server.key})"
    )


def test_a_key_that_wants_a_passphrase_is_named(server, home):
    locked = home / "locked"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-f", locked], check=True)
    host = server.host(identity=str(locked))
    said = refused(host, sshd.site(home, host, known=server.known))
    assert said.startswith(f"n1: does not let {host.user} in: there is no key; ")
    assert said.endswith(f"; {locked} cannot be opened without a passphrase: ssh-add it")


def test_an_identity_that_is_not_there_is_the_sites_fault(server, home):
    host = server.host(identity="/absent/key")
    said = refused(host, sshd.site(home, host, known=server.known), SiteError)
    assert (
        said
        == "sites/test.yml: hosts.n1.identity: there is no file /absent/key; name the private key, or leave it out"
    )


def test_ssh_config_is_heard_and_the_site_counts_more(server, home):
    config = f"Host n1\n HostName 127.0.0.1\n Port {server.port}\n User {server.host().user}\n IdentityFile {server.key}\n IdentitiesOnly yes\n"
    host = Host("n1", "n1")
    found = connections.connect(host, sshd.site(home, host, known=server.known, config=config))
    assert found.run(program("echo in")).out == b"in\n"
    found.close()
    elsewhere = Host("n1", "127.0.0.1", port=sshd.free_port())
    assert "nothing listens" in refused(
        elsewhere, sshd.site(home, elsewhere, known=server.known, config=config)
    )


def test_an_ssh_config_that_is_not_there_is_the_sites_fault(server, home):
    site = sshd.site(home, server.host(), known=server.known)
    os.unlink(site.ssh.config)
    said = refused(server.host(), site, SiteError)
    assert (
        said
        == f"ssh.config: {site.ssh.config}: there is no such file; mend the path in the site file, or leave it out"
    )


def test_a_gateway_is_the_way_and_is_shared(server, home, tmp_path_factory):
    with sshd.running(tmp_path_factory.mktemp("gateway")) as gate:
        gateway = gate.host("gate")
        others = [server.host(f"n{number}", via="gate") for number in range(12)]
        site = sshd.site(home, gateway, *others, known=server.known + gate.known)
        with ThreadPoolExecutor(12) as pool:
            lines = list(pool.map(lambda host: connections.connect(host, site), others))
            said = list(
                pool.map(
                    lambda line: line.run(program("echo $SSH_CONNECTION")).out.split()[2:], lines
                )
            )
        assert said == [[b"127.0.0.1", str(server.port).encode()]] * 12
        assert gate.log.read_text().count("Accepted publickey") == 1
        for line in lines:
            line.close()


def test_the_key_of_a_gateway_has_to_be_known_as_well(server, home, tmp_path_factory):
    with sshd.running(tmp_path_factory.mktemp("gateway")) as gate:
        gateway, host = gate.host("gate"), server.host(via="gate")
        said = refused(host, sshd.site(home, gateway, host, known=server.known), HostKeyRefused)
        assert said.startswith(
            f"gate: its host key at 127.0.0.1:{gate.port} is not known: ssh-ed25519 {gate.fingerprint()}; "
        )
        said = refused(host, sshd.site(home, gateway, host, known=gate.known), HostKeyRefused)
        assert said.startswith(
            f"n1: its host key at 127.0.0.1:{server.port} is not known: ssh-ed25519 {server.fingerprint()}; "
        )


def test_a_gateway_that_ssh_config_names_has_to_be_known_as_well(server, home, tmp_path_factory):
    with sshd.running(tmp_path_factory.mktemp("gateway")) as gate:
        config = f"Host jump\n HostName 127.0.0.1\n Port {gate.port}\n IdentityFile {gate.key}\nHost n1\n ProxyJump jump\n"
        said = refused(
            server.host(),
            sshd.site(home, server.host(), known=server.known, config=config),
            HostKeyRefused,
        )
        assert said.startswith(f"jump: its host key at 127.0.0.1:{gate.port} is not known: ")
        assert said.endswith(
            f"if that is the right one: ssh jump, and compare {gate.fingerprint()}"
        )
        found = connections.connect(
            server.host(),
            sshd.site(home, server.host(), known=server.known + gate.known, config=config),
        )
        assert found.run(program("echo in")).out == b"in\n"
        found.close()


def test_what_a_gateway_cannot_reach_is_told(server, home):
    gateway, host = server.host("gate"), Host("n1", "127.0.0.1", port=sshd.free_port(), via="gate")
    said = refused(host, sshd.site(home, gateway, host, known=server.known))
    assert (
        said
        == f"n1: its gateway gate cannot reach 127.0.0.1:{host.port} (Connect failed); is it up, and does sshd run there?"
    )


def test_a_proxy_command_is_followed(server, home):
    relay = home / "relay.py"
    relay.write_text(RELAY)
    config = f"Host n1\n ProxyCommand {sys.executable} {relay} %p\n"
    found = connections.connect(
        server.host(), sshd.site(home, server.host(), known=server.known, config=config)
    )
    assert found.run(program("echo in")).out == b"in\n"
    found.close()


RELAY = """
import os, socket, sys, threading
far = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
def back():
    while data := far.recv(65536):
        os.write(1, data)
    os._exit(0)
threading.Thread(target=back, daemon=True).start()
while data := os.read(0, 65536):
    far.sendall(data)
"""


# programs


def test_a_program_gives_its_output_its_errors_and_its_exit_code(line):
    answer = line.run(program("echo out; echo err >&2; exit 7"))
    assert answer == connections.ProgramResult(7, b"out\n", b"err\n")


def test_every_run_is_one_channel(line):
    for _ in range(3):
        line.run(program("true"))
    assert line.channels == 3


def test_a_program_of_a_megabyte_that_talks_while_it_is_read(line):
    text = "\n".join(f"printf '%s\\n' {'x' * 90}{number:07d}" for number in range(10_000))
    answer = line.run(text + "\nexit 3\n")
    assert (answer.code, len(answer.out)) == (3, 10_000 * 98)


def test_ten_megabytes_of_output(line):
    assert len(line.run(program("head -c 10000000 /dev/zero")).out) == 10_000_000


def test_of_errors_the_last_64_kib_are_kept(line):
    err = line.run(program("head -c 300000 /dev/zero | tr '\\0' x >&2; echo end >&2")).err
    assert (len(err), err[-5:]) == (64 * 1024, b"xend\n")


def test_output_is_heard_as_it_comes_and_answered_on_the_same_channel(line):
    heard = []

    def hear(data: bytes) -> bytes | None:
        heard.append(data)
        return b"and you\n" if data.endswith(b"how are you\n") else None

    answer = line.run(
        'exec 3<&0\nmain() {\necho how are you\nread -r said <&3\necho "heard: $said"\n}\nmain </dev/null\nexit\n',
        on_output=hear,
    )
    assert (b"".join(heard), answer, line.channels) == (
        b"how are you\nheard: and you\n",
        connections.ProgramResult(0),
        1,
    )


def test_a_program_that_does_not_end_is_given_up(line):
    began = time.monotonic()
    with pytest.raises(Unreachable) as late:
        line.run(program("sleep 60"), timeout=0.5)
    said = "n1: its program has not ended within 0.5 s; the link may be cut or the host too busy; look: inv hosts.check --host=n1"
    assert str(late.value) == said
    assert time.monotonic() - began < 2


def test_a_program_that_is_silent_too_long_is_given_up(line):
    heard = []
    with pytest.raises(Unreachable) as late:
        line.run(
            program("for i in 1 2 3; do echo $i; sleep 0.3; done; sleep 60"),
            timeout=None,
            idle=0.8,
            on_output=heard.append,
        )
    assert late.value.what == "not a byte for 0.8 s"
    assert b"".join(heard) == b"1\n2\n3\n"


def test_something_left_behind_with_open_output_does_not_hold_the_answer(line, monkeypatch):
    monkeypatch.setattr("fairlead.connections.conversation.GRACE", 0.5)
    began = time.monotonic()
    assert line.run(program("sleep 20 & echo left")).out == b"left\n"
    assert time.monotonic() - began < 5


def test_a_line_that_was_closed_opens_anew(line):
    line.run(program("true"))
    line.close()
    assert line.run(program("echo again")).out == b"again\n"


def test_a_link_that_is_cut_in_the_middle_ends_at_the_time_out(server, home):
    with _Door(server.port) as door:
        host = server.host(port=door.port)
        found = connections.connect(
            host,
            sshd.site(
                home, host, known=server.known.replace(str(server.port), str(door.port)), timeout=2
            ),
        )
        found.run(program("true"))
        door.silent.set()
        began = time.monotonic()
        with pytest.raises(Unreachable):
            found.run(program("true"), timeout=1)
        assert time.monotonic() - began < 4
        found.close()


def test_a_link_that_is_cut_while_a_program_goes_in_ends_at_the_time_out(server, home):
    with _Door(server.port) as door:
        host = server.host(port=door.port)
        found = connections.connect(
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
            found.run("echo begin; cat >/dev/null\n", on_output=cut, timeout=2)
        assert (late.value.what, time.monotonic() - began < 5) == (
            "its program has not ended within 2 s",
            True,
        )
        found.close()


def test_a_connection_that_is_killed_is_told(line):
    with pytest.raises(Unreachable) as lost:
        line.run(program(sshd.CUT))
    assert (
        str(lost.value)
        == "n1: the link was lost while a program ran; look: inv hosts.check --host=n1"
    )


def test_fifty_hosts_at_a_time(server, home):
    every = [server.host(f"n{number}") for number in range(50)]
    site = sshd.site(home, *every, known=server.known)
    with ThreadPoolExecutor(20) as pool:
        lines = list(pool.map(lambda host: connections.connect(host, site), every))
        said = list(
            pool.map(
                lambda line: line.run(program(f"echo {line.host}")).out.decode().strip(), lines
            )
        )
        list(pool.map(lambda line: line.close(), lines))
    assert said == [host.name for host in every]


# sessions


def test_a_session_keeps_its_words_and_its_exit_code(line):
    heard = []
    code = line.session(
        ("sh", "-c", 'printf "<%s>" "$@"; exit 4', "sh", "a b", "; echo no", "'\"$HOME\"'", ""),
        on_output=heard.append,
    )
    assert (b"".join(heard), code) == (b"<a b><; echo no><'\"$HOME\"'><>", 4)


def test_a_session_streams_what_is_piped_into_it(line):
    heard = []
    assert (
        line.session(("wc", "-c"), stdin=io.BytesIO(b"x" * 5_000_000), on_output=heard.append) == 0
    )
    assert b"".join(heard).strip() == b"5000000"


def test_a_session_without_stdin_reads_nothing(line):
    heard = []
    assert line.session(("sh", "-c", "wc -c; echo err >&2"), on_output=heard.append) == 0
    assert sorted(b"".join(heard).split()) == [b"0", b"err"]


def test_ctrl_c_ends_the_program_on_the_far_side(line, tmp_path):
    started = tmp_path / "pid"

    def interrupt(data: bytes) -> None:
        started.write_bytes(data)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        line.session(("sh", "-c", "echo $$; exec sleep 300"), on_output=interrupt)
    assert ends(int(started.read_text()))


# sudo


@pytest.fixture
def wheel(tmp_path_factory):
    """A server on which sudo is a stub that does as told: -> (its line's maker, what passwords it was given)."""
    stack = ExitStack()

    def make(does: str, home: Path, password=None):
        folder = tmp_path_factory.mktemp("wheel")
        server = stack.enter_context(
            sshd.running(folder / "sshd", environment=sshd.stub_sudo(folder / "bin", does))
        )
        host = server.host(sudo=True)
        found = connections.connect(
            host, sshd.site(home, host, known=server.known), password=password
        )
        stack.callback(found.close)
        return found, folder / "bin" / "log"

    with stack:
        yield make


def test_with_nopasswd_nothing_is_asked_sent_or_printed(wheel, home):
    line, given = wheel("free", home, lambda host: pytest.fail("asked"))
    assert line.run(program("echo in; echo err >&2; exit 3")) == connections.ProgramResult(
        3, b"in\n", b"err\n"
    )
    assert not given.exists()
    assert line.channels == 1


def test_with_a_password_it_is_given_once_and_the_program_runs(wheel, home):
    line, given = wheel("ask", home, lambda host: Secret("open sesame"))
    answer = line.run(program("echo in; read -r x && echo $x; exit 3"))
    assert (answer.code, answer.out, line.channels) == (3, b"in\n", 1)
    assert b"sesame" not in answer.err
    assert given.read_text() == "open sesame\n"


def test_with_a_password_sessions_run_too(wheel, home):
    line, _ = wheel("ask", home, lambda host: Secret("open sesame"))
    heard = []
    assert (
        line.session(
            ("sh", "-c", "cat; exit 5"), stdin=io.BytesIO(b"piped"), on_output=heard.append
        )
        == 5
    )
    assert b"".join(heard).strip() == b"piped"
    heard.clear()
    assert line.session(("sh", "-c", "echo in; wc -c"), on_output=heard.append) == 0
    assert b"".join(heard).split() == [b"in", b"0"]


def test_a_wrong_password_is_given_once_only(wheel, home):
    line, given = wheel("ask", home, lambda host: Secret("open barley"))
    with pytest.raises(SecretError) as refused:
        line.run(program("echo in"))
    assert refused.value.what.startswith("sudo refuses the password of ")
    assert given.read_text() == "open barley\n"
    assert "barley" not in str(refused.value)


@pytest.mark.parametrize(
    ("does", "what"),
    [
        ("requiretty", "sudo wants a terminal (requiretty)"),
        ("stranger", "sudo does not let {user} become root"),
    ],
)
def test_a_sudo_that_refuses_is_told_in_words(does, what, wheel, home):
    line, _ = wheel(does, home)
    with pytest.raises(Unreachable) as refused:
        line.run(program("echo in"))
    assert refused.value.what == what.format(user=getpass.getuser())


def test_a_sudo_that_asks_something_else_does_not_hold_us(wheel, home, monkeypatch):
    monkeypatch.setattr("fairlead.connections.conversation.PATIENCE", 0.5)
    line, _ = wheel("odd", home)
    with pytest.raises(Unreachable) as refused:
        line.run(program("echo in"))
    assert refused.value.what == f"sudo does not let {getpass.getuser()} in (Verification code:)"


# what a host shows


def test_the_keys_of_a_host_can_be_seen_without_trusting_them(server, home):
    site = sshd.site(home, server.host())
    shown = list(connections.shown_keys(server.host(), site))
    assert [key.fingerprint for key in shown] == [
        server.fingerprint(kind) for kind in ("ed25519", "ecdsa", "rsa")
    ]
    assert not known_hosts.own().exists()
    assert connections.known_as(server.host(), site) == (f"[127.0.0.1]:{server.port}", ())
