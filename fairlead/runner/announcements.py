"""What is announced elsewhere while hosts are changed: opened before, closed after, whoever dies.

What is promised: each has an end of its own ({ends}). It is closed when the run has ended, however
it ended; one that has a call for it is made longer meanwhile. Where this process was killed, the
next run that changes something at this site, or `inv runs.recover`, closes what it had left open.
"""

import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from msgspec.structs import asdict, replace

from fairlead.inventory.announcements import PLACE, Announcement, Call, Values
from fairlead.inventory.nodesets import fold
from fairlead.model.errors import FairleadError, StepFailed
from fairlead.runner.announcement_records import Opened, Record, RecordFile, left_open
from fairlead.runner.announcement_renewal import Renewal
from fairlead.runner.context import Context
from fairlead.runner.targets import Part

TIME = "%Y-%m-%dT%H:%M:%SZ"
GONE = 404  # what is to be closed is no longer there


@contextmanager
def announced(
    context: Context,
    todo: Iterable[Part],
    values: Values,
    now: float,
) -> Iterator[None]:
    """Open what the site announces for these parts; close it, and what others left open, after.

    Raises StepFailed where one that is required cannot be opened: then nothing was changed.
    """
    renewals: list[Renewal] = []
    try:
        for name, spec, of_hosts in _wanted(context, todo, values, now):
            opened = _open(context, name, spec, of_hosts)
            renewals += [_renewal(context, spec, announcement) for announcement in opened]
        yield
    finally:
        close_left_open(context)
        for renewal in reversed(renewals):
            _close(context, renewal.end())


def intentions(
    context: Context,
    todo: Iterable[Part],
    values: Values,
    now: float,
) -> Iterator[str]:
    """What would be opened for these parts, a sentence for each."""
    for name, spec, of_hosts in _wanted(context, todo, values, now):
        call = _shown(spec.open, of_hosts)
        yield (
            f"announcements.{name}: would be opened for {of_hosts.hosts} by {call}, and closed "
            f"after the run, at {of_hosts.ends} at the latest"
        )


def _wanted(
    context: Context,
    todo: Iterable[Part],
    values: Values,
    now: float,
) -> Iterator[tuple[str, Announcement, Values]]:
    """What the site announces for these parts, with its name and what it is told."""
    for name, spec in context.site().announcements.items():
        hosts = _hosts(context, spec, todo)
        if hosts:
            yield name, spec, _ending(_with_hosts(values, hosts, now), spec, now)


def close_left_open(context: Context) -> list[str]:
    """Close what runs of this operator that were killed left open; a sentence for each."""
    if not (context.folder and context.site().announcements):
        return []
    files = left_open(_folder(context.folder), context.site().name)
    return [_close(context, Opened(record, file)) for file, record in files]


def _folder(state: Path) -> Path:
    return state / "announcements"


def _hosts(context: Context, announcement: Announcement, todo: Iterable[Part]) -> tuple[str, ...]:
    """The hosts that these parts change, as far as the announcement is about them."""
    site = context.site()
    chosen = set(site.resolve(announcement.hosts) if announcement.hosts else site.hosts)
    targets = [target for part in todo if _concerns(announcement, part) for target in part.targets]
    hosts = [target.host for target in targets if target.host in chosen]
    return tuple(dict.fromkeys(hosts))


def _concerns(announcement: Announcement, part: Part) -> bool:
    is_named = not announcement.systems or part.system.name in announcement.systems
    verbs = {part.verb.name, part.sequence}
    return part.verb.changes and is_named and bool(verbs & set(announcement.verbs))


def _with_hosts(values: Values, hosts: tuple[str, ...], now: float) -> Values:
    return replace(
        values,
        hosts=fold(hosts),
        host_list=",".join(map(json.dumps, hosts)),
        host_regex="|".join(map(re.escape, hosts)),
        begins=_time(now),
        begins_epoch=int(now),
    )


def _ending(values: Values, announcement: Announcement, now: float) -> Values:
    end = now + announcement.lasts
    return replace(values, ends=_time(end), ends_epoch=int(end))


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime(TIME)


def _open(
    context: Context, name: str, announcement: Announcement, values: Values
) -> Iterator[Opened]:
    """Its file is there before it is opened, so that nothing is open of which nobody knows."""
    where = f"announcements.{name}"
    record = Record(site=context.site().name, name=name, values=values)
    file = None
    try:
        file = _file(context, record, where)
        answer = _call(context, announcement.open, values, announcement.timeout, where)
        identity = _identity(answer, announcement.id, where)
    except FairleadError as error:
        if file:
            file.remove()
        if announcement.required:
            raise
        context.notify("remark", f"{error}; the site says that it need not be")
        return
    is_open = replace(record, values=replace(values, id=identity), is_open=True)
    yield _kept(context, Opened(record, file), is_open)


def _file(context: Context, record: Record, where: str) -> RecordFile | None:
    """Raises StepFailed."""
    if context.folder is None:
        return None
    folder = _folder(context.folder)
    try:
        return RecordFile.new(folder, record)
    except OSError as error:
        what = f"{folder}, where it is to be noted, cannot be written ({error.strerror})"
        remedy = "make room, or name a folder of yours in XDG_STATE_HOME"
        raise StepFailed(where, what, remedy) from None


def _kept(context: Context, opened: Opened, record: Record) -> Opened:
    """With what is known of it now; where its file cannot have that, this process alone has it."""
    try:
        return opened.keep(record)
    except OSError as error:
        what = f"announcements.{record.name}: cannot be noted ({error.strerror})"
        until = f"a kill of this process leaves it open until {record.values.ends}"
        context.notify("remark", f"{what}: {until}")
        return replace(opened, record=record)


