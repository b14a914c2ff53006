"""ssh_config is what ssh says it is; without ssh, what paramiko makes of it, and words for the
rest.
"""

import getpass
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import msgspec
import pytest
import yaml

from fairlead import connections
from fairlead.connections import ssh_answers, ssh_config
from fairlead.connections.ssh_config import Jump
from fairlead.inventory.hosts import Host
from fairlead.model.errors import SiteError, StepFailed, Unreachable
from fairlead.remote import transaction
from tests import sshd

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sshd.SSHD is None or shutil.which("ssh") is None,
        reason="needs sshd and ssh (openssh-server, openssh-client)",
    ),
    pytest.mark.usefixtures("home"),
]
ROOT = Path(__file__).resolve().parents[2]
CASES = yaml.safe_load((Path(__file__).parent / "cases" / "ssh_config.yml").read_text())
FIELDS = ("hostname", "user", "port", "identity_files", "certificate_files", "gateway")
TRANSPORTS = ("ssh", "openssh")


def files(folder: Path, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text.replace("FOLDER", str(folder)))


def without_ssh(monkeypatch) -> None:
    monkeypatch.setattr(ssh_answers.shutil, "which", lambda name: None)


def of_case(case: dict, folder: Path) -> tuple[Host, object]:
    files(folder, case.get("files", {}))
    values = {
        key: value.replace("FOLDER", str(folder)) if isinstance(value, str) else value
        for key, value in case.get("site", {}).items()
    }
    host = Host(**{"name": "n1", "address": "n1"} | values)
    return host, sshd.site(folder, host, config=case["config"].replace("FOLDER", str(folder)))


def refused(host, site, kind=Unreachable) -> str:
    with pytest.raises(kind) as error:
        connections.connect(host, site).close()
    return str(error.value)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_what_ssh_answers_is_what_is_used(case, tmp_path, monkeypatch):
    monkeypatch.setenv("CASE", "/cases")
    config = ssh_answers.of_host(*of_case(case, tmp_path))
    values = {
        key: tuple(part.replace("FOLDER", str(tmp_path)) for part in value)
        if isinstance(value, list)
        else value
        for key, value in case["answer"].items()
    }
    assert {key: getattr(config, key) for key in values} == values
    assert config.source == "ssh"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_without_ssh_it_is_the_same_or_is_said(case, tmp_path, monkeypatch):
    monkeypatch.setenv("CASE", "/cases")
    host, site = of_case(case, tmp_path)
    truth = ssh_answers.of_host(host, site)
    without_ssh(monkeypatch)
    config = ssh_answers.of_host(host, site)
    if case.get("unread"):
        assert any(case["unread"] in note for note in config.notes)
    else:
        identities = config.identity_files or truth.identity_files
        ours = {key: getattr(config, key) for key in FIELDS} | {"identity_files": identities}
        assert ours == {key: getattr(truth, key) for key in FIELDS}
        assert not config.notes


@pytest.mark.parametrize("condition", ["tagged work", "localnetwork 127.0.0.0/8", "host=n1 ever"])
def test_without_ssh_a_condition_that_is_not_understood_is_not_met(condition, home, monkeypatch):
    host = Host("n1", "n1")
    site = sshd.site(home, host, config=f"Match {condition}\n User other\nMatch all\n User ops\n")
    without_ssh(monkeypatch)
    config = ssh_answers.of_host(host, site)
    assert config.user == "ops"
    assert config.notes == (
        f"Match {condition} ({home}/ssh_config:1) is not understood without ssh and counts as not "
        "met",
    )


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_include_match_final_and_a_real_gateway(transport, server, home, tmp_path_factory):
    with sshd.running(tmp_path_factory.mktemp("gateway")) as gate:
        me = getpass.getuser()
        files(
            home,
            {
                "d/hosts.conf": f"Host jump\n HostName 127.0.0.1\n Port {gate.port} # remark\n"
                f" User {me}\n IdentityFile {gate.key}\nHost n1\n ProxyJump jump\n",
                "d/more.conf": f"Match final host 127.0.0.1\n IdentityFile {server.key}\n",
            },
        )
        config = f"Include {home}/d/*.conf\nHost n1\n HostName 127.0.0.1\n Port {server.port}\n"
        host = Host("n1", "n1", transport=transport)
        site = sshd.site(home, host, known=server.known + gate.known, config=config)
        connection = connections.connect(host, site)
        output = connection.run(sshd.program("echo $SSH_CONNECTION")).out.split()
        assert output[2:] == [b"127.0.0.1", str(server.port).encode()]
        assert connection.user == me
        connection.close()
        assert "Accepted publickey" in gate.log.read_text()


