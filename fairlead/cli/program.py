"""The command line as it runs: Invoke's Program with whole-line options and its refusals in sentences; the executor that makes requests of a line.

`python -m fairlead` and `./inv` run this Program; plain `inv` finds the same tasks and, by invoke.yaml, the same executor.
"""

import gc
import os
import re
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from invoke import Argument, Collection, Exit, ParseError, Task, UnexpectedExit
from invoke import Executor as InvokeExecutor
from invoke import Program as InvokeProgram
from invoke.exceptions import CollectionNotFound
from invoke.parser import Parser, ParserContext
from invoke.tasks import Call

from fairlead import __version__
from fairlead.cli.invocation import Invocation, told
from fairlead.cli.options import BY_FLAG, COMMON, checked, completed, given, nearest, split, united
from fairlead.cli.tasks import CliTask, Flag, common_argument, root_of
from fairlead.model.errors import CommandLineError, FairleadError, worst

WIDTH = 80


class Program(InvokeProgram):
    """Invoke's program, for which the common options are core options, and whose errors are one sentence with an exit code."""

    def core_args(self) -> list[Argument]:
        return [*super().core_args(), *map(common_argument, COMMON)]

    def run(self, argv: list[str] | None = None, exit: bool = True) -> int:
        """Do what the command line says; ends the process unless `exit` is False, then returns the exit code."""
        code = self._code(argv)
        return sys.exit(code) if exit else code

    def _code(self, argv: list[str] | None) -> int:
        try:
            self._steps(argv)
            sys.stdout.flush()
        except FairleadError as error:
            return told(error, tuple(self.argv))
        except UnexpectedExit as error:
            print(error if error.result.hide else "", file=sys.stderr, end="")
            return error.result.exited
        except Exit as error:
            print(error.message or "", file=sys.stderr, end="\n" if error.message else "")
            return error.code
        except KeyboardInterrupt:
            print("fairlead: interrupted", file=sys.stderr)
            return 130
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 141
        return 0

    def normalize_argv(self, argv: list[str] | None) -> None:
        super().normalize_argv(argv)
        self.argv = completed(self.argv)

    def _steps(self, argv: list[str] | None) -> None:
        self.create_config()
        written = sys.dont_write_bytecode
        try:
            self.parse_core(argv)
            self.core.argv = self.argv
            sys.dont_write_bytecode = written
            self.parse_collection()
            _collect()
            self._one_system()
            self.parse_tasks()
        except ParseError as error:
            raise self._sentence(error) from None
        except ValueError as error:
            what = re.sub(
                r"invalid literal for int\(\) with base 10: (.*)",
                r"\1 is no whole number",
                str(error),
            )
            raise CommandLineError("inv", what, "see inv --help") from None
        self.parse_cleanup()
        self.update_config()
        self.execute()

    def load_collection(self) -> None:
        """tasks.py beside the launcher that was called, else here or in a folder above."""
        search = self.args["search-root"]
        if search.value is None and os.environ.get("FAIRLEAD_HOME"):
            search.value = os.environ["FAIRLEAD_HOME"]
        try:
            super().load_collection()
        except (Exit, CollectionNotFound):
            raise CommandLineError(
                "inv",
                "there is no tasks.py here or in a folder above",
                "see docs/add-a-system.md for its two lines",
            ) from None

    def _make_parser(self) -> Parser:
        """Only the tasks that the line names need a context: Invoke copies them all."""
        if self.args.complete.value:
            return super()._make_parser()
        asked = self.args.help.value
        words = [*split(self.core.unparsed)[0], *([asked] if isinstance(asked, str) else [])]
        return Parser(
            initial=self.initial_context,
            contexts=[context(word, task) for word, task in self._named(words)],
        )

    def _named(self, words: Sequence[str]) -> Iterator[tuple[str, Task]]:
        for word in dict.fromkeys(words):
            task = lookup(self.collection, word)
            if task is not None:
                yield word, task

    def _one_system(self) -> None:
        """`inv perfsonar` alone shows what perfsonar can do."""
        words = self.core.unparsed
        if (
            len(words) == 1
            and group_of(self.collection, words[0]) is not None
            and lookup(self.collection, words[0]) is None
        ):
            self.core[0].args.list.value = words[0]
            self.core.unparsed = []

    def _sentence(self, error: ParseError) -> CommandLineError:
        found = re.fullmatch(r"No idea what '(.*)' is!", str(error))
        if not found:
            return CommandLineError(
                "inv",
                re.sub(r"<Argument: ([^ >]+).*?>", r"--\1", str(error)).rstrip("!"),
                "see inv --help",
            )
        word, where = (
            found[1],
            f"inv {error.context.name}"
            if error.context is not None and error.context.name
            else "inv",
        )
        if word.startswith("-"):
            flags = [*BY_FLAG, *(error.context or self.initial_context).flags]
            return CommandLineError(
                where, f"no such option: {word}", nearest(word, flags) or f"see {where} --help"
            )
        if group_of(self.collection, word) is not None:
            return CommandLineError(
                "inv", f"{word} is no task but holds tasks", f"see inv --list {word}"
            )
        return CommandLineError(
            "inv",
            f"no such task: {word}",
            nearest(word, self.collection.task_names) or "see inv --list",
        )

    def parse_cleanup(self) -> None:
        root = self.args.list.value
        if isinstance(root, str) and group_of(self.collection, root) is None:
            raise CommandLineError(
                "inv",
                f"no such system to list: {root}",
                nearest(root, self.collection.collections) or "see inv --list",
            )
        super().parse_cleanup()

    def list_flat(self) -> None:
        if self.list_root or self.list_depth or root_of(self.collection) is None:
            return super().list_flat()
        print("\n".join(overview(self.collection)))
        return None

    def no_tasks_given(self) -> None:
        self.list_root, self.list_depth = None, 0
        self.list_flat()
        raise Exit

    def print_help(self) -> None:
        print("Usage: inv TASK [--options] [TASK [--options] ...] [-- WORD ...]\n")
        print("Options that hold for the whole command line, wherever they stand:\n")
        self.print_columns(common_columns())
        print("Invoke's own:\n")
        theirs = InvokeProgram.core_args(self) + self.task_args()
        self.print_columns(ParserContext(args=theirs).help_tuples())

    def print_task_help(self, name: str) -> None:
        task = lookup(self.collection, name)
        if not isinstance(task, CliTask):
            return super().print_task_help(name)
        own = [flag.argument() for flag in task.flags()]
        print(
            f"Usage: inv {name} [--options]{' [-- WORD ...]' if task.words else ''}\n\n{task.about}\n"
        )
        if own:
            print("Options of its own:\n")
            self.print_columns(ParserContext(args=own).help_tuples())
        print("Options of every verb; they hold for the whole command line:\n")
        self.print_columns(
            [
                pair
                for pair in common_columns()
                if pair[0].split("=")[0] not in {f"--{one.names[0]}" for one in own}
            ]
        )
        print("\n".join(task.lesson()))
        return None


