"""Root's login inside, and the passwords that xCAT keeps: what is secret goes by stdin alone, to the question too."""

import json
from collections.abc import Iterator
from typing import Any

from fairlead.api import (
    Ask,
    Command,
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
    state,
)

VERBS = frozenset({"up", "secrets", "ssh", "upgrade", "rollback"})
KEY = "/root/.ssh/id_rsa"  # by which xCAT reaches its nodes
TABRESTORE, TABDUMP = "/opt/xcat/sbin/tabrestore", "/opt/xcat/sbin/tabdump"

# FILE KEY...: authorized_keys is xCAT's too, so lines are added and none is taken away.
LACKS = (
    '[ -f "$1" ] || exit 1; file=$1; shift; for key; do grep -qxF -e "$key" "$file" || exit 1; done'
)
ADD = """set -eu; umask 077; file=$1; shift; mkdir -p "${file%/*}"
cp -p "$file" "$file.before" 2>/dev/null || : >"$file.before"
for key; do grep -qsxF -e "$key" "$file" || printf '%s\\n' "$key" >>"$file"; done"""
BACK = '[ ! -e "$1.before" ] || mv -f "$1.before" "$1"'

# WORD: sshd's answer to root
SSHD = "/etc/ssh/sshd_config"
PERMITS = f'[ "$(grep -iE "^[[:space:]]*PermitRootLogin" {SSHD})" = "PermitRootLogin $1" ]'
PERMIT = f"""set -eu; cp -p {SSHD} {SSHD}.before
{{ echo "PermitRootLogin $1"; grep -viE '^[[:space:]]*PermitRootLogin' {SSHD}.before; }} >{SSHD}
service ssh restart"""
UNPERMIT = f"[ ! -e {SSHD}.before ] || {{ mv {SSHD}.before {SSHD}; service ssh restart || :; }}"

# ENGINE CONTAINER; root's password on stdin. Shadow's own salt tells whether it is this one; openssl is the host's.
_HASH = """IFS= read -r password; command -v openssl >/dev/null || { echo "openssl is missing on this host" >&2; exit 3; }
"""
PASSWORD_IS = (
    _HASH
    + """is=$("$1" exec "$2" sed -n 's/^root:\\([^:]*\\):.*/\\1/p' /etc/shadow) || exit 2
case $is in '$6$'*) ;; *) exit 1 ;; esac
rest=${is#'$6$'}
[ "$(printf '%s\\n' "$password" | openssl passwd -6 -stdin -salt "${rest%%'$'*}")" = "$is" ]"""
)
PASSWORD = (
    _HASH
    + """hash=$(printf '%s\\n' "$password" | openssl passwd -6 -stdin) || exit 3
printf 'root:%s\\n' "$hash" | "$1" exec -i "$2" chpasswd -e"""
)

# ENGINE CONTAINER; rows of the passwd table on stdin. No row is a word of any command: others of the host see those.
ROWS_ARE = f"""is=$("$1" exec "$2" {TABDUMP} passwd) || exit 2
nl='
'
while IFS= read -r row; do case "$nl$is$nl" in *"$nl$row$nl"*) ;; *) exit 1 ;; esac; done"""
ROWS = f"umask 077; d=$(mktemp -d) && cat >$d/passwd.csv && {TABRESTORE} -a $d/passwd.csv; rc=$?; rm -rf $d; exit $rc"


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
        words = ("keys", f"{c.root}/current/root/.ssh/authorized_keys", *ssh.authorized_keys)
        yield Step(
            name="authorized keys",
            unless=_sh(LACKS, *words),
            do=_sh(ADD, *words),
            undo=_sh(BACK, *words[:2]),
        )
    if ssh.key:
        yield files.secrets(
            (SecretFile(f"{c.root}/current{KEY}", ask.secrets[ssh.key]),), "private key"
        )
    if ssh.password_secret:
        yield _password(c, ask.secrets[ssh.password_secret])
    word = "yes" if ssh.password_secret else "prohibit-password"
    yield Step(
        name=f"PermitRootLogin {word}",
        unless=docker.inside(c, "sh", "-c", PERMITS, "permit", word),
        do=docker.inside(c, "sh", "-c", PERMIT, "permit", word),
        undo=docker.inside(c, "sh", "-c", UNPERMIT),
        timeout=60,
    )


def _password(c: Container, password: Secret) -> Step:
    text = password.reveal().rstrip(b"\n")
    if not text or b"\n" in text:
        raise SecretError(
            "root's password", "is empty, or more than a line", "give it one line: inv secrets.set"
        )
    words = ("password", c.engine, c.name)
    return Step(
        name="root's password",
        unless=_sh(PASSWORD_IS, *words),
        do=_sh(PASSWORD, *words),
        stdin=Secret(text + b"\n"),
        compares=True,
        sensitive=True,
        timeout=60,
        exit_messages=((3, "openssl on this host could not be asked for the password's hash"),),
    )


def _passwd(c: Container, ask: Ask[Any]) -> Iterator[Step]:
    rows = [
        _row(key, row.username, ask.secrets[row.secret])
        for key, row in sorted(ask.section.passwords.items())
    ]
    if rows:
        yield Step(
            name="passwd table",
            unless=_sh(ROWS_ARE, "passwd", c.engine, c.name),
            do=docker.inside(c, "sh", "-c", ROWS, fed=True),
            stdin=Secret("".join(rows)),
            compares=True,
            sensitive=True,
            timeout=60,
        )


def _row(key: str, username: str, password: Secret) -> str:
    """A row as `tabdump passwd` prints it: key, username, password, and four columns that are empty."""
    text = password.reveal().decode().rstrip("\n").replace('"', '""')
    return ",".join((json.dumps(key), json.dumps(username), f'"{text}"', "", "", "", "")) + "\n"


def running(c: Container, ask: Ask[Any]) -> None:
    """Raises FairleadError where there is no container of ours to log in to."""
    there = state.standing(c, ask)
    if not (there and there.ours and there.running):
        raise FairleadError(
            ask.target.host,
            f"no container {c.name} of ours runs here",
            f"inv {ask.target.system}.up starts it",
        )


def _sh(script: str, *words: str) -> Command:
    return ("sh", "-c", script, *words)
