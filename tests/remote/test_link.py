"""The line to one host: how long a lost one is sought, and whose lease binds nobody."""

import pytest

from fairlead.model.errors import Interrupted
from fairlead.remote.link import Link, waits
from fairlead.remote.results import Facts, Holder, HostRun


class Connection:
    closed = False

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(
    ("timeout", "silence", "patience"),
    [(0, 30, 300), (1, 6, 6), (6, 6, 6), (20, 20, 20), (120, 30, 120), (900, 30, 900)],
)
def test_how_long_a_silent_host_is_sought(timeout, silence, patience) -> None:
    """A host gives a sign of life every five seconds: nobody is given up sooner."""
    assert waits(timeout) == (silence, patience)


def test_a_lost_line_is_opened_anew() -> None:
    lines = [Connection(), Connection()]
    link = Link("n1", iter(lines).__next__)
    assert (link.connection(), link.connection()) == (lines[0], lines[0])
    link.drop()
    assert (link.connection(), lines[0].closed, lines[1].closed) == (lines[1], True, False)


def test_who_wants_a_fresh_connection_gets_none_that_was_kept() -> None:
    kept, fresh = Connection(), Connection()
    link = Link("n1", lambda: kept, connect_anew=lambda: fresh)
    assert (link.connection(), link.fresh(), link.connection()) == (kept, fresh, kept)


def test_a_closed_link_stays_closed_so_that_whoever_still_follows_ends() -> None:
    link = Link("n1", Connection)
    line = link.connection()
    link.close()
    assert line.closed
    with pytest.raises(
        Interrupted, match="n1: is no longer looked after; inv runs.list shows what it does"
    ):
        link.connection()


def run(name: str, state: str, alive: bool = False) -> HostRun:
    return HostRun(name, state, alive, False, "toy", "ann@desk", "inv toy.up")


@pytest.mark.parametrize(
    ("runs", "dead"),
    [
        ((run("R.1", "open"),), True),
        ((run("R.1", "changed"), run("R.2", "interrupted")), True),
        ((run("R.1", "open", alive=True),), False),
        ((run("R.1", "changed"),), False),  # between two phases: its operator lives, perhaps
        ((run("Q.1", "open"),), False),
        ((), False),
    ],
)
def test_the_lease_of_a_run_that_was_left_open_binds_nobody(runs, dead) -> None:
    assert Facts({}, runs, Holder("R")).is_held_by_the_dead is dead
    assert Facts({}, runs).is_held_by_the_dead is False
