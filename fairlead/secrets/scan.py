"""Secrets that lie open in a tree, which `inv secrets.check` finds."""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

SKIPPED = frozenset(
    (
        *(".git", ".venv", "__pycache__", ".pytest_cache", ".ruff_cache", ".hypothesis"),
        *("node_modules", "build", "dist"),
    )
)
PLAIN = ("recipients", ".gitignore", "README.md")  # what may lie in secrets/ as it is
LARGEST = 1 << 20  # bytes; a larger file is no text of ours
ALLOWED = "fairlead: no secret"
BLOCK = re.compile(r"^-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----\s*$")
AGE = re.compile(r"AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]{50,}")
VALUE = re.compile(  # KEY: VALUE, but no value that is YAML's own or empty
    r"""^\s*(?:-\s+)?["']?[\w-]*(?:password|passwd|passphrase|token|api[_-]?key)["']?\s*:\s+"""
    r"""(?![#{\[*&|>]|["']{2}|(?:null|~)\s*$)\S""",
    re.IGNORECASE,
)
LOGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s:@]+:[^/\s@]+@", re.IGNORECASE)


def exposed(folder: Path) -> Iterator[tuple[str, str]]:
    """(file:line, what) of every secret that lies open in a tree; in secrets/ also every file that
    is not encrypted."""
    for path in sorted(_files(folder)):
        name = str(path.relative_to(folder))
        if path.parent == folder / "secrets" and (fault := _fault_in_store(path)):
            yield name, fault
        if path.suffix != ".age" and path.stat().st_size <= LARGEST:
            yield from _in_text(path, name)


def _fault_in_store(path: Path) -> str:
    """Why a file should not lie in secrets/; "": it may."""
    if path.suffix != ".age":
        return "" if path.name in PLAIN else "is not encrypted"
    is_age = path.read_bytes().startswith(b"age-encryption.org/v1\n")
    return "" if is_age else "is no age file"


def _files(folder: Path) -> Iterator[Path]:
    for at, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in SKIPPED]
        paths = (Path(at, name) for name in names)
        yield from (path for path in paths if stat.S_ISREG(path.lstat().st_mode))


def _in_text(path: Path, name: str) -> Iterator[tuple[str, str]]:
    data = path.read_bytes()
    if b"\0" in data[:4096]:
        return
    in_site = path.parent.name == "sites" and path.suffix in (".yml", ".yaml")
    for number, line in enumerate(data.decode(errors="replace").splitlines(), 1):
        if ALLOWED not in line:
            yield from ((f"{name}:{number}", what) for what in _in_line(line, in_site))


def _in_line(line: str, in_site: bool) -> Iterator[str]:
    if BLOCK.match(line):
        yield "a private key"
    if AGE.search(line):
        yield "an age identity"
    if in_site and VALUE.match(line):
        yield "a password in a site file"
    if in_site and LOGIN.search(line):
        yield "a URL with a password"
