"""A Plan for one host becomes one POSIX sh program. The one place where words are quoted.

The programs are made of the files in shell/ (constant) and of what is said here about this run (quoted). They are sent on the stdin of
`sh -s` as `main() { ... }` and a last line that calls it, so that an upload cut short runs nothing.
"""

import base64
import shlex
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import msgspec

from fairlead.plan import Argv, Command, Either, Fact, Kept, Noun, Not, Pipe, Same, Secret, Step, Then

LEASE_SECONDS = 600
NOTHING_TO_UNDO = 118
QUESTION_FAILED = 120
TOOLS = ("base64", "date", "flock", "head", "mkfifo", "mktemp", "sed", "setsid", "stat", "tail", "timeout")


class Run(Noun, kw_only=True):
    """Who does what: written into leases, locks and journals. `name` sorts by time; a transaction is `name` with its number."""

    name: str
    who: str  # user@machine
    what: str  # the verb and what it is for, in the words of the command line
    system: str
    site: str = ""


@cache
def _shell(*names: str) -> str:
    return "".join((Path(__file__).parent / "shell" / f"{name}.sh").read_text() for name in names)


def code(command: Command) -> str:
    """A command as sh text; every word is quoted, here and nowhere else."""
    match command:
        case tuple():
            return " ".join(_word(word) for word in command)
        case Then(parts):
            return "( " + " && ".join(map(code, parts)) + " )"
        case Either(parts):
            return "( " + " || ".join(map(code, parts)) + " )"
        case Not(part):
            return f"( {code(part)}; r=$?; case $r in 0) exit 1 ;; 1) exit 0 ;; *) exit $r ;; esac )"
        case Same(left, str() as text):
            return f'( l=$({code(left)}) || exit {QUESTION_FAILED}; [ "$l" = {shlex.quote(text)} ] )'
        case Same(left, right):
            return f'( l=$({code(left)}) || exit {QUESTION_FAILED}; r=$({code(right)}) || exit {QUESTION_FAILED}; [ "$l" = "$r" ] )'
        case Pipe(parts):
            return _pipe(parts)
    raise TypeError(f"no command: {command!r}")


def _word(word: str | Kept) -> str:
    if isinstance(word, Kept):
        raise TypeError(f"{word} has not been filled in")
    return shlex.quote(word)


def _pipe(parts: tuple[Command, ...]) -> str:
    *early, last = parts
    links = [f"{{ {code(part)} 3>&- 4>&-; echo $? >&3; }}" for part in early] + [f"{{ {code(last)} 3>&- >&4 4>&-; echo =$? >&3; }}"]
    judge = f"case $x in =*) r=${{x#=}} ;; 0|141) ;; *) b={QUESTION_FAILED} ;; esac"
    return f"( exec 4>&1; s=$({{ {' | '.join(links)}; }} 3>&1); b=0; for x in $s; do {judge}; done; [ $r -gt 1 ] || [ $b = 0 ] || r=$b; exit $r )"


def in_context(step: Step, command: Command) -> str:
    """A command as the step's user, in its folder, with its environment."""
    text = "".join(f"export {name}={shlex.quote(value)}; " for name, value in step.env) + (f"cd {shlex.quote(step.cwd)} || exit 119; " if step.cwd else "")
    text += code(command)
    return f"exec su -s /bin/sh -c {shlex.quote(text)} {shlex.quote(step.run_as)}" if step.run_as else text


def fill(step: Step, kept: Mapping[tuple[str, str], str], host: str, *, dry: bool = False) -> Step:
    """The step with every Kept word replaced by what was kept; in a dry run by a word that says what will stand there."""

    def word(part: str | Kept) -> str:
        if not isinstance(part, Kept):
            return part
        return f"<{part.host or host}:{part.name}>" if dry else kept[part.host or host, part.name]

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
    return msgspec.structs.replace(step, **{name: filled(value) for name in fields if (value := getattr(step, name)) is not None})


def _assign(**values: object) -> str:
    return "\n".join(f"{name}={shlex.quote(str(value))}" for name, value in values.items()) + "\n"


def _program(mark: str, *parts: str) -> str:
    """`main` reads nothing of the program itself; the reader's answers arrive on descriptor 3 (so nothing may follow the last line)."""
    return "exec 3<&0\nmain() {\n" + _assign(MARK=mark) + _shell("prologue", "runs", "lease") + "".join(parts) + "}\nmain </dev/null; exit\n"


def _document(path: str, text: str, mark: str, through: str = "cat") -> str:
    """A here-document whose end no text can contain."""
    return f"{through} >{path} <<'{mark}'\n{text}{'' if text.endswith(chr(10)) or not text else chr(10)}{mark}\n"


