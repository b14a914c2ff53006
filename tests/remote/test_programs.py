"""Plans become sh: words arrive as they are, combinators end as plan.py says, and half a program
does nothing. Each on real shells.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fairlead.model.errors import StepFailed
from fairlead.model.plan import (
    Argv,
    Command,
    Either,
    Fact,
    Not,
    Pipe,
    Registered,
    Same,
    Secret,
    Step,
    Then,
    either,
    not_,
    pipe,
    same,
    then,
)
from fairlead.remote import programs as script
from fairlead.remote.quoting import code, in_context, seconds
from fairlead.remote.registered import fill
from tests.machine import SHELLS, Connection, Machine, a_run, tree

pytestmark = pytest.mark.slow

QUICK = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
ROOT = Path(script.__file__).parent
AS_ROOT = pytest.mark.skipif("os.geteuid() != 0", reason="only root becomes another user")


def ran(text: str, shell: str = "dash") -> subprocess.CompletedProcess:
    name = [SHELLS[shell], "sh"] if shell == "busybox" else [SHELLS[shell]]
    return subprocess.run(
        [*name, "-c", text], stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False
    )


def ends(number: int, prints: str = "") -> Argv:
    """It reads to the end first, so that nobody writes into a closed pipe."""
    return ("sh", "-c", 'cat >/dev/null; printf %s "$1"; exit "$2"', "_", prints, str(number))


YES, NO, BAD = ends(0), ends(1), ends(7)

COMBINED = {
    "a command": (BAD, 7),
    "then: all well": (then(YES, YES), 0),
    "then: the first that fails": (then(YES, BAD, NO), 7),
    "either: the first that is well": (either(NO, YES, BAD), 0),
    "either: none is": (either(NO, BAD), 7),
    "not: 0 becomes 1": (not_(YES), 1),
    "not: 1 becomes 0": (not_(NO), 0),
    "not: the question failed": (not_(BAD), 7),
    "same: as told": (same(("echo", "a b"), "a b"), 0),
    "same: another": (same(("echo", "a"), "b"), 1),
    "same: two commands": (same(("echo", "a"), ("printf", "a")), 0),
    "same: two that differ": (same(("echo", "a"), ("echo", "b")), 1),
    "same: the left one failed": (same(ends(1, "a"), "a"), 120),
    "same: the right one failed": (same(("echo", "a"), ends(3, "a")), 120),
    "same: of what a combination prints": (same(then(("echo", "a"), ("echo", "b")), "a\nb"), 0),
    "same: of what a pipe prints": (
        same(pipe(("echo", "abc"), ("tr", "a-c", "x")), pipe(("echo", "xxx"), ("cat",))),
        0,
    ),
    "pipe: well": (pipe(("echo", "a"), ("grep", "-q", "a")), 0),
    "pipe: the last one's answer": (pipe(("echo", "a"), ("grep", "-q", "b")), 1),
    "pipe: the last one failed": (pipe(YES, BAD), 7),
    "pipe: an early one failed": (pipe(NO, ("cat",)), 120),
    "pipe: an early one failed, the last said no": (pipe(BAD, NO), 120),
    "pipe: the middle one failed": (pipe(YES, BAD, ("cat",)), 120),
    "pipe: closed early is no failure": (pipe(("yes",), ("head", "-n", "1")), 0),
    "pipe: of pipes": (pipe(pipe(("echo", "a"), ("cat",)), pipe(("cat",), ("grep", "-q", "a"))), 0),
    "pipe: whose last part kills its shell": (pipe(YES, ("sh", "-c", "kill -9 $PPID")), 120),
    "not of same": (not_(same(("echo", "a"), "a")), 1),
    "same of not": (same(not_(NO), ""), 0),
}


@pytest.mark.parametrize("shell", SHELLS)
def test_combinators_end_as_plan_says(shell: str) -> None:
    codes = {name: ran(code(command), shell).returncode for name, (command, _) in COMBINED.items()}
    assert codes == {name: code for name, (_, code) in COMBINED.items()}


def test_a_pipe_prints_what_its_last_part_prints_and_nothing_else() -> None:
    done = ran(code(pipe(("printf", "b\na\n"), ("sort",))))
    assert (done.stdout, done.stderr) == (b"a\nb\n", b"")


def model(command: Command | str) -> tuple[int, str]:
    """The exit code and output that plan.py promises; parts end 0, 1 or 7."""
    match command:
        case str():
            return 0, command
        case tuple():
            return int(command[5]), command[4]
        case Not(part):
            code, text = model(part)
            return {0: 1, 1: 0}.get(code, code), text
        case Same(left, right):
            (a, x), (b, y) = model(left), model(right)
            return (120 if a or b else int(x != y)), ""
        case Pipe(parts):
            *early, (last, text) = map(model, parts)
            return (120 if last < 2 and any(code for code, _ in early) else last), text
        case Then(parts) | Either(parts):
            code, output = 0, ""
            for part in parts:
                code, text = model(part)
                output += text
                if bool(code) == isinstance(command, Then):
                    break
            return code, output


LEAVES = st.builds(ends, st.sampled_from([0, 1, 7]), st.sampled_from(["", "a", "b"]))
COMMANDS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(not_, inner),
        st.builds(same, inner, inner | st.sampled_from(["", "a"])),
        *(
            st.lists(inner, min_size=2, max_size=3).map(lambda parts, join=join: join(*parts))
            for join in (then, either, pipe)
        ),
    ),
    max_leaves=5,
)


@QUICK
@given(COMMANDS, st.sampled_from(sorted(SHELLS)))
def test_combinators_of_combinators_keep_their_word(command: Command, shell: str) -> None:
    done = ran(code(command), shell)
    assert (done.returncode, done.stdout.decode()) == model(command)


WORDS = st.lists(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20),
    min_size=1,
    max_size=6,
)


@QUICK
@given(WORDS, st.sampled_from(sorted(SHELLS)))
def test_words_arrive_unchanged(words: list[str], shell: str) -> None:
    argv = (shutil.which("printf"), "%s\\0", *words)
    assert ran(code(argv), shell).stdout.decode() == "".join(f"{word}\0" for word in words)


@AS_ROOT
@settings(QUICK, max_examples=8)
@given(WORDS)
def test_words_arrive_unchanged_at_another_user(words: list[str]) -> None:
    step = Step(name="x", run_as="nobody", cwd="/", env=(("ODD", "".join(words)),))
    read = ("sh", "-c", 'id -un; printf "%s\\0" "$ODD" "$@"', "_", *words)
    done = ran(in_context(step, read))
    assert done.stdout.decode() == "nobody\n" + "".join(
        f"{word}\0" for word in ("".join(words), *words)
    )


def test_a_program_named_like_an_assignment_or_a_word_of_the_shell_is_a_program() -> None:
    done = [
        ran(code(argv))
        for argv in (("A=1", "touch"), ("if", "x"), ("esac",), ("{", "true"), ("!", "true"))
    ]
    assert [process.returncode for process in done] == [127] * len(done)


def test_environment_and_folder_of_a_step() -> None:
    step = Step(name="x", cwd="/usr", env=(("A", "x' $(y)"), ("B", "2")))
    assert (
        ran(in_context(step, then(("pwd",), ("sh", "-c", 'echo "$A$B"')))).stdout
        == b"/usr\nx' $(y)2\n"
    )


def test_a_folder_that_is_not_there_is_a_failure_of_its_own() -> None:
    assert ran(in_context(Step(name="x", cwd="/no/such"), ("true",))).returncode == 119


def test_an_environment_variable_has_a_name_that_can_be_one() -> None:
    with pytest.raises(TypeError, match="no name of an environment variable: 'A=1; touch /x; B'"):
        in_context(Step(name="x", env=(("A=1; touch /x; B", ""),)), ("true",))


def test_a_word_that_is_not_filled_in_is_no_command() -> None:
    with pytest.raises(TypeError, match="has not been filled in"):
        code(("echo", Registered("n1", "token")))
    with pytest.raises(TypeError, match="no command"):
        code(["echo"])  # type: ignore[arg-type]


TOKEN, OWN = Registered("n1", "token", secret=True), Registered("", "id")
NEEDY = Step(
    name="join",
    do=then(("join", TOKEN), ("say", OWN)),
    unless=same(("id",), ("echo", OWN)),
    undo=not_(("leave", OWN)),
    until=same(("a", OWN), "b"),
)
KEPT = {("n1", "token"): "s3cret", ("n2", "id"): "7"}


def test_kept_words_are_filled_in_wherever_they_stand() -> None:
    filled = fill(NEEDY, KEPT, "n2")
    assert filled.do == then(("join", "s3cret"), ("say", "7"))
    assert (filled.unless, filled.undo, filled.until) == (
        same(("id",), ("echo", "7")),
        not_(("leave", "7")),
        same(("a", "7"), "b"),
    )


def test_what_is_kept_is_called_by_its_name_in_a_dry_run_and_where_it_is_secret() -> None:
    assert fill(NEEDY, {}, "n2", dry=True).do == then(("join", "<n1:token>"), ("say", "<n2:id>"))
    assert fill(NEEDY, KEPT, "n2", show=True).do == then(("join", "<n1:token>"), ("say", "7"))


def test_what_is_kept_and_secret_reaches_a_program_by_stdin() -> None:
    step = Step(name="join", do=("join",), stdin=TOKEN, sensitive=True)
    assert fill(step, KEPT, "n2").stdin == Secret("s3cret")
    assert fill(step, {}, "n2", dry=True).stdin == Secret("<n1:token>")


def test_what_was_not_kept_is_said_in_words() -> None:
    with pytest.raises(
        StepFailed,
        match=r"n2: join needs token of n1, and the step that keeps it did nothing; a step "
        r"that keeps has no `unless`",
    ):
        fill(NEEDY, {}, "n2")


@pytest.mark.parametrize(
    ("value", "text"),
    [(300, "300"), (0.5, "0.5"), (1e7, "10000000"), (86400.25, "86400.25"), (0, "0")],
)
def test_seconds_are_written_without_exponent(value: float, text: str) -> None:
    assert seconds(value) == text


def test_what_lies_on_the_disk_holds_no_stdin_and_no_line_of_its_own() -> None:
    run = a_run(what="inv x --host=a\nb")
    program = script.transaction_program(
        "MARK", run, 1, (Step(name="x", do=("cat",), stdin=Secret("s3cret"), undo=("true",)),)
    )
    assert "s3cret" not in program
    assert "\ninv x --host=a b\n" in program


class Halved(Connection):
    """A line that loses the program's end."""

    length = 0

    def _converse(self, process, program, on_output, timeout, idle):
        process.stdin.write(program[: self.length])
        process.stdin.close()
        return super()._converse(process, b"", on_output, timeout, idle)


