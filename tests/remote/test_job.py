"""What --explain writes into a file, run: each shell that hosts have, and no fairlead."""

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from fairlead.model.plan import Phase, Registered, Secret, Step, not_, pipe, same, then
from fairlead.model.results import HostResult, RunResult
from fairlead.output import job as frame
from fairlead.remote import job
from tests.shells import Shell


def made(folder: Path, name: str) -> Step:
    """A step that makes a file, and takes it away again."""
    path = str(folder / name)
    return Step(
        name=f"make {name}",
        unless=("test", "-e", path),
        do=("touch", path),
        undo=("rm", "-f", path),
    )


def failing(**fields) -> Step:
    return Step(name="break", do=("false",), **fields)


@pytest.fixture
def run(shell: Shell, tmp_path: Path):
    """Run a script of these phases on the host n1, as NAME."""

    def run_(
        *phases: Sequence[Step], name: str = "n1", env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        named = [Phase(f"phase {number}", tuple(steps)) for number, steps in enumerate(phases)]
        row = HostResult(
            host="n1",
            system="ps",
            component="point",
            state="ok",
            script=job.script(named, "n1"),
            script_host="n1",
        )
        result = RunResult(verb="up", site="", run="", hosts=(row,))
        text = frame.library() + "".join(frame.parts(result))
        path = tmp_path / "job.sh"
        path.write_text(text)
        argv = [str(shell.bin / "sh"), str(path), name]
        environment = {"PATH": "/usr/bin:/bin", **(env or {})}
        return subprocess.run(argv, text=True, capture_output=True, timeout=60, env=environment)

    return run_


def test_it_does_what_is_not_so_and_says_what_is(run, tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    first = run([made(tmp_path, "a"), made(tmp_path, "b")])
    assert first.returncode == 0
    assert first.stderr.splitlines() == [
        "n1: ps.point: ok       make a",
        "n1: ps.point: changed  make b",
    ]
    again = run([made(tmp_path, "a"), made(tmp_path, "b")])
    assert again.stderr.splitlines()[-1] == "n1: ok, nothing changed"


def test_a_failing_step_undoes_what_has_begun_the_last_first(run, tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    ended = run([made(tmp_path, "a"), made(tmp_path, "b"), made(tmp_path, "c"), failing()])
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-3:] == [
        "n1: ps.point: FAILED   break: exit code 1",
        "n1: ps.point: undone   step 3",
        "n1: ps.point: undone   step 2",
    ]
    assert [path.name for path in sorted(tmp_path.glob("[abc]"))] == ["a"]


def test_what_an_earlier_phase_has_done_stays(run, tmp_path: Path) -> None:
    ended = run([made(tmp_path, "a")], [made(tmp_path, "b"), failing()])
    assert (ended.returncode, (tmp_path / "a").exists(), (tmp_path / "b").exists()) == (
        1,
        True,
        False,
    )


def test_a_question_that_nobody_answers_ends_it(run, tmp_path: Path) -> None:
    step = Step(name="ask", unless=("sh", "-c", "echo why >&2; exit 3"), do=("true",))
    ended = run([made(tmp_path, "a"), step])
    assert (ended.returncode, (tmp_path / "a").exists()) == (1, False)
    assert "why" in ended.stderr
    assert "ask: whether it is so already could not be asked" in ended.stderr


def test_a_version_that_does_not_become_healthy_is_8_once_the_old_is_back(run, tmp_path) -> None:
    gate = Step(name="healthy", until=("false",), timeout=1, every=0.2, gate=True)
    back = Step(name="start", do=("true",), undo=("true",), proof=("true",))
    ended = run([back, gate])
    assert ended.returncode == 8
    assert ended.stderr.splitlines()[-1] == "n1: ps.point: well     what step 1 brought back"
    stuck = Step(name="start", do=("true",), undo=("false",))
    ended = run([stuck, gate])
    assert ended.returncode == 1
    assert "STUCK    step 1 could not be undone" in ended.stderr


def test_on_another_host_it_does_nothing(run, tmp_path: Path) -> None:
    ended = run([made(tmp_path, "a")], name="n7")
    assert (ended.returncode, (tmp_path / "a").exists()) == (2, False)
    assert ended.stderr == "nothing here is for n7, but for: n1; name one: sh job.sh NAME\n"


def test_the_name_of_a_host_may_have_its_domain(run, tmp_path: Path) -> None:
    assert run([made(tmp_path, "a")], name="n1.example.org").returncode == 0


def test_words_reach_their_programs_as_they_are(run, tmp_path: Path) -> None:
    words = ("a b", "$HOME", "it's", '"', "*", "\\", "", "new\nline")
    path = str(tmp_path / "words")
    steps = [
        Step(name="write", do=pipe(("printf", "%s|", *words), ("tee", path))),
        Step(name="text", do=("tee", path + ".text"), stdin="line 1\n'2' $x\nno newline"),
        Step(name="bytes", do=("dd", f"of={path}.bytes"), stdin=b"\x00\xff\n"),
        Step(name="both", do=then(("test", "-s", path), ("touch", path + ".then"))),
        Step(name="folder", do=("touch", "here"), cwd=str(tmp_path), env=(("X", "1 2"),)),
        Step(name="same", unless=same(("cat", path + ".text"), "else"), do=("true",)),
        Step(name="not", unless=not_(("test", "-e", path)), do=("true",)),
    ]
    ended = run(steps)
    assert ended.returncode == 0, ended.stderr
    assert Path(path).read_text() == "".join(f"{word}|" for word in words)
    assert Path(path + ".text").read_text() == "line 1\n'2' $x\nno newline"
    assert Path(path + ".bytes").read_bytes() == b"\x00\xff\n"
    assert Path(path + ".then").exists()
    assert (tmp_path / "here").exists()


def test_what_a_step_prints_reaches_a_later_one(run, tmp_path: Path) -> None:
    path = str(tmp_path / "id")
    write = ("sh", "-c", 'printf %s "$1" >"$2"', "-")
    steps = [
        Step(name="make", do=("echo", "a b$c"), register="the-id"),
        Step(name="word", do=("cp", "/dev/null", path)),
        Step(name="use", do=(*write, Registered("", "the-id"), path)),
        Step(name="feed", do=("tee", path + ".fed"), stdin=Registered("", "the-id", secret=True)),
    ]
    ended = run(steps)
    assert ended.returncode == 0, ended.stderr
    assert Path(path).read_text() == "a b$c"
    assert Path(path + ".fed").read_text() == "a b$c"


def test_what_it_cannot_know_is_asked_for_before_anything_is_done(run, tmp_path: Path) -> None:
    token = Step(name="join", do=("echo", Registered("n2", "token")))
    secret = Step(name="key", do=("tee", str(tmp_path / "key")), stdin=Secret("s3cret"))
    ended = run([made(tmp_path, "a"), secret, token])
    assert (ended.returncode, (tmp_path / "a").exists()) == (2, False)
    assert "SECRET_2 is missing: a file with the secret that 'key' reads" in ended.stderr
    assert "s3cret" not in (tmp_path / "job.sh").read_text()
    (tmp_path / "given").write_text("s3cret")
    ended = run([made(tmp_path, "a"), secret, token], env={"SECRET_2": str(tmp_path / "given")})
    assert (ended.returncode, (tmp_path / "a").exists()) == (2, False)
    assert "kept_n2_token is missing: what another host has printed: n2_token" in ended.stderr
    values = {"SECRET_2": str(tmp_path / "given"), "kept_n2_token": "t"}
    ended = run([made(tmp_path, "a"), secret, token], env=values)
    assert (ended.returncode, (tmp_path / "key").read_text()) == (0, "s3cret"), ended.stderr


def test_a_program_that_hangs_is_ended(run) -> None:
    ended = run([Step(name="hang", do=("sleep", "50"), timeout=1)])
    assert ended.returncode == 1
    assert re.search("FAILED   hang: exit code (124|143)", ended.stderr)  # 143: busybox


def test_exit_codes_that_are_well_are_well(run) -> None:
    steps = [Step(name="odd", do=("sh", "-c", "exit 3"), ok_codes=(0, 3))]
    assert run(steps).returncode == 0


def test_what_is_sensitive_is_not_printed(run) -> None:
    ended = run([Step(name="hush", do=("echo", "loud"), sensitive=True)])
    assert (ended.returncode, ended.stdout) == (0, "")
    assert "loud" not in ended.stderr


def test_a_change_that_may_cut_us_off_comes_back_where_nobody_confirms_it(run, tmp_path) -> None:
    step = Step(
        name="move",
        do=("touch", str(tmp_path / "moved")),
        undo=("rm", str(tmp_path / "moved")),
        confirm_within=1,
    )
    stale = Path("/run/fairlead-job.confirmed")
    if os.access("/run", os.W_OK):
        stale.touch()  # of an earlier script that was killed: it confirms nothing
    ended = run([step])
    assert (ended.returncode, (tmp_path / "moved").exists()) == (1, False)
    assert "by a new connection: touch /run/fairlead-job.confirmed" in ended.stderr
