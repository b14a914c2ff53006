"""inv runs.list, show, follow, release, recover: over real shells."""

from pathlib import Path
from typing import Any

import pytest

from fairlead.cli.commands import CommandResult, runs
from fairlead.model.errors import CommandLineError, StepFailed
from fairlead.model.plan import Step
from fairlead.runner import driver as run
from tests.driver import Driver
from tests.machine import Cut, a_run, waited


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
