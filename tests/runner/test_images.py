"""Which image a container ran is noted before and after, where something was done."""

from pathlib import Path
from typing import Any

import pytest

from fairlead.model.plan import Ask, Fact, Step
from fairlead.model.results import ImageChange
from fairlead.operations.container import state
from tests.driver import Driver, row

pytestmark = pytest.mark.slow
LINE = "/{}\tid\t{}\tweb:1\trunning\tnow\talways\tnull\t0\t1"


@pytest.fixture
def toy(driver: Driver) -> Driver:
    """What stands on a host is what its file says: this is no engine."""

    def facts(ask: Ask) -> list[Fact]:
        return [Fact("container", ("cat", str(file(driver, ask.target.host))), state.containers)]

    def up(ask: Ask) -> list[Step]:
        path = str(file(driver, ask.target.host))
        program = 'printf %b "$1" >"$2"; [ "$3" != n2 ]'
        after = "\\n".join((LINE.format("web", "new"), LINE.format("web.previous", "old"), ""))
        words = ("sh", "-c", program, "_", after.replace("\t", "\\t"), path)
        return [
            Step(
                name="container",
                unless=("grep", "-q", "new", path),
                do=(*words, ask.target.host),
                undo=("sh", "-c", ': >"$1"', "_", path),
            )
        ]

    def restart(ask: Ask) -> list[Step]:
        return [Step(name="again", do=("true",))]

    driver.system(server={"facts": facts, "up": up, "restart": restart, "rollback": restart})
    for host in ("n1", "n2", "n3"):
        write(driver, host, "old")
    write(driver, "n3", "new")
    return driver


def file(driver: Driver, host: str) -> Path:
    return driver.folder / f"engine-{host}"


def write(driver: Driver, host: str, image: str) -> None:
    file(driver, host).write_text(LINE.format("web", image) + "\n")


def images(result: Any) -> dict[str, tuple[ImageChange, ...]]:
    return {host: row(result, host).images for host in ("n1", "n2", "n3")}


def test_of_what_was_done_and_what_came_back(toy: Driver) -> None:
    result = toy.perform("up")
    assert images(result) == {
        "n1": (ImageChange("web", "web:1", "old", "new"),),
        "n2": (ImageChange("web", "web:1", "old", ""),),
        "n3": (),
    }
    assert toy["n1"].leases() == []


def test_who_changes_nothing_is_asked_nothing_more(toy: Driver) -> None:
    toy.perform("up")
    counts = {host: len(toy[host].asked) for host in ("n1", "n3")}
    result = toy.perform("up", hosts=("n1", "n3"))
    assert {row.images for row in result.hosts} == {()}
    assert len({len(toy[host].asked) - count for host, count in counts.items()}) == 1
    dry = toy.perform("up", hosts=("n1",), dry_run=True)
    assert row(dry, "n1").images == ()


def test_a_verb_that_gives_no_container_another_image_asks_nothing_more(toy: Driver) -> None:
    counts = []
    for verb in ("restart", "rollback"):
        before = len(toy["n1"].asked)
        result = toy.perform(verb, hosts=("n1",))
        counts.append((len(toy["n1"].asked) - before, len(row(result, "n1").images)))
    assert counts == [(counts[1][0] - 1, 0), (counts[1][0], 1)]


def test_an_engine_that_does_not_answer_afterwards_is_not_known(toy: Driver) -> None:
    def up(ask: Ask) -> list[Step]:
        return [Step(name="a", do=("rm", str(file(toy, ask.target.host))))]

    def facts(ask: Ask) -> list[Fact]:
        return [Fact("container", ("cat", str(file(toy, ask.target.host))), state.containers)]

    toy.system("other", server={"facts": facts, "up": up})
    result = toy.perform("up", system="other", hosts=("n1",))
    assert row(result, "n1").images == (ImageChange("web", "web:1", "old", "not known"),)
