"""Refuses a change outside of the site's windows, or without a reason where the site wants one."""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fairlead.inventory.nodesets import fold
from fairlead.inventory.windows import Window, zone
from fairlead.model.errors import CommandLineError, OutsideWindow
from fairlead.runner.request import Common
from fairlead.runner.targets import Part

if TYPE_CHECKING:
    from fairlead.inventory.site import Site

TIME = "%a %d %b %Y %H:%M"


def require_permission(
    todo: Iterable[Part],
    common: Common,
    site: "Site",
    now: float,
) -> None:
    """Raise OutsideWindow, CommandLineError where these parts may not change anything now."""
    changing = [part for part in todo if _changes(part, common)]
    if not changing or common.only_shows:
        return
    if site.requires_reason and not common.reason:
        what = f"{site.path} wants a reason for what changes anything (require_reason)"
        raise CommandLineError("--reason", what, "write --reason='TICKET and a few words'")
    for part in changing:
        error = closing(part, common, site, now)
        if error:
            raise error


def _changes(part: Part, common: Common) -> bool:
    mends = part.verb.name == "preflight" and bool(common.fix)
    return part.verb.changes or mends


def closing(part: Part, common: Common, site: "Site", now: float) -> OutsideWindow | None:
    """Why hosts of a part may not be changed at this time; None: all may."""
    if common.override:
        return None
    moment = datetime.fromtimestamp(now, UTC)
    windows = _windows_of(part, site)
    closed = [host for host, of_host in windows.items() if _is_closed(of_host.values(), moment)]
    return _outside(part, closed, windows[closed[0]], moment) if closed else None


def _is_closed(windows: Collection[Window], now: datetime) -> bool:
    """Are there windows, and is none of them open?"""
    return bool(windows) and not any(window.is_open(now) for window in windows)


def _windows_of(part: Part, site: "Site") -> dict[str, dict[str, Window]]:
    """The windows of each host of a part, by their names."""
    windows: dict[str, dict[str, Window]] = {target.host: {} for target in part.targets}
    for name, window in site.windows.items():
        if window.systems and part.system.name not in window.systems:
            continue
        for host in _hosts(window, site) & set(windows):
            windows[host][name] = window
    return windows


def _hosts(window: Window, site: "Site") -> set[str]:
    return set(site.resolve(window.hosts) if window.hosts else site.hosts)


def _outside(
    part: Part,
    hosts: Iterable[str],
    windows: Mapping[str, Window],
    now: datetime,
) -> OutsideWindow:
    """Why these hosts may not be changed now, by the windows of the first of them."""
    names = ", ".join(f"{name} ({window.times()})" for name, window in windows.items())
    what = f"{part.name}.{part.verb.name} is outside of its windows: {names}"
    return OutsideWindow(fold(hosts), what, f"{_when(windows, now)}; --override goes on now")


def _when(windows: Mapping[str, Window], now: datetime) -> str:
    """When the first of these windows begins, by its own clock."""
    beginnings = [(window.next_beginning(now), window.zone) for window in windows.values()]
    known = [(moment, name) for moment, name in beginnings if moment]
    if not known:
        return "none of them begins again"
    moment, name = min(known)
    return f"the next begins {moment.astimezone(zone(name)):{TIME} %Z}"
