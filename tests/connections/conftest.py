"""A server on this machine, and a home without anybody's keys."""

import pytest

from fairlead import connections
from tests import sshd


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with sshd.running(tmp_path_factory.mktemp("sshd"), ("ed25519", "ecdsa", "rsa")) as running:
        yield running


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("SSH_AUTH_SOCK", "FAIRLEAD_SUDO_PASSWORD_FILE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def connection(server, home):
    connection = connections.connect(
        server.host(), sshd.site(home, server.host(), known=server.known)
    )
    yield connection
    connection.close()
