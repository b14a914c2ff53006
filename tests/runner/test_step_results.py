"""What is told of steps that failed, of the others, and of what was undone."""

from pathlib import Path

from fairlead.model.plan import Secret, Step
from fairlead.output.text import result_lines
from tests.driver import Driver, row, states


def test_a_gate_that_fails_says_that_the_old_one_is_back(driver: Driver) -> None:
    steps = [
        Step(name="start", do=("true",), undo=("true",)),
        Step(name="healthy", until=("false",), timeout=0.2, every=0.05, gate=True),
    ]
    driver.system(server={"upgrade": lambda ask: steps}, hosts="n1")
    result = driver.perform("upgrade")
    assert (states(result), result.code) == ({"n1": "rolled-back"}, 8)
    assert (
        row(result, "n1").error
        == "n1: healthy: it did not become so within 0.2 s; the old one is back"
    )


def test_what_came_back_and_does_not_answer_is_not_back(driver: Driver, tmp_path: Path) -> None:
    """The way back is proved: the proof is asked once all is undone."""
    asks = ("sh", "-c", 'echo no room; test -e "$1"', "_", str(tmp_path / "well"))
    steps = [
        Step(name="stop", do=("true",), undo=("true",), proof=asks, proof_within=0),
        Step(name="healthy", until=("false",), timeout=0.2, every=0.05, gate=True),
    ]
    verbs = {verb: lambda ask: steps for verb in ("upgrade", "restart")}
    driver.system(server=verbs, hosts="n1")
    result = driver.perform("upgrade")
    assert (states(result), result.code) == ({"n1": "failed"}, 1)
    assert row(result, "n1").error == (
        "n1: healthy: it did not become so within 0.2 s; the old one was started and does not"
        " answer (no room): see inv toy.restart --host=n1"
    )
    (tmp_path / "well").touch()
    result = driver.perform("upgrade")
    assert (states(result), result.code) == ({"n1": "rolled-back"}, 8)
    assert row(result, "n1").error.endswith("; the old one is back")


def test_where_what_runs_does_not_become_healthy_what_helps_is_named(driver: Driver) -> None:
    waits = [Step(name="healthy", until=("false",), timeout=0.2, every=0.05)]
    verbs = {verb: lambda ask: waits for verb in ("up", "restart")}
    driver.system(server=verbs, hosts="n1")
    assert row(driver.perform("up"), "n1").error == (
        "n1: healthy: it did not become so within 0.2 s; nothing was changed; see inv toy.restart"
        " --host=n1"
    )


def test_a_full_disk_is_told_with_what_helps(driver: Driver) -> None:
    full = ("sh", "-c", "echo cp: No space left on device; exit 1")
    steps = {
        "up": [Step(name="stop", do=("true",), undo=("true",)), Step(name="copy", do=full)],
        "upgrade": [
            Step(name="stop", do=("true",), undo=("true",), proof=full, proof_within=0),
            Step(name="healthy", until=("false",), timeout=0.2, every=0.05, gate=True),
        ],
    }
    verbs = {verb: lambda ask, verb=verb: steps[verb] for verb in steps}
    driver.system(server=verbs | {"restart": lambda ask: []}, hosts="n1")
    assert row(driver.perform("up"), "n1").error == (
        "n1: copy: cp: No space left on device; what was begun is undone; make room on the disk of"
        " n1"
    )
    result = driver.perform("upgrade")
    assert (states(result), result.code) == ({"n1": "failed"}, 1)
    assert row(result, "n1").error.endswith(
        "; the old one was started and does not answer (cp: No space left on device): make room on"
        " the disk of n1, then inv toy.restart --host=n1"
    )


def test_a_step_that_took_too_long_is_told_from_one_that_was_killed(driver: Driver) -> None:
    driver.system(
        server={"up": lambda ask: [Step(name="slow", do=("sleep", "9"), timeout=0.2)]}, hosts="n1"
    )
    driver.system(
        "dead",
        server={"up": lambda ask: [Step(name="killed", do=("sh", "-c", "kill -9 $$"))]},
        hosts="n1",
    )
    assert row(driver.perform("up"), "n1").error.startswith("n1: slow: was ended after 0.2 s")
    assert row(driver.perform("up", "dead"), "n1").error.startswith(
        "n1: killed: ended with 137 (SIGKILL) and said nothing"
    )


def test_steps_that_stay_done_are_named(driver: Driver, tmp_path: Path) -> None:
    steps = [
        Step(name="pull", do=("true",)),
        Step(name="start", do=("true",), undo=("true",)),
        Step(name="bad", do=("sh", "-c", "echo no room; exit 5")),
    ]
    driver.system(server={"up": lambda ask: steps}, hosts="n1")
    result = row(driver.perform("up"), "n1")
    assert (result.state, result.error) == (
        "rolled-back",
        "n1: bad: no room; what was begun is undone (pull stays done)",
    )
    assert [(step.name, step.state) for step in result.steps] == [
        ("pull", "changed"),
        ("start", "undone"),
        ("bad", "failed"),
    ]


def test_an_undo_that_failed_is_told(driver: Driver) -> None:
    steps = [
        Step(name="start", do=("true",), undo=("sh", "-c", "echo cannot; exit 9")),
        Step(name="bad", do=("false",)),
        Step(name="never", do=("true",)),
    ]
    driver.system(server={"up": lambda ask: steps}, hosts="n1")
    result = row(driver.perform("up"), "n1")
    assert result.error == (
        "n1: bad: ended with 1 and said nothing; undoing it failed as well; try that again:"
        " inv runs.recover --host=n1"
    )
    assert [(step.name, step.state, step.error) for step in result.steps] == [
        ("start", "stuck", "cannot"),
        ("bad", "failed", "ended with 1 and said nothing"),
        ("never", "not-run", ""),
    ]


def test_a_question_that_failed_is_told(driver: Driver) -> None:
    ask_badly = Step(name="image", unless=("sh", "-c", "echo no daemon >&2; exit 2"), do=("true",))
    driver.system(server={"up": lambda ask: [ask_badly]}, hosts="n1")
    assert row(driver.perform("up"), "n1").error == (
        "n1: image: could not be asked whether it is already so (exit 2): no daemon;"
        " nothing was changed"
    )


def test_an_exit_code_of_a_sensitive_step_is_told_in_the_plans_words(driver: Driver) -> None:
    step = Step(
        name="login",
        do=("sh", "-c", "echo hunter2; exit 3"),
        stdin=Secret("hunter2"),
        sensitive=True,
        exit_messages=((3, "it was refused"),),
    )
    driver.system(server={"up": lambda ask: [step]}, hosts="n1")
    assert (
        row(driver.perform("up"), "n1").error
        == "n1: login: it was refused; nothing else was changed"
    )


def test_the_last_line_of_a_step_that_tells_stands_beside_its_name(driver: Driver) -> None:
    say = ("sh", "-c", "echo installing; echo 333 MB so far")
    talking, quiet = Step(name="tree", do=say, show_output=True), Step(name="other", do=say)
    hidden = Step(name="hidden", do=say, show_output=True, sensitive=True)
    driver.system(server={"up": lambda ask: [talking, quiet, hidden]}, hosts="n1")
    result = driver.perform("up")
    assert [step.said for step in row(result, "n1").steps] == ["333 MB so far", "", ""]
    ends = [event.result for event in driver.watcher.progress_of_kind("step")]
    assert [end.said for end in ends] == ["333 MB so far", "", ""]
    assert list(result_lines(result)) == ["n1 toy: changed: tree (333 MB so far), other, hidden"]