def test_an_upload_cut_anywhere_does_nothing(every: Machine) -> None:
    before = tree(every.folder)
    made = every.folder / "made"
    program = script.transaction_program(
        "MARK",
        a_run(),
        1,
        (Step(name="x", do=("touch", str(made)), undo=("true",), stdin="x" * 50),),
    )
    line, whole = Halved(every), len(every.rewritten(program).encode())
    stride = 97 if "dash" in os.readlink(every.bin / "sh") else 970
    for length in [*range(0, whole - 1, stride), *range(whole - 40, whole - 1)]:
        line.length = length
        assert line.run(program).out == b"", f"cut after {length} of {whole}"
    assert tree(every.folder) == before


def test_facts_are_asked_side_by_side_and_leave_nothing(every: Machine) -> None:
    facts = (
        Fact("name", ("uname", "-n"), lambda code, output: (code, bool(output.strip()))),
        Fact("none", ("false",), lambda code, output: (code, output)),
        Fact(
            "slow", ("sleep", "20"), lambda code, output: code in (124, 143), timeout=0.3
        ),  # 143: busybox
        Fact("odd", pipe(("printf", "é\n\\000\n"), ("cat",)), lambda code, output: output),
        Fact("long", ("head", "-c", "3000000", "/dev/zero"), lambda code, output: len(output)),
        Fact("complains", ("sh", "-c", "echo oh >&2; cat"), lambda code, output: (code, output)),
    )
    before = tree(every.folder)
    codes = every.ask(*facts)
    assert codes.values == {
        "name": (0, True),
        "none": (1, ""),
        "slow": True,
        "odd": "é\n\0\n",
        "long": 3000000,
        "complains": (0, "oh\n"),
    }
    assert tree(every.folder) == before
    assert every.lines[0].channels == 1


