"""The driver without a command line: toy systems whose verbs are functions, a site of machines."""

import itertools
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from fairlead.contract.component import HOOKS
from fairlead.contract.hookspecs import hookimpl
from fairlead.contract.hookspecs import verb as own_verb
from fairlead.contract.loader import Plugins
from fairlead.inventory import site
from fairlead.model.plan import Ask, System
from fairlead.model.results import HostResult, Progress, RunResult
from fairlead.runner import driver
from tests.machine import Machine

Verb = Callable[[Ask], Any]
NUMBER = itertools.count()


class Section(msgspec.Struct):
    """The section of any toy system."""

    hosts: str = ""
    build_host: str = ""


class Flags(msgspec.Struct):
    """The flags of a verb of its own."""

    depth: int
    loud: bool = False


class Watcher:
    """Remembers all that an observer is told."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.printed: dict[str, bytes] = {}
        self.remarks: list[str] = []

    def began(self, *words: Any) -> None:
        self.events.append(("began", *words))

    def progress(self, progress: Any) -> None:
        self.events.append(progress)

    def output(self, host: str, data: bytes, errors: bool = False) -> None:
        self.printed[host] = self.printed.get(host, b"") + data

    def remark(self, text: str) -> None:
        self.remarks.append(text)

    def ended(self, result: RunResult) -> None:
        self.events.append(result)

    def progress_of_kind(self, *kinds: str) -> list[Progress]:
        """What it was told of these kinds, of all hosts, in order."""
        return [event for event in self._progress() if event.kind in kinds]

    def kinds(self, host: str) -> list[str]:
        """The kinds of what happened on a host, in order, without notes."""
        kinds = [event.kind for event in self._progress() if event.host == host]
        return [kind for kind in kinds if kind != "note"]

    def _progress(self) -> list[Progress]:
        return [event for event in self.events if isinstance(event, Progress)]


class Driver:
    """Machines n1 to n3 (and `local`), the systems that a test gives it, and `perform`."""

    def __init__(self, folder: Path, modules: Callable[[str, ModuleType], None]):
        self.folder, self._modules = folder, modules
        self.plugins, self.sections, self.offline = Plugins(), {}, ""
        self.machines = {name: Machine(folder / name, name) for name in ("n1", "n2", "n3", "local")}
        self.past: list[Mapping[str, Any]] = []  # lines of the journal, the newest first
        self.watcher, self.confirms, self.questions, self.store = Watcher(), True, [], None

    def __getitem__(self, host: str) -> Machine:
        return self.machines[host]

    def system(
        self,
        name: str = "toy",
        hosts: str = "n[1-3]",
        runs_on: str = "",
        apart: str = "",
        build_host: str = "",
        sequences: Mapping[str, Any] | None = None,
        **components: Mapping[str, Verb],
    ) -> None:
        """A system whose components have these verbs (and questions)."""
        package = f"toys{next(NUMBER)}"
        made = ModuleType(package)
        described = {"runs_on": runs_on, "apart": apart, "sequences": sequences or {}}
        made.system = System(
            name=name, about="a toy", section=Section, components=tuple(components), **described
        )
        for component, verbs in components.items():
            self._modules(f"{package}.{component}", _module(f"{package}.{component}", verbs))
        self.plugins.add(made)
        self.sections[name] = {"hosts": hosts} | ({"build_host": build_host} if build_host else {})

    def site(self) -> site.Site:
        import json

        tree = {
            "hosts": {
                name: {"address": f"192.0.2.{number}"}
                for number, name in enumerate(("n1", "n2", "n3"), 1)
            },
            **self.sections,
        }
        path = self.folder / "test.yml"
        new = path.with_name(f"new{next(NUMBER)}.yml")  # two operators may read it meanwhile
        new.write_text(json.dumps(tree | ({"offline": self.offline} if self.offline else {})))
        new.rename(path)
        return site.load(path, self.plugins.systems)

    def context(self) -> driver.Context:
        site = self.site()

        def confirm(question: str, word: str) -> bool:
            self.questions.append(question)
            return self.confirms

        return driver.Context(
            self.plugins,
            lambda: site,
            [self.watcher],
            confirm,
            connect=lambda host, _: self.machines[host.name].connect(),
            store=self.store,
            folder=self.folder / "operator",
            past=lambda: self.past,
        )

    def perform(
        self,
        verb: str,
        system: str = "toy",
        component: str = "",
        *,
        options: Mapping[str, Any] | None = None,
        argv: Iterable[str] = (),
        **common: Any,
    ) -> RunResult:
        """One verb to its end."""
        request = driver.Request(
            verb=verb, system=system, component=component, options=options or {}, argv=tuple(argv)
        )
        context = self.context()
        try:
            return driver.perform(request, driver.Common(**common), context)
        finally:
            context.close()

    def programs(self, word: str) -> dict[str, int]:
        """How many programs that contain this word each host was sent; hosts with none left out."""
        counts = {
            name: sum(word in program for program in machine.asked)
            for name, machine in self.machines.items()
        }
        return {name: count for name, count in counts.items() if count}


def _module(name: str, verbs: Mapping[str, Verb]) -> ModuleType:
    module = ModuleType(name)
    for verb, answer in verbs.items():
        mark = (
            hookimpl
            if verb in HOOKS
            else own_verb(
                changes=getattr(answer, "changes", True),
                destroys=getattr(answer, "destroys", ""),
                destroys_with=getattr(answer, "destroys_with", ""),
            )
        )
        setattr(module, verb, mark(_function(name, verb, answer)))
    return module


def _function(module: str, name: str, answer: Verb) -> Verb:
    def hook(ask: Ask) -> Any:
        return answer(ask)

    def with_flags(ask: Ask[Flags]) -> Any:
        return answer(ask)

    function = hook if name in HOOKS else with_flags
    function.__name__, function.__module__ = name, module
    return function


def states(result: RunResult) -> dict[str, str]:
    """host -> state, or `component@host` where there are several components."""
    several = len({row.component for row in result.hosts}) > 1
    return {
        f"{row.component}@{row.host}" if several else row.host: row.state for row in result.hosts
    }


def row(result: RunResult, host: str) -> HostResult:
    return next(row for row in result.hosts if row.host == host)
