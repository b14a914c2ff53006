"""What is planned: the phases of every target, and what each host does in one of them."""

from collections.abc import Container, Iterable, Mapping
from itertools import chain
from typing import cast

from fairlead.model.plan import Noun, Phase, Step, Target
from fairlead.runner.part import PartRun

StepsOrPhases = Iterable[Step] | Iterable[Phase]
HostPlans = Mapping[str, tuple[Phase, ...]]  # target host -> its phases, in order


class SharedStep(Noun):
    """One step of a transaction, and the hosts of the targets that ask for it."""

    step: Step
    hosts: tuple[str, ...]
    phase: str


class HostPhase(Noun):
    """What one host does in one phase: a transaction, by the number in its name."""

    host: str
    steps: tuple[SharedStep, ...]
    number: int

    def target_hosts(self) -> list[str]:
        """The hosts of all targets that have a step in it."""
        hosts = chain.from_iterable(shared.hosts for shared in self.steps)
        return list(dict.fromkeys(hosts))

    def without(self, left_out: Container[str]) -> "HostPhase":
        """The same without the targets of these hosts."""
        steps = [
            SharedStep(shared.step, hosts, shared.phase)
            for shared in self.steps
            if (hosts := tuple(host for host in shared.hosts if host not in left_out))
        ]
        return HostPhase(self.host, tuple(steps), self.number)


class Plans:
    """The phases of all targets of a part, by target host."""

    def __init__(self, part: PartRun, by_host: HostPlans):
        self.part = part
        self.by_host = by_host
        self._phases = list(chain.from_iterable(by_host.values()))
        self.names = list(dict.fromkeys(phase.name for phase in self._phases))

    def is_rolling(self, name: str) -> bool:
        """Does the phase go by batches?"""
        return any(phase.rolling for phase in self._phases if phase.name == name)

    def ways_back(self, name: str) -> dict[str, str]:
        """The way back of every target host that has this phase, see Phase."""
        return {
            host: phase.way_back
            for host, of_host in self.by_host.items()
            for phase in of_host
            if phase.name == name
        }

    def last_phases(self) -> dict[str, str]:
        """The name of the last phase in which a host has anything to do, of each that has."""
        last: dict[str, str] = {}
        for name in self.names:
            hosts = self.part.open_hosts()
            last |= {host: name for host in hosts if self._shared_steps(host, [name])}
        return last

    def host_phases(
        self,
        name: str,
        number: int,
    ) -> list[HostPhase]:
        """What every host does in one phase; those that do nothing are left out."""
        phases = [
            self._host_phase(
                host,
                [name],
                number,
            )
            for host in self.part.open_hosts()
        ]
        return [phase for phase in phases if phase.steps]

    def whole(self) -> list[HostPhase]:
        """All phases of every host as if they were one: for a dry run."""
        return [
            self._host_phase(
                host,
                self.names,
                1,
            )
            for host in self.part.open_hosts()
        ]

    def phases_on(self, host: str) -> list[Phase]:
        """All phases of one host, each with the steps of all its targets."""
        steps = [self._shared_steps(host, [name]) for name in self.names]
        return [
            Phase(name, tuple(shared.step for shared in group))
            for name, group in zip(self.names, steps, strict=True)
        ]

    def _host_phase(
        self,
        host: str,
        names: Iterable[str],
        number: int,
    ) -> HostPhase:
        return HostPhase(host, self._shared_steps(host, names), number)

    def steps_of(self, target: Target) -> list[Step]:
        """All steps of a target, phase after phase."""
        return list(chain.from_iterable(self._steps(target, name) for name in self.names))

    def _steps(
        self,
        target: Target,
        name: str,
    ) -> list[Step]:
        phases = (phase for phase in self.by_host[target.host] if phase.name == name)
        return list(chain.from_iterable(phase.steps for phase in phases))

    def _shared_steps(
        self,
        host: str,
        names: Iterable[str],
    ) -> tuple[SharedStep, ...]:
        """The steps of these phases on one host.

        What several targets ask for in the same words is done once.
        """
        shared: dict[Step, SharedStep] = {}
        for name in names:
            for target in self.part.targets_on(host):
                for step in self._steps(target, name):
                    known = shared.get(step) or SharedStep(step, (), name)
                    hosts = tuple(dict.fromkeys((*known.hosts, target.host)))
                    shared[step] = SharedStep(step, hosts, known.phase)
        return tuple(shared.values())


def phases(answer: StepsOrPhases | None, verb: str) -> tuple[Phase, ...]:
    """What a verb returned, as phases: plain Steps are one phase with the name of the verb."""
    elements = tuple(answer or ())
    if not elements:
        return ()
    if isinstance(elements[0], Phase):
        return cast(tuple[Phase, ...], elements)
    return (Phase(verb, cast(tuple[Step, ...], elements)),)
