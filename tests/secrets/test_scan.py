"""Secrets that lie open in a tree are found, and what only looks like one is not."""

from pathlib import Path

import pytest

from fairlead.secrets.scan import exposed

ROOT = Path(__file__).resolve().parents[2]
BLOCK = "-----BEGIN {}PRIVATE KEY-----"
CASES = [
    ("notes.txt", BLOCK.format("RSA "), "notes.txt:2: a private key"),
    ("keys/a.pem", BLOCK.format("OPENSSH "), "keys/a.pem:2: a private key"),
    ("a.py", f'"{BLOCK.format("")}"', ""),
    ("id", "AGE-SECRET-KEY-1" + "Q" * 58, "id:2: an age identity"),
    ("id", "AGE-SECRET-KEY-1" + "Q" * 58 + "  # fairlead: no secret", ""),
    ("sites/a.yml", "  db_password: hunter2", "sites/a.yml:2: a password in a site file"),
    ("sites/a.yml", "- 'api-key': x", "sites/a.yml:2: a password in a site file"),
    ("sites/a.yml", "password: ", ""),
    ("sites/a.yml", "password: null", ""),
    ("sites/a.yml", "password: *x", ""),
    ("sites/a.yml", "psconfig_secret: [mesh]", ""),
    ("sites/a.yml", "url: https://me:pw@host/", "sites/a.yml:2: a URL with a password"),
    ("sites/a.yml", "url: https://host/~me@home", ""),
    ("docs/a.yml", "password: hunter2", ""),
    ("secrets/a.txt", "", "secrets/a.txt: is not encrypted"),
    ("secrets/a.age", "password", "secrets/a.age: is no age file"),
    ("secrets/recipients", "ssh-ed25519 AAAA", ""),
    (".git/a", BLOCK.format(""), ""),
]


@pytest.mark.parametrize(
    ("name", "line", "says"),
    CASES,
    ids=[f"{name}-{number}" for number, (name, _, _) in enumerate(CASES)],
)
def test_a_line(tmp_path, name, line, says):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(f"x\n{line}\n")
    assert [": ".join(findings) for findings in exposed(tmp_path)] == ([says] if says else [])


def test_binary_files_and_links_are_passed_over(tmp_path):
    (tmp_path / "a").write_bytes(b"\0\n" + BLOCK.format("").encode() + b"\n")
    (tmp_path / "b").symlink_to("/etc/shadow")
    assert [*exposed(tmp_path)] == []


def test_none_lies_open_here():
    assert [*exposed(ROOT)] == []
