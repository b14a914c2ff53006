"""Asks the sources of groups; an answer does for a while, and what has changed is said."""

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from fairlead.cli.source_access import access
from fairlead.contract.loader import Plugins
from fairlead.inventory import nodesets
from fairlead.inventory.site import Site
from fairlead.inventory.sources import SourceSpec
from fairlead.model import operator
from fairlead.model.errors import SiteError
from fairlead.model.plan import Noun
from fairlead.model.sources import SourceSettings
from fairlead.model.suggest import suggestion
from fairlead.secrets import files


class Answer(Noun):
    """The hosts of a group at a time, in seconds since 1970."""

    hosts: tuple[str, ...]
    date: float


class Memory(Noun):
    """What is remembered of a source: its last answers, and what was used of it before."""

    answers: Mapping[str, Answer] = {}
    used: Mapping[str, Answer] = {}


class GroupSources:
    """The sources of a site's groups. `tell` gets the sentences on what has changed."""

    def __init__(self, plugins: Plugins, tell: Callable[[str], None] = lambda sentence: None):
        self.plugins, self.tell = plugins, tell
        self.kinds = plugins.sources

    def settings_type(
        self,
        kind: str,
    ) -> type[SourceSettings]:
        return self.plugins.source(kind).Settings

    def members(
        self,
        site: str,
        source: str,
        spec: SourceSpec,
        group: str,
    ) -> tuple[str, ...]:
        """The hosts of a group. Raises SiteError, so that none is taken for an empty one."""
        path = place(site, source, spec)
        memory = _memory(path)
        answer = memory.answers.get(group)
        if answer is None or not _does(answer, spec.settings):
            answers = self._ask(source, spec, group)
            memory = Memory({**memory.answers, **answers}, memory.used)
            answer = answers[group]
        before = memory.used.get(group)
        if before is None or before != answer:
            self._tell_change(f"@{source}:{group}", before, answer)
            _write(path, Memory(memory.answers, {**memory.used, group: answer}))
        return answer.hosts

    def groups(
        self,
        site: str,
        source: str,
        spec: SourceSpec,
    ) -> Mapping[str, Answer]:
        """Every group of a source, asked anew. Raises SiteError."""
        path = place(site, source, spec)
        memory = _memory(path)
        answers = self._ask(source, spec, "")
        _write(path, Memory(answers, memory.used))
        return answers

    def _ask(
        self,
        source: str,
        spec: SourceSpec,
        group: str,
    ) -> Mapping[str, Answer]:
        file = getattr(spec.settings, "file", "")
        try:
            inventory = self.plugins.read_inventory(spec.kind, access(spec.settings, file, group))
        except SiteError as error:
            name = f"@{source}:{group}" if group else f"@{source}"
            what = f"is not known: {error.where} {error.what}"
            raise SiteError(name, what, error.remedy) from None
        if group and group not in inventory.groups:
            what = f"{source} has no group {group!r} with hosts"
            remedy = suggestion(group, tuple(inventory.groups))
            raise SiteError(f"@{source}:{group}", what, remedy)
        now = time.time()
        return {
            name: Answer(nodesets.members([text], inventory.groups, name, SiteError), now)
            for name, text in inventory.groups.items()
        }

    def _tell_change(
        self,
        name: str,
        before: Answer | None,
        answer: Answer,
    ) -> None:
        if before is None or set(before.hosts) == set(answer.hosts):
            return
        new = [host for host in answer.hosts if host not in before.hosts]
        gone = [host for host in before.hosts if host not in answer.hosts]
        parts = [f"+ {nodesets.fold(new)}"] if new else []
        parts += [f"- {nodesets.fold(gone)}"] if gone else []
        date = time.strftime("%Y-%m-%d %H:%M", time.localtime(before.date))
        self.tell(f"{name} has changed since {date}: {', '.join(parts)}")


def _does(
    answer: Answer,
    settings: SourceSettings,
) -> bool:
    """Is it young enough? One of the future, by a clock that was set, is not."""
    return 0 <= time.time() - answer.date <= settings.cache


def place(
    site: str,
    source: str,
    spec: SourceSpec,
) -> Path:
    """Where what is known of a source is remembered: other settings, another file."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path(operator.home(), ".cache")
    words = msgspec.json.encode([os.path.abspath(site), source, spec.kind, spec.settings])
    return Path(cache, "fairlead", "groups", f"{hashlib.sha256(words).hexdigest()[:32]}.json")


def remembered(site: Site) -> Iterator[str]:
    """The groups that its sources had when they were asked last, as `SOURCE:GROUP`."""
    for source, spec in site.sources.items():
        for group in _memory(place(site.path, source, spec)).answers:
            yield f"{source}:{group}"


def _memory(path: Path) -> Memory:
    """What is remembered; nothing where it cannot be read, or others may have written it."""
    try:
        status = path.stat()
        if status.st_uid != os.geteuid() or status.st_mode & 0o022:
            return Memory()
        return msgspec.json.decode(path.read_bytes(), type=Memory)
    except (OSError, msgspec.MsgspecError):
        return Memory()


def _write(
    path: Path,
    memory: Memory,
) -> None:
    """Without a cache it is asked each time."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        files.replace(path, msgspec.json.encode(memory))
