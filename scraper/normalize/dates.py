"""Text in, the dates printed in it out, with the precision they are printed with. Pure.

    parse_time("发布时间：2026-03-26浏览次数：10")          2026-03-26
    parse_time("Tue, 25 Oct 2022 20:00:00 BST")            2022-10-25T20:00:00+01:00
    parse_time("2023-09-23 13:00", zone="Asia/Shanghai")   2023-09-23T13:00+08:00

Each form is one row of `_FORMS`; a row only says where year, month and day stand. Every repetition is bounded
(`{0,9}`, never `*`), so the time taken grows with the length of the text and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from scraper.normalize.tables import (
    CHINESE_DIGITS,
    CHINESE_TENS,
    COUNTRY_ZONES,
    DAY_FIRST_DOMAINS,
    DAY_FIRST_LANGUAGES,
    DAY_FIRST_REGIONS,
    ERAS,
    FOLD,
    HALF_DAYS,
    MONTH_FIRST_DOMAINS,
    MONTH_FIRST_REGIONS,
    MONTHS,
    ZONE_OFFSETS,
)

_YEARS = range(1990, 2101)

_Y = r"(?P<y>19\d\d|20\d\d|2100)"
_M = r"(?P<m>\d{1,2})"
_D = r"(?P<d>\d{1,2})"
_NUMERALS = "〇零○一二三四五六七八九十廿卅"
_CJK_M = rf"(?P<m>\d{{1,2}}|[{_NUMERALS}]{{1,3}})\s{{0,3}}[月월]"
_CJK_D = rf"(?P<d>\d{{1,2}}|[{_NUMERALS}]{{1,4}})"
# One hump of letters, so that a label glued on ("DateNov 17") does not hide the month.
_B = (
    r"(?P<b>(?-i:(?:[A-ZÀ-Þ]|(?<![A-Za-zÀ-ÿ])[a-zß-ÿ])[a-zß-ÿ]{2,9}+(?![a-zß-ÿ])"
    r"|(?<![A-Za-zÀ-ÿ])[A-ZÀ-Þ]{3,10}+(?![A-Za-zÀ-ÿ])))"
)
_TH = r"(?:st|nd|rd|th|er|[º°ª])?"
_OF = r"(?:(?:of|del?|do)\s{1,3})?"
_SEP = r"[\s.,/-]{0,4}"
_GAP = r"[\s,]{1,9}"
_ALONE = r"(?<![\w.,:/-])"
# A digit after a date makes it another number, unless it starts a clock glued on: 2018-10-3100:00.
_END = r"(?:(?!\d)|(?<=\d\d)(?=[0-2]\d:[0-5]\d))"
_NO_MORE = r"(?!\w|[-/.:,]\d)"
# Where the month or day is last, a year behind it claims it: in "2024 12 Dec 2025" the date is 12 Dec 2025.
_LAST = r"(?!\W{0,3}(?:\d{1,2}\W{1,3})?(?:19|20)\d\d)"

_FORMS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # 2023-09-23  2024/01/19  2026. 2. 10   (but not the end of 2022-2023-1-2, a term and a course)
        rf"(?<!\d)(?<!\d{{4}}-){_Y}\s{{0,2}}(?P<s>[-/.])\s{{0,2}}{_M}\s{{0,2}}(?P=s)\s{{0,2}}{_D}{_END}",
        # 04/11/2022  28.06.2019: which part is the day is settled in `_day_and_month`
        rf"(?<!\d)(?P<p>\d{{1,2}})\s{{0,2}}(?P<s>[-/.])\s{{0,2}}(?P<q>\d{{1,2}})\s{{0,2}}(?P=s)\s{{0,2}}{_Y}{_END}",
        # 2017年09月27日  二〇二六年九月一日  2026년 2월 10일
        rf"(?<![\d{_NUMERALS}])(?P<y>\d{{4}}|[{_NUMERALS}]{{4}})\s{{0,3}}[年년]\s{{0,3}}"
        rf"{_CJK_M}\s{{0,3}}{_CJK_D}(?:\s{{0,3}}[日号號일]|{_NO_MORE})",
        # 民國115年9月1日  令和8年9月1日
        rf"(?P<era>{'|'.join(ERAS)})\s{{0,3}}(?P<y>\d{{1,3}}|元|[{_NUMERALS}]{{1,3}})\s{{0,3}}年\s{{0,3}}"
        rf"{_CJK_M}\s{{0,3}}{_CJK_D}\s{{0,3}}日",
        # 26 October 2022  28. Juni 2019  26-Oct-2022  5 de mayo de 2021
        rf"(?<!\d){_D}{_TH}{_SEP}{_OF}{_B}{_SEP}{_OF}{_Y}{_END}",
        # December 09, 2024  Sept. 5, 2023
        rf"{_B}{_SEP}{_D}{_TH}[\s.,/-]{{1,4}}{_Y}{_END}",
        # Parts of one date from several elements: 17 2024 Nov | 2024 Nov 17 | 2024, 17 Nov
        rf"{_ALONE}{_D}{_TH}{_GAP}{_Y}[\s,/-]{{1,4}}{_B}{_LAST}",
        rf"(?<!\d){_Y}{_SEP}{_B}{_SEP}{_D}{_TH}{_NO_MORE}{_LAST}",
        rf"(?<!\d){_Y}[\s,/-]{{1,4}}{_D}{_TH}{_SEP}{_B}{_LAST}",
        # 24 2025-05 | 2025-05 24 | 2025 05-24 | 05-24 2025
        rf"{_ALONE}{_D}日?{_GAP}{_Y}\s?[-/.年]\s?{_M}月?(?![\d日]|[-/.:]\d)",
        rf"(?<![\d-]){_Y}[-/.]{_M}{_GAP}{_D}日?{_NO_MORE}",
        rf"{_ALONE}{_Y}{_GAP}(?P<m>\d\d)[-/](?P<d>\d\d){_NO_MORE}",
        rf"{_ALONE}(?P<m>\d\d)[-/](?P<d>\d\d){_GAP}{_Y}{_NO_MORE}",
        # 16 06月,2021 | 06月16日,2021
        rf"(?<!\d){_D}日?{_GAP}{_CJK_M}{_GAP}{_Y}{_NO_MORE}",
        rf"(?<![\d{_NUMERALS}]){_CJK_M}\s{{0,3}}{_CJK_D}日?{_GAP}{_Y}{_NO_MORE}",
        # 20230923
        rf"(?<![\w./=#&?%-]){_Y}(?P<m>\d\d)(?P<d>\d\d)(?!\w|[./-]\w)",
    )
)

_WEEKDAY = (
    r"(?:\((?:周|週)?[一二三四五六日天月火水木金土월화수목금토일]\)"
    r"|\(?(?:(?:星期|周|週|礼拜|禮拜)[一二三四五六日天]|[日月火水木金土]曜日?|[월화수목금토일]요일"
    r"|(?:mon|tue|tues|wed|wednes|thu|thurs|fri|sat|satur|sun)(?:day)?\b\.?)\)?)"
)
# A clock right after a date.
_CLOCK = re.compile(
    rf"""
    (?:(?P<t>T)|(?:\s{{0,9}}+(?:[,|·•@-]|at\b|um\b|à\b|às\b|alle\b|a\slas\b|{_WEEKDAY})){{0,3}}\s{{0,9}}+)
    (?P<before>{"|".join(HALF_DAYS)})?\s{{0,2}}
    (?P<hour>\d{{1,2}})\s?
    (?:[:h时時点點시]|\.(?=\d\d\s?(?:[ap]\.?m|uhr)\b))\s?  # a full stop where a word tells it from a price
    (?P<minute>\d\d)(?:\s?[分분])?
    (?:(?::|(?<=[分분])\s?)(?P<second>\d\d)(?:[.,]\d{{1,9}}|\s?[秒초])?)?
    (?!\d|:\d)
    (?:\s{{0,2}}(?P<after>[ap]\.?m\b\.?))?
    (?:\s{{0,2}}(?P<paren>\()?(?P<zone>
        (?-i:UTC|GMT)\s?[+-]\d{{1,2}}(?::?\d\d)?(?!\d)
        |(?-i:(?:{"|".join(sorted(ZONE_OFFSETS, key=len, reverse=True))})(?![A-Za-z]))
        |(?(second)[+-]|(?(t)[+-]|\+))\d\d(?::?\d\d)?(?!\d)  # the minus of "10:30-11:30" is no offset
    )(?(paren)\)))?
    """,
    re.IGNORECASE | re.VERBOSE,
)
_OFFSET = re.compile(r"([+-])(\d\d?):?(\d\d)?$")


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


def find_times(text: str, *, day_first: bool | None = None, zone: str | None = None) -> Iterator[FoundTime]:
    """Yield every date in order of appearance, none overlapping; of two that start together the longer.

    Only whole dates from 1990 to 2100 count. In `04/11/2022` a part above 12 is the day; else `day_first`
    decides, and None means day first, as everywhere but on the sites that `day_first_of` knows.
    `zone` is the IANA zone of a clock whose text states none; an unknown one raises ZoneInfoNotFoundError.
    """
    folded = text.translate(FOLD)
    end = 0
    for start, stop, day in sorted(_dates(folded, day_first), key=lambda found: (found[0], -found[1])):
        if start >= end:
            clock, end = _clock(folded, stop, day, zone)
            yield FoundTime(day.isoformat() + clock, text[start:end], start, end)


def parse_time(text: str, *, day_first: bool | None = None, zone: str | None = None) -> FoundTime | None:
    """Return the first date of `find_times`."""
    return next(find_times(text, day_first=day_first, zone=zone), None)


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


def zone_of(host: str) -> str | None:
    """Return the IANA zone of the country a host's domain names, if all clocks of that country agree."""
    return COUNTRY_ZONES.get(_domain(host))


