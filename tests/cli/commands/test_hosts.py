"""`inv hosts.check` is one table and never ends at one bad host.

`inv hosts.trust` trusts what a person has compared.
"""

import re
import tempfile
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from fairlead import connections
from fairlead.cli.commands import hosts as chores
from fairlead.connections import known_hosts
from fairlead.inventory.hosts import Host
from fairlead.model.errors import CommandLineError, FairleadError, HostKeyRefused, Unreachable
from fairlead.model.plan import Secret
from fairlead.output.text import table_lines
from tests import sshd

pytestmark = pytest.mark.skipif(sshd.SSHD is None, reason="needs sshd (openssh-server)")


class Context:
    """Of a command line, what these commands use.

    `typed`: what a person types when asked; None: there is no terminal.
    """

    def __init__(self, site, typed=None, password=None):
        self.site, self.typed, self.questions = lambda: site, typed, []
        self._lines = {name: self._link(host, site, password) for name, host in site.hosts.items()}

    def _link(self, host, site, password):
        return SimpleNamespace(fresh=lambda: connections.connect(host, site, password=password))

    def link(self, name):
        return self._lines[name]

    def confirm(self, question, word):
        self.questions.append(question)
        if self.typed is None:
            raise CommandLineError("inv", f"there is no terminal to ask: {question}")
        return self.typed == word


def common(*names, only_shows=False):
    return SimpleNamespace(hosts=names, fanout=8, only_shows=only_shows)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with sshd.running(tmp_path_factory.mktemp("sshd"), ("ed25519", "rsa")) as found:
        yield found


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("SSH_AUTH_SOCK", "FAIRLEAD_SUDO_PASSWORD_FILE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_many_hosts_are_one_table_whatever_they_are_like(server, home, tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    with (
        sshd.running(folder / "strange") as strange,
        sshd.running(folder / "sudo", environment=sshd.stub_sudo(folder / "bin", "ask")) as wheel,
    ):
        every = [
            *(server.host(f"n{number}") for number in (1, 2, 3)),
            wheel.host("s1", sudo=True),
            strange.host("x1"),
            Host("x2", "127.0.0.1", port=sshd.free_port()),
            Host("x3", "192.0.2.1", offline=True),
        ]
        site = sshd.site(home, *every, known=server.known + wheel.known)
        answer = chores.check(Context(site, password=lambda host: Secret("wrong")), common())
    user = server.host().user
    table, errors = [*table_lines(answer.listing)], answer.text.split("\n")
    assert re.sub(
        r"(docker|podman) .*?(?=  )|none(?=  )", "ENGINE", re.sub(" {2,}", "  ", "\n".join(table))
    ).split("\n") == [
        "host  reach  key  user  sudo  engine  clock",
        f"n[1-3]  yes  known  {user}  -  ENGINE  ok",
        "s1  yes  known  -  no  -  -",
        "x1  yes  refused  -  -  -  -",
        "x2  no  -  -  -  -  -",
        "x3  offline  -  -  -  -  -",
    ]
    assert [error.split(":")[0] for error in errors] == ["s1", "x1", "x2"]
    assert [(row["host"], row["code"]) for row in answer.data] == [
        ("n1", 0),
        ("n2", 0),
        ("n3", 0),
        ("s1", 7),
        ("x1", 5),
        ("x2", 5),
        ("x3", 0),
    ]


def test_one_that_cannot_be_reached_is_exit_5(server, home):
    site = sshd.site(
        home, server.host("n1"), Host("n2", "127.0.0.1", port=sshd.free_port()), known=server.known
    )
    assert chores.check(Context(site), common()).code == 5
    assert chores.check(Context(site), common("n1")).code == 0


@pytest.mark.parametrize(
    ("before", "clock", "after", "skew"),
    [
        (100.0, 100.0, 100.5, 0),
        (100.9, 100.0, 101.0, 0),
        (100.0, 160.0, 101.0, 59),
        (100.0, 40.0, 101.0, -59),
        (100.0, None, 101.0, 0),
    ],
)
def test_a_clock_is_wrong_by_what_one_answer_proves(before, clock, after, skew):
    assert chores._skew(before, clock, after) == skew


def test_a_key_is_trusted_when_its_fingerprint_is_given(server, home):
    site = sshd.site(home, server.host())
    with pytest.raises(HostKeyRefused):
        connections.connect(server.host(), site)
    print_ = server.fingerprint()
    answer = chores.trust(Context(site), common("n1"), fingerprint=print_)
    line = f"n1  ssh-ed25519 {print_}  is trusted now ({known_hosts.own()})"
    assert (answer.text, answer.listing) == (line, None)  # no table, which would cut it in two
    connections.connect(server.host(), site).close()
    assert chores.trust(Context(site), common("n1"), fingerprint=print_).data == [
        {"host": "n1", "key": f"ssh-ed25519 {print_}", "state": "was trusted already"}
    ]
    assert known_hosts.own().read_text() == server.known.splitlines()[0] + "\n"


def test_the_fingerprint_may_be_that_of_another_key_of_the_host(server, home):
    site = sshd.site(home, server.host())
    chores.trust(
        Context(site), common("n1"), fingerprint=server.fingerprint("rsa").removeprefix("SHA256:")
    )
    assert known_hosts.own().read_text() == server.known.splitlines()[1] + "\n"
    connections.connect(server.host(), site).close()


