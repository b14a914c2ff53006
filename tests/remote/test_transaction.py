"""A transaction on one host, by real shells: what is asked, done, undone, kept and left."""

import os
import time
from pathlib import Path

import pytest

from fairlead.model.errors import StepFailed, Unreachable
from fairlead.model.plan import Fact, Secret, Step, not_, pipe, same
from fairlead.remote import programs, transaction
from fairlead.remote.events import StepNote
from fairlead.remote.link import Link, follow
from fairlead.secrets.redaction import hidden
from tests.machine import SHELLS, Cut, Machine, a_run, processes, tree, waited

AS_ROOT = pytest.mark.skipif("os.geteuid() != 0", reason="only root becomes another user")


@pytest.fixture(params=SHELLS)
def every(request: pytest.FixtureRequest, tmp_path: Path) -> Machine:
    """One host of every kind of shell."""
    return Machine(tmp_path / "n1", shell=request.param)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "n1")


def touch(path: Path, name: str = "", **more) -> Step:
    """A file is there, or else is made; undone by taking it away."""
    words = {
        "unless": ("test", "-e", str(path)),
        "do": ("touch", str(path)),
        "undo": ("rm", str(path)),
    }
    return Step(name=name or path.name, **(words | more))


def logs(path: Path, word: str, **more) -> Step:
    """Writes down what happens to it."""
    say = ("sh", "-c", 'echo "$1" >>"$2"', "_")
    return Step(
        name=word,
        do=(*say, f"do {word}", str(path)),
        undo=(*say, f"undo {word}", str(path)),
        **more,
    )


FAILS = ("sh", "-c", "echo it went wrong; exit 3")


# questions


def test_a_step_is_done_once_and_then_already_so(every: Machine, tmp_path: Path) -> None:
    step = touch(tmp_path / "a")
    first, second = every.do(step), every.do(step)
    assert (first.state, first.steps, second.state, second.steps) == (
        "changed",
        ["changed"],
        "ok",
        ["ok"],
    )


def test_an_unchanged_run_writes_no_marks(machine: Machine) -> None:
    done = machine.do(
        Step(name="a", unless=("true",), do=("false",)), Step(name="b", unless=("true",))
    )
    assert (
        done.steps,
        sorted(path.name for path in (machine.state / "runs" / done.name).iterdir()),
    ) == (
        ["ok", "ok"],
        ["about", "events", "seen", "state", "undo"],
    )


@pytest.mark.parametrize(
    "question",
    [
        ("sh", "-c", "echo no daemon >&2; exit 2"),
        ("no-such-program",),
        same(("false",), "x"),
        ("sh", "-c", "kill -9 $$"),
    ],
)
def test_where_the_question_fails_nothing_is_done(
    machine: Machine, tmp_path: Path, question
) -> None:
    done = machine.do(touch(tmp_path / "a", unless=question))
    assert (done.state, done.steps, (tmp_path / "a").exists(), done.undone) == (
        "failed",
        ["question"],
        False,
        [],
    )
    assert done.ended.steps[0].exit_code > 1


def test_a_question_says_what_went_wrong(machine: Machine) -> None:
    done = machine.do(
        Step(name="a", unless=("sh", "-c", "echo no daemon >&2; exit 2"), do=("true",))
    )
    assert (done.ended.steps[0].exit_code, done.ended.steps[0].output) == (2, "no daemon\n")


def test_a_question_that_never_answers_has_failed(machine: Machine, tmp_path: Path) -> None:
    done = machine.do(touch(tmp_path / "a", unless=("sleep", "20"), timeout=0.2))
    assert (done.state, done.steps, (tmp_path / "a").exists()) == ("failed", ["question"], False)


def test_a_question_that_talks_without_end_fills_nothing(machine: Machine) -> None:
    done = machine.do(Step(name="a", unless=("sh", "-c", "exec yes >&2"), do=("true",), timeout=2))
    assert done.steps == ["question"]
    assert len(done.ended.steps[0].output) <= 4096


# undo


