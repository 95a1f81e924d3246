"""How new the lines of a list are, told by when they were first listed: for lists that print no days. Pure.

A rank falls from line to line and rises from walk to walk: of two lines of a list from the newest down, the
older has the lower one. `NOBODY_KNOWS` is the rank of a line that proves nothing, and whose absence cannot be
proved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

STRETCH = 5  # known lines in a row that are not all pinned to the top
NOBODY_KNOWS = 0
_ROOM = 1_000_000  # lines of a walk
_SWEEPS = 10  # walks of a run


@dataclass(slots=True)
class Ranks:
    """The lines of one walk: `walk` is above that of every earlier one, `place` counts the lines taken.

    `met` counts those that were ranked before, pinned ones aside; `last` is the rank of the last of these,
    and `falls` says that they came in order.
    """

    walk: int = 0
    place: int = 0
    met: int = 0
    last: int | None = None
    falls: bool = True

    @classmethod
    def of(cls, run: int, sweep: int) -> Ranks:
        """Return those of a walk that begins."""
        return cls(run * _SWEEPS + sweep)

    def take(self, known: Sequence[int | None], *, torn: bool = False) -> list[int | None]:
        """Take in a page, by the rank of each line, null for one without; return what each has now.

        What stands above all that is known is newer than it, what stands below a stretch of that as old as
        its end. One that is new below a few known lines tells that these are pinned, and nobody knows how new
        they are. In a walk that is torn nothing is ranked.
        """
        pinned = pinned_of([rank for rank in known if rank])
        ranks: list[int | None] = []
        for rank in known:
            self.place += 1
            if rank is None and not torn:
                if 0 < self.met < STRETCH:
                    self._forget(ranks)
                rank = self.walk * _ROOM - self.place if self.last is None else self.last
            elif rank and pinned:
                pinned -= 1
            elif rank:
                self.falls = self.falls and (self.last is None or rank <= self.last)
                self.met, self.last = self.met + 1, rank
            ranks.append(rank)
        return ranks

    def _forget(self, above: list[int | None]) -> None:
        """Take away the ranks that lines above had before this walk."""
        self.met, self.last, self.falls = 0, None, True
        for at, rank in enumerate(above):
            if rank is not None and rank < (self.walk - 1) * _ROOM:
                above[at] = NOBODY_KNOWS

    def floor(self) -> int | None:
        """Return the rank above which what is absent was taken off: what is older still stands there."""
        return self.last if self.falls else None


def pinned_of(falling: Sequence[str] | Sequence[int]) -> int:
    """Return how many of the first values, at most half, are pinned: without them the rest falls best."""
    return min(range(len(falling) // 2 + 1), key=lambda top: (rising(falling[top:]), top))


def rising(values: Sequence[str] | Sequence[int]) -> int:
    """Return how many values are above the one before."""
    return sum(after > before for before, after in pairwise(values))  # type: ignore[operator]
