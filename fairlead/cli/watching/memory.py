"""What each channel has said already: a file of its own for each site, in the state folder."""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fairlead.model.errors import FairleadError, Locked
from fairlead.model.findings import OK, Finding
from fairlead.output import journal
from fairlead.secrets import files

States = Mapping[str, str]  # what a finding is about -> its state, where that is not ok
REMEDY = "take the file away; all that is not well is then said once more"


class Memory:
    """What was said, channel by channel. It is written when a channel has really said it.

    `fault`: why it cannot be.
    """

    def __init__(self, path: Path, fault: FairleadError | None = None):
        self.path = path
        self.fault = fault
        self._channels = _read(path)

    def news(self, channel: str, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Those whose state is another one than this channel has said, and what is over."""
        before = dict(self._channels.get(channel, {}))
        changed = []
        for finding in findings:
            if before.pop(finding.key, OK) != finding.state:
                changed.append(finding)
        return (*changed, *map(_over, before))

    def remember(self, channel: str, findings: Iterable[Finding]) -> None:
        """From now on these are no news on this channel. Raises FairleadError."""
        if self.fault:
            raise self.fault
        self._channels[channel] = {
            finding.key: finding.state for finding in findings if finding.state != OK
        }
        text = json.dumps({"channels": self._channels}, indent=1, sort_keys=True)
        try:
            files.replace(self.path, text.encode())
        except OSError as error:
            what = f"cannot be written ({error.strerror})"
            raise FairleadError(str(self.path), what, "make room") from None


def _over(key: str) -> Finding:
    """What was not well, and is not there any more."""
    kind, _, about = key.partition(" ")
    sentence = f"{about or kind}: nothing is left to be watched ({kind})"
    return Finding(kind=kind, name=about, state=OK, sentence=sentence)


def _read(path: Path) -> dict[str, States]:
    """Raises FairleadError for what is no memory: a message too many is better than none."""
    try:
        document: Any = json.loads(path.read_bytes())
        channels = document["channels"]
        return {str(name): {**states} for name, states in channels.items()}
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise FairleadError(str(path), "is no memory of inv watch", REMEDY) from None


@contextmanager
def opened(
    path: str,
    hosts: tuple[str, ...],
    only_shows: bool = False,
) -> Iterator[Memory]:
    """The memory of a site file and of these texts of --host, for one watch at a time; what only
    shows is in nobody's way. Where it cannot be written, it is there all the same, with a fault.

    Raises Locked, FairleadError.
    """
    scope = "\0".join((str(Path(path).resolve()), *sorted(hosts)))
    name = f"{Path(path).stem}-{hashlib.sha256(scope.encode()).hexdigest()[:12]}"
    folder = journal.folder() / "watch"
    file = folder / f"{name}.json"
    if only_shows:
        yield Memory(file)
        return
    lock = _lock_file(folder / f"{name}.lock")
    if isinstance(lock, FairleadError):
        yield Memory(file, lock)
        return
    try:
        _lock(lock, path)
        yield Memory(file)
    finally:
        os.close(lock)


def _lock_file(path: Path) -> int | FairleadError:
    """Its descriptor, or why there is none."""
    try:
        files.make_folder(path.parent)
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        what = f"cannot be written ({error.strerror})"
        remedy = "make it yours, or name another in XDG_STATE_HOME"
        return FairleadError(str(path.parent), what, remedy)


def _lock(descriptor: int, path: str) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        what = "another inv watch of this site is at work"
        raise Locked(path, what, "wait for it, or let the timer begin it less often") from None
    except OSError:  # a file system without locks
        return
