"""Text in, the dates printed in it out, with the precision they are printed with. Pure.

    parse_time("发布时间：2026-03-26浏览次数：10")          2026-03-26
    parse_time("Tue, 25 Oct 2022 20:00:00 BST")            2022-10-25T20:00:00+01:00
    parse_time("2023-09-23 13:00", zone="Asia/Shanghai")   2023-09-23T13:00+08:00

The forms are rows in `forms`; where several match, the leftmost and then the longest is the date.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from scraper.normalize.clock import find_clock
from scraper.normalize.days import FIRST_YEAR, day_of, order_of, short_day_of
from scraper.normalize.forms import (
    EITHER_FIRST,
    REPUBLIC,
    SHORT,
    forms_for,
    is_count,
    may_hold_date,
    stretches,
)
from scraper.normalize.tables import (
    COUNTRY_ZONES,
    DAY_FIRST_DOMAINS,
    DAY_FIRST_LANGUAGES,
    DAY_FIRST_REGIONS,
    FOLD,
    MONTH_FIRST_DOMAINS,
    MONTH_FIRST_REGIONS,
)

_AHEAD = timedelta(days=1)  # the clocks of the earth are a day apart
_TAIPEI = "Asia/Taipei"  # where 115-09-01 is a date of 2026
_SHORT_LINE = 40  # characters of a line that may hold a year of two digits
_FEW = 8  # years in one place up to which it pays to keep book of them
_REMEMBERED = 200  # characters of a line whose dates are worth remembering: a reader asks several times


@dataclass(frozen=True, slots=True)
class FoundTime:
    """A date read from a text: `raw` is `text[start:end]`.

    `value` is ISO 8601 with the text's own precision: `2023-09-23`, `…T13:00`, `…T13:00:05`.
    An offset such as `+08:00` follows a time of day when the text states one or the site's zone is known.
    """

    value: str
    raw: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class RefusedTime:
    """A text that is printed like a date but is none of a release: `reason` is `impossible` or `ancient`."""

    raw: str
    reason: str


_Hit = tuple[re.Match[str], date | str]
_Reading = tuple[tuple[FoundTime, ...], tuple[RefusedTime, ...]]


def find_times(text: str, *, day_first: bool | None = None, zone: str | None = None) -> Iterator[FoundTime]:
    """Yield every date in order of appearance, none overlapping; of two that start together the longer.

    Only whole dates from 1990 to 2100 count. In `04/11/2022` a part above 12 is the day; else `day_first`
    decides, and None means day first, as everywhere but on the sites that `day_first_of` knows.
    `zone` is the IANA zone of a clock whose text states none; an unknown one raises ZoneInfoNotFoundError. In
    that of Taipei `115-09-01` counts the years of the republic. A year of two digits is read where the date
    stands apart and the site's custom is known: `19-02-11` in East Asia, `28.06.19` day first.
    """
    if may_hold_date(text) or (zone == _TAIPEI and REPUBLIC.search(text.translate(FOLD))):
        read = _remembered if len(text) <= _REMEMBERED else _read
        yield from read(text, day_first, zone)[0]
    elif len(text) <= _SHORT_LINE and (day_first or zone) and any(map(str.isdecimal, text)):
        yield from _short(text, day_first, zone)


def parse_time(text: str, *, day_first: bool | None = None, zone: str | None = None) -> FoundTime | None:
    """Return the first date of `find_times`."""
    return next(find_times(text, day_first=day_first, zone=zone), None)


def refused_times(text: str, *, day_first: bool | None = None) -> Iterator[RefusedTime]:
    """Yield what is printed like a date and was not read as one: the 31st of April, the year 1970."""
    if may_hold_date(text):
        yield from _read(text, day_first, None)[1]


def refusal(value: str, now: datetime) -> str | None:
    """Return why a date is no release seen at `now`: `future`, `ancient` or `impossible`; else None.

    `value` is that of a `FoundTime`, or any text that begins with an ISO date. A day ahead is no future: a
    page may be read west of where it was written.
    """
    try:
        day = date.fromisoformat(value[:10])
    except ValueError:
        return "impossible"
    if day.year < FIRST_YEAR:
        return "ancient"
    return "future" if day > (now.astimezone(UTC) + _AHEAD).date() else None


def day_first_of(language: str | None, host: str | None = None) -> bool | None:
    """Tell whether a site prints 04/11 for the 4th of November; None when neither argument says.

    A country's domain comes before the language: `en-US` is what many templates elsewhere forget to change.
    """
    domain = _domain(host or "")
    tongue, *subtags = (language or "").lower().replace("_", "-").split("-")
    if domain in DAY_FIRST_DOMAINS or tongue in DAY_FIRST_LANGUAGES:
        return True
    if domain in MONTH_FIRST_DOMAINS or MONTH_FIRST_REGIONS.intersection(subtags):
        return False
    return True if DAY_FIRST_REGIONS.intersection(subtags) else None


def day_first_in(texts: Iterable[str]) -> bool | None:
    """Tell what the dates of one site prove: True by `31/10/2022`, False by `10/31/2022`.

    None when no date has a part above 12, and when they contradict each other. What is proved goes before
    `day_first_of`, which only knows customs.
    """
    printed = (text.translate(FOLD) for text in texts if may_hold_date(text))
    telling = (text for text in printed if EITHER_FIRST.search(text))
    proofs = {
        proof for text in telling for match, _ in _hits(text, None) if (proof := order_of(match)) is not None
    }
    return proofs.pop() if len(proofs) == 1 else None


def zone_of(host: str) -> str | None:
    """Return the IANA zone of the country a host's domain names, if all clocks of that country agree."""
    return COUNTRY_ZONES.get(_domain(host))


