"""Two lists in, where they agree out: what occurs once, both ends, and between in bounded steps. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import Match, SequenceMatcher
from itertools import takewhile
from typing import Any

# Steps that one level of one comparison may take: one to two seconds on texts made to be slow. What would
# take more stays as coarse as the level before left it.
BUDGET = 15_000_000
_LITTLE = 5_000  # steps that are not worth being counted one by one


class Matcher(SequenceMatcher[str]):
    """difflib's way to align two lists, which leaves alone what would cost more steps than it has."""

    a: Sequence[str]
    b: Sequence[str]
    b2j: dict[str, list[int]]

    def __init__(self, old: Sequence[str], new: Sequence[str], budget: int) -> None:
        # White space never seeds a match, else every word is weighed against every space.
        super().__init__(str.isspace, old, new, autojunk=False)
        self.budget = budget

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> Match:
        """Return the longest stretch both have within bounds; none where looking for it is too dear."""
        ahi, bhi = len(self.a) if ahi is None else ahi, len(self.b) if bhi is None else bhi
        steps = (ahi - alo) * (bhi - blo)  # at the most
        if steps > _LITTLE:
            steps = sum(count * self._met(part, blo, bhi) for part, count in Counter(self.a[alo:ahi]).items())
        if steps > self.budget:
            return Match(alo, blo, 0)
        self.budget -= steps
        return super().find_longest_match(alo, ahi, blo, bhi)

    def _met(self, part: str, blo: int, bhi: int) -> int:
        places = self.b2j.get(part, [])
        return 1 + bisect_left(places, bhi) - bisect_left(places, blo)


def anchors(old: list[str], new: list[str]) -> list[tuple[int, int]]:
    """Return the longest rise of positions of what occurs once in each list, as patience diff begins."""
    twice = {text for texts in (old, new) for text, count in Counter(texts).items() if count > 1}
    places = {text: at for at, text in enumerate(new) if text not in twice}
    tops: list[int] = []  # of each length of rise, the lowest place it ends at
    ends: list[Any] = []  # and that rise, (position, place, the rise before), from its end
    for at, text in enumerate(old):
        if (place := places.get(text)) is not None and text not in twice:
            length = bisect_left(tops, place)
            before = ends[length - 1] if length else None
            tops[length : length + 1], ends[length : length + 1] = [place], [(at, place, before)]
    found, rise = [], ends[-1] if ends else None
    while rise is not None:
        found.append(rise[:2])
        rise = rise[2]
    return found[::-1]


def trim(old: list[str], new: list[str]) -> tuple[list[str], list[str], list[str], list[str]]:
    """Return the common head, both middles, the common tail."""
    head = _common(old, new)
    tail = _common(reversed(old[head:]), reversed(new[head:]))
    return old[:head], old[head : len(old) - tail], new[head : len(new) - tail], old[len(old) - tail :]


def _common(old: Iterable[str], new: Iterable[str]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
