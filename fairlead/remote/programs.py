"""A Plan for one host becomes one POSIX sh program. The one place where words are quoted.

The programs are made of the files in shell/ (constant) and of what is said here about this run (quoted). They are sent on the stdin of
`sh -s` as `main() { ... }` and a last line that calls it, so that an upload cut short runs nothing.
"""

import base64
import re
import shlex
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import msgspec

from fairlead.model.errors import StepFailed
from fairlead.model.plan import (
    Argv,
    Command,
    Either,
    Fact,
    Not,
    Noun,
    Pipe,
    Registered,
    Same,
    Secret,
    Step,
    Then,
)

LEASE_SECONDS = 600
NOTHING_TO_UNDO = 118
QUESTION_FAILED = 120
GRACE = 1  # seconds that a lock is waited for in any case: who only asks whether it is held, holds it for an instant
RESERVED = frozenset(
    "if then else elif fi do done case esac while until for in select function time coproc".split()
)
TOOLS = (
    "base64",
    "date",
    "dd",
    "flock",
    "head",
    "mkfifo",
    "mktemp",
    "sed",
    "setsid",
    "stat",
    "tail",
    "timeout",
)


class RunInfo(Noun, kw_only=True):
    """Who does what: written into leases, locks and journals. `name` sorts by time; a transaction is `name` with its number."""

    name: str
    who: str  # user@machine
    what: str  # the verb and what it is for, in the words of the command line
    lock: str  # what it works on alone: the name of a system, or of one of several labs
    site: str = ""


@cache
def _shell(*names: str) -> str:
    """The files of shell/, without remarks and indentation: a shell reads its stdin byte by byte."""
    lines = "".join(
        (Path(__file__).parent / "shell" / f"{name}.sh").read_text() for name in names
    ).splitlines()
    bare = (re.sub(r" # .*", "", line.strip()) for line in lines)
    return "".join(f"{line}\n" for line in bare if line and not line.startswith("#"))


def code(command: Command) -> str:
    """A command as sh text; every word is quoted, here and nowhere else."""
    match command:
        case tuple():
            return " ".join((_program_word(command[0]), *map(_word, command[1:])))
        case Then(parts):
            return "( " + " && ".join(map(code, parts)) + " )"
        case Either(parts):
            return "( " + " || ".join(map(code, parts)) + " )"
        case Not(part):
            return f"( {code(part)}; r=$?; case $r in (0) exit 1 ;; (1) exit 0 ;; (*) exit $r ;; esac )"
        case Same(left, str() as text):
            return (
                f'( l=$( {code(left)} ) || exit {QUESTION_FAILED}; [ "$l" = {shlex.quote(text)} ] )'
            )
        case Same(left, right):
            return f'( l=$( {code(left)} ) || exit {QUESTION_FAILED}; r=$( {code(right)} ) || exit {QUESTION_FAILED}; [ "$l" = "$r" ] )'
        case Pipe(parts):
            return _pipe(parts)
    raise TypeError(f"no command: {command!r}")


def _word(word: str | Registered) -> str:
    if isinstance(word, Registered):
        raise TypeError(f"{word} has not been filled in")
    return shlex.quote(word)


def _program_word(word: str | Registered) -> str:
    """The first word is a program: no assignment, no word of the shell's own."""
    text = _word(word)
    return f"'{text}'" if text in RESERVED or ("=" in text and not text.startswith("'")) else text


def _pipe(parts: tuple[Command, ...]) -> str:
    *early, last = parts
    links = [f"{{ {code(part)} 3>&- 4>&-; echo $? >&3; }}" for part in early] + [
        f"{{ {code(last)} 3>&- >&4 4>&-; echo =$? >&3; }}"
    ]
    judge = f"case $x in (=*) r=${{x#=}} ;; (0|141) ;; (*) b={QUESTION_FAILED} ;; esac"
    run = f"exec 4>&1; s=$( {{ {' | '.join(links)}; }} 3>&1 ); b=0 r={QUESTION_FAILED}"
    return f"( {run}; for x in $s; do {judge}; done; [ $r -gt 1 ] || [ $b = 0 ] || r=$b; exit $r )"


def in_context(step: Step, command: Command) -> str:
    """A command as the step's user, in its folder, with its environment."""
    text = "".join(f"export {_name(name)}={shlex.quote(value)}; " for name, value in step.env)
    text += (f"cd {shlex.quote(step.cwd)} || exit 119; " if step.cwd else "") + code(command)
    return (
        f"exec su -s /bin/sh -c {shlex.quote(_by_another(step, text))} {shlex.quote(step.run_as)}"
        if step.run_as
        else text
    )


def _by_another(step: Step, text: str) -> str:
    """su makes a session of its own, which our time-out does not reach: hence one inside. Our TMPDIR is closed to others."""
    return f"unset TMPDIR; exec timeout -k 5 {_seconds(step.timeout)} sh -c {shlex.quote(text)}"


