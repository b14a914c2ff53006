"""Verbs x systems x components, as Invoke's collections: `inv up`, `inv daos.up`, `inv daos.server.up`; and the chores, which are no system's.

An ops repository's tasks.py is two lines, and its own @task functions below them:

    from fairlead.cli.tasks import namespace
    ns = namespace(globals())
"""

import functools
import importlib
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from invoke import Argument, Collection, Context, Exit, Task

from fairlead.cli.invocation import Job
from fairlead.cli.options import COMMON
from fairlead.contract import hookspecs
from fairlead.contract import loader as plugins_
from fairlead.contract.component import Component, ComponentVerb, first_paragraph
from fairlead.contract.loader import Plugins
from fairlead.contract.verbs import VERBS, traits
from fairlead.model.errors import CommandLineError, Drift, PluginError
from fairlead.model.plan import System

EXIT_CODES = (
    "Exit codes: 0 all as asked, 1 a step failed, 2 command line, 4 preflight\n"
    "blocks, 5 unreachable, 6 locked, 7 a secret is missing, 8 the old version is\n"
    "back; all in docs/exit-codes.md."
)


class Flag:
    """A flag of one verb's own: `read` of the option's type is done by msgspec, when the verb's options are made."""

    __slots__ = ("about", "annotation", "default", "many", "name", "required", "short", "switch")

    def __init__(self, name: str, annotation: Any, default: Any, required: bool):
        plain, notes = (
            getattr(annotation, "__origin__", annotation),
            getattr(annotation, "__metadata__", ()),
        )
        self.name, self.annotation, self.default, self.required = (
            name,
            annotation,
            default,
            required,
        )
        self.switch = plain is bool
        self.many = getattr(plain, "__origin__", plain) in (list, tuple, set, frozenset)
        self.about = next(
            (note.description for note in notes if getattr(note, "description", None)), ""
        )
        self.short = next(
            (
                note.extra["short"]
                for note in notes
                if getattr(note, "extra", None) and "short" in note.extra
            ),
            "",
        )

    @property
    def words(self) -> str:
        return self.name.replace("_", "-")

    def argument(self) -> Argument:
        """What Invoke's parser is told. A value stays text; None means that it was not given."""
        names = (self.words, self.short) if self.short else (self.words,)
        kind = bool if self.switch else list if self.many else str
        inverted = True if self.switch and self.default is True else None
        return Argument(
            names=names,
            attr_name=self.name if self.name != self.words else None,
            kind=kind,
            default=inverted,
            help=self._help(),
        )

    def _help(self) -> str:
        default = "" if self.switch or self.default in (None, "", (), []) else f" ({self.default})"
        return self.about + (" Must be given." if self.required else default)


class CliTask(Task):
    """One name of the command line. It is done by fairlead's executor, never by being called.

    Invoke drops "equal" tasks of a line and copies every task that it loads; entries are equal to none and never copied.
    """

    words = False  # does it take what follows `--`?

    def __init__(self, path: str, about: str):
        self.path, self.about = path, about
        super().__init__(
            _undone, name=path.rpartition(".")[2], positional=(), auto_shortflags=False
        )
        self.__doc__ = about

    def flags(self) -> tuple[Flag, ...]:
        """The flags of its own."""
        return ()

    def shadows(self) -> frozenset[str]:
        """The fields of Common that this entry has flags of its own for."""
        return frozenset(
            option.field
            for option in COMMON
            if option.name in {flag.words for flag in self.flags()}
        )

    def job(self, raw: Mapping[str, Any], argv: tuple[str, ...]) -> Job:
        """What is to be done, with the values of its own flags as they were given. Raises CommandLineError."""
        raise NotImplementedError

    def get_arguments(self, ignore_unknown_help: bool | None = None) -> list[Argument]:
        """For Invoke's own program, which copies all arguments of all tasks (1 ms each): only a task that the command line names needs any."""
        if not any(self.path in word for word in sys.argv):
            return []
        self.__doc__ = "\n".join([self.about, "", *self.lesson()])
        own = [flag.argument() for flag in self.flags()]
        return own + [
            common_argument(option)
            for option in COMMON
            if not any(option.name in found.names for found in own)
        ]

    def __eq__(self, other: object) -> bool:
        return False

    def __hash__(self) -> int:
        return id(self)

    def __deepcopy__(self, memo: object) -> "CliTask":
        return self

    def lesson(self) -> tuple[str, ...]:
        """What `--help` says below the first line."""
        needed = "".join(f" --{flag.words}=..." for flag in self.flags() if flag.required)
        return (
            f"Example: inv {self.path}{self.example()}{needed}{' -- WORD ...' if self.words else ''}",
            EXIT_CODES,
        )

    def example(self) -> str:
        return ""


