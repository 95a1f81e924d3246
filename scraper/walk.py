"""One listing walked page by page: how far to go, and what being absent from it proves. Pure.

A walk ends where it comes to what is known: the rest was met before. It does so only where every earlier walk
came to an end, where the list runs from the newest down, and after a stretch of known lines at the end of a
page: pinned items stand at the top, so that known ones there say nothing of what follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

PAUSE = timedelta(hours=3)  # between two pages: what came and went meanwhile moved lines past the walk
STRETCH = 5  # known lines in a row; of a page with fewer, all
_DISORDER = 0.2  # of neighbouring days: where more rise, the list is not sorted from the newest down


@dataclass(slots=True)
class Walk:
    """A listing as walked so far in this run.

    `stops` allows it to end at what is known, `met` says that it came there. `pages` counts those asked for,
    `totals` are how many items the list claimed to have, page after page. One that is `torn` proves nothing:
    a part of it failed, was left out, or lies so long back that the list has moved. `at` is when its last
    page was read.
    """

    stops: bool = False
    met: bool = False
    torn: bool = False
    at: str | None = None
    pages: int = 1
    totals: list[int] = field(default_factory=list)
    _newest: str | None = None
    _sorted: bool = True
    _settled: int = 0
    _falls: bool = True
    _floor: str | None = None

    def take(self, lines: Sequence[tuple[str | None, bool]], at: datetime) -> None:
        """Take in a page: for each line the day it prints, and whether it is known and as it was."""
        self.torn = self.torn or bool(self.at and at - datetime.fromisoformat(self.at) > PAUSE)
        self.at = at.isoformat()
        days = [day[:10] for day, _ in lines if day]
        top = _top(days)
        rising = _rising(days[top:])
        for _, settled in lines:
            self._settled = self._settled + 1 if settled else 0
        known = bool(lines) and self._settled >= min(STRETCH, len(lines))
        self._sorted = rising <= _DISORDER * len(days[top:])
        self._newest = max(days[top:], default=None)
        self.met = self.stops and known and self._sorted
        self._falls = self._falls and len(days) > 1 and not _rising([*_list(self._floor), *days[top:]])
        self._floor = days[-1] if days else None

    def is_past(self, day: str | None) -> bool:
        """Tell whether the last page, pinned lines aside, lies before a day, and so will those after it."""
        return bool(day and self._newest and self._sorted and self._newest[: len(day)] < day)

    @property
    def moved(self) -> bool:
        """Whether the list grew or shrank while it was walked: then its pages did not join."""
        return len(set(self.totals)) > 1

    @property
    def whole(self) -> bool:
        """Whether the list was walked to its end."""
        return not (self.torn or self.met)

    def proof(self) -> str | None:
        """Return the day down to which absence proves something: "" for all of it, null for nothing.

        Of a list that runs down by days not even its end proves more: lists of the latest let the older go.
        """
        if self._falls and not self.torn:
            return self._floor
        return "" if self.whole else None


def _top(days: Sequence[str]) -> int:
    """Return how many of the first days, at most half, are pinned: without them the rest falls best."""
    return min(range(len(days) // 2 + 1), key=lambda top: (_rising(days[top:]), top))


def _rising(days: Sequence[str]) -> int:
    return sum(after > before for before, after in pairwise(days))


def _list(day: str | None) -> list[str]:
    return [] if day is None else [day]
