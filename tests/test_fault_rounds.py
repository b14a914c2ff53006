"""What the rounds with faults call untrue, which command they take for the way out, what is drawn
and what is kept of them (tests/e2e/faults)."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.e2e.faults.catalogue import FAULTS, GOALS, ROUNDS, fault_of
from tests.e2e.faults.judge import UNWELL_NOW, WELL_NOW, untruths
from tests.e2e.faults.labs import share
from tests.e2e.faults.page import PAGE, page
from tests.e2e.faults.perfsonar_arena import PerfSonar
from tests.e2e.faults.record import Record, append, due, edition, latest, mended, of_result, read
from tests.e2e.faults.rounds import Result, draw
from tests.e2e.faults.table import table
from tests.e2e.faults.truth import Remains, Seen, Truth
from tests.e2e.faults.words import Words

NAME = PerfSonar.names[0]
UPGRADE = ("perfsonar.upgrade", "--host=n4")


def truth(image: str = "old", state: str = "running", **more) -> Truth:
    """A test point of this image."""
    seen = {NAME: Seen("id", image, state, 0)}
    return Truth(**({"containers": seen, "healthy": True, "release": image, "marks": "m"} | more))


def words(code: int, state: str, error: str = "", argv: tuple[str, ...] = UPGRADE) -> Words:
    row = {"host": PerfSonar.host, "state": state, "steps": [], "checks": [], "error": error}
    document = {"code": code, "ok": code == 0, "hosts": [row]}
    return Words(argv, code, json.dumps(document), "")


@pytest.mark.parametrize(
    ("said", "after", "claim"),
    [
        (words(8, "rolled-back", "n4: healthy: no; the old one is back"), truth(), ""),
        (
            words(8, "rolled-back", "n4: healthy: no; the old one is back"),
            truth(healthy=False),
            "says that the old one is back, and it does not answer",
        ),
        (
            words(8, "rolled-back", "n4: healthy: no; the old one is back"),
            truth("new"),
            "says that the old one is back, and another one or none runs",
        ),
        (words(0, "changed"), truth("new"), ""),
        (words(0, "changed", "n4: run R failed, and undid everything by itself"), truth("new"), ""),
        (words(0, "changed"), truth("old"), "says that all is as asked, and old runs, not new"),
        (
            words(0, "changed"),
            truth("new", marks=""),
            "says that all is as asked, and state is lost",
        ),
        (
            words(1, "failed", "n4: pull: no; nothing was changed"),
            truth("old", "exited", healthy=False),
            "says that nothing was changed, and another one or none runs",
        ),
        (
            words(1, "rolled-back", f"n4: pull: no; what was begun is undone; {UNWELL_NOW[1]}"),
            truth("old", "exited", healthy=False),
            "",
        ),
        (
            words(1, "rolled-back", f"n4: pull: no; what was begun is undone; {UNWELL_NOW[1]}"),
            truth(containers={}, healthy=False, has_engine=False),
            "",
        ),
        (
            words(1, "rolled-back", f"n4: pull: no; what was begun is undone; {UNWELL_NOW[0]}"),
            truth("new", "exited", healthy=False),
            "says that the old one is back, and another one or none runs",
        ),
        (
            words(8, "rolled-back", f"n4: start: no; the old one is back; {UNWELL_NOW[0]}"),
            truth("old", "exited", healthy=False),
            "says that the old one is back, and another one or none runs",
        ),
        (
            words(1, "failed", f"n4: pull: no; {WELL_NOW}"),
            truth("old", healthy=False),
            "says that its status is well, and it does not answer",
        ),
        (words(1, "failed"), truth(), "says failed of n4 and not why"),
        (words(0, "skipped"), truth("new"), "says skipped of n4 with exit code 0"),
    ],
)
def test_a_claim_is_compared_with_what_stands_there(said, after, claim, monkeypatch) -> None:
    arena = object.__new__(PerfSonar)
    claims = untruths(arena, said, truth(), after, "new")
    assert [claim in one for one in claims] == [True] * bool(claim)


def test_a_status_is_true_if_it_was_so_before_or_after() -> None:
    arena = object.__new__(PerfSonar)
    ok = words(0, "ok", argv=("perfsonar.status",))
    assert untruths(arena, ok, truth(healthy=False), truth(), "") == []
    assert len(untruths(arena, ok, truth(healthy=False), truth(healthy=False), "")) == 1
    bad = words(1, "failed", "it does not answer", argv=("perfsonar.status",))
    assert len(untruths(arena, bad, truth(), truth(), "")) == 1
    assert untruths(arena, bad, truth(), truth(), "", alone=False) == []  # in an upgrade


@pytest.mark.parametrize(
    ("error", "command"),
    [
        (
            "n2: run R of me@here (inv perfsonar.up --host=n2) was left in the middle; bring it to "
            "one side: inv runs.recover --host=n2",
            ("runs.recover", "--host=n2"),
        ),
        (
            "n2: me works here (inv perfsonar.up); wait with --wait=11m, or if me is gone: inv "
            "runs.release --host=n2",
            ("runs.release", "--host=n2"),
        ),
        (
            "n1  R  an undo failed; leave it: inv runs.recover --host=n1 --forward  (me@here: inv "
            "xcat.upgrade --host=n1)",
            ("runs.recover", "--host=n1", "--forward"),
        ),
        (
            "n2: me works here; wait with --wait=5m, or look: inv runs.list --host=n2",
            (*UPGRADE, "--wait=5m"),
        ),
    ],
)
def test_the_way_out_is_the_command_that_the_words_name(error, command) -> None:
    assert words(6, "locked", error).commands(UPGRADE)[0] == command


def test_words_that_name_no_command_lead_nowhere() -> None:
    assert words(1, "failed", "n2: it was open; nothing was changed").commands(UPGRADE) == []


def test_a_round_is_drawn_from_seed_and_number_alone() -> None:
    assert draw(7, 3) == draw(7, 3)
    assert draw(7, 3) != draw(8, 3)


def test_a_host_that_nobody_has_is_not_locked() -> None:
    arena = object.__new__(PerfSonar)
    locked = words(6, "locked", "n2: me works on perfsonar here since then; wait with --wait=5m")
    held = truth(leases=("perfsonar.lease.0",))
    assert untruths(arena, locked, truth(), truth(), "", asked=held) == []
    assert len(untruths(arena, locked, truth(), truth(), "", asked=truth())) == 1


def test_each_fault_comes_early_and_as_often_as_it_has_to_be_seen() -> None:
    faults = [fault_of(number) for number in range(1, ROUNDS + 1)]
    assert Counter(faults) == GOALS
    assert set(faults[: len(GOALS)]) == set(GOALS)
    assert Counter(faults[: ROUNDS // 2])["controller killed"] in (50, 51)
    assert fault_of(ROUNDS + 1) == fault_of(1)


def test_a_fault_strikes_as_it_was_drawn_and_is_another_in_another_round() -> None:
    arena = object.__new__(PerfSonar)

    def details(fault: str) -> set[str]:
        return {FAULTS[fault](arena, draw(1, n).chance("strike")).detail for n in range(60)}

    assert details("disk full") == {"state", "run", "tmp", "images"}
    assert details("sessions full") == {"MaxSessions 0", "MaxSessions 1"}
    assert "login" in details("garbage")
    blind = {f for f, make in FAULTS.items() for n in range(60) if make(arena, Random(n)).blinds}
    assert blind == {"garbage", "disk full"}


def record(number: int, fault: str = "link cut", **more: Any) -> Record:
    values = {"too_late": False, "said": "0 changed", "stood": "new", "ways": (), "bad": ()} | more
    return Record(1, number, "xCAT", fault, "2 s", "3+0.5s", False, seconds=9, **values)


def test_rounds_go_on_where_they_stopped(tmp_path: Path) -> None:
    file = tmp_path / "rounds.jsonl"
    assert read(file) == []
    for number in (1, 2, 4):
        append(record(number, ways=("runs.recover",), bad=(("lost", "all"),)), file)
    assert read(file)[0] == record(1, ways=("runs.recover",), bad=(("lost", "all"),))
    assert due(read(file), 1, range(1, 7)) == [3, 5, 6]
    assert due(read(file), 2, range(1, 3)) == [1, 2]


def test_labs_begin_with_shares_of_their_own_and_end_with_those_of_others() -> None:
    rounds = [draw(1, number) for number in range(1, 8)]
    shares = [[one.number for one in share(rounds, 3, number)] for number in range(3)]
    assert shares == [[1, 4, 7, 5, 2, 6, 3], [2, 5, 7, 4, 1, 6, 3], [3, 6, 7, 4, 1, 5, 2]]
    assert share(rounds, 1, 0) == rounds


def test_lines_of_several_labs_stay_whole(tmp_path: Path) -> None:
    file = tmp_path / "rounds.jsonl"
    long = (("lost", "all that there was " * 900),)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: append(record(number, bad=long), file), range(1, 41)))
    assert sorted(one.round for one in read(file)) == list(range(1, 41))


def test_a_record_says_which_judge_it_had() -> None:
    assert of_result(Result(draw(1, 2))).judge == edition() != ""
    assert record(1).judge == ""


def test_a_table_has_a_row_for_each_round_and_a_sum() -> None:
    bad = (("untrue", "says ok"), ("own", "up"))
    lines = table([record(1), record(2, bad=bad, too_late=True)]).splitlines()
    assert lines[1].split()[:2] == ["1:1", "xCAT"]
    assert "3+0.5s too late" in lines[2]
    assert "rounds: 2, words untrue: 1, states lost: 0, left behind: 0" in lines[4]
    assert lines[5:] == ["1:2 untrue: says ok", "1:2 own: up"]


def test_what_was_played_again_counts_as_it_ended_the_last_time() -> None:
    bad = (("untrue", "says `ok`\nand is not"),)
    records = [record(1, bad=bad), record(2, bad=bad), record(1), record(3)]
    assert [one.bad for one in latest(records)] == [(), bad, ()]
    assert mended(records) == [(1, 1)]
    text = page(records)
    assert f"3 rounds were played (seed 1: 3), 3 of the {ROUNDS} that there have to be" in text
    assert "in 3 the fault came in the middle; 1 of them ended badly." in " ".join(text.split())
    assert "| link cut | 3 | 50 | 0 | 3 | 0 | 0 | 1 | 0 | 0 | 0 | 9 |" in text
    assert "went well when they were played again" not in text
    assert "well when they were played again (1): 1:1" in text
    assert "- 1:2 xCAT, link cut 2 s\n  - untrue: `says 'ok' and is not`" in text


def test_more_rounds_than_there_have_to_be_are_no_more_of_the_whole() -> None:
    records = [record(n, "clock jumped", too_late=n > 5) for n in range(1, 31)]
    text = page(records)
    assert f"30 rounds were played (seed 1: 30), 10 of the {ROUNDS} that" in text
    assert "in 5 the fault came in the middle" in text


def test_rounds_are_told_by_their_seeds() -> None:
    records = [record(1), *(replace(record(n), seed=2) for n in (1, 2))]
    assert "3 rounds were played (seed 1: 1, seed 2: 2), 3 of" in page(records)


def test_what_is_left_is_what_was_not_there_before() -> None:
    arena = object.__new__(PerfSonar)
    before = Remains(frozenset({"mount / overlay", f"container {NAME}", "temporary /tmp/old"}))
    kept = {f"container {NAME}", f"container {NAME}.previous", "mount / overlay", "state previous"}
    assert Remains(frozenset(kept)).beside(before, arena) == []
    worse = kept | {f"container {NAME}.kept", "lease xcat.lease.0", "address br9 10.0.0.1/24"}
    assert len(Remains(frozenset(worse)).beside(before, arena)) == 3


def test_the_page_is_made_of_the_rounds_that_were_played() -> None:
    assert PAGE.read_text("utf-8") == page(read()), "python -m tests.e2e.faults --page"
