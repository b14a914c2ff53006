"""A plan for one host becomes one POSIX sh program.

The programs are made of the files in shell/ (constant) and of what is known of this run (quoted).
They are `main() { ... }` and a last line that calls it, so that an upload cut short runs nothing;
what runs them is a shell that gets one after another on its stdin.
"""

import base64
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import msgspec

from fairlead.model import shellfile
from fairlead.model.plan import Argv, Command, Fact, Registered, Secret, Step
from fairlead.remote.origin import RunInfo
from fairlead.remote.quoting import assign, code, in_context, is_program, one_line, quote, seconds

LEASE_SECONDS = 600
DOES, STAYS, ARMED = "does", "stays", "armed"  # what a step is at: see fl_note_now, shell/runs.sh
TAKING, WORKING = "taking", "working"  # how far the owner of a lease is: see shell/lease.sh
NOTHING_TO_UNDO = 118  # exit code of `sh undo N` for a step without an undo
GRACE = 1  # seconds that a lock is waited for in any case: who asks for it holds it for an instant
LOOK = 10  # seconds in which all questions of a transaction are asked before a worker is started
MOST_OF_A_QUESTION = 60  # seconds that `unless` may take, whatever the step's own time-out
MEMORY = "/dev/shm"  # where the stdin of a step lies that a dry run compares
TOOLS = (
    *("base64", "date", "dd", "flock", "head", "mkfifo"),
    *("mktemp", "sed", "setsid", "stat", "tail", "timeout"),
)
WORKER = (
    *("environment", "prologue", "locks", "lease", "runs", "execute"),
    *("undo", "armed", "step", "ending", "worker", "retention"),
)
SHELL = Path(__file__).parent / "shell"
FOLLOW = 'fl_report begin\nfl_follow "$RUN"\n'
END = "fl_report end\n"
OTHERS_LEASE = "the lease is that of another user of this host, who gives it back, or root"


@cache
def shell_text(*names: str) -> str:
    """These files of shell/, without remarks and indentation, which nobody reads on the way."""
    text = "".join(shellfile.read(SHELL / f"{name}.sh") for name in names)
    return "".join(f"{line.lstrip(' ')}\n" for line in text.splitlines())


def _program(mark: str, files: Sequence[str], *parts: str) -> str:
    """`main` reads nothing of the program itself; the reader's answers arrive on descriptor 3."""
    head = "exec 3<&0\nmain() {\n" + assign(MARK=mark)
    text = shell_text("environment", "prologue", *files) + "".join(parts)
    return head + text + "}\n{ main </dev/null; exit; }\n"


def _document(path: str, text: str, mark: str, through: str = "cat") -> str:
    """A here-document whose end no text can contain; `path` is sh text."""
    end_of_line = "" if text.endswith("\n") or not text else "\n"
    return f"{through} >{path} <<'{mark}' || fl_unwritten {path}\n{text}{end_of_line}{mark}\n"


def _text(path: str, text: str) -> str:
    """A short text, written without a process; `path` is sh text."""
    return f"printf %s {quote(text)} >{path} || fl_unwritten {path}\n"


def _binary_document(path: str, data: bytes, mark: str) -> str:
    return _document(path, base64.encodebytes(data).decode(), mark, "base64 -d")


# facts and leases


def facts_program(
    mark: str,
    facts: Iterable[Fact],
    lease: RunInfo | None,
    subject: str = "",
) -> str:
    """All facts of a host in one round trip, asked side by side.

    With `lease`, it is taken before anything is asked; where it is another's, nothing is.
    `subject`: the last change of it is told.
    """
    numbered = list(enumerate(facts))
    return _program(
        mark,
        ("runs", "locks", "lease", "temporary", "facts"),
        f"fl_check_tools {' '.join(TOOLS)}\n",
        "fl_make_folders\n" if lease else "",
        "fl_make_temporary\n" if numbered else "",
        _lease("fl_take_lease", lease, TAKING) if lease else "",
        "fl_report_runs unseen\n",
        f"fl_report_change {quote(subject)}\n" if subject else "",
        f'[ -n "${{LEASED:-}}" ] || {{ {END.strip()}; exit 0; }}\n' if lease else "",
        *(_ask_fact(number, fact) for number, fact in numbered),
        "wait\nfl_check_written\n" if numbered else "",
        *(f"fl_report_fact {number}\n" for number, _ in numbered),
        END,
    )


