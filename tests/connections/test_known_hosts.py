"""Which host keys are trusted: every form of line, and the words of every refusal."""

import base64
import os
import stat

import pytest

from fairlead.connections import known_hosts
from fairlead.connections.known_hosts import Key, KnownHost
from fairlead.model.errors import HostKeyRefused

ONE, TWO = Key("ssh-ed25519", b"one"), Key("ssh-ed25519", b"two")
RSA = Key("ssh-rsa", b"rsa")


def text(key: Key) -> str:
    return f"{key.kind} {base64.b64encode(key.blob).decode()}"


def hashed(host: str) -> str:
    import hashlib
    import hmac

    salt = b"0123456789abcdefghij"
    digest = hmac.new(salt, host.encode(), hashlib.sha1).digest()
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"


@pytest.mark.parametrize(
    ("names", "host", "is_meant"),
    [
        ("n1", "n1", True),
        ("N1.Example", "n1.example", True),
        ("n1", "n11", False),
        ("n2,n1,10.0.0.1", "10.0.0.1", True),
        ("*.example", "n1.example", True),
        ("n?", "n1", True),
        ("n?", "n12", False),
        ("*.example,!n1.example", "n1.example", False),
        ("!n1.example,*.example", "n1.example", False),
        ("!n2,*", "n1", True),
        ("[10.0.0.1]:2222", "[10.0.0.1]:2222", True),
        ("[10.0.0.*]:2222", "[10.0.0.7]:2222", True),
        ("10.0.0.1", "[10.0.0.1]:2222", False),
        ("n[1-3]", "n1", False),
        (hashed("n1"), "n1", True),
        (hashed("[n1]:2222"), "[n1]:2222", True),
        (hashed("n1"), "n2", False),
        ("|1|broken", "n1", False),
        ("|1|%%%|%%%", "n1", False),
        ("|2|AAAA|AAAA", "n1", False),
    ],
)
def test_a_line_means_a_host(names, host, is_meant, tmp_path):
    path = tmp_path / "known_hosts"
    path.write_text(f"{names} {text(ONE)}\n")
    assert known_hosts.known(host, [path]) == (
        (KnownHost(f"{path}:1", "", names, ONE),) if is_meant else ()
    )


def test_a_line_that_is_broken_or_of_another_kind_costs_only_itself(tmp_path):
    path = tmp_path / "known_hosts"
    lines = [
        "# a comment",
        "",
        f"@cert-authority *.example {text(TWO)}",
        "n1 ssh-ed25519",
        "n1 ssh-ed25519 ***",
        "\x00\xff garbage",
        f"@revoked n1 {text(TWO)}",
        f"@unheard n1 {text(TWO)}",
        f"  n1\t{text(ONE)} with a comment",
        f"n1 {text(RSA)}",
    ]
    path.write_bytes("\n".join(lines).encode("latin-1"))
    known_keys = known_hosts.known("n1", [tmp_path / "absent", path])
    listed = [(entry.where, entry.marker, entry.key) for entry in known_keys]
    assert listed == [
        (f"{path}:7", "@revoked", TWO),
        (f"{path}:9", "", ONE),
        (f"{path}:10", "", RSA),
    ]
    assert known_hosts.kinds(known_keys) == ("ssh-ed25519", "ssh-rsa")


def test_a_file_that_changed_is_read_again(tmp_path):
    path = tmp_path / "known_hosts"
    path.write_text(f"n1 {text(ONE)}\n")
    assert len(known_hosts.known("n1", [path])) == 1
    path.write_text(f"n1 {text(ONE)}\nn1 {text(RSA)}\n")
    assert len(known_hosts.known("n1", [path])) == 2


def entry(key: Key, marker: str = "", where: str = "/k:1") -> KnownHost:
    return KnownHost(where, marker, "n1", key)


ACCEPTED = [
    [entry(ONE)],
    [entry(RSA), entry(ONE)],
    [entry(TWO), entry(ONE, where="/k:2")],
    [entry(TWO, "@revoked"), entry(ONE)],
]


@pytest.mark.parametrize("known_keys", ACCEPTED)
def test_a_key_that_stands_in_some_file_is_accepted(known_keys):
    known_hosts.check("n1", "10.0.0.1:22", ONE, known_keys, "inv hosts.trust")


PRINT = {key.blob: key.fingerprint for key in (ONE, TWO, RSA)}


