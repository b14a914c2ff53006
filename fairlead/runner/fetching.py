"""What a step has written to a file of its host, or its engine has as an image, is brought here."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from fairlead.model import operator
from fairlead.model.errors import FairleadError
from fairlead.model.plan import Step, Target
from fairlead.runner import parallel
from fairlead.runner.part import PartRun
from fairlead.runner.phases import Plans
from fairlead.secrets import files

PRINT = 'sha256sum "$1" >&2 && exec cat "$1"'  # PATH: its digest on stderr, then the file


def fetch(
    part: PartRun,
    targets: Sequence[Target],
    plans: Plans,
    registered: Mapping[tuple[str, str], str],
) -> dict[str, FairleadError]:
    """The files that steps with `fetch_to` have registered; why one stays on its host, by host."""
    errors: dict[str, FairleadError] = {}

    def fetch_each(target: Target) -> None:
        try:
            for step in plans.steps_of(target):
                words = registered.get((target.host, step.register))
                if step.fetch_to and words:
                    _fetch_one(part, target, words, step)
        except FairleadError as error:
            errors[target.host] = error

    parallel.each(targets, fetch_each, part.common.fanout)
    return errors


def _fetch_one(
    part: PartRun,
    target: Target,
    words: str,
    step: Step,
) -> None:
    if step.fetch_by:
        from fairlead.runner import shelving  # brings tarfile, which hardly a plan needs

        shelving.keep(part, part.runs_on(target), words, step)
    else:
        _fetch(part, target, words, step.fetch_to)


def _fetch(
    part: PartRun,
    target: Target,
    path: str,
    folder: str,
) -> None:
    place = operator.path(folder) / target.host / Path(path).name
    try:
        _bring(part, target, path, place)
    except OSError as error:
        what = f"{place} cannot be written ({error.strerror})"
        raise _stays(target, path, what) from None
    part.notes.append(f"{target.host}: {path} is here as {place}")


def _bring(
    part: PartRun,
    target: Target,
    path: str,
    place: Path,
) -> None:
    """It is there whole, readable by us alone, or not at all."""
    files.make_folder(place.parent)
    with files.written(place) as file:
        if not _copy(part, target, path, file):
            raise _stays(target, path, "has not arrived whole")


def _copy(
    part: PartRun,
    target: Target,
    path: str,
    file: BinaryIO,
) -> bool:
    """Whether what has arrived is what the host has, by its digest."""
    digest, words = hashlib.sha256(), bytearray()

    def on_output(data: bytes) -> None:
        digest.update(data)
        file.write(data)

    host = part.runs_on(target)
    with part.connection_lock(host):
        connection = part.link(host).connection()
        argv = ("sh", "-c", PRINT, "sh", path)
        code = connection.session(argv, on_output=on_output, on_errors=words.extend)
    return code == 0 and digest.hexdigest().encode() in words


def _stays(target: Target, path: str, what: str) -> FairleadError:
    return FairleadError(target.host, f"{path} stays on the host: {what}", "copy it from there")