def _ask_fact(number: int, fact: Fact) -> str:
    text = code(fact.argv)
    words = text if is_program(fact.argv) else f"sh -c {quote(text)}"
    return f"fl_ask_fact {number} {seconds(fact.timeout)} {words}\n"


def _lease(function: str, run: RunInfo, progress: str) -> str:
    words = " ".join(quote(one_line(word)) for word in (run.lock, run.name, run.who, run.label))
    return f"{function} {words} {LEASE_SECONDS} {progress}\n"


# steps


def steps_text(steps: Iterable[Step]) -> str:
    """The part of the worker that is this plan: assignments and a call for each step."""
    return "".join(_step_text(number, step) for number, step in enumerate(steps, 1))


def _step_text(number: int, step: Step) -> str:
    quiet = step.sensitive
    values = {
        "STEP": number,
        "STEP_TIMEOUT": seconds(_limit(step)),
        "STEP_ASK_TIMEOUT": seconds(min(step.timeout, MOST_OF_A_QUESTION)),
        "STEP_PATIENCE": round(step.timeout * 100),
        "STEP_EVERY": seconds(step.every),
        "STEP_OK_CODES": f" {' '.join(map(str, step.ok_codes))} ",
        "STEP_REGISTER": step.register,
        "STEP_SENSITIVE": _flag(quiet),
        "STEP_PROGRESS": _flag(step.progress and not quiet),
        "STEP_SHOW_OUTPUT": _flag(step.show_output and not quiet),
        "STEP_READ_ONLY": _flag(step.read_only),
        "STEP_CONFIRM_WITHIN": round(step.confirm_within * 100),
        "STEP_MODE": _mode(step),
        "STEP_DO": _command(step, step.do or None),
        "STEP_UNLESS": _command(step, step.unless),
        "STEP_UNTIL": _command(step, step.until),
    }
    file = f"$WORK_DIR/stdin.{number}"
    stdin = "/dev/null" if step.stdin is None else file
    compared = file if step.compares else ""
    files = f"STEP_STDIN={stdin}\nSTEP_COMPARED={compared}\n"
    return assign(**values) + files + "fl_step || fl_fail\n"


def _flag(value: bool) -> str:
    return "1" if value else ""


def _command(step: Step, command: Command | None) -> str:
    return "" if command is None else in_context(step, command)


def _mode(step: Step) -> str:
    """Whether its `do` may be ended half way; see fl_note_now (shell/runs.sh)."""
    if step.confirm_within:
        return ARMED
    can_end = step.undo is not None or step.read_only or step.interruptible
    return DOES if can_end else STAYS


def _limit(step: Step) -> float:
    """Seconds; the outer time-out is for an su that hangs itself."""
    return step.timeout + 1 if step.run_as else step.timeout


def undo_text(steps: Iterable[Step]) -> str:
    """What lies on the host's disk so that a power cut can be undone: `sh undo N`, and then
    `sh undo N proof`.

    It holds argv, never a secret.
    """
    steps = tuple(steps)
    cases = [
        _undo_case(number, step, step.undo)
        for number, step in enumerate(steps, 1)
        if step.undo is not None
    ]
    cases += [
        _proof_case(number, step, step.proof)
        for number, step in enumerate(steps, 1)
        if step.proof is not None
    ]
    head = shell_text("environment", "proof") + "case $1.${2:-} in\n"
    return head + "".join(cases) + f"*) exit {NOTHING_TO_UNDO} ;;\nesac\n"


def _undo_case(number: int, step: Step, undo: Command) -> str:
    """The file calls itself under a time-out; so no program stands in an argument, whose length has
    a limit.
    """
    quiet = " >/dev/null 2>&1" if step.sensitive else ""
    limited = f'exec timeout -k 10 {seconds(_limit(step))} sh "$0" {number} now{quiet}'
    return f"{number}.) {limited} ;;\n{number}.now) {in_context(step, undo)} ;;\n"


