"""inv runs.list, show, follow, cancel, release, recover: over real shells."""

from pathlib import Path
from typing import Any

import pytest

from fairlead.cli.commands import CommandResult, runs
from fairlead.cli.run_records import RunRecords
from fairlead.model import operator
from fairlead.model.errors import CommandLineError, StepFailed
from fairlead.model.plan import Phase, Step
from fairlead.model.results import RunResult
from fairlead.model.shares import Share
from fairlead.output.journal import Journal
from fairlead.runner import driver as run
from tests.driver import Driver, states
from tests.machine import Cut, Working, a_run, waited

pytestmark = pytest.mark.slow


@pytest.fixture
def driver(driver: Driver) -> Driver:
    driver.system(server={"up": lambda ask: ()})
    return driver


def chore(driver: Driver, name: str, *hosts: str, **flags: Any) -> CommandResult:
    return getattr(runs, name)(driver.context(), run.Common(hosts=hosts), **flags)


def ended(driver: Driver, host: str, *steps: Step) -> str:
    return driver[host].do(*steps).name


def left_open(driver: Driver, host: str, log: Path) -> str:
    """A run whose host lost its power."""
    undo = ("sh", "-c", 'echo undone >>"$1"', "_", str(log))
    name = ended(driver, host, Step(name="a", do=("true",), undo=undo))
    (driver[host].state / "runs" / name / "state").unlink()
    return name


def test_where_nothing_runs_it_says_so(driver: Driver) -> None:
    ended(driver, "n1", Step(name="a", do=("true",)))
    assert chore(driver, "list_") == CommandResult("nothing runs, nothing was left open", [], 0)


def test_list_tells_of_leases_and_of_runs_that_are_open(driver: Driver, tmp_path: Path) -> None:
    name = left_open(driver, "n1", tmp_path / "log")
    bob = a_run(who="bob@home", what="inv toy.down")
    driver["n2"].ask(lease=bob)
    answer = chore(driver, "list_")
    since = answer.data[1]["since"]
    assert answer.text.splitlines() == [
        f"n1  {name}  left open  ann@desk: inv toy.up",
        f"n2  toy  lease of bob@home since {since}: inv toy.down",
    ]
    assert answer.data[0] == {
        "host": "n1",
        "run": name,
        "state": "open",
        "alive": False,
        "seen": True,
        "who": "ann@desk",
        "what": "inv toy.up",
    }


def test_list_all_tells_of_those_that_ended_too(driver: Driver) -> None:
    names = [
        ended(driver, "n1", Step(name="a", do=("true",))),
        ended(driver, "n1", Step(name="a", unless=("true",))),
    ]
    assert sorted(
        (run["run"], run["state"]) for run in chore(driver, "list_", all=True).data
    ) == sorted(zip(names, ["changed", "ok"], strict=True))


def test_list_tells_of_hosts_that_do_not_answer(driver: Driver) -> None:
    driver["n3"].dead = True
    answer = chore(driver, "list_")
    assert (answer.code, "n3: no route to it; look at its cable" in answer.text) == (5, True)


def test_show_tells_step_by_step(driver: Driver) -> None:
    undo = ("sh", "-c", "echo cannot; exit 9")
    name = ended(
        driver,
        "n1",
        Step(name="a", do=("true",), undo=undo),
        Step(name="b", do=("sh", "-c", "echo oh no; exit 3")),
    )
    lines = chore(driver, "show", "n1").text.splitlines()
    assert lines[0] == f"n1  {name}  stuck  ann@desk: inv toy.up"
    assert [line.split("  ")[1:3] for line in lines[1:3]] == [["a", "changed"], ["b", "failed"]]
    assert (lines[2].endswith("oh no"), lines[3]) == (True, "  undo of a  failed (9): cannot")


def test_a_command_about_one_host_wants_one(driver: Driver) -> None:
    with pytest.raises(
        CommandLineError, match="this command is about one host; name it: --host=n1"
    ):
        chore(driver, "show")


def test_a_run_that_is_not_there_is_told(driver: Driver) -> None:
    with pytest.raises(
        StepFailed, match="n1: there is no run x here; see inv runs.list --all --host=n1"
    ):
        chore(driver, "show", "n1", run="x")


def test_follow_goes_on_to_the_end(driver: Driver, capsys: pytest.CaptureFixture[str]) -> None:
    driver["n1"].cut = Cut(b" begin 1 .", stays=True)
    working = driver["n1"].begin(
        Step(name="a", do=("sleep", "0.5")), Step(name="b", do=("false",), undo=("true",))
    )
    waited(lambda: driver["n1"].dead)
    driver["n1"].dead = False
    answer = chore(driver, "follow", "n1")
    assert (answer.text, answer.code) == (f"n1  {working.name}  undone", 1)
    assert capsys.readouterr().err.splitlines() == ["n1  a  changed", "n1  b  failed"]


