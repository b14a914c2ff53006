"""What `inv bundle` has packed, unpacked."""

import errno
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from fairlead import __version__
from fairlead.cli.bundle_file import IMAGES, Bundle
from fairlead.cli.commands import CommandResult
from fairlead.model import operator
from fairlead.model.errors import CommandLineError, FairleadError
from fairlead.operations.container.leftovers import human
from fairlead.runner.context import Context
from fairlead.runner.request import Common

WORK = ".unbundle"


def unbundle(
    context: Context,
    common: Common,
    *,
    file: Annotated[str, Meta(description="What inv bundle has written.")],
    to: Annotated[str, Meta(description="An empty folder, or one to make; default: here.")] = "",
) -> CommandResult:
    """Unpack a bundle into an empty folder, every file of it proved by its digest; a dry run only
    proves it. After it: `inv pull --ship=./images`, then `inv up`.
    """
    path, folder = operator.path(file), operator.path(to or ".")
    try:
        with path.open("rb") as source:
            bundle = Bundle(path, source)
            if common.only_shows:
                bundle.unpack(None)
            else:
                with _filled(folder) as work:
                    bundle.unpack(work)
    except OSError as error:
        what = f"{error.filename or folder}: {error.strerror}"
        raise FairleadError(str(path), what, "nothing was unpacked: mend that") from error
    manifest = bundle.manifest
    sizes = f"{len(manifest.files)} files, {human(manifest.size)}"
    lines = [f"{path}: whole, {sizes}, site {manifest.site}"]
    if manifest.fairlead != __version__:
        lines.append(f"made with fairlead {manifest.fairlead}; this is {__version__}")
    if not common.only_shows:
        lines += [f"unpacked in {folder}; next, there:", *_next(manifest.site)]
    data = {
        "file": str(path),
        "folder": "" if common.only_shows else str(folder),
        "site": manifest.site,
        "images": [{"name": image.name, "id": image.id} for image in manifest.images],
        "files": [part.path for part in manifest.files],
    }
    return CommandResult("\n".join(lines), data)


def _next(site: str) -> Iterator[str]:
    yield f"  inv --site={site} site.validate"
    yield f"  inv --site={site} pull --ship=./{IMAGES}"
    yield f"  inv --site={site} up"


@contextmanager
def _filled(folder: Path) -> Iterator[Path]:
    """A folder into which all is unpacked; it gets all of that, or is as it was.

    Raises CommandLineError, OSError.
    """
    is_new = not folder.exists()
    if is_new:
        folder.mkdir()
    elif any(folder.iterdir()):
        raise CommandLineError("--to", f"{folder} is not empty", "name an empty one, or a new one")
    work = folder / WORK
    work.mkdir()  # by another who unpacks here it is there already: then nothing is ours to clear
    placed: list[Path] = []
    try:
        yield work
        for path in list(work.iterdir()):
            place = folder / path.name
            if os.path.lexists(place):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(place))
            placed.append(place)
            path.rename(place)
        work.rmdir()
    except BaseException:
        _clear((*placed, work))
        if is_new and not any(folder.iterdir()):
            folder.rmdir()
        raise


def _clear(paths: Iterable[Path]) -> None:
    """What was unpacked, and nothing that somebody else has laid there meanwhile."""
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