def _proof_case(number: int, step: Step, proof: Command) -> str:
    """The question after the undo, asked again and again by the file itself."""
    quiet = " >/dev/null 2>&1" if step.sensitive else ""
    question = f"fl_prove {seconds(step.proof_within)} {number}{quiet}"
    return f"{number}.proof) {question} ;;\n{number}.asked) {in_context(step, proof)} ;;\n"


def _stdin(steps: Iterable[Step], mark: str) -> str:
    return "".join(
        _binary_document(f'"$WORK_DIR/stdin.{number}"', _bytes(step.stdin), mark)
        for number, step in enumerate(steps, 1)
        if step.stdin is not None
    )


def _bytes(value: str | bytes | Secret | Registered) -> bytes:
    match value:
        case Secret():
            return value.reveal()
        case str():
            return value.encode(errors="surrogateescape")
        case bytes():
            return value
    raise TypeError(f"{value} has not been filled in")


# transactions


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
    """Puts the worker on the host, starts it detached, and follows it; sent a second time, it only
    follows. The steps hold no Registered word any more.

    `wait`: seconds for which a lock is waited for. `release`: the lease is given back at the end.
    `seen`: earlier runs whose end has now been reported to a person. `hidden`: see
    redaction.hidden.
    """
    words = _run_words(run, number, steps, mark, wait=wait, release=release)
    cut = ("cut",) if hidden else ()
    body = words + shell_text(*WORKER, *cut, "begin") + steps_text(steps) + "fl_finish\n"
    about = _text('"$RUN_DIR/about"', _about(run, number, steps, release))
    can_look = all(map(_is_question, steps))
    documents = (
        _text('"$RUN_DIR/undo"', undo_text(steps)),
        _stdin(steps, mark),
        ': >"$RUN_DIR/events"\n',
        f"fl_write_about() {{\n{about}}}\n",
        _look(steps, mark) if can_look else "",
        _binary_document('"$WORK_DIR/hidden"', hidden.reveal(), mark) if hidden else "",
        _document('"$WORK_DIR/body"', body, mark),
        "fl_write_about\n",
    )
    return _program(
        mark,
        ("locks", "lease", "runs", "follow", *(("ending", "retention") if can_look else ())),
        words,
        shell_text("claim"),
        f"fl_mark_seen {' '.join(map(quote, seen))}\n",
        *documents,
        shell_text("start"),
    )


def _is_question(step: Step) -> bool:
    """Whether a question alone can say that there is nothing to do."""
    return step.unless is not None or (step.until is not None and not step.do)


def _look(steps: Sequence[Step], mark: str) -> str:
    """All questions in one program, under the shortest limit of them; where the last answer is that
    all is so, the transaction ends by that. See shell/look.sh.
    """
    limit = min((min(step.timeout, LOOK) for step in steps), default=LOOK)
    asks = "".join(_asked_at_once(number, step) for number, step in enumerate(steps, 1))
    program = f"{shell_text('questions')}{asks}"
    start = f"timeout -k 2 {seconds(limit)} sh -s 2>/dev/null <<'{mark}'"
    ends = 'fl_report begin\nfl_follow "$RUN"\nexit 0\n'
    function = f"fl_ask_all() {{\n{start}\n{program}{mark}\n}}\n"
    return f"{shell_text('look')}{function}if fl_look; then\n{ends}fi\n"


def _asked_at_once(number: int, step: Step) -> str:
    stdin = (
        f'"$WORK_DIR/stdin.{number}"' if step.compares and step.stdin is not None else "/dev/null"
    )
    text = _command(step, step.unless if step.unless is not None else step.until)
    return f"(\n{text}\n) <{stdin} >/dev/null || exit\nfl_print_clock\n"


def _run_words(
    run: RunInfo,
    number: int,
    steps: Iterable[Step],
    mark: str,
    *,
    wait: float = 0,
    release: bool = False,
    dry: bool = False,
) -> str:
    """What a worker knows of its run, as assignments."""
    return assign(
        MARK=mark,
        RUN=f"{run.name}.{number}",
        LEASE=run.name,
        SYSTEM=run.lock,
        WHO=one_line(run.who),
        SUBJECT=run.subject,
        SYSLOG=_flag(run.syslog),
        FOR=one_line(run.label),
        WAIT=round(max(wait, GRACE) * 100),
        HOSTLOCK="-x" if any(step.exclusive for step in steps) else "-s",
        RELEASE=_flag(release),
        SECONDS_OF_LEASE=LEASE_SECONDS,
        DRY=_flag(dry),
    )


