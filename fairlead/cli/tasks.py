"""Verbs x systems x components as Invoke's collections, and fairlead's own commands beside them.

`inv up`, `inv daos.up`, `inv daos.server.up`; `inv hosts.check`. An ops repository's tasks.py is
two lines, and its own @task functions below them:

    from fairlead.cli.tasks import namespace
    ns = namespace(globals())
"""

import functools
import importlib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoke import Argument, Collection, Exit, Task
from invoke import Context as InvokeContext

from fairlead.cli.command_texts import command_modules, first_docstring, public_functions
from fairlead.cli.flags import (
    Flag,
    as_typed,
    checked_options,
    common_argument,
    function_flags,
    option_values,
    struct_flags,
)
from fairlead.cli.invocation import Call, CommandCall, VerbCall
from fairlead.cli.options import COMMON
from fairlead.contract import hookspecs, loader
from fairlead.contract.component import Component, ComponentVerb, first_paragraph
from fairlead.contract.loader import Plugins
from fairlead.contract.verbs import VERBS, traits
from fairlead.model.errors import CommandLineError, Drift, PluginError
from fairlead.model.plan import System

if TYPE_CHECKING:
    from fairlead.cli.invocation import Invocation

EXIT_CODES = (
    "Exit codes: 0 all as asked, 1 a step failed, 2 command line, 4 preflight\n"
    "blocks, 5 unreachable, 6 locked, 7 a secret is missing, 8 the old version is\n"
    "back; all in docs/exit-codes.md."
)
COMMANDS = "fairlead.cli.commands"
EVERYWHERE = "everywhere"  # the name of a verb's task inside the group that has its name


class CliTask(Task):
    """One name of the command line. fairlead's executor carries it out when it is called.

    Invoke drops "equal" tasks of a line and copies every task that it loads; these are equal to
    none and never copied.
    """

    words = False  # does it take what follows `--`?

    def __init__(self, path: str, about: str):
        self.path, self.about = path, about
        name = path.rpartition(".")[2]
        super().__init__(_carry_out, name=name, positional=(), auto_shortflags=False)
        self.__doc__ = about

    def flags(self) -> tuple[Flag, ...]:
        """The flags of its own."""
        return ()

    def shadowed(self) -> frozenset[str]:
        """The fields of Common that this task has flags of its own for."""
        own = {flag.words for flag in self.flags()}
        return frozenset(option.field for option in COMMON if option.name in own)

    def make_call(self, raw: Mapping[str, Any], argv: tuple[str, ...]) -> Call:
        """What is to be done; `raw`: the values of its own flags as they were given.

        Raises CommandLineError.
        """
        raise NotImplementedError

    def get_arguments(self, ignore_unknown_help: bool | None = None) -> list[Argument]:
        """For Invoke's own program, which copies all arguments of all tasks (1 ms each).

        So only a task that the command line names has any.
        """
        if not any(self.path in word for word in sys.argv):
            return []
        self.__doc__ = "\n".join([self.about, "", *self.lesson()])
        flags = self.flags()
        names = {flag.words for flag in flags}
        others = [option for option in COMMON if option.name not in names]
        return [*(flag.argument() for flag in flags), *map(common_argument, others)]

    def __eq__(self, other: object) -> bool:
        return False

    def __hash__(self) -> int:
        return id(self)

    def __deepcopy__(self, memo: object) -> "CliTask":
        return self

    def lesson(self) -> tuple[str, ...]:
        """What `--help` says below the flags: an example, and the exit codes."""
        required = "".join(f" --{flag.words}=..." for flag in self.flags() if flag.required)
        words = " -- WORD ..." if self.words else ""
        return (f"Example: inv {self.path}{self.example()}{required}{words}", EXIT_CODES)

    def example(self) -> str:
        """Flags that are typed often, for the example."""
        return ""


class VerbTask(CliTask):
    """A verb: of one component, of a system (component ""), of all systems (system "").

    `verbs`: the verb in each component that it reaches.
    """

    def __init__(
        self, path: str, verb: str, system: str, component: str, verbs: tuple[ComponentVerb, ...]
    ):
        self.verb, self.system, self.component, self.verbs = verb, system, component, verbs
        self.words = any(verb.words for verb in verbs)
        super().__init__(path, self._about())

    def _about(self) -> str:
        """What all its components say of it, else what the verb means wherever it stands."""
        texts = {verb.about for verb in self.verbs}
        hook = hookspecs.SPECS.get(self.verb)
        if hook and not (self.system and len(texts) == 1):
            return first_paragraph(hook.__doc__ or "")
        return self.verbs[0].about

    def flags(self) -> tuple[Flag, ...]:
        flags: dict[str, Flag] = {}
        for verb in self.verbs:
            flags |= {flag.name: flag for flag in struct_flags(verb.options)}
        return tuple(flags.values())

    def make_call(self, raw: Mapping[str, Any], argv: tuple[str, ...]) -> Call:
        for options in dict.fromkeys(verb.options for verb in self.verbs):
            if self.system or _has_required(options, raw):
                checked_options(self.path, options, raw)
        from fairlead.runner import driver

        request = driver.Request(
            verb=self.verb,
            system=self.system,
            component=self.component,
            options={name: as_typed(value) for name, value in raw.items()},
            argv=tuple(map(as_typed, argv)),
        )
        return VerbCall(request=request, shadowed=self.shadowed())

    def example(self) -> str:
        return " --host=n1 --dry-run" if self.verbs[0].changes else " --host=n1"


