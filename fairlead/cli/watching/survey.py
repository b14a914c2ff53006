"""What is so at a site now: status, drift, secrets, open runs, as findings."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from fairlead.cli import run_rows
from fairlead.cli.host_runs import HostState, gather
from fairlead.cli.secret_needs.verb import show_secrets
from fairlead.model.errors import Drift, FairleadError, SecretError, Unreachable
from fairlead.model.findings import CRITICAL, OK, UNKNOWN, WARNING, Finding, gravity
from fairlead.model.plan import NOT_KNOWN, Noun
from fairlead.model.results import HostResult
from fairlead.output.fields import component_of, field_texts
from fairlead.remote.results import FINISHED, Holder, HostRun
from fairlead.runner import driver
from fairlead.runner.context import Context
from fairlead.runner.request import Common, Request
from fairlead.runner.targets import Part, parts

UNREACHABLE = "the host does not answer"
LONGEST = 200  # characters of what a status found, in a sentence
QUESTIONS = {"drift": "is it as the site says", "status": "is it well", "run": "open runs"}
FINE = frozenset({"ok", "changed"})  # states of a run that ended as asked


class Limits(Noun):
    """Seconds before the end of a secret in which it is a warning, and critical."""

    warning: float
    critical: float


class Scope(Noun):
    """What a verb is about at this site: its parts, as far as they are on the chosen hosts."""

    verb: str
    parts: tuple[Part, ...]
    hosts: frozenset[str]  # the chosen ones

    @property
    def systems(self) -> dict[str, list[Part]]:
        systems: dict[str, list[Part]] = {}
        for part in self.parts:
            if self.hosts_of(part):
                systems.setdefault(part.system.name, []).append(part)
        return systems

    def hosts_of(self, part: Part) -> tuple[str, ...]:
        """Of a part, without those that are marked offline."""
        return tuple(target.host for target in part.targets if target.host in self.hosts)

    def hosts_of_system(self, name: str) -> tuple[str, ...]:
        hosts: dict[str, None] = {}
        for part in self.systems[name]:
            hosts |= dict.fromkeys(self.hosts_of(part))
        return tuple(hosts)


def survey(context: Context, common: Common, limits: Limits) -> tuple[Finding, ...]:
    """All findings, each about something else. Nobody sees what is performed for them.

    Raises FairleadError where the site cannot be read.
    """
    site = context.site()
    hosts = frozenset(site.resolve(*common.hosts) if common.hosts else site.hosts)
    plain = _plain(common)
    looking = replace(plain, dry_run=True, skip_unreachable=True)
    with context.unobserved(), context.redacted_errors():
        findings = [
            *_of_verb(context, plain, hosts, "status", _status),
            *_of_verb(context, looking, hosts, "up", _drift),
            *_secrets(context, plain, hosts, limits),
            *_runs(context, plain, hosts),
        ]
    return context.redactor.cut(_worst_of_each(findings))


def _plain(common: Common) -> Common:
    """The options that matter to a look; --dry-run and --explain are about what follows from it."""
    return Common(
        site=common.site,
        hosts=common.hosts,
        fanout=common.fanout,
        timeout=common.timeout,
        skip_preflight=common.skip_preflight,
    )


def _worst_of_each(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Of several about the same the worst: a component may have several rows in a sequence."""
    by_key: dict[str, Finding] = {}
    for finding in findings:
        known = by_key.setdefault(finding.key, finding)
        if gravity(finding) > gravity(known):
            by_key[finding.key] = finding
    return tuple(by_key.values())


def _has_verb(context: Context, verb: str) -> bool:
    plugins = context.plugins
    for name in context.site().sections:
        components = plugins.systems[name].components
        if any(verb in plugins.component(name, component).verbs for component in components):
            return True
    return False


def _scope(context: Context, verb: str, hosts: frozenset[str]) -> Scope:
    """Raises FairleadError."""
    if not _has_verb(context, verb):
        return Scope(verb, (), hosts)
    return Scope(verb, parts(Request(verb=verb), (), context.plugins, context.site()), hosts)


Reader = Callable[[Part, HostResult], Finding]


def _of_verb(
    context: Context,
    common: Common,
    hosts: frozenset[str],
    verb: str,
    read: Reader,
) -> Iterator[Finding]:
    """A verb of every system; where one system cannot be asked, the others are all the same."""
    kind = "drift" if verb == "up" else verb
    try:
        scope = _scope(context, verb, hosts)
    except FairleadError as error:
        yield _unknown(kind, "", "", str(error), error.code)
        return
    for system in scope.systems:
        asked_of = common
        if common.hosts:
            asked_of = replace(common, hosts=scope.hosts_of_system(system))
        try:
            result = driver.perform(Request(verb=verb, system=system), asked_of, context)
        except FairleadError as error:
            yield from _unasked(kind, scope, system, {}, str(error), error.code)
            continue
        rows = {(row.host, row.component): row for row in result.hosts}
        yield from _of_rows(scope, system, result.hosts, read)
        yield from _unasked(kind, scope, system, rows, "an earlier component is in the way", 1)


