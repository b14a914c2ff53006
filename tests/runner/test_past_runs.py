"""`@failed` and its like: the hosts that a run has left so, by the lines of a journal."""

from collections.abc import Mapping
from typing import Any

import pytest

from fairlead.model.errors import CommandLineError
from fairlead.runner import past_runs
from tests.runner.test_stopped import line

KNOWN = ("n1", "n2", "n3", "n4")
LINES = [
    line("r1", n1="failed", n2="ok"),
    line("r2", n1="changed", n2="rolled-back", n3="skipped", n4="unreachable"),
    line("r3", site="far", n3="failed"),
]


def hosts(group: str, run: str = "", lines: list[Mapping[str, Any]] = LINES) -> tuple[str, ...]:
    return past_runs.hosts(reversed(lines), "lab", KNOWN, group, run)


def test_the_last_run_of_the_site_is_meant_unless_one_is_named() -> None:
    assert hosts("failed") == ("n2",)
    assert hosts("failed", "r1") == ("n1",)


def test_each_group_has_the_hosts_of_its_own_states() -> None:
    assert (hosts("changed"), hosts("unreachable")) == (("n1",), ("n4",))
    assert hosts("failed", lines=[line("r4", n1="locked", n2="ok")]) == ("n1",)


def test_a_host_of_several_components_belongs_where_any_of_them_is_so() -> None:
    rows = [{"host": "n1", "state": "failed"}, {"host": "n1", "state": "changed"}]
    both = [{**LINES[0], "hosts": rows}]
    assert hosts("failed", lines=both) == hosts("changed", lines=both) == ("n1",)


ERRORS = {
    ("failed", "r9"): "@failed: no run r9 was begun here; which runs there are: inv runs.history",
    ("failed", "r3"): "@failed: run r3 was about the site far; name it: --site=far",
    ("unreachable", "r1"): (
        "@unreachable: no host of run r1 (inv ps.upgrade of T) is unreachable; another run:"
        " --host=@unreachable:RUN; which runs there are: inv runs.history"
    ),
}


@pytest.mark.parametrize(("group", "run"), ERRORS)
def test_where_there_is_none_it_is_said_which_run_was_looked_at(group: str, run: str) -> None:
    with pytest.raises(CommandLineError) as error:
        hosts(group, run)
    assert str(error.value) == ERRORS[group, run]


def test_where_nothing_was_begun_it_is_said() -> None:
    with pytest.raises(CommandLineError, match="@changed: nothing was begun here for lab; which"):
        hosts("changed", lines=[])


def test_a_host_that_the_site_has_lost_is_not_left_out_unseen() -> None:
    with pytest.raises(CommandLineError) as error:
        hosts("changed", lines=[line("r5", n1="changed", x9="changed")])
    assert str(error.value) == (
        "@changed: run r5 (inv ps.upgrade of T) was about x9 too, which the site does not have any"
        " more; name the others by their names"
    )


OLD = {"host": "n1", "component": "ps", "state": "changed"}  # as older lines are


def timed(state: str, **seconds: float) -> Mapping[str, Any]:
    row = {"host": "n1", "system": "ps", "component": "ps", "state": state, "seconds": seconds}
    return {**line("r1"), "hosts": [row]}


def test_how_long_a_phase_takes_is_known_by_the_hosts_that_it_has_changed() -> None:
    lines = [
        timed("changed", pull=60, replace=8.5),
        timed("failed", replace=900),
        timed("changed", pull=60),
        {**timed("changed", replace=7), "site": "far"},
        {**timed("changed", replace=6), "hosts": [OLD]},
    ]
    assert past_runs.times(lines, "lab", "ps", "ps", "replace") == (8.5,)
    assert past_runs.times(lines, "lab", "ps", "other", "replace") == ()
