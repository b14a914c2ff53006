"""Phases become transactions on many hosts, or are shown instead: --dry-run, --explain."""

import shlex
import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from fairlead.model.errors import FairleadError, Locked, Unreachable
from fairlead.model.plan import Command, Noun, Phase, Registered, Secret, Step, argvs
from fairlead.model.results import Progress, StepResult
from fairlead.remote import programs, transaction
from fairlead.remote.events import Event, text
from fairlead.runner import parallel
from fairlead.secrets.redaction import LARGEST, hidden, secrets_for_host

LATE = {
    "late": "it did not become so within {0:g} s",
    "unarmed": "no new connection arrived within {1:g} s",
}

LAST = 10  # lines of a long and talkative step that are told where it fails


class SharedStep(Noun):
    """One step of a transaction, and the targets that asked for it."""

    step: Step
    hosts: tuple[str, ...]
    phase: str


def run(part: Any, plans: Mapping[str, tuple[Phase, ...]]) -> None:
    """Do (or show) the phases of every host; writes the rows of `work`."""
    Executor(part, plans).run()


class Executor:
    """The phases of one part, from the first to the last or to the one that failed."""

    def __init__(self, part: Any, plans: Mapping[str, tuple[Phase, ...]]):
        self.part, self.plans, self.common = part, plans, part.common
        self.kept: dict[tuple[str, str], str] = {}
        self.lines: dict[str, threading.Lock] = defaultdict(threading.Lock)
        self.steps: dict[str, list[StepResult]] = {host: [] for host in plans}
        self.errors: dict[str, tuple[str, int, str]] = {}  # host -> state, code, sentence
        self.names = list(
            dict.fromkeys(phase.name for phases in plans.values() for phase in phases)
        )

    def run(self) -> None:
        for secret in {
            secret for carrier in self.part.carriers() for secret in self._given(carrier)
        }:
            if len(secret.reveal()) <= LARGEST:
                self.part.context.redactor.add(secret)
        if self.common.explain:
            self._explain()
        elif self.common.dry_run:
            self._all(
                [
                    (carrier, self._tasks(carrier, self.names), 1)
                    for carrier in self.part.carriers()
                ],
                self._dry,
            )
        else:
            self._phases()
        for target in self.part.open:
            self._row(target)

    # what is to be done

    def _tasks(self, carrier: str, names: Iterable[str]) -> tuple[SharedStep, ...]:
        """The steps of these phases on one carrier; what several targets ask for in the same words is done once."""
        found: dict[Step, list[Any]] = {}
        for name in names:
            for target in self.part.on(carrier):
                for step in self._steps(target.host, name):
                    found.setdefault(step, [name, []])[1].append(target.host)
        return tuple(
            SharedStep(step, tuple(dict.fromkeys(hosts)), name)
            for step, (name, hosts) in found.items()
        )

    def _steps(self, host: str, name: str) -> tuple[Step, ...]:
        return tuple(
            step for phase in self.plans[host] if phase.name == name for step in phase.steps
        )

    def _rolling(self, name: str) -> bool:
        return any(
            phase.rolling
            for phases in self.plans.values()
            for phase in phases
            if phase.name == name
        )

    # doing it

    def _phases(self) -> None:
        last = {
            carrier: name
            for name in self.names
            for carrier in self.part.carriers()
            if self._tasks(carrier, [name])
        }
        self.part.released = set()
        for name in self.names:
            number = self.part.context.number()
            todo = [
                (carrier, tasks, number)
                for carrier in self.part.carriers()
                if (tasks := self._tasks(carrier, [name]))
            ]
            self._renewing(todo, last, name)
            if self.errors:
                return

    def _renewing(self, todo: list[Any], last: Mapping[str, str], name: str) -> None:
        """A phase; the leases of the hosts that do not work meanwhile (no part in it, or a later batch) are renewed."""
        over = threading.Event()
        renewer = threading.Thread(target=self._renew, args=(list(last), over), daemon=True)
        renewer.start()
        try:
            releases = {carrier for carrier, _, _ in todo if last[carrier] == name}
            self._all(
                todo,
                lambda carrier, tasks, number: self._transaction(
                    carrier, tasks, number, carrier in releases
                ),
                name,
            )
        finally:
            over.set()

    def _renew(self, carriers: list[str], over: threading.Event) -> None:
        while not over.wait(programs.LEASE_SECONDS * 0.4):
            for carrier in carriers:
                if self.lines[carrier].acquire(blocking=False):  # a line is used by one thread
                    try:
                        if carrier not in self.part.released:
                            transaction.tell(
                                self.part.context.link(carrier).line(),
                                programs.renew_program,
                                self.part.run,
                            )
                    except FairleadError:
                        pass  # whoever works there next finds out and says so
                    finally:
                        self.lines[carrier].release()

    def _all(self, todo: list[Any], part: Any, name: str = "") -> None:
        def batch(some: Any) -> list[bool]:
            parallel.each(some, lambda one: part(*one), self.common.fanout)
            return [
                not any(task_host in self.errors for task in tasks for task_host in task.hosts)
                for _, tasks, _ in some
            ]

        if name and self._rolling(name):
            left = parallel.rolling(todo, self.common.batch, self.common.max_fail, batch)
            for _, tasks, _ in left:
                self._fail(
                    tasks, "skipped", 0, "was not touched: too many hosts before it had failed"
                )
        elif todo:
            batch(todo)

    def _transaction(
        self, carrier: str, tasks: tuple[SharedStep, ...], number: int, release: bool
    ) -> None:
        seen = [
            one.name
            for one in self.part.facts[carrier].runs
            if not one.alive and one.state in transaction.ENDED
        ]
        try:
            steps = tuple(programs.fill(task.step, self.kept, carrier) for task in tasks)
            shown = tuple(programs.fill(task.step, self.kept, carrier, show=True) for task in tasks)
            self._differences(carrier, tasks)
            with self.lines[carrier]:
                found = transaction.do(
                    self.part.context.link(carrier, self.common.timeout),
                    self.part.run,
                    number,
                    steps,
                    lambda event: self._heard(carrier, tasks, number, event),
                    wait=self.common.wait,
                    release=release,
                    seen=seen,
                    hidden=hidden(
                        self._given(carrier, steps)
                    ),  # cut there too, before it is written
                )
        except FairleadError as error:
            self._fail(
                tasks,
                "unreachable" if isinstance(error, Unreachable) else "failed",
                error.code,
                str(error),
                whole=True,
            )
            return
        if release and found.state != "open":
            self.part.released.add(carrier)
        self._read(carrier, tasks, shown, found)

    def _given(self, carrier: str, steps: Iterable[Step] = ()) -> frozenset[Secret]:
        """The secrets that the host is given in this plan."""
        targets = self.part.on(carrier)
        planned = [
            step
            for name in self.names
            for target in targets
            for step in self._steps(target.host, name)
        ]
        held = [
            secret
            for target in targets
            for secret in self.part.secrets.get(target.host, {}).values()
        ]
        return secrets_for_host(
            [step.stdin for step in (*planned, *steps) if isinstance(step.stdin, Secret)], held
        )

    def _differences(self, carrier: str, tasks: tuple[SharedStep, ...]) -> None:
        """What is about to change in files, told before it is done."""
        for number, task in enumerate(tasks, 1):
            if task.step.diff:
                host = task.hosts[0] if len(task.hosts) == 1 else carrier
                about = Progress(
                    host=host,
                    component=self.part.part.name,
                    kind="diff",
                    step=task.step.name,
                    text=task.step.diff,
                    number=number,
                )
                self.part.context.tell("progress", about)

    def _dry(self, carrier: str, tasks: tuple[SharedStep, ...], number: int) -> None:
        steps = tuple(programs.fill(task.step, {}, carrier, dry=True) for task in tasks)
        try:
            found = transaction.dry(
                self.part.context.link(carrier).line(), self.part.run, number, steps
            )
        except FairleadError as error:
            self._fail(
                tasks,
                "unreachable" if isinstance(error, Unreachable) else "failed",
                error.code,
                str(error),
                whole=True,
            )
            return
        self._read(carrier, tasks, steps, found)

    def _heard(
        self, carrier: str, tasks: tuple[SharedStep, ...], number: int, event: Event
    ) -> None:
        """One event as it happens: to the observers; an armed step is answered through a new connection."""
        if event.kind == "armed":
            threading.Thread(
                target=self._disarm,
                args=(
                    carrier,
                    tasks[event.step - 1].step,
                    f"{self.part.run.name}.{number}",
                    event.step,
                ),
                daemon=True,
            ).start()
        if event.kind not in ("begin", "note", "step", "undo"):
            return
        task = tasks[event.step - 1]
        for host in task.hosts if len(task.hosts) == 1 else (carrier,):
            self.part.context.tell("progress", self._progress(host, task, event, len(tasks)))

    def _progress(self, host: str, task: SharedStep, event: Event, total: int) -> Progress:
        note = text(event.words[1]) if event.kind == "note" and not task.step.sensitive else ""
        result = None
        if event.kind == "step":
            state = (
                event.words[1] if event.words[1] in ("ok", "changed", "would-change") else "failed"
            )
            said = (
                text(event.words[4]) if task.step.show_output and state in ("ok", "changed") else ""
            )
            result = StepResult(
                name=task.step.name,
                state=state,
                seconds=int(event.words[3]) / 1000,
                phase=task.phase,
                said=_last(said),
            )
        elif event.kind == "undo":
            result = StepResult(
                name=task.step.name,
                state="undone" if event.words[1] == "0" else "stuck",
                phase=task.phase,
            )
        return Progress(
            host=host,
            component=self.part.part.name,
            kind=event.kind,
            step=task.step.name,
            text=note.strip(),
            number=event.step,
            total=total,
            result=result,
        )

    def _disarm(self, carrier: str, step: Step, name: str, number: int) -> None:
        """Reach the host again by a connection of its own, until the switch's time is over."""
        import time

        until = time.monotonic() + step.confirm_within
        while time.monotonic() < until:
            try:
                line = self.part.context.link(carrier).fresh()
                transaction.tell(line, programs.disarm_program, name, number)
                line.close()
            except FairleadError:
                time.sleep(0.5)
            else:
                return

    # what came of it

    def _read(
        self,
        carrier: str,
        tasks: tuple[SharedStep, ...],
        steps: tuple[Step, ...],
        found: transaction.Ended,
    ) -> None:
        ends = {end.step: end for end in found.steps}
        for number, (task, step) in enumerate(zip(tasks, steps, strict=True), 1):
            result = _result(task, step, ends.get(number), found.undone.get(number))
            for host in task.hosts:
                self.steps[host].append(result)
                if step.register and number in found.kept:
                    self._keep((host, carrier), step, found.kept[number].rstrip("\n"))
        if found.state == "locked":
            self._fail(
                tasks,
                "locked",
                Locked.code,
                str(
                    transaction.refusal(
                        carrier, self.part.part.lock, found.holder or transaction.Holder()
                    )
                ),
                whole=True,
            )
        elif found.state not in ("ok", "changed"):
            self._failed(tasks, ends, found)

    def _keep(self, hosts: Iterable[str], step: Step, words: str) -> None:
        if step.sensitive:
            self.part.context.redactor.add(Secret(words))
        self.kept |= {(host, step.register): words for host in hosts}

    def _failed(
        self, tasks: tuple[SharedStep, ...], ends: Mapping[int, Any], found: transaction.Ended
    ) -> None:
        bad = next(
            (
                number
                for number, end in ends.items()
                if end.state in ("failed", "late", "question", "unarmed")
            ),
            0,
        )
        why = (
            f"{tasks[bad - 1].step.name}: {_why(tasks[bad - 1].step, ends[bad])}"
            if bad
            else f"it was {found.state}"
        )
        stays = [
            task.step.name
            for number, task in enumerate(tasks, 1)
            if number in ends and ends[number].state == "changed" and number not in found.undone
        ]
        undone = found.state == "undone" and bool(found.undone)
        code = 8 if undone and bad and tasks[bad - 1].step.gate else 1
        remedy = f"; {tasks[bad - 1].step.remedy}" if bad and tasks[bad - 1].step.remedy else ""
        gate = bool(bad and tasks[bad - 1].step.gate)
        self._fail(
            tasks,
            "rolled-back" if undone else "failed",
            code,
            why + _after(found, stays, gate) + remedy,
        )

    def _fail(
        self, tasks: Iterable[SharedStep], state: str, code: int, why: str, whole: bool = False
    ) -> None:
        for host in dict.fromkeys(host for task in tasks for host in task.hosts):
            self.errors[host] = (state, code, why if whole else f"{host}: {why}")

    def _row(self, target: Any) -> None:
        steps = tuple(self.steps[target.host])
        if target.host in self.errors:
            state, code, error = self.errors[target.host]
            self.part.row(target, state, code=code, error=error, steps=steps)
        elif self.errors and not steps and self.plans[target.host]:
            self.part.row(
                target,
                "skipped",
                error=f"{target.host}: was not touched, because of the other hosts",
            )
        elif not self.common.explain:
            states = {step.state for step in steps}
            self.part.row(
                target,
                next((state for state in ("would-change", "changed") if state in states), "ok"),
                steps=steps,
            )

    # --explain

    def _explain(self) -> None:
        for target in self.part.open:
            lines = [
                line
                for name in self.names
                for step in self._steps(target.host, name)
                for line in explained(programs.fill(step, {}, target.host, dry=True))
            ]
            self.part.row(target, "ok", explain="\n".join(lines), steps=())