def _about(
    run: RunInfo,
    number: int,
    steps: Iterable[Step],
    release: bool,
) -> str:
    """The file that says what a transaction is; results.host_run reads it."""
    more = "" if release else "more to come"
    names = (step.name for step in steps)
    words = (f"{run.name}.{number}", run.lock, run.who, run.label, run.site, more, *names)
    return "".join(f"{one_line(word)}\n" for word in words)


def dry_program(
    mark: str,
    run: RunInfo,
    number: int,
    steps: tuple[Step, ...],
) -> str:
    """Asks the `unless` questions and nothing else; leaves nothing behind and locks nothing.

    What is compared lies in memory meanwhile.
    """
    compared = tuple(
        step if step.compares else msgspec.structs.replace(step, stdin=None) for step in steps
    )
    parent = MEMORY if any(step.compares for step in steps) else ""
    words = _run_words(run, number, steps, mark, dry=True)
    body = words + shell_text(*WORKER) + steps_text(steps) + "fl_finish\n"
    return _program(
        mark,
        ("temporary",),
        f"fl_make_temporary {parent}\n",
        'fl_unwritten() { fl_refuse "$1 could not be written"; }\nWORK_DIR=$TEMPORARY\n',
        _stdin(compared, mark),
        _document('"$TEMPORARY/body"', body, mark),
        shell_text("dry"),
    )


def follow_program(mark: str, name: str, owner: RunInfo | None = None) -> str:
    """Follow a transaction again, or read of one that has ended; `owner`: the run, where it is
    ours.
    """
    missing = '[ -f "$STATE_DIR/runs/$RUN/about" ] || { fl_report none; exit 0; }\n'
    words = assign(RUN=name)
    if owner:
        words += assign(SYSTEM=owner.lock, LEASE=owner.name)
    return _program(mark, ("locks", "lease", "runs", "follow"), words, missing, FOLLOW)


# short programs


def runs_program(mark: str) -> str:
    """What is known of every run on the host, and who holds a lease."""
    text = "fl_report_runs all\nfl_report_leases\n"
    return _program(mark, ("runs", "locks", "lease"), text, END)


def journal_program(mark: str) -> str:
    """What the host's journal holds."""
    return _program(mark, ("journal",), "fl_report_journal\n", END)


def release_program(mark: str, lock: str, run: str) -> str:
    """Give a lease back; run `any` takes whoever's it is."""
    release = f"fl_release_lease {quote(lock)} {quote(run)} || fl_refuse {quote(OTHERS_LEASE)}\n"
    return _program(mark, ("locks", "lease"), release, END)


def renew_program(mark: str, run: RunInfo, progress: str) -> str:
    """LEASE_SECONDS more for a run that works elsewhere just now, and a sign of its life; nothing
    where its lease was given back meanwhile.
    """
    text = f"fl_make_folders\n{_lease('fl_renew_lease', run, progress)}"
    return _program(mark, ("locks", "lease"), text, END)


def disarm_program(mark: str, name: str, step: int) -> str:
    """What a new connection says to an armed step: the host can be reached."""
    return _program(mark, (), f': >"$BOOT_DIR"/runs/{quote(name)}/disarm.{step}\n', END)


def recover_program(mark: str, name: str, lock: str, host: str, *, forward: bool) -> str:
    """Bring a transaction that nobody ended to one side: undo what it began, or (`forward`) leave
    it and let facts decide.
    """
    return _program(
        mark,
        ("locks", "lease", "runs", "execute", "undo"),
        assign(RUN=name, SYSTEM=lock, HOST=host, FORWARD=_flag(forward)),
        shell_text("recover"),
    )


def cancel_program(mark: str, name: str, who: str) -> str:
    """Ask the worker of a transaction to end it, and end its step where that may be ended."""
    words = assign(RUN=name, WHO=one_line(who))
    return _program(mark, ("runs",), words, shell_text("cancel"), END)


def session_argv(argv: Argv) -> tuple[str, ...]:
    """The words of a session; nothing is registered there."""
    return tuple(word for word in argv if isinstance(word, str))
