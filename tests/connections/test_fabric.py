"""Connections by Fabric against a real sshd: what is refused before anybody logs in, and the
way.
"""

import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from fairlead import connections
from fairlead.connections import known_hosts
from fairlead.inventory.hosts import Host
from fairlead.model.errors import HostKeyRefused, SiteError, Unreachable
from tests import sshd
from tests.connections.door import Door

pytestmark = [
    pytest.mark.skipif(sshd.SSHD is None, reason="needs sshd (openssh-server)"),
    pytest.mark.usefixtures("home"),
]


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
    message = refused(server.host(), sshd.site(home, server.host(), known=known), HostKeyRefused)
    assert (
        f"has changed: now ssh-ed25519 {server.fingerprint()}, known is ssh-ed25519 SHA256:"
        in message
    )
    assert "somebody may be in between" in message


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
    connection = connections.connect(server.host(), sshd.site(home, server.host(), known=known))
    assert connection.run(sshd.program("echo in")).out == b"in\n"
    connection.close()


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
        message = refused(host, sshd.site(home, host, timeout=1))
    assert (
        message
        == f"n1: no answer at 127.0.0.1:{host.port} within 1 s; is it up, and the way to it open?"
    )
    assert time.monotonic() - began < 3


def test_a_full_backlog_is_no_answer(home):
    with socket.socket() as hole:
        hole.bind(("127.0.0.1", 0))
        hole.listen(0)
        place = hole.getsockname()
        kept = [socket.socket() for _ in range(4)]
        for waiting in kept:
            waiting.setblocking(False)
            waiting.connect_ex(place)
        host = Host("n1", "127.0.0.1", port=place[1])
        message = refused(host, sshd.site(home, host, timeout=1))
        assert (
            message
            == f"n1: no answer at 127.0.0.1:{place[1]} within 1 s; is it up, and the way to "
            "it open?"
        )
        for waiting in kept:
            waiting.close()


