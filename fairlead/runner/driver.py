"""The driver: parts -> facts -> plan -> show or do -> outcome. The only place that acts on hosts."""

import getpass
import secrets
import socket
import time
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from fairlead.contract.verbs import traits
from fairlead.model.errors import (
    CommandLineError,
    FairleadError,
    Locked,
    PreflightBlocked,
    SecretError,
    SecretToMake,
    Unreachable,
)
from fairlead.model.plan import Ask, Check, Fact, Noun, Phase, Secret, Session, Status, Step, Target
from fairlead.model.results import HostResult, Progress, RunResult
from fairlead.operations.facts import PROBES
from fairlead.remote import programs, transaction
from fairlead.runner import executor, parallel, sessions
from fairlead.runner.context import Context
from fairlead.runner.revision import commit
from fairlead.runner.targets import Part, Request, belonging, lacking, needed, parts, returning

__all__ = ["Common", "Context", "Request", "perform"]


class Common(Noun, kw_only=True):
    """The options that every verb takes. Times are seconds."""

    site: str = ""
    hosts: tuple[str, ...] = ()
    dry_run: bool = False
    json: bool = False
    explain: bool = False
    yes: bool = False
    wait: float = 0
    fanout: int = 20
    batch: int = 0
    max_fail: int = 0
    timeout: float = 0
    skip_preflight: bool = False
    skip_unreachable: bool = False
    fix: tuple[
        str, ...
    ] = ()  # "safe", and the words of fixes that are done only when they are named
    fail_on_changed: bool = False


def perform(request: Request, common: Common, context: Context) -> RunResult:
    """One verb of the command line, from its words to its outcome. Raises FairleadError for what is wrong before any host is asked."""
    with context.cutting():
        return _perform(request, common, context)


def _perform(request: Request, common: Common, context: Context) -> RunResult:
    site = context.site()
    todo = parts(request, common.hosts, context.plugins, site)
    secrets_of = [_secrets(part, request, context) for part in todo]  # before any connection opens
    context.register_quietly(
        spec.name for part in todo for _, spec in belonging(part, context.plugins)
    )
    _agreed(request, common, context, todo)
    name = f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{secrets.token_hex(3)}"
    context.tell(
        "began",
        request.verb,
        site.name,
        name,
        tuple(dict.fromkeys(target.host for part in todo for target in part.targets)),
    )
    rows: list[HostResult] = []
    notes: list[str] = []
    for part, held in zip(todo, secrets_of, strict=True):
        done = PartRun(request, common, context, part, name, notes, held).perform()
        rows += done + [
            _row(part, host, "skipped", error=f"{host}: is marked offline in {site.path}")
            for host in part.offline
        ]
        if any(row.code for row in rows) and (part.verb.changes or part.sequence):
            back = (
                (returning(part, [row.host for row in done if row.state == "changed"]), *part.back)
                if part.back
                else ()
            )
            rows += [
                row
                for one in back
                if one
                for row in PartRun(
                    request, common, context, one, name, notes, _secrets(one, request, context)
                ).perform()
            ]
            break
    result = RunResult(
        verb=_title(request),
        site=site.name,
        run=name,
        hosts=tuple(rows),
        notes=tuple(dict.fromkeys(notes)),
        drift_fails=common.fail_on_changed,
    )
    context.tell("ended", result)
    return context.redactor.cut(result)


def _secrets(part: Part, request: Request, context: Context) -> Any:
    return (lacking if traits(part.verb.name).checks else needed)(
        part, request, context.plugins, context.secret
    )


def _title(request: Request) -> str:
    return ".".join(filter(None, (request.system, request.component, request.verb)))


def _agreed(request: Request, common: Common, context: Context, todo: tuple[Part, ...]) -> None:
    """`down` on more than one host asks first; what destroys data wants the site's name."""
    from fairlead.inventory.nodesets import fold

    hosts = {target.host for part in todo for target in part.targets}
    destroyed = [
        part.verb.destroys.format_map(msgspec.to_builtins(part.options))
        for part in todo
        if part.verb.destroys and part.targets
    ]
    if common.dry_run or common.explain or todo[0].system.runs_on:
        return
    if destroyed:
        question, word = f"Destroy {', '.join(destroyed)} on {fold(hosts)}?", context.site().name
    elif traits(request.verb).confirms_many and len(hosts) > 1:
        question, word = (
            f"Take {', '.join(part.name for part in todo)} down on {len(hosts)} hosts: {fold(hosts)}?",
            "",
        )
    else:
        return
    if not context.confirm(question, word):
        raise CommandLineError("inv", "nothing was done: the answer was no", "")


