"""The line to one host: how long a lost one is sought, and whose lease binds nobody."""

import pytest

from fairlead.model.errors import Interrupted
from fairlead.remote import transaction
from fairlead.remote.transaction import Facts, Holder, Link, OnHost


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
    assert transaction.waits(timeout) == (silence, patience)


def test_a_lost_line_is_opened_anew() -> None:
    lines = [Connection(), Connection()]
    link = Link("n1", iter(lines).__next__)
    assert (link.line(), link.line()) == (lines[0], lines[0])
    link.lost()
    assert (link.line(), lines[0].closed, lines[1].closed) == (lines[1], True, False)


def test_a_closed_link_stays_closed_so_that_whoever_still_follows_ends() -> None:
    link = Link("n1", Connection)
    line = link.line()
    link.close()
    assert line.closed
    with pytest.raises(
        Interrupted, match="n1: is no longer looked after; inv runs.list shows what it does"
    ):
        link.line()


def run(name: str, state: str, alive: bool = False) -> OnHost:
    return OnHost(name, state, alive, False, "toy", "ann@desk", "inv toy.up")


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
    assert Facts({}, runs, Holder("R")).held_by_the_dead is dead
    assert Facts({}, runs).held_by_the_dead is False
