"""The match of a form in, the day of the calendar it names out, or why it names none. Pure."""

from __future__ import annotations

import re
from datetime import date

from scraper.normalize.tables import CHINESE_DIGITS, CHINESE_TENS, ERAS, MONTHS

# Before the first web page nothing was released on the web: what is older tells of an event, or is the zero
# of the clock, 1970, that a CMS prints for "unknown".
FIRST_YEAR, LAST_YEAR = 1990, 2100
_YEAR_FIRST = ("Asia/Shanghai", "Asia/Taipei", "Asia/Hong_Kong", "Asia/Macau", "Asia/Seoul", "Asia/Tokyo")


def day_of(match: re.Match[str], day_first: bool | None) -> date | str | None:
    """Return the day; `impossible` or `ancient` for one that cannot be; None for what is no date at all."""
    part = {name: text for name, text in match.groupdict().items() if text}
    try:
        year = _year(part)
        month, day = _month_and_day(part, day_first)
    except (ValueError, KeyError):  # no numeral of ours; no month's name
        return None
    if year < FIRST_YEAR:
        return "ancient"
    try:
        return date(year, month, day) if year <= LAST_YEAR else "impossible"
    except ValueError:
        return "impossible"


def short_day_of(match: re.Match[str], day_first: bool | None, zone: str | None) -> date | None:
    """Return the day of a date whose year has two digits, where the site is known to be of one custom.

    East Asia prints the year first; who prints the day first prints the year last. The year is 2000 to 2049.
    """
    a, b, c = (int(match[name]) for name in "abc")
    if (zone or "").startswith(_YEAR_FIRST):
        year, month, day = a, b, c
    elif day_first:
        day, month, year = a, b, c
    else:
        return None
    try:
        return date(2000 + year, month, day) if year < 50 else None
    except ValueError:
        return None


def order_of(match: re.Match[str]) -> bool | None:
    """Tell whether a match proves that its site prints the day first (True) or the month (False)."""
    if "p" not in match.re.groupindex:
        return None
    first, second = int(match["p"]), int(match["q"])
    if not (1 <= min(first, second) <= 12 < max(first, second) <= 31):
        return None
    return first > second


def _year(part: dict[str, str]) -> int:
    if "roc" in part:
        return int(part["roc"]) + ERAS["民國"]
    return _number(part["y"]) + (ERAS[part["era"]] if "era" in part else 0)


def _month_and_day(part: dict[str, str], day_first: bool | None) -> tuple[int, int]:
    if "b" in part:
        return MONTHS[part["b"].lower()], _number(part["d"])
    if "p" in part:  # 04/11/2022: the day is first, unless the site says otherwise
        return _settled(int(part["p"]), int(part["q"]), day_first is not False)
    if "month" in part:  # 05-24 2025: boxes of dates are Chinese, unless the site says otherwise
        return _settled(int(part["month"]), int(part["day"]), day_first is True)
    return _number(part["m"]), _number(part["d"])


def _settled(first: int, second: int, day_first: bool) -> tuple[int, int]:
    """Return (month, day): a part above 12 is the day whatever the custom."""
    if max(first, second) > 12:
        day_first = first > 12
    return (second, first) if day_first else (first, second)


def _number(text: str) -> int:
    """Return the value of `09`, `二〇二六`, `十`, `二十三` or `廿三`; ValueError for what is no number."""
    if text.isascii():
        return int(text)
    for short, long in CHINESE_TENS.items():
        text = text.replace(short, long)
    tens, ten, ones = text.translate(CHINESE_DIGITS).partition("十")
    return int(tens or 1) * 10 + int(ones or 0) if ten else int(tens)