def _limit(step: Step) -> float:
    """The outer time-out is for an su that hangs itself."""
    return step.timeout + 1 if step.run_as else step.timeout


def _name(variable: str) -> str:
    if not (variable.isascii() and variable.isidentifier()):
        raise TypeError(f"no name of an environment variable: {variable!r}")
    return variable


def _seconds(value: float) -> str:
    """As timeout, sleep and flock read it: no exponent."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _line(text: str) -> str:
    """Words that have one line to themselves in a file."""
    return " ".join(text.split())


def fill(
    step: Step,
    kept: Mapping[tuple[str, str], str],
    host: str,
    *,
    dry: bool = False,
    show: bool = False,
) -> Step:
    """The step with every Kept word replaced by what was kept; in a dry run, and with `show` where it is secret, by what it is called.

    Raises StepFailed when it was not kept: the step that should have printed it did not run.
    """

    def word(part: str | Registered) -> str:
        if not isinstance(part, Registered):
            return part
        key = (part.host or host, part.name)
        if dry or (show and part.secret):
            return f"<{key[0]}:{key[1]}>"
        if key not in kept:
            what = (
                f"{step.name} needs {part.name} of {key[0]}, and the step that keeps it did nothing"
            )
            raise StepFailed(host, what, "a step that keeps has no `unless`")
        return kept[key]

    def filled(command: Command) -> Command:
        match command:
            case tuple():
                return tuple(map(word, command))
            case Same(left, str() as text):
                return Same(filled(left), text)
            case Same(left, right):
                return Same(filled(left), filled(right))
            case Not(part):
                return Not(filled(part))
            case _:
                return type(command)(tuple(map(filled, command.parts)))

    fields = ("do", "unless", "undo", "until")
    stdin = Secret(word(step.stdin)) if isinstance(step.stdin, Registered) else step.stdin
    return msgspec.structs.replace(
        step,
        stdin=stdin,
        **{name: filled(value) for name in fields if (value := getattr(step, name)) is not None},
    )


def _assign(**values: object) -> str:
    return "\n".join(f"{name}={shlex.quote(str(value))}" for name, value in values.items()) + "\n"


def _program(mark: str, *parts: str) -> str:
    """`main` reads nothing of the program itself; the reader's answers arrive on descriptor 3 (so nothing may follow the last line)."""
    return (
        "exec 3<&0\nmain() {\n"
        + _assign(MARK=mark)
        + _shell("prologue", "runs", "lease")
        + "".join(parts)
        + "}\n{ main </dev/null; exit; }\n"
    )


def _document(path: str, text: str, mark: str, through: str = "cat") -> str:
    """A here-document whose end no text can contain."""
    full = f'fl_drop {path}" could not be written (is the disk full?)"'
    return f"{through} >{path} <<'{mark}' || {full}\n{text}{'' if text.endswith(chr(10)) or not text else chr(10)}{mark}\n"


def facts_program(
    mark: str, facts: Iterable[Fact], systems: Iterable[str], lease: RunInfo | None
) -> str:
    """All facts of a host in one round trip, asked side by side; with `lease`, taken before anything is asked."""
    lines = [
        f'L=$(fl_lacks {" ".join(TOOLS)})\nprintf \'%s tools %s\\n\' "$MARK" "$L"\n[ -z "$L" ] || exit 0\n'
    ]
    if lease:
        lines.append(_lease(lease))
    lines.append("fl_runs unseen\n" + _temporary("F"))
    asked = list(facts)
    lines += [_asking(number, fact) for number, fact in enumerate(asked)]
    lines.append("wait\n")
    lines += [_answer(number) for number in range(len(asked))]
    return _program(mark, *lines, END)


def _asking(number: int, fact: Fact) -> str:
    asked = f"timeout -k 1 {_seconds(fact.timeout)} sh -c {shlex.quote(code(fact.argv))} </dev/null 3<&-"
    return f'{{ {asked} >"$F/{number}" 2>&1; echo $? >"$F/{number}.code"; }} &\n'


def _answer(number: int) -> str:
    said = f'printf \'%s fact {number} %s \' "$MARK" "$(cat "$F/{number}.code")"\n'
    return said + f"head -c 65536 \"$F/{number}\" | base64 | tr -d '\\n'\necho\n"


END = "printf '%s end\\n' \"$MARK\"\n"


def _temporary(name: str, parent: str = "") -> str:
    """A folder that is gone when the program ends, however it ends."""
    where = f" -p {parent}" if parent else ""
    made = f"{name}=$(mktemp -d{where}) || fl_refuse 'no folder for temporary files{where[3:]}'\n"
    return f"{made}trap 'exit 1' HUP INT TERM PIPE\ntrap 'rm -rf \"${{{name}:?}}\"' EXIT\n"


