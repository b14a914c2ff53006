"""The table of docs/ssh.md is true: each word that it calls read counts, each that it calls not
understood is said, each that it calls somebody else's changes nothing.
"""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from fairlead.connections import ssh_answers, ssh_config
from fairlead.connections.ssh_config import SshConfig
from fairlead.inventory.hosts import Host
from tests import sshd

pytestmark = pytest.mark.skipif(shutil.which("ssh") is None, reason="needs ssh")
PAGE = Path(__file__).parents[2] / "docs" / "ssh.md"
READ = {
    "HostName": "10.0.0.9",
    "User": "ops",
    "Port": "2222",
    "HostKeyAlias": "real",
    "IdentityFile": "/keys/one",
    "IdentitiesOnly": "yes",
    "IdentityAgent": "/keys/agent",
    "CertificateFile": "/keys/one-cert.pub",
    "ProxyJump": "gate",
    "ProxyCommand": "nc %h %p",
    "UserKnownHostsFile": "/keys/known",
    "GlobalKnownHostsFile": "/keys/known",
}
SAID = {
    "AddressFamily": "inet6",
    "BindAddress": "10.0.0.9",
    "BindInterface": "eth1",
    "KnownHostsCommand": "/bin/true",
    "PKCS11Provider": "/lib/p11.so",
    "ProxyUseFdpass": "yes",
    "RevokedHostKeys": "/keys/revoked",
    "VerifyHostKeyDNS": "yes",
    "PubkeyAuthentication": "no",
    "PreferredAuthentications": "password",
}
OTHERS = {
    "GSSAPIAuthentication": "yes",
    "Ciphers": "aes128-ctr",
    "MACs": "hmac-sha2-256",
    "KexAlgorithms": "curve25519-sha256",
    "HostKeyAlgorithms": "ssh-ed25519",
    "PubkeyAcceptedAlgorithms": "ssh-ed25519",
    "ConnectTimeout": "3",
    "ServerAliveInterval": "5",
    "StrictHostKeyChecking": "no",
    "NoHostAuthenticationForLocalhost": "yes",
    "BatchMode": "no",
    "LogLevel": "QUIET",
    "ControlMaster": "auto",
    "ControlPath": "/tmp/%C",
    "RequestTTY": "force",
    "RemoteCommand": "uptime",
}
BLOCKS = ("Host", "Include", "Match", "CanonicalizeHostname")  # cases/ssh_config.yml has those


def rows() -> Iterator[tuple[list[str], str]]:
    """The words of each row of the table, and what the built-in transport makes of them."""
    table = PAGE.read_text("utf-8").partition("## Its words")[2].partition("\n## ")[0]
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and cells[0] != "word":
            yield re.findall(r"\b[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*\b", cells[0]), cells[1]


def words_of(*starts: str) -> set[str]:
    return {word for words, built_in in rows() if built_in.startswith(starts) for word in words}


@pytest.fixture(params=[True, False], ids=["with ssh", "without ssh"])
def of_words(request, tmp_path, monkeypatch):
    """A line of ssh_config -> what is used."""
    monkeypatch.setenv("HOME", str(tmp_path))
    if not request.param:
        monkeypatch.setattr(ssh_answers.shutil, "which", lambda name: None)

    def read(line: str) -> SshConfig:
        host = Host("n1", "n1")
        site = sshd.site(tmp_path, host, config=f"Host n1\n {line}\n")
        return msgspec.structs.replace(ssh_answers.of_host(host, site), source="")

    return read


def test_every_word_of_the_table_is_tried_here() -> None:
    known = {"USER", "HOST", "PORT"}
    assert words_of("yes") - set(BLOCKS) - known == set(READ)
    assert words_of("no, and said") - {"@cert"} == set(SAID)
    assert words_of("its own", "the site's", "no meaning", "no") - set(SAID) == set(OTHERS)
    assert set(SAID) == set(ssh_config.NAMES.values())


@pytest.mark.parametrize("word", READ)
def test_a_word_that_is_read_counts(word: str, of_words) -> None:
    config = of_words(f"{word} {READ[word]}")
    assert config != of_words("Compression yes")
    assert config.notes == ()


@pytest.mark.parametrize("word", SAID)
def test_a_word_that_is_not_understood_is_said(word: str, of_words) -> None:
    (note,) = of_words(f"{word} {SAID[word]}").notes
    assert re.fullmatch(rf"{word} \S+ of ssh_config is for `transport: openssh` alone", note)


@pytest.mark.parametrize("word", OTHERS)
def test_a_word_that_is_ours_changes_nothing(word: str, of_words) -> None:
    assert of_words(f"{word} {OTHERS[word]}") == of_words("Compression yes")


def test_to_openssh_nothing_of_it_is_said(tmp_path, monkeypatch) -> None:
    host = Host("n1", "n1", transport="openssh")
    lines = "".join(f" {word} {value}\n" for word, value in SAID.items())
    site = sshd.site(tmp_path, host, config=f"Host n1\n{lines}")
    assert ssh_answers.of_host(host, site).notes == ()