def _of_rows(
    scope: Scope,
    system: str,
    rows: Iterable[HostResult],
    read: Reader,
) -> Iterator[Finding]:
    known = {part.component.name: part for part in scope.systems[system]}
    for row in rows:
        part = known.get(row.component)
        if part and row.host in scope.hosts_of(part):
            yield read(part, row)


def _unasked(
    kind: str,
    scope: Scope,
    system: str,
    rows: Mapping[tuple[str, str], HostResult],
    why: str,
    code: int,
) -> Iterator[Finding]:
    """What has no row was not asked, so it is not known."""
    for part in scope.systems[system]:
        for host in scope.hosts_of(part):
            if (host, part.component.name) not in rows:
                yield _unknown(kind, host, part.name, why, code)


def _unknown(
    kind: str,
    host: str,
    name: str,
    why: str,
    code: int,
    command: str = "",
) -> Finding:
    what = QUESTIONS.get(kind, kind)
    about = " ".join(filter(None, (host, name)))
    head = f"{about}: {what}" if about else what
    return Finding(
        kind=kind,
        host=host,
        name=name,
        state=UNKNOWN,
        sentence=f"{head}: {NOT_KNOWN} ({why})",
        command=command,
        code=code or 1,
    )


def _status(part: Part, row: HostResult) -> Finding:
    if row.state == "ok":
        sentence = f"{row.host} {part.name} is well"
        return _about("status", part, row, state=OK, sentence=sentence)
    look = part.typed("status", row.host)
    if row.state == "unreachable":
        sentence = row.error or f"{row.host} is unreachable"
        command = f"inv hosts.check --host={row.host}"
        return _about("status", part, row, state=CRITICAL, sentence=sentence, command=command)
    if row.state != "failed" or not row.fields:
        why = row.error or row.state
        return _unknown("status", row.host, part.name, why, row.code, look)
    texts = [f"{name}: {text}" for name, text in field_texts(row.fields.items())]
    facts = "; ".join(" ".join(text.split()) for text in texts)
    is_unknown = all(NOT_KNOWN in text for text in texts)  # what is stopped cannot tell all
    state = UNKNOWN if is_unknown else CRITICAL
    verdict = f"is {NOT_KNOWN} to be well" if state == UNKNOWN else "is not well"
    sentence = f"{row.host} {component_of(row)} {verdict} ({_shortened(facts)})"
    command = part.typed("up", row.host) if _has_up(part) else look
    return _about("status", part, row, state=state, sentence=sentence, command=command)


def _has_up(part: Part) -> bool:
    return "up" in part.component.verbs


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def _drift(part: Part, row: HostResult) -> Finding:
    if row.state == "ok":
        sentence = f"{row.host} {part.name} is as the site says"
        return _about("drift", part, row, state=OK, sentence=sentence)
    up = part.typed("up", row.host)
    if row.state == "would-change":
        steps = [step.name for step in row.steps if step.state == "would-change"]
        what = f"up would change {', '.join(dict.fromkeys(steps))}"
        sentence = f"{row.host} {part.name} is not as the site says ({what})"
        finding = _about("drift", part, row, state=WARNING, sentence=sentence, command=up)
        return replace(finding, code=Drift.code)
    blocking = [check["name"] for check in row.checks if not check["ok"] and check.get("blocks")]
    if blocking:
        why = f"preflight blocks: {', '.join(blocking)}"
        look = part.typed("preflight", row.host)
        return _unknown("drift", row.host, part.name, why, row.code, look)
    if row.state == "unreachable":
        check = f"inv hosts.check --host={row.host}"
        return _unknown("drift", row.host, part.name, UNREACHABLE, row.code, check)
    why = row.error or row.state
    return _unknown("drift", row.host, part.name, why, row.code, f"{up} --dry-run")


def _about(
    kind: str,
    part: Part,
    row: HostResult,
    *,
    state: str,
    sentence: str,
    command: str = "",
) -> Finding:
    return Finding(
        kind=kind,
        host=row.host,
        name=part.name,
        state=state,
        sentence=sentence,
        command=command,
        code=row.code,
    )


def _secrets(
    context: Context,
    common: Common,
    hosts: frozenset[str],
    limits: Limits,
) -> Iterator[Finding]:
    try:
        secrets = secrets_on(context, common, hosts, limits.warning)
    except FairleadError as error:
        yield _unknown("secret", "", "", str(error), error.code)
        return
    for secret in secrets:
        yield _secret(secret, limits)