def _row(part: Part, host: str, state: str, **more: Any) -> HostResult:
    return HostResult(
        host=host,
        system=part.system.name,
        component=part.component.name,
        called=part.title,
        state=state,
        **more,
    )


class PartRun:
    """One part of one run. Holds what is known of its hosts until their rows are written."""

    def __init__(
        self,
        request: Request,
        common: Common,
        context: Context,
        part: Part,
        name: str,
        notes: list[str],
        secrets: Any,
    ):
        self.common, self.context, self.part, self.notes, self.secrets = (
            common,
            context,
            part,
            notes,
            secrets,
        )
        self.request = msgspec.structs.replace(
            request, verb=part.verb.name
        )  # in a sequence each part has its own
        self.rows: dict[str, HostResult] = {}
        self.facts: dict[str, transaction.Facts] = {}  # carrier -> what it said
        self.around: dict[str, dict[str, Any]] = {}  # host -> the values of its facts
        self.changes = part.verb.changes or (traits(part.verb.name).checks and common.fix)
        words = " ".join(["inv", _title(request), *(f"--host={host}" for host in common.hosts)])
        self.run = programs.RunInfo(
            name=name,
            who=f"{getpass.getuser()}@{socket.gethostname()}",
            what=words,
            lock=part.lock,
            site=part.targets[0].site if part.targets else "",
        )
        self.leases = self.changes and not common.dry_run and not common.explain

    # targets and carriers

    @property
    def open(self) -> list[Target]:
        """The targets that have no row yet."""
        return [target for target in self.part.targets if target.host not in self.rows]

    def carriers(self) -> list[str]:
        return list(dict.fromkeys(self.part.runs_on(target) for target in self.open))

    def row(self, target: Target, state: str, **more: Any) -> None:
        self.rows[target.host] = _row(self.part, target.host, state, **more)

    def refuse(self, target: Target, error: FairleadError) -> None:
        state = (
            "unreachable"
            if isinstance(error, Unreachable)
            else "locked"
            if isinstance(error, Locked)
            else "failed"
        )
        self.row(target, state, code=error.code, error=str(error))

    def on(self, carrier: str) -> list[Target]:
        return [target for target in self.open if self.part.runs_on(target) == carrier]

    # the order of things

    def perform(self) -> list[HostResult]:
        """All that this part does; a row for every target."""
        try:
            self._perform()
        finally:
            self._give_back()
        found = [self.rows[target.host] for target in self.part.targets]
        for row in found:
            self.context.tell(
                "progress",
                Progress(host=row.host, component=self.part.name, kind="ended", text=row.state),
            )
        return found

    def _perform(self) -> None:
        if not self._asked_all() and self.changes:
            self._skip("nothing was changed here, because of the other hosts")
            return
        if (
            traits(self.request.verb).asks_preflight
            and not self.common.skip_preflight
            and not self._prepared()
        ):
            self._skip("nothing was changed here: preflight blocks other hosts")
            return
        answers = self._answers()
        if self.changes and any(row.code for row in self.rows.values()):
            self._skip("nothing was changed here, because of the other hosts")
            return
        self._act(answers)

    def _skip(self, why: str) -> None:
        for target in self.open:
            self.row(target, "skipped", error=f"{target.host}: {why}")

    def _asked_all(self) -> bool:
        """The first round trip with every carrier. True: go on."""
        carriers = self.carriers()
        for carrier, found in self._first_trips(carriers).items():
            if isinstance(found, FairleadError):
                for target in self.on(carrier):
                    self.refuse(target, found)
        self.around = {
            target.host: self.facts[carrier].values
            for target in self.open
            if (carrier := self.part.runs_on(target)) in self.facts
        }
        if self.common.skip_unreachable:
            for host, row in self.rows.items():
                if row.state == "unreachable":
                    self.rows[host] = msgspec.structs.replace(row, state="skipped", code=0)
        return not any(row.code for row in self.rows.values())

    def _first_trips(self, carriers: list[str]) -> dict[str, transaction.Facts | FairleadError]:
        """All leases or none: who waits for one host gives back the others meanwhile, or two who wait for each other would wait for ever."""
        until = time.monotonic() + self.common.wait
        while True:
            answers = dict(
                zip(
                    carriers,
                    parallel.each(carriers, self._first_trip, self.common.fanout),
                    strict=True,
                )
            )
            held = {
                carrier: found.held
                for carrier, found in answers.items()
                if isinstance(found, transaction.Facts) and found.held
            }
            if not held or time.monotonic() >= until:
                return answers | {
                    carrier: transaction.refusal(carrier, self.part.lock, holder)
                    for carrier, holder in held.items()
                }
            self._give_back()
            for carrier, holder in held.items():
                self.context.tell(
                    "progress",
                    Progress(
                        host=carrier, component=self.part.name, kind="waiting", text=holder.who
                    ),
                )
            time.sleep(0.5 + secrets.randbelow(1000) / 1000)

    def _first_trip(self, carrier: str) -> transaction.Facts | FairleadError:
        try:
            line = self.context.link(carrier, self.common.timeout).line()
            self.context.tell(
                "progress", Progress(host=carrier, component=self.part.name, kind="connected")
            )
            self.facts[carrier] = found = transaction.ask(
                line, self._wanted(carrier), [self.part.lock], self.run if self.leases else None
            )
            if found.held is None or found.held_by_the_dead:
                self._strangers(carrier, found)
            if found.held is None:
                self.context.tell(
                    "progress", Progress(host=carrier, component=self.part.name, kind="asked")
                )
        except FairleadError as error:
            return error
        return found

    def _wanted(self, carrier: str) -> list[Fact]:
        """Core facts and the component's; those of its preflight too where that is asked first. One of a name."""
        asked = [
            Ask(verb, target, {}, self.part.options, self.request.argv)
            for target in self.on(carrier)
            for verb in self._verbs()
        ]
        own = [fact for ask in asked for fact in self.context.plugins.ask(ask, "facts") or ()]
        return list({fact.name: fact for fact in [*PROBES, *own]}.values())

    def _verbs(self) -> list[str]:
        prepared = (
            traits(self.request.verb).asks_preflight and "preflight" in self.part.component.verbs
        )
        return [self.request.verb] + ["preflight"] * prepared

    def _strangers(self, carrier: str, found: transaction.Facts) -> None:
        """Runs that ended while nobody looked are told of; one that is stranded has to be brought to one side first."""
        for one in found.runs:
            if one.system != self.part.lock or one.name.startswith(self.run.name) or one.alive:
                continue
            if one.stranded and self.leases:
                raise Locked(
                    carrier,
                    f"run {one.name} of {one.who} ({one.what}) was left {_left(one.state)}",
                    f"bring it to one side: inv runs.recover --host={carrier}",
                )
            self.notes.append(f"{carrier}: run {one.name} of {one.who} ({one.what}) {_told(one)}")

    def _ask(self, target: Target, verb: str = "") -> Ask:
        facts, held = (
            self.facts[self.part.runs_on(target)].values,
            self.secrets.get(target.host, {}),
        )
        secrets = {name: found for name, found in held.items() if isinstance(found, Secret)}
        told = (facts, self.part.options, self.request.argv, secrets, self.around)
        return Ask(
            verb or self.request.verb, target, *told, self.run.who, commit(self.context.site().path)
        )

    def _prepared(self) -> bool:
        """Preflight, before a verb that needs it. False: something blocks."""
        if "preflight" not in self.part.component.verbs:
            return True
        for target in self.open:
            checks = self._checks(target)
            blocking = [check for check in checks if check.blocks and not check.ok]
            if blocking:
                fix = (
                    "; what is safe to mend, --fix mends"
                    if any(check.fix for check in blocking)
                    else ""
                )
                see = f"see inv {self.part.name}.preflight --host={target.host}{fix}"
                error = PreflightBlocked(
                    target.host,
                    "; ".join(f"{check.name}: {check.found}" for check in blocking),
                    see,
                )
                self.row(
                    target,
                    "failed",
                    code=error.code,
                    error=str(error),
                    checks=tuple(map(_told_check, blocking)),
                )
        return not any(row.code for row in self.rows.values())

    def _checks(self, target: Target) -> tuple[Check, ...]:
        held = self.secrets.get(target.host, {}).values()
        missing = (_missing(error) for error in held if isinstance(error, SecretError))
        return (*missing, *(self.context.plugins.ask(self._ask(target, "preflight")) or ()))

    def _answers(self) -> dict[str, Any]:
        """What the verb means for each host."""
        answers = {}
        for target in self.open:
            try:
                answers[target.host] = (
                    self._checks(target)
                    if traits(self.request.verb).checks
                    else self.context.plugins.ask(self._ask(target))
                )
            except FairleadError as error:
                self.refuse(target, error)
        return answers

    def _act(self, answers: dict[str, Any]) -> None:
        first = next((answer for answer in answers.values() if answer is not None), ())
        for target in self.open if isinstance(first, Session) else ():
            if answers[target.host] is None:
                self.row(target, "skipped")
        if isinstance(first, Status):
            for target in self.open:
                found = answers[target.host]
                self.row(
                    target,
                    "ok" if found.healthy else "failed",
                    code=0 if found.healthy else 1,
                    fields=dict(found.fields),
                )
        elif isinstance(first, Session):
            sessions.run(self, answers)
        elif first and isinstance(first[0], Check):
            self._preflight(answers)
        else:
            executor.run(
                self, {host: phases(found, self.request.verb) for host, found in answers.items()}
            )

    def _preflight(self, answers: dict[str, Any]) -> None:
        fixes = {host: tuple(_fixes(checks, self.common.fix)) for host, checks in answers.items()}
        known = {
            "safe",
            *(check.fix_name for checks in answers.values() for check in checks if check.fix_name),
        }
        self.notes.extend(
            f"--fix={word}: {self.part.name} has {', '.join(sorted(known))} to fix"
            for word in self.common.fix
            if word not in known
        )
        if self.common.fix and any(fixes.values()):
            executor.run(self, {host: (Phase("fix", steps),) for host, steps in fixes.items()})
            if (
                self.common.dry_run
                or self.common.explain
                or any(row.code for row in self.rows.values())
            ):
                return
            fixed, self.rows = self.rows, {}
            self._give_back()
            self.leases = False  # what is left to do is looking
            self._asked_all()
            answers = {target.host: self._checks(target) for target in self.open}
            done = {host: row.steps for host, row in fixed.items()}
        else:
            done = {}
        for target in self.open:
            self._checked(target, answers[target.host], done.get(target.host, ()))

    def _checked(self, target: Target, checks: tuple[Check, ...], steps: tuple[Any, ...]) -> None:
        blocked = [check for check in checks if check.blocks and not check.ok]
        state = (
            "failed"
            if blocked
            else "changed"
            if any(step.state == "changed" for step in steps)
            else "ok"
        )
        self.row(
            target,
            state,
            code=4 if blocked else 0,
            checks=tuple(map(_told_check, checks)),
            steps=steps,
        )

    def _give_back(self) -> None:
        """The leases that no transaction has given back."""
        if not self.leases:
            return
        held = [
            carrier
            for carrier, found in self.facts.items()
            if found.held is None and carrier not in getattr(self, "released", ())
        ]
        parallel.each(held, self._release, self.common.fanout)

    def _release(self, carrier: str) -> None:
        try:
            transaction.tell(
                self.context.link(carrier).line(),
                programs.release_program,
                self.part.lock,
                self.run.name,
            )
        except FairleadError as error:
            self.notes.append(
                f"{carrier}: its lease could not be given back ({error.what}); it ends by itself within {programs.LEASE_SECONDS // 60} minutes"
            )