def test_without_ssh_a_gateway_is_the_way_as_well(server, home, tmp_path_factory, monkeypatch):
    without_ssh(monkeypatch)
    with sshd.running(tmp_path_factory.mktemp("gateway")) as gate:
        config = (
            f"Host jump\n HostName 127.0.0.1\n Port {gate.port} # remark\n"
            f" IdentityFile {gate.key}\n"
            f"Match final host 127.0.0.1\n IdentityFile {server.key}\n"
            f"Host n1\n HostName 127.0.0.1\n Port {server.port}\n ProxyJump jump\n"
        )
        host = Host("n1", "n1")
        site = sshd.site(home, host, known=server.known + gate.known, config=config)
        connections.connect(host, site).close()
        assert "Accepted publickey" in gate.log.read_text()


def test_ssh_is_asked_once_for_each_host(home, monkeypatch):
    calls, capture = [], ssh_answers.process.capture
    monkeypatch.setattr(
        ssh_answers.process, "capture", lambda *words: calls.append(words) or capture(*words)
    )
    config = f'Match exec "echo run >>{home}/runs"\n User ops\n'
    host = Host("n1", "n1")
    site = sshd.site(home, host, config=config)
    threads = [threading.Thread(target=ssh_answers.of_host, args=(host, site)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(calls), (home / "runs").read_text()) == (1, "run\n")


def test_ssh_is_not_asked_where_no_ssh_config_says_anything(home, monkeypatch):
    monkeypatch.setattr(ssh_answers.process, "capture", lambda *words: pytest.fail("asked"))
    host = Host("n1", "10.0.0.1", user="ops", port=2222)
    config = ssh_answers.of_host(host, sshd.site(home, host, config="# nothing\n\n"))
    assert (config.hostname, config.user, config.port) == ("10.0.0.1", "ops", 2222)


@pytest.mark.parametrize("name", ["folder", "pipe"])
def test_a_config_that_is_no_file_is_told(name, home):
    (home / "folder").mkdir()
    os.mkfifo(home / "pipe")
    host = Host("n1", "n1")
    site = sshd.site(home, host)
    ssh = msgspec.structs.replace(site.ssh, config=str(home / name))
    assert refused(host, msgspec.structs.replace(site, ssh=ssh), SiteError) == (
        f"ssh.config: {home}/{name}: is no file; mend the path in the site file, or leave it out"
    )


def test_a_config_that_we_may_not_read_is_told_in_words(home, monkeypatch):
    def forbidden(self: Path, **more: str) -> str:
        raise PermissionError(13, "Permission denied", str(self))

    host = Host("n1", "n1")
    site = sshd.site(home, host, config="Host n1\n User ops\n")
    monkeypatch.setattr(Path, "read_text", forbidden)
    assert ssh_answers.of_host(host, site).user == "ops"  # ssh may
    without_ssh(monkeypatch)
    path = site.ssh.config
    assert refused(host, site, SiteError) == (
        f"{path}: cannot be read ([Errno 13] Permission denied: '{path}'); mend it; "
        "ssh -G shows what ssh makes of it"
    )


@pytest.mark.parametrize(
    "line", ["IdentityFile /k/%x", "IdentityFile ${NOT_THERE}/x", "CertificateFile /k/%q.pub"]
)
def test_a_file_that_names_what_is_not_there_is_said(line, home):
    host = Host("n1", "n1")
    site = sshd.site(home, host, config=f"Host n1\n {line}\n")
    assert ssh_answers.of_host(host, site).notes == (
        f"{line} of ssh_config names what is not there: ssh ends at that",
    )


def test_a_user_whose_name_is_no_utf_8_is_for_openssh(server, home):
    site = sshd.site(home, server.host(user=""), known=server.known)
    Path(site.ssh.config).write_bytes(b"Host n1\n User j\xf6rg\n")
    message = refused(server.host(user=""), site)
    assert "in: its name is no UTF-8; use `transport: openssh`" in message


# gateways


def test_a_gateway_that_is_its_own_is_told(home):
    host = Host("n2", "127.0.0.1")
    site = sshd.site(home, host, config="Host *\n ProxyJump n1\n")
    assert refused(host, site) == (
        "n1: the ProxyJump of ssh_config leads in a circle: n1 > n1; give the gateway a block of "
        "its own above: `Host n1` with `ProxyJump none`"
    )


def test_a_circle_of_two_is_told(home, monkeypatch):
    host = Host("n1", "127.0.0.1")
    site = sshd.site(home, host, config="Host n1 b\n ProxyJump a\nHost a\n ProxyJump b\n")
    message = (
        "n1: the ProxyJump of ssh_config leads in a circle: n1 > a > b > a; give the gateway a "
        "block of its own above: `Host a` with `ProxyJump none`"
    )
    assert refused(host, site) == message
    without_ssh(monkeypatch)
    assert refused(host, site) == message


def test_what_the_site_goes_by_counts_more_than_a_jump(server, home):
    gateway, host = server.host("gate"), server.host(via="gate")
    config = "Host n1\n ProxyJump nowhere.invalid\n"
    site = sshd.site(home, gateway, host, known=server.known, config=config)
    connections.connect(host, site).close()


def test_an_ssh_config_that_ssh_does_not_take_is_told_in_its_words(home):
    host = Host("n1", "127.0.0.1")
    site = sshd.site(home, host, config="Host n1\n Prot 22\n")
    path = site.ssh.config
    assert refused(host, site, SiteError) == (
        f"{path}: cannot be read ({path}: line 2: Bad configuration option: prot); mend it; "
        "ssh -G shows what ssh makes of it"
    )


@pytest.mark.parametrize(
    ("text", "gateways"),
    [
        ("none", ()),
        ("a,u@[::1]:77", (Jump("a"), Jump("::1", "u", 77))),
        ("ssh://jdoe@ad.example.org@b:22/", (Jump("b", "jdoe@ad.example.org", 22),)),
    ],
)
def test_jumps_are_read(text, gateways):
    assert ssh_config.jumps(text) == gateways


def test_ssh_says_in_its_own_words_why_a_gateway_does_not_open(server, home):
    port = sshd.free_port()
    host = server.host(transport="openssh")
    config = f"Host n1\n ProxyJump 127.0.0.1:{port}\n"
    site = sshd.site(home, host, known=server.known, config=config)
    assert refused(host, site) == (
        f"n1: its way by 127.0.0.1:{port} does not open (ssh: connect to host 127.0.0.1 port "
        f"{port}: Connection refused); try: ssh -v n1"
    )
    config = "Host n1\n ProxyCommand echo please >&2; exit 1\n"
    site = sshd.site(home, host, known=server.known, config=config)
    message = refused(host, site)
    assert message.startswith("n1: its way by echo please >&2; exit 1 does not open (")
    assert "MaxStartups" not in message


def test_ssh_says_in_its_own_words_which_key_it_does_not_take(server, home):
    key = copy(server.key, home / "key")
    key.chmod(0o644)
    host = server.host(identity=str(key), transport="openssh")
    message = refused(host, sshd.site(home, host, known=server.known))
    assert f"(Permissions 0644 for '{key}' are too open.; Load key" in message


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_what_a_forced_command_says_is_in_the_message(transport, home, tmp_path_factory):
    sentence = "Please login as the user ubuntu rather than the user root."
    folder = tmp_path_factory.mktemp("forced")
    with sshd.running(folder, ForceCommand=f"echo '{sentence}'; exit 142") as server:
        host = server.host(transport=transport)
        connection = connections.connect(host, sshd.site(home, host, known=server.known))
        with pytest.raises(StepFailed) as error:
            transaction.ask(connection, (), None)
        connection.close()
    assert error.value.what == f"its shell did not run our program ({sentence})"


# who we are


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="needs root, setpriv")
@pytest.mark.parametrize(
    ("verb", "code", "word"),
    [
        ("site.hosts", 0, "uid54321"),
        ("hosts.check --host=local", 0, " 54321 "),
        ("hosts.check --host=n1", 5, "nothing listens"),
        ("runs.list", 5, "nothing listens"),
    ],
)
def test_a_uid_that_nobody_knows_is_no_harm(verb, code, word):
    names = ("LOGNAME", "USER", "LNAME", "USERNAME", "XDG_STATE_HOME", "HOME")
    environment = {key: value for key, value in os.environ.items() if key not in names}
    bare = ("setpriv", "--reuid=54321", "--regid=54321", "--clear-groups")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "s.yml").write_text("hosts: {n1: {address: 127.0.0.1, port: 1}}\n")
        os.chown(folder, 54321, 54321)
        words = (*bare, sys.executable, "-m", "fairlead", *verb.split(), f"--site={folder}/s.yml")
        for more in ({"HOME": folder}, {}):
            result = subprocess.run(
                words, capture_output=True, text=True, env=environment | more, cwd=ROOT, timeout=60
            )
            assert (result.returncode, word in result.stdout + result.stderr) == (code, True)
            assert "Traceback" not in result.stderr


