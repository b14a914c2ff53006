"""What each channel has said already: a file of its own for each site, in the state folder."""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    """What was said, channel by channel.

    What is about to be said is noted in a file of the channel, which takes the place of the memory
    once it is said; that needs no room. Where such a file is left, a watch was ended in between,
    and whether its channel has said that is not known.

    `fault`: why it cannot be.
    """

    def __init__(self, path: Path, fault: FairleadError | None = None):
        self.path = path
        self.fault = fault
        self._channels = _read(path)

    def news(self, channel: str, findings: Sequence[Finding]) -> tuple[Finding, ...]:
        """Those whose state is another one than this channel has said, and what is over; where it
        is not known which of two it has said, than either.
        """
        said = (self._said(channel), self._perhaps_said(channel))
        changed = [
            finding
            for finding in findings
            if any(states.get(finding.key, OK) != finding.state for states in said)
        ]
        known = {finding.key for finding in findings}
        before = dict.fromkeys(key for states in said for key in states if key not in known)
        return (*changed, *map(_over, before))

    def is_doubtful(self, channel: str) -> bool:
        """Has this channel perhaps said already what is news on it?"""
        return self._perhaps_said(channel) != self._said(channel)

    def _said(self, channel: str) -> States:
        return self._channels.get(channel, {})

    def _perhaps_said(self, channel: str) -> States:
        """What it has said if a watch was ended only after it; else the same as `_said`."""
        noted = _read(self._note(channel))
        return noted.get(channel, self._said(channel))

    def remember(self, channel: str, findings: Iterable[Finding]) -> None:
        """From now on these are no news on this channel. Raises FairleadError."""
        fault = self._written(self.path, {**self._channels, channel: _states(findings)})
        if fault:
            raise fault
        self._channels[channel] = _states(findings)

    @contextmanager
    def saying(self, channel: str, findings: Iterable[Finding]) -> Iterator[None]:
        """Within it a channel says these; then they are no news on it, unless that has failed.

        Where that cannot be noted before they are said all the same, at each watch: a message too
        many is better than none. Raises that FairleadError at the end.
        """
        note, states = self._note(channel), _states(findings)
        fault = self._written(note, {**self._channels, channel: states})
        try:
            yield
        except FairleadError:
            if not fault:
                note.unlink(missing_ok=True)
            raise
        if fault:
            raise fault
        note.replace(self.path)
        self._channels[channel] = states

    def _note(self, channel: str) -> Path:
        return self.path.with_suffix(f".{hashlib.sha256(channel.encode()).hexdigest()[:12]}")

    def _written(self, path: Path, channels: Mapping[str, States]) -> FairleadError | None:
        """Why it could not be."""
        if self.fault:
            return self.fault
        text = json.dumps({"channels": channels}, indent=1, sort_keys=True)
        try:
            files.replace(path, text.encode())
        except OSError as error:
            what = f"cannot be written ({error.strerror})"
            return FairleadError(str(path), what, "make room; messages go out at each watch")
        return None


def _states(findings: Iterable[Finding]) -> dict[str, str]:
    return {finding.key: finding.state for finding in findings if finding.state != OK}


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
