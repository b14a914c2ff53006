"""Which host keys are trusted: what known_hosts files say of a host, and the refusal of every key
that they do not hold.

The format is that of sshd(8), SSH_KNOWN_HOSTS FILE FORMAT. A line that is broken, or of a kind that
means nothing to us, costs only itself.
"""

import base64
import binascii
import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from fairlead.connections import known_hosts_file
from fairlead.model import operator
from fairlead.model.errors import HostKeyRefused
from fairlead.model.plan import Noun
from fairlead.secrets import files as private_files

USER = ("~/.ssh/known_hosts", "~/.ssh/known_hosts2")
SYSTEM = ("/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2")

REVOKED, AUTHORITY = "@revoked", "@cert-authority"


class Key(Noun):
    """A public host key: its type as in known_hosts, and its bytes."""

    kind: str
    blob: bytes

    @property
    def fingerprint(self) -> str:
        """As ssh-keygen -l prints it."""
        return "SHA256:" + base64.b64encode(hashlib.sha256(self.blob).digest()).decode().rstrip("=")

    def __str__(self) -> str:
        return f"{self.kind} {self.fingerprint}"


class KnownHost(Noun):
    """One line of a known_hosts file. `marker` is "", @revoked or @cert-authority."""

    where: str  # file:line
    marker: str
    names: str
    key: Key


def own() -> Path:
    """The file that `inv hosts.trust` writes."""
    state = os.environ.get("XDG_STATE_HOME") or os.path.join(operator.home(), ".local/state")
    return Path(state, "fairlead", "known_hosts")


def files(site_file: str, user: Sequence[str] = (), system: Sequence[str] = ()) -> tuple[Path, ...]:
    """Every file that is read: ours, the site's, the user's, the system's.

    `user` and `system`: as ssh_config names them; empty: the usual ones. Where ssh has the usual
    ones of the password file's home, those of HOME are read as well.
    """
    usual = tuple(f"{operator.passwd_home()}{path[1:]}" for path in USER)
    ours = (*user, *(USER if tuple(user) == usual else ())) if user else USER
    paths = (str(own()), site_file, *ours, *(system or SYSTEM))
    return tuple(
        dict.fromkeys(
            Path(os.path.expanduser(path)) for path in paths if path and path.lower() != "none"
        )
    )


def name(address: str, port: int, alias: str = "") -> str:
    """The name under which the keys of an address stand.

    HostKeyAlias of ssh_config, else the address, with the port where it is not 22.
    """
    place = address if port == 22 else f"[{address}]:{port}"
    return (alias or place).lower()


def known(host: str, paths: Iterable[Path]) -> tuple[KnownHost, ...]:
    """Every entry for that name, in the order of the files."""
    return tuple(entry for path in paths for entry in _entries(path, host))


def kinds(known_keys: Iterable[KnownHost]) -> tuple[str, ...]:
    """The key types that are known, the ones to ask for first."""
    return tuple(dict.fromkeys(entry.key.kind for entry in known_keys if not entry.marker))


def check(
    where: str,
    address: str,
    key: Key,
    known_keys: Iterable[KnownHost],
    remedy: str,
) -> None:
    """Raise HostKeyRefused unless the key is among the known ones, and not revoked.

    `where` is what the error names; `remedy` is what would trust the key.
    """
    known_keys = tuple(known_keys)
    for entry in known_keys:
        if entry.marker == REVOKED and entry.key == key:
            what = f"its host key {key} is revoked in {entry.where}"
            raise HostKeyRefused(where, what, "it must not be used; give the host a new one")
    valid = [entry for entry in known_keys if not entry.marker]
    if any(entry.key == key for entry in valid):
        return
    if not valid:
        what = f"its host key at {address} is not known: {key}"
        for authority in (entry for entry in known_keys if entry.marker == AUTHORITY):
            what += f"; {AUTHORITY} ({authority.where}) is read by ssh alone"
            raise HostKeyRefused(where, what, f"use `transport: openssh`, or {remedy}")
        raise HostKeyRefused(where, what, f"if that is the right one: {remedy}")
    before = next((entry for entry in valid if entry.key.kind == key.kind), valid[0])
    raise HostKeyRefused(
        where,
        f"its host key at {address} has changed: now {key}, known is {before.key} ({before.where})",
        "somebody may be in between; if it has been installed anew and that is the right one: "
        + remedy,
    )


def _entries(path: Path, host: str) -> Iterator[KnownHost]:
    """What a file says of a host; nothing if it is not there."""
    try:
        lines = known_hosts_file.lines_about(path, host)
    except OSError:
        return
    for number, line in lines:
        entry = _entry(line, f"{path}:{number}")
        if entry is not None:
            yield entry


def _entry(line: bytes, where: str) -> KnownHost | None:
    words = [word.decode(errors="replace") for word in line.split()]
    marker = words.pop(0) if words and words[0].startswith("@") else ""
    if marker not in ("", REVOKED, AUTHORITY) or len(words) < 3 or words[0].startswith("#"):
        return None
    try:
        return KnownHost(
            where, marker, words[0], Key(words[1], base64.b64decode(words[2], validate=True))
        )
    except (binascii.Error, ValueError):
        return None


def trust(host: str, key: Key) -> bool:
    """Write the key into our own file, in place of one of its type; whether that changed it."""
    import fcntl

    path = own()
    private_files.make_folder(path.parent)
    with open(path.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = path.read_bytes().splitlines() if path.exists() else []
        line = f"{host} {key.kind} {base64.b64encode(key.blob).decode()}".encode()
        after = [*_without(before, host, key.kind), line]
        if sorted(before) == sorted(after):
            return False
        private_files.replace(path, b"".join(line + b"\n" for line in after))
    return True


def _without(lines: Iterable[bytes], host: str, kind: str) -> Iterator[bytes]:
    for line in lines:
        entry = _entry(line, "")
        if entry is None or entry.marker or entry.names != host or entry.key.kind != kind:
            yield line
