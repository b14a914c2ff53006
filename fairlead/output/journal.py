"""An observer that records what was done, when, by whom.

One line of JSON for each verb, in the operator's own state folder; the hosts keep their own.
"""

import fcntl
import itertools
import json
import os
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from fairlead import __version__
from fairlead.contract.verbs import traits
from fairlead.model import operator
from fairlead.model.results import HostResult, Progress, RunResult

TIME = "%Y-%m-%dT%H:%M:%SZ"  # texts of it sort by time
LIMIT = 1 << 20  # bytes; then, and each month, a new file is begun, and the old one stays
HEAD = 64  # bytes, in which the time of the first line stands
BEGUN = re.compile(rb'"time": "([0-9]{4}-[0-9]{2})')


def folder() -> Path:
    """The folder of what fairlead remembers on this machine.

    $XDG_STATE_HOME/fairlead, else ~/.local/state/fairlead.
    """
    return (
        Path(os.environ.get("XDG_STATE_HOME") or Path(operator.home(), ".local/state")) / "fairlead"
    )


class Journal:
    """Writes the line when a verb has ended.

    Verbs that only look leave none, unless they changed something (preflight --fix).
    """

    def __init__(self, path: Path | None = None):
        self.path = path or folder() / "journal.jsonl"

    def began(
        self,
        verb: str,
        site: str,
        run: str,
        hosts: tuple[str, ...],
    ) -> None: ...
    def progress(self, progress: Progress) -> None: ...
    def output(
        self,
        host: str,
        data: bytes,
        errors: bool = False,
    ) -> None: ...
    def remark(self, text: str) -> None: ...

    def ended(self, result: RunResult) -> None:
        if not is_remembered(result):
            return
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = _opened(self.path)
        line = json.dumps(entry(result)) + "\n"
        try:
            os.write(descriptor, (_missing_end(descriptor) + line).encode())
        finally:
            os.close(descriptor)


def is_remembered(result: RunResult) -> bool:
    """Whether a run was to change something, or did."""
    verb = result.verb.rpartition(".")[2]
    return traits(verb).changes or result.changed


def _opened(path: Path) -> int:
    """The journal, locked, to write at its end; one that is full or of another month has been put
    aside.
    """
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o640)
        with suppress(OSError):  # a file system without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        is_current = _is_file(path, descriptor)
        if is_current and not _is_over(descriptor):
            return descriptor
        if is_current:
            path.rename(_aside(path, len(_pieces(path)) + 1))
        os.close(descriptor)


def _missing_end(descriptor: int) -> str:
    """What ends the last line, should a full disk have cut it short."""
    size = os.fstat(descriptor).st_size
    return "\n" if size and os.pread(descriptor, 1, size - 1) != b"\n" else ""


def _is_file(
    path: Path,
    descriptor: int,
) -> bool:
    """Whether nobody has put it aside since we opened it."""
    with suppress(FileNotFoundError):
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    return False


def _is_over(descriptor: int) -> bool:
    if os.fstat(descriptor).st_size > LIMIT:
        return True
    head = os.pread(descriptor, HEAD, 0)
    begun = BEGUN.search(head)
    if begun is None:
        return False
    now = time.strftime(TIME, time.gmtime())
    return not now.encode().startswith(begun[1])


def entry(result: RunResult) -> dict[str, Any]:
    """What the journal says of a run: never what a step printed."""
    flags = {"flags": list(result.flags)} if result.flags else {}
    options = {"options": dict(result.options)} if result.options else {}
    common = {"common": dict(result.common)} if result.common else {}
    reason = {"reason": result.reason} if result.reason else {}
    return {
        "time": time.strftime(TIME, time.gmtime()),
        "run": result.run,
        "who": operator.name(),
        "site": result.site,
        "verb": result.verb,
        "fairlead": __version__,
        **({"revision": result.revision} if result.revision else {}),
        **flags,
        **options,
        **common,
        **reason,
        "code": result.code,
        "hosts": [*map(_row, result.hosts)],
    }


def _row(row: HostResult) -> dict[str, Any]:
    seconds: dict[str, float] = {}
    for step in row.steps:
        seconds[step.phase] = round(seconds.get(step.phase, 0) + step.seconds, 1)
    return {
        "host": row.host,
        "system": row.system,
        "component": row.component,
        "state": row.state,
        "code": row.code,
        **({"seconds": seconds} if any(seconds.values()) else {}),
        **({"left_out": True} if row.left_out else {}),
    }


def newest() -> Iterator[Mapping[str, Any]]:
    """What this operator's journal remembers, the newest first. A line that is none is left out.

    A file of it is read when the first of its lines is asked for.
    """
    path = folder() / "journal.jsonl"
    for piece in (path, *reversed(_pieces(path))):
        with suppress(FileNotFoundError):
            lines = piece.read_text("utf-8", "replace").splitlines()
            yield from filter(None, map(_entry, reversed(lines)))


def since(earliest: str) -> list[Mapping[str, Any]]:
    """What it remembers since then (TIME), the oldest first; older files are not read."""
    later = itertools.takewhile(lambda entry: entry["time"] >= earliest, newest())
    return [*later][::-1]


def _pieces(path: Path) -> list[Path]:
    """The older files of a journal, the oldest first."""
    numbered = (_aside(path, number) for number in itertools.count(1))
    return list(itertools.takewhile(Path.exists, numbered))


def _aside(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}")


def _entry(line: str) -> Mapping[str, Any]:
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) and "run" in value else {}
