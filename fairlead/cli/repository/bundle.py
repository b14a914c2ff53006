"""An ops repository and its images as one file."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta
from msgspec.structs import replace

from fairlead import __version__
from fairlead.cli import bundle_contents, bundle_file, templates
from fairlead.cli.bundle_file import IMAGES, Manifest
from fairlead.cli.commands import CommandResult
from fairlead.model import operator
from fairlead.model.errors import CommandLineError, FairleadError
from fairlead.model.results import RunResult
from fairlead.operations.container.leftovers import human
from fairlead.operations.image import shelf
from fairlead.runner import driver
from fairlead.runner.context import Context
from fairlead.runner.request import Common


def bundle(
    context: Context,
    common: Common,
    *,
    from_: Annotated[
        str,
        Meta(
            description="Hosts that have the images (inv pull): for each system one that is its.",
            extra={"completes": "hosts"},
        ),
    ],
    file: Annotated[str, Meta(description="The file to write; it must not be there yet.")],
) -> CommandResult:
    """Pack the site, plugins/ and the images that the site names into one file, for a place without
    network: `fairlead unbundle` there, then `inv pull --ship=./images`. No secrets go along.
    """
    path = operator.path(file)
    if os.path.lexists(path):
        raise CommandLineError("--file", f"{path} is there already", "name another file")
    site = context.site()
    hosts = site.resolve(from_, where="--from")
    with _written(path) as work:
        stage = work / "stage"
        paths = bundle_contents.copy(templates.folder_of(context), Path(site.path), stage)
        packed, code = _fetch(context, common, hosts, stage / IMAGES)
        without = [*_without_image(context, packed)]
        if code or common.only_shows:
            return _foreseen(paths, without, code)
        manifest = _manifest(site.name, stage, paths)
        digest = _write(work / "bundle", manifest, stage)
        shutil.rmtree(stage)
        (work / "bundle").rename(path)
    lines = (
        f"{path}: {human(manifest.size)}, {len(paths)} files, images:",
        *(f"  {image.name}  {image.id[:12]}" for image in manifest.images),
        *_remarks(without),
        f"sha256 {digest}",
        f"there: fairlead unbundle {path.name} --to=FOLDER",
    )
    return CommandResult("\n".join(lines), _data(path, manifest, digest, without))


def _foreseen(
    paths: Iterable[str],
    without: Iterable[str],
    code: int,
) -> CommandResult:
    """What a dry run says; where the hosts have failed they have said so."""
    lines = (*(f"  would pack  {path}" for path in paths), *_remarks(without))
    text = "" if code else "\n".join(lines)
    return CommandResult(text, {"file": "", "files": [*paths]}, code)


def _remarks(without: Iterable[str]) -> Iterator[str]:
    """What has to come in another way."""
    names = ", ".join(without)
    if names:
        yield f"no image of {names}: such are built there, or come in another way"
    yield "no secrets: take secrets/ along by yourself, or make new ones there"


@contextmanager
def _written(path: Path) -> Iterator[Path]:
    """A folder beside a file, which goes in any case. Raises CommandLineError, FairleadError."""
    if not path.parent.is_dir():
        raise CommandLineError("--file", f"there is no folder {path.parent}", "make it")
    try:
        work = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
        try:
            yield work
        finally:
            _remove(work)
    except OSError as error:
        what = f"cannot be written: {error.strerror} ({error.filename or path.parent})"
        raise FairleadError(str(path), what, "make room: it takes twice its size") from error


def _remove(folder: Path) -> None:
    """Also where Ctrl-C comes meanwhile."""
    try:
        shutil.rmtree(folder)
    except KeyboardInterrupt:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _fetch(
    context: Context,
    common: Common,
    hosts: Iterable[str],
    folder: Path,
) -> tuple[set[str], int]:
    """Bring the images of hosts; of which components, and the exit code."""
    packed: set[str] = set()
    for host in hosts:
        before = shelf.index(folder).images
        result = _pull(context, common, host, folder)
        if result.code:
            return packed, result.code
        packed |= {f"{row.system}.{row.component}" for row in result.hosts if row.steps}
        after = shelf.index(folder).images
        for image in set(before) - set(after):
            what = f"{host} has another image {image.name} than a host before it"
            raise CommandLineError("--from", what, "name one of both hosts")
    return packed, 0


def _without_image(context: Context, packed: Collection[str]) -> Iterator[str]:
    """Components of the site whose image no host of these has, and systems that have no `pull`."""
    site, plugins = context.site(), context.plugins
    for system in site.sections:
        names = plugins.systems[system].components
        components = [plugins.component(system, name) for name in names]
        pulled = [component for component in components if "pull" in component.verbs]
        if not pulled:
            yield system
        for component in pulled:
            is_packed = repr(component) in packed
            if not is_packed and site.hosts_of(system, component.name):
                yield repr(component)


def _pull(
    context: Context,
    common: Common,
    host: str,
    folder: Path,
) -> RunResult:
    """Copies of a host's images; no registry is asked."""
    options = {"ship": host, "to": str(folder)}
    request = driver.Request(verb="pull", options=options)
    alone = replace(common, hosts=(host,))
    return driver.perform(request, alone, context)


def _manifest(site: str, stage: Path, paths: tuple[str, ...]) -> Manifest:
    images = shelf.index(stage / IMAGES).images
    archives = sorted({image.file for image in images})
    names = (shelf.INDEX, *archives) if images else ()
    shelved = (f"{IMAGES}/{name}" for name in names)
    files = bundle_file.described(stage, (*paths, *shelved))
    return Manifest(
        fairlead=__version__,
        site=site,
        images=images,
        files=files,
    )


def _write(
    path: Path,
    manifest: Manifest,
    stage: Path,
) -> str:
    """Write it; its digest."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL
    descriptor = os.open(path, flags, 0o600)
    with open(descriptor, "w+b") as file:
        bundle_file.write(file, manifest, stage)
        file.flush()
        os.fsync(descriptor)
        file.seek(0)
        return hashlib.file_digest(file, "sha256").hexdigest()


def _data(
    path: Path,
    manifest: Manifest,
    digest: str,
    without: list[str],
) -> dict[str, Any]:
    return {
        "file": str(path),
        "sha256": digest,
        "bytes": path.stat().st_size,
        "images": [{"name": image.name, "id": image.id} for image in manifest.images],
        "files": [file.path for file in manifest.files],
        "without_image": without,
    }