@pytest.mark.parametrize("greeting", [b"", b"Exceeded MaxStartups\r\n"])
def test_a_refused_banner_is_tried_again(greeting, home, server, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with Door(server.port, 2, greeting) as door:
        host = server.host(port=door.port)
        known = server.known.replace(str(server.port), str(door.port))
        connections.connect(host, sshd.site(home, host, known=known)).close()
        assert door.refused == 2


def test_a_banner_that_is_refused_for_good_is_told(home, server, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with Door(server.port, 99) as door:
        host = server.host(port=door.port)
        message = refused(host, sshd.site(home, host))
        assert (
            message == f"n1: 127.0.0.1:{door.port} hung up before its banner, 4 times; its sshd is "
            "busy (MaxStartups) or shuts us out; try later"
        )
        assert door.refused == 4


def test_a_user_who_is_not_let_in_is_told_with_the_keys_that_were_tried(server, home):
    host = server.host(identity=str(sshd.keygen(home / "stranger")))
    assert refused(host, sshd.site(home, host, known=server.known)) == (
        f"n1: does not let {host.user} in: no key fits (tried {home}/stranger); "
        f"put one into ~{host.user}/.ssh/authorized_keys there, or name another `user:` or "
        "`identity:`"
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
    message = refused(host, sshd.site(home, host, known=server.known))
    assert message.startswith(f"n1: does not let {host.user} in: there is no key; ")
    assert message.endswith(f"; {locked} cannot be opened without a passphrase: ssh-add it")


def test_an_identity_that_is_not_there_is_the_sites_fault(server, home):
    host = server.host(identity="/absent/key")
    message = refused(host, sshd.site(home, host, known=server.known), SiteError)
    assert (
        message
        == "sites/test.yml: hosts.n1.identity: there is no file /absent/key; name the private "
        "key, or leave it out"
    )


def test_ssh_config_is_heard_and_the_site_counts_more(server, home):
    config = (
        f"Host n1\n HostName 127.0.0.1\n Port {server.port}\n User {server.host().user}\n"
        f" IdentityFile {server.key}\n IdentitiesOnly yes\n"
    )
    host = Host("n1", "n1")
    connection = connections.connect(host, sshd.site(home, host, known=server.known, config=config))
    assert connection.run(sshd.program("echo in")).out == b"in\n"
    connection.close()
    elsewhere = Host("n1", "127.0.0.1", port=sshd.free_port())
    assert "nothing listens" in refused(
        elsewhere, sshd.site(home, elsewhere, known=server.known, config=config)
    )


def test_an_ssh_config_that_is_not_there_is_the_sites_fault(server, home):
    site = sshd.site(home, server.host(), known=server.known)
    os.unlink(site.ssh.config)
    message = refused(server.host(), site, SiteError)
    assert (
        message
        == f"ssh.config: {site.ssh.config}: there is no such file; mend the path in the site "
        "file, or leave it out"
    )


def test_a_gateway_is_the_way_and_is_shared(server, home, tmp_path_factory):
    with sshd.running(tmp_path_factory.mktemp("gateway")) as gate:
        gateway = gate.host("gate")
        others = [server.host(f"n{number}", via="gate") for number in range(12)]
        site = sshd.site(home, gateway, *others, known=server.known + gate.known)
        with ThreadPoolExecutor(12) as pool:
            opened = list(pool.map(lambda host: connections.connect(host, site), others))
            message = list(
                pool.map(
                    lambda connection: connection.run(
                        sshd.program("echo $SSH_CONNECTION")
                    ).out.split()[2:],
                    opened,
                )
            )
        assert message == [[b"127.0.0.1", str(server.port).encode()]] * 12
        assert gate.log.read_text().count("Accepted publickey") == 1
        for connection in opened:
            connection.close()


def test_the_key_of_a_gateway_has_to_be_known_as_well(server, home, tmp_path_factory):
    with sshd.running(tmp_path_factory.mktemp("gateway")) as gate:
        gateway, host = gate.host("gate"), server.host(via="gate")
        message = refused(host, sshd.site(home, gateway, host, known=server.known), HostKeyRefused)
        assert message.startswith(
            f"gate: its host key at 127.0.0.1:{gate.port} is not known: ssh-ed25519 "
            f"{gate.fingerprint()}; "
        )
        message = refused(host, sshd.site(home, gateway, host, known=gate.known), HostKeyRefused)
        assert message.startswith(
            f"n1: its host key at 127.0.0.1:{server.port} is not known: ssh-ed25519 "
            f"{server.fingerprint()}; "
        )


def test_a_gateway_that_ssh_config_names_has_to_be_known_as_well(server, home, tmp_path_factory):
    with sshd.running(tmp_path_factory.mktemp("gateway")) as gate:
        config = (
            f"Host jump\n HostName 127.0.0.1\n Port {gate.port}\n IdentityFile "
            f"{gate.key}\nHost n1\n ProxyJump jump\n"
        )
        message = refused(
            server.host(),
            sshd.site(home, server.host(), known=server.known, config=config),
            HostKeyRefused,
        )
        assert message.startswith(f"jump: its host key at 127.0.0.1:{gate.port} is not known: ")
        assert message.endswith(
            f"if that is the right one: ssh jump, and compare {gate.fingerprint()}"
        )
        connection = connections.connect(
            server.host(),
            sshd.site(home, server.host(), known=server.known + gate.known, config=config),
        )
        assert connection.run(sshd.program("echo in")).out == b"in\n"
        connection.close()


def test_what_a_gateway_cannot_reach_is_told(server, home):
    gateway, host = server.host("gate"), Host("n1", "127.0.0.1", port=sshd.free_port(), via="gate")
    message = refused(host, sshd.site(home, gateway, host, known=server.known))
    assert (
        message
        == f"n1: its gateway gate cannot reach 127.0.0.1:{host.port} (Connect failed); is it "
        "up, and does sshd run there?"
    )


def test_a_proxy_command_is_followed(server, home):
    relay = home / "relay.py"
    relay.write_text(RELAY)
    config = f"Host n1\n ProxyCommand {sys.executable} {relay} %p\n"
    connection = connections.connect(
        server.host(), sshd.site(home, server.host(), known=server.known, config=config)
    )
    assert connection.run(sshd.program("echo in")).out == b"in\n"
    connection.close()


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


# what a host shows


def test_the_keys_of_a_host_can_be_seen_without_trusting_them(server, home):
    site = sshd.site(home, server.host())
    shown = list(connections.shown_keys(server.host(), site))
    assert [key.fingerprint for key in shown] == [
        server.fingerprint(kind) for kind in ("ed25519", "ecdsa", "rsa")
    ]
    assert not known_hosts.own().exists()
    assert connections.known_as(server.host(), site) == (f"[127.0.0.1]:{server.port}", ())
