"""Hosts behind gateways: real sshds, ClusterShell on the gateways, one connection for each."""

import base64
import os
import pickle
import queue
import shutil
import signal
import stat
import sys
import threading
import time

import msgspec
import pytest

from fairlead import connections
from fairlead.connections import fabric
from fairlead.connections.tree import TREE
from fairlead.inventory.site import SshTree
from fairlead.model.errors import HostKeyRefused, Unreachable
from fairlead.model.plan import Secret
from fairlead.model.processes import LastWord
from tests import sshd, trees

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sshd.SSHD is None or shutil.which("ssh") is None,
        reason="needs sshd and ssh (openssh-server, openssh-client)",
    ),
]
NOISY = 'echo "welcome to the gateway"; exec sh -c "$SSH_ORIGINAL_COMMAND"'


@pytest.fixture(scope="module")
def far(tmp_path_factory):
    with sshd.running(tmp_path_factory.mktemp("far")) as running:
        yield running


@pytest.fixture(scope="module")
def gate(far, tmp_path_factory):
    folder = tmp_path_factory.mktemp("gate")
    with trees.gateway(folder, far.key, ForceCommand=NOISY) as running:
        yield running


@pytest.fixture
def second(far, tmp_path):
    with trees.gateway(tmp_path / "second", far.key) as running:
        yield running


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    return tmp_path


def site_of(home, gates, *hosts, known, python=sys.executable):
    """A site in which the gateways gw1, gw2... carry what is said to these hosts."""
    names = [f"gw{number}" for number in range(1, len(gates) + 1)]
    entrances = [gate.host(name) for name, gate in zip(names, gates, strict=True)]
    site = sshd.site(home, *entrances, *hosts, known=known + "".join(g.known for g in gates))
    tree = SshTree(gateways=",".join(names), python=python)
    return msgspec.structs.replace(site, ssh=msgspec.structs.replace(site.ssh, tree=tree))


def behind(server, name="n1", number=1, **more):
    return server.host(name, gateways=tuple(f"gw{n}" for n in range(1, number + 1)), **more)


@pytest.fixture
def connection(far, gate, home):
    host = behind(far)
    connection = connections.connect(host, site_of(home, [gate], host, known=far.known))
    yield connection
    connection.close()


def refused(host, site, kind=Unreachable) -> str:
    with pytest.raises(kind) as error:
        connections.connect(host, site)
    return str(error.value)


def logins(server) -> int:
    return server.log.read_text().count("Accepted publickey")


def test_a_program_gives_its_output_its_errors_and_its_exit_code(connection):
    assert connection.run("echo out; echo err >&2; exit 7\n") == connections.ProgramResult(
        7, b"out\n", b"err\n"
    )
    assert connection.run("exit 255\n") == connections.ProgramResult(255)
    assert connection.channels == 1


def test_bytes_pass_as_they_are(connection):
    text = "printf 'no end of line'; printf 'a\\rb\\000c\\r\\n\\n'; head -c 300000 /dev/zero\n"
    assert connection.run(text).out == b"no end of linea\rb\0c\r\n\n" + bytes(300_000)


def test_output_comes_before_its_line_ends(connection):
    first = []

    def hear(data: bytes) -> bytes:
        first.append(data)
        return b"go on\n"

    assert connection.run("printf ?; read -r x; printf ' %s' \"$x\"\n", on_output=hear).code == 0
    assert b"".join(first) == b"? go on"


def test_a_large_program_and_large_output(connection):
    text = "\n".join(f"printf '%s\\n' {'x' * 90}{number:07d}" for number in range(10_000))
    assert len(connection.run(text + "\n").out) == 10_000 * 98