def test_what_was_begun_is_undone_in_reverse_the_failing_step_included(
    every: Machine, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    fails = Step(name="d", do=FAILS, undo=("sh", "-c", 'echo "undo d" >>"$1"', "_", str(log)))
    done = every.do(
        logs(log, "a"), logs(log, "b", unless=("true",)), logs(log, "c"), fails, logs(log, "e")
    )
    assert log.read_text().splitlines() == ["do a", "do c", "undo d", "undo c", "undo a"]
    assert (done.state, done.steps, done.undone) == (
        "undone",
        ["changed", "ok", "changed", "failed"],
        [4, 3, 1],
    )
    assert (done.ended.steps[-1].exit_code, done.ended.steps[-1].output) == (3, "it went wrong\n")


def test_an_undo_that_fails_does_not_stop_the_others(machine: Machine, tmp_path: Path) -> None:
    log = tmp_path / "log"
    stuck = Step(name="b", do=("true",), undo=("sh", "-c", "echo cannot; exit 9"))
    done = machine.do(logs(log, "a"), stuck, logs(log, "c"), Step(name="d", do=FAILS))
    assert log.read_text().splitlines() == ["do a", "do c", "undo c", "undo a"]
    assert (done.state, done.ended.undone) == (
        "stuck",
        {3: (0, ""), 2: (9, "cannot\n"), 1: (0, "")},
    )


def test_a_step_without_undo_stays_done(machine: Machine, tmp_path: Path) -> None:
    done = machine.do(touch(tmp_path / "a", undo=None), Step(name="b", do=FAILS))
    assert (done.state, done.undone, (tmp_path / "a").exists()) == ("undone", [], True)


def test_an_undo_that_hangs_is_ended(machine: Machine) -> None:
    done = machine.do(Step(name="a", do=FAILS, undo=("sleep", "20"), timeout=0.3))
    assert (done.state, done.ended.undone[1][0]) in (("stuck", 124), ("stuck", 143))


def test_a_very_long_command_is_no_longer_than_an_argument_may_be(
    machine: Machine, tmp_path: Path
) -> None:
    words = [f"{number:0100}" for number in range(4000)]  # 400 KB; one argument may have 128 KiB
    count = ("sh", "-c", 'f=$1; shift; echo $# >>"$f"', "_", str(tmp_path / "n"), *words)
    done = machine.do(
        Step(name="a", unless=not_(count), do=count, undo=count), Step(name="b", do=FAILS)
    )
    assert (done.state, (tmp_path / "n").read_text()) == ("undone", "4000\n" * 3)


# ends


def test_exit_codes_that_are_good_are_named(machine: Machine) -> None:
    done = machine.do(
        *(
            Step(name=str(code), do=("sh", "-c", 'exit "$1"', "_", str(code)), ok_codes=(0, 3))
            for code in (3, 0, 33)
        )
    )
    assert [(step.state, step.exit_code) for step in done.ended.steps] == [
        ("changed", 3),
        ("changed", 0),
        ("failed", 33),
    ]


def test_a_step_that_takes_too_long_is_ended(every: Machine, tmp_path: Path) -> None:
    began, long = time.monotonic(), str(100000 + os.getpid())
    done = every.do(
        touch(tmp_path / "a"),
        Step(name="slow", do=("sh", "-c", f"echo waiting; sleep {long}"), timeout=0.4),
    )
    assert (done.state, done.steps, (tmp_path / "a").exists()) == (
        "undone",
        ["changed", "failed"],
        False,
    )
    assert done.ended.steps[1].exit_code in (124, 143)
    assert (done.ended.steps[1].output.splitlines()[0], time.monotonic() - began < 5) == (
        "waiting",
        True,
    )
    assert [line for _, line in processes() if line[:2] == ["sleep", long]] == []


@pytest.mark.parametrize("stream", ["1", "2"])
def test_a_wait_in_vain_tells_the_last_answer(machine: Machine, stream: str) -> None:
    done = machine.do(
        Step(
            name="up",
            until=("sh", "-c", f"echo not yet >&{stream}; exit 1"),
            every=0.05,
            timeout=0.2,
        )
    )
    assert (done.steps, done.ended.steps[0].output) == (["late"], "not yet\n")


def test_a_wait_asks_until_it_is_so(machine: Machine, tmp_path: Path) -> None:
    ask = ("sh", "-c", 'echo x >>"$1"; [ $(wc -l <"$1") -ge 3 ]', "_", str(tmp_path / "asked"))
    done = machine.do(
        Step(name="up", do=("true",), until=ask, every=0.05, timeout=5),
        Step(name="only a wait", until=ask, every=0.05, timeout=5),
    )
    assert (done.steps, (tmp_path / "asked").read_text().count("x")) == (["changed", "ok"], 4)


def test_a_wait_that_is_in_vain_ends_and_says_what_it_heard(
    machine: Machine, tmp_path: Path
) -> None:
    never = ("sh", "-c", "echo still starting >&2; exit 1")
    done = machine.do(
        touch(tmp_path / "a"),
        Step(name="up", do=("true",), undo=("true",), until=never, every=0.05, timeout=0.3),
    )
    assert (done.state, done.undone, done.ended.steps[1].state, done.ended.steps[1].output) == (
        "undone",
        [2, 1],
        "late",
        "still starting\n",
    )


def test_a_wait_alone_that_is_in_vain_changes_nothing(machine: Machine) -> None:
    done = machine.do(Step(name="up", until=("false",), every=0.05, timeout=0.2))
    assert (done.state, done.steps) == ("failed", ["late"])


# words and bytes


def test_standard_input_arrives_byte_for_byte(every: Machine, tmp_path: Path) -> None:
    data = bytes(range(256)) * 3 + b"\0\n\n"
    out = str(tmp_path / "out")
    done = every.do(
        Step(
            name="a",
            unless=("test", "-s", out),
            do=("sh", "-c", 'cat >"$1"', "_", out),
            stdin=Secret(data),
        )
    )
    assert (done.state, (tmp_path / "out").read_bytes()) == ("changed", data)
    assert list(every.volatile.rglob("stdin*")) == []


def test_a_large_standard_input_arrives(every: Machine, tmp_path: Path) -> None:
    data = os.urandom(2 << 20)
    done = every.do(
        Step(name="a", do=("sh", "-c", 'cat >"$1"', "_", str(tmp_path / "out")), stdin=data)
    )
    assert (done.state, (tmp_path / "out").read_bytes() == data) == ("changed", True)


def test_a_thousand_steps(machine: Machine) -> None:
    began = time.monotonic()
    done = machine.do(
        *(
            Step(name=f"s{number}", unless=("true",), do=("false",), undo=("true",))
            for number in range(1000)
        )
    )
    assert (done.state, done.steps) == ("ok", ["ok"] * 1000)
    assert time.monotonic() - began < 60


def test_what_is_kept_is_what_was_printed_not_what_was_complained(every: Machine) -> None:
    done = every.do(
        Step(name="a", do=("sh", "-c", "echo v1; echo warning >&2"), register="version"),
        Step(name="b", do=("head", "-c", "70000", "/dev/zero"), register="x"),
    )
    assert (done.ended.kept[1], len(done.ended.kept[2])) == ("v1\n", 65536)


def test_a_step_that_keeps_and_fails_shows_what_it_complained(machine: Machine) -> None:
    done = machine.do(
        Step(
            name="a",
            do=("sh", "-c", "echo half; echo no such image >&2; exit 1"),
            register="version",
        )
    )
    assert (done.ended.steps[0].output, done.ended.kept) == ("no such image\n", {})


def test_a_step_that_only_looks_is_no_change(machine: Machine) -> None:
    look = Step(name="digest", do=("echo", "sha256:1"), register="digest", read_only=True)
    done = machine.do(look)
    assert (
        done.state,
        done.steps,
        done.ended.kept,
        (machine.state / "runs" / done.name / "marks").exists(),
    ) == (
        "ok",
        ["ok"],
        {1: "sha256:1\n"},
        False,
    )
    assert machine.do(look, Step(name="a", do=FAILS)).state == "undone"


def test_what_is_sensitive_never_reaches_the_disk(machine: Machine) -> None:
    say = ("sh", "-c", 'echo "the $(cat)"; echo "the word" >&2')
    steps = (
        Step(name="token", do=say, stdin=Secret("word"), register="token", sensitive=True),
        Step(
            name="loud",
            do=("sh", "-c", "cat; exit 4"),
            undo=("echo", "the word"),
            stdin=Secret("the word"),
            sensitive=True,
            progress=True,
        ),
    )
    done = machine.do(*steps)
    assert (done.ended.kept, [one.output for one in done.ended.steps], done.ended.undone) == (
        {1: "the word\n"},
        ["", ""],
        {2: (0, "")},
    )
    files = {
        name: data
        for name, data in tree(machine.state).items()
        if data and not name.endswith("/undo")
    }
    assert [
        name for name, data in files.items() if b"the word" in data or b"dGhlIHdvcmQ" in data
    ] == []
    waited(
        lambda: (
            not [
                path
                for path in machine.volatile.rglob("*")
                if path.is_file() and b"the word" in path.read_bytes()
            ]
        )
    )


def test_what_a_host_was_given_is_cut_before_it_is_written_there(machine: Machine) -> None:
    say = 'echo "it said the-word-of-the-day"; echo the-word-of-the-day | base64; sleep 1.3; exit "$1"'
    steps = (
        Step(
            name="fine",
            do=("sh", "-c", say, "say", "0"),
            undo=("echo", "undone the-word-of-the-day"),
            progress=True,
        ),
        Step(name="loud", do=("sh", "-c", say, "say", "4")),
    )
    ended = machine.do(*steps, hidden=hidden([Secret("the-word-of-the-day")])).ended
    assert ([one.output for one in ended.steps], ended.undone) == (
        ["", "it said ***\n***o="],
        {1: (0, "undone ***")},
    )
    files = {
        name: data
        for name, data in tree(machine.state).items()
        if data and not name.endswith("/undo")
    }
    assert [
        name for name, data in files.items() if b"the-word-of" in data or b"dGhlLXdvcmQt" in data
    ] == []
    waited(
        lambda: (
            not [
                path
                for path in machine.volatile.rglob("*")
                if path.is_file() and b"the-word-of" in path.read_bytes()
            ]
        )
    )


def test_a_long_step_tells_how_far_it_is(machine: Machine) -> None:
    done = machine.do(
        Step(
            name="pull",
            do=("sh", "-c", "printf 'layer 1\\nlayer 2\\r50%%'; sleep 1.3"),
            progress=True,
        )
    )
    notes = [event.text for event in done.events if isinstance(event, StepNote)]
    assert (done.state, notes) == ("changed", ["50%"])


@AS_ROOT
def test_a_step_may_run_as_another_user(machine: Machine, tmp_path: Path) -> None:
    who = ("sh", "-c", 'id -un; pwd; echo "${TMPDIR-none}"; echo "$GREETING"; cat')
    step = Step(
        name="a",
        do=who,
        register="who",
        run_as="nobody",
        cwd="/usr",
        env=(("GREETING", "it's me"),),
        stdin="in\n",
    )
    assert machine.do(step).ended.kept[1] == "nobody\n/usr\nnone\nit's me\nin\n"


def test_a_step_has_no_folder_for_temporary_files_that_goes_away_with_the_run(
    machine: Machine,
) -> None:
    ended = machine.do(
        Step(
            name="a",
            do=("sh", "-c", 'echo "${TMPDIR-none}"; exit 1'),
            undo=("sh", "-c", 'echo "${TMPDIR-none}"'),
        )
    ).ended
    assert (ended.steps[0].output, ended.undone[1]) == ("none\n", (0, "none\n"))


@AS_ROOT
def test_a_step_of_another_user_is_ended_with_all_its_children(machine: Machine) -> None:
    long = str(100_000 + os.getpid())  # known from those of other test processes
    step = Step(
        name="a",
        do=("sh", "-c", f"sleep {long} & sleep {long} | cat"),
        run_as="nobody",
        timeout=0.4,
    )
    began = time.monotonic()
    done = machine.do(step)
    assert (done.state, [line for _, line in processes() if line[:2] == ["sleep", long]]) == (
        "undone",
        [],
    )
    assert time.monotonic() - began < 6


# the dry run


def test_a_dry_run_asks_and_changes_nothing(
    every: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    before = tree(tmp_path)
    path = tmp_path / "a"
    steps = (
        touch(tmp_path / "n1", "there"),
        Step(name="look", do=("touch", str(path)), register="x", read_only=True),
        touch(path),
        Step(
            name="asks of what is not there", unless=("sh", "-c", "exit 2"), do=("touch", str(path))
        ),
        Step(name="waits", until=("false",), timeout=300),
    )
    every.path = f"{every.bin}:/usr/local/sbin:"
    monkeypatch.setenv("TMPDIR", str(temporary))
    ended = transaction.dry(every.connect(), a_run(), 1, steps)
    assert (ended.state, [one.state for one in ended.steps]) == (
        "ok",
        ["ok", "ok", "would-change", "would-change", "would-change"],
    )
    assert tree(tmp_path) == before


def test_a_dry_run_tells_of_a_question_that_failed(machine: Machine) -> None:
    ended = transaction.dry(
        machine.connect(),
        a_run(),
        1,
        (Step(name="a", unless=("sh", "-c", "exit 2"), do=("true",)), Step(name="b", do=("true",))),
    )
    assert (ended.state, [one.state for one in ended.steps]) == ("failed", ["question"])


# round trips, and links that are lost


def test_an_unchanged_verb_is_two_channels(machine: Machine) -> None:
    line = machine.connect()
    run = a_run()
    transaction.ask(line, (), run)
    transaction.do(
        Link("n1", lambda: line),
        run,
        1,
        (Step(name="a", unless=("true",)),),
        lambda event: None,
    )
    assert line.channels == 2


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fairlead.remote.link.PAUSE", 0.05)


@pytest.mark.usefixtures("hasty")
def test_a_lost_link_is_sought_and_every_event_comes_once(machine: Machine, tmp_path: Path) -> None:
    steps = tuple(
        touch(
            tmp_path / str(number),
            do=("sh", "-c", 'sleep 0.1; : >"$1"', "_", str(tmp_path / str(number))),
        )
        for number in range(6)
    )
    machine.cut = Cut(b" begin 2 .")
    done = machine.do(*steps)
    assert (done.state, done.steps, [event.number for event in done.events]) == (
        "changed",
        ["changed"] * 6,
        list(range(1, 15)),
    )
    assert [line.closed for line in machine.lines] == [True, False]


@pytest.mark.usefixtures("hasty")
def test_an_upload_that_never_arrived_is_sent_again(machine: Machine, tmp_path: Path) -> None:
    lost = machine.connect()
    lost._converse = lambda *_: (_ for _ in ()).throw(Unreachable("n1", "the link was cut"))  # type: ignore[method-assign]
    lines = iter([lost])
    link = Link("n1", lambda: next(lines, None) or machine.connect())
    ended = transaction.do(link, a_run(), 1, (touch(tmp_path / "a"),), lambda event: None)
    assert (ended.state, (tmp_path / "a").exists(), ended.steps[0].state) == (
        "changed",
        True,
        "changed",
    )


def test_a_program_that_arrives_twice_works_once(machine: Machine, tmp_path: Path) -> None:
    run, step = a_run(), logs(tmp_path / "log", "a")
    assert [machine.do(step, run=run).state for _ in range(2)] == ["changed", "changed"]
    assert (tmp_path / "log").read_text() == "do a\n"


@pytest.mark.usefixtures("hasty")
def test_who_stays_away_is_told_how_to_follow(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fairlead.remote.link.PATIENCE", 0.2)
    machine.cut = Cut(b" begin 1 .", stays=True)
    working = machine.begin(Step(name="a", do=("sleep", "0.6")))
    with pytest.raises(
        Unreachable,
        match=rf"n1: lost while run {working.name} works there \(no route to it\); it ends by itself: inv runs.follow --host=n1",
    ):
        working.result()


def test_a_run_that_nobody_knows_cannot_be_followed(machine: Machine) -> None:
    with pytest.raises(
        StepFailed, match=r"n1: there is no run 2026-x.1 here; see inv runs.list --all --host=n1"
    ):
        follow(machine.link(), "2026-x.1", lambda event: None)


def test_silence_is_a_lost_link(machine: Machine) -> None:
    with pytest.raises(Unreachable, match="not a byte for 0.2 s"):
        machine.connect().run("main() { sleep 20; }; main", idle=0.2)


# seen and unseen


def test_a_run_whose_end_nobody_saw_is_reported_until_the_next_transaction_has_told_of_it(
    machine: Machine, tmp_path: Path
) -> None:
    machine.cut = Cut(b" begin 1 .", stays=True)
    working = machine.begin(
        touch(tmp_path / "a", do=("sh", "-c", 'sleep 0.3; : >"$1"', "_", str(tmp_path / "a")))
    )
    waited(lambda: machine.dead)
    waited(lambda: (machine.state / "runs" / working.name / "state").exists())
    machine.dead = False
    for _ in range(2):  # asking does not make it seen
        assert [
            (one.name, one.state, one.seen, one.who) for one in machine.ask().runs if not one.alive
        ] in (
            [],
            [(working.name, "changed", False, "ann@desk")],
        )
    machine.do(Step(name="b", unless=("true",)), seen=[working.name])
    assert machine.ask().runs == ()


def test_reading_of_a_run_does_not_make_it_seen(machine: Machine) -> None:
    name = machine.do(Step(name="a", do=("true",))).name
    (machine.state / "runs" / name / "seen").unlink()
    ended = transaction.replay(machine.connect(), name)
    assert (ended.state, [one.name for one in machine.ask().runs]) == (
        "changed",
        [name],
    )
    follow(machine.link(), name, lambda event: None)
    assert machine.ask().runs == ()


def test_the_last_fifty_runs_are_kept_and_those_that_nobody_saw(machine: Machine) -> None:
    first = machine.do(Step(name="a", do=("true",))).name
    runs = machine.state / "runs"
    for number in range(60):
        made = runs / f"19990101T000000-{number:02}.1"
        made.mkdir()
        (made / "about").write_text("x\ntoy\nbob\nold\n\n")
        (made / "state").write_text("changed\n" if number else "stuck\n")
        if number != 1:
            (made / "seen").touch()
    machine.do(Step(name="b", unless=("true",)))
    left = waited(
        lambda: names if len(names := sorted(path.name for path in runs.iterdir())) == 52 else None
    )
    assert (left[0], left[1], first in left) == (
        "19990101T000000-00.1",
        "19990101T000000-01.1",
        True,
    )


# what a host has to have


def test_nothing_is_left_on_the_volatile_side(machine: Machine) -> None:
    machine.do(Step(name="a", do=("true",), stdin="x"))
    assert waited(lambda: list((machine.volatile / "runs").iterdir()) == []) is True


def test_the_journal_of_the_host_has_a_line_for_each_run(machine: Machine) -> None:
    first = machine.do(Step(name="a", do=("true",)))
    second = machine.do(Step(name="b", do=FAILS))
    lines = (machine.state / "journal").read_text().splitlines()
    assert [line.split(" ", 1)[1] for line in lines] == [
        f"{first.name} toy changed ann@desk inv toy.up",
        f"{second.name} toy undone ann@desk inv toy.up",
    ]
    assert oct((machine.state / "journal").stat().st_mode) == "0o100640"


def test_an_answer_cut_short_is_no_answer(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "END", "")
    with pytest.raises(Unreachable, match="n1: its answer was cut short; try again"):
        machine.ask(Fact("a", ("true",), str))


def test_a_shell_that_does_not_run_our_program_is_named(machine: Machine) -> None:
    (machine.bin / "sh").unlink()
    (machine.bin / "sh").symlink_to("/bin/false")
    with pytest.raises(
        StepFailed,
        match=r"n1: its shell did not run our program \(it ended with 1\); try: ssh to it",
    ):
        transaction.runs(machine.connect())


def test_unchanged_steps_cost_little(machine: Machine) -> None:
    """An order of magnitude, so that a sleep that slips in is noticed: 10 unchanged steps against a bare `sh -c true`."""
    import subprocess

    def best(work) -> float:
        found = []
        for _ in range(3):
            began = time.monotonic()
            work()
            found.append(time.monotonic() - began)
        return min(found)

    steps = [Step(name=str(number), unless=("true",)) for number in range(10)]
    bare = best(lambda: subprocess.run(["sh", "-c", "true"], timeout=5, check=True))
    ours = best(lambda: machine.do(*steps))
    print(f"10 unchanged steps: {ours * 1000:.0f} ms; bare: {bare * 1000:.0f} ms")
    assert ours - bare < 0.5


def test_a_pipe_of_the_host_itself(machine: Machine, tmp_path: Path) -> None:
    path = tmp_path / "a"
    done = machine.do(
        Step(
            name="a",
            unless=same(pipe(("echo", "x"), ("tr", "x", "y")), "x"),
            do=pipe(("echo", "x"), ("tee", str(path))),
        )
    )
    assert (done.state, path.read_text()) == ("changed", "x\n")
