"""Dates as university pages print them, and what only looks like one."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.normalize.dates import (
    FoundTime,
    RefusedTime,
    day_first_in,
    day_first_of,
    find_times,
    parse_time,
    refusal,
    refused_times,
    zone_of,
)
from scraper.normalize.tables import COUNTRY_ZONES, MONTHS


def value(text: str, *, day_first: bool | None = None, zone: str | None = None) -> str | None:
    found = parse_time(text, day_first=day_first, zone=zone)
    return found.value if found else None


def forms() -> list[tuple[str, str | None]]:
    """The table of `forms/dates.txt`: what is printed, and the value read from it."""
    lines = (Path(__file__).parent / "forms" / "dates.txt").read_text("utf-8").splitlines()
    rows = [line.rsplit(" => ", 1) for line in lines if line and not line.startswith("#")]
    return [(text.replace("\\n", "\n"), None if value == "-" else value) for text, value in rows]


@pytest.mark.parametrize(("text", "expected"), forms())
def test_a_printed_date_is_read_with_its_own_precision_and_nothing_else_is(
    text: str, expected: str | None
) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    "text", ["", "十十十十年九月一日", "17 November 202412", "2025-05 24,000", "浏览次数：1234"]
)
def test_what_is_no_whole_date_is_not_read(text: str) -> None:
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
        (None, "www.greenhouse.ac.uk", True),
        ("en-US", "ukzn.ac.za", True),
        ("fr-FR", "www.psl.eu", True),
        ("de", None, True),
        ("en_GB", "example.org", True),
        ("en-US", None, False),
        ("en", "www.uh.edu", False),
        ("es", "www.example.edu", True),
        ("zh-CN", "www.greenhouse.edu.cn", None),
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
    ("texts", "proof"),
    [
        (["04/11/2022", "31/10/2022", "News"], True),
        (["04/11/2022", "10/31/2022", "2022-10-31"], False),
        (["Posted 10/31/2022 by A", "11/30/2022"], False),
        (["28.06.2019"], True),
        (["04/11/2022", "05/06/2022", "31 October 2022"], None),
        (["31/10/2022", "10/31/2022"], None),
        (["13/13/2022", "00/31/2022", "45/01/2022"], None),
        ([], None),
    ],
)
def test_the_dates_of_a_site_prove_which_part_is_the_day(texts: list[str], proof: bool | None) -> None:
    assert day_first_in(texts) is proof


@settings(deadline=None)
@given(days=st.lists(st.dates(date(1990, 1, 1), date(2099, 12, 31)), max_size=8), first=st.booleans())
def test_a_site_that_keeps_to_one_order_never_proves_the_other(days: list[date], first: bool) -> None:
    texts = [f"{day:%d/%m/%Y}" if first else f"{day:%m/%d/%Y}" for day in days]
    proof = day_first_in(texts)
    assert proof in (first, None)
    assert (proof is None) == all(day.day <= 12 for day in days)


NOW = datetime(2026, 9, 1, 22, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("2026-09-01", None),
        ("2026-09-02", None),
        ("2026-09-02T06:00+08:00", None),
        ("2026-09-03", "future"),
        ("2099-01-01T10:00", "future"),
        ("1990-01-01", None),
        ("1989-12-31", "ancient"),
        ("1970-01-01T00:00:00+00:00", "ancient"),
        ("2026-02-30", "impossible"),
        ("0000-00-00", "impossible"),
        ("yesterday", "impossible"),
        ("", "impossible"),
    ],
)
def test_a_date_that_cannot_be_a_release_is_refused_with_its_reason(value: str, reason: str | None) -> None:
    assert refusal(value, NOW) == reason
    assert refusal(value, NOW.astimezone(timezone(timedelta(hours=-8)))) == reason


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("发布时间：2023-02-30", [RefusedTime("2023-02-30", "impossible")]),
        ("31 April 2022", [RefusedTime("31 April 2022", "impossible")]),
        ("二〇二三年二月三十日", [RefusedTime("二〇二三年二月三十日", "impossible")]),
        ("32/01/2023", [RefusedTime("32/01/2023", "impossible")]),
        ("1970-01-01 08:00:00", [RefusedTime("1970-01-01", "ancient")]),
        ("1951年5月4日建校，2023年5月4日", [RefusedTime("1951年5月4日", "ancient")]),
        ("民國70年1月1日", [RefusedTime("民國70年1月1日", "ancient")]),
        ("2023-09-23", []),
        ("12 Angry 2023", []),
        ("浏览 2023 次", []),
        ("温室", []),
    ],
)
def test_what_is_printed_like_a_date_and_is_none_is_told(text: str, refused: list[RefusedTime]) -> None:
    assert list(refused_times(text)) == refused


def test_a_number_of_readers_is_no_year() -> None:
    for counted in (
        "浏览次数：2023",
        "点击 2023",
        "人气: 2023 05-24",
        "Views: 2023 12-05",
        "Nov 17 2023 views",
    ):
        assert value(counted) is None
        assert value(f"{counted} 发布时间：2021-05-04") == "2021-05-04"


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
    ("text", "day_first", "zone", "expected"),
    [
        ("19-02-11", None, "Asia/Shanghai", "2019-02-11"),
        ("| 20.12.06 |", None, "Asia/Seoul", "2020-12-06"),
        ("[１９－０２－１１]", None, "Asia/Tokyo", "2019-02-11"),
        ("28.06.19", True, "Europe/Berlin", "2019-06-28"),
        ("28/06/19", None, "Europe/Berlin", None),
        ("| 19-02-11 |  【大 中 小】", None, "Asia/Shanghai", "2019-02-11"),
        ("第 19-02-11 号", None, "Asia/Shanghai", None),
        ("19-02-11", None, None, None),
        ("19-02-11", False, "America/New_York", None),
        ("19-13-11", None, "Asia/Shanghai", None),
        ("99-02-11", None, "Asia/Shanghai", None),
        ("Room 19-02-11", None, "Asia/Shanghai", None),
        ("19-02.11", None, "Asia/Shanghai", None),
    ],
)
def test_a_year_of_two_digits_is_read_alone_and_where_the_custom_is_known(
    text: str, day_first: bool | None, zone: str | None, expected: str | None
) -> None:
    assert value(text, day_first=day_first, zone=zone) == expected


def test_a_site_of_taipei_may_count_the_years_of_the_republic() -> None:
    for text in ("115-09-01", "115.9.1", "日期：115/09/01 點閱：12", "[ 115-09-01 ]"):
        assert value(text, zone="Asia/Taipei") == "2026-09-01"
        assert value(text) is value(text, zone="Asia/Shanghai") is None
    assert value("115-09-01 10:30", zone="Asia/Taipei") == "2026-09-01T10:30+08:00"
    assert value("115-13-01", zone="Asia/Taipei") is value("10.115.9.1", zone="Asia/Taipei") is None


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("www.greenhouse.edu.cn", "Asia/Shanghai"),
        ("www.greenhouse.ac.uk.", "Europe/London"),
        ("WWW.GREENHOUSE.EDU.TW", "Asia/Taipei"),
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
    "filler",
    [
        *(
            "1",
            " ",
            "12 ",
            "1-",
            "1/",
            "2023-",
            "2023 ",
            "2023年",
            "年",
            "一",
            "N",
            "Nov ",
            "12 Dec ",
            "(",
            "T1",
        ),
        *("2023-09-23 (", "2023-09-23 ", "2023-02-30 2023-09-23 ", "2024 Nov ", "05-24 ", "令和8年", "浏览"),
        *("\u3000", "２０", "Sept"),
    ],
)
def test_long_runs_around_a_date_take_milliseconds(filler: str) -> None:
    run = (filler * 50_000)[:50_000]
    started = time.process_time()
    assert value(f"2023-09-23 10:30，{run}") == "2023-09-23T10:30"
    for text in (f"2023-09-2{run}", f"{run}2023-", f"Nov 17{run}2024", f"2023年9月{run}日"):
        assert all(found.end <= len(text) for found in find_times(text))
        assert all(found.raw for found in refused_times(text))
    assert time.process_time() - started < 5  # nine readings, each within the second of a hostile page
