"""Invoke's Program with whole-line options and errors in sentences; fairlead's Executor.

`python -m fairlead` and `./inv` run this Program, and so does plain `inv` (fairlead.cli.tasks).
"""

import errno
import gc
import os
import re
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from invoke import Argument, Collection, Exit, ParseError, Task, UnexpectedExit
from invoke import Executor as InvokeExecutor
from invoke import Program as InvokeProgram
from invoke.exceptions import CollectionNotFound
from invoke.parser import Parser, ParserContext
from invoke.tasks import Call as InvokeCall

from fairlead import __version__
from fairlead.cli import standard_streams
from fairlead.cli.cli_tasks import CliTask
from fairlead.cli.flags import Flag, common_argument
from fairlead.cli.invocation import Call, Invocation, report_error
from fairlead.cli.options import (
    BY_FLAG,
    COMMON,
    checked_text,
    common_fields,
    common_options,
    nearest,
    split_words,
    with_bare_word,
    with_lone_values,
)
from fairlead.cli.vocabulary import MAKERS, is_ops_repository, no_tasks, root_of, standalone
from fairlead.model.errors import CommandLineError, FairleadError, worst

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
GONE = 141  # as a program that SIGPIPE ends: the reader of our output has gone
# A task as Invoke's executor gets it: of a command line, or of a program.
RequestedTask = str | tuple[str, dict[str, Any]] | ParserContext