def secrets_on(
    context: Context,
    common: Common,
    hosts: frozenset[str],
    within: float,
) -> list[Mapping[str, Any]]:
    """The secrets that something on these hosts needs, as --json has them; what ends in less than
    `within` seconds is `ending`. Raises FairleadError.
    """
    scope = _scope(context, "secrets", hosts)
    if not scope.systems:
        return []
    request = Request(verb=scope.verb)
    whole = replace(common, hosts=())
    result = show_secrets(request, context, whole, fail_within=f"{within:.0f}")
    return [secret for secret in result.data["secrets"] if hosts & {*secret["hosts"]}]


def _secret(secret: Mapping[str, Any], limits: Limits) -> Finding:
    name, state, days = secret["name"], secret["state"], secret["days"]
    severity, sentence = _secret_words(secret, limits)
    return Finding(
        kind="secret",
        name=name,
        state=severity,
        sentence=sentence,
        command=secret["remedy"],
        code=0 if state == "ok" else SecretError.code,
        days=days,
    )


def _secret_words(secret: Mapping[str, Any], limits: Limits) -> tuple[str, str]:
    name, ends, days = secret["name"], secret["ends"], secret["days"]
    match secret["state"]:
        case "ok":
            return OK, f"secret {name} is good" + (f" until {ends}" if ends else "")
        case "ending":
            is_close = days * 86400 < limits.critical
            return (CRITICAL if is_close else WARNING), f"secret {name} ends on {ends}"
        case "expired":
            return CRITICAL, f"secret {name} has ended on {ends}"
        case "missing":
            return CRITICAL, f"secret {name} is missing"
        case "closed":
            return UNKNOWN, f"secret {name}: {NOT_KNOWN} ({secret['error']})"
        case "unusable":
            return CRITICAL, f"secret {name} cannot be used ({secret['error']})"
    return UNKNOWN, f"secret {name}: {NOT_KNOWN} ({secret['state']})"


def _runs(
    context: Context,
    common: Common,
    hosts: frozenset[str],
) -> Iterator[Finding]:
    """Of each host that has a component: what was left open there."""
    try:
        names = _places(context, hosts)
    except FairleadError as error:
        yield _unknown("run", "", "", str(error), error.code)
        return
    if not names:
        return
    gathered = gather(context, replace(common, hosts=names))
    answering = {state.host for state in gathered.states}
    for state in gathered.states:
        yield _open_runs(state)
    for host in names:
        if host not in answering:
            yield _unknown_runs(host)


def _places(context: Context, hosts: frozenset[str]) -> tuple[str, ...]:
    """The hosts on which something of the site works; this machine alone is not asked."""
    site = context.site()
    places: dict[str, None] = {}
    for verb in ("up", "status"):
        scope = _scope(context, verb, hosts)
        for part in scope.parts:
            chosen = [target for target in part.targets if target.host in hosts]
            places |= dict.fromkeys(map(part.runs_on, chosen))
    return tuple(host for host in places if site.hosts[host].transport != "local")


def _unknown_runs(host: str) -> Finding:
    check = f"inv hosts.check --host={host}"
    return _unknown("run", host, "", UNREACHABLE, Unreachable.code, check)


def _open_runs(state: HostState) -> Finding:
    sentences = []
    commands = []
    for run in state.runs:
        if run.is_stranded:
            sentences.append(_run_sentence(state.host, run, run_rows.state_of(run)))
            commands.append(f"inv runs.recover --host={state.host}")
        elif not (run.alive or run.seen or run.state in FINE) and run.state in FINISHED:
            sentences.append(_run_sentence(state.host, run, f"{run.state}, and nobody has seen it"))
            commands.append(f"inv runs.follow --host={state.host} --run={run.name}")
    for system, holder in state.leases.items():
        if holder.is_gone:
            sentences.append(_lease_sentence(state.host, system, holder))
            commands.append(f"inv runs.release --host={state.host} --system={system}")
    text = "; ".join(sentences) or f"{state.host}: no run is left open"
    return Finding(
        kind="run",
        host=state.host,
        state=WARNING if sentences else OK,
        sentence=text,
        command=" && ".join(dict.fromkeys(commands)),
        code=int(bool(sentences)),
    )


def _run_sentence(host: str, run: HostRun, state: str) -> str:
    return f"{host}: {run.what} of {run.who} (run {run.name}): {state}"


def _lease_sentence(
    host: str,
    system: str,
    holder: Holder,
) -> str:
    return f"{host}: {holder.who} has had {system} since {holder.since}, {run_rows.life(holder)}"
