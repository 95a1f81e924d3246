"""Lines that only say when an article was released, and how often it was read. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from scraper.normalize.dates import find_times
from scraper.normalize.labels import Labelled, split_labels
from scraper.normalize.numbers import parse_count
from scraper.normalize.text import squash

LONGEST = 200  # characters beyond which a line is text, not a byline
_DATE_LONGEST, _WEEKDAY = 40, 9  # characters of a line that is a date, and of a weekday beside it
_NUMBERED = re.compile(r"[\d年]")  # neither a date nor a count is without


def is_byline(text: str, taken: Collection[str] | None = None) -> bool:
    """Tell whether a line only says when an article was released (a full date) and how often it was read.

    `taken` are the values that became fields; where given, the line must hold one of them.
    """
    if len(text) > LONGEST or not _NUMBERED.search(text):
        return False
    items = list(split_labels(text))
    values = {value for item in items for value in _values(item)}
    covered = sum(len(item.label) + len(item.value) + 1 for item in items)
    told = values if taken is None else values.intersection(taken)
    return bool(told) and covered >= 0.7 * len(re.sub(r"\s", "", text))


def bare_day(text: str) -> str | None:
    """Return the day that a line names if it says hardly anything else, a weekday at most."""
    time = next(find_times(text), None) if len(text) <= _DATE_LONGEST else None
    if time is None or len(squash(text.replace(time.raw, ""))) > _WEEKDAY:
        return None
    return time.value[:10]


def count_in(item: Labelled) -> int | None:
    """Return the number that a labelled value begins with, or None."""
    return parse_count(re.split(r"\s", item.value, maxsplit=1)[0])


def _values(item: Labelled) -> Iterator[str]:
    """Yield the days or the count that a labelled value holds."""
    if item.field == "release_time":
        yield from (time.value[:10] for time in find_times(item.value))
    elif item.field == "views" and (count := count_in(item)) is not None:
        yield str(count)