@pytest.mark.parametrize(
    ("known_keys", "message"),
    [
        (
            [],
            f"n1: its host key at 10.0.0.1:22 is not known: ssh-ed25519 {PRINT[b'one']}; if "
            "that is the right one: TRUST",
        ),
        (
            [entry(TWO, "@revoked")],
            f"n1: its host key at 10.0.0.1:22 is not known: ssh-ed25519 {PRINT[b'one']}; if "
            "that is the right one: TRUST",
        ),
        (
            [entry(RSA), entry(TWO, where="/k:2")],
            f"n1: its host key at 10.0.0.1:22 has changed: now ssh-ed25519 {PRINT[b'one']}, "
            f"known is ssh-ed25519 {PRINT[b'two']} (/k:2);"
            " somebody may be in between; if it has been installed anew and that is the right "
            "one: TRUST",
        ),
        (
            [entry(RSA)],
            f"n1: its host key at 10.0.0.1:22 has changed: now ssh-ed25519 {PRINT[b'one']}, "
            f"known is ssh-rsa {PRINT[b'rsa']} (/k:1);"
            " somebody may be in between; if it has been installed anew and that is the right "
            "one: TRUST",
        ),
        (
            [entry(ONE, where="/k:2"), entry(ONE, "@revoked")],
            f"n1: its host key ssh-ed25519 {PRINT[b'one']} is revoked in /k:1; it must not be "
            "used; give the host a new one",
        ),
    ],
)
def test_any_other_key_is_refused_in_words(known_keys, message):
    with pytest.raises(HostKeyRefused) as refused:
        known_hosts.check("n1", "10.0.0.1:22", ONE, known_keys, "TRUST")
    assert str(refused.value) == message
    assert refused.value.code == 5


def test_a_fingerprint_is_as_ssh_keygen_prints_it():
    assert ONE.fingerprint == "SHA256:dpLDrTVAu4A8Ags67mbNiIcSMjTqDG5xQ8Ct1z/0Me0"


@pytest.mark.parametrize(
    ("address", "port", "alias", "name"),
    [
        ("n1", 22, "", "n1"),
        ("N1", 2222, "", "[n1]:2222"),
        ("fe80::1", 22, "", "fe80::1"),
        ("10.0.0.1", 2222, "Real", "real"),
    ],
)
def test_a_key_stands_under_the_address_or_the_alias(address, port, alias, name):
    assert known_hosts.name(address, port, alias) == name


def test_the_files_are_ours_the_sites_the_users_the_systems(monkeypatch):
    monkeypatch.setenv("HOME", "/home/bob")
    monkeypatch.setenv("XDG_STATE_HOME", "/state")
    usual = [
        "/home/bob/.ssh/known_hosts",
        "/home/bob/.ssh/known_hosts2",
        "/etc/ssh/ssh_known_hosts",
        "/etc/ssh/ssh_known_hosts2",
    ]
    assert list(map(str, known_hosts.files(""))) == ["/state/fairlead/known_hosts", *usual]
    named = known_hosts.files("/site/known", ("/a b/known", "~/more"), ("none",))
    assert list(map(str, named)) == [
        "/state/fairlead/known_hosts",
        "/site/known",
        "/a b/known",
        "/home/bob/more",
    ]


def test_trust_writes_one_line_only_we_can_read(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert known_hosts.trust("n1", ONE) is True
    assert known_hosts.trust("n1", ONE) is False
    assert known_hosts.trust("n1", RSA) is True
    assert known_hosts.trust("n2", ONE) is True
    assert known_hosts.own().read_text() == f"n1 {text(ONE)}\nn1 {text(RSA)}\nn2 {text(ONE)}\n"
    assert stat.S_IMODE(known_hosts.own().stat().st_mode) == 0o600
    assert known_hosts.trust("n1", TWO) is True
    assert known_hosts.own().read_text() == f"n1 {text(RSA)}\nn2 {text(ONE)}\nn1 {text(TWO)}\n"
    assert sorted(os.listdir(tmp_path / "fairlead")) == ["known_hosts", "known_hosts.lock"]


def test_trust_leaves_what_it_does_not_understand(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    known_hosts.own().parent.mkdir()
    known_hosts.own().write_text(f"# mine\n@revoked n1 {text(TWO)}\nn1,n2 {text(TWO)}\n")
    known_hosts.trust("n1", ONE)
    assert (
        known_hosts.own().read_text()
        == f"# mine\n@revoked n1 {text(TWO)}\nn1,n2 {text(TWO)}\nn1 {text(ONE)}\n"
    )
