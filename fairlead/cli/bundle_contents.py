"""What of an ops repository goes into a bundle: one site and what it needs here, and no secret."""

import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from fairlead.inventory.site import files_in
from fairlead.model.errors import CommandLineError, SecretError
from fairlead.secrets import scan

FILES = ("invoke.yaml", "inv", "requirements.txt", "README.md")  # and *.py
TREES = ("tasks", "plugins")


def copy(
    folder: Path,
    site: Path,
    to: Path,
) -> tuple[str, ...]:
    """Copy it; the paths, in order. Raises CommandLineError, SecretError, OSError."""
    sources = dict(_sources(folder, site))
    for path, source in sources.items():
        copied = to / path
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, copied)
    _refuse_secrets(to)
    return tuple(sources)


def _refuse_secrets(folder: Path) -> None:
    remedy = f"take it out first (inv secrets.set keeps one); a line without: # {scan.ALLOWED}"
    for where, secret in scan.exposed(folder):
        what = f"{secret} would be in the bundle"
        raise SecretError(where, what, remedy)


def _sources(
    folder: Path,
    site: Path,
) -> Iterator[tuple[str, Path]]:
    """(path in the bundle, file here)."""
    for path in (*sorted(folder.glob("*.py")), *(folder / name for name in FILES)):
        if os.path.lexists(path):
            yield path.name, _plain(path)
    yield f"sites/{site.name}", site
    if site.parent.resolve() == (folder / "sites").resolve():
        yield from _tree(folder, "sites", _sites(folder, site))
    for name in TREES:
        yield from _tree(folder, name, set())


def _sites(folder: Path, site: Path) -> set[Path]:
    """The sites that are not meant, and the one that is, which goes by itself."""
    paths = (site, *files_in(folder))
    return {path.resolve() for path in paths}


def _tree(
    folder: Path,
    name: str,
    left_out: set[Path],
) -> Iterator[tuple[str, Path]]:
    for path in _paths(folder / name):
        if path.resolve() not in left_out:
            inside = path.relative_to(folder)
            yield str(inside), _plain(path)


def _paths(tree: Path) -> Iterator[Path]:
    """All that is below it and no folder, in order."""
    for at, folders, names in os.walk(tree):
        folders[:] = sorted(set(folders) - scan.SKIPPED)
        yield from (Path(at, name) for name in sorted(names))
        yield from _links(Path(at), folders)


def _links(folder: Path, names: Iterable[str]) -> Iterator[Path]:
    """What stands for a folder: no walk goes into it."""
    for name in names:
        path = folder / name
        if path.is_symlink():
            yield path


def _plain(path: Path) -> Path:
    """Raises CommandLineError for what is a link, a pipe or a device."""
    mode = path.lstat().st_mode
    if not stat.S_ISREG(mode):
        what = "is no plain file, and a bundle holds nothing else"
        remedy = "put the file itself there, or take it away"
        raise CommandLineError(str(path), what, remedy)
    return path