def _domain(host: str) -> str:
    return host.rstrip(".").rpartition(".")[2].lower()


@lru_cache(maxsize=1024)
def _remembered(text: str, day_first: bool | None, zone: str | None) -> _Reading:
    return _read(text, day_first, zone)


def _read(text: str, day_first: bool | None, zone: str | None) -> _Reading:
    """Return the dates of a text, and what only looks like one."""
    folded = text.translate(FOLD)
    hits = list(_hits(folded, day_first))
    if zone == _TAIPEI:
        hits += [(match, day) for match in REPUBLIC.finditer(folded) if (day := day_of(match, day_first))]
    hits.sort(key=lambda hit: (hit[0].start(), -hit[0].end()))
    times: list[FoundTime] = []
    end = 0
    for match, day in hits:
        if isinstance(day, date) and match.start() >= end:
            clock, end = _clock(folded, match, day, zone)
            times.append(FoundTime(day.isoformat() + clock, text[match.start() : end], match.start(), end))
    return tuple(times), tuple(_refused(text, hits, times)) if len(hits) > len(times) else ()


def _refused(text: str, hits: list[_Hit], times: list[FoundTime]) -> Iterator[RefusedTime]:
    """Yield the hits that are no day and no part of a date."""
    end = 0
    for match, day in hits:
        start, stop = match.span()
        at = bisect_left(times, stop, key=lambda time: time.start)
        if isinstance(day, str) and start >= end and not (at and times[at - 1].end > start):
            end = stop
            yield RefusedTime(text[start:stop], day)


def _short(text: str, day_first: bool | None, zone: str | None) -> Iterator[FoundTime]:
    match = SHORT.search(text.translate(FOLD))
    if match and (day := short_day_of(match, day_first, zone)):
        start, end = match.start("a"), match.end("c")
        yield FoundTime(day.isoformat(), text[start:end], start, end)


def _hits(text: str, day_first: bool | None) -> Iterator[_Hit]:
    """Yield what looks like a date and what day it is; once every year has its day no form is tried."""
    for start, end, years in stretches(text):
        for form in forms_for(text, start, end):
            for match in form.finditer(text, start, end):
                if (day := day_of(match, day_first)) and not is_count(match):
                    yield match, day
                    if isinstance(day, date) and len(years) <= _FEW:
                        years = [year for year in years if not match.start() <= year < match.end()]
            if not years:
                break


def _clock(text: str, match: re.Match[str], day: date, zone: str | None) -> tuple[str, int]:
    """Return the time of day of a date as `THH:MM…`, and where the whole ends; empty if there is none."""
    inside = "clock" in match.re.groupindex
    clock = find_clock(text, match.start("clock") if inside else match.end())
    if clock is None:
        return "", match.end()
    offset = clock.offset or _offset_in(zone, datetime.combine(day, clock.moment))
    return clock.shown + offset, match.end() if inside else clock.end


def _offset_in(zone: str | None, moment: datetime) -> str:
    return moment.replace(tzinfo=ZoneInfo(zone)).isoformat()[-6:] if zone else ""
