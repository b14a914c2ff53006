"""One name of the command line: a verb, a command of fairlead's own. As Invoke has it, a task."""

import functools
import importlib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from invoke import Argument, Exit, Task
from invoke import Context as InvokeContext

from fairlead.cli.flags import (
    Flag,
    NameUse,
    as_typed,
    checked_options,
    common_argument,
    function_flags,
    option_values,
    struct_flags,
)
from fairlead.cli.invocation import Call, CommandCall, VerbCall
from fairlead.cli.options import COMMON
from fairlead.contract import hookspecs
from fairlead.contract.component import ComponentVerb, first_paragraph
from fairlead.model.errors import CommandLineError, Drift

if TYPE_CHECKING:
    from fairlead.cli.invocation import Invocation

EXIT_CODES = (
    "Exit codes: 0 all as asked, 1 a step failed, 2 command line, 4 preflight\n"
    "blocks, 5 unreachable, 6 locked, 7 a secret is missing, 8 the old version is\n"
    "back; all in docs/exit-codes.md."
)


class CliTask(Task):
    """One name of the command line. fairlead's executor carries it out when it is called.

    Invoke drops "equal" tasks of a line and copies every task that it loads; these are equal to
    none and never copied.
    """

    def __init__(self, path: str, about: str):
        self.path, self.about = path, about
        name = path.rpartition(".")[2]
        super().__init__(_carry_out, name=name, positional=(), auto_shortflags=False)
        self.__doc__ = about

    @property
    def words(self) -> bool:
        """Does it take what follows `--`?"""
        return False

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
        """For completion, which wants those of all tasks (1 ms each).

        So only a task that the command line names has any.
        """
        if not any(self.path in word for word in sys.argv):
            return []
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
        self,
        path: str,
        verb: str,
        system: str,
        component: str,
        find_verbs: Callable[[], tuple[ComponentVerb, ...]],
    ):
        self.verb, self.system, self.component = verb, system, component
        self._find_verbs = find_verbs
        super().__init__(path, self._about())

    @functools.cached_property
    def verbs(self) -> tuple[ComponentVerb, ...]:
        return self._find_verbs()

    @property
    def words(self) -> bool:
        return any(verb.words for verb in self.verbs)

    def _about(self) -> str:
        """What all its components say of it, else what the verb means wherever it stands."""
        hook = hookspecs.SPECS.get(self.verb)
        if hook and not (self.system and len({verb.about for verb in self.verbs}) == 1):
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
        uses = tuple(self._uses(raw))
        return VerbCall(
            request=request,
            shadowed=self.shadowed(),
            uses=uses,
        )

    def _uses(self, raw: Mapping[str, Any]) -> Iterator[NameUse]:
        for flag in self.flags():
            if flag.name in raw and flag.is_learned:
                yield NameUse(
                    flag.completes,
                    str(raw[flag.name]),
                    flag.is_end,
                )

    def example(self) -> str:
        changes = any(verb.changes for verb in self.verbs)
        return " --host=n1 --dry-run" if changes else " --host=n1"


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


class RepositoryTask(CommandTask):
    """A command that makes something in an ops repository: it stands at the root, and gives way to
    a task of the user's own that has its name.
    """


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


class ReportTask(VerbTask):
    """A verb whose answer can be kept as a page, by --report."""

    @property
    def command(self) -> Callable[..., Any]:
        return importlib.import_module("fairlead.cli.status_report").write_report

    def flags(self) -> tuple[Flag, ...]:
        return (*function_flags(self.command), *super().flags())

    def make_call(self, raw: Mapping[str, Any], argv: tuple[str, ...]) -> Call:
        flags = function_flags(self.command)
        names = {flag.name for flag in flags}
        own = {name: value for name, value in raw.items() if name in names}
        others = {name: value for name, value in raw.items() if name not in names}
        call = super().make_call(others, argv)
        if not own or not isinstance(call, VerbCall):
            return call
        options = option_values(self.path, flags, own)
        command = functools.partial(self.command, call.request)
        return CommandCall(command=command, options=options, shadowed=call.shadowed)


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
