"""The text right after a date in, the time of day that follows it out, with the zone it states. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

from scraper.normalize.tables import HALF_DAYS, ZONE_OFFSETS

_WEEKDAY = (
    r"(?:\((?:周|週|星期)?[一二三四五六日天月火水木金土월화수목금토일]\)"
    r"|\(?(?:(?:星期|周|週|礼拜|禮拜)[一二三四五六日天]|[日月火水木金土]曜日?|[월화수목금토일]요일"
    r"|(?:mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun)(?:day)?\b\.?)\)?)"
)
_WORDS = r"at\b|um\b|à\b|às\b|alle\b(?:\sore\b)?|ore\b|a\slas\b|kl\.|klo\b"
_CLOCK = re.compile(
    rf"""
    (?:(?P<t>T)|-(?=\d\d:\d\d:\d\d)|\.?(?:\s{{0,9}}+(?:[,|·•@/-]|{_WORDS}|{_WEEKDAY})){{0,3}}\s{{0,9}}+)
    (?P<before>{"|".join(HALF_DAYS)})?\s{{0,2}}
    (?:(?P<hour>\d{{1,2}})\s?
    (?:[:h时時点點시]|\.(?=\d\d\s?(?:[ap]\.?m|uhr)\b))\s?  # a full stop where a word tells it from a price
    (?P<minute>\d\d)(?:\s?(?:[分분]|min\b))?
    (?:(?::|(?<=[分분])\s?)(?P<second>\d\d)(?:[.,]\d{{1,9}}|\s?[秒초])?)?
    |(?<=T)(?P<basic>\d{{4}}(?:\d\d)?))
    (?!\d|:\d)
    (?:\s{{0,2}}(?P<after>[ap]\.?m\b\.?))?
    (?:\s{{0,2}}(?P<paren>\()?(?P<zone>
        (?-i:UTC|GMT)\s?[+-]\d{{1,2}}(?::?\d\d)?(?!\d)
        |(?(t)Z(?![A-Za-z])|(?!))
        |(?-i:(?:{"|".join(sorted(ZONE_OFFSETS, key=len, reverse=True))})(?![A-Za-z]))
        |(?(second)[+-]|(?(t)[+-]|\+))\d\d(?::?\d\d)?(?!\d)  # the minus of "10:30-11:30" is no offset
    )(?(paren)\)))?
    """,
    re.IGNORECASE | re.VERBOSE,
)
_OFFSET = re.compile(r"([+-])(\d\d?):?(\d\d)?$")


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day as printed: `shown` is `T13:00` or `T13:00:05`, `offset` the stated one or empty."""

    moment: time
    shown: str
    offset: str
    end: int


def find_clock(text: str, start: int) -> Clock | None:
    """Return the time of day that stands right at `start` of a folded text."""
    match = _CLOCK.match(text, start)
    if not match:
        return None
    hour, minute, second = _parts(match)
    half = HALF_DAYS.get((match["before"] or match["after"] or "").lower().replace(".", ""))
    if half == "pm" and hour < 12:
        hour += 12
    elif half == "am" and hour == 12:
        hour = 0
    try:
        moment = time(hour, minute, second or 0)
    except ValueError:
        return None
    shown = moment.strftime("T%H:%M" if second is None else "T%H:%M:%S")
    return Clock(moment, shown, _offset(match["zone"]), match.end())


def _parts(match: re.Match[str]) -> tuple[int, int, int | None]:
    if basic := match["basic"]:
        return int(basic[:2]), int(basic[2:4]), int(basic[4:]) if basic[4:] else None
    return int(match["hour"]), int(match["minute"]), int(match["second"]) if match["second"] else None


def _offset(zone: str | None) -> str:
    """Return `+08:00` for `+0800`, `GMT+8`, `HKT`; empty for none, and for hours that no zone has."""
    named = ZONE_OFFSETS.get((zone or "").upper())
    match = _OFFSET.search(zone or "")
    if named or not match or int(match[2]) > 14:
        return named or ""
    return f"{match[1]}{int(match[2]):02}:{match[3] or '00'}"