class Program(InvokeProgram):
    """Invoke's program: the common options are core options, errors one sentence and a code.

    `home`: the folder of tasks.py; "" where it is looked for here and above.
    """

    home = ""

    def core_args(self) -> list[Argument]:
        return [*super().core_args(), *map(common_argument, COMMON)]

    def run(
        self,
        argv: list[str] | None = None,
        exit: bool = True,
    ) -> None:
        """Do what the command line says; ends the process unless `exit` is False."""
        code = self.exit_code(argv)
        if exit:
            sys.exit(code)

    def exit_code(self, argv: list[str] | None = None) -> int:
        """Do what the command line says; its exit code."""
        try:
            code = self._code(argv)
        except BrokenPipeError as error:
            return _unwritten(error, 0)
        except OSError as error:
            if error.errno not in FULL or error.filename is not None:
                raise
            return _unwritten(error, 0)
        error_of_output = standard_streams.written()
        return _unwritten(error_of_output, code) if error_of_output else code

    def _code(self, argv: list[str] | None) -> int:
        try:
            self._parse_and_execute(argv)
        except FairleadError as error:
            return report_error(error, tuple(self.argv))
        except UnexpectedExit as error:
            print(error if error.result.hide else "", file=sys.stderr, end="")
            return error.result.exited
        except Exit as error:
            print(error.message or "", file=sys.stderr, end="\n" if error.message else "")
            return error.code
        except KeyboardInterrupt:
            print("fairlead: interrupted", file=sys.stderr)
            return 130
        return 0

    def normalize_argv(self, argv: list[str] | None) -> None:
        super().normalize_argv(argv)
        self.argv = with_bare_word(with_lone_values(self.argv))

    def _parse_and_execute(self, argv: list[str] | None) -> None:
        self.create_config()
        try:
            self._parse(argv)
        except ParseError as error:
            raise self._command_line_error(error) from None
        except ValueError as error:
            pattern = r"invalid literal for int\(\) with base 10: (.*)"
            what = re.sub(pattern, r"\1 is no whole number", str(error))
            raise CommandLineError("inv", what, "see inv --help") from None
        self.update_config()
        self.execute()

    def _parse(self, argv: list[str] | None) -> None:
        """Read the whole command line. Raises ParseError, ValueError, FairleadError."""
        writes_no_bytecode = sys.dont_write_bytecode  # Invoke changes it
        self.parse_core(argv)
        vars(self.core)["argv"] = self.argv  # for the executor, which sees only `core`
        sys.dont_write_bytecode = writes_no_bytecode
        self.parse_collection()
        _collect_garbage()
        self._list_single_group()
        self.parse_tasks()
        self.parse_cleanup()

    def load_collection(self) -> None:
        """tasks.py beside the launcher that was called, else here or in a folder above."""
        search = self.args["search-root"]
        if search.value is None and self.home:
            search.value = self.home
        named = {*self.core.unparsed[:1], self.args.help.value}
        if MAKERS & named and not is_ops_repository(search.value or "."):
            self.collection = Collection.from_module(standalone(search.value or "."))
            return
        try:
            super().load_collection()
        except (Exit, CollectionNotFound):
            raise no_tasks(search.value) from None

    def _make_parser(self) -> Parser:
        """Only the tasks that the line names need a context: Invoke copies them all."""
        if self.args.complete.value:
            return super()._make_parser()
        body, _ = split_words(self.core.unparsed)
        topic = self.args.help.value
        words = [*body, topic] if isinstance(topic, str) else list(body)
        contexts = [parser_context(word, task) for word, task in self._named_tasks(words)]
        return Parser(initial=self.initial_context, contexts=contexts)

    def _named_tasks(self, words: Sequence[str]) -> Iterator[tuple[str, Task]]:
        for word in dict.fromkeys(words):
            task = task_named(self.collection, word)
            if task is not None:
                yield word, task

    def _list_single_group(self) -> None:
        """`inv perfsonar` alone shows what perfsonar can do."""
        words = self.core.unparsed
        if len(words) != 1 or task_named(self.collection, words[0]) is not None:
            return
        if group_named(self.collection, words[0]) is not None:
            self.core[0].args.list.value = words[0]
            self.core.unparsed = []

    def _command_line_error(self, error: ParseError) -> CommandLineError:
        """Invoke's error as a sentence with a remedy."""
        match = re.fullmatch(r"No idea what '(.*)' is!", str(error))
        if not match:
            what = re.sub(r"<Argument: ([^ >]+).*?>", r"--\1", str(error)).rstrip("!")
            return CommandLineError("inv", what, "see inv --help")
        word = match[1]
        if word.startswith("-"):
            return self._no_such_option(word, error.context)
        if group_named(self.collection, word) is not None:
            what, remedy = f"{word} is no task but holds tasks", f"see inv --list {word}"
        else:
            what = f"no such task: {word}"
            remedy = nearest(word, self.collection.task_names) or "see inv --list"
        return CommandLineError("inv", what, remedy)

    def _no_such_option(self, word: str, context: ParserContext | None) -> CommandLineError:
        where = f"inv {context.name}" if context is not None and context.name else "inv"
        flags = [*BY_FLAG, *(context or self.initial_context).flags]
        remedy = nearest(word, flags) or f"see {where} --help"
        return CommandLineError(where, f"no such option: {word}", remedy)

    def parse_cleanup(self) -> None:
        root = self.args.list.value
        if isinstance(root, str) and group_named(self.collection, root) is None:
            remedy = nearest(root, self.collection.collections) or "see inv --list"
            raise CommandLineError("inv", f"no such system to list: {root}", remedy)
        super().parse_cleanup()

    def list_tasks(self) -> None:
        from fairlead.cli.help import overview

        is_whole = self.list_format == "flat" and not self.list_root and not self.list_depth
        if not is_whole or root_of(self.collection) is None:
            super().list_tasks()
        else:
            print("\n".join(overview(self.collection)))

    def no_tasks_given(self) -> None:
        self.list_root, self.list_depth = None, 0
        self.list_tasks()
        raise Exit

    def print_help(self) -> None:
        from fairlead.cli.help import print_program_help

        invoke_arguments = InvokeProgram.core_args(self) + self.task_args()
        print_program_help(self.print_columns, invoke_arguments)

    def print_task_help(self, name: str) -> None:
        from fairlead.cli.help import print_task_help

        task = task_named(self.collection, name)
        if isinstance(task, CliTask):
            print_task_help(self.print_columns, name, task)
        else:
            super().print_task_help(name)