def test_many_hosts_of_one_gateway_each_get_what_is_meant_for_them(far, gate, home):
    hosts = [behind(far, f"n{number}") for number in range(1, 9)]
    site = site_of(home, [gate], *hosts, known=far.known)
    before, outputs = logins(gate), {}

    def talk(host, all_open):
        connection = connections.connect(host, site)
        all_open.wait(30)
        program = f"echo {host.name}; read -r x; echo {host.name} got $x\n"
        outputs[host.name] = []

        def reply(data):
            outputs[host.name].append(data)
            return f"{host.name}\n".encode() if len(outputs[host.name]) == 1 else None

        connection.run(program, on_output=reply)
        all_open.wait(30)
        connection.close()

    barrier = threading.Barrier(len(hosts))
    threads = [threading.Thread(target=talk, args=(host, barrier)) for host in hosts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    heard = {name: b"".join(chunks).decode() for name, chunks in outputs.items()}
    assert heard == {host.name: f"{host.name}\n{host.name} got {host.name}\n" for host in hosts}
    assert logins(gate) - before == 1


def test_the_last_word_arrives_though_nobody_waits(connection, tmp_path):
    words = iter([LastWord(b"seen\n")])
    program = f"echo over; read -r x; echo $x > {tmp_path}/word\n"
    connection.run(program, on_output=lambda data: next(words, None))
    connection.close()
    assert (tmp_path / "word").read_text() == "seen\n"


def test_a_program_that_does_not_end_is_given_up(connection):
    with pytest.raises(Unreachable) as late:
        connection.run("sleep 60\n", timeout=0.5)
    assert late.value.what == "its program has not ended within 0.5 s"
    assert connection.run("echo again\n").out == b"again\n"


def test_sudo_gets_its_password_on_stdin(gate, home, tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    environment = sshd.stub_sudo(folder / "bin", "ask")
    with (
        sshd.running(folder / "sshd", environment=environment) as server,
        trees.gateway(folder / "gate", server.key) as entrance,
    ):
        host = behind(server, sudo=True)
        site = site_of(home, [entrance], host, known=server.known)
        connection = connections.connect(host, site, password=lambda name: Secret("open sesame"))
        result = connection.run("echo in; exit 3\n")
        assert (result.code, result.out) == (3, b"in\n")
        connection.close()


def test_only_keys_that_are_known_here_are_believed_there(far, gate, home):
    before = logins(far)
    assert refused(behind(far), site_of(home, [gate], behind(far), known=""), HostKeyRefused) == (
        "n1: no host key of it is known here, and its gateways believe no other; "
        "inv hosts.trust --host=n1"
    )
    known = f"[127.0.0.1]:{far.port} {' '.join(sshd.public(sshd.keygen(home / 'other')))}\n"
    message = refused(behind(far), site_of(home, [gate], behind(far), known=known), HostKeyRefused)
    assert message.startswith("n1: the host key that it shows its gateway gw1 has changed")
    revoked = far.known + f"@revoked {far.known}"
    refused(behind(far), site_of(home, [gate], behind(far), known=revoked), HostKeyRefused)
    assert logins(far) == before


def test_the_key_of_the_gateway_has_to_be_known_as_well(far, gate, home):
    host, before = behind(far), logins(gate)
    site = sshd.site(home, gate.host("gw1"), host, known=far.known)
    message = refused(host, site, HostKeyRefused)
    assert message.startswith(f"gw1: its host key at 127.0.0.1:{gate.port} is not known")
    assert logins(gate) == before


def test_what_lies_on_the_gateway_is_private_and_goes_away(far, gate, home):
    host = behind(far)
    connection = connections.connect(host, site_of(home, [gate], host, known=far.known))
    (folder,) = gate.tmp.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert len(list(folder.iterdir())) == 1
    connection.close()
    assert list(gate.tmp.iterdir()) == []
    assert TREE._engine is None


def test_a_gateway_that_is_killed_is_told_and_another_is_the_way(far, gate, second, home):
    host = behind(far, number=2)
    TREE._turns.clear()
    site = site_of(home, [gate, second], host, known=far.known)
    connection = connections.connect(host, site)
    killer = threading.Timer(0.5, lambda: os.kill(trees.program_of(gate), signal.SIGKILL))
    killer.start()
    with pytest.raises(Unreachable) as lost:
        connection.run("sleep 30\n")
    assert lost.value.what == "its gateway gw1 was lost"
    assert lost.value.remedy == (
        "another gateway is the way at the next try; look: inv hosts.check --host=gw1"
    )
    before = logins(second)
    again = connections.connect(host, site)
    assert again.run("echo again\n").out == b"again\n"
    again.close()
    assert logins(second) == before + 1


def test_a_gateway_that_does_not_answer_is_passed_over(far, gate, home):
    closed = gate.host("gw1", port=sshd.free_port())
    host = behind(far, number=2)
    TREE._turns.clear()
    site = sshd.site(home, closed, gate.host("gw2"), host, known=far.known + gate.known)
    tree = SshTree(gateways="gw[1-2]", python=sys.executable)
    site = msgspec.structs.replace(site, ssh=msgspec.structs.replace(site.ssh, tree=tree))
    connection = connections.connect(host, site)
    assert connection.run("echo in\n").out == b"in\n"
    connection.close()
    alone = msgspec.structs.replace(host, gateways=("gw1",))
    assert refused(alone, site) == (
        f"n1: none of its gateways opens (gw1: nothing listens at 127.0.0.1:{closed.port}); "
        "look: inv hosts.check --host=gw1"
    )


def test_a_gateway_without_clustershell_says_so(far, gate, home):
    host = behind(far)
    message = refused(host, site_of(home, [gate], host, known=far.known, python="/bin/false"))
    assert message.startswith("n1: none of its gateways opens (gw1: does not run ClusterShell (")


def test_a_host_that_lets_its_gateway_not_in_says_whose_key_is_wanted(gate, home, tmp_path):
    with sshd.running(tmp_path / "strange") as strange:
        host = behind(strange)
        message = refused(host, site_of(home, [gate], host, known=strange.known))
    assert message.startswith(f"n1: does not let {host.user} in (")
    assert message.endswith(
        "says its gateway gw1; a gateway logs in with a key of its own; try there: ssh 127.0.0.1"
    )


def test_a_session_goes_as_it_would_without_the_tree(connection, monkeypatch):
    output, direct = [], []
    connect = fabric.connect
    monkeypatch.setattr(fabric, "connect", lambda *words: direct.append(1) or connect(*words))
    assert connection.session(("echo", "a  b"), on_output=output.append) == 0
    assert (b"".join(output), direct) == (b"a  b\n", [1])


class Heard:
    """A conversation that keeps what it hears."""

    def __init__(self):
        self.events = queue.SimpleQueue()

    def put(self, stream, data):
        self.events.put((stream, data))

    def ended(self, code):
        self.events.put(code)


@pytest.fixture
def captured(tmp_path):
    """The channel to a gateway that answers what a file says, once it is to start a shell."""
    from fairlead.connections.tree_channel import Engine, GatewayChannel

    engine = Engine()

    def open_channel(answer: bytes):
        (tmp_path / "answer").write_bytes(
            b"fairlead-gateway\n<?xml version='1.0'?>\n<channel version='9'>\n" + answer
        )
        argv = ("sh", "-c", f"grep -qm 1 'shell'; cat {tmp_path}/answer; exec cat >/dev/null")
        with open(os.devnull, "wb") as log:
            channel = GatewayChannel(engine, argv, dict(os.environ), log)
        heard = Heard()
        channel.begin(heard, ("ssh",), "")
        return channel, heard

    yield open_channel
    for channel in engine.channels:
        channel.finish()
    engine.end()


class Evil:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_what_a_captured_gateway_sends_is_never_unpickled(captured, tmp_path):
    message = base64.b64encode(pickle.dumps(Evil(tmp_path / "ran"))).decode()
    kinds = ("OUT", "SER", "CFG", "CTL")
    answers = "".join(
        f'<message type="{kind}" msgid="1" srcid="{srcid}" nodes="n1" gateway="g" action="shell"'
        f' target="n1">{message}</message>\n'
        for kind in kinds
        for srcid in (0, 1)
    )
    channel, _ = captured(answers.encode())
    end = time.monotonic() + 10
    while not channel.is_lost and time.monotonic() < end:
        time.sleep(0.01)
    assert channel.is_lost  # for what it may not say
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "answer",
    [
        b"<message type='OUT'>\n",
        b"<message type='OUT' srcid='x' msgid='1' nodes=''></message>\n",
        b"<message type='OUT' srcid='1' msgid='1' nodes=''>*</message>\n",
        b"\xff\xfe\n",
        b"</channel>\n",
        b"<message type='ERR' msgid='1' reason='no'></message>\n",
    ],
)
def test_a_gateway_that_talks_nonsense_is_lost_and_no_other(captured, answer):
    good = b"<message type='RET' srcid='1' msgid='1' nodes='' retcode='0'></message>\n"
    _, heard = captured(answer)
    assert heard.events.get(timeout=10) is None
    _, other = captured(good)
    assert other.events.get(timeout=10) == 0
