"""The forms that dates are printed in, one row each, and which of them a text may hold. Pure.

A row only says where year, month and day stand. Every repetition is bounded (`{0,9}`, never `*`), so the time
taken grows with the length of the text and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from scraper.normalize.tables import COUNTERS, ERAS, MONTHS

NUMERALS = "〇零○一二三四五六七八九十廿卅"

_Y = r"(?P<y>19\d\d|20\d\d|2100)"
_M = r"(?P<m>\d{1,2})"
_D = r"(?P<d>\d{1,2})"
_CJK_M = rf"(?P<m>\d{{1,2}}|元|[{NUMERALS}]{{1,3}})\s{{0,3}}[月월]"
_CJK_D = rf"(?P<d>\d{{1,2}}|[{NUMERALS}]{{1,4}})"
_ERA = "|".join(ERAS)
_BESIDE = rf"(?:\((?:(?:{_ERA})\s?\w{{1,3}}|\d{{4}})年?\)\s{{0,3}})?"  # the same year of the other count
# One hump of letters, so that a label glued on ("DateNov 17") does not hide the month.
_B = (
    r"(?P<b>(?-i:(?:[A-ZÀ-Þ]|(?<![A-Za-zÀ-ÿ])[a-zß-ÿ])[a-zß-ÿ]{2,9}+(?![a-zß-ÿ])"
    r"|(?<![A-Za-zÀ-ÿ])[A-ZÀ-Þ]{3,10}+(?![A-Za-zÀ-ÿ])))"
)
# What only few lines hold: a month's first letters with a number behind them, or two numbers before letters.
_STARTS = "|".join(
    f"{first}(?:{'|'.join(sorted({case(name[:3])[1:] for name in MONTHS if case(name[:3])[0] == first}))})"
    for case in (str.lower, str.title, str.upper)
    for first in sorted({case(name[0]) for name in MONTHS})
)
_NAMED = rf"(?:{_STARTS})[A-Za-zÀ-ÿ]{{0,8}}[\s.,/-]{{0,4}}(?:[Oo][Ff]\s{{1,3}}|[Dd][EeOo][Ll]?\s{{1,3}})?\d"
_NAMED_LAST = r"\d[\s,/|-]{1,6}\d{1,4}.{0,6}?[A-Za-zÀ-ÿ]{3}"
_TH = r"(?:st|nd|rd|th|er|\.?[º°ª])?"
_OF = r"(?:(?:of|del?|do)\s{1,3})?"
_SEP = r"[\s.,/-]{0,4}"
_GAP = r"(?:[\s,]{1,9}|\s{1,3}[/|]\s{1,3})"
_ALONE = r"(?<![\w.,:/-])"
# A digit after a date makes it another number, unless it starts a clock glued on: 2018-10-3100:00.
_END = r"(?:(?!\d)|(?<=\d\d)(?=[0-2]\d:[0-5]\d))"
_NO_MORE = r"(?!\w|[-/.:,]\d)"
# Where the month or day is last, a year behind it claims it: in "2024 12 Dec 2025" the date is 12 Dec 2025.
_LAST = r"(?!\W{0,3}(?:\d{1,2}\W{1,3})?(?:19|20)\d\d)"
# Numbers that only look like a year: what stands before or behind them counts readers.
_COUNTER = rf"(?:{'|'.join(COUNTERS)})(?:次数|次數|[量数數率])?"
_NO_COUNT = rf"(?!\s{{0,3}}(?i:(?:{_COUNTER}))(?!\s?[:\d]))"  # with a colon it is the next label
_COUNTED = re.compile(rf"{_COUNTER}\W{{0,5}}$", re.IGNORECASE)

_EITHER_FIRST = r"(?<!\d)(?P<p>\d{1,2})\s{0,2}(?P<s>[-/.])\s{0,2}(?P<q>\d{1,2})\s{0,2}(?P=s)\s{0,2}" + _Y

# Rows by what a text must hold for them to be worth a try, the plainest first.
_ROWS = (
    (
        r"\d\s{0,2}[-/.·_]",
        # 2023-09-23  2024/01/19  2026. 2. 10   (not the term and course 2022-2023-1-2, nor 2023.1.2.3)
        rf"(?<!\d)(?<!\d{{4}}-){_Y}\s{{0,2}}(?P<s>[-/.·_])\s{{0,2}}{_M}\s{{0,2}}(?P=s)\s{{0,2}}{_D}{_END}"
        r"(?!\.\d{1,3}(?![\d:]))",
        # 04/11/2022  28.06.2019: which part is the day is settled by the reader
        rf"{_EITHER_FIRST}{_END}",
        # 民國115.09.01
        rf"(?P<era>{_ERA})\s{{0,3}}(?P<y>\d{{1,3}})(?P<s>[-/.]){_M}(?P=s){_D}{_END}",
    ),
    (
        r"[年년].{0,16}?(?:[月월]|\d[-/.])|\d\s?年",
        # 2017年09月27日  二〇二六年九月一日  2026년 2월 10일  2026年（令和8年）2月10日
        rf"(?<![\d{NUMERALS}])(?P<y>\d{{4}}|[{NUMERALS}]{{4}})\s{{0,3}}{_BESIDE}[年년]{_BESIDE}\s{{0,3}}"
        rf"-?{_CJK_M}\s{{0,3}}-?{_CJK_D}(?:\s{{0,3}}[日號号일]|{_NO_MORE})",
        # 民國115年9月1日  令和8年9月1日  令和8年(2026年)9月1日
        rf"(?P<era>{_ERA})\s{{0,3}}(?P<y>\d{{1,3}}|元|[{NUMERALS}]{{1,3}})\s{{0,3}}{_BESIDE}年{_BESIDE}\s{{0,3}}"
        rf"{_CJK_M}\s{{0,3}}{_CJK_D}\s{{0,3}}日",
        # 2026年09-01  2026年9.1
        rf"(?<!\d){_Y}\s{{0,3}}年\s{{0,3}}{_M}[-/.]{_D}日?{_NO_MORE}",
        # 24 2025年05月
        rf"{_ALONE}{_D}日?{_GAP}{_Y}\s?年\s?{_M}月?(?![\d日]|[-/.:]\d)",
    ),
    (
        _NAMED,
        # 26 October 2022  28. Juni 2019  26-Oct-2022  5 de mayo de 2021
        rf"(?<!\d){_D}{_TH}{_SEP}{_OF}{_B}{_SEP}{_OF}{_Y}{_END}{_NO_COUNT}",
        # December 09, 2024  Sept. 5, 2023  febrero 10 de 2026
        rf"{_B}{_SEP}{_D}{_TH}[\s.,/-]{{1,4}}{_OF}{_Y}{_END}{_NO_COUNT}",
        # Tue Oct 25 20:00:00 CST 2022
        rf"{_B}\s{{1,2}}{_D}(?P<clock>\s\d\d:\d\d:\d\d(?:\s[A-Z]{{2,4}})?)\s{_Y}{_NO_MORE}",
        # Parts of one date from several elements: 2024 Nov 17 | Nov 2024 17
        rf"(?<!\d){_Y}{_SEP}{_B}{_SEP}{_D}{_TH}{_NO_MORE}{_LAST}",
        rf"{_B}[\s.,]{{1,4}}{_Y}{_GAP}{_D}\s{{0,3}}\Z",
    ),
    (
        _NAMED_LAST,
        # 17 2024 Nov | 2024, 17 Nov
        rf"{_ALONE}{_D}{_TH}{_GAP}{_Y}[\s,/-]{{1,4}}{_B}{_LAST}",
        rf"(?<!\d){_Y}[\s,/-]{{1,4}}{_D}{_TH}{_SEP}{_B}{_LAST}",
    ),
    (
        r"\d日?[\s,].{0,3}?\d",
        # 24 2025-05 | 2025-05 24 | 2025 05-24 | 05-24 2025
        rf"{_ALONE}{_D}日?{_GAP}{_Y}\s?[-/.]\s?{_M}(?!\d|[-/.:]\d)",
        rf"(?<![\d-]){_Y}[-/.]{_M}{_GAP}{_D}日?{_NO_MORE}",
        rf"{_ALONE}{_Y}{_GAP}(?P<m>\d\d)[-/.](?P<d>\d\d){_NO_MORE}",
        rf"{_ALONE}(?P<month>\d\d)[-/.](?P<day>\d\d){_GAP}{_Y}年?{_NO_MORE}{_NO_COUNT}",
    ),
    (
        "[月월]",
        # 16 06月,2021 | 06月16日,2021
        rf"(?<!\d){_D}日?{_GAP}{_CJK_M}{_GAP}{_Y}年?{_NO_MORE}{_NO_COUNT}",
        rf"(?<![\d{NUMERALS}]){_CJK_M}\s{{0,3}}{_CJK_D}日?{_GAP}{_Y}年?{_NO_MORE}{_NO_COUNT}",
    ),
    (
        r"(?:19|20)\d{6}",
        # 20230923  20230923T101500Z
        rf"(?<![\w./=#&?%-]){_Y}(?P<m>\d\d)(?P<d>\d\d)(?:(?!\w|[./-]\w)|(?=T\d{{4}}))",
    ),
)
_FORMS = tuple(
    (
        re.compile(needs),
        tuple(re.compile(row, re.IGNORECASE if needs in (_NAMED, _NAMED_LAST) else 0) for row in rows),
    )
    for needs, *rows in _ROWS
)
# What a date begins with that proves whether a site prints the day first.
EITHER_FIRST = re.compile(_EITHER_FIRST)
# 115-09-01  115.9.1: years of the republic, for sites known to count so
REPUBLIC = re.compile(rf"(?<![\d.,/-])(?P<roc>1[0-4]\d)(?P<s>[-/.]){_M}(?P=s){_D}(?!\d|[-/.:]\d)")
# [19-02-11]  28.06.19: fenced in by signs or by the text's ends, or any three numbers would do
SHORT = re.compile(
    r"(?:^\s{0,3}|[|\[(]\s{0,2})(?P<a>\d\d)(?P<s>[-/.])(?P<b>\d\d)(?P=s)(?P<c>\d\d)(?=\s{0,3}$|\s{0,2}[|\])])"
)
_DIGIT_YEAR = re.compile(r"[12１２][09０９1１]\d\d")
_YEAR = re.compile(rf"(?:19|20)\d\d(?!\s{{0,3}}[年년])|2100|[年년]|(?:{_ERA})(?!.{{1,4}}年)")
_REACH = 72  # no form reaches further from its year


def may_hold_date(text: str) -> bool:
    """Tell whether it is worth looking for dates: a year is printed, or the sign of one.

    Most lines of a page hold none, so this asks the cheapest questions first.
    """
    if "年" in text or "년" in text:
        return True
    if not ("2" in text or "1" in text or "２" in text or "１" in text):
        return False
    return _DIGIT_YEAR.search(text) is not None or any(era in text for era in ERAS)


def stretches(text: str) -> Iterator[tuple[int, int, list[int]]]:
    """Yield the parts of a folded text around its years, and where the years stand."""
    years: list[int] = []
    for year in _YEAR.finditer(text):
        if years and year.start() - years[-1] > 2 * _REACH:
            yield max(0, years[0] - _REACH), years[-1] + _REACH, years
            years = []
        years.append(year.start())
    if years:
        yield max(0, years[0] - _REACH), min(len(text), years[-1] + _REACH), years


def forms_for(text: str, start: int, end: int) -> Iterator[re.Pattern[str]]:
    """Yield the forms a part of a text may hold, the plainest first."""
    for needs, forms in _FORMS:
        if needs.search(text, start, end):
            yield from forms


def is_count(match: re.Match[str]) -> bool:
    """Tell whether what stands for a year is a number of readers: 浏览次数 2023 12-05."""
    start, end = match.span("y")
    if start != match.start() or match.string[end : end + 1] not in (" ", "\n", "\t", ","):
        return False
    return _COUNTED.search(match.string, max(0, start - 16), start) is not None