def test_follow_by_name_tells_of_one_that_has_ended(driver: Driver) -> None:
    names = [ended(driver, "n1", Step(name="a", do=("true",))) for _ in range(2)]
    assert chore(driver, "follow", "n1", run=names[0]).text == f"n1  {names[0]}  changed"
    assert chore(driver, "follow", "n1", run=names[0].rpartition(".")[0]).code == 0


def works(driver: Driver, host: str, folder: Path, **more: Any) -> Working:
    """A run whose step goes on until the file `go` is there, begun by now."""
    wait = 'touch "$1"; until [ -e "$2" ]; do sleep 0.05; done'
    begun = folder / f"begun-{host}"
    do = ("sh", "-c", wait, "_", str(begun), str(folder / "go"))
    run = more.pop("run", None)
    step = Step(**{"name": "pull", "do": do, "undo": ("rm", str(begun))} | more)
    working = driver[host].begin(Step(name="image", do=("true",)), step, run=run)
    waited(begun.exists)
    return working


def test_cancel_ends_what_works_and_tells_what_became_of_it(
    driver: Driver, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    working = works(driver, "n1", tmp_path)
    answer = chore(driver, "cancel")
    ended = working.result()
    assert (ended.state, ended.cancelled_by) == ("undone", operator.address())
    assert answer.text == (
        f"n1  {working.name}  cancelled by {operator.address()}; what was begun is undone (image"
        " stays done)  (ann@desk: inv toy.up)"
    )
    assert (answer.code, answer.data) == (
        0,
        [
            {
                "host": "n1",
                "run": working.name,
                "state": "undone",
                "cancelled": True,
                "who": "ann@desk",
                "what": "inv toy.up",
            }
        ],
    )
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == f"n1  {working.name} is asked to end (ann@desk: inv toy.up)"
    assert lines[-2:] == ["n1  pull  cancelled", "n1  undo of pull  ok"]
    shown = chore(driver, "show", "n1")
    assert f"  cancelled by {operator.address()}" in shown.text.splitlines()
    assert shown.data["cancelled_by"] == operator.address()


def test_cancel_of_a_run_is_that_of_all_its_hosts_and_gives_back_every_lease(
    driver: Driver, tmp_path: Path
) -> None:
    run = a_run()
    for host in ("n1", "n2", "n3"):
        driver[host].ask(lease=run)
    both = [works(driver, host, tmp_path, run=run) for host in ("n1", "n3")]
    answer = chore(driver, "cancel", run=run.name)
    assert [(end["host"], end["state"]) for end in answer.data] == [
        ("n1", "undone"),
        ("n3", "undone"),
    ]
    assert {working.result().state for working in both} == {"undone"}
    assert [driver[host].leases() for host in ("n1", "n2", "n3")] == [[], [], []]


def test_cancel_wants_a_name_where_several_work(driver: Driver, tmp_path: Path) -> None:
    first = works(driver, "n1", tmp_path, run=a_run(name="R1"))
    second = works(driver, "n2", tmp_path, run=a_run(name="R2", who="bob@home"))
    with pytest.raises(CommandLineError) as error:
        chore(driver, "cancel")
    assert str(error.value) == (
        "--run: several runs work on these hosts: R1 (ann@desk: inv toy.up), R2 (bob@home: inv"
        " toy.up); name the one to cancel: --run=R1"
    )
    assert chore(driver, "cancel", run="R2").code == 0
    (tmp_path / "go").touch()
    assert (first.result().state, second.result().state) == ("changed", "undone")


def test_where_nothing_works_there_is_nothing_to_cancel(driver: Driver, tmp_path: Path) -> None:
    nothing = "nothing works on these hosts: there is nothing to cancel"
    assert chore(driver, "cancel") == CommandResult(nothing, [], 0)
    with pytest.raises(StepFailed, match=r"there is no run x on these hosts; see inv runs\.list"):
        chore(driver, "cancel", run="x")
    name = ended(driver, "n1", Step(name="a", do=("true",)))
    over = chore(driver, "cancel", run=name)
    assert (over.code, over.text) == (
        0,
        f"n1  {name}  had ended already: changed  (ann@desk: inv toy.up)",
    )


def test_cancel_says_what_helps_where_nothing_works_any_more(
    driver: Driver, tmp_path: Path
) -> None:
    name = left_open(driver, "n1", tmp_path / "log")
    dead = chore(driver, "cancel", "n1", run=name)
    assert (dead.code, "was left open: inv runs.recover --host=n1" in dead.text) == (1, True)
    bob = a_run(who="bob@home")
    driver["n2"].ask(lease=bob)
    idle = chore(driver, "cancel", "n2")
    words = f"n2  {bob.name}  nothing of it works here just now"
    assert (idle.code, idle.text.startswith(words)) == (1, True)
    assert "if bob@home is gone, inv runs.release --host=n2" in idle.text


def test_cancel_tells_of_a_step_that_has_no_way_back_and_waits(
    driver: Driver,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("fairlead.runner.cancellation.LIMIT", 2.0)
    working = works(driver, "n1", tmp_path, undo=None, timeout=90)
    answer = chore(driver, "cancel", "n1")
    assert (answer.code, answer.data[0]["state"], answer.data[0]["cancelled"]) == (1, "open", False)
    assert "still works after 2 s; it goes on by itself: inv runs.follow --host=n1" in answer.text
    assert (
        "n1  pull cannot be cancelled: it has no way back and is let end ("
        in capsys.readouterr().err
    )
    (tmp_path / "go").touch()
    assert (working.result().state, working.result().cancelled_by) == (
        "undone",
        operator.address(),
    )


def test_cancel_of_what_is_on_its_way_back_waits_for_it(
    driver: Driver, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    slow = ("sh", "-c", 'touch "$1"; sleep 1', "_", str(tmp_path / "begun-n1"))
    working = driver["n1"].begin(Step(name="pull", do=("false",), undo=slow))
    waited((tmp_path / "begun-n1").exists)
    answer = chore(driver, "cancel", "n1")
    assert (answer.code, working.result().cancelled_by) == (0, "")
    assert f"n1  {working.name}  it ended by itself; what was begun is undone" in answer.text
    assert "it is on its way back already" in capsys.readouterr().err


def test_cancel_of_an_undo_that_fails_is_no_success(driver: Driver, tmp_path: Path) -> None:
    working = works(driver, "n1", tmp_path, undo=("false",))
    answer = chore(driver, "cancel", "n1")
    assert (answer.code, answer.data[0]["state"], working.result().state) == (1, "stuck", "stuck")
    assert "undoing it failed as well; try that again: inv runs.recover --host=n1" in answer.text


def test_release_asks_and_gives_back(driver: Driver) -> None:
    driver["n2"].ask(lease=a_run(who="bob@home"))
    driver.confirms = False
    with pytest.raises(CommandLineError, match="nothing more was released: the answer was no"):
        chore(driver, "release")
    driver.confirms = True
    assert chore(driver, "release", system="other").text == "no leases here"
    assert chore(driver, "release").text == "n2  toy  released (was bob@home's)"
    assert chore(driver, "release").text == "no leases here"
    assert driver.questions[0].startswith("n2: bob@home has had toy since ")


def test_recover_brings_all_hosts_to_one_side(driver: Driver, tmp_path: Path) -> None:
    names = [left_open(driver, host, tmp_path / "log") for host in ("n1", "n3")]
    answer = chore(driver, "recover")
    assert answer.text.splitlines() == [
        f"{host}  {name}  undone: nothing is left of it; how the host is now:"
        f" inv status --host={host}  (ann@desk: inv toy.up)"
        for host, name in zip(("n1", "n3"), names, strict=True)
    ]
    assert ((tmp_path / "log").read_text(), answer.code) == ("undone\nundone\n", 0)
    assert chore(driver, "recover") == CommandResult(
        "nothing to recover: no run was left open on these hosts", [], 0
    )


def test_recover_forward_undoes_nothing(driver: Driver, tmp_path: Path) -> None:
    name = left_open(driver, "n1", tmp_path / "log")
    answer = chore(driver, "recover", "n1", forward=True)
    assert (
        answer.text
        == f"n1  {name}  left as it is; the next run plans from facts  (ann@desk: inv toy.up)"
    )
    assert not (tmp_path / "log").exists()


def test_recover_goes_on_where_one_host_cannot(driver: Driver, tmp_path: Path) -> None:
    left_open(driver, "n1", tmp_path / "log")
    name = left_open(driver, "n2", tmp_path / "log")
    gate = tmp_path / "go"
    working = (
        driver["n1"]
        .begin(
            Step(
                name="x", do=("sh", "-c", 'until [ -e "$1" ]; do sleep 0.02; done', "_", str(gate))
            )
        )
        .until("begin")
    )
    answer = chore(driver, "recover")
    gate.touch()
    working.result()
    assert (answer.code, answer.data) == (1, [{"host": "n2", "run": name, "state": "undone"}])
    assert "n1: a run of toy works here just now: inv runs.follow --host=n1;" in answer.text


def test_recover_of_a_stubborn_undo_is_a_failure(driver: Driver) -> None:
    name = ended(driver, "n1", Step(name="a", do=("false",), undo=("false",)))
    answer = chore(driver, "recover", "n1")
    assert (answer.code, answer.data[0]["state"], name in answer.text) == (1, "stuck", True)


def failing_once(driver: Driver, folder: Path) -> None:
    """A system whose upgrade fails on n2 until the file `mended` is there."""

    def upgrade(ask):
        host = ask.target.host
        mended = ("test", "-e", str(folder / "mended"))
        steps = (Step(name="swap", do=("touch", str(folder / f"swapped-{host}"))),)
        if host == "n2":
            steps = (Step(name="ask", do=mended), *steps)
        return [Phase("swap", steps, rolling=True)]

    driver.system("rolling", server={"upgrade": upgrade})


def test_resume_goes_on_where_a_roll_out_stopped(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    failing_once(driver, tmp_path)
    driver.offline = "n3"
    Journal().ended(driver.perform("upgrade", "rolling", hosts=("n3",)))
    driver.offline = ""
    with pytest.raises(CommandLineError, match="has stopped"):
        chore(driver, "resume")
    stopped = driver.perform("upgrade", "rolling", batch=(Share(1),))
    Journal().ended(stopped)
    assert states(stopped) == {"n1": "changed", "n2": "failed", "n3": "skipped"}
    (tmp_path / "mended").touch()
    (tmp_path / "swapped-n1").unlink()
    answer = chore(driver, "resume")
    *_, result = (event for event in driver.watcher.events if isinstance(event, RunResult))
    assert states(result) == {"n2": "changed", "n3": "changed"}
    assert answer == CommandResult("", {"resumed": stopped.run, "run": result.run}, 0)
    assert not (tmp_path / "swapped-n1").exists()
    way = "2 of 3 hosts are not as asked: n[2-3]. Go on with n[2-3] --batch=1?"
    assert way in driver.questions[-1]
    assert "2 hosts in 2 batches: n2, then n3" in driver.watcher.remarks[-2]
    assert result.common == stopped.common
    Journal().ended(result)
    with pytest.raises(CommandLineError, match="has stopped"):
        chore(driver, "resume")


def test_resume_may_be_about_some_of_the_hosts_and_is_asked_about(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    failing_once(driver, tmp_path)
    Journal().ended(driver.perform("upgrade", "rolling", batch=(Share(1),)))
    with pytest.raises(CommandLineError, match=r"stopped on n\[2-3\]; name one of these"):
        chore(driver, "resume", "n1")
    driver.confirms = False
    with pytest.raises(CommandLineError, match="the answer was no"):
        chore(driver, "resume", "n3")
    assert driver.questions[-1].endswith("Go on with n3 --batch=1?")
    assert not (tmp_path / "swapped-n3").exists()


def test_history_tells_what_was_changed_from_here(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert chore(driver, "history").text == "nothing was changed from here within 4w"
    failing_once(driver, tmp_path)
    result = driver.perform("upgrade", "rolling", batch=(Share(1),))
    Journal().ended(result)
    answer = chore(driver, "history")
    (_, row) = answer.listing[0].rows
    assert row[1:] == (
        operator.name(),
        "rolling.upgrade",
        "n1 changed, n2 failed, n3 skipped",
        "1",
        result.run,
    )
    assert answer.data[0]["run"] == result.run
    assert chore(driver, "history", "n2").data == answer.data
    assert chore(driver, "history", who="nobody-else").data == []
    with pytest.raises(CommandLineError, match="--since"):
        chore(driver, "history", since="soon")


def test_report_is_the_hand_over_sheet_of_a_run(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "mine"))
    with pytest.raises(CommandLineError, match="no run at all was begun here for test"):
        chore(driver, "report")
    driver.system("made", server={"up": lambda ask: [Step(name="touch it", do=("true",))]})
    first = driver.perform("up", system="made", reason="OPS-3")
    second = driver.perform("up", system="made")
    for result in (first, second):
        Journal().ended(result)
    RunRecords().ended(first)
    sheet = chore(driver, "report", run=first.run)
    assert sheet.text.startswith("# inv made.up on test\n")
    assert "| touch it | up | made | n\\[1-3\\] changed |" in sheet.text
    assert "- **why**: OPS-3" in sheet.text
    assert sheet.data["record"]["result"]["run"] == first.run
    page = chore(driver, "report", run=first.run, format="html").text
    assert page.startswith("<!doctype html>")
    assert "not remembered here any more" in chore(driver, "report").text
    with pytest.raises(CommandLineError, match="no run other was begun here"):
        chore(driver, "report", run="other")