@pytest.mark.skipif("not shutil.which('shellcheck')", reason="shellcheck is not installed")
@pytest.mark.parametrize("shell", ["sh", "bash", "busybox"])
def test_shellcheck_finds_nothing(shell: str) -> None:
    files = sorted(map(str, (ROOT / "shell").glob("*.sh")))
    kind = "sh" if shell == "busybox" else shell
    done = subprocess.run(
        ["shellcheck", "-s", kind, "-e", "SC2034,SC2154", *files],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == ""


@pytest.mark.skipif("not shutil.which('shellcheck')", reason="shellcheck is not installed")
def test_shellcheck_finds_no_error_in_a_whole_program() -> None:
    steps = (
        Step(
            name="x",
            do=pipe(YES, same(YES, not_(NO))),
            undo=NO,
            unless=either(YES, NO),
            run_as="nobody",
            cwd="/",
            env=(("A", "b"),),
        ),
    )
    programs = [
        script.transaction_program("MARK", a_run(), 1, steps),
        script.dry_program("MARK", a_run(), 1, steps),
        script.facts_program("MARK", [Fact("x", ("true",), str)], a_run()),
        script.recover_program("MARK", "r.1", "toy", "n1", forward=False),
    ]
    for program in programs:
        text = "#!/bin/sh\n" + program
        done = subprocess.run(
            ["shellcheck", "-S", "error", "-"],
            input=text,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.stdout == ""