def _has_required(options: type, raw: Mapping[str, Any]) -> bool:
    """Of all systems some may not be in the site: their required flags may be missing."""
    return all(flag.name in raw for flag in struct_flags(options) if flag.required)


class CommandTask(CliTask):
    """A command of fairlead's own, a function of fairlead/cli/commands.

    `def show(context, common, *, own: type = default) -> CommandResult`
    """

    def __init__(self, path: str, module: str, function: str, about: str):
        self.module, self.function = module, function
        super().__init__(path, about)

    @property
    def command(self) -> Callable[..., Any]:
        return getattr(importlib.import_module(self.module), self.function)

    def flags(self) -> tuple[Flag, ...]:
        return function_flags(self.command)

    def make_call(self, raw: Mapping[str, Any], argv: tuple[str, ...]) -> Call:
        options = option_values(self.path, self.flags(), raw)
        return CommandCall(command=self.command, options=options, shadowed=self.shadowed())


class SecretsTask(VerbTask):
    """`secrets` shows secrets and makes them, on this machine.

    With --deliver it is the verb that puts them on the hosts.
    """

    def _about(self) -> str:
        return (
            "Show the secrets that are needed, where each comes from and when it ends; "
            "--deliver puts them on hosts."
        )

    @property
    def command(self) -> Callable[..., Any]:
        return importlib.import_module("fairlead.cli.secret_needs.verb").show_secrets

    def flags(self) -> tuple[Flag, ...]:
        return (*function_flags(self.command), *super().flags())

    def make_call(self, raw: Mapping[str, Any], argv: tuple[str, ...]) -> Call:
        flags = function_flags(self.command)
        names = {flag.name for flag in flags}
        here = {name: value for name, value in raw.items() if name in names}
        if raw.get("deliver"):
            self._refuse_beside_deliver(here)
            delivery = {name: value for name, value in raw.items() if name not in names}
            return super().make_call(delivery, argv)
        return self._show_call(option_values(self.path, flags, here))

    def _show_call(self, options: Mapping[str, Any]) -> Call:
        from fairlead.runner.request import Request

        request = Request(verb=self.verb, system=self.system, component=self.component)
        command = functools.partial(self.command, request)
        return CommandCall(command=command, options=options, shadowed=self.shadowed())

    def _refuse_beside_deliver(self, names: Iterable[str]) -> None:
        for name in names:
            if name != "deliver":
                raise CommandLineError(
                    f"inv {self.path} --deliver",
                    "puts on the hosts what is there",
                    f"give --{name.replace('_', '-')} before, alone",
                )

    def example(self) -> str:
        return " --fail-within=30d"


class Group(Collection):
    """A system, a component or a group of commands.

    Its names are as they shall be, so Invoke need not copy it.
    """

    root: "Namespace"
    is_system = False

    def __init__(self, name: str, about: str, tasks: Iterable[CliTask] = ()):
        super().__init__(name)
        self.about = self.__doc__ = about
        for task in tasks:
            self.add_task(task)

    def __deepcopy__(self, memo: object) -> "Group":
        return self


class Namespace(Group):
    """The root.

    Invoke ignores the @task functions of a tasks.py that has an `ns`, so they are taken up when
    it reads `tasks`.
    """

    def __init__(self, module: Mapping[str, Any], plugins: Plugins):
        self.module, self.plugins = module, plugins
        self.folder = Path(module["__file__"]).resolve().parent
        super().__init__("", "")

    @property
    def tasks(self) -> Any:
        known = self._tasks.values()
        own = [value for value in self.module.values() if isinstance(value, Task)]
        for task in own:
            if task not in known:
                self._adopt(task)
        return self._tasks

    @tasks.setter
    def tasks(self, tasks: Any) -> None:
        self._tasks = tasks

    def _adopt(self, task: Task) -> None:
        name = self.transform(task.name)
        if name in self._tasks or name in self.collections:
            what = f"the task {name!r} has the name of a verb or system"
            raise PluginError(self.module["__file__"], what, "give it another name")
        self._tasks[name] = task
        for alias in task.aliases:
            self._tasks.alias(self.transform(alias), to=name)


