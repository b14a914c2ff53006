"""Phases become transactions on many hosts, or are shown instead: --dry-run, --explain."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import chain

from fairlead.contract.verbs import participle
from fairlead.model.errors import FairleadError, SecretError, StepFailed, Unhealthy
from fairlead.model.plan import Noun, Secret, Step, Target
from fairlead.model.results import StepResult
from fairlead.remote import job, transaction
from fairlead.remote.events import StepEnded
from fairlead.remote.registered import fill, sources
from fairlead.remote.results import Ended, Holder, lacks_room
from fairlead.runner import dry, fetching, following, parallel, rollout, step_results
from fairlead.runner.consequences import consequences
from fairlead.runner.explain import explained
from fairlead.runner.part import PartRun, failure_state
from fairlead.runner.phases import HostPhase, HostPlans, Plans
from fairlead.runner.silence import Silence
from fairlead.secrets.redaction import LARGEST, hidden, secrets_for_host

# How a transaction ended in which no step failed -> why
WHY = {"open": "its worker was killed in the middle"}

DoPhase = Callable[[HostPhase], None]


class Failure(Noun):
    """How a target failed: the fields of its HostResult."""

    state: str
    code: int
    error: str


def run(part: PartRun, plans: HostPlans) -> None:
    """Do (or show) the phases of every target; writes the rows of `part`."""
    Executor(part, plans).run()


class Executor:
    """The phases of one part, from the first to the last or to the one that failed.

    Steps, results and failures are kept by target host; what is carried out goes by the host on
    which it is carried out, which may be one for all targets.
    """

    def __init__(self, part: PartRun, plans: HostPlans):
        self.part = part
        self.common = part.common
        self.plans = Plans(part, plans)
        self.registered: dict[tuple[str, str], str] = {}  # host, name -> what a step printed
        self.results: dict[str, list[StepResult]] = {host: [] for host in plans}
        self.failures: dict[str, Failure] = {}
        # hosts that need a word of one that has failed -> those
        self.blocked: dict[str, set[str]] = {}
        self.done: set[tuple[str, str]] = set()  # host, phase
        self.why_stopped = ""  # between two batches

    def run(self) -> None:
        self._redact_secrets()
        if self.common.explain:
            self._explain()
        elif self.common.dry_run:
            self._dry_run()
        else:
            self._do_phases()
            self._fetch()
        for target in self.part.open_targets:
            self._write_row(target)

    def _redact_secrets(self) -> None:
        for host in self.part.open_hosts():
            for secret in self._secrets_sent_to(host):
                if len(secret.reveal()) <= LARGEST:
                    self.part.context.redactor.add(secret)

    # doing it

    def _do_phases(self) -> None:
        last_phases = self.plans.last_phases()
        for name in self.plans.names:
            self._do_phase(name, last_phases)
            if self.why_stopped or len(self.failures) > self._most_failures():
                return

    def _do_phase(
        self,
        name: str,
        last_phases: Mapping[str, str],
    ) -> None:
        number = self.part.context.next_number()
        phases = self._shipped(self._remaining(self.plans.host_phases(name, number)))

        def do(phase: HostPhase) -> None:
            self._do_transaction(phase, release=last_phases[phase.host] == name)
            self.done |= {(host, name) for host in phase.target_hosts()}

        if self.plans.is_rolling(name):
            rollout.announce(self.part, name, phases, self.plans.ways_back(name))
            self._do_rolling(phases, do)
        else:
            parallel.each(phases, do, self.common.fanout)

    def _remaining(self, phases: Iterable[HostPhase]) -> list[HostPhase]:
        """What is left of a phase without the hosts that have failed, in this phase or one before,
        and those that need a word of such a host.
        """
        phases = list(phases)
        for phase in phases:
            for shared in phase.steps:
                unknown = {
                    host
                    for host in sources(shared.step)
                    if host in self.failures or host in self.blocked
                }
                for host in shared.hosts if unknown else ():
                    self.blocked.setdefault(host, set()).update(unknown)
        left_out = {*self.failures, *self.blocked}
        remaining = [phase.without(left_out) for phase in phases]
        return [phase for phase in remaining if phase.steps]

    def _shipped(self, phases: Sequence[HostPhase]) -> list[HostPhase]:
        """The same, once each has what its steps want of other hosts; the rest has failed."""
        if not any(shared.step.shipment for phase in phases for shared in phase.steps):
            return list(phases)
        from fairlead.runner import shipping  # brings tarfile, which hardly a plan needs

        failures = shipping.ship(self.part, phases, self.registered)
        for phase in phases:
            if phase.host in failures:
                self._fail_by(phase, failures[phase.host])
        return [phase for phase in phases if phase.host not in failures]

    def _do_rolling(
        self,
        phases: Sequence[HostPhase],
        do: DoPhase,
    ) -> None:
        """Batch by batch, until too many have failed, those of the phases before counted."""
        part = self.part

        def do_batch(batch: Sequence[HostPhase]) -> list[bool]:
            parallel.each(batch, do, self.common.fanout)
            return [not self._has_failed(phase) for phase in batch]

        def goes_on(done: Sequence[HostPhase], batch: Sequence[HostPhase]) -> bool:
            self.why_stopped = rollout.why_to_stop(part, done, batch)
            return not self.why_stopped

        bearable = self._most_failures() - len(self.failures)
        sizes = rollout.sizes(part, phases)
        behind = parallel.rolling(phases, sizes, bearable, do_batch, goes_on)
        if behind:
            part.notes.append(rollout.way_on(part, behind))

    def _most_failures(self) -> int:
        """How many of all targets may fail before the rest is left as it is."""
        return self.common.max_fail.of(len(self.plans.by_host))

    def _has_failed(self, phase: HostPhase) -> bool:
        return any(host in self.failures for host in phase.target_hosts())

    def _do_transaction(self, phase: HostPhase, *, release: bool) -> None:
        host = phase.host
        try:
            steps = self._filled(phase)
            shown = self._filled(phase, show=True)
            quiet = Silence()
            following.report_differences(self.part, phase)
            with self.part.connection_lock(host):
                ended = transaction.do(
                    self.part.link(host, self.common.timeout),
                    self.part.run,
                    phase.number,
                    steps,
                    lambda event: following.on_event(self.part, phase, event, quiet),
                    wait=self.common.wait,
                    release=release,
                    seen=self._ended_runs(host),
                    # cut there too, before it is written
                    hidden=hidden(self._secrets_sent_to(host, steps)),
                )
                if (release or ended.cancelled_by) and ended.state != "open":
                    self.part.released.add(host)
        except FairleadError as error:
            self._fail_by(phase, error)
            return
        self._read(phase, shown, ended)

    def _filled(
        self,
        phase: HostPhase,
        *,
        show: bool = False,
    ) -> tuple[Step, ...]:
        """The steps with what earlier ones registered. Raises StepFailed."""
        return tuple(
            fill(shared.step, self.registered, phase.host, show=show) for shared in phase.steps
        )

    def _ended_runs(self, host: str) -> list[str]:
        """The runs that have ended there, which this one reports: they count as seen now."""
        return [run.name for run in self.part.facts[host].runs if run.is_finished]

    def _secrets_sent_to(
        self,
        host: str,
        filled: Iterable[Step] = (),
    ) -> frozenset[Secret]:
        """The secrets that a host is given in this plan."""
        steps: list[Step] = list(filled)
        known: list[Secret | SecretError] = []
        for target in self.part.targets_on(host):
            steps += self.plans.steps_of(target)
            known += self.part.secrets.get(target.host, {}).values()
        inputs = [step.stdin for step in steps]
        return secrets_for_host(_secrets(inputs), _secrets(known))

    def _fetch(self) -> None:
        """Bring here what steps have written for us; where that cannot be had, the host fails."""
        targets = [target for target in self.part.open_targets if target.host not in self.failures]
        errors = fetching.fetch(self.part, targets, self.plans, self.registered)
        self.failures |= {host: _failure(error) for host, error in errors.items()}

    # showing it

    def _dry_run(self) -> None:
        def show(phase: HostPhase) -> None:
            try:
                steps, ended = dry.ask(self.part, phase)
            except FairleadError as error:
                self._fail_by(phase, error)
            else:
                self._read(phase, steps, ended)

        for name in filter(self.plans.is_rolling, self.plans.names):
            phases = self.plans.host_phases(name, 1)
            rollout.announce(self.part, name, phases, self.plans.ways_back(name))
        parallel.each(
            self.plans.whole(),
            show,
            self.common.fanout,
        )

    def _explain(self) -> None:
        hosts = self.part.open_hosts()
        scripts = {self.part.targets_on(host)[0].host: host for host in hosts}
        texts = {host: self._script(host) for host in hosts}
        for target in self.part.open_targets:
            steps = [dry.named(step, target.host) for step in self.plans.steps_of(target)]
            host = scripts.get(target.host, "")
            self.part.write_row(
                target,
                "ok",
                explain="\n".join(chain.from_iterable(map(explained, steps))),
                script=texts.get(host, ""),
                script_host=host,
                steps=(),
            )

    def _script(self, host: str) -> str:
        """What is done on a host, once for all its targets."""
        phases = [phase for phase in self.plans.phases_on(host) if phase.steps]
        return job.script(phases, host) if phases else ""

    # what came of it

    def _read(
        self,
        phase: HostPhase,
        steps: tuple[Step, ...],
        ended: Ended,
    ) -> None:
        """Keep the results of the steps, what they registered, and why the transaction failed."""
        ends = {end.step: end for end in ended.steps}
        follows = consequences(phase, ends) if self.common.dry_run else {}
        for number, (shared, step) in enumerate(
            zip(
                phase.steps,
                steps,
                strict=True,
            ),
            1,
        ):
            undone = ended.undone.get(number)
            result = step_results.result(
                step,
                shared.phase,
                ends.get(number),
                undone,
                follows.get(number, ()),
            )
            for host in shared.hosts:
                self.results[host].append(result)
            if step.register and number in ended.kept:
                hosts = (*shared.hosts, phase.host)
                self._register(
                    hosts,
                    step,
                    ended.kept[number].rstrip("\n"),
                )
        if ended.uncopied:
            self.part.notes.append(f"{phase.host}: its syslog has no line of it: {ended.uncopied}")
        if ended.state == "locked":
            holder = ended.holder or Holder()
            self._fail_by(phase, transaction.refusal(phase.host, self.part.lock, holder))
        elif ended.state not in ("ok", "changed"):
            self._fail_steps(phase, ends, ended)

    def _register(
        self,
        hosts: Iterable[str],
        step: Step,
        output: str,
    ) -> None:
        if step.sensitive:
            self.part.context.redactor.add(Secret(output))
        self.registered |= {(host, step.register): output for host in hosts}

    def _fail_steps(
        self,
        phase: HostPhase,
        ends: Mapping[int, StepEnded],
        ended: Ended,
    ) -> None:
        """Fail the targets of a transaction in which a step failed, or which was ended."""
        failed = [number for number, end in ends.items() if end.state in step_results.FAILED]
        is_undone = ended.state == "undone" and bool(ended.undone) and not ended.silent
        why, remedy = WHY.get(ended.state, f"it was {ended.state}"), ""
        at_gate = only_waited = False
        if ended.cancelled_by and all(ends[number].state == "cancelled" for number in failed):
            names = [phase.steps[number - 1].step.name for number in failed]
            why = ": ".join((*names, f"cancelled by {ended.cancelled_by}"))
        elif failed:
            step = phase.steps[failed[0] - 1].step
            why = f"{step.name}: {step_results.why_failed(step, ends[failed[0]])}"
            remedy, at_gate = step.remedy, step.gate
            only_waited = bool(step.until) and not step.do
        is_full = lacks_room(why, *ended.silent)
        if is_full and not ended.silent:
            remedy = f"make room on the disk of {phase.host}"
        elif only_waited and not ended.undone and not remedy:
            remedy = self._remedy_of_silence(phase, ended)
        changed = [number for number, end in ends.items() if end.state == "changed"]
        staying = sorted(set(changed) - set(ended.undone))
        names = [phase.steps[number - 1].step.name for number in staying]
        after = step_results.aftermath(
            ended,
            names,
            host=phase.host,
            at_gate=at_gate,
            remedy=self._remedy_of_silence(phase, ended, is_full),
        )
        state = "rolled-back" if is_undone else "failed"
        code = Unhealthy.code if is_undone and at_gate else StepFailed.code
        self._fail(phase, state, code, why + after + (f"; {remedy}" if remedy else ""))

    def _remedy_of_silence(self, phase: HostPhase, ended: Ended, is_full: bool = False) -> str:
        """What helps where what runs, or was started again, does not answer; a step that is
        exclusive put back the host's own network or engine.
        """
        host, known = phase.host, self.part.component.verbs
        silent = [number for number, (code, _) in ended.proofs.items() if code]
        is_host = any(phase.steps[number - 1].step.exclusive for number in silent)
        verbs = ("restart",) if is_full else ("logs", "restart")
        lines = [self.part.typed(name, host) for name in verbs if name in known]
        if is_full:
            return ", then ".join((f"make room on the disk of {host}", *lines))
        return "look at the host" if is_host or not lines else f"see {' and '.join(lines)}"

    def _fail(
        self,
        phase: HostPhase,
        state: str,
        code: int,
        why: str,
    ) -> None:
        for host in phase.target_hosts():
            self.failures[host] = Failure(state, code, f"{host}: {why}")

    def _fail_by(self, phase: HostPhase, error: FairleadError) -> None:
        """Fail all targets of a transaction by an error that names the place itself."""
        self.failures |= dict.fromkeys(phase.target_hosts(), _failure(error))

    def _write_row(self, target: Target) -> None:
        steps = tuple(self.results[target.host])
        failure = self.failures.get(target.host)
        if failure:
            self.part.write_row(
                target, failure.state, code=failure.code, error=failure.error, steps=steps
            )
        elif (self.failures or self.why_stopped) and not self._is_finished(target):
            why = self._why_left(target, steps)
            self.part.write_row(target, "skipped", code=StepFailed.code, error=why, steps=steps)
        elif not self.common.explain:
            self.part.write_row(target, _state_of(steps), steps=steps)

    def _is_finished(self, target: Target) -> bool:
        """Has every phase been done there in which there is something to do?"""
        phases = [phase for phase in self.plans.by_host[target.host] if phase.steps]
        return self.common.dry_run or all(
            (target.host, phase.name) in self.done for phase in phases
        )

    def _why_left(self, target: Target, steps: Iterable[StepResult]) -> str:
        """The sentence of a host that other hosts have kept from what was asked."""
        from fairlead.inventory.nodesets import fold

        blocked = self.blocked.get(target.host)
        causes = f"of {fold(blocked)}" if blocked else self._why_stopped
        names = ", ".join(step.name for step in steps if step.state == "changed")
        staying = f"; {names} stays done" if names else ""
        return f"{target.host}: not {participle(self.part.verb)} because {causes}{staying}"

    @cached_property
    def _why_stopped(self) -> str:
        """Why hosts were left as they are; known once nothing more is done."""
        from fairlead.inventory.nodesets import fold

        return f"of {fold(self.failures)}" if self.failures else self.why_stopped


def _failure(error: FairleadError) -> Failure:
    return Failure(failure_state(error), error.code, str(error))


def _secrets(values: Iterable[object]) -> list[Secret]:
    """Those that are secrets; of one that cannot be had there is an error instead."""
    return [value for value in values if isinstance(value, Secret)]


def _state_of(steps: Iterable[StepResult]) -> str:
    """The state of a target that did not fail."""
    states = {step.state for step in steps}
    return next((state for state in ("would-change", "changed") if state in states), "ok")
