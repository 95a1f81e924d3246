"""The pieces of text of one record in, the date they print out. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from urllib.parse import urlsplit

from scraper.discover.links import visible_text
from scraper.index import Element
from scraper.normalize.dates import FoundTime, day_first_of, find_times, zone_of
from scraper.page import Page

_MONTH_DAY = re.compile(r"[\[(]?\s?(\d\d?)\s?[-/.月]\s?(\d\d?)日?\s?[\])]?")
_HAS_DATE = re.compile(r"\d|年|月")
_SHORT_YEAR = re.compile(r"[\[(]?\s?(\d\d)([-/.])(\d\d)\2(\d\d)\s?[\])]?")
_URL_DAY = re.compile(r"/[a-z]?((?:19|20)\d\d)[/-]?(\d\d)[/-]?(\d\d)(?!\d)")
_LINE, _PART = 300, 14  # letters a line of a list has at most, and a part of a date
_SLACK, _LOOSE = 6, 30  # letters beside the date in a piece that is a date, and in a byline
_PIECES = 60


@dataclass(frozen=True, slots=True)
class Conventions:
    """How this site prints what its dates leave open."""

    day_first: bool | None = None
    zone: str | None = None

    @classmethod
    def of(cls, page: Page) -> Conventions:
        """Read them from the page's language and host."""
        return cls.of_host(page, page.tree.get("lang") or "")

    @classmethod
    def of_host(cls, page: Page, language: str = "") -> Conventions:
        """Read them from the page's host and a language that is known otherwise."""
        host = urlsplit(page.base_url).hostname or ""
        return cls(day_first_of(language or None, host), zone_of(host))

    def times(self, text: str) -> Iterator[FoundTime]:
        """Yield the dates of a text that is short enough to be a line of a list."""
        if len(text) <= _LINE and _HAS_DATE.search(text):
            yield from _times(text, self.day_first, self.zone)


@lru_cache(maxsize=2048)  # a record is looked at by every rule that may fit its list
def _times(text: str, day_first: bool | None, zone: str | None) -> tuple[FoundTime, ...]:
    return tuple(find_times(text, day_first=day_first, zone=zone))


def read_time(box: Element, url: str, pieces: Sequence[str], how: Conventions) -> str | None:
    """Return the date of a record: of a `<time>`, as printed in the pieces, or with the address's year."""
    pieces = pieces[:_PIECES]
    return _marked(box, how) or _printed(pieces, how) or _with_year_of(url, pieces)


def is_change(element: Element) -> bool:
    """Tell whether an element holds the time of the last change, as hAtom and schema.org mark it."""
    names = element.get("class", "").casefold().split()
    changed = "updated" in names or "modified" in names or element.get("itemprop") == "dateModified"
    return changed and "published" not in names


def dated_span(pieces: Sequence[str], how: Conventions) -> range:
    """Return which neighbouring pieces, one to three, are together a date and little else."""
    pieces = pieces[:_PIECES]
    for size in (1, 2, 3):
        for at in range(len(pieces) - size + 1):
            window = pieces[at : at + size]
            fits = size == 1 or all(len(piece) <= _PART for piece in window)
            if fits and _dates(" ".join(window), how, _SLACK):
                return range(at, at + size)
    return range(0)


def unglue(title: str, how: Conventions) -> tuple[str, str | None]:
    """Take a date off the end or the start of a title."""
    for found in how.times(title):
        head, tail = (
            title[: found.start].rstrip(" [(（【,，·|—-"),
            title[found.end :].lstrip(" ])）】,，·|—-:："),
        )
        if bool(head) != bool(tail):
            return head or tail, found.value
    return title, None


def _dates(text: str, how: Conventions, slack: int) -> list[FoundTime]:
    """Return the dates of a text that says little else, else none."""
    found = list(how.times(text))
    return found if len(text) - sum(len(time.raw) for time in found) <= slack else []


def _marked(box: Element, how: Conventions) -> str | None:
    """Return the date of a `<time>` as it is shown, or as its attribute has it where that is another day."""
    for element in box.iter("time"):
        if is_change(element):
            continue
        shown = next(how.times(visible_text(element)), None)
        marked = next(how.times(element.get("datetime", "").strip()), None)
        if marked and (not shown or abs(_day(shown) - _day(marked)).days > 1):
            return marked.value
        if shown:
            return shown.value
    return None


def _day(time: FoundTime) -> date:
    return date.fromisoformat(time.value[:10])


def _printed(pieces: Sequence[str], how: Conventions) -> str | None:
    """Return the date among the pieces: one alone or in parts, else one in a short line such as a byline."""
    span = dated_span(pieces, how)
    lines = [" ".join(pieces[span.start : span.stop]), *pieces] if span else pieces
    return next((found[0].value for line in lines if (found := _dates(line, how, _LOOSE))), None)


def _with_year_of(url: str, pieces: Sequence[str]) -> str | None:
    """Return a date printed without its century or its year, when the address holds one that it fits."""
    day = _URL_DAY.search(url)
    for piece in pieces if day else ():
        shown, short = _MONTH_DAY.fullmatch(piece), _SHORT_YEAR.fullmatch(piece)
        if day and shown and (int(shown[1]), int(shown[2])) == (int(day[2]), int(day[3])):
            return "-".join(day.groups())
        if day and short and day[1] == "20" + short[1]:
            return _valid(f"{day[1]}-{short[3]}-{short[4]}")
    return None


def _valid(day: str) -> str | None:
    try:
        return date.fromisoformat(day).isoformat()
    except ValueError:
        return None
