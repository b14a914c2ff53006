"""After a change that has failed in the middle each row says how the service stands now."""

from pathlib import Path
from typing import Any

import pytest

from fairlead.model.errors import StepFailed
from fairlead.model.plan import NOT_KNOWN, Ask, Fact, Status, Step
from tests.driver import Driver, row

pytestmark = pytest.mark.slow
WAY = "see inv toy.status --host=n1"


@pytest.fixture
def toy(driver: Driver) -> Driver:
    """The service of a host is as its file says; each change of that of n1 fails, and leaves it as
    the file `then` says.
    """

    def facts(ask: Ask) -> list[Fact]:
        words = ("cat", str(file(driver, ask.target.host)))
        return [Fact("service", words, lambda code, output: output.strip())]

    def status(ask: Ask) -> Status:
        driver.questions.append(ask.target.peers)
        word = ask.facts["service"]
        if word == "dead":
            raise StepFailed(ask.target.host, "the engine does not answer", "inv toy.preflight")
        name = "work" if word == "works not" else "container"
        more = (("healthy", "yes"),) if word == "is of another site" else ()
        return Status(word == "runs", ((name, NOT_KNOWN if word == "silent" else word), *more))

    def change(remedy: str = "") -> Any:
        def verb(ask: Ask) -> list[Step]:
            host = ask.target.host
            program = '[ "$1" = n1 ] || exit 0; cat "$2" >"$3"; echo oh no; exit 1'
            words = ("sh", "-c", program, "_", host, str(driver.folder / "then"))
            do = (*words, str(file(driver, host)))
            begun = Step(name="begun", do=("true",), undo=("true",))
            return [begun, Step(name="work", do=do, remedy=remedy)]

        return verb

    def rollback(ask: Ask) -> list[Step]:
        """It cannot be asked whether it is to be done."""
        path = str(file(driver, ask.target.host))
        question = ("sh", "-c", 'echo exited >"$1"; exit 2', "_", path)
        return [Step(name="work", unless=question, do=("true",))]

    names = ("up", "upgrade", "build")
    verbs = {name: change() for name in names} | {"restart": change("see inv toy.logs --host=n1")}
    driver.system(server={"facts": facts, "status": status, "rollback": rollback, **verbs})
    for host in ("n1", "n2", "n3"):
        file(driver, host).write_text("runs\n")
    return driver


def file(driver: Driver, host: str) -> Path:
    return driver.folder / f"service-{host}"


def fail(driver: Driver, verb: str, then: str) -> str:
    """What is said of n1 behind its error, where the service is so afterwards."""
    (driver.folder / "then").write_text(f"{then}\n")
    result = driver.perform(verb, hosts=("n1",))
    error = row(result, "n1").error
    assert error.startswith("n1: work: oh no; what was begun is undone")
    assert (row(result, "n1").state, result.code, result.notes) == ("rolled-back", 1, ())
    return error.removeprefix("n1: work: oh no; what was begun is undone")


@pytest.mark.parametrize(
    ("then", "words"),
    [
        ("runs", "well"),
        ("has gone", f"not well (container has gone): {WAY}"),
        ("is of another site", f"not well (container is of another site, healthy yes): {WAY}"),
        ("works not", f"not well: {WAY}"),
        ("silent", f"not well (container not known): {WAY}"),
        (
            "dead",
            "not known (the engine does not answer; inv toy.preflight), then inv toy.up --host=n1",
        ),
    ],
)
def test_its_status_is_asked_once_more(toy: Driver, then: str, words: str) -> None:
    assert fail(toy, "upgrade", then) == f"; its status now: {words}"


def test_where_nothing_had_begun_up_brings_it_there(toy: Driver) -> None:
    error = row(toy.perform("rollback", hosts=("n1",)), "n1").error
    way = "inv toy.up --host=n1 brings it there, or says what is in the way"
    assert error.endswith(
        f"nothing was changed; its status now: not well (container exited): {way}"
    )


def test_one_remedy_is_enough(toy: Driver) -> None:
    words = "; see inv toy.logs --host=n1; its status now: not well (container has gone)"
    assert fail(toy, "restart", "has gone") == words
    assert fail(toy, "up", "has gone") == "; its status now: not well (container has gone)"


def test_who_builds_changes_no_service(toy: Driver) -> None:
    assert fail(toy, "build", "has gone") == ""


def test_only_the_host_that_failed_is_asked_and_its_row_alone_is_seen(toy: Driver) -> None:
    (toy.folder / "then").write_text("runs\n")
    toy.perform("upgrade", hosts=("n2",))
    usual = len(toy["n2"].asked)
    result = toy.perform("upgrade")
    assert [result.hosts[1].error, len(toy["n2"].asked)] == ["", 2 * usual]
    assert len(toy["n1"].asked) == usual + 1
    assert toy.watcher.kinds("n1").count("ended") == 1
    assert set(toy.questions) == {("n1",)}


def test_a_host_that_is_gone_is_not_asked(toy: Driver) -> None:
    toy["n1"].dead = True
    error = row(toy.perform("upgrade", hosts=("n1",)), "n1").error
    assert "its status now" not in error