class Executor(InvokeExecutor):
    """Carries out the tasks of a command line, one after the other.

    It reads the whole line first, so that nothing is done for a line that is wrong at its end.
    """

    invocation: Invocation | None = None

    def execute(self, *tasks: RequestedTask) -> dict[Task, Any]:
        argv = tuple(getattr(self.core, "argv", sys.argv)[1:])
        try:
            self.prepare(argv, [task for task in tasks if isinstance(task, ParserContext)])
        except FairleadError as error:
            raise Exit(code=report_error(error, argv)) from None
        if self.invocation is None:
            return super().execute(*tasks)
        return self._execute_within(self.invocation, tasks)

    def _execute_within(
        self, invocation: Invocation, tasks: Sequence[RequestedTask]
    ) -> dict[Task, Any]:
        stopped: Exception | None = None
        results: dict[Task, Any] = {}
        try:
            with ended_as_by_ctrl_c(), invocation:
                try:
                    results = super().execute(*tasks)
                except (Exit, UnexpectedExit) as error:  # no error for the output to show
                    stopped = error
        except FairleadError as error:
            stopped = Exit(code=worst([*invocation.codes, error.code]))
        except KeyboardInterrupt:
            stopped = Exit(code=130)
        if stopped:
            raise stopped
        if invocation.code:
            raise Exit(code=invocation.code)
        return results

    def prepare(self, argv: tuple[str, ...], contexts: Sequence[ParserContext]) -> None:
        """Make the invocation and its calls, for a line with tasks of fairlead's.

        Raises CommandLineError.
        """
        named = [(context, task_named(self.collection, context.name)) for context in contexts]
        own = [(context, task) for context, task in named if isinstance(task, CliTask)]
        every = self._with_pre_and_post([task for _, task in named])
        root = root_of(self.collection)
        if root is None or not any(isinstance(task, CliTask) for task in every):
            return
        body, words = split_words(argv)
        fields = common_fields(common_options(body, self._takes_value))
        if "plan" in fields or (self.core is not None and self.core[0].args.dry.value):
            fields["dry_run"] = True
        taker = _words_taker(own, words or (), is_all=len(own) == len(contexts))
        self._calls: dict[int, Call] = {}
        for context, task in own:
            raw = _flag_values(context, task, fields)
            self._calls[id(context)] = task.make_call(raw, words or () if context is taker else ())
        site = str(self.config.get("fairlead", {}).get("site", ""))
        chain = len(own) > 1
        self.invocation = Invocation(root.plugins, root.folder, fields, site, chain=chain)

    def normalize(self, tasks: Sequence[RequestedTask]) -> list[InvokeCall]:
        calls = super().normalize(tuple(tasks))
        for call, context in zip(calls, tasks, strict=False):
            if isinstance(call.task, CliTask):
                call.kwargs = self._carried_out_by(self._calls[id(context)])
        return calls

    def expand_calls(self, calls: list[InvokeCall]) -> list[InvokeCall]:
        """A task of fairlead's in the `pre` or `post` of somebody's task gets its call here."""
        expanded = super().expand_calls(calls)
        for call in expanded:
            if isinstance(call.task, CliTask) and "invocation" not in call.kwargs:
                call.kwargs = self._carried_out_by(call.task.make_call(call.kwargs, ()))
        return expanded

    def _carried_out_by(self, call: Call) -> dict[str, Any]:
        """The arguments of a CliTask's body."""
        return {"invocation": self.invocation, "call": call}

    def _with_pre_and_post(self, tasks: Sequence[Any]) -> Iterator[Any]:
        for task in tasks:
            yield getattr(task, "task", task)
            yield from self._with_pre_and_post([*task.pre, *task.post])

    def _takes_value(self, name: str, flag: str) -> bool:
        task = task_named(self.collection, name)
        flags = parser_context(name, task).flags if task is not None else {}
        return flag in flags and flags[flag].takes_value


