"""The hours in which a site may be asked: "22:00-06:00", "Mon-Fri 01:00-06:00". Pure.

A window that ends before it begins goes past midnight and belongs to the day it begins on. Times are the
clock's on the wall of the zone, so a window keeps its place when summer time begins.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_SPAN = f"{_DAY}(?:-{_DAY})?"
_TIME = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
FORM = f"^(?:{_SPAN}(?:,{_SPAN})* )?{_TIME}-(?:{_TIME}|24:00)$"


@dataclass(frozen=True, slots=True)
class Window:
    """Some hours of some days; `days` count from Monday as 0, `opens` and `closes` in minutes of the day."""

    days: frozenset[int]
    opens: int
    closes: int


@dataclass(frozen=True, slots=True)
class Hours:
    """The windows of a site on the clock of its zone; without any, it is always open."""

    windows: tuple[Window, ...]
    zone: str = "UTC"

    def is_open(self, now: datetime) -> bool:
        """Tell whether the site may be asked at a moment, which must have a zone."""
        return is_open(self.windows, now.astimezone(ZoneInfo(self.zone)))

    def turns(self, now: datetime) -> datetime | None:
        """Return when it closes, or where it is closed when it opens; None for one that never does either."""
        return turns(self.windows, now.astimezone(ZoneInfo(self.zone)))


def window(text: str) -> Window:
    """Read a window; raises ValueError with what is wrong about it."""
    if not re.match(FORM, text):
        raise ValueError("is no window: write it like '01:00-06:00' or 'Mon-Fri 22:00-06:00'")
    days, _, hours = text.rpartition(" ")
    opens, closes = (int(time[:2]) * 60 + int(time[3:]) for time in hours.split("-"))
    if opens == closes:
        raise ValueError("opens and closes at the same time: leave it out for a site that is always open")
    return Window(_days(days) if days else frozenset(range(7)), opens, closes)


def is_open(windows: Sequence[Window], local: datetime) -> bool:
    """Tell whether a moment on the site's own clock lies in one of the windows, or there are none."""
    minute = local.hour * 60 + local.minute
    return not windows or any(_holds(each, local.weekday(), minute) for each in windows)


def turns(windows: Sequence[Window], local: datetime) -> datetime | None:
    """Return the next moment at which `is_open` turns, within a week; None where it does not."""
    begun = is_open(windows, local)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    marks = {mark for each in windows for mark in (each.opens, each.closes % (24 * 60))}
    for day in range(8):
        for mark in sorted(marks):
            moment = midnight + timedelta(days=day, minutes=mark)
            if moment > local and is_open(windows, moment) != begun:
                return moment
    return None


def _holds(each: Window, weekday: int, minute: int) -> bool:
    if each.opens < each.closes:
        return weekday in each.days and each.opens <= minute < each.closes
    late, early = minute >= each.opens, minute < each.closes
    return (late and weekday in each.days) or (early and (weekday - 1) % 7 in each.days)


def _days(text: str) -> frozenset[int]:
    """Return the days of "Mon-Fri", "Sat,Sun", "Fri-Mon"; a range may go over the end of the week."""
    found: set[int] = set()
    for part in text.split(","):
        first, *rest = (DAYS.index(name) for name in part.split("-"))
        last = rest[-1] if rest else first
        found |= {(first + step) % 7 for step in range((last - first) % 7 + 1)}
    return frozenset(found)
