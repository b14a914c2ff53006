"""Writes the candidates of an ops repository for the shells, in the operator's cache."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from invoke import Collection

import fairlead
from fairlead.cli.completion import candidates, learned
from fairlead.cli.completion.places import place
from fairlead.contract.discovery import PARENT
from fairlead.contract.loader import Plugins
from fairlead.inventory import yamlfile
from fairlead.model.errors import CommandLineError
from fairlead.secrets import files

EDITION = "fairlead 1"  # the first line: of files that another edition wrote no script reads any
SLACK = 2.0  # seconds: what changed so shortly before may not have been read any more


def renew(
    tasks: Collection,
    plugins: Plugins,
    folder: Path,
) -> Path:
    """Write the candidates; the file is as old as this run, so that what changes from now on is
    newer. Raises CommandLineError.
    """
    learned.begin(folder)
    paths = tuple(dict.fromkeys(_watched(folder)))
    date = max([time.time() - SLACK, *filter(_in_future, map(_changed, paths))])
    path = place(folder)
    lines = (
        EDITION,
        *candidates.of_sites(plugins, folder, _configured(folder)),
        *candidates.of_secrets(folder),
        *learned.lines(folder),
        *candidates.of_files(paths),
        *candidates.of_tasks(tasks, plugins.sources),
    )
    data = "".join(f"{line}\n" for line in lines).encode(errors="surrogateescape")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        files.replace(path, data)
        os.utime(path, (date, date))
    except OSError as error:
        remedy = "give yourself the folder, or name another in XDG_CACHE_HOME"
        what = f"cannot be written: {error.strerror}"
        raise CommandLineError(str(path), what, remedy) from None
    return path


def _configured(folder: Path) -> str:
    """The site that invoke.yaml names."""
    path = folder / "invoke.yaml"
    if not path.is_file():
        return ""
    tree = yamlfile.read(path.read_text("utf-8"), str(path), CommandLineError)
    return str(tree.part("fairlead").part("site").value or "")


def _changed(path: Path) -> float:
    return path.stat().st_mtime


def _in_future(moment: float) -> bool:
    return moment > time.time()


def _watched(folder: Path) -> Iterator[Path]:
    """What the candidates are made of: files, and the folders in which another may appear."""
    own = (folder, *(folder / name for name in ("tasks.py", "invoke.yaml", "sites", "secrets")))
    yield from (path for path in (*own, learned.place(folder)) if os.path.exists(path))
    yield from (folder / "sites").glob("*.yml")
    installed = (Path(path) for path in sys.path if next(Path(path).glob("*.dist-info"), None))
    yield from installed
    ours = Path(fairlead.__file__).parent
    for room in ("cli", "contract", "inventory"):
        yield from _modules(ours / room)
    for plugins in sys.modules[PARENT].__path__:
        yield from _modules(Path(plugins))


def _modules(folder: Path) -> Iterator[Path]:
    """The Python files below a folder, and the folders that hold any."""
    paths = [path for path in sorted(folder.rglob("*.py")) if "files" not in path.parts]
    yield from dict.fromkeys((folder, *(path.parent for path in paths)))
    yield from paths
