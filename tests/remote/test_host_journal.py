"""The journal of a host is a chain: what is taken out of it, or changed in it, is missed."""

import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from fairlead.model.plan import Step
from fairlead.remote import transaction
from fairlead.remote.host_journal import HostJournal, JournalEntry
from fairlead.remote.origin import Origin
from fairlead.remote.quoting import quote
from tests.machine import Machine, a_run

pytestmark = pytest.mark.slow
REASON = "OPS-1: it's --reason=new [fairlead 9.0.0]"
OLD_LOGGER = Path(__file__).parent / "shell/old_logger.sh"
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


@pytest.mark.parametrize("length", [1, 30, 70, -66, -2, -1])
def test_a_line_that_was_cut_short_is_named_and_swallows_none(every: Machine, length: int) -> None:
    names = runs(every, 2)
    path, last = every.state / "journal", every.state / "journal.last"
    before, link = path.read_text(), last.read_text()
    whole = runs(every, 1)
    written = path.read_text().removeprefix(before)[:length]
    path.write_text(before + written)
    last.write_text(link)  # whoever cannot write all of the line does not note its link
    is_lost = length != -1  # more than the end of the line
    names += [] if is_lost else whole
    for count in (0, 2):
        names += runs(every, count)
        read = journal(every)
        sentence = f"journal:3 was cut short, and how that run ended is lost: {written[:60]!r}"
        assert [*read.faults()] == [sentence] * is_lost
        assert [entry.run for entry in read.entries()] == [name[:-2] for name in names]
    assert int(last.read_text().split()[1]) == path.stat().st_size


def test_a_first_line_that_was_cut_short_is_none_from_before_there_were_links(
    machine: Machine,
) -> None:
    runs(machine, 1)
    path, last = machine.state / "journal", machine.state / "journal.last"
    path.write_text(path.read_text()[:70])
    last.unlink()
    runs(machine, 1)
    (fault,) = journal(machine).faults()
    assert fault.startswith("journal:1 was cut short")


@pytest.mark.parametrize("why", ["size", "unknown size", "age"])
def test_a_full_or_old_journal_is_put_aside_and_the_chain_goes_on(
    machine: Machine, why: str
) -> None:
    runs(machine, 1)
    path, last = machine.state / "journal", machine.state / "journal.last"
    month = "2026-01" if why == "age" else time.strftime("%Y-%m", time.gmtime())
    old = f"{month}-01T00:00:00Z r1.1 toy changed ann@desk inv toy.up\n"
    many = 1 if why == "age" else 1 + (1 << 20) // len(old)
    path.write_text(old * many + path.read_text())
    link, length = last.read_text().split()
    if why != "age":
        last.write_text(f"{link}\n" + f"{path.stat().st_size}\n" * (why == "size"))
    else:
        assert int(length) == path.stat().st_size - len(old)
    (name,) = runs(machine, 1)
    assert path.read_text().count("\n") == 1
    read = journal(machine)
    assert ([*read.pieces], [*read.faults()]) == (["journal.1", "journal"], [])
    assert [*read.entries()][-1].run == name[:-2]
    machine.state.joinpath("journal.1").unlink()
    assert [fault[:18] for fault in journal(machine).faults()] == ["before journal:1 ("]


def test_a_young_and_short_journal_stays(every: Machine) -> None:
    runs(every, 3)
    link, length = (every.state / "journal.last").read_text().split()
    assert (len(link), int(length)) == (64, (every.state / "journal").stat().st_size)
    assert not (every.state / "journal.1").exists()


def test_reason_and_origin_stand_in_the_line(every: Machine) -> None:
    what = f"inv toy.up --host=n1 --reason={quote(REASON)}"
    origin = Origin("0.3.0", "a" * 40)
    step = Step(name="a", do=("true",))
    for run in (a_run(what=what, origin=origin), a_run(what=what)):
        every.do(step, run=run)
    entries = [*journal(every).entries()]
    words = [(entry.what, entry.reason, entry.origin) for entry in entries]
    assert words == [("inv toy.up --host=n1", REASON, known) for known in (origin, Origin())]


def test_the_last_change_of_a_subject_is_told_with_the_facts(every: Machine) -> None:
    step, failing = Step(name="a", do=("true",)), Step(name="a", do=("false",))
    long, short = (a_run(subject="toy.a", who=who) for who in ("bob@a-long-name", "cid@b"))
    every.do(step, run=long)
    every.do(step, run=short)
    every.do(failing, run=a_run(subject="toy.a", who="dan@c"))
    every.do(step, run=a_run(subject="toy.b", who="eve@d"))
    changes = [
        transaction.ask(every.connect(), (), None, name).change
        for name in ("toy.a", "toy.b", "toy.c", "")
    ]
    assert [change and change.who for change in changes] == ["cid@b", "eve@d", None, None]
    assert changes[0] == [*journal(every).entries()][1]


def test_with_syslog_each_line_is_sent_there_too(machine: Machine) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as syslog:
        syslog.bind(str(machine.folder / "log"))
        done = machine.do(Step(name="a", do=("true",)), run=a_run(syslog=True))
        syslog.settimeout(10)
        line = syslog.recv(4096).decode()
        machine.do(Step(name="a", do=("true",)), run=a_run())
        syslog.settimeout(0.2)
        with pytest.raises(TimeoutError):
            syslog.recv(4096)
    (entry, _), *_ = (text.split("\t") for text in (machine.state / "journal").open())
    assert (line.startswith("<13>"), line.endswith(f" fairlead: {entry}")) == (True, True)
    assert done.ended.uncopied == ""


def test_a_syslog_that_does_not_hear_is_told_and_the_journal_has_the_line(machine: Machine) -> None:
    step = Step(name="a", do=("true",))
    ended = machine.do(step, run=a_run(syslog=True)).ended
    path = f"{machine.folder}/log"
    assert (ended.state, ended.uncopied) == ("changed", f"there is no socket {path}")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as syslog:
        syslog.bind(path)
    ended = machine.do(step, run=a_run(syslog=True)).ended
    assert (ended.state, "Connection refused" in ended.uncopied) == ("changed", True)
    assert len([*journal(machine).entries()]) == 2


def test_a_logger_that_knows_none_of_our_options_is_used_as_it_is(machine: Machine) -> None:
    old = machine.bin / "logger"
    old.write_text(f"#!/bin/sh\n{OLD_LOGGER.read_text()}")
    old.chmod(0o755)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as syslog:
        syslog.bind(str(machine.folder / "log"))
        ended = machine.do(Step(name="a", do=("true",)), run=a_run(syslog=True)).ended
    words = (machine.folder / "told").read_text()
    assert (ended.uncopied, words.startswith("-t fairlead -- 20")) == ("", True)


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
