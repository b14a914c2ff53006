"""What a timer runs: look at the whole site, and say it where it changes."""

import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from fairlead.cli.commands import CommandResult
from fairlead.cli.flags import spread
from fairlead.cli.options import duration, read_value
from fairlead.cli.watching import memory, messages, survey, units
from fairlead.cli.watching.flags import WatchFlags
from fairlead.cli.watching.messages import Channel, Channels, finding_data
from fairlead.model import operator
from fairlead.model.errors import CommandLineError, FairleadError, worst
from fairlead.model.findings import OK, UNKNOWN, Finding, worst_state
from fairlead.output import monitoring
from fairlead.runner.context import Context
from fairlead.runner.request import Common
from fairlead.secrets import files

Findings = tuple[Finding, ...]
Nagios = Annotated[bool, Meta(description="Print one line for Nagios, and end with its exit code.")]


@spread
def watch(
    context: Context,
    common: Common,
    *,
    nagios: Nagios = False,
    flags: WatchFlags,
) -> CommandResult:
    """Look at status, drift, the days of secrets and certificates, and open runs; tell what has
    changed its state.
    """
    limits = _limits(flags)
    try:
        with context.redacted_errors():
            return _watch(context, common, limits, flags.channels, (nagios, _prom(flags)))
    except FairleadError as error:
        if not nagios:
            raise
        text = monitoring.nagios_error(str(error))
        data = {"verb": "watch", "ok": False, "code": 3, "state": UNKNOWN, "error": str(error)}
        return CommandResult(text, data, 3)


@spread
def install(
    context: Context,
    common: Common,
    *,
    every: Annotated[str, Meta(description="How often: 10m, 1h.")] = "15m",
    to: Annotated[
        str, Meta(description="The folder of the units; default: systemd's, or your own of it.")
    ] = "",
    cron: Annotated[bool, Meta(description="Print a line for crontab, write nothing.")] = False,
    flags: WatchFlags,
) -> CommandResult:
    """Write a service and a timer of systemd on this machine that watch this site; what puts them
    in force is printed, not done.
    """
    seconds = read_value("--every", every, duration)
    _limits(flags)  # what is wrong is told now, not by the timer
    _prom(flags)
    tuple(flags.channels.made(context.secret))
    unit = units.unit(context, flags, common.hosts, seconds)
    if cron:
        _refuse_silence(flags)
        line = units.cron_line(unit)
        return CommandResult(line, {"cron": line})
    folder = units.folder(to)
    texts = {str(folder / name): text for name, text in unit.files(folder).items()}
    if not common.only_shows:
        units.write(texts)
    shown = [f"# {path}\n{text}" for path, text in texts.items()]
    lines = shown if common.only_shows else [f"{path}: written" for path in texts]
    data = {"files": texts, "then": list(unit.commands(folder))}
    return CommandResult("\n".join([*lines, *unit.commands(folder)]), data)


def _refuse_silence(flags: WatchFlags) -> None:
    """Of systemd a unit that fails can be seen; of cron nothing. Raises CommandLineError."""
    if not flags.tells:
        remedy = "give --mail, --webhook, --command or --prometheus"
        raise CommandLineError("--cron", "nobody would be told", remedy)


def _limits(flags: WatchFlags) -> survey.Limits:
    return survey.Limits(
        read_value("--warn-within", flags.warn_within, duration),
        read_value("--critical-within", flags.critical_within, duration),
    )


def _prom(flags: WatchFlags) -> str:
    """node_exporter reads no other name. Raises CommandLineError, before anybody is told."""
    path = str(operator.path(flags.prometheus)) if flags.prometheus else ""
    if path and not path.endswith(".prom"):
        what = f"{path!r} is not read by node_exporter"
        raise CommandLineError("--prometheus", what, "end its name with .prom")
    if path and not Path(path).parent.is_dir():
        what = f"there is no folder {Path(path).parent}"
        raise CommandLineError("--prometheus", what, "make it")
    return path


def _watch(
    context: Context,
    common: Common,
    limits: survey.Limits,
    channels: Channels,
    form: tuple[bool, str],
) -> CommandResult:
    """`form`: one line for Nagios?; the file for Prometheus."""
    site = context.site()
    nagios, path = form
    begin = time.time()
    ready = tuple(channels.made(context.secret))
    with memory.opened(site.path, common.hosts, common.only_shows) as known:
        findings = survey.survey(context, common, limits)
        news: Findings = known.news("", findings)
        if not common.only_shows:
            findings = (*findings, *_told(context, known, ready, findings))
            _remember(known, findings)
    if path and not common.only_shows:
        seconds = time.time() - begin
        _write(path, monitoring.prometheus_text(site.name, findings, begin, seconds))
    return _result(site.name, findings, news, nagios)


def _told(
    context: Context,
    known: memory.Memory,
    channels: Iterable[Channel],
    findings: Findings,
) -> Findings:
    """Tell each channel what is news there; a finding for each that could not be told."""
    failures = []
    site = context.site().name
    for channel in channels:
        news = known.news(channel.name, findings)
        try:
            if news:
                is_doubtful = known.is_doubtful(channel.name)
                with known.saying(channel.name, findings):
                    channel.send(messages.message(site, findings, news, is_doubtful))
        except FairleadError as error:
            safe = context.redactor.cut_error(error)
            print(f"fairlead: {safe}", file=sys.stderr)  # cron mails that
            failures.append(_untold(channel.name, safe))
    return tuple(failures)


def _remember(known: memory.Memory, findings: Findings) -> None:
    """What is shown, for the next watch to tell what is new; what was learnt is told anyhow."""
    try:
        known.remember("", findings)
    except FairleadError as error:
        print(f"fairlead: {error}", file=sys.stderr)


def _untold(channel: str, error: FairleadError) -> Finding:
    return Finding(
        kind="watch",
        name=channel,
        state=UNKNOWN,
        sentence=str(error),
        code=error.code,
    )


def _write(path: str, text: str) -> None:
    """The whole file or nothing of it: what is read meanwhile is the one before."""
    try:
        files.replace(Path(path), text.encode(), 0o644)
    except OSError as error:
        what = f"cannot be written ({error.strerror})"
        raise FairleadError(path, what, "make room, or make the folder yours") from None


def _result(
    site: str,
    findings: Findings,
    news: Findings,
    nagios: bool,
) -> CommandResult:
    code = worst(finding.code for finding in findings if finding.state != OK)
    line = monitoring.nagios_line(site, findings)
    lines = [line] if nagios else [line, *monitoring.trouble_lines(findings)]
    state = worst_state(findings)
    if not findings:
        code = 1
    code = monitoring.exit_code(findings) if nagios else code
    data = {
        "verb": "watch",
        "site": site,
        "run": "",
        "ok": state == OK,
        "changed": False,
        "code": code,
        "hosts": [],
        "state": state,
        "findings": list(map(finding_data, findings)),
        "news": list(map(finding_data, news)),
    }
    return CommandResult("\n".join(lines), data, code)