def namespace(module: Mapping[str, Any]) -> Namespace:
    """Every task there is, for a tasks.py that gives its globals(). Raises PluginError.

    Plugins are found in plugins/ beside it.
    """
    beside = Path(module["__file__"]).resolve().parent / "plugins"
    plugins = loader.load([beside] if beside.is_dir() else [])
    root = Namespace(module, plugins)
    for group in (*_system_groups(plugins), *command_groups()):
        _add_group(root, group)
    for task in _tasks_of_all_systems(plugins):
        _add_task(_commands_named(root, task.name) or root, task)
    return root


def root_of(collection: Collection) -> "Namespace | None":
    """The namespace that a loaded collection is a copy of."""
    groups = (group for group in collection.collections.values() if isinstance(group, Group))
    return next((group.root for group in groups), None)


def _commands_named(root: Namespace, name: str) -> Group | None:
    group = root.collections.get(name)
    return group if isinstance(group, Group) and not group.is_system else None


def _add_group(root: Namespace, group: Group) -> None:
    if group.name in root.collections:
        what = "a system has the name of one of fairlead's own commands"
        raise PluginError(group.name or "", what, "rename the system")
    group.root = root
    root.add_collection(group)


def _add_task(group: Collection, task: CliTask) -> None:
    """Add a verb to a system or to the root.

    A verb with the name of a group of commands is that group's own task: `inv secrets` beside
    `inv secrets.set`. Raises PluginError.
    """
    is_default = group.name == task.path
    try:
        group.add_task(task, name=EVERYWHERE if is_default else None, default=is_default)
    except ValueError:
        what = "a component has the name of a verb, or a system that of one"
        remedy = "rename the component or the system"
        raise PluginError(task.path, what, remedy) from None


def _tasks_of_all_systems(plugins: Plugins) -> Iterator[CliTask]:
    """`inv VERB`: on every system. A component's own verbs have no such name."""
    for verb in VERBS:
        verbs: tuple[ComponentVerb, ...] = ()
        for system in plugins.systems.values():
            verbs += _verbs_of(plugins, system, verb)
        if verbs:
            yield _verb_task(verb, "", "", verbs)


def _system_groups(plugins: Plugins) -> Iterator[Group]:
    for system in plugins.systems.values():
        group = Group(system.name, system.about)
        group.is_system = True
        for component in plugins.components[system.name].values():
            if component.name in system.tools or len(system.components) > 1:
                group.add_collection(_component_group(component))
        for verb in _verb_names(plugins, system):
            _add_task(group, _verb_task(verb, system.name, "", _verbs_of(plugins, system, verb)))
        yield group


def _verb_names(plugins: Plugins, system: System) -> Iterable[str]:
    """The verbs that some component of the system has."""
    names: dict[str, None] = {}
    for component in system.components:
        names |= dict.fromkeys(plugins.component(system.name, component).verbs)
    return names


def _verbs_of(plugins: Plugins, system: System, verb: str) -> tuple[ComponentVerb, ...]:
    """The verb of each component of the system that has it, in start order."""
    components = [plugins.component(system.name, name) for name in system.components]
    return tuple(component.verbs[verb] for component in components if verb in component.verbs)


def _component_group(component: Component) -> Group:
    about = first_paragraph(component.module.__doc__ or "")
    tasks = [
        _verb_task(name, component.system, component.name, (verb,))
        for name, verb in component.verbs.items()
    ]
    return Group(component.name, about, tasks)


def _verb_task(
    verb: str, system: str, component: str, verbs: tuple[ComponentVerb, ...]
) -> VerbTask:
    kind = SecretsTask if traits(verb).delivers_secrets else VerbTask
    return kind(_path(system, component, verb), verb, system, component, verbs)


def command_groups() -> Iterator[Group]:
    """fairlead's own commands, a group for each file of fairlead/cli/commands."""
    for name, text in command_modules():
        yield command_group(name, text)


def command_group(name: str, text: str) -> Group:
    """The public functions of one module of fairlead.cli.commands, from its text.

    The underscore after a name that is a builtin's is not part of the command.
    """
    module = f"{COMMANDS}.{name}"
    tasks = [
        CommandTask(_path(name, function.rstrip("_")), module, function, words)
        for function, words in public_functions(text)
    ]
    return Group(name, first_docstring(text), tasks)


def _path(*names: str) -> str:
    """The names of a command line with dots between, those that are "" left out."""
    return ".".join(filter(None, names)).replace("_", "-")


def _carry_out(
    context: InvokeContext,
    invocation: "Invocation | None" = None,
    call: Call | None = None,
    **flags: object,
) -> None:
    """The body of every CliTask.

    The invocation comes from fairlead.cli.program.Executor, which reads the whole command line
    first.
    """
    if invocation is None or call is None:
        text = (
            "fairlead: invoke.yaml does not name fairlead's executor; add to it: "
            "tasks: {executor_class: fairlead.cli.program.Executor}"
        )
        raise Exit(text, code=2)
    if invocation.perform(call) not in (0, Drift.code):
        raise Exit(code=invocation.code)
