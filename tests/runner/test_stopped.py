"""Which run stopped, by the lines of a journal."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from fairlead.model.errors import CommandLineError
from fairlead.model.shares import Pause, Share
from fairlead.runner import stopped
from fairlead.runner.request import Common, Request


def line(run: str, verb: str = "ps.upgrade", site: str = "lab", **states: str) -> Mapping[str, Any]:
    """A line of the journal: host -> state."""
    hosts = [{"host": host, "state": state} for host, state in states.items()]
    return {"run": run, "site": site, "verb": verb, "time": "T", "hosts": hosts}


KNOWN = tuple(f"n{number}" for number in range(1, 10))


def last(lines: Sequence[Mapping[str, Any]], run: str = "", site: str = "lab") -> stopped.Stopped:
    return stopped.last(reversed(lines), run, site, KNOWN)


STOPPED = line("r1", n1="changed", n2="rolled-back", n3="skipped", n4="skipped")


def test_a_run_that_stopped_is_gone_on_with_where_it_is_not_as_asked() -> None:
    run = last([STOPPED])
    assert (run.run, run.hosts) == ("r1", ("n2", "n3", "n4"))
    assert run.sentence == ("inv ps.upgrade of T stopped; 3 of 4 hosts are not as asked: n[2-4].")
    assert run.request() == Request(verb="upgrade", system="ps")


def test_what_the_same_verb_has_done_since_is_left_out_what_another_has_done_is_not() -> None:
    lines = [STOPPED, line("r2", n3="ok"), line("r3", "ps.restart", n4="changed")]
    assert last(lines).hosts == ("n2", "n4")


def test_of_several_the_last_is_meant_unless_one_is_named() -> None:
    lines = [STOPPED, line("r2", "ps.up", n9="failed"), line("r3", "ps.up", n1="ok")]
    assert last(lines).run == "r2"
    assert last(lines, "r1").run == "r1"


def test_the_options_of_the_verb_are_those_of_then() -> None:
    entry = {**line("r1", "daos.server.up", n1="failed"), "options": {"skip_dump": True}}
    assert last([entry]).request() == Request(
        verb="up", system="daos", component="server", options={"skip_dump": True}
    )


def test_so_are_those_of_every_verb_unless_they_are_said_anew() -> None:
    then = Common(batch=(Share(1), Share(percent=50)), pause=Pause(60), reason="OPS-1", yes=True)
    entry = {**STOPPED, "common": then.lasting, "reason": then.reason}
    now = Common(batch=(Share(4),), wait=5.0)
    assert last([entry]).common_with(Common()) == replace(then, yes=False)
    assert last([entry]).common_with(now) == replace(then, yes=False, batch=now.batch, wait=5.0)


def test_options_that_are_not_understood_are_not_left_out() -> None:
    with pytest.raises(CommandLineError, match="how run r1 was to go is not understood"):
        last([{**STOPPED, "common": {"batch": "1"}}]).common_with(Common())


def test_a_host_that_was_left_out_is_not_left_behind() -> None:
    rows = [*STOPPED["hosts"], {"host": "n5", "state": "skipped", "left_out": True}]
    assert last([{**STOPPED, "hosts": rows}]).hosts == ("n2", "n3", "n4")
    entry = line("r1", n1="changed") | {"hosts": rows[:1] + rows[-1:]}
    with pytest.raises(CommandLineError, match="has stopped"):
        last([entry])


def test_a_host_that_has_gone_or_is_offline_by_now_is_not_waited_for() -> None:
    hosts = ("n1", "n2", "n3")
    assert stopped.last([STOPPED], "", "lab", hosts).hosts == ("n2", "n3")
    with pytest.raises(CommandLineError, match="has stopped"):
        stopped.last([STOPPED], "", "lab", ("n1",))


def test_a_host_of_two_components_is_as_asked_where_both_are() -> None:
    rows = [{"host": "n1", "state": "ok"}, {"host": "n1", "state": "failed"}]
    assert last([{**STOPPED, "hosts": rows}]).hosts == ("n1",)


NONE = {
    "": "nothing that was begun here for lab has stopped; what hosts remember",
    "r1": "run r1 was about the site far; name it: --site=far",
    "r2": "all hosts of run r2 are as asked by now, or offline",
    "r9": "no run r9 was begun here",
}


@pytest.mark.parametrize("run", NONE)
def test_where_there_is_none_it_is_said_why(run: str) -> None:
    lines = [{**STOPPED, "site": "far"}, line("r2", n1="failed"), line("r3", n1="changed")]
    with pytest.raises(CommandLineError) as error:
        last(lines, run)
    assert NONE[run] in str(error.value)
