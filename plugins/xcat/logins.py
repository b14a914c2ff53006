"""Root's login inside, and the passwords that xCAT keeps: what is secret goes by stdin alone, to
the question too."""

import json
from collections.abc import Iterator
from typing import Any

from fairlead.api import (
    Ask,
    Container,
    FairleadError,
    Secret,
    SecretError,
    SecretFile,
    SecretSpec,
    Step,
    docker,
    files,
    password_maker,
    script,
    state,
)

VERBS = frozenset({"up", "secrets", "ssh", "upgrade", "rollback"})
KEY = "/root/.ssh/id_rsa"  # by which xCAT reaches its nodes
AUTHORIZED = "/root/.ssh/authorized_keys"
# FILE: authorized_keys is what it was
KEYS_BACK = '[ ! -e "$1.before" ] || mv -f "$1.before" "$1"'

sh = script.beside(__file__)


def needs(ask: Ask[Any]) -> Iterator[SecretSpec]:
    """Root's password and key, and those of the passwd table, where the site names them."""
    site = ask.section
    if ask.verb not in VERBS:
        return
    if site.ssh and site.ssh.password_secret:
        yield SecretSpec(
            name=site.ssh.password_secret,
            about="root's password inside",
            path="/etc/shadow",
            make=password_maker(15),
        )
    if site.ssh and site.ssh.key:
        yield SecretSpec(name=site.ssh.key, about="root's private key inside", path=KEY)
    for key, row in site.passwords.items() if ask.verb != "ssh" else ():
        yield SecretSpec(
            name=row.secret,
            about=f"{row.username}'s password in xCAT's passwd table, key {key}",
            path="/etc/xcat",
        )


def steps(c: Container, ask: Ask[Any]) -> Iterator[Step]:
    """All of it, in a container that runs."""
    yield from login(c, ask)
    yield from _passwd(c, ask)


def login(c: Container, ask: Ask[Any]) -> Iterator[Step]:
    """Keys, password, and sshd's leave."""
    ssh = ask.section.ssh
    if not ssh:
        return
    if ssh.authorized_keys:
        file = f"{c.root}/current{AUTHORIZED}"
        yield Step(
            name="authorized keys",
            unless=sh("keys_are_in", file, *ssh.authorized_keys),
            do=sh("add_keys", file, *ssh.authorized_keys),
            undo=("sh", "-c", KEYS_BACK, "keys", file),
        )
    if ssh.key:
        yield files.secrets(
            (SecretFile(f"{c.root}/current{KEY}", ask.secrets[ssh.key]),), "private key"
        )
    if ssh.password_secret:
        yield _root_password(c, ask.secrets[ssh.password_secret])
    word = "yes" if ssh.password_secret else "prohibit-password"
    again = (
        ("systemctl", "restart", "sshd") if ask.section.recipe else ("service", "ssh", "restart")
    )
    yield Step(
        name=f"PermitRootLogin {word}",
        unless=docker.inside(c, *sh("permits_root", word)),
        do=docker.inside(c, *sh("permit_root", word, *again)),
        undo=docker.inside(c, *sh("permit_root_back", *again)),
        timeout=60,
        after=("container",),
    )


def _root_password(c: Container, password: Secret) -> Step:
    text = password.reveal().rstrip(b"\n")
    if not text or b"\n" in text:
        raise SecretError(
            "root's password", "is empty, or more than a line", "give it one line: inv secrets.set"
        )
    return Step(
        name="root's password",
        unless=sh("password_is", c.engine, c.name),
        do=sh("set_password", c.engine, c.name),
        stdin=Secret(text + b"\n"),
        compares=True,
        sensitive=True,
        timeout=60,
        exit_messages=((3, "openssl on this host could not be asked for the password's hash"),),
        after=("container",),
    )


def _passwd(c: Container, ask: Ask[Any]) -> Iterator[Step]:
    rows = [
        _row(key, row.username, ask.secrets[row.secret])
        for key, row in sorted(ask.section.passwords.items())
    ]
    if rows:
        yield Step(
            name="passwd table",
            unless=sh("rows_are_in", c.engine, c.name),
            do=docker.inside(c, *sh("add_rows"), fed=True),
            stdin=Secret("".join(rows)),
            compares=True,
            sensitive=True,
            timeout=60,
        )


def _row(key: str, username: str, password: Secret) -> str:
    """A row as `tabdump passwd` prints it: key, username, password, and four columns that are
    empty."""
    text = password.reveal().decode().rstrip("\n").replace('"', '""')
    return ",".join((json.dumps(key), json.dumps(username), f'"{text}"', "", "", "", "")) + "\n"


def check_running(c: Container, ask: Ask[Any]) -> None:
    """Raises FairleadError where there is no container of ours to log in to."""
    container = state.container_state(c, ask)
    if not (container and container.ours and container.running):
        raise FairleadError(
            ask.target.host,
            f"no container {c.name} of ours runs here",
            f"{ask.target.typed('up')} starts it",
        )
