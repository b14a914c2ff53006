"""A step in a person's words: what --explain prints, and the argv lists that a dry run shows."""

import shlex
from collections.abc import Iterator

from fairlead.model.plan import Command, Either, Not, Pipe, Registered, Same, Step, Then, argvs


def explained(step: Step) -> list[str]:
    """What a person would type for this step, under its name."""
    return list(_explanation(step))


def _explanation(step: Step) -> Iterator[str]:
    yield f"# {step.name}" + (f"  (as {step.run_as})" if step.run_as else "")
    if step.unless is not None:
        yield _remark("unless", step.unless)
    yield from (f"#   {line}" for line in step.diff.splitlines())
    if step.do:
        hint = "  # what it reads on stdin is not shown" if step.stdin is not None else ""
        yield typed(step.do) + hint
    if step.until is not None:
        yield _remark("until", step.until)


def _remark(name: str, question: Command) -> str:
    """A question, in comments: what is pasted into a shell asks nothing."""
    return "\n".join(f"#   {line}" for line in f"{name}: {typed(question)}".split("\n"))


def typed(command: Command | str) -> str:
    """A command as a person would type it."""
    match command:
        case str():
            return shlex.quote(command)
        case tuple():
            return shlex.join(word for word in command if isinstance(word, str))
        case Same(left, right):
            return f"{typed(left)} prints {typed(right)}"
        case Not(part):
            return f"! {typed(part)}"
        case Then(parts):
            return " && ".join(map(typed, parts))
        case Pipe(parts):
            return " | ".join(map(typed, parts))
        case Either(parts):
            return " || ".join(map(typed, parts))
    raise TypeError(f"no command: {command!r}")


def commands(step: Step) -> tuple[tuple[str, ...], ...]:
    """The argv lists of what a step does; a word that another step registers as <its name>."""
    return tuple(tuple(map(_shown_word, argv)) for argv in argvs(step.do))


def _shown_word(word: str | Registered) -> str:
    return f"<{word.name}>" if isinstance(word, Registered) else word