class VerbTask(CliTask):
    """A verb: of one component, of a system (component ""), of all systems (system "")."""

    def __init__(
        self,
        path: str,
        verb: str,
        system: str,
        component: str,
        members: tuple[tuple[str, str, ComponentVerb], ...],
    ):
        self.verb, self.system, self.component, self.members = verb, system, component, members
        self.words = any(one.words for _, _, one in members)
        super().__init__(
            path,
            members[0][2].about
            if system and len({one.about for _, _, one in members}) == 1
            else _of_hook(verb, members),
        )

    def flags(self) -> tuple[Flag, ...]:
        found = {
            flag.name: flag for _, _, verb in self.members for flag in struct_flags(verb.options)
        }
        return tuple(found.values())

    def job(self, raw: Mapping[str, Any], argv: tuple[str, ...]) -> Job:
        for options in dict.fromkeys(verb.options for _, _, verb in self.members):
            if self.system or all(
                flag.name in raw for flag in struct_flags(options) if flag.required
            ):  # a system may not be in the site
                _convert(self.path, options, raw)
        return Job(
            verb=self.verb,
            system=self.system,
            component=self.component,
            options=raw,
            shadowed=self.shadows(),
            argv=argv,
        )

    def example(self) -> str:
        return " --host=n1 --dry-run" if self.members[0][2].changes else " --host=n1"


class CommandTask(CliTask):
    """A command of fairlead's own: `def show(world, common, *, own: type = default) -> Answer` in fairlead/cli/commands."""

    def __init__(self, path: str, module: str, function: str, about: str):
        self.module, self.function = module, function
        super().__init__(path, about)

    @property
    def call(self) -> Callable[..., Any]:
        return getattr(importlib.import_module(self.module), self.function)

    def flags(self) -> tuple[Flag, ...]:
        return flags_of(self.call)

    def job(self, raw: Mapping[str, Any], argv: tuple[str, ...]) -> Job:
        return Job(
            call=self.call, options=_options(self.path, self.flags(), raw), shadowed=self.shadows()
        )


class SecretsTask(VerbTask):
    """`secrets` looks at them, and makes them, on this machine; with --deliver it is the verb that puts them on the hosts."""

    def __init__(
        self,
        path: str,
        verb: str,
        system: str,
        component: str,
        members: tuple[tuple[str, str, ComponentVerb], ...],
    ):
        super().__init__(path, verb, system, component, members)
        self.about = self.__doc__ = (
            "Show the secrets that are needed, where each comes from and when it ends; --deliver puts them on hosts."
        )

    @property
    def call(self) -> Callable[..., Any]:
        return importlib.import_module("fairlead.cli.secret_needs.verb").look

    def flags(self) -> tuple[Flag, ...]:
        return (*flags_of(self.call), *super().flags())

    def job(self, raw: Mapping[str, Any], argv: tuple[str, ...]) -> Job:
        from fairlead.runner.request import Request

        flags = flags_of(self.call)
        looking = {
            name: value for name, value in raw.items() if name in {flag.name for flag in flags}
        }
        if not raw.get("deliver"):
            request = Request(verb=self.verb, system=self.system, component=self.component)
            return Job(
                call=functools.partial(self.call, request),
                options=_options(self.path, flags, looking),
                shadowed=self.shadows(),
            )
        for name in looking.keys() - {"deliver"}:
            raise CommandLineError(
                f"inv {self.path} --deliver",
                "puts on the hosts what is there",
                f"give --{name.replace('_', '-')} before, alone",
            )
        return super().job(
            {name: value for name, value in raw.items() if name not in looking}, argv
        )

    def example(self) -> str:
        return " --fail-within=30d"