def explained(step: Step) -> list[str]:
    """What a person would type for this step, under its name."""
    user = f"  (as {step.run_as})" if step.run_as else ""
    unless = [_remark("unless", step.unless)] if step.unless is not None else []
    do = (
        [
            typed(step.do)
            + ("  # what it reads on stdin is not shown" if step.stdin is not None else "")
        ]
        if step.do
        else []
    )
    until = [_remark("until", step.until)] if step.until is not None else []
    diff = [f"#   {line}" for line in step.diff.splitlines()]
    return [f"# {step.name}{user}", *unless, *diff, *do, *until]


def _remark(what: str, command: Command) -> str:
    """A question, in comments: what is pasted into a shell asks nothing."""
    return "\n".join(f"#   {line}" for line in f"{what}: {typed(command)}".split("\n"))


def typed(command: Command | str) -> str:
    """A command as a person would type it."""
    from fairlead.model.plan import Either, Not, Pipe, Same, Then

    match command:
        case str():
            return shlex.quote(command)
        case tuple():
            return shlex.join(word for word in command if isinstance(word, str))
        case Same(left, right):
            return f"{typed(left)} prints {typed(right)}"
        case Not(part):
            return f"! {typed(part)}"
        case Then(parts):
            return " && ".join(map(typed, parts))
        case Pipe(parts):
            return " | ".join(map(typed, parts))
        case Either(parts):
            return " || ".join(map(typed, parts))
    raise TypeError(f"no command: {command!r}")


