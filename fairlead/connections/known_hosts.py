"""Which host keys are trusted: known_hosts files, read line by line, and the refusal of every key that they do not hold.

The format is that of sshd(8), SSH_KNOWN_HOSTS FILE FORMAT. A line that is broken, or of a kind that means nothing to us, costs only itself.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from fairlead.model.errors import HostKeyRefused
from fairlead.model.plan import Noun

USER = ("~/.ssh/known_hosts", "~/.ssh/known_hosts2")
SYSTEM = ("/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2")


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
    """One line of a known_hosts file. `marker` is "" or @revoked."""

    where: str  # file:line
    marker: str
    names: str
    key: Key


def own() -> Path:
    """The file that `inv hosts.trust` writes."""
    state = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return Path(state, "fairlead", "known_hosts")


def files(site_file: str, config: Mapping[str, str]) -> tuple[Path, ...]:
    """Every file that is asked: ours, the site's, the user's, the system's; the latter two as ssh_config (its options, in lower case) has them."""
    user = _listed(config.get("userknownhostsfile", ""), USER)
    system = _listed(config.get("globalknownhostsfile", ""), SYSTEM)
    return tuple(
        dict.fromkeys(
            Path(os.path.expanduser(path))
            for path in (str(own()), site_file, *user, *system)
            if path
        )
    )


def _listed(text: str, default: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return (
            tuple(path for path in shlex.split(text) if path.lower() != "none") if text else default
        )
    except ValueError:
        return default


def name(address: str, port: int, config: Mapping[str, str] | None = None) -> str:
    """The name under which the keys of an address stand: HostKeyAlias of ssh_config, else the address, with the port where it is not 22."""
    alias = (config or {}).get("hostkeyalias", "")
    return (alias or (address if port == 22 else f"[{address}]:{port}")).lower()


def known(host: str, paths: Iterable[Path]) -> tuple[KnownHost, ...]:
    """Every entry for that name, in the order of the files."""
    return tuple(entry for path in paths for entry in entries(path) if _matches(entry.names, host))


def kinds(found: Iterable[KnownHost]) -> tuple[str, ...]:
    """The key types that are known, the ones to ask for first."""
    return tuple(dict.fromkeys(entry.key.kind for entry in found if not entry.marker))


def check(where: str, address: str, key: Key, found: Iterable[KnownHost], remedy: str) -> None:
    """Raise HostKeyRefused unless the key is among the known ones, and not revoked. `remedy` is what would trust it."""
    found = tuple(found)
    revoked = next((entry.where for entry in found if entry.marker and entry.key == key), "")
    if revoked:
        raise HostKeyRefused(
            where,
            f"its host key {key} is revoked in {revoked}",
            "it must not be used; give the host a new one",
        )
    valid = [entry for entry in found if not entry.marker]
    if any(entry.key == key for entry in valid):
        return
    if not valid:
        raise HostKeyRefused(
            where,
            f"its host key at {address} is not known: {key}",
            f"if that is the right one: {remedy}",
        )
    before = next((entry for entry in valid if entry.key.kind == key.kind), valid[0])
    raise HostKeyRefused(
        where,
        f"its host key at {address} has changed: now {key}, known is {before.key} ({before.where})",
        f"somebody may be in between; if it has been installed anew and that is the right one: {remedy}",
    )


def entries(path: Path) -> tuple[KnownHost, ...]:
    """What a file says; nothing if it is not there."""
    try:
        state = path.stat()
        return _read(path, state.st_mtime_ns, state.st_size)
    except OSError:
        return ()


@lru_cache(64)
def _read(path: Path, *_: int) -> tuple[KnownHost, ...]:
    lines = path.read_bytes().decode(errors="replace").split("\n")
    return tuple(
        entry for number, line in enumerate(lines, 1) if (entry := _entry(line, f"{path}:{number}"))
    )


def _entry(line: str, where: str) -> KnownHost | None:
    words = line.split()
    marker = words.pop(0) if words and words[0].startswith("@") else ""
    if marker not in ("", "@revoked") or len(words) < 3 or words[0].startswith("#"):
        return None
    try:
        return KnownHost(
            where, marker, words[0], Key(words[1], base64.b64decode(words[2], validate=True))
        )
    except (binascii.Error, ValueError):
        return None


def _matches(names: str, host: str) -> bool:
    """Whether the name field of a line means this host: hashed, or patterns with * ? and ! before those that are excluded."""
    if names.startswith("|"):
        return _is_hash_of(names, host)
    patterns = names.lower().split(",")
    if any(pattern[:1] == "!" and _like(pattern[1:], host) for pattern in patterns):
        return False
    return any(_like(pattern, host) for pattern in patterns if pattern[:1] != "!")


@lru_cache(4096)
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(
        "".join({"*": ".*", "?": "."}.get(letter) or re.escape(letter) for letter in pattern),
        re.DOTALL,
    )


def _like(pattern: str, host: str) -> bool:
    return pattern == host or (
        ("*" in pattern or "?" in pattern) and _pattern(pattern).fullmatch(host) is not None
    )


def _is_hash_of(field: str, host: str) -> bool:
    try:
        _, kind, salt, digest = field.split("|")
        return kind == "1" and hmac.compare_digest(
            base64.b64decode(digest), hmac.digest(base64.b64decode(salt), host.encode(), "sha1")
        )
    except (ValueError, binascii.Error):
        return False


def trust(host: str, key: Key) -> bool:
    """Write the key into our own file, in place of one of its type; whether that changed it."""
    import fcntl

    path = own()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(path.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = path.read_text(errors="replace").splitlines() if path.exists() else []
        after = [
            *_without(before, host, key.kind),
            f"{host} {key.kind} {base64.b64encode(key.blob).decode()}",
        ]
        if sorted(before) == sorted(after):
            return False
        _replace(path, "\n".join(after) + "\n")
    return True


def _without(lines: Iterable[str], host: str, kind: str) -> Iterator[str]:
    for line in lines:
        entry = _entry(line, "")
        if entry is None or entry.marker or entry.names != host or entry.key.kind != kind:
            yield line


def _replace(path: Path, text: str) -> None:
    import tempfile

    with tempfile.NamedTemporaryFile(
        "w", dir=path.parent, prefix=path.name, delete=False
    ) as new:  # made with mode 0600
        new.write(text)
        new.flush()
        os.fsync(new.fileno())
    os.replace(new.name, path)