def facts_program(mark: str, facts: Iterable[Fact], systems: Iterable[str], lease: Run | None) -> str:
    """All facts of a host in one round trip, asked side by side; with `lease`, taken before anything is asked."""
    names = " ".join(map(shlex.quote, systems))
    lines = [f"L=$(fl_lacks {' '.join(TOOLS)})\nprintf '%s tools %s\\n' \"$MARK\" \"$L\"\n[ -z \"$L\" ] || exit 0\n"]
    if lease:
        lines.append(f"fl_dirs\nfl_lease {shlex.quote(lease.system)} {shlex.quote(lease.name)} {shlex.quote(lease.who)} {shlex.quote(lease.what)} {LEASE_SECONDS}\n")
    lines.append(f"# systems: {names}\nfl_runs unseen\nF=$(mktemp -d) || fl_refuse 'no folder for temporary files'\n")
    asked = list(facts)
    for number, fact in enumerate(asked):
        quoted = shlex.quote(code(fact.argv))
        lines.append(f'{{ timeout -k 1 {fact.timeout:g} sh -c {quoted} </dev/null >"$F/{number}" 2>&1; echo $? >"$F/{number}.code"; }} &\n')
    lines.append("wait\n")
    for number in range(len(asked)):
        lines.append(f"printf '%s fact {number} %s ' \"$MARK\" \"$(cat \"$F/{number}.code\")\"\nhead -c 65536 \"$F/{number}\" | base64 | tr -d '\\n'\necho\n")
    lines.append('rm -rf "${F:?}"\nprintf \'%s end\\n\' "$MARK"\n')
    return _program(mark, *lines)


def steps_text(steps: Iterable[Step]) -> str:
    """The part of the worker that is this plan: a block of assignments and a call for each step."""
    return "".join(_step_text(number, step) for number, step in enumerate(steps, 1))


def _step_text(number: int, step: Step) -> str:
    values = dict(
        i=number,
        timeout=f"{step.timeout:g}",
        ask=f"{min(step.timeout, 60):g}",
        every=f"{step.every:g}",
        ok=" " + " ".join(map(str, step.ok_codes)) + " ",
        keep=step.keep,
        sensitive="1" if step.sensitive else "",
        progress="1" if step.progress else "",
        reads="1" if step.reads else "",
        armed=f"{step.armed:g}",
        do=in_context(step, step.do) if step.do else "",
        unless=in_context(step, step.unless) if step.unless is not None else "",
        until=in_context(step, step.until) if step.until is not None else "",
    )
    stdin = "stdin=/dev/null\n" if step.stdin is None else f'stdin=$R/stdin.{number}\n'
    return _assign(**values) + stdin + "fl_step || fl_fail $?\n"


def undo_text(steps: Iterable[Step]) -> str:
    """What lies on the host's disk so that a power cut can be undone: `sh undo I`. It holds argv, never a secret."""
    cases = (
        f"{number}) exec timeout -k 10 {step.timeout:g} sh -c {shlex.quote(in_context(step, step.undo))} ;;\n"
        for number, step in enumerate(steps, 1)
        if step.undo is not None
    )
    head = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C\nexport PATH LC_ALL\numask 077\n"
    return head + "case $1 in\n" + "".join(cases) + f"*) exit {NOTHING_TO_UNDO} ;;\nesac\n"


def _stdin(steps: Iterable[Step], mark: str) -> str:
    return "".join(
        _document(f'"$R/stdin.{number}"', base64.encodebytes(_bytes(step.stdin)).decode(), mark, "base64 -d")
        for number, step in enumerate(steps, 1)
        if step.stdin is not None
    )


def _bytes(value: str | bytes | Secret) -> bytes:
    if isinstance(value, Secret):
        return value.reveal()
    return value.encode() if isinstance(value, str) else value


def _worker(run: Run, number: int, steps: tuple[Step, ...], *, dry: bool, wait: float, release: bool, mark: str) -> str:
    said = _assign(
        MARK=mark,
        RUN=f"{run.name}.{number}",
        LEASE=run.name,
        SYSTEM=run.system,
        WHO=run.who,
        FOR=run.what,
        WAIT=f"{wait:g}",
        HOSTLOCK="-x" if any(step.touches for step in steps) else "-s",
        RELEASE="1" if release else "",
        SECONDS_OF_LEASE=LEASE_SECONDS,
        DRY="1" if dry else "",
    )
    return said + _shell("prologue", "runs", "lease")


