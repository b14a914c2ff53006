"""What a source of hosts and groups may do: read files here, and run commands for a while."""

import glob
import os
import time
from collections.abc import Callable

from fairlead.connections.process import capture
from fairlead.model import operator
from fairlead.model.errors import SiteError
from fairlead.model.sources import SourceAccess, SourceSettings

NOT_THERE = 127  # exit code: no such program
LARGEST = 1 << 22  # bytes of a file, or of what a command prints


def access(
    settings: SourceSettings,
    file: str,
    group: str = "",
) -> SourceAccess:
    """The access of a source; all that it runs has `settings.timeout` seconds together."""
    return SourceAccess(
        settings=settings,
        file=file,
        group=group,
        read=_read,
        glob=_glob,
        run=_runner(settings.timeout),
    )


def _read(path: str) -> str:
    try:
        data = operator.path(path).read_bytes()
        return _text(data, path)
    except OSError as error:
        what = f"cannot be read: {error.strerror}"
        raise SiteError(path, what, "name the file") from None


def _glob(pattern: str) -> tuple[str, ...]:
    """The files of a pattern; none of the hidden ones."""
    names = sorted(glob.glob(os.path.expanduser(pattern)))
    return tuple(filter(os.path.isfile, names))


def _text(
    data: bytes,
    where: str,
) -> str:
    if len(data) > LARGEST:
        raise SiteError(where, "is larger than 4 MiB", "give less")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SiteError(where, "is not UTF-8", "give it as UTF-8") from None


def _runner(timeout: float) -> Callable[[tuple[str, ...]], str]:
    deadline = time.monotonic() + timeout

    def run(
        argv: tuple[str, ...],
    ) -> str:
        remaining = max(deadline - time.monotonic(), 0.001)
        code, out, errors = capture(argv, remaining)
        if code == 0:
            return _text(out, argv[0])
        if code == NOT_THERE:
            remedy = "run it where it is: name `through`, or give what it prints with --file"
            raise SiteError(argv[0], "cannot be run here", remedy)
        last = "".join(errors.strip().splitlines()[-1:])
        what = f"ended with {code}"
        if code == 124:
            what, last = f"has not answered in {timeout:g} s", ""
        what = f"{what}: {last}" if last else what
        raise SiteError(" ".join(argv)[:80], what, "run it by hand to see why")

    return run
