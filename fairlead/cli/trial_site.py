"""A site file with other lines is tried beside the one that is there, before it takes its place."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec.structs import replace

from fairlead.cli.group_sources import GroupSources
from fairlead.contract.loader import Plugins
from fairlead.inventory import site as sites
from fairlead.inventory.site import Site
from fairlead.model.errors import SiteError
from fairlead.secrets import files


def text_of(path: Path) -> str:
    """What stands in a site file; "" where there is none yet."""
    return path.read_bytes().decode("utf-8") if path.exists() else ""


def read(path: Path, text: str, plugins: Plugins) -> Site:
    """The site as it would be with this text; the file stays as it is. Raises SiteError."""
    with _trial(path, text) as trial:
        site = _site(trial, path, plugins)
    return replace(site, name=path.stem, path=str(path))


def put(path: Path, text: str, plugins: Plugins) -> None:
    """Write a site file, once it is proved that the site can be read so.

    Raises SiteError; then the file is as it was.
    """
    with _trial(path, text) as trial:
        _site(trial, path, plugins)
        trial.replace(path)


@contextmanager
def _trial(path: Path, text: str) -> Iterator[Path]:
    """A file of this text beside the site's, which goes again."""
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    trial = path.with_name(f".{path.stem}.{os.getpid()}.import.yml")
    try:
        files.replace(trial, text.encode(), mode)
        trial.chmod(mode)  # whatever the umask is
        yield trial
    except OSError as error:
        what = f"cannot be written: {error.strerror}"
        raise SiteError(str(path), what, "nothing was changed") from None
    finally:
        trial.unlink(missing_ok=True)


def _site(trial: Path, path: Path, plugins: Plugins) -> Site:
    """The site of the trial. Raises SiteError where it would not be well."""
    try:
        return sites.load(trial, plugins.systems, plugins.settings(), GroupSources(plugins))
    except SiteError as error:
        where = re.sub(r"\S*\.import\.yml", str(path), error.where)
        what = f"would be wrong with these lines: {error.what}"
        raise SiteError(where, what, f"{error.remedy}; nothing was written") from None
