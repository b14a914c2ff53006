"""What --help and --list print."""

import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from invoke import Argument, Collection
from invoke.parser import ParserContext

from fairlead.cli.cli_tasks import CliTask, CommandTask, RepositoryTask
from fairlead.cli.options import COMMON, Option
from fairlead.cli.vocabulary import SystemGroup

WIDTH = 80

Columns = list[tuple[str, str | None]]  # (flag, what it does)
PrintColumns = Callable[[Columns], None]


def print_program_help(print_columns: PrintColumns, invoke_arguments: list[Argument]) -> None:
    """`inv --help`: the options that hold for the whole line, and Invoke's own."""
    print("Usage: inv TASK [--options] [TASK [--options] ...] [-- WORD ...]\n")
    print("Options that hold for the whole command line, wherever they stand:\n")
    print_columns(_common_columns())
    print("Invoke's own:\n")
    print_columns(_columns(invoke_arguments))


def print_task_help(print_columns: PrintColumns, name: str, task: CliTask) -> None:
    """`inv TASK --help`: its own options, then those of every verb, an example, exit codes."""
    flags = task.flags()
    words = " [-- WORD ...]" if task.words else ""
    about = textwrap.fill(task.about, WIDTH, break_on_hyphens=False)
    print(f"Usage: inv {name} [--options]{words}\n\n{about}\n")
    if flags:
        print("Options of its own:\n")
        print_columns(_columns([flag.argument() for flag in flags]))
    print("Options of every verb; they hold for the whole command line:\n")
    print_columns(_common_columns({flag.words for flag in flags}))
    print("\n".join(task.lesson()))


def _columns(arguments: list[Argument]) -> Columns:
    return ParserContext(args=arguments).help_tuples()


def _common_columns(own: Iterable[str] = ()) -> Columns:
    """The common options, in the order in which they matter, without those named in `own`."""
    return [
        (f"{option.flag}{_value_hint(option)}", option.about)
        for option in COMMON
        if option.name not in own
    ]


def _value_hint(option: Option) -> str:
    if option.read is None:
        return ""
    return "[=...]" if option.alone else "=..."


def overview(collection: Collection) -> Iterator[str]:
    """`inv --list` on one screen: a line for each system and verb; names alone for the rest."""
    groups = dict(sorted(collection.collections.items()))
    systems = {name: group for name, group in groups.items() if isinstance(group, SystemGroup)}
    commands = {name: group for name, group in groups.items() if name not in systems}
    verbs = _verb_tasks(collection, groups)
    if systems:
        yield "Systems (inv --list SYSTEM shows one):"
    else:
        yield "No systems: plugins/ holds none."
    yield from _lines({name: group.about for name, group in systems.items()})
    if verbs:
        yield "Verbs (inv VERB, inv SYSTEM.VERB, inv SYSTEM.COMPONENT.VERB; --help teaches):"
        yield from _lines({name: task.about for name, task in verbs.items()})
    tasks = collection.tasks.items()
    own = {name for name, task in tasks if isinstance(task, RepositoryTask)}
    yield from _wrapped_names("Chores:", [*_command_names(commands), *sorted(own)])
    yield from _wrapped_names("Here:", sorted(set(collection.tasks) - set(verbs) - own))


def _verb_tasks(collection: Collection, groups: Mapping[str, Collection]) -> dict[str, CliTask]:
    """The tasks of all systems, also those that are a group's own (`inv secrets`)."""
    tasks = dict(collection.tasks)
    tasks |= {name: group[group.default] for name, group in groups.items() if group.default}
    return {
        name: task
        for name, task in tasks.items()
        if isinstance(task, CliTask) and not isinstance(task, CommandTask)
    }


def _command_names(groups: Mapping[str, Collection]) -> Iterator[str]:
    for name, group in groups.items():
        if group.default and isinstance(group[group.default], CommandTask):
            yield name
        for task in group.task_names:
            if task != group.default:
                yield f"{name}.{task}"


def _lines(about: Mapping[str, str]) -> Iterator[str]:
    width = max(map(len, about), default=0)
    for name, text in about.items():
        line = f"  {name:{width}}  {text}"
        yield line if len(line) <= WIDTH else line[: WIDTH - 3].rstrip() + "..."


def _wrapped_names(head: str, names: Sequence[str]) -> Iterator[str]:
    if names:
        text = " ".join([head, *names])
        yield from textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False)
