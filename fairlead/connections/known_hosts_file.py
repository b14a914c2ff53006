"""One known_hosts file, read once: which of its lines mean a host.

What is kept are the names, to be looked up, and where their lines begin. Hashed names have to be
tried one after the other, as ssh does.
"""

import binascii
import hmac
import os
import re
import threading
from array import array
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, NamedTuple

SALT = 20  # bytes, as ssh insists
MARKER, HASH, REMARK = b"@", b"|", b"#"
WILD = re.compile(rb"[*?!]")

Line = tuple[int, bytes]  # its number, and what stands there


class Hashed(NamedTuple):
    """The hashed name of a line."""

    salt: bytes
    digest: bytes
    position: int  # of the line


class KnownHostsFile:
    """The lines of a file by the names that they are about."""

    def __init__(self, lines: Iterable[bytes]):
        self._offsets = array("Q", [0])
        self._first: dict[bytes, int] = {}  # name -> the first line that has it
        self._further: dict[bytes, list[int]] = {}
        self._with_patterns: list[tuple[list[bytes], int]] = []
        self._hashed: list[Hashed] = []
        self._matches: dict[bytes, tuple[int, ...]] = {}  # of the hosts that were looked up
        for index, line in enumerate(lines):
            self._offsets.append(self._offsets[index] + len(line))
            names = _names(line)
            if names and not names.startswith(REMARK):
                self._add(index, names)

    def _add(self, index: int, names: bytes) -> None:
        if names.startswith(HASH):
            self._hashed += _hashed(names, index)
            return
        patterns = names.lower().split(b",")
        if WILD.search(names):
            self._with_patterns.append((patterns, index))
        else:
            for name in patterns:
                if self._first.setdefault(name, index) != index:
                    self._further.setdefault(name, []).append(index)

    def lines(self, file: BinaryIO, host: bytes) -> tuple[Line, ...]:
        """Those that mean this host, in their order, from the file that was read."""
        if host not in self._matches:
            self._matches[host] = tuple(sorted(set(self._indexes(host))))
        return tuple(self._lines(file, self._matches[host]))

    def _lines(self, file: BinaryIO, indexes: Iterable[int]) -> Iterator[Line]:
        for index in indexes:
            file.seek(self._offsets[index])
            yield index + 1, file.readline()

    def _indexes(self, host: bytes) -> Iterator[int]:
        if host in self._first:
            yield self._first[host]
        yield from self._further.get(host, ())
        yield from (index for patterns, index in self._with_patterns if _is_meant(patterns, host))
        digest = hmac.digest
        yield from (
            line for salt, known, line in self._hashed if digest(salt, host, "sha1") == known
        )


State = tuple[int, ...]
_FILES: dict[Path, tuple[State, KnownHostsFile]] = {}
_LOCK = threading.Lock()  # who wants the same file meanwhile waits until it is read


def lines_about(path: Path, host: str) -> tuple[Line, ...]:
    """The lines of a file that mean a host. It is read again only where it has changed.

    Raises OSError.
    """
    with path.open("rb") as file, _LOCK:
        status = os.fstat(file.fileno())
        state = (status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size)
        if path not in _FILES or _FILES[path][0] != state:
            _FILES[path] = (state, KnownHostsFile(file))
        return _FILES[path][1].lines(file, host.encode(errors="surrogateescape"))


def _names(line: bytes) -> bytes:
    """The names field of a line, which may stand behind a marker; b"" where there is none."""
    words = line.split(None, 1)
    if words and words[0].startswith(MARKER):
        words = words[1].split(None, 1) if len(words) > 1 else []
    return words[0] if words else b""


def _hashed(names: bytes, index: int) -> Iterator[Hashed]:
    """A names field that is hashed; nothing where it is broken."""
    try:
        _, kind, salt, digest = names.split(HASH)
        hashed = Hashed(binascii.a2b_base64(salt), binascii.a2b_base64(digest), index)
    except (ValueError, binascii.Error):
        return
    if kind == b"1" and len(hashed.salt) == SALT:
        yield hashed


def _is_meant(patterns: Iterable[bytes], host: bytes) -> bool:
    """Whether patterns with * and ? mean the host, and none with a ! before it excludes it."""
    is_meant = False
    for pattern in patterns:
        if pattern.startswith(b"!"):
            if is_like(pattern[1:], host):
                return False
        elif not is_meant:
            is_meant = is_like(pattern, host)
    return is_meant


def is_like(pattern: bytes, host: bytes) -> bool:
    """Whether a pattern with * and ? means a host, as in known_hosts and ssh_config."""
    return pattern == host or _pattern(pattern).fullmatch(host) is not None


@lru_cache(4096)
def _pattern(pattern: bytes) -> re.Pattern[bytes]:
    text = re.escape(re.sub(rb"\*+", b"*", pattern))
    return re.compile(text.replace(rb"\*", b".*").replace(rb"\?", b"."), re.DOTALL)
