"""A file on a host: put in place whole or not at all."""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from itertools import chain

import msgspec

from fairlead.model.plan import Command, Noun, Secret, Step, either, then
from fairlead.operations import script
from fairlead.operations.digest import sha256

sh = script.beside(__file__)

AS_IT_IS = "-"  # mode and owner of a file that is somebody else's: those that it has


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
    name = name or f"file {path}"
    return Step(
        name=name,
        unless=sh("is_file", path, f"{mode:o}", owner, sha256(content)),
        do=write(path, name, mode, owner),
        undo=put_back(path, name),
        stdin=content,
        diff=difference(before or "", str(content), path) if shows else "",
    )


def write(
    path: str,
    name: str,
    mode: int = 0o644,
    owner: str = "root:root",
) -> Command:
    """What comes by stdin becomes the file; what stood there is kept, for `put_back`.

    `name` is the step's: each step of a plan has a copy of its own.
    """
    return sh("put", name, path, f"{mode:o}", owner)


def put_back(path: str, name: str) -> Command:
    """The file is as it was before `write` of the step `name`, or gone where there was none."""
    return sh("unput", name, path)


def difference(before: str, after: str, path: str) -> str:
    """What `diff -u` would say, without lines around; "" where both are the same.

    A byte that is no UTF-8 (a surrogate in the texts) is shown as U+FFFD.
    """
    from difflib import unified_diff

    lines = unified_diff(
        _readable(before).splitlines(True),
        _readable(after).splitlines(True),
        path,
        path,
        n=0,
    )
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def _readable(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


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


class EditedFile(PlacedFile):
    """A file that is somebody else's: where it is there, it keeps mode and owner, and a link to it
    stays one."""

    @property
    def words(self) -> tuple[str, str, str]:
        return (self.path, AS_IT_IS, AS_IT_IS)


class SecretFile(PlacedFile):
    """A secret as a file of a host."""

    mode: int = 0o600


def together(
    files: Iterable[PlacedFile],
    name: str,
    after: Command | None = None,
    after_undo: Command | None = None,
    before_undo: Command | None = None,
) -> Step:
    """The Step that makes files be as given, all or none; `after` is done after a change (a
    reload).

    Undo: `before_undo` is done, the old ones are back in any case, then `after_undo` is done
    (default: `after`, which may fail there).
    """
    files = tuple(files)
    words = tuple(chain.from_iterable(file.words for file in files))
    do: Command = sh("put_files", name, *words)
    undo: Command = sh("unput_files", name, *words)
    if after:
        do, undo = then(do, after), then(undo, after_undo or either(after, ("true",)))
    if before_undo:
        undo = either(then(before_undo, undo), then(undo, ("false",)))
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
    after_undo: Command | None = None,
    before_undo: Command | None = None,
) -> Step:
    """`together`, of texts that anybody may read, and that others may have written before us: see
    EditedFile.

    `before` is what a fact found in them: the difference is shown before it is made. A byte that is
    no UTF-8 stands in both as a surrogate, and stays.
    """
    files = [
        EditedFile(path, text.encode("utf-8", "surrogateescape")) for path, text in contents.items()
    ]
    diffs = (
        difference(
            before.get(path, ""),
            text,
            path,
        )
        for path, text in contents.items()
    )
    step = together(files, name, after, after_undo, before_undo)
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