def _domain(host: str) -> str:
    return host.rstrip(".").rpartition(".")[2].lower()


def _dates(text: str, day_first: bool | None) -> Iterator[tuple[int, int, date]]:
    for form in _FORMS:
        for match in form.finditer(text):
            if day := _date(match.groupdict(), day_first):
                yield match.start(), match.end(), day


def _date(part: dict[str, str], day_first: bool | None) -> date | None:
    """Return the calendar date of a form's groups; None if there is no such day, month or year."""
    try:
        year = (1 if part["y"] == "元" else _number(part["y"])) + ERAS.get(part.get("era", ""), 0)
        day, month = _day_and_month(part, day_first)
        return date(year, month, day) if year in _YEARS else None
    except ValueError:
        return None


def _day_and_month(part: dict[str, str], day_first: bool | None) -> tuple[int, int]:
    if "p" in part:
        first, second = int(part["p"]), int(part["q"])
        month_first = second > 12 or (first <= 12 and day_first is False)
        return (second, first) if month_first else (first, second)
    month = MONTHS.get(part["b"].lower(), 0) if "b" in part else _number(part["m"])
    return _number(part["d"]), month


def _number(text: str) -> int:
    """Return the value of `09`, `二〇二六`, `十`, `二十三` or `廿三`; ValueError for what is no number."""
    for short, long in CHINESE_TENS.items():
        text = text.replace(short, long)
    tens, ten, ones = text.translate(CHINESE_DIGITS).partition("十")
    return int(tens or 1) * 10 + int(ones or 0) if ten else int(tens)