def _lease(run: RunInfo) -> str:
    words = " ".join(shlex.quote(_line(word)) for word in (run.lock, run.name, run.who, run.what))
    return f"fl_dirs\nfl_lease {words} {LEASE_SECONDS}\n"


def steps_text(steps: Iterable[Step]) -> str:
    """The part of the worker that is this plan: a block of assignments and a call for each step."""
    return "".join(_step_text(number, step) for number, step in enumerate(steps, 1))


def _step_text(number: int, step: Step) -> str:
    values = {
        "i": number,
        "timeout": _seconds(_limit(step)),
        "ask": _seconds(min(step.timeout, 60)),
        "patience": round(step.timeout * 100),
        "every": _seconds(step.every),
        "ok": " " + " ".join(map(str, step.ok_codes)) + " ",
        "keep": step.register,
        "sensitive": "1" if step.sensitive else "",
        "progress": "1" if step.progress and not step.sensitive else "",
        "tells": "1" if step.show_output and not step.sensitive else "",
        "reads": "1" if step.read_only else "",
        "armed": round(step.confirm_within * 100),
        "do": in_context(step, step.do) if step.do else "",
        "unless": in_context(step, step.unless) if step.unless is not None else "",
        "until": in_context(step, step.until) if step.until is not None else "",
    }
    stdin = "stdin=/dev/null\n" if step.stdin is None else f"stdin=$R/stdin.{number}\n"
    compared = f"compared=$R/stdin.{number}\n" if step.compares else "compared=\n"
    return _assign(**values) + stdin + compared + "fl_step || fl_fail\n"


def undo_text(steps: Iterable[Step]) -> str:
    """What lies on the host's disk so that a power cut can be undone: `sh undo I`. It holds argv, never a secret."""
    cases = (
        _undo_case(number, step) for number, step in enumerate(steps, 1) if step.undo is not None
    )
    head = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C\nexport PATH LC_ALL\numask 077\n"
    return head + "case $1.${2:-} in\n" + "".join(cases) + f"*) exit {NOTHING_TO_UNDO} ;;\nesac\n"


def _undo_case(number: int, step: Step) -> str:
    """The file calls itself under a time-out; so no program stands in an argument, whose length has a limit."""
    quiet = " >/dev/null 2>&1" if step.sensitive else ""
    again = f'exec timeout -k 10 {_seconds(_limit(step))} sh "$0" {number} now{quiet}'
    return f"{number}.) {again} ;;\n{number}.now) {in_context(step, step.undo)} ;;\n"


def _stdin(steps: Iterable[Step], mark: str) -> str:
    return "".join(
        _document(
            f'"$R/stdin.{number}"',
            base64.encodebytes(_bytes(step.stdin)).decode(),
            mark,
            "base64 -d",
        )
        for number, step in enumerate(steps, 1)
        if step.stdin is not None
    )


def _bytes(value: str | bytes | Secret) -> bytes:
    if isinstance(value, Secret):
        return value.reveal()
    return value.encode() if isinstance(value, str) else value


def _worker(
    run: RunInfo,
    number: int,
    steps: tuple[Step, ...],
    *,
    dry: bool,
    wait: float,
    release: bool,
    mark: str,
) -> str:
    said = _assign(
        MARK=mark,
        RUN=f"{run.name}.{number}",
        LEASE=run.name,
        SYSTEM=run.lock,
        WHO=_line(run.who),
        FOR=_line(run.what),
        WAIT=_seconds(max(wait, GRACE)),
        HOSTLOCK="-x" if any(step.exclusive for step in steps) else "-s",
        RELEASE="1" if release else "",
        SECONDS_OF_LEASE=LEASE_SECONDS,
        DRY="1" if dry else "",
    )
    return said + _shell("prologue", "runs", "lease")


CLAIM = """\
fl_drop() { # WHY
  rm -rf "${D:?}" "${R:?}"
  fl_refuse "$1"
}
if [ -d "$D" ]; then # sent again after a lost link: it has begun long ago
  printf '%s begin\\n' "$MARK"
  fl_follow "$RUN"
  exit 0
fi
mkdir "$R" 2>/dev/null || fl_refuse "$R cannot be made"
exec 8>"$R/alive"
flock -s 8
mkdir "$D" 2>/dev/null || fl_drop "$D cannot be made"
TMPDIR=$R
export TMPDIR
"""
WORK = """\
mkdir "$R/claimed" 2>/dev/null || exit 0
exec 6>"$R/alive"
flock -s 6
exec 8>&6 6>&-
trap fl_tidy EXIT
: >"$R/started"
fl_event start "$(date +%s)"
fl_lock
"""


