"""A file on a host: put in place whole or not at all."""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from itertools import chain

import msgspec

from fairlead.model.plan import Command, Noun, Secret, Step, either, then
from fairlead.operations import script
from fairlead.operations.digest import sha256

sh = script.beside(__file__)


def put(
    path: str,
    content: str | bytes,
    mode: int = 0o644,
    owner: str = "root:root",
    name: str = "",
    before: str | None = None,
) -> Step:
    """The Step that makes a file be as given: content, mode and owner (`user:group`).

    `path` is absolute. Undo: the old file, or none, is back. With `before`, what a fact found in it
    ("" for no such file), the difference is shown before it is made. Not for secrets, whose
    question must not name the content's sha256: see `secrets`.
    """
    shows = before is not None and isinstance(content, str)
    return Step(
        name=name or f"file {path}",
        unless=sh("is_file", path, f"{mode:o}", owner, sha256(content)),
        do=write(path, mode, owner),
        undo=put_back(path),
        stdin=content,
        diff=difference(before or "", str(content), path) if shows else "",
    )


def write(path: str, mode: int = 0o644, owner: str = "root:root") -> Command:
    """What comes by stdin becomes the file; what stood there is kept, for `put_back`."""
    return sh("put", path, f"{mode:o}", owner)


def put_back(path: str) -> Command:
    """The file is as it was before `write`, or gone where there was none."""
    return sh("unput", path)


def difference(before: str, after: str, path: str) -> str:
    """What `diff -u` would say, without lines around; "" where both are the same."""
    from difflib import unified_diff

    lines = unified_diff(
        before.splitlines(True),
        after.splitlines(True),
        path,
        path,
        n=0,
    )
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


# Secrets: their bytes come by stdin alone, one base64 line for each file, to the question too; no
# hash of them stands anywhere


class PlacedFile(Noun):
    """A file of a host; `path` is absolute, `owner` is `user:group`."""

    path: str
    value: Secret | bytes
    mode: int = 0o644
    owner: str = "root:root"

    @property
    def words(self) -> tuple[str, str, str]:
        """Path, mode and owner, as words of a command."""
        return (self.path, f"{self.mode:o}", self.owner)

    @property
    def line(self) -> bytes:
        """Its content as a line of stdin."""
        content = self.value.reveal() if isinstance(self.value, Secret) else self.value
        return b64encode(content) + b"\n"


class SecretFile(PlacedFile):
    """A secret as a file of a host."""

    mode: int = 0o600


def together(
    files: Iterable[PlacedFile],
    name: str,
    after: Command | None = None,
    after_undo: Command | None = None,
) -> Step:
    """The Step that makes files be as given, all or none; `after` is done after a change (a
    reload).

    Undo: the old ones are back, then `after_undo` is done (default: `after`, which may fail there).
    """
    files = tuple(files)
    words = tuple(chain.from_iterable(file.words for file in files))
    do: Command = sh("put_files", *words)
    undo: Command = sh("unput_files", *words)
    if after:
        do, undo = then(do, after), then(undo, after_undo or either(after, ("true",)))
    return Step(
        name=name,
        unless=sh("hold_files", *words),
        do=do,
        undo=undo,
        stdin=b"".join(file.line for file in files),
        compares=True,
    )


def texts(
    contents: Mapping[str, str],
    name: str,
    before: Mapping[str, str],
    after: Command,
    after_undo: Command,
) -> Step:
    """`together`, of texts that anybody may read.

    `before` is what a fact found in them: the difference is shown before it is made.
    """
    files = [
        PlacedFile(
            path,
            text.encode(),
            0o644,
        )
        for path, text in contents.items()
    ]
    diffs = (
        difference(
            before.get(path, ""),
            text,
            path,
        )
        for path, text in contents.items()
    )
    step = together(files, name, after, after_undo)
    return msgspec.structs.replace(step, diff="".join(diffs))


def secrets(
    files: Iterable[SecretFile],
    name: str,
    after: Command | None = None,
) -> Step:
    """`together`, of secrets: their bytes are in nothing that is shown."""
    files = tuple(files)
    step = together(files, name, after)
    content = b"".join(file.line for file in files)
    return msgspec.structs.replace(step, stdin=Secret(content), sensitive=True)
