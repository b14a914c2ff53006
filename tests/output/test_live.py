"""The live rows, as data: what a terminal of some size would hold at some second."""

import pytest

from fairlead.model.results import Progress, StepResult
from fairlead.output.live import LiveRows, elapsed


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def rows(stream, clock):
    """Rows that hear everything and draw only when asked."""
    live_rows = LiveRows(stream(True), clock)
    live_rows.resume = lambda: None
    return live_rows


def tell(rows, host, kind, **words):
    rows.progress(
        Progress(host=host, component=words.pop("component", "ps.testpoint"), kind=kind, **words)
    )


def picture(rows, width=79, height=23):
    return [line.plain.rstrip() for line in rows.picture(width, height)]


def test_each_host_has_a_row_that_says_what_it_is_at(rows, clock):
    rows.began("up", "triumf", "ab12", ("n1", "n2", "n3", "n4"))
    tell(rows, "n1", "connected")
    tell(rows, "n2", "begin", step="pull", number=2, total=9)
    tell(rows, "n2", "note", text="\x1b[32m10 MB\x1b[0m\r20 MB of [b]84[/b]\r")
    tell(rows, "n3", "waiting", text="dave, daos.up since 02:10")
    clock.now += 187
    assert picture(rows) == [
        "n1    3:07       connected",
        "n2    3:07  2/9  pull  20 MB of [b]84[/b]",
        "n3    3:07       waiting  dave, daos.up since 02:10",
        "n4     0 s       connecting",
    ]


def test_what_changes_in_a_file_stays_over_the_rows(rows):
    rows.began("up", "triumf", "ab12", ("n1",))
    tell(rows, "n1", "diff", step="file", text="-a\x1b[2J\n+b\n")
    assert rows._stream.words.splitlines() == ["n1 ps.testpoint: file:", "    -a", "    +b"]


def test_the_same_change_of_many_hosts_is_shown_once(rows):
    rows.began("up", "triumf", "ab12", ("n1", "n2", "n3"))
    for host, text in (("n1", "-a\n+b\n"), ("n2", "-a\n+b\n"), ("n3", "-a\n+c\n")):
        tell(rows, host, "diff", step="file", text=text)
    assert rows._stream.words.splitlines() == [
        *("n1 ps.testpoint: file:", "    -a", "    +b"),
        "n2 ps.testpoint: file: the same change as on n1",
        *("n3 ps.testpoint: file:", "    -a", "    +c"),
    ]
    rows.began("up", "triumf", "ab13", ("n2",))
    tell(rows, "n2", "diff", step="file", text="+b\n")
    assert rows._stream.words.endswith("n2 ps.testpoint: file:\n    +b\n")


def test_a_host_that_has_ended_says_how_and_its_clock_stands(rows, clock):
    rows.began("up", "triumf", "ab12", ("n1", "n2"))
    for host in ("n1", "n2"):
        tell(rows, host, "begin", step="pull", number=1, total=1)
    tell(
        rows, "n2", "step", result=StepResult(name="pull", state="failed", error="a\nno space left")
    )
    clock.now += 5
    tell(rows, "n1", "ended", text="changed")
    tell(rows, "n2", "ended", text="rolled-back")
    clock.now += 60
    assert picture(rows) == [
        "n1     5 s       changed",
        "n2     5 s       rolled-back pull  no space left",
    ]


def test_the_component_is_named_where_there_are_several(rows):
    rows.began("up", "triumf", "ab12", ("n1", "n2"))
    tell(rows, "n1", "begin", component="daos.server", step="start", number=1, total=2)
    tell(rows, "n2", "begin", component="ps.testpoint", step="pull", number=1, total=2)
    assert picture(rows) == [
        "n1  daos.server      0 s  1/2  start",
        "n2  ps.testpoint     0 s  1/2  pull",
    ]


def test_no_row_is_wider_than_the_terminal(rows):
    rows.began("up", "triumf", "ab12", ("n1",))
    tell(rows, "n1", "note", text="測定" * 100)
    assert [line.cell_len <= 39 for line in rows.picture(39, 5)] == [True]


def test_many_hosts_are_those_at_work_those_in_trouble_and_a_count(rows, clock):
    rows.began("up", "triumf", "ab12", tuple(f"n{n}" for n in range(1, 301)))
    for n in range(1, 51):
        tell(rows, f"n{n}", "begin", step="pull", number=1, total=3)
    for n in range(1, 31):
        tell(rows, f"n{n}", "ended", text="failed" if n == 7 else "ok")
    clock.now += 12
    lines = picture(rows, height=6)
    assert lines == [
        "n7      0 s       failed pull",
        "n31    12 s  1/3  pull",
        "n32    12 s  1/3  pull",
        "n33    12 s  1/3  pull",
        "n34    12 s  1/3  pull",
        "20 at work, 29 ended, 1 in trouble, 250 not begun   12 s",
    ]


def test_those_who_wait_for_the_others_stand_behind_those_who_work(rows, clock):
    rows.began("up", "triumf", "ab12", tuple(f"n{n}" for n in range(1, 11)))
    for n in range(1, 10):
        tell(rows, f"n{n}", "connected")
        tell(rows, f"n{n}", "asked")
    for n in range(1, 6):
        tell(rows, f"n{n}", "begin", step="start", number=2, total=2)
    clock.now += 9
    for n in (1, 2, 4):
        result = StepResult(name="start", state="changed")
        tell(rows, f"n{n}", "step", result=result, number=2, total=2)
    clock.now += 3
    assert picture(rows, height=7) == [
        "n3    12 s  2/2  start",
        "n5    12 s  2/2  start",
        "n6    12 s       looked",
        "n7    12 s       looked",
        "n8    12 s       looked",
        "n9    12 s       looked",
        "2 at work, 4 wait for others, 3 done, 1 not begun   12 s",
    ]


def test_a_host_is_done_until_its_next_phase_begins(rows, clock):
    rows.began("up", "triumf", "ab12", ("n1",))
    tell(rows, "n1", "begin", step="pull", number=1, total=1)
    clock.now += 5
    tell(rows, "n1", "step", result=StepResult(name="pull", state="ok"), number=1, total=1)
    clock.now += 5
    assert picture(rows) == ["n1     5 s       done"]
    tell(rows, "n1", "begin", step="start", number=1, total=4)
    assert picture(rows) == ["n1    10 s  1/4  start"]


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (59.9, "59 s"), (60, "1:00"), (3723, "1:02:03")]
)
def test_time_is_short(seconds, words):
    assert elapsed(seconds) == words


def test_a_step_that_says_nothing_is_told_until_something_comes(rows):
    rows.began("up", "triumf", "ab12", ("n1",))
    tell(rows, "n1", "begin", step="pull", number=2, total=9)
    words = "nothing since 14:02:11; inv runs.cancel --host=n1 --run=R ends and undoes it"
    tell(rows, "n1", "silent", step="pull", text=words, lasting="30 s", number=2, total=9)
    assert picture(rows, width=120) == [f"n1     0 s  2/9  pull  {words}"]
    assert "inv runs.cancel --host=n1" in picture(rows)[0]
    tell(rows, "n1", "silent", step="pull", number=2, total=9)
    assert picture(rows) == ["n1     0 s  2/9  pull"]


def test_a_run_that_is_cancelled_says_by_whom(rows):
    rows.began("up", "triumf", "ab12", ("n1",))
    tell(rows, "n1", "begin", step="pull", number=2, total=9)
    tell(rows, "n1", "cancelled", text="bob@home")
    assert picture(rows) == ["n1     0 s  2/9  cancelled  bob@home"]