def transaction_program(
    mark: str,
    run: RunInfo,
    number: int,
    steps: tuple[Step, ...],
    *,
    wait: float = 0,
    release: bool = True,
    seen: Iterable[str] = (),
    hidden: Secret | None = None,
) -> str:
    """Puts the worker on the host, starts it detached, and follows it; sent a second time, it only follows. The steps hold no Kept word any more.

    `release`: the lease is given back at the end. `seen`: earlier runs whose end has now been reported to a person. `hidden`: see redact.hidden.
    """
    body = _worker(run, number, steps, dry=False, wait=wait, release=release, mark=mark)
    body += (
        "D=$S/runs/$RUN R=$V/runs/$RUN\n"
        + _shell("body", *["cut"] * bool(hidden))
        + WORK
        + steps_text(steps)
        + "fl_finish\n"
    )
    whole = "" if release else "more to come"
    about = (
        "\n".join(
            map(
                _line,
                (
                    f"{run.name}.{number}",
                    run.lock,
                    run.who,
                    run.what,
                    run.site,
                    whole,
                    *(step.name for step in steps),
                ),
            )
        )
        + "\n"
    )
    return _program(
        mark,
        _assign(RUN=f"{run.name}.{number}"),
        "fl_dirs\nD=$S/runs/$RUN R=$V/runs/$RUN\n" + CLAIM,
        "".join(
            f'[ ! -d "$S"/runs/{shlex.quote(old)} ] || : >"$S"/runs/{shlex.quote(old)}/seen\n'
            for old in seen
        ),
        _document('"$D/undo"', undo_text(steps), mark),
        _stdin(steps, mark),
        _document('"$R/hidden"', base64.encodebytes(hidden.reveal()).decode(), mark, "base64 -d")
        if hidden
        else "",
        _document('"$R/body"', body, mark),
        ': >"$D/events"\n',
        _document('"$D/about"', about, mark),
        _shell("start"),
        'printf \'%s begin\\n\' "$MARK"\nfl_follow "$RUN"\n',
    )


def dry_program(mark: str, run: RunInfo, number: int, steps: tuple[Step, ...]) -> str:
    """Asks the `unless` questions and nothing else; leaves nothing behind and locks nothing. What is compared lies in memory meanwhile."""
    compared = tuple(
        step if step.compares else msgspec.structs.replace(step, stdin=None) for step in steps
    )
    folder = "/dev/shm" if any(step.compares for step in steps) else ""
    body = (
        _worker(run, number, steps, dry=True, wait=0, release=False, mark=mark)
        + "D=$1 R=$1\n"
        + _shell("body")
        + steps_text(steps)
        + "fl_finish\n"
    )
    return _program(
        mark,
        _temporary("T", folder) + 'fl_drop() { fl_refuse "$1"; }\nR=$T\n',
        _stdin(compared, mark),
        _document('"$T/body"', body, mark),
        'sh "$T/body" "$T" 3<&-\nprintf \'%s begin\\n\' "$MARK"\ncat "$T/events"\nprintf \'%s over %s\\n\' "$MARK" "$(cat "$T/state")"\n',
    )


def follow_program(mark: str, name: str) -> str:
    """Follow a transaction again, or read of one that has ended."""
    missing = '[ -f "$S/runs/$RUN/about" ] || { printf \'%s none\\n\' "$MARK"; exit 0; }\n'
    return _program(
        mark, _assign(RUN=name), missing, 'printf \'%s begin\\n\' "$MARK"\nfl_follow "$RUN"\n'
    )


def runs_program(mark: str) -> str:
    """What is known of every run on the host, and who holds a lease."""
    return _program(mark, "fl_runs all\nfl_leases\n", END)


def release_program(mark: str, system: str, run: str) -> str:
    """Give a lease back; run `any` takes whoever's it is."""
    return _program(mark, f"fl_dirs\nfl_release {shlex.quote(system)} {shlex.quote(run)}\n", END)


def renew_program(mark: str, run: RunInfo) -> str:
    """Ten more minutes for a run that works elsewhere just now."""
    return _program(mark, _lease(run), END)


def disarm_program(mark: str, name: str, step: int) -> str:
    """What a new connection says to an armed step: the host can be reached."""
    return _program(mark, f': >"$V"/runs/{shlex.quote(name)}/disarm.{step}\n', END)


def recover_program(mark: str, name: str, system: str, *, forward: bool) -> str:
    """Bring a transaction that nobody ended to one side: undo what it began, or (`forward`) leave it and let facts decide."""
    return _program(
        mark,
        _assign(RUN=name, SYSTEM=system, FORWARD="1" if forward else ""),
        "fl_dirs\n" + _shell("recover"),
    )


def session_argv(argv: Argv) -> tuple[str, ...]:
    """The words of a session; a session keeps nothing."""
    return tuple(word for word in argv if isinstance(word, str))
