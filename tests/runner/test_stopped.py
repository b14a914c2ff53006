"""Which run stopped, by the lines of a journal."""

from collections.abc import Mapping
from typing import Any

import pytest

from fairlead.model.errors import CommandLineError
from fairlead.runner import stopped
from fairlead.runner.request import Request


def line(run: str, verb: str = "ps.upgrade", site: str = "lab", **states: str) -> Mapping[str, Any]:
    """A line of the journal: host -> state."""
    hosts = [{"host": host, "state": state} for host, state in states.items()]
    return {"run": run, "site": site, "verb": verb, "time": "T", "hosts": hosts}


STOPPED = line("r1", n1="changed", n2="rolled-back", n3="skipped", n4="skipped")


def test_a_run_that_stopped_is_gone_on_with_where_it_is_not_as_asked() -> None:
    run = stopped.last([STOPPED], "", "lab")
    assert (run.run, run.hosts) == ("r1", ("n2", "n3", "n4"))
    assert run.sentence == ("inv ps.upgrade of T stopped; 3 of 4 hosts are not as asked: n[2-4].")
    assert run.request() == Request(verb="upgrade", system="ps")


def test_what_the_same_verb_has_done_since_is_left_out_what_another_has_done_is_not() -> None:
    lines = [STOPPED, line("r2", n3="ok"), line("r3", "ps.restart", n4="changed")]
    assert stopped.last(lines, "", "lab").hosts == ("n2", "n4")


def test_of_several_the_last_is_meant_unless_one_is_named() -> None:
    lines = [STOPPED, line("r2", "ps.up", n9="failed"), line("r3", "ps.up", n1="ok")]
    assert stopped.last(lines, "", "lab").run == "r2"
    assert stopped.last(lines, "r1", "lab").run == "r1"


def test_the_options_of_the_verb_are_those_of_then() -> None:
    entry = {**line("r1", "daos.server.up", n1="failed"), "options": {"skip_dump": True}}
    assert stopped.last([entry], "", "lab").request() == Request(
        verb="up", system="daos", component="server", options={"skip_dump": True}
    )


def test_a_host_of_two_components_is_as_asked_where_both_are() -> None:
    rows = [{"host": "n1", "state": "ok"}, {"host": "n1", "state": "failed"}]
    assert stopped.last([{**STOPPED, "hosts": rows}], "", "lab").hosts == ("n1",)


NONE = {
    "": "nothing that was begun here for lab has stopped; what hosts remember",
    "r1": "run r1 was about the site far; name it: --site=far",
    "r2": "all hosts of run r2 are as asked by now",
    "r9": "no run r9 was begun here",
}


@pytest.mark.parametrize("run", NONE)
def test_where_there_is_none_it_is_said_why(run: str) -> None:
    lines = [{**STOPPED, "site": "far"}, line("r2", n1="failed"), line("r3", n1="changed")]
    with pytest.raises(CommandLineError) as error:
        stopped.last(lines, run, "lab")
    assert NONE[run] in str(error.value)