class Group(Collection):
    """A system, a component or a group of chores. Its names are as they shall be, so Invoke need not copy it."""

    root: "Namespace"
    system = False

    def __init__(self, name: str, about: str, entries: Iterable[CliTask] = ()):
        super().__init__(name)
        self.about = self.__doc__ = about
        for entry in entries:
            self.add_task(entry)

    def __deepcopy__(self, memo: object) -> "Group":
        return self


class Namespace(Group):
    """The root. Invoke ignores the @task functions of a tasks.py that has an `ns`, so they are taken up when it reads `tasks`."""

    def __init__(self, module: Mapping[str, Any], plugins: Plugins):
        self.module, self.plugins, self.folder = (
            module,
            plugins,
            Path(module["__file__"]).resolve().parent,
        )
        super().__init__("", "")

    @property
    def tasks(self) -> Any:
        own = [
            found
            for found in list(self.module.values())
            if isinstance(found, Task) and found not in self._tasks.values()
        ]
        for task in own:
            self._adopt(task)
        return self._tasks

    @tasks.setter
    def tasks(self, tasks: Any) -> None:
        self._tasks = tasks

    def _adopt(self, task: Task) -> None:
        name = self.transform(task.name)
        if name in self._tasks or name in self.collections:
            raise PluginError(
                self.module["__file__"],
                f"the task {name!r} has the name of a verb or system",
                "give it another name",
            )
        self._tasks[name] = task
        for alias in task.aliases:
            self._tasks.alias(self.transform(alias), to=name)


def namespace(module: Mapping[str, Any]) -> Namespace:
    """Everything there is to say, for a tasks.py that gives its globals(); plugins/ beside it are found. Raises PluginError."""
    found = plugins_.load(
        [path for path in [Path(module["__file__"]).resolve().parent / "plugins"] if path.is_dir()]
    )
    root = Namespace(module, found)
    groups = [*_systems(found), *chores()]
    for group in groups:
        if group.name in root.collections:
            raise PluginError(
                group.name,
                "a system has the name of one of fairlead's own commands",
                "rename the system",
            )
        group.root = root
        root.add_collection(group)
    for entry in _everywhere(found):
        beside = root.collections.get(entry.name)
        _add(beside if beside is not None and not beside.system else root, entry)
    return root


def root_of(collection: Collection) -> "Namespace | None":
    """The namespace that a loaded collection is a copy of."""
    return next(
        (group.root for group in collection.collections.values() if isinstance(group, Group)), None
    )


def _add(group: Collection, entry: CliTask) -> None:
    """A verb with the name of a group of chores is that group's own task: `inv secrets` beside `inv secrets.set`."""
    try:
        group.add_task(
            entry,
            name=EVERYWHERE if group.name == entry.path else None,
            default=group.name == entry.path,
        )
    except ValueError:
        raise PluginError(
            entry.path,
            "a component has the name of a verb, or a system that of one",
            "rename the component or the system",
        ) from None


EVERYWHERE = "everywhere"


def _everywhere(plugins: Plugins) -> Iterator[CliTask]:
    """`inv VERB`: on every system. A component's own verbs have no such name."""
    for verb in VERBS:
        members = tuple(
            one for system in plugins.systems.values() for one in _members(plugins, system, verb)
        )
        if members:
            yield _verb(verb, verb, "", "", members)


def _systems(plugins: Plugins) -> Iterator[Group]:
    for system in plugins.systems.values():
        group = Group(system.name, system.about)
        group.system = True
        for component in plugins.components[system.name].values():
            if component.name in system.tools or len(system.components) > 1:
                group.add_collection(_component(component))
        verbs = dict.fromkeys(
            verb
            for name in system.components
            for verb in plugins.component(system.name, name).verbs
        )
        for verb in verbs:
            _add(
                group,
                _verb(
                    _path(system.name, verb),
                    verb,
                    system.name,
                    "",
                    tuple(_members(plugins, system, verb)),
                ),
            )
        yield group


def _members(
    plugins: Plugins, system: System, verb: str
) -> Iterator[tuple[str, str, ComponentVerb]]:
    """Each component of the system that has the verb, in start order."""
    for name in system.components:
        found = plugins.component(system.name, name).verbs.get(verb)
        if found:
            yield system.name, name, found