# keys


@pytest.fixture
def ssh_agent(home):
    path = str(home / "agent.sock")
    process = subprocess.Popen(["ssh-agent", "-D", "-a", path], stdout=subprocess.DEVNULL)
    while not os.path.exists(path):
        threading.Event().wait(0.02)
    yield path
    process.terminate()
    process.wait(10)


def add(agent: str, *words: object) -> None:
    environment = os.environ | {"SSH_AUTH_SOCK": agent}
    subprocess.run(["ssh-add", "-q", *map(str, words)], check=True, env=environment)


def copy(path: Path, place: Path, comment: bytes = b"") -> Path:
    """A key under another name, without its .pub, perhaps with another comment."""
    shutil.copy(path, place)
    if comment:
        command = [b"ssh-keygen", b"-q", b"-c", b"-C", comment, b"-f", os.fsencode(place)]
        subprocess.run(command, check=True, capture_output=True)
        Path(f"{place}.pub").unlink(missing_ok=True)
    return place


def reach(server, home, config: str, **more) -> None:
    host = server.host(identity="", **more)
    site = sshd.site(home, host, known=server.known, config=f"Host n1\n{config}")
    connections.connect(host, site).close()


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_public_key_means_the_agents_private_one(transport, server, home, ssh_agent):
    add(ssh_agent, server.key)
    (home / "work.pub").write_text(Path(f"{server.key}.pub").read_text())
    config = f" IdentityAgent {ssh_agent}\n IdentityFile {home}/work.pub\n IdentitiesOnly yes\n"
    reach(server, home, config, transport=transport)


