"""Where plugins lie: folders, what fairlead brings itself, and installed packages."""

import importlib
import importlib.util
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType

from fairlead.contract.hookspecs import PROJECT
from fairlead.model.errors import PluginError

PARENT = "fairlead_plugins"  # the wheel carries our own systems under this name


def packages(folders: Iterable[Path], path: Iterable[str]) -> tuple[str, ...]:
    """Names of the packages in the folders (plugins/NAME/__init__.py), of ours, of entry points.

    `path`: where packages are installed, as in sys.path. Where two folders hold one name, the first
    has it, and ours come last.
    """
    names = (*_from_folders(folders), *_from_entry_points(path))
    return tuple(dict.fromkeys(names))


def import_(name: str) -> ModuleType:
    """The module of this name. Raises PluginError."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        what, remedy = f"cannot be imported: {error}", "mend it, or take its folder away"
        raise PluginError(name, what, remedy) from error


def submodule(package: ModuleType, name: str) -> ModuleType:
    """A module of a package. Raises PluginError."""
    return import_(f"{package.__name__}.{name}")


def text_of(name: str) -> str:
    """The text of a module that need not be imported; "" where it is not there or has none."""
    spec = importlib.util.find_spec(name)
    get_source = getattr(spec and spec.loader, "get_source", None)
    return (get_source and get_source(name)) or ""


def _from_folders(folders: Iterable[Path]) -> Iterator[str]:
    parent = sys.modules.get(PARENT) or _parent()
    ours = parent.__dict__.setdefault("ours", tuple(parent.__path__))
    search_path = list(dict.fromkeys([*map(str, folders), *ours]))
    parent.__path__ = search_path
    for folder in search_path:
        for init in sorted(Path(folder).glob("*/__init__.py")):
            yield f"{PARENT}.{init.parent.name}"


def _parent() -> ModuleType:
    try:
        return importlib.import_module(PARENT)
    except ModuleNotFoundError:
        module = ModuleType(PARENT)
        module.__path__ = []
        sys.modules[PARENT] = module
        return module


def _from_entry_points(path: Iterable[str]) -> Iterator[str]:
    """What importlib.metadata would find, without the 20 ms that importing it costs.

    It reads the entry_points.txt of all that is installed.
    """
    for folder in map(Path, path):
        for kind in ("dist-info", "egg-info"):
            for file in folder.glob(f"*.{kind}/entry_points.txt"):
                yield from _entries(file.read_text("utf-8"))


def _entries(entry_points: str) -> Iterator[str]:
    """The packages in the section [fairlead] of an entry_points.txt."""
    section = ""
    for line in map(str.strip, entry_points.splitlines()):
        if line.startswith("["):
            section = line.strip("[] ")
        elif section == PROJECT and "=" in line and not line.startswith("#"):
            yield line.partition("=")[2].strip().partition(" ")[0]
