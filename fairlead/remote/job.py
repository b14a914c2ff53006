"""A plan for one host becomes a script for a person: the same steps, without fairlead.

The functions that it calls are those of output/shell/job.sh, which stands before such texts.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from fairlead.model.plan import (
    Argv,
    Command,
    Either,
    Not,
    Phase,
    Pipe,
    Same,
    Secret,
    Step,
    Then,
)
from fairlead.remote.programs import MOST_OF_A_QUESTION
from fairlead.remote.quoting import BUILTINS, in_context, one_line, quote, seconds
from fairlead.remote.registered import COMMANDS, fill

KEPT = re.compile(r"FL_KEPT_(\w+)")  # where the value of a variable will be
NO_NAME = re.compile(r"\W")


def script(phases: Sequence[Phase], host: str) -> str:
    """The steps of these phases on a host, as sh text. What only fairlead knows is asked for."""
    filled = [(phase, [fill(step, _Variables(), host) for step in phase.steps]) for phase in phases]
    steps = [step for _, group in filled for step in group]
    blocks = list(_needs(steps, host))
    number = 0
    for phase, group in filled:
        blocks += [f"phase {quote(phase.name)}\n"] if len(phases) > 1 else []
        for step in group:
            number += 1
            blocks.append(_block(number, step, host))
    return "\n".join(blocks)


class _Variables(Mapping[tuple[str, str], str]):
    """For what each step registers, a word that becomes the name of a variable."""

    def __getitem__(self, key: tuple[str, str]) -> str:
        return f"FL_KEPT_{_variable(*key)}"

    def __contains__(self, key: object) -> bool:
        return True

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(())

    def __len__(self) -> int:
        return 0


def _variable(host: str, name: str) -> str:
    return NO_NAME.sub("_", f"{host}_{name}")


def _needs(steps: Sequence[Step], host: str) -> Iterator[str]:
    """A line for each value that this host cannot make: secrets, and what other hosts print."""
    for number, step in enumerate(steps, 1):
        if isinstance(step.stdin, Secret) and not KEPT.fullmatch(_text(step.stdin)):
            what = f"a file with the secret that {one_line(step.name)!r} reads"
            yield f"needs SECRET_{number} {quote(what)}\n"
    own = {_variable(host, step.register) for step in steps if step.register}
    for name in sorted(_variables(steps) - own):
        yield f"needs kept_{name} {quote(f'what another host has printed: {name}')}\n"


def _variables(steps: Sequence[Step]) -> set[str]:
    commands = [getattr(step, name) for step in steps for name in COMMANDS]
    texts = [repr(command) for command in commands]
    texts += [_text(step.stdin) for step in steps if isinstance(step.stdin, Secret)]
    return {name for text in texts for name in KEPT.findall(text)}


def _text(secret: Secret) -> str:
    return secret.reveal().decode(errors="replace")


def _block(number: int, step: Step, host: str) -> str:
    """One step: its name, its commands as functions, and the call that does it."""
    lines = [f"# {number}. {one_line(step.name)}", *(f"#   {line}" for line in _diff(step))]
    lines += _functions(number, step)
    if step.register:
        lines.append(f"keep {_variable(host, step.register)}")
    words = (str(number), quote(one_line(step.name)), seconds(step.timeout), seconds(step.every))
    quiet = ("quiet",) if step.sensitive else ()
    lines.append(" ".join(("step", *words, *quiet)))
    if step.confirm_within:
        lines.append(f"confirm {seconds(step.confirm_within)}")
    return KEPT.sub(r'"$kept_\1"', "\n".join(lines)) + "\n"


def _diff(step: Step) -> list[str]:
    return [] if step.sensitive else step.diff.splitlines()


def _functions(number: int, step: Step) -> Iterator[str]:
    """The commands of a step that it has, each under its own time-out."""
    question = min(step.timeout, MOST_OF_A_QUESTION)
    if step.stdin is not None:
        yield _function("stdin", _stdin(number, step))
    if step.unless is not None:
        text = _limited(step, step.unless, question)
        yield _function("already", _fed(text) if step.compares else text)
    if step.do:
        text = _limited(step, step.do, step.timeout)
        yield _function("change", _judged(step, text if step.stdin is None else _fed(text)))
    if step.until is not None:
        yield _function("ready", _limited(step, step.until, question))
    if step.undo is not None:
        yield _function(f"undo_{number}", _limited(step, step.undo, step.timeout))
    if step.proof is not None:
        yield _function(f"prove_{number}", _limited(step, step.proof, question))
    if step.gate:
        yield _function("gate", ":")


def _function(name: str, text: str) -> str:
    return f"{name}() {{\n  {text}\n}}"


def _fed(text: str) -> str:
    return f"stdin | {{ {text}; }}"


def _judged(step: Step, text: str) -> str:
    """Exit codes that are well, beside 0, become 0."""
    if step.ok_codes == (0,):
        return text
    codes = "|".join(map(str, step.ok_codes))
    return f"( {text} )\n  code=$?\n  case $code in {codes}) return 0 ;; esac\n  return $code"


def _stdin(number: int, step: Step) -> str:
    """What prints the stdin of a step."""
    match step.stdin:
        case Secret() as secret if KEPT.fullmatch(_text(secret)):
            return f"printf '%s' {_text(secret)}"
        case Secret():
            return f'cat "$SECRET_{number}"'
        case bytes() as data:
            return f"printf %s {quote(_base64(data))} | base64 -d"
    return f"printf '%s' {quote(step.stdin)}"


def _base64(data: bytes) -> str:
    import base64

    return base64.b64encode(data).decode()


def _limited(step: Step, command: Command, limit: float) -> str:
    """A command of a step as sh text, each of its programs under a time-out."""
    prefix = ("timeout", "-k", "10", seconds(limit))
    plain = msgspec.structs.replace(step, timeout=limit)
    return in_context(plain, _prefixed(prefix, command)).removeprefix("exec ")


def _prefixed(prefix: Argv, command: Command) -> Command:
    match command:
        case tuple():
            return command if command[0] in BUILTINS else (*prefix, *command)
        case Same(left, right):
            text_or_command = right if isinstance(right, str) else _prefixed(prefix, right)
            return Same(_prefixed(prefix, left), text_or_command)
        case Not(inner):
            return Not(_prefixed(prefix, inner))
        case Then(parts) | Either(parts) | Pipe(parts):
            return type(command)(tuple(_prefixed(prefix, inner) for inner in parts))
    raise TypeError(f"no command: {command!r}")