def test_a_key_that_cannot_be_written_down_is_told(server, home, monkeypatch):
    site = sshd.site(home, server.host())
    (home / "file").write_text("no folder")
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "file"))
    with pytest.raises(FairleadError, match=r"known_hosts cannot be written \(Not a directory\); "):
        chores.trust(Context(site), common("n1"), fingerprint=server.fingerprint())


def test_a_wrong_fingerprint_trusts_nothing(server, home):
    site = sshd.site(home, server.host())
    with pytest.raises(HostKeyRefused) as refused:
        chores.trust(Context(site), common("n1"), fingerprint="SHA256:" + "A" * 43)
    shown = f"ssh-ed25519 {server.fingerprint()} and ssh-rsa {server.fingerprint('rsa')}"
    assert str(refused.value) == (
        f"n1: it shows {shown}, not SHA256:{'A' * 43}; "
        "compare with its console: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub"
    )
    assert not known_hosts.own().exists()


def test_without_one_it_has_to_be_typed(server, home):
    site, print_ = sshd.site(home, server.host()), server.fingerprint()
    for typed, kind in ((None, CommandLineError), ("yes", HostKeyRefused)):
        with pytest.raises(kind):
            chores.trust(Context(site, typed), common("n1"))
        assert not known_hosts.own().exists()
    context = Context(site, print_)
    chores.trust(context, common("n1"))
    place = f"[127.0.0.1]:{server.port}"
    assert context.questions == [
        f"n1 ({place}) shows ssh-ed25519 {print_}; "
        "is that what its console says (ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub)?"
    ]
    assert known_hosts.own().read_text() == server.known.splitlines()[0] + "\n"


def test_a_changed_key_is_replaced_only_with_the_right_fingerprint(server, home):
    site = sshd.site(home, server.host())
    name, _ = connections.known_as(server.host(), site)
    old = known_hosts.Key("ssh-ed25519", b"old")
    known_hosts.trust(name, old)
    with pytest.raises(HostKeyRefused):
        chores.trust(Context(site), common("n1"), fingerprint=old.fingerprint)
    assert connections.known_as(server.host(), site)[1][0].key == old
    context = Context(site, "no")
    with pytest.raises(HostKeyRefused):
        chores.trust(context, common("n1"))
    assert (
        f", and not ssh-ed25519 {old.fingerprint} as in {known_hosts.own()}:1; "
        in context.questions[0]
    )
    chores.trust(Context(site), common("n1"), fingerprint=server.fingerprint())
    assert known_hosts.own().read_text() == server.known.splitlines()[0] + "\n"


def test_a_revoked_key_is_never_trusted(server, home):
    revoked = "".join(f"@revoked * {line.split(' ', 1)[1]}\n" for line in server.known.splitlines())
    with pytest.raises(HostKeyRefused) as refused:
        chores.trust(
            Context(sshd.site(home, server.host(), known=revoked)),
            common("n1"),
            fingerprint=server.fingerprint(),
        )
    assert refused.value.what == f"its host key ssh-ed25519 {server.fingerprint()} is revoked"


def test_what_cannot_be_asked_is_told(server, home):
    host = Host("n1", "127.0.0.1", port=sshd.free_port())
    context = Context(
        sshd.site(home, host, server.host("n2"), Host("local", "127.0.0.1", transport="local"))
    )
    with pytest.raises(Unreachable):
        chores.trust(context, common("n1"), fingerprint="SHA256:x")
    with pytest.raises(CommandLineError, match=r"^--host: whose key\?; name the host: --host=n1$"):
        chores.trust(context, common(), fingerprint="SHA256:x")
    with pytest.raises(CommandLineError, match="one fingerprint for 2 hosts"):
        chores.trust(context, common("n1", "n2"), fingerprint="SHA256:x")
    assert chores.trust(context, common("local")).data == [
        {"host": "local", "key": "-", "state": "this machine needs no key"}
    ]


@pytest.fixture
def session(monkeypatch):
    """A folder of our session, where connections are kept; its name is short."""
    with tempfile.TemporaryDirectory(prefix="fl-test-") as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        monkeypatch.setenv("FAIRLEAD_KEEP", "60")
        yield Path(folder, "fairlead")


def test_close_says_which_connections_there_were_and_ends_them(server, home, session):
    site = sshd.site(home, server.host(), server.host("n2"), known=server.known)
    context = Context(site)
    assert chores.close(context, common()).text == "no connection is kept"
    for name in ("n1", "n2"):
        connections.connect(site.hosts[name], site, may_keep=True).close()
    user, port = server.host().user, server.port
    rows = [
        {"host": name, "user": user, "address": "127.0.0.1", "port": port, "state": "closed"}
        for name in ("n1", "n2")
    ]
    there = chores.close(context, common(only_shows=True)).data
    assert sorted(there, key=str) == [row | {"state": "would be closed"} for row in rows]
    assert chores.close(context, common("n1")).data == rows[:1]
    result = chores.close(context, common())
    assert (result.data, result.code) == (rows[1:], 0)
    assert list(session.iterdir()) == []


def test_close_leaves_the_connections_of_another_site(server, home, session):
    site = sshd.site(home, server.host(), known=server.known)
    connections.connect(site.hosts["n1"], site, may_keep=True).close()
    other = msgspec.structs.replace(site, path="sites/other.yml")
    assert chores.close(Context(other), common()).data == []
    assert len(chores.close(Context(site), common()).data) == 1
