"""The journal of a host is a chain: what is taken out of it, or changed in it, is missed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fairlead.model.plan import Step
from fairlead.remote import transaction
from fairlead.remote.host_journal import HostJournal, JournalEntry
from tests.machine import Machine, a_run

pytestmark = pytest.mark.slow
Change = Callable[[list[str]], list[str]]


def runs(machine: Machine, count: int = 4) -> list[str]:
    return [machine.do(Step(name="a", do=("true",))).name for _ in range(count)]


def journal(machine: Machine) -> HostJournal:
    return transaction.journal(machine.connect())


def test_a_journal_that_nobody_touched_has_no_fault(every: Machine) -> None:
    names = runs(every)
    read = journal(every)
    assert [*read.faults()] == []
    first = next(read.entries())
    assert first == JournalEntry(
        first.time, names[0].removesuffix(".1"), "toy", "changed", "ann@desk", "inv toy.up"
    )
    assert [entry.run for entry in read.entries()] == [name[:-2] for name in names]


CHANGES: dict[str, tuple[Change, str]] = {
    "in the middle": (lambda lines: [lines[0], *lines[2:]], "before journal:2 ("),
    "at the beginning": (lambda lines: lines[1:], "before journal:1 ("),
    "at the end": (lambda lines: lines[:-1], "at the end of the journal lines are missing"),
    "two at the end": (lambda lines: lines[:-2], "at the end of the journal lines are missing"),
    "all of it": (lambda lines: [], "its journal has no chained line"),
    "another word": (
        lambda lines: [lines[0], lines[1].replace("ann@desk", "bob@desk"), *lines[2:]],
        "before journal:2 (",
    ),
    "an own line": (
        lambda lines: [*lines[:2], "2026-01-01T00:00:00Z r.1 toy ok bob@desk inv x\n", *lines[2:]],
        "journal:3 is no line of a journal: '2026-01-01T00:00:00Z",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_taken_away_or_changed_is_named(machine: Machine, change: str) -> None:
    runs(machine)
    meddle, words = CHANGES[change]
    path = machine.state / "journal"
    path.write_text("".join(meddle(path.read_text().splitlines(keepends=True))))
    (fault,) = journal(machine).faults()
    assert fault.startswith(words)


def test_what_comes_after_does_not_hide_it(machine: Machine) -> None:
    runs(machine)
    path = machine.state / "journal"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    runs(machine, 2)
    assert [fault[:18] for fault in journal(machine).faults()] == ["before journal:4 ("]


def test_a_worker_that_was_killed_before_it_noted_the_link_is_no_fault(machine: Machine) -> None:
    runs(machine, 2)
    last = machine.state / "journal.last"
    link = last.read_text()
    runs(machine, 1)
    last.write_text(link)
    assert [*journal(machine).faults()] == []
    runs(machine, 2)
    assert [*journal(machine).faults()] == []


def test_lines_from_before_there_were_links_may_stand_at_the_beginning(machine: Machine) -> None:
    runs(machine, 1)
    path = machine.state / "journal"
    old = "2026-01-01T00:00:00Z r1.1 toy changed ann@desk inv toy.up\n"
    path.write_text(old + path.read_text())
    read = journal(machine)
    assert ([*read.faults()], next(read.entries()).run) == ([], "r1")


def test_a_full_journal_is_put_aside_and_the_chain_goes_on(machine: Machine) -> None:
    runs(machine, 1)
    path = machine.state / "journal"
    old = "2026-01-01T00:00:00Z r1.1 toy changed ann@desk inv toy.up\n"
    path.write_text(old * (1 + (1 << 20) // len(old)) + path.read_text())
    (name,) = runs(machine, 1)
    assert path.read_text().count("\n") == 1
    read = journal(machine)
    assert ([*read.pieces], [*read.faults()]) == (["journal.1", "journal"], [])
    assert [*read.entries()][-1].run == name[:-2]
    machine.state.joinpath("journal.1").unlink()
    assert [fault[:18] for fault in journal(machine).faults()] == ["before journal:1 ("]


def test_no_piece_is_ever_overwritten(machine: Machine) -> None:
    runs(machine, 1)
    for piece in ("journal.1", "journal.2"):
        (machine.state / piece).write_text(f"{piece}\n")
    Path(machine.state / "journal").write_text("x" * (1 << 20))
    runs(machine, 1)
    kept = [(machine.state / f"journal.{number}").read_text()[:9] for number in (1, 2, 3)]
    assert kept == ["journal.1", "journal.2", "x" * 9]


def test_workers_of_two_systems_that_end_at_once_are_one_chain(machine: Machine) -> None:
    locks = [a_run(name=f"R{number}", lock=f"toy{number}") for number in range(6)]
    steps = Step(name="a", do=("sleep", "0.2"))
    working = [machine.begin(steps, run=run) for run in locks]
    assert {each.result().state for each in working} == {"changed"}
    assert [*journal(machine).faults()] == []
    assert len([*journal(machine).entries()]) == 6


def test_a_host_that_has_no_journal_is_not_well(machine: Machine) -> None:
    machine.ask()
    assert [*journal(machine).faults()] == ["its journal has no chained line"]
