"""Secrets that lie open in a tree, which `inv secrets.check` finds."""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

SKIPPED = frozenset(
    {
        ".git",
        ".venv",
        "__pycache__",
        ".pytest_cache",
        ".ruff_cache",
        ".hypothesis",
        "node_modules",
        "build",
        "dist",
    }
)
LARGEST = 1 << 20  # bytes; a larger file is no text of ours
ALLOWED = "fairlead: no secret"
BLOCK = re.compile(r"^-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----\s*$")
AGE = re.compile(r"AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]{50,}")
VALUE = re.compile(
    r"""^\s*(?:-\s+)?["']?[\w-]*(?:password|passwd|passphrase|token|api[_-]?key)["']?\s*:\s+(?![#{\[*&|>]|["']{2}|(?:null|~)\s*$)\S""",
    re.IGNORECASE,
)
LOGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s:@]+:[^/\s@]+@", re.IGNORECASE)


def plain(folder: Path) -> Iterator[tuple[str, str]]:
    """(file:line, what) of every secret that lies open in a tree; in secrets/ also every file that is not encrypted."""
    for path in sorted(_files(folder)):
        name = str(path.relative_to(folder))
        if path.parent == folder / "secrets":
            if path.suffix == ".age" and not path.read_bytes().startswith(
                b"age-encryption.org/v1\n"
            ):
                yield name, "is no age file"
            elif path.suffix != ".age" and path.name not in (
                "recipients",
                ".gitignore",
                "README.md",
            ):
                yield name, "is not encrypted"
        if path.suffix != ".age" and path.stat().st_size <= LARGEST:
            yield from _in_text(path, name)


def _files(folder: Path) -> Iterator[Path]:
    for at, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in SKIPPED]
        yield from (
            path for name in names if stat.S_ISREG((path := Path(at, name)).lstat().st_mode)
        )


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
