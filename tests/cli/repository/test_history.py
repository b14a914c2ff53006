"""inv history: what was done on the hosts, by their own journals; over real shells."""

from pathlib import Path
from typing import Any

import pytest

from fairlead import __version__
from fairlead.cli.commands import CommandResult
from fairlead.cli.repository.history import history
from fairlead.model import operator
from fairlead.model.errors import CommandLineError
from fairlead.model.plan import Ask, Step
from fairlead.output.journal import Journal
from fairlead.remote.origin import Origin
from fairlead.runner.request import Common
from tests.driver import Driver
from tests.machine import a_run

pytestmark = pytest.mark.slow


@pytest.fixture
def driver(driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Driver:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    def up(ask: Ask) -> list[Step]:
        return [Step(name="a", do=("test", ask.target.host, "!=", "n2"))]

    driver.system(server={"up": up})
    return driver


def asked(driver: Driver, *hosts: str, **flags: Any) -> CommandResult:
    return history(driver.context(), Common(hosts=hosts), **flags)


def rows(answer: CommandResult) -> list[tuple[str, ...]]:
    (table,) = answer.listing or ()
    return [row[1:] for row in table.rows[1:]]


def test_a_run_of_anybody_is_a_line_and_of_ours_the_exit_code_is_known(driver: Driver) -> None:
    origin = Origin("0.1.0", "b" * 40)
    bob = a_run("pond", who="bob@home", name="20200101T000000-b", origin=origin)
    driver["n3"].do(Step(name="a", do=("true",)), run=bob)
    result = driver.perform("up", reason="OPS-1 it's new")
    Journal().ended(result)
    answer = asked(driver)
    assert rows(answer) == [
        ("bob@home", "inv pond.up", "", "n3 changed", "not known", "b" * 12, bob.name),
        (
            *(operator.address(), "inv toy.up", "OPS-1 it's new"),
            *("n[1,3] changed, n2 undone", "1", "", result.run),
        ),
    ]
    assert answer.data[0]["code"] is None
    assert [row["fairlead"] for row in answer.data] == ["0.1.0", __version__]
    assert answer.data[0]["revision"] == "b" * 40
    assert answer.data[1]["hosts"][0] == {"host": "n1", "system": "toy", "state": "changed"}


def test_it_may_be_about_some_of_it(driver: Driver) -> None:
    for name, who in (("20200101T000000-b", "bob@home"), ("20200102T000000-c", "cid@home")):
        driver["n3"].do(Step(name="a", do=("true",)), run=a_run("pond", who=who, name=name))
    driver.perform("up")
    assert [row[0] for row in rows(asked(driver, who="cid"))] == ["cid@home"]
    assert [row[1] for row in rows(asked(driver, system="toy"))] == ["inv toy.up"]
    assert [row[1] for row in rows(asked(driver, "n1"))] == ["inv toy.up"]
    assert asked(driver, who="nobody").text == "nothing was changed there within 4w"
    with pytest.raises(CommandLineError, match="--since"):
        asked(driver, since="soon")


def test_a_host_that_cannot_be_asked_is_not_left_out_unseen(driver: Driver) -> None:
    driver.perform("up")
    driver["n3"].dead = True
    for verify in (False, True):
        answer = asked(driver, verify=verify)
        assert (answer.code, "n3: no route to it; look at its cable" in answer.text) == (5, True)


def test_a_line_that_was_taken_away_is_named_with_its_host_and_place(driver: Driver) -> None:
    for _ in range(3):
        driver.perform("up")
    assert asked(driver, verify=True).text == "n[1-3]  no line is missing"
    path = driver["n2"].state / "journal"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([lines[0], lines[2]]))
    answer = asked(driver, verify=True)
    assert answer.code == 1
    assert answer.text.splitlines() == [
        f"n2  before journal:2 ({lines[2][:20]}) lines are missing, or it was changed",
        "n[1,3]  no line is missing",
    ]
    assert [len(row["faults"]) for row in answer.data] == [0, 1, 0]
