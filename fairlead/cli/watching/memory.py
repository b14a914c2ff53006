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
    """

    def __init__(self, path: Path):
        self.path = path
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
        self._channels[channel] = _states(findings)
        self._write(self.path, self._channels)

    @contextmanager
    def saying(self, channel: str, findings: Iterable[Finding]) -> Iterator[None]:
        """Within it a channel says these; then they are no news on it, unless that has failed.

        What cannot be noted before is not said. Raises FairleadError.
        """
        note, states = self._note(channel), _states(findings)
        self._write(note, {**self._channels, channel: states})
        try:
            yield
        except FairleadError:
            note.unlink(missing_ok=True)
            raise
        note.replace(self.path)
        self._channels[channel] = states

    def _note(self, channel: str) -> Path:
        return self.path.with_suffix(f".{hashlib.sha256(channel.encode()).hexdigest()[:12]}")

    def _write(self, path: Path, channels: Mapping[str, States]) -> None:
        text = json.dumps({"channels": channels}, indent=1, sort_keys=True)
        try:
            files.replace(path, text.encode())
        except OSError as error:
            what = f"cannot be written ({error.strerror})"
            raise FairleadError(str(path), what, "make room; nothing is said before") from None


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
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise FairleadError(str(path), "is no memory of inv watch", REMEDY) from None


@contextmanager
def opened(path: str, hosts: tuple[str, ...]) -> Iterator[Memory]:
    """The memory of a site file and of these texts of --host, for one watch at a time.

    Raises Locked, FairleadError.
    """
    scope = "\0".join((str(Path(path).resolve()), *sorted(hosts)))
    name = f"{Path(path).stem}-{hashlib.sha256(scope.encode()).hexdigest()[:12]}"
    folder = journal.folder() / "watch"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(folder / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        what = f"cannot be written ({error.strerror})"
        raise FairleadError(str(folder), what, "make it yours") from None
    try:
        _lock(descriptor, path)
        yield Memory(folder / f"{name}.json")
    finally:
        os.close(descriptor)


def _lock(descriptor: int, path: str) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        what = "another inv watch of this site is at work"
        raise Locked(path, what, "wait for it, or let the timer begin it less often") from None