def transaction_program(mark: str, run: Run, number: int, steps: tuple[Step, ...], *, wait: float = 0, release: bool = True, seen: Iterable[str] = ()) -> str:
    """Puts the worker on the host, starts it detached, and follows it. The steps hold no Kept word any more.

    `release`: the lease is given back at the end. `seen`: earlier runs whose end has now been reported to a person.
    """
    body = _worker(run, number, steps, dry=False, wait=wait, release=release, mark=mark)
    body += "D=$S/runs/$RUN R=$V/runs/$RUN\n" + _shell("body")
    body += "trap fl_tidy EXIT\n[ -e \"$R/alive\" ] || { exec 8>\"$R/alive\"; flock -x 8; }\n: >\"$R/started\"\nfl_event start $(date +%s)\nfl_lock\n"
    body += steps_text(steps) + "fl_finish\n"
    name = f"{run.name}.{number}"
    about = "\n".join((name, run.system, run.who, run.what, run.site)) + "\n"
    return _program(
        mark,
        f"fl_dirs\nD=$S/runs/{name} R=$V/runs/{name}\nmkdir \"$D\" \"$R\" || fl_refuse 'run {name} has been here already'\nTMPDIR=$R\nexport TMPDIR\n",
        "".join(f'[ ! -d "$S/runs/{old}" ] || : >"$S/runs/{old}/seen"\n' for old in seen),
        _document('"$D/about"', about, mark),
        _document('"$D/undo"', undo_text(steps), mark),
        _stdin(steps, mark),
        _document('"$R/body"', body, mark),
        ': >"$D/events"\n',
        _shell("start"),
        f'printf \'%s begin\\n\' "$MARK"\nfl_follow {name}\n',
    )


def dry_program(mark: str, run: Run, number: int, steps: tuple[Step, ...]) -> str:
    """Asks the `unless` questions and nothing else; leaves nothing behind and locks nothing."""
    body = _worker(run, number, steps, dry=True, wait=0, release=False, mark=mark) + "D=$1 R=$1\n" + _shell("body") + steps_text(steps) + "fl_finish\n"
    return _program(
        mark,
        "T=$(mktemp -d) || fl_refuse 'no folder for temporary files'\n",
        _document('"$T/body"', body, mark),
        'sh "$T/body" "$T"\nprintf \'%s begin\\n\' "$MARK"\ncat "$T/events"\nprintf \'%s over %s\\n\' "$MARK" "$(cat "$T/state")"\nrm -rf "${T:?}"\n',
    )


def follow_program(mark: str, name: str) -> str:
    """Follow a transaction again, or read of one that has ended."""
    missing = f'[ -d "$S/runs/{name}" ] || {{ printf \'%s none\\n\' "$MARK"; exit 0; }}\n'
    return _program(mark, missing, f"printf '%s begin\\n' \"$MARK\"\nfl_follow {name}\n")


def runs_program(mark: str) -> str:
    """What is known of every run on the host, and who holds a lease."""
    leases = 'for l in "$S"/leases/*; do [ ! -f "$l" ] || printf \'%s lease %s held %s\\n\' "$MARK" "${l##*/}" "$(fl_text "$l")"; done\n'
    return _program(mark, "fl_runs all\n", leases, "printf '%s end\\n' \"$MARK\"\n")


def release_program(mark: str, system: str, run: str) -> str:
    """Give a lease back; run `any` takes whoever's it is."""
    return _program(mark, f"fl_dirs\nfl_release {shlex.quote(system)} {shlex.quote(run)}\nprintf '%s end\\n' \"$MARK\"\n")


def renew_program(mark: str, run: Run) -> str:
    """Ten more minutes for a run that works elsewhere just now."""
    words = " ".join(map(shlex.quote, (run.system, run.name, run.who, run.what)))
    return _program(mark, f"fl_dirs\nfl_lease {words} {LEASE_SECONDS}\nprintf '%s end\\n' \"$MARK\"\n")


def disarm_program(mark: str, name: str, step: int) -> str:
    """What a new connection says to an armed step: the host can be reached."""
    return _program(mark, f": >\"$V/runs/{name}/disarm.{step}\"\nprintf '%s end\\n' \"$MARK\"\n")


def recover_program(mark: str, name: str, system: str, *, forward: bool) -> str:
    """Bring a transaction that nobody ended to one side: undo what it began, or (`forward`) leave it and let facts decide."""
    return _program(mark, "fl_dirs\n" + _assign(RUN=name, SYSTEM=system, FORWARD="1" if forward else ""), _shell("recover"))


def session_argv(argv: Argv) -> tuple[str, ...]:
    """The words of a session; a session keeps nothing."""
    return tuple(word for word in argv if isinstance(word, str))