def _component(component: Component) -> Group:
    about = first_paragraph(component.module.__doc__ or "")
    where = (component.system, component.name)
    return Group(
        component.name,
        about,
        [
            _verb(_path(*where, name), name, *where, ((*where, verb),))
            for name, verb in component.verbs.items()
        ],
    )


def _verb(path: str, verb: str, *scope: Any) -> VerbTask:
    return (SecretsTask if traits(verb).delivers_secrets else VerbTask)(path, verb, *scope)


def chores() -> Iterator[Group]:
    """fairlead's own commands, a group for each file of fairlead/cli/commands. They are read, not imported: most command lines need none of them."""
    for path in sorted((Path(__file__).parent / "commands").glob("[a-z]*.py")):
        yield group_of_chores(path.stem, path.read_text("utf-8"))


def group_of_chores(name: str, text: str) -> Group:
    """The public functions of one module of fairlead.cli.commands, from its text."""
    about = "".join(re.findall(r'\A"""(.*?)(?:"""|\n)', text))
    found = re.findall(r'^def ([a-z]\w*)\((?:.|\n)*?^    """(.*?)(?:"""|\n)', text, re.MULTILINE)
    return Group(
        name,
        about,
        [
            CommandTask(_path(name, command), f"fairlead.cli.commands.{name}", command, what)
            for command, what in found
        ],
    )


def _of_hook(verb: str, members: tuple[tuple[str, str, ComponentVerb], ...]) -> str:
    """What a verb means wherever it stands: the first line of its hook, or of the first component that has it."""
    hook = hookspecs.SPECS.get(verb)
    return first_paragraph(hook.__doc__ or "") if hook else members[0][2].about


def _path(*names: str) -> str:
    return ".".join(names).replace("_", "-")


def common_argument(option: Any) -> Argument:
    """A common option for Invoke's parser, which only has to let it pass: fairlead.cli.options reads it."""
    if option.alone:
        return Argument(names=(option.name,), kind=list, optional=True, help=option.about)
    return Argument(
        names=(option.name,), kind=bool if option.read is None else list, help=option.about
    )


def flags_of(call: Callable[..., Any]) -> tuple[Flag, ...]:
    """The flags that the keyword parameters of a function mean."""
    import inspect

    parameters = inspect.signature(call, eval_str=True).parameters.values()
    own = (one for one in parameters if one.kind is one.KEYWORD_ONLY)
    return tuple(
        Flag(
            one.name,
            one.annotation,
            None if one.default is one.empty else one.default,
            one.default is one.empty,
        )
        for one in own
    )


def _options(path: str, flags: Iterable[Flag], raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """The values of such flags, those that were not given by default. Raises CommandLineError."""
    import msgspec

    wanted = [
        (flag.name, flag.annotation)
        if flag.required
        else (flag.name, flag.annotation, flag.default)
        for flag in flags
    ]
    return msgspec.structs.asdict(
        _convert(path, msgspec.defstruct("options", wanted, kw_only=True), raw)
    )


def struct_flags(options: type) -> Iterator[Flag]:
    """The flags that a msgspec.Struct of options means."""
    import msgspec

    for field in msgspec.structs.fields(options):
        default = None if field.default is msgspec.NODEFAULT else field.default
        yield Flag(field.encode_name, field.type, default, field.required)


def _convert(path: str, options: type, raw: Mapping[str, Any]) -> Any:
    """The Struct of options, made of text. Raises CommandLineError in the words of the command line."""
    from fairlead.inventory.validation import flags

    try:
        return flags(raw, options)
    except CommandLineError as error:
        raise CommandLineError(
            f"inv {path} {error.where}", error.what, error.remedy or f"see inv {path} --help"
        ) from None


def _undone(context: Context, line: Any = None, job: Job | None = None, **own: Any) -> None:
    """What an entry does when it is called. The line comes from fairlead.cli.program.Executor, which reads the whole command line first."""
    if line is None:
        raise Exit(
            "fairlead: invoke.yaml does not name fairlead's executor; add to it: tasks: {executor_class: fairlead.cli.program.Executor}",
            code=2,
        )
    if line.perform(job) not in (0, Drift.code):
        raise Exit(code=line.code)
