"""Words that an earlier step has printed are put in their places."""

from collections.abc import Mapping

import msgspec

from fairlead.model.errors import StepFailed
from fairlead.model.plan import (
    Command,
    Either,
    Not,
    Pipe,
    Registered,
    Same,
    Secret,
    Step,
    Then,
    argvs,
)

COMMANDS = ("do", "unless", "undo", "until", "proof")  # the fields of a step that are commands


def fill(
    step: Step,
    values: Mapping[tuple[str, str], str],  # (host, name) -> what was printed there
    host: str,
    *,
    dry: bool = False,
    show: bool = False,
) -> Step:
    """The step with every Registered word replaced by its value.

    In a dry run, and with `show` where it is secret, by what it is called. Raises StepFailed when
    there is no value: the step that should have printed it did not run.
    """
    filler = _Filler(step.name, values, host, dry, show)
    commands = {name: getattr(step, name) for name in COMMANDS}
    filled = {name: filler.command(value) for name, value in commands.items() if value is not None}
    stdin = step.stdin
    if isinstance(stdin, Registered):
        stdin = Secret(filler.word(stdin))
    return msgspec.structs.replace(step, stdin=stdin, **filled)


def sources(step: Step) -> set[str]:
    """The other hosts whose words a step needs."""
    commands = [getattr(step, name) for name in COMMANDS]
    lines = [argv for command in commands if command is not None for argv in argvs(command)]
    words = [word for argv in lines for word in argv]
    registered = [word for word in (*words, step.stdin) if isinstance(word, Registered)]
    return {word.host for word in registered if word.host}


class _Filler:
    """Fills the words of one step on one host."""

    def __init__(
        self,
        step: str,
        values: Mapping[tuple[str, str], str],
        host: str,
        dry: bool,
        show: bool,
    ):
        self.step, self.values, self.host, self.dry, self.show = step, values, host, dry, show

    def word(self, word: str | Registered) -> str:
        if not isinstance(word, Registered):
            return word
        key = (word.host or self.host, word.name)
        if self.dry or (self.show and word.secret):
            return f"<{key[0]}:{key[1]}>"
        if key not in self.values:
            needs = f"{self.step} needs {word.name} of {key[0]}"
            what = f"{needs}, and the step that keeps it did nothing"
            raise StepFailed(self.host, what, "a step that keeps has no `unless`")
        return self.values[key]

    def command(self, command: Command) -> Command:
        match command:
            case tuple():
                return tuple(map(self.word, command))
            case Same(left, right):
                text_or_command = right if isinstance(right, str) else self.command(right)
                return Same(self.command(left), text_or_command)
            case Not(part):
                return Not(self.command(part))
            case Then(parts) | Either(parts) | Pipe(parts):
                return type(command)(tuple(map(self.command, parts)))
        raise TypeError(f"no command: {command!r}")