def _unwritten(error: OSError, code: int) -> int:
    """The exit code of a command line whose output could not be written, told unless it failed
    anyhow. Nothing more is tried.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):
        return code or GONE
    if not code:
        what = f"output: cannot be written ({error.strerror}); make room"
        print(f"fairlead: {what}", file=sys.stderr)
    return code or FairleadError.code


@contextmanager
def ended_as_by_ctrl_c() -> Iterator[None]:
    """Meanwhile SIGTERM, and SIGHUP unless it is ignored, end us as Ctrl-C does: what was taken is
    given back.
    """
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    ours = [number for number, handler in before.items() if handler is signal.SIG_DFL]
    if threading.current_thread() is not threading.main_thread():
        ours = []
    for number in ours:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, before[number])


def _collect_garbage() -> None:
    """Collect garbage from here on, but look for none in what has been loaded.

    fairlead.cli.fast_import stopped it.
    """
    gc.freeze()
    gc.enable()


def task_named(collection: Collection, name: str | None) -> Task | None:
    """The task of that name, if there is one."""
    try:
        return collection[name] if name and not name.startswith("-") else None
    except (KeyError, ValueError):
        return None


def group_named(collection: Collection, name: str) -> Collection | None:
    """The system or other group of that name, if there is one."""
    try:
        return collection.subcollection_from_path(name)
    except KeyError:
        return None


def parser_context(name: str, task: Task) -> ParserContext:
    """What Invoke's parser has to know of a task; of fairlead's only its own flags."""
    if isinstance(task, CliTask):
        return ParserContext(name=name, args=[flag.argument() for flag in task.flags()])
    return ParserContext(name=name, args=task.get_arguments())


def _flag_values(
    context: ParserContext, task: CliTask, fields: Mapping[str, Any]
) -> dict[str, Any]:
    """The values of a task's own flags, those that were given.

    One that is named like a common option holds for the whole line too.
    """
    by_name = {option.name: option for option in COMMON}
    raw: dict[str, Any] = {}
    for flag in task.flags():
        argument = context.args[flag.words]
        value = argument._value if argument.got_value else None
        if flag.words in by_name:
            value = _common_value(flag, fields.get(by_name[flag.words].field))
        if value is not None:
            raw[flag.name] = value
        _check_texts(flag, value)
    return raw


def _check_texts(flag: Flag, value: object) -> None:
    texts = [value] if isinstance(value, str) else value
    if isinstance(texts, list):
        for text in texts:
            checked_text(f"--{flag.words}", text)


def _common_value(flag: Flag, value: object) -> object:
    """The value of a common option as the type of a flag takes it."""
    if isinstance(value, tuple):
        return list(value) if flag.is_many else ",".join(value)
    return value if value is None or isinstance(value, bool) else str(value)


def _words_taker(
    own: Sequence[tuple[ParserContext, CliTask]], words: Sequence[str], is_all: bool
) -> ParserContext | None:
    """The task that gets what followed `--`: the last that takes words.

    Somebody's own task may read them itself: unless these are all, nothing is refused.
    Raises CommandLineError.
    """
    takers = [context for context, task in own if task.words]
    if words and is_all and not takers:
        what = f"takes no words after `--`, but was given {words[0]!r}"
        raise CommandLineError(f"inv {own[-1][0].name}", what, "leave them out, or see exec")
    return takers[-1] if takers else None


def main(argv: list[str] | None = None, home: str | None = None) -> None:
    """The entry point; `home`: that of Program, None: as FAIRLEAD_HOME says."""
    standard_streams.open_missing()
    program = Program(
        name="fairlead",
        binary="inv",
        binary_names=["inv", "invoke"],
        version=__version__,
        executor_class=Executor,
    )
    program.home = os.environ.get("FAIRLEAD_HOME", "") if home is None else home
    program.run(argv)
