"""When known articles are looked at again, and how a listing's line is told from the one before. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from scraper.discover import Item
from scraper.settings import Recheck
from storage.records import Band, Known, Line

# A nightly run that begins a little earlier than the last still finds due what is looked at every day.
_SLACK = timedelta(hours=6)


def bands(schedule: Sequence[Recheck], now: datetime) -> tuple[Band, ...]:
    """Return the schedule as of a moment: from which day on articles are due, and looked at when at last."""
    return tuple(_band(each, now.astimezone(UTC)) for each in schedule)


def line_of(item: Item) -> Line:
    """Return how an item stands on its listing: what would not move unless the article did. Never views."""
    told = "\n".join((item.title, item.release_time or "", item.modified or ""))
    return Line(hashlib.sha256(told.encode()).hexdigest()[:16], item.release_time)


def is_settled(known: Known | None, line: Line) -> bool:
    """Tell whether a listed address is known and its line is as it was: nothing speaks of news."""
    if known is None or known.state == "hidden":
        return False
    return known.line is None or known.line == line.digest


def _band(each: Recheck, now: datetime) -> Band:
    every = timedelta(days=each.every)
    before = now - every + (_SLACK if every else timedelta(0))
    since = "" if each.within is None else (now - timedelta(days=each.within)).date().isoformat()
    return Band(since, before.isoformat(timespec="seconds"))