def test_a_comment_in_latin_1_is_no_harm(server, home, ssh_agent, monkeypatch):
    monkeypatch.setenv("SSH_AUTH_SOCK", ssh_agent)
    add(ssh_agent, copy(sshd.keygen(home / "other"), home / "umlaut", b"J\xf6rg"))
    host = server.host()
    connections.connect(host, sshd.site(home, host, known=server.known)).close()
    add(ssh_agent, server.key)
    reach(server, home, "", transport="ssh")


def test_a_locked_key_without_a_pub_beside_it_is_the_agents(server, home, ssh_agent):
    add(ssh_agent, server.key)
    locked = copy(server.key, home / "locked")
    lock = ["ssh-keygen", "-q", "-p", "-P", "", "-N", "secret", "-f", locked]
    subprocess.run(lock, check=True, stdout=subprocess.DEVNULL)
    config = f" IdentityAgent {ssh_agent}\n IdentityFile {locked}\n IdentitiesOnly yes\n"
    reach(server, home, config)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_certificate_lets_in(transport, home, tmp_path_factory):
    folder = tmp_path_factory.mktemp("authority")
    authority, key = sshd.keygen(folder / "ca"), sshd.keygen(folder / "key")
    me = getpass.getuser()
    sign = ["ssh-keygen", "-q", "-s", authority, "-I", "me", "-n", me, f"{key}.pub"]
    subprocess.run(sign, check=True)
    (folder / "key-cert.pub").rename(folder / "elsewhere.pub")
    with sshd.running(folder / "sshd", TrustedUserCAKeys=f"{authority}.pub") as server:
        config = f" IdentityFile {key}\n CertificateFile {folder}/elsewhere.pub\n"
        reach(server, home, config, transport=transport)
        assert "ED25519-CERT" in server.log.read_text()


