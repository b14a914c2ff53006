"""Verbs x systems x components as Invoke's collections, and fairlead's own commands beside them.

`inv up`, `inv daos.up`, `inv daos.server.up`; `inv hosts.check`.
"""

import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from invoke import Collection, Task
from invoke.util import Lexicon

from fairlead.cli.cli_tasks import (
    CliTask,
    CommandTask,
    ReportTask,
    RepositoryTask,
    SecretsTask,
    VerbTask,
)
from fairlead.cli.command_texts import command_modules, first_docstring, public_functions
from fairlead.cli.completion.task import RenewTask
from fairlead.contract import loader
from fairlead.contract.component import Component, ComponentVerb, first_paragraph
from fairlead.contract.loader import Plugins
from fairlead.contract.verbs import VERBS, traits
from fairlead.model.errors import CommandLineError, PluginError
from fairlead.model.plan import System

COMMANDS = "fairlead.cli.commands"
REPOSITORY = "fairlead.cli.repository"
MAKERS = frozenset({"init", "unbundle"})  # commands that make an ops repository, and need none
EVERYWHERE = "everywhere"  # the name of a verb's task inside the group that has its name


class Group(Collection):
    """A system, a component or a group of commands.

    Its names are as they shall be, so Invoke need not copy it.
    """

    root: "Namespace"

    def __init__(self, name: str, about: str, tasks: Iterable[CliTask] = ()):
        super().__init__(name)
        self.about = self.__doc__ = about
        for task in tasks:
            self.add_task(task)

    def __deepcopy__(self, memo: object) -> "Group":
        return self


class SystemGroup(Group):
    """A system. Its components are imported when what it holds is first looked at."""

    def __init__(self, plugins: Plugins, system: System):
        self.plugins, self.system = plugins, system
        super().__init__(system.name, system.about)
        del self.tasks, self.collections

    def __getattr__(self, name: str) -> Any:
        if name not in ("tasks", "collections"):
            raise AttributeError(name)
        self.tasks, self.collections = Lexicon(), Lexicon()
        for component in self.plugins.components[self.system.name].values():
            if component.name in self.system.tools or len(self.system.components) > 1:
                self.add_collection(_component_group(component))
        for verb in _verb_names(self.plugins, self.system):
            verbs = functools.partial(_verbs_of, self.plugins, self.system, verb)
            _add_task(self, _verb_task(verb, self.system.name, "", verbs))
        return getattr(self, name)


class Namespace(Group):
    """The root.

    Invoke ignores the @task functions of a tasks.py that has an `ns`, so they are taken up when
    it reads `tasks`.
    """

    def __init__(self, module: Mapping[str, Any], plugins: Plugins):
        self.module, self.plugins = module, plugins
        self.folder = Path(module["__file__"]).resolve().parent
        super().__init__("", "")

    def __bool__(self) -> bool:
        return True  # Invoke would count the tasks of all systems

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
        gives_way = isinstance(self._tasks.get(name), RepositoryTask)
        if (name in self._tasks and not gives_way) or name in self.collections:
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
    systems = [SystemGroup(plugins, system) for system in plugins.systems.values()]
    for group in (*systems, *command_groups()):
        _add_group(root, group)
    for task in _tasks_of_all_systems(plugins):
        _add_task(_commands_named(root, task.name) or root, task)
    completion = _commands_named(root, "completion")
    if completion:
        _add_task(completion, RenewTask(root, plugins, root.folder))
    for command in repository_tasks():
        if command.name not in root.collections:
            _add_task(root, command)
    return root


def standalone(folder: str) -> ModuleType:
    """What stands for the tasks.py of a folder that has none, or one that is not fairlead's."""
    module = ModuleType("tasks")
    module.__file__ = str(Path(folder).resolve() / "tasks.py")
    vars(module)["ns"] = namespace(vars(module))
    return module


def is_ops_repository(folder: str) -> bool:
    """Is the first tasks.py here or in a folder above one of fairlead's? It is not run for that."""
    here = Path(folder).resolve()
    for place in (here, *here.parents):
        for path in (place / "tasks.py", place / "tasks" / "__init__.py"):
            if path.is_file():
                return "fairlead" in path.read_text("utf-8", errors="replace")
    return False


def no_tasks(folder: str | None) -> CommandLineError:
    """What is wrong where no tasks.py is found; `folder`: where it was looked for, None: here."""
    where = f"in {folder}" if folder else "here"
    what = f"there is no tasks.py {where} or in a folder above"
    return CommandLineError("inv", what, "go to your ops repository, or make one: fairlead init")


def root_of(collection: Collection) -> "Namespace | None":
    """The namespace that a loaded collection is a copy of."""
    groups = (group for group in collection.collections.values() if isinstance(group, Group))
    return next((group.root for group in groups), None)


def _commands_named(root: Namespace, name: str) -> Group | None:
    group = root.collections.get(name)
    return group if isinstance(group, Group) and not isinstance(group, SystemGroup) else None


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
    components = [
        plugins.component(system.name, name)
        for system in plugins.systems.values()
        for name in system.components
    ]
    for verb in VERBS:
        if any(component.declares(verb) for component in components):
            yield _verb_task(verb, "", "", functools.partial(_verbs_everywhere, plugins, verb))


def _verbs_everywhere(plugins: Plugins, verb: str) -> tuple[ComponentVerb, ...]:
    """The verb of every component that has it."""
    systems = (_verbs_of(plugins, system, verb) for system in plugins.systems.values())
    return tuple(itertools.chain.from_iterable(systems))


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
        _verb_task(name, component.system, component.name, functools.partial(tuple, (verb,)))
        for name, verb in component.verbs.items()
    ]
    return Group(component.name, about, tasks)


def _verb_task(
    verb: str, system: str, component: str, find_verbs: Callable[[], tuple[ComponentVerb, ...]]
) -> VerbTask:
    kind = VerbTask
    if traits(verb).delivers_secrets:
        kind = SecretsTask
    elif traits(verb).reports:
        kind = ReportTask
    return kind(_path(system, component, verb), verb, system, component, find_verbs)


def command_groups() -> Iterator[Group]:
    """fairlead's own commands, a group for each file of fairlead/cli/commands."""
    for name, text in command_modules():
        yield command_group(name, text)


def command_group(name: str, text: str) -> Group:
    """The public functions of one module of fairlead.cli.commands, from its text.

    The underscore after a name that is a builtin's is not part of the command. A function with the
    name of the module is the group's own command: `inv watch` beside `inv watch.install`.
    """
    module = f"{COMMANDS}.{name}"
    group = Group(name, first_docstring(text))
    for function, words in public_functions(text):
        own = "" if function == name else function.rstrip("_")
        _add_task(group, CommandTask(_path(name, own), module, function, words))
    return group


def repository_tasks() -> Iterator[RepositoryTask]:
    """`inv init` and its like, one for each file of fairlead/cli/repository."""
    for name, text in command_modules("repository"):
        for function, words in public_functions(text):
            if function == name:
                yield RepositoryTask(_path(name), f"{REPOSITORY}.{name}", function, words)


def _path(*names: str) -> str:
    """The names of a command line with dots between, those that are "" left out."""
    return ".".join(filter(None, names)).replace("_", "-")
