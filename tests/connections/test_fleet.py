"""Many hosts at once: what is the same for all of them is made once, and nobody waits for one who
does not answer.
"""

import resource
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fairlead import connections
from fairlead.connections import auth, fabric, gateway
from fairlead.connections.ssh_config import SshConfig
from fairlead.model.errors import Unreachable
from tests import sshd

pytestmark = [
    pytest.mark.skipif(sshd.SSHD is None, reason="needs sshd (openssh-server)"),
    pytest.mark.usefixtures("home"),
]
NAMES = [f"n{n}" for n in range(1, 7)]


def connect_all(server: sshd.Sshd, home: Path, **more: object) -> list[bytes]:
    """What a program answers on each of six hosts, which are one server."""
    hosts = [server.host(name, **more) for name in NAMES]
    site = sshd.site(home, *hosts, known=server.known)

    def answer(host):
        connection = connections.connect(host, site)
        try:
            return connection.run(sshd.program("echo in")).out
        finally:
            connection.close()

    with ThreadPoolExecutor(len(hosts)) as pool:
        return list(pool.map(answer, hosts))


def test_all_connections_have_the_same_settings_and_none_writes_into_them(server, home):
    assert connect_all(server, home) == [b"in\n"] * 6
    one, other = (fabric._connection(SshConfig(name=n, hostname=n, user="u")) for n in "ab")
    other.connect_timeout, other.connect_kwargs = 3, {"banner_timeout": 3}
    assert one.config is other.config is fabric._settings()
    assert (one.config._modifications, one.config._deletions) == ({}, {})
    assert (one.host, other.host, one.connect_kwargs) == ("a", "b", {})


def test_a_key_file_is_read_once_and_again_when_it_has_changed(server, home, monkeypatch):
    import paramiko

    reads: list[str] = []
    from_path = paramiko.PKey.from_path

    def counted(path: str) -> "paramiko.PKey":
        reads.append(str(path))
        return from_path(path)

    monkeypatch.setattr(paramiko.PKey, "from_path", counted)
    key = home / "key"
    key.write_bytes(server.key.read_bytes())
    key.chmod(0o600)
    assert connect_all(server, home, identity=str(key))[0] == b"in\n"
    first = len(reads)
    assert connect_all(server, home, identity=str(key)) == [b"in\n"] * 6
    assert 1 <= first <= 6
    assert len(reads) == first
    key.write_bytes(sshd.keygen(home / "other").read_bytes())
    with pytest.raises(Unreachable, match="no key fits"):
        connect_all(server, home, identity=str(key))


def test_a_certificate_of_one_host_is_none_of_another(server, home):
    """Who logs in puts certificates to a key: to one of his own."""
    one, other = auth._loaded(server.key), auth._loaded(server.key)
    one.public_blob = object()
    assert other.public_blob is None
    assert one.asbytes() == other.asbytes()


def test_hosts_that_do_not_answer_keep_nobody_from_setting_up(server, home, monkeypatch):
    """There is one place for setting up, and three hosts whose sockets nobody takes."""
    monkeypatch.setattr(gateway, "_SETUPS", threading.BoundedSemaphore(1))
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        with socket.create_connection(full.getsockname()):  # its queue is full
            dead = [server.host(f"d{n}", port=full.getsockname()[1]) for n in range(3)]
            site = sshd.site(home, server.host(), *dead, known=server.known, timeout=4)
            with ThreadPoolExecutor(4) as pool:
                errors = [pool.submit(connections.connect, host, site) for host in dead]
                time.sleep(0.5)
                began = time.monotonic()
                connections.connect(server.host(), site).close()
                seconds = time.monotonic() - began
                whys = [str(error.exception()) for error in errors]
    assert seconds < 3
    assert all(f"no answer at 127.0.0.1:{dead[0].port} within 4 s" in why for why in whys)


def test_no_more_than_so_many_set_up_at_a_time(server, home, monkeypatch):
    places = gateway.threading.BoundedSemaphore(2)
    most = 0

    class Counted:
        def __enter__(self) -> None:
            nonlocal most
            places.acquire()
            most = max(most, 2 - places._value)

        def __exit__(self, *_: object) -> None:
            places.release()

    monkeypatch.setattr(gateway, "_SETUPS", Counted())
    assert connect_all(server, home) == [b"in\n"] * 6
    assert most == 2


def test_a_connection_that_is_closed_is_closed_at_once(server, home):
    """Its thread does not look at the clock often, so it has to be woken."""
    connection = connections.connect(
        server.host(), sshd.site(home, server.host(), known=server.known)
    )
    transport = connection.hop.transport
    connection.close()
    transport.join(gateway.LOOK / 2)
    assert not transport.is_alive()


DESCRIPTORS = """
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (64, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
from fairlead import connections
from fairlead.inventory.hosts import Host
from types import SimpleNamespace as Site
connections.connect(Host("local", "local", transport="local"), Site())
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


def test_descriptors_are_enough_for_a_fleet():
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    printed = subprocess.run(
        [sys.executable, "-c", DESCRIPTORS], capture_output=True, text=True, check=True
    ).stdout
    wanted = connections.DESCRIPTORS
    assert int(printed) == (wanted if most == resource.RLIM_INFINITY else min(most, wanted))