@pytest.mark.parametrize(
    ("text", "mode", "fault"),
    [
        ("no key at all\n", 0o600, "{} is no private key"),
        (None, 0o644, "{} is open to others (mode 0644) and not used: chmod 600 {}"),
    ],
)
def test_a_key_that_is_none_or_open_is_told_as_what_it_is(text, mode, fault, server, home):
    key = copy(server.key, home / "key")
    if text:
        key.write_text(text)
    key.chmod(mode)
    host = server.host(identity=str(key))
    message = refused(host, sshd.site(home, host, known=server.known))
    assert message.startswith(f"n1: does not let {host.user} in: there is no key; ")
    assert message.endswith("; " + fault.format(key, key))


def test_a_host_that_only_a_certificate_vouches_for_is_for_openssh(server, home):
    authority = " ".join(sshd.public(sshd.keygen(home / "ca")))
    known = f"@cert-authority * {authority}\n"
    message = refused(server.host(), sshd.site(home, server.host(), known=known))
    assert (
        f"; @cert-authority ({home}/known_hosts:1) is read by ssh alone; use "
        "`transport: openssh`, or inv hosts.trust --host=n1 " in message
    )


def test_openssh_takes_the_certificate_of_a_host(home, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hosts")
    authority = sshd.keygen(folder / "ca")
    server = sshd.Sshd(folder / "sshd", HostCertificate=f"{folder}/sshd/host_ed25519-cert.pub")
    sign = ["ssh-keygen", "-q", "-s", authority, "-I", "n1", "-h", "-n", "127.0.0.1"]
    subprocess.run([*sign, f"{server.host_keys['ed25519']}.pub"], check=True)
    known = f"@cert-authority * {' '.join(sshd.public(authority))}\n"
    server.start()
    try:
        host = server.host(transport="openssh")
        connections.connect(host, sshd.site(home, host, known=known)).close()
        other = f"@cert-authority * {' '.join(sshd.public(server.key))}\n"
        message = refused(host, sshd.site(home, host, known=other))
        assert f"is not known: ssh-ed25519 {server.fingerprint()}; if that is" in message
    finally:
        server.stop()


def test_a_config_under_another_home_is_not_read_and_that_is_said(home, monkeypatch):
    monkeypatch.setattr(ssh_config.operator, "passwd_home", lambda: "/home/of/passwd")
    files(home, {".ssh/config": "Host n1\n User other\n"})
    host = Host("n1", "n1", user="ops")
    site = sshd.site(home, host)
    usual = msgspec.structs.replace(site, ssh=msgspec.structs.replace(site.ssh, config=""))
    assert ssh_answers.of_host(host, usual).notes[-1] == (
        f"{home}/.ssh/config is not read: ssh looks in the home of the password file, "
        "/home/of/passwd"
    )