class Executor(InvokeExecutor):
    """Reads the whole line first, so that nothing is done for a line that is wrong at its end; then does one task after the other."""

    invocation: Invocation | None = None

    def execute(self, *tasks: Any) -> Any:
        argv = tuple(getattr(self.core, "argv", sys.argv)[1:])
        try:
            self.prepare(argv, tasks)
        except FairleadError as error:
            raise Exit(code=told(error, argv)) from None
        return (
            super().execute(*tasks)
            if self.invocation is None
            else self._within(self.invocation, tasks)
        )

    def _within(self, line: Invocation, tasks: Any) -> Any:
        stopped: Exception | None = None
        try:
            with line:
                try:
                    super().execute(*tasks)
                except (
                    Exit,
                    UnexpectedExit,
                ) as error:  # the end of the line, and no error for the show to tell
                    stopped = error
        except FairleadError as error:
            stopped = Exit(code=worst([*line.codes, error.code]))
        except KeyboardInterrupt:
            stopped = Exit(code=130)
        if stopped or line.code:
            raise stopped or Exit(code=line.code)

    def prepare(self, argv: tuple[str, ...], tasks: Sequence[ParserContext]) -> None:
        """The command line and its jobs, for a line that names entries. Raises CommandLineError."""
        entries = [(task, lookup(self.collection, task.name)) for task in tasks]
        mine = [(task, entry) for task, entry in entries if isinstance(entry, CliTask)]
        if not any(
            isinstance(entry, CliTask) for entry in self._all([entry for _, entry in entries])
        ):
            return
        body, words = split(argv)
        fields = united(given(body, self._takes_value)) | (
            {"dry_run": True} if self.core[0].args.dry.value else {}
        )
        taker = _taker(mine, words or (), alone=len(mine) == len(tasks))
        self._jobs = {
            id(task): entry.job(_own(task, entry, fields), words or () if task is taker else ())
            for task, entry in mine
        }
        root = root_of(self.collection)
        configured = str(self.config.get("fairlead", {}).get("site", ""))
        self.invocation = Invocation(
            root.plugins, root.folder, fields, configured, chain=len(mine) > 1
        )

    def normalize(self, tasks: Any) -> list[Call]:
        calls = super().normalize(tasks)
        for call, task in zip(calls, tasks, strict=False):
            if isinstance(call.task, CliTask):
                call.args, call.kwargs = (self.invocation, self._jobs[id(task)]), {}
        return calls

    def expand_calls(self, calls: list[Call]) -> list[Call]:
        """An entry that stands in the `pre` or `post` of somebody's task gets its job here."""
        expanded = super().expand_calls(calls)
        for call in expanded:
            if isinstance(call.task, CliTask) and not call.args:
                call.args = (self.invocation, call.task.job(call.kwargs, ()))
                call.kwargs = {}
        return expanded

    def _all(self, tasks: Sequence[Any]) -> Iterator[Any]:
        for task in tasks:
            yield getattr(task, "task", task)
            yield from self._all([*task.pre, *task.post])

    def _takes_value(self, name: str, flag: str) -> bool:
        task = lookup(self.collection, name)
        flags = context(name, task).flags if task is not None else {}
        return flag in flags and flags[flag].takes_value


