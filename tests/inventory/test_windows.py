"""A window is open while the clock on the wall of its zone shows a time within it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.inventory.windows import DAYS, Window
from tests.inventory.ropes import load

ZONES = ("UTC", "Europe/Zurich", "America/Vancouver", "Australia/Lord_Howe", "Asia/Kathmandu")
CLOCKS = st.times().map(lambda time: f"{time:%H:%M}")
# around both changes of the clocks of 2026, in Europe and in Canada, and a week of neither
CHANGES = [datetime(2026, month, day, tzinfo=UTC) for month, day in ((3, 8), (3, 29), (10, 25))]
WINDOWS = st.builds(
    Window,
    days=st.sets(st.sampled_from(DAYS), min_size=1).map(tuple),
    from_=CLOCKS,
    until=st.one_of(CLOCKS, st.just("24:00")),
    zone=st.sampled_from(ZONES),
)
MOMENTS = st.builds(
    lambda day, minutes: day + timedelta(minutes=minutes),
    st.sampled_from([*CHANGES, datetime(2026, 7, 1, tzinfo=UTC)]),
    st.integers(-3 * 1440, 3 * 1440),
)


def open_minutes(window: Window, wall: datetime) -> bool:
    """The same said in another way: is this minute one of those that the window lists?"""
    begin, end = window.from_, window.until
    for back in (0, 1):
        day = (wall - timedelta(days=back)).replace(hour=0, minute=0, second=0, microsecond=0)
        first = day + timedelta(hours=int(begin[:2]), minutes=int(begin[3:]))
        last = day + timedelta(hours=int(end[:2]), minutes=int(end[3:]))
        last += timedelta(days=1) if last <= first else timedelta()
        if DAYS[day.weekday()] in window.days and first <= wall < last:
            return True
    return False


@given(WINDOWS, MOMENTS)
@settings(max_examples=300, deadline=None)
def test_it_is_open_by_the_clock_on_the_wall(window: Window, moment: datetime) -> None:
    wall = moment.astimezone(ZoneInfo(window.zone)).replace(tzinfo=None)
    assert window.is_open(moment) == open_minutes(window, wall)


@given(WINDOWS, MOMENTS)
@settings(max_examples=60, deadline=None)
def test_the_next_beginning_is_the_first_open_minute(window: Window, moment: datetime) -> None:
    begins = window.next_beginning(moment)
    if begins is None:
        assert window.from_ < window.until  # those of no length on the days of a change alone
        return
    assert begins > moment
    assert window.is_open(begins)
    between = int((begins - moment).total_seconds() // 60)
    assert not any(window.is_open(moment + timedelta(minutes=n)) for n in range(1, between))


@pytest.mark.parametrize(
    ("moment", "begins"),
    [
        # the clock goes from 02:00 to 03:00: the window of that night begins at 03:00
        ("2026-03-28T12:00+01:00", "2026-03-29T03:00+02:00"),
        # it goes back from 03:00 to 02:00: the first 02:30 is meant, and it is open again
        ("2026-10-24T12:00+02:00", "2026-10-25T02:30+02:00"),
        ("2026-07-01T12:00+02:00", "2026-07-02T02:30+02:00"),
    ],
)
def test_a_window_where_the_clocks_change(moment: str, begins: str) -> None:
    window = Window(from_="02:30", until="04:00", zone="Europe/Zurich")
    assert window.next_beginning(datetime.fromisoformat(moment)) == datetime.fromisoformat(begins)


def test_a_window_that_the_clocks_skip_begins_a_week_later() -> None:
    window = Window(days=("sun",), from_="02:15", until="02:45", zone="Europe/Zurich")
    begins = window.next_beginning(datetime(2026, 3, 28, 12, tzinfo=UTC))
    assert begins == datetime.fromisoformat("2026-04-05T02:15+02:00")


def test_a_window_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    window = Window(days=("fri",), from_="22:00", until="04:00")
    hours = ("05T21:59", "05T22:00", "06T03:59", "06T04:00", "06T22:30")  # 5 June 2026: a Friday
    moments = [datetime.fromisoformat(f"2026-06-{hour}+00:00") for hour in hours]
    assert [window.is_open(moment) for moment in moments] == [False, True, True, False, False]


def test_dates_bound_a_window() -> None:
    window = Window(from_="08:00", until="12:00", not_before="2027-01-07", not_after="2027-01-08")
    assert window.next_beginning(datetime(2026, 6, 1, tzinfo=UTC)) == datetime(
        2027, 1, 7, 8, tzinfo=UTC
    )
    days = [datetime(2027, 1, day, 9, tzinfo=UTC) for day in (6, 7, 8, 9)]
    assert [window.is_open(day) for day in days] == [False, True, True, False]
    assert window.next_beginning(days[-1]) is None


def test_its_times_in_words() -> None:
    assert Window().times() == "00:00-24:00 UTC"
    assert (
        Window(days=("tue", "thu"), from_="08:00", until="12:00", not_after="2027-12-17").times()
        == "tue,thu 08:00-12:00 UTC, not after 2027-12-17"
    )


def test_a_site_says_its_windows(folder) -> None:
    read = load(
        folder,
        'hosts: {"n[1-3]": {}}\nrope: {hosts: "n[1-3]"}\nrequire_reason: true\n'
        'windows: {mornings: {from: "08:00", until: "12:00", systems: [rope], hosts: n1}}\n',
    )
    assert read.requires_reason
    assert read.windows == {
        "mornings": Window(from_="08:00", until="12:00", systems=("rope",), hosts="n1")
    }