def _clock(text: str, start: int, day: date, zone: str | None) -> tuple[str, int]:
    """Return the time of day that follows a date, as `THH:MM…`, and where it ends; empty if there is none."""
    match = _CLOCK.match(text, start)
    if not match:
        return "", start
    hour, minute, second = (int(match[name] or 0) for name in ("hour", "minute", "second"))
    half = HALF_DAYS.get((match["before"] or match["after"] or "").lower().replace(".", ""))
    if half == "pm" and hour < 12:
        hour += 12
    elif half == "am" and hour == 12:
        hour = 0
    try:
        moment = datetime.combine(day, time(hour, minute, second))
    except ValueError:
        return "", start
    shown = moment.strftime("T%H:%M:%S" if match["second"] else "T%H:%M")
    return shown + (_stated_offset(match["zone"]) or _offset_in(zone, moment)), match.end()


def _stated_offset(zone: str | None) -> str:
    """Return `+08:00` for `+0800`, `GMT+8`, `HKT`; empty for none, and for hours that no zone has."""
    named = ZONE_OFFSETS.get(zone or "")
    match = _OFFSET.search(zone or "")
    if named or not match or int(match[2]) > 14:
        return named or ""
    return f"{match[1]}{int(match[2]):02}:{match[3] or '00'}"


def _offset_in(zone: str | None, moment: datetime) -> str:
    return moment.replace(tzinfo=ZoneInfo(zone)).isoformat()[-6:] if zone else ""
