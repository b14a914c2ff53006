"""One part of a run: its targets, by the hosts on which they are worked on."""

from collections.abc import Iterable
from typing import Any

import pytest

from fairlead.runner.host_answers import Known
from fairlead.runner.part import PartRun
from fairlead.runner.request import Common, Request
from fairlead.runner.targets import parts
from tests.driver import Driver


class Counted(dict[str, Any]):
    """Rows that count how often one is looked for."""

    looks = 0

    def __contains__(self, host: object) -> bool:
        self.looks += 1
        return super().__contains__(host)


@pytest.fixture
def part(driver: Driver) -> PartRun:
    driver.system(server={"up": lambda ask: ()})
    context, request = driver.context(), Request(verb="up")
    (chosen,) = parts(request, (), driver.plugins, context.site())
    more = {"secrets": {}, "notes": [], "known": Known(), "components": {}}
    return PartRun(chosen, request, Common(), context, run="r", **more)


def names(targets: Iterable[Any]) -> list[str]:
    return [target.host for target in targets]


def test_a_target_is_open_until_it_has_a_row(part: PartRun) -> None:
    assert (names(part.open_targets), names(part.targets_on("n2"))) == (["n1", "n2", "n3"], ["n2"])
    part.write_row(part.targets[1], "ok")
    assert (names(part.open_targets), part.targets_on("n2")) == (["n1", "n3"], [])
    assert part.targets_on("n9") == []


def test_who_looks_for_the_targets_of_a_host_looks_at_no_other_host(part: PartRun) -> None:
    part.rows = Counted()
    for host in ("n1", "n2", "n3"):
        part.targets_on(host)
    assert part.rows.looks == 3