def _collect() -> None:
    """From here on garbage is collected (fairlead.cli.fast_import stopped it), but not looked for in what has been loaded."""
    gc.freeze()
    gc.enable()


def lookup(collection: Collection, name: str) -> Task | None:
    """The task of that name, if there is one."""
    try:
        return collection[name] if name and not name.startswith("-") else None
    except (KeyError, ValueError):
        return None


def group_of(collection: Collection, name: str) -> Collection | None:
    """The system or other group of that name, if there is one."""
    try:
        return collection.subcollection_from_path(name)
    except KeyError:
        return None


def context(name: str, task: Task) -> ParserContext:
    """What Invoke's parser has to know of a task; of an entry only its own flags."""
    arguments = (
        [flag.argument() for flag in task.flags()]
        if isinstance(task, CliTask)
        else task.get_arguments()
    )
    return ParserContext(name=name, args=arguments)


def _own(task: ParserContext, entry: CliTask, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The values of an entry's own flags, those that were given. One that is named like a common option holds for the whole line too."""
    by_name = {option.name: option for option in COMMON}
    raw = {}
    for flag in entry.flags():
        argument = task.args[flag.words]
        value = argument._value if argument.got_value else None
        if flag.words in by_name:
            value = _shared(flag, fields.get(by_name[flag.words].field))
        if value is not None:
            raw[flag.name] = value
        for text in value if isinstance(value, list) else [value] if isinstance(value, str) else []:
            checked(f"--{flag.words}", text)
    return raw


def _shared(flag: Flag, value: Any) -> Any:
    """The value of a common option as the type of a flag takes it."""
    if isinstance(value, tuple):
        return list(value) if flag.many else ",".join(value)
    return value if value is None or isinstance(value, bool) else str(value)


def _taker(
    mine: Sequence[tuple[ParserContext, CliTask]], words: Sequence[str], alone: bool
) -> ParserContext | None:
    """The task that gets what followed `--`: the last that takes words. Somebody's own task may read them itself."""
    takers = [task for task, entry in mine if entry.words]
    if words and alone and not takers:
        raise CommandLineError(
            f"inv {mine[-1][0].name}",
            f"takes no words after `--`, but was given {words[0]!r}",
            "leave them out, or see exec",
        )
    return takers[-1] if takers else None


def common_columns() -> list[tuple[str, str]]:
    """The common options, for a page of help, in the order in which they matter."""
    return [
        (
            f"--{option.name}"
            + ("" if option.read is None else "[=...]" if option.alone else "=..."),
            option.about,
        )
        for option in COMMON
    ]


def overview(collection: Collection) -> Iterator[str]:
    """`inv --list` on one screen: a line for each system and verb; names alone for the rest."""
    groups = sorted(collection.collections.items())
    both = {name: group[group.default] for name, group in groups if group.default}
    entries = {
        name: task
        for name, task in [*collection.tasks.items(), *both.items()]
        if isinstance(task, CliTask)
    }
    systems = {name: group for name, group in groups if getattr(group, "system", False)}
    yield (
        "Systems (inv --list SYSTEM shows one):" if systems else "No systems: plugins/ holds none."
    )
    yield from _lines({name: group.about for name, group in systems.items()})
    if entries:
        yield "Verbs (inv VERB, inv SYSTEM.VERB, inv SYSTEM.COMPONENT.VERB; --help teaches):"
        yield from _lines({name: task.about for name, task in entries.items()})
    chores = [(name, group) for name, group in groups if name not in systems]
    yield from _names(
        "Chores:",
        [
            f"{name}.{task}"
            for name, group in chores
            for task in group.task_names
            if task != group.default
        ],
    )
    yield from _names("Here:", sorted(set(collection.tasks) - set(entries)))


def _lines(about: Mapping[str, str]) -> Iterator[str]:
    width = max(map(len, about), default=0)
    for name, text in about.items():
        line = f"  {name:{width}}  {text}"
        yield line if len(line) <= WIDTH else line[: WIDTH - 3].rstrip() + "..."


def _names(head: str, names: Sequence[str]) -> Iterator[str]:
    if names:
        yield from textwrap.wrap(
            " ".join([head, *names]), WIDTH, subsequent_indent="  ", break_on_hyphens=False
        )


def main(argv: list[str] | None = None) -> None:
    """The entry point."""
    Program(
        name="fairlead",
        binary="inv",
        binary_names=["inv"],
        version=__version__,
        executor_class=Executor,
    ).run(argv)
