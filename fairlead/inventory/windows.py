"""When a site may be changed: weekly times by the clock on the wall of a time zone."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Meta

from fairlead.inventory.tree import Tree
from fairlead.inventory.types import NodeSet, TimeZone, text
from fairlead.inventory.validation import Hosts, typed
from fairlead.model.errors import SiteError
from fairlead.model.plan import Noun
from fairlead.model.suggest import suggestion

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

DAY = 24 * 60  # minutes
LOOKED_AHEAD = 15 * DAY  # a day of the week may lose its window to a change of the clocks, once
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Clock = Annotated[
    str, text(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00", "a time of day", "HH:MM, such as 08:00")
]
Moment = Annotated[
    str,
    text(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T(?:[01][0-9]|2[0-3]):[0-5][0-9])?",
        "a date",
        "YYYY-MM-DD, or YYYY-MM-DDTHH:MM",
    ),
]


class Window(Noun, kw_only=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """Weekly times in which hosts may be changed. All times are those of `zone`."""

    days: Annotated[
        tuple[Day, ...], Meta(min_length=1, description="the days on which it begins; default: all")
    ] = DAYS
    from_: Annotated[Clock, Meta(description="when it begins")] = "00:00"
    until: Annotated[
        Clock, Meta(description="when it ends; not after `from`: on the day after")
    ] = "24:00"
    zone: Annotated[TimeZone, Meta(description="the time zone of all that stands here")] = "UTC"
    systems: Annotated[
        tuple[str, ...], Meta(description="the systems that it is for; default: all")
    ] = ()
    hosts: Annotated[NodeSet, Meta(description="the hosts that it is for; default: all")] = ""
    not_before: Annotated[Moment, Meta(description="nothing is changed before")] = ""
    not_after: Annotated[
        Moment, Meta(description="nothing is changed after; a date: after that day")
    ] = ""

    def is_open(self, moment: datetime) -> bool:
        """Does the clock on the wall show a time within the window?"""
        wall = moment.astimezone(zone(self.zone)).replace(tzinfo=None)
        return self._is_within_dates(wall) and self._is_within_week(wall)

    def next_beginning(self, moment: datetime) -> datetime | None:
        """The first whole minute after this moment at which it is open; None: there is none."""
        start = moment.astimezone(UTC).replace(second=0, microsecond=0)
        if self.not_before:
            first = _date(self.not_before).replace(tzinfo=zone(self.zone))
            start = max(start, first.astimezone(UTC) - timedelta(minutes=1))
        minutes = (start + timedelta(minutes=n) for n in range(1, LOOKED_AHEAD))
        return next(filter(self.is_open, minutes), None)

    def times(self) -> str:
        """When it is open, in words."""
        days = "" if self.days == DAYS else f"{','.join(self.days)} "
        bounds = {"not before": self.not_before, "not after": self.not_after}
        more = "".join(f", {word} {date}" for word, date in bounds.items() if date)
        return f"{days}{self.from_}-{self.until} {self.zone}{more}"

    def _is_within_dates(self, wall: datetime) -> bool:
        if self.not_before and wall < _date(self.not_before):
            return False
        return not self.not_after or wall < _end(self.not_after)

    def _is_within_week(self, wall: datetime) -> bool:
        now, begins, ends = wall.hour * 60 + wall.minute, _minutes(self.from_), _minutes(self.until)
        today = DAYS[wall.weekday()] in self.days
        if begins < ends:
            return today and begins <= now < ends
        yesterday = DAYS[wall.weekday() - 1] in self.days
        return (today and now >= begins) or (yesterday and now < ends)


def zone(name: str) -> "ZoneInfo":
    """A time zone. Raises LookupError or ValueError where this machine does not know it."""
    from zoneinfo import ZoneInfo  # looks for the machine's zones: only who has windows needs them

    return ZoneInfo(name)


def read_windows(tree: Tree, systems: Mapping[str, object], resolve: Hosts) -> dict[str, Window]:
    """`windows:` of a site: name -> window. Raises SiteError."""
    typed(tree, dict[str, Any], "windows")
    windows: dict[str, Window] = {}
    for name, part in tree.value.items():
        path = f"windows.{name}"
        windows[name] = typed(part.or_empty(), Window, path, resolve)
        _check(windows[name], part, path, systems)
    return windows


def _check(window: Window, tree: Tree, path: str, systems: Mapping[str, object]) -> None:
    where = f"{tree.where}: {path}"
    try:
        zone(window.zone)
    except (LookupError, ValueError):
        what = f"this machine knows no time zone {window.zone!r}"
        raise SiteError(f"{where}.zone", what, "write one like Europe/Zurich or UTC") from None
    for key in ("not_before", "not_after"):
        _check_date(getattr(window, key), f"{where}.{key}")
    for name in window.systems:
        if name not in systems:
            raise SiteError(f"{where}.systems", "no such system", suggestion(name, systems))


def _check_date(moment: str, where: str) -> None:
    try:
        _ = moment and _date(moment)
    except ValueError:
        raise SiteError(where, f"{moment} is in no calendar", "write another date") from None


def _minutes(clock: str) -> int:
    """Minutes of a day; 24:00 is where the next one begins."""
    hours, minutes = re.split(":", clock)
    return (int(hours) * 60 + int(minutes)) % DAY


def _date(moment: str) -> datetime:
    return datetime.fromisoformat(moment)


def _end(moment: str) -> datetime:
    """The first moment after it: of a date, the day after."""
    return _date(moment) + (timedelta() if "T" in moment else timedelta(days=1))