def commands(step: Step) -> tuple[tuple[str, ...], ...]:
    """The argv lists of what a step does."""
    return tuple(
        tuple(word if not isinstance(word, Registered) else f"<{word.name}>" for word in argv)
        for argv in argvs(step.do)
    )


def _result(
    task: SharedStep, step: Step, end: transaction.StepEnd | None, undone: tuple[int, str] | None
) -> StepResult:
    if end is None:
        return StepResult(
            name=step.name, state="not-run", commands=commands(step), phase=task.phase
        )
    good = end.state in ("ok", "changed", "would-change")
    state = end.state if good else "failed"
    if undone is not None:
        state = "stuck" if undone[0] else "undone" if good else "failed"
    error = (undone[1].strip() if undone and undone[0] else "") or ("" if good else _why(step, end))
    return StepResult(
        name=step.name,
        state=state,
        commands=commands(step),
        seconds=end.milliseconds / 1000,
        error=error,
        phase=task.phase,
        diff=step.diff if state in ("changed", "would-change") else "",
        said=_last(end.said) if good and step.show_output else "",
    )


def _last(said: str) -> str:
    return (said.strip().splitlines() or [""])[-1]


def _why(step: Step, end: transaction.StepEnd) -> str:
    said = (
        ""
        if step.sensitive
        else "\n".join(end.said.strip().splitlines()[-LAST if step.progress else 0 :])
    )
    if end.state in LATE:
        return LATE[end.state].format(step.timeout, step.confirm_within) + (
            f": {said}" if said else ""
        )
    if end.state == "question":
        return f"could not be asked whether it is already so (exit {end.code}): {said or 'it said nothing'}"
    if end.code in (124, 137, 143) and end.milliseconds >= step.timeout * 1000 - 50:
        return f"was ended after {step.timeout:g} s" + (f": {said}" if said else "")
    return (
        dict(step.exit_messages).get(end.code) or said or f"ended with {end.code} and said nothing"
    )


def _after(found: transaction.Ended, stays: list[str], gate: bool) -> str:
    """What became of the rest, and what to do."""
    if found.state == "undone" and found.undone:
        return ("; the old one is back" if gate else "; what was begun is undone") + (
            f" ({', '.join(stays)} stays done)" if stays else ""
        )
    if found.state == "stuck":
        return "; undoing it failed as well: look at the host, then inv runs.recover --host=... (or --forward)"
    if found.state == "interrupted":
        return "; stopped by a shutdown of the host: inv runs.recover"
    return (
        f"; {', '.join(stays)} stays done"
        if stays
        else f"; nothing {'else ' * (found.state == 'undone')}was changed"
    )
