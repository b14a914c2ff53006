"""Commands become sh text: the one place where words are quoted."""

import shlex

from fairlead.model.plan import (
    Argv,
    Command,
    Either,
    Not,
    Pipe,
    Registered,
    Same,
    Step,
    Then,
)

BUILTINS = frozenset(  # what a shell does itself, perhaps otherwise than the program of that name
    {
        *(
            ".",
            ":",
            "[",
            "alias",
            "bg",
            "break",
            "cd",
            "command",
            "continue",
            "echo",
            "eval",
            "exec",
        ),
        *(
            "exit",
            "export",
            "false",
            "fc",
            "fg",
            "getopts",
            "hash",
            "jobs",
            "kill",
            "local",
            "printf",
        ),
        *("pwd", "read", "readonly", "return", "set", "shift", "source", "test", "times", "trap"),
        *("true", "type", "ulimit", "umask", "unalias", "unset", "wait"),
    }
)
QUESTION_FAILED = 120  # exit code of a combination whose parts could not be asked
RESERVED = frozenset(  # words of the shells that hosts have
    {
        *("if", "then", "else", "elif", "fi", "do", "done", "case", "esac", "while", "until"),
        *("for", "in", "select", "function", "time", "coproc"),
    }
)


def code(command: Command) -> str:
    """A command as sh text, every word quoted. Raises TypeError: no command, or an open word."""
    match command:
        case tuple():
            return _argv(command)
        case Then(parts):
            return "( " + " && ".join(map(code, parts)) + " )"
        case Either(parts):
            return "( " + " || ".join(map(code, parts)) + " )"
        case Not(part):
            answer = "case $r in (0) exit 1 ;; (1) exit 0 ;; (*) exit $r ;; esac"
            return f"( {code(part)}; r=$?; {answer} )"
        case Same(left, right):
            return _same(left, right)
        case Pipe(parts):
            return _pipe(parts)
    raise TypeError(f"no command: {command!r}")


def _argv(argv: Argv) -> str:
    return " ".join((_program_word(argv[0]), *map(_word, argv[1:])))


def _word(word: str | Registered) -> str:
    if isinstance(word, Registered):
        raise TypeError(f"{word} has not been filled in")
    return shlex.quote(word)


def _program_word(word: str | Registered) -> str:
    """The first word is a program: no assignment, no word of the shell's own."""
    quoted = _word(word)
    is_assignment = "=" in quoted and not quoted.startswith("'")
    return f"'{quoted}'" if quoted in RESERVED or is_assignment else quoted


def _same(left: Command, right: Command | str) -> str:
    """Whether two commands print the same, or one prints this text."""
    failed = f"exit {QUESTION_FAILED}"
    first = f"l=$( {code(left)} ) || {failed}"
    if isinstance(right, str):
        return f'( {first}; [ "$l" = {shlex.quote(right)} ] )'
    return f'( {first}; r=$( {code(right)} ) || {failed}; [ "$l" = "$r" ] )'


def _pipe(parts: tuple[Command, ...]) -> str:
    """A pipe that ends with the code of its last part, QUESTION_FAILED where an early one failed.

    The parts write their codes to descriptor 3, the last one with `=` before it; 141 (SIGPIPE) is
    no failure of an early one.
    """
    *early, last = parts
    links = [f"{{ {code(part)} 3>&- 4>&-; echo $? >&3; }}" for part in early]
    links.append(f"{{ {code(last)} 3>&- >&4 4>&-; echo =$? >&3; }}")
    judge = f"case $x in (=*) r=${{x#=}} ;; (0|141) ;; (*) b={QUESTION_FAILED} ;; esac"
    run = f"exec 4>&1; s=$( {{ {' | '.join(links)}; }} 3>&1 ); b=0 r={QUESTION_FAILED}"
    return f"( {run}; for x in $s; do {judge}; done; [ $r -gt 1 ] || [ $b = 0 ] || r=$b; exit $r )"


def is_program(command: Command) -> bool:
    """Is it one program and its words, for which no shell is needed?"""
    return isinstance(command, tuple) and command[0] not in BUILTINS


def in_context(step: Step, command: Command) -> str:
    """A command as the step's user, in its folder, with its environment.

    Text that begins with `exec` is one program and its words, for which no shell is needed.
    Exit code 119: its folder is not there. Raises TypeError: no name of an environment variable.
    """
    exports = "".join(f"export {_name(name)}={quote(value)}; " for name, value in step.env)
    folder = f"cd {quote(step.cwd)} || exit 119; " if step.cwd else ""
    text = exports + folder + ("exec " if is_program(command) else "") + code(command)
    if not step.run_as:
        return text
    return f"exec su -s /bin/sh -c {quote(_by_another(step, text))} {quote(step.run_as)}"


def _by_another(step: Step, text: str) -> str:
    """What su runs: it makes a session of its own, which our time-out does not reach, hence one
    inside. Our TMPDIR is closed to others.
    """
    limit = seconds(step.timeout)
    return f"unset TMPDIR; exec timeout -k 5 {limit} sh -c {quote(text)}"


def _name(variable: str) -> str:
    if not (variable.isascii() and variable.isidentifier()):
        raise TypeError(f"no name of an environment variable: {variable!r}")
    return variable


def quote(word: object) -> str:
    """A word that the shell leaves as it is."""
    return shlex.quote(str(word))


def assign(**values: object) -> str:
    """Assignments, one a line."""
    return "".join(f"{name}={quote(value)}\n" for name, value in values.items())


def seconds(value: float) -> str:
    """As timeout, sleep and flock read it: no exponent."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def one_line(text: str) -> str:
    """Words that have one line to themselves in a file."""
    return " ".join(text.split())
