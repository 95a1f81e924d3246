"""Dates as university pages print them, and what only looks like one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.normalize.dates import FoundTime, day_first_of, find_times, parse_time, zone_of
from scraper.normalize.tables import COUNTRY_ZONES, MONTHS


def value(text: str, *, day_first: bool | None = None, zone: str | None = None) -> str | None:
    found = parse_time(text, day_first=day_first, zone=zone)
    return found.value if found else None


PRINTED = {
    # digits
    "2025-03-17": "2025-03-17",
    "2021.06.11": "2021-06-11",
    "2024/01/19": "2024-01-19",
    "2023-9-1": "2023-09-01",
    "2024 / 01 / 19": "2024-01-19",
    "2026. 2. 10.": "2026-02-10",
    "28. 6. 2019": "2019-06-28",
    "20230923": "2023-09-23",
    "２０２３－０９－２３　１３：００": "2023-09-23T13:00",
    "2022–10–25": "2022-10-25",
    # Chinese, Japanese, Korean
    "2017年09月27日 21:32": "2017-09-27T21:32",
    "2017 年 9 月27日": "2017-09-27",
    "2017年11月24号": "2017-11-24",
    "二〇二六年九月一日": "2026-09-01",
    "二○二三年十月二十三日": "2023-10-23",
    "二零二三年十二月三十一日": "2023-12-31",
    "二〇二三年十月廿三日": "2023-10-23",
    "2026年九月一日": "2026-09-01",
    "中華民國115年9月1日": "2026-09-01",
    "民國一一五年九月一日": "2026-09-01",
    "2026年2月10日(火) 15:20": "2026-02-10T15:20",
    "令和8年2月10日": "2026-02-10",
    "令和元年5月1日": "2019-05-01",
    "2026년 2월 10일 오후 3:20": "2026-02-10T15:20",
    # month names
    "26 October 2022": "2022-10-26",
    "Friday, 27 November 2020": "2020-11-27",
    "December 09, 2024 —": "2024-12-09",
    "Dec 11, 2023": "2023-12-11",
    "Sept. 5, 2023": "2023-09-05",
    "5th May 2021": "2021-05-05",
    "the 5th of May, 2021": "2021-05-05",
    "26 OCTOBER 2022": "2022-10-26",
    "26-Oct-2022": "2022-10-26",
    "06 Novembre 2019": "2019-11-06",
    "1er août 2021": "2021-08-01",
    "28. Juni 2019": "2019-06-28",
    "3. März 2019": "2019-03-03",
    "5 de mayo de 2021": "2021-05-05",
    "5 de março de 2021": "2021-03-05",
    "12 gennaio 2021": "2021-01-12",
    # one date in several elements, their text joined by white space
    "24 2025-05": "2025-05-24",
    "2025-05 24": "2025-05-24",
    "24 2025年05月": "2025-05-24",
    "2025年05月 24": "2025-05-24",
    "09-24 2025": "2025-09-24",
    "2025 09-24": "2025-09-24",
    "16 06月,2021": "2021-06-16",
    "06月16日,2021": "2021-06-16",
    "Nov 17 2024": "2024-11-17",
    "17 2024 Nov": "2024-11-17",
    "2024 Nov 17": "2024-11-17",
    "2024 17 Nov": "2024-11-17",
    # a clock behind the date
    "2023-03-17 17:07:14": "2023-03-17T17:07:14",
    "2018-10-31 00:00:00 星期三": "2018-10-31T00:00:00",
    "2018-10-3100:00:00": "2018-10-31T00:00:00",
    "2017年09月27日21时32分05秒": "2017-09-27T21:32:05",
    "2023年9月1日 星期五 10:30": "2023-09-01T10:30",
    "2024年1月5日 下午3:20": "2024-01-05T15:20",
    "2024年1月5日 上午12:20": "2024-01-05T00:20",
    "Nov 17, 2024 3:20 PM": "2024-11-17T15:20",
    "Nov 17, 2024 at 12:20 a.m.": "2024-11-17T00:20",
    "17 November 2024, 10.30am": "2024-11-17T10:30",
    "6 novembre 2019 à 14h30": "2019-11-06T14:30",
    "28.06.2019 um 14:30 Uhr": "2019-06-28T14:30",
    "4. Oktober 2023, 15.30 Uhr": "2023-10-04T15:30",
    "Wed, 10/26/2022 - 14:33": "2022-10-26T14:33",
    # a zone the text states
    "2023-09-23T13:00:05Z": "2023-09-23T13:00:05+00:00",
    "2023-09-23T13:00:05.123+0800": "2023-09-23T13:00:05+08:00",
    "2022-10-25T20:00-05:00": "2022-10-25T20:00-05:00",
    "Tue, 25 Oct 2022 20:00:00 -0500": "2022-10-25T20:00:00-05:00",
    "Tue, 25 Oct 2022 20:00:00 BST": "2022-10-25T20:00:00+01:00",
    "2023-09-23 10:30 GMT+8": "2023-09-23T10:30+08:00",
    "2023-09-23 10:30 (北京时间)": "2023-09-23T10:30+08:00",
    # glued to its neighbours
    "发布者：甲发布时间：2026-03-26浏览次数：10": "2026-03-26",
    "Release Time:2023-09-23Views:12": "2023-09-23",
    "2021-12-24作者：浏览次数：": "2021-12-24",
    "日期：2024-06-17 人气：13369": "2024-06-17",
    "来源：主页 时间: 2019-10-09 阅读:23095": "2019-10-09",
    "发布时间：2026年9月1日作者：甲": "2026-09-01",
    "DateNov 17, 2024Views": "2024-11-17",
}


@pytest.mark.parametrize(("text", "expected"), PRINTED.items())
def test_a_printed_date_is_read_with_its_own_precision(text: str, expected: str) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2023",
        "2023-09",
        "2023年9月",
        "September 2023",
        "09-01",
        "9月1日",
        "浏览次数：1234",
        "浏览 2023 次",
        "Copyright © 2005-2025",
        "2023-02-30",
        "2023-13-01",
        "31 April 2022",
        "二〇二三年十三月一日",
        "十十十十年九月一日",
        "1989-12-31",
        "2101-01-01",
        "2023-09-231",
        "102023-09-23",
        "17 November 202412",
        "电话20230923",
        "/20230923.html",
        "120230923",
        "2022-2023-1-2",
        "2025-05 24,000",
        "9月29日，2025中国论坛",
        "12 Angry 2023",
    ],
)
def test_what_is_no_whole_and_possible_date_is_not_read(text: str) -> None:
    assert value(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023-09-23 24:00", "2023-09-23"),
        ("2023-09-23 13:0012", "2023-09-23"),
        ("2023-09-23 13:00:145", "2023-09-23"),
        ("2023-09-23 10.50", "2023-09-23"),
        ("2023-09-23 10:30 12", "2023-09-23T10:30"),
        ("2023-09-23 10:30-11:30", "2023-09-23T10:30"),
        ("2023-09-23 10:30 WEST CAMPUS", "2023-09-23T10:30"),
        ("2023-09-23T10:30:00+99:00", "2023-09-23T10:30:00"),
    ],
)
def test_a_clock_that_cannot_be_one_leaves_the_date(text: str, expected: str) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("2023-09-01 至 2023-09-05", ["2023-09-01", "2023-09-05"]),
        ("01.09.2023-05.09.2023", ["2023-09-01", "2023-09-05"]),
        ("17 Nov 2024 12 Dec 2025", ["2024-11-17", "2025-12-12"]),
        ("Views 2024 12 Dec 2025", ["2025-12-12"]),
        ("2023-02-30, 2023-03-01", ["2023-03-01"]),
        ("2025年5月24日 18 2025-05", ["2025-05-24", "2025-05-18"]),
    ],
)
def test_every_date_is_found_in_order(text: str, values: list[str]) -> None:
    assert [found.value for found in find_times(text)] == values


def test_raw_and_span_are_what_stands_in_the_text() -> None:
    text = "　发布时间：２０２３年9月1日 星期五 10:30（北京时间）　浏览"
    found = parse_time(text)
    assert found == FoundTime("2023-09-01T10:30+08:00", "２０２３年9月1日 星期五 10:30（北京时间）", 6, 31)
    assert text[6:31] == found.raw


@pytest.mark.parametrize(
    ("text", "day_first", "expected"),
    [
        ("04/11/2022", True, "2022-11-04"),
        ("04/11/2022", False, "2022-04-11"),
        ("04/11/2022", None, "2022-11-04"),
        ("10/31/2022", True, "2022-10-31"),
        ("31/10/2022", False, "2022-10-31"),
    ],
)
def test_a_part_above_twelve_is_the_day_else_the_site_decides(
    text: str, day_first: bool | None, expected: str
) -> None:
    assert value(text, day_first=day_first) == expected


@pytest.mark.parametrize(
    ("language", "host", "expected"),
    [
        (None, "www.bristol.ac.uk", True),
        ("en-US", "ukzn.ac.za", True),
        ("fr-FR", "www.psl.eu", True),
        ("de", None, True),
        ("en_GB", "example.org", True),
        ("en-US", None, False),
        ("en", "www.uh.edu", False),
        ("es", "www.example.edu", True),
        ("zh-CN", "www.nankai.edu.cn", None),
        ("en", "example.org", None),
        ("", "", None),
        (None, None, None),
    ],
)
def test_the_country_then_the_language_say_which_part_is_the_day(
    language: str | None, host: str | None, expected: bool | None
) -> None:
    assert day_first_of(language, host) is expected


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2023-09-23 13:00", "Asia/Shanghai", "2023-09-23T13:00+08:00"),
        ("2023-09-23", "Asia/Shanghai", "2023-09-23"),
        ("2023-07-23 13:00", "Europe/London", "2023-07-23T13:00+01:00"),
        ("2023-01-23 13:00", "Europe/London", "2023-01-23T13:00+00:00"),
        ("2023-01-23 13:00 BST", "Asia/Shanghai", "2023-01-23T13:00+01:00"),
        ("2023-01-23 13:00 CST", "Asia/Shanghai", "2023-01-23T13:00+08:00"),
    ],
)
def test_the_zone_of_the_site_is_added_to_a_clock_that_states_none(
    text: str, zone: str, expected: str
) -> None:
    assert value(text, zone=zone) == expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("www.nankai.edu.cn", "Asia/Shanghai"),
        ("www.bristol.ac.uk.", "Europe/London"),
        ("WWW.NTU.EDU.TW", "Asia/Taipei"),
        ("www.uh.edu", None),
        ("www.example.ca", None),
        ("", None),
    ],
)
def test_a_country_with_one_zone_names_it(host: str, expected: str | None) -> None:
    assert zone_of(host) == expected


def test_the_zones_of_the_table_are_those_of_the_tz_database() -> None:
    rows = (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text("utf-8").splitlines()
    of_country: dict[str, set[str]] = {}
    for country, _, zone, *_ in (row.split("\t") for row in rows if not row.startswith("#")):
        of_country.setdefault({"GB": "uk"}.get(country, country.lower()), set()).add(zone)
    several = {domain for domain, zone in COUNTRY_ZONES.items() if of_country[domain] != {zone}}
    assert several == {"cn", "de", "my"}  # their other zones show the same clock


def chinese(number: int) -> str:
    tens, ones = divmod(number, 10)
    head = {0: "", 1: "十"}.get(tens, "一二三四五六七八九"[tens - 1] + "十")
    return head + ("一二三四五六七八九"[ones - 1] if ones else "")


def chinese_year(year: int) -> str:
    return "".join("〇一二三四五六七八九"[int(digit)] for digit in str(year))


WAYS: dict[str, Callable[[date], str]] = {
    "iso": lambda d: d.isoformat(),
    "dots": lambda d: f"{d.year}.{d.month}.{d.day}",
    "slashes": lambda d: f"{d.year}/{d.month:02}/{d.day:02}",
    "day first": lambda d: f"{d.day:02}/{d.month:02}/{d.year}",
    "compact": lambda d: f"{d:%Y%m%d}",
    "chinese": lambda d: f"{d.year}年{d.month}月{d.day}日",
    "chinese numerals": lambda d: f"{chinese_year(d.year)}年{chinese(d.month)}月{chinese(d.day)}日",
    "republic": lambda d: f"民國{d.year - 1911}年{d.month}月{d.day}日",
    "korean": lambda d: f"{d.year}년 {d.month}월 {d.day}일",
    "english": lambda d: f"{d:%d %B %Y}",
    "american": lambda d: f"{d:%B %d, %Y}",
    "mail": lambda d: f"{d:%a, %d %b %Y}",
    "day, year and month": lambda d: f"{d.day:02} {d.year}-{d.month:02}",
    "year and month, day": lambda d: f"{d.year}-{d.month:02} {d.day:02}",
    "day, month and year": lambda d: f"{d.day:02} {d.month:02}月,{d.year}",
    "day, year, month": lambda d: f"{d:%d %Y %b}",
}
days = st.dates(date(1990, 1, 1), date(2099, 12, 31))


@pytest.mark.parametrize("way", WAYS)
@settings(deadline=None)
@given(day=days)
def test_every_day_is_read_back_in_every_way_of_printing_it(way: str, day: date) -> None:
    assert value(f"（{WAYS[way](day)}）") == day.isoformat()


@settings(deadline=None)
@given(day=days, name=st.sampled_from(sorted(MONTHS)))
def test_every_month_name_of_the_table_is_read(day: date, name: str) -> None:
    expected = f"{day.year}-{MONTHS[name]:02}-01"
    assert value(f"1 {name} {day.year}") == value(f"{name.title()}. 1, {day.year}") == expected


@settings(deadline=None)
@given(
    moment=st.datetimes(datetime(1990, 1, 1), datetime(2099, 12, 31)), glue=st.sampled_from([" ", "T", ""])
)
def test_every_time_of_day_is_read_back(moment: datetime, glue: str) -> None:
    assert value(f"{moment:%Y-%m-%d}{glue}{moment:%H:%M:%S}") == moment.isoformat(timespec="seconds")


@settings(deadline=None)
@given(st.text("0123456789 ./-:,TZ年月日一二十〇NovMay上下午+()GMT\n", max_size=60))
def test_whatever_the_text_the_spans_are_in_order_and_the_values_are_dates(text: str) -> None:
    end = 0
    for found in find_times(text, zone="Asia/Shanghai"):
        assert end <= found.start < found.end <= len(text)
        assert found.raw == text[found.start : found.end] == found.raw.strip()
        assert 1990 <= datetime.fromisoformat(found.value).year <= 2100
        end = found.end


@pytest.mark.parametrize(
    "filler", ["1", " ", "12 ", "1-", "2023-", "2023年", "一", "N", "Nov ", "12 Dec ", "(", "2023-09-23 ("]
)
def test_long_runs_around_a_date_take_no_more_than_linear_time(filler: str) -> None:
    run = (filler * 50_000)[:50_000]
    assert value(f"2023-09-23 10:30，{run}") == "2023-09-23T10:30"
    for text in (f"2023-09-2{run}", f"{run}2023-", f"Nov 17{run}2024", f"2023年9月{run}日"):
        assert all(found.end <= len(text) for found in find_times(text))