def phases(found: Iterable[Step] | Iterable[Phase] | None, verb: str) -> tuple[Phase, ...]:
    """What a verb returned, as phases: plain Steps are one phase with the name of the verb."""
    made = tuple(found or ())
    if made and isinstance(made[0], Phase):
        return made
    return (Phase(verb, made),) if made else ()


def _fixes(checks: tuple[Check, ...], asked: tuple[str, ...]) -> Iterator[Step]:
    """The steps of those that are asked for."""
    for check in checks:
        if not check.ok and (check.fix_name or "safe") in asked:
            yield from check.fix


def _missing(error: SecretError) -> Check:
    """A secret that `up` would not get, as a check of preflight. One that fairlead can make stands in nobody's way: it is made after preflight."""
    return Check(
        name=error.where,
        ok=False,
        wanted="a secret that opens",
        found=error.what,
        why="up needs it here",
        remedy=error.remedy or "inv secrets",
        blocks=not isinstance(error, SecretToMake),
    )


def _told_check(check: Check) -> dict[str, Any]:
    names = ("name", "ok", "blocks", "wanted", "found", "why", "remedy")
    return {name: getattr(check, name) for name in names} | {"fixable": bool(check.fix)}


def _left(state: str) -> str:
    return {
        "open": "in the middle (power cut, or its worker was killed)",
        "interrupted": "in the middle by a shutdown",
        "stuck": "half undone",
    }[state]


def _told(one: transaction.OnHost) -> str:
    state = one.state
    if one.more and state in ("changed", "ok"):
        return "lost its operator in the middle: it finished what it had begun there, and the rest was never begun; run it again"
    ways = {
        "changed": "lost its operator and finished by itself",
        "ok": "lost its operator and ended: nothing had to change",
    }
    ways |= {
        "undone": "lost its operator, failed, and undid everything by itself",
        "failed": "lost its operator and failed",
    }
    return ways.get(
        state,
        f"was left {_left(state)}: inv runs.recover"
        if state in ("open", "interrupted", "stuck")
        else f"ended: {state}",
    )