def _identity(answer: str, path: str, where: str) -> str:
    """What the answer calls what was opened. Raises StepFailed."""
    if not path:
        return "".join(answer.strip().splitlines()[:1])
    value: Any = None
    try:
        value = json.loads(answer)
        for key in path.split("."):
            value = value[int(key)] if isinstance(value, list) else value[key]
    except (ValueError, LookupError, TypeError):
        what = f"its answer has no {path}: {answer[:200]!r}"
        raise StepFailed(where, what, "see what it answers, and mend the key id") from None
    return str(value)


def _renewal(
    context: Context,
    announcement: Announcement,
    opened: Opened,
) -> Renewal:
    if announcement.renew is None:
        return Renewal(opened)
    renew = partial(_renew, context, announcement, announcement.renew)
    return Renewal(opened, renew, announcement.lasts / 3)


def _renew(
    context: Context,
    announcement: Announcement,
    call: Call,
    opened: Opened,
) -> Opened:
    """Make it longer. What answers may call it by another name from now on."""
    where = f"announcements.{opened.record.name}"
    values = _ending(opened.record.values, announcement, datetime.now(UTC).timestamp())
    try:
        answer = _call(context, call, values, announcement.timeout, where)
        identity = _identity(answer, announcement.id, where) if answer.strip() else values.id
    except FairleadError as error:
        end = opened.record.values.ends
        context.notify("remark", f"{error} (it was not made longer, and ends at {end})")
        return opened
    return _kept(context, opened, replace(opened.record, values=replace(values, id=identity)))


def _close(context: Context, opened: Opened) -> str:
    """Close one; what stays open is told, and is tried again by the next run."""
    record = opened.record
    announcement = context.site().announcements.get(record.name)
    where = f"announcements.{record.name}"
    try:
        if announcement is None or not record.is_open:
            raise StepFailed(where, *_why_unknown(record, announcement))
        _call(context, announcement.close, record.values, announcement.timeout, where, GONE)
    except FairleadError as error:
        return _still_open(context, opened, error)
    if opened.file:
        opened.file.remove()
    return f"{where}: closed what run {record.values.run} had opened for {record.values.hosts}"


def _why_unknown(record: Record, announcement: Announcement | None) -> tuple[str, str]:
    if announcement is None:
        return "is not in the site any more", "close it by hand"
    what = "its run was killed while it was being opened, so it is not known whether it is open"
    return what, f"look there for run {record.values.run}"


def _still_open(context: Context, opened: Opened, error: FairleadError) -> str:
    """Why it is not closed. Its file stays until it has ended by itself."""
    values = opened.record.values
    end = f"of run {values.run} for {values.hosts}; it ends by itself at {values.ends}"
    has_ended = values.ends_epoch < datetime.now(UTC).timestamp()
    sentence = f"{error.where}: was not closed: {error.what}; {error.remedy} ({end})"
    if opened.file:
        opened.file.remove() if has_ended else opened.file.release()
    if not has_ended:
        context.notify("remark", sentence)
    return sentence


# one call


def _shown(call: Call, values: Values) -> str:
    """A call for people."""
    if call.argv:
        return shlex.join(_filled(word, values) for word in call.argv)
    return f"{call.method} {_filled(call.url, values, is_url=True)}"


def _call(
    context: Context,
    call: Call,
    values: Values,
    timeout: float,
    where: str,
    also: int = 0,
) -> str:
    """What it answers. `also`: a status that is well, too. Raises StepFailed, SecretError."""
    if call.argv:
        return _command(tuple(_filled(word, values) for word in call.argv), timeout, where)
    from fairlead.connections.web import WELL

    url = _filled(call.url, values, is_url=True)
    status, answer = _web(context, call, url, values, timeout, where)
    if status not in WELL and status != also:
        what = f"{call.method} {url} answered {status}: {answer[:200].strip() or 'no words'}"
        raise StepFailed(where, what, "see what it wants")
    return answer


def _command(argv: tuple[str, ...], timeout: float, where: str) -> str:
    from fairlead.connections.process import capture

    code, output, errors = capture(argv, timeout)
    if code:
        what = f"{argv[0]} ended with {code}: {errors.strip()[-200:]}"
        raise StepFailed(where, what, "run it by hand to see why")
    return output.decode(errors="replace")


def _web(
    context: Context, call: Call, url: str, values: Values, timeout: float, where: str
) -> tuple[int, str]:
    from fairlead.connections import web

    headers = {name: _filled(text, values) for name, text in call.headers.items()}
    if call.authorization:
        secret = context.secret(call.authorization).reveal()
        headers["Authorization"] = secret.decode(errors="replace").strip()
    body = filled_body(call.body, values)
    try:
        return web.call(url, call.method, body, headers, ca=call.ca, timeout=timeout)
    except web.NoAnswer as error:
        raise StepFailed(where, f"{call.method} {url}: {error.what}", error.remedy) from None


def _filled(text: str, values: Values, is_url: bool = False) -> str:
    """A text with its values in place; in a URL each is one piece of it."""
    from urllib.parse import quote

    known: Mapping[str, object] = asdict(values)

    def value(match: re.Match[str]) -> str:
        text = str(known[match[1]])
        return quote(text, safe="") if is_url else text

    return PLACE.sub(value, text)


def filled_body(value: Any, values: Values) -> Any:
    """A value of JSON with its values in place; a text that is a number's place is that number."""
    if isinstance(value, dict):
        return {key: filled_body(part, values) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [filled_body(part, values) for part in value]
    if not isinstance(value, str):
        return value
    whole = PLACE.fullmatch(value)
    if whole and isinstance(getattr(values, whole[1]), int):
        return getattr(values, whole[1])
    return _filled(value, values)
