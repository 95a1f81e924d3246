"""One listing walked page by page: how far to go, and what being absent from it proves. Pure.

A walk ends where it comes to what is known: the rest was met before. It does so only where every earlier walk
came to an end, where the list runs from the newest down, and after a stretch of known lines at the end of a
page: pinned items stand at the top, so that known ones there say nothing of what follows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Self

from scraper.ranks import STRETCH, Ranks, pinned_of, rising
from storage.records import Proof

PAUSE = timedelta(hours=3)  # between two pages: what came and went meanwhile moved lines past the walk
_DISORDER = 0.2  # of neighbouring days: where more rise, the list is not sorted from the newest down


class Seen(NamedTuple):
    """A line of a list: the day it prints, whether it is known and as it was, its rank if it has one."""

    day: str | None
    settled: bool
    rank: int | None = None


@dataclass(slots=True)
class Walk:
    """A listing as walked so far in this run.

    `stops` allows it to end at what is known, `met` says that it came there. `pages` counts those asked for,
    `totals` are how many items the list claimed to have, page after page. One that is `torn` proves nothing:
    a part of it failed, was left out, or lies so long back that the list has moved. `at` is when its last
    page was read, `ended` says that the list had no further one.
    """

    stops: bool = False
    met: bool = False
    torn: bool = False
    ended: bool = False
    at: str | None = None
    pages: int = 1
    totals: list[int] = field(default_factory=list)
    ranks: Ranks = field(default_factory=Ranks)
    _newest: str | None = None
    _sorted: bool = True
    _settled: int = 0
    _dated: int = 0
    _falls: bool = True
    _climbs: bool = True
    _floor: str | None = None

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Return the walk of which `asdict` gave these values."""
        return cls(**(dict(values) | {"ranks": Ranks(**values.get("ranks", {}))}))

    def take(self, lines: Sequence[Seen], at: datetime) -> list[int | None]:
        """Take in the lines of a page; return the rank of each."""
        self.torn = self.torn or bool(self.at and at - datetime.fromisoformat(self.at) > PAUSE)
        self.at = at.isoformat()
        for line in lines:
            self._settled = self._settled + 1 if line.settled else 0
        known = bool(lines) and self._settled >= min(STRETCH, len(lines))
        if lines:
            self._order([line.day[:10] for line in lines if line.day])
        self.met = self.stops and known and self._sorted
        return self.ranks.take([line.rank for line in lines], torn=self.torn)

    def _order(self, days: Sequence[str]) -> None:
        """Take in the days of a page, pinned lines aside."""
        top = pinned_of(days)
        self._dated += len(days)
        self._sorted = rising(days[top:]) <= _DISORDER * len(days[top:])
        self._newest = max(days[top:], default=None)
        last = [] if self._floor is None else [self._floor]
        self._falls = self._falls and bool(days) and not rising([*last, *days[top:]])
        self._climbs = self._climbs and bool(days) and not rising([*last, *days][::-1])
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

    def proof(self) -> Proof | None:
        """Return down to where absence proves something: "" for all of it, null for nothing.

        That is a day, of a list that runs down by days; else a rank, of one walked to its end. Not even the
        end of such a list proves more: one of the latest lets the older go, and looks like any other. A list
        that runs up by days keeps them.
        """
        if self.torn:
            return None
        if self._falls:
            return self._floor
        if self._climbs and self.whole:
            return ""
        return self.ranks.floor() if self.whole or self.ended else None
