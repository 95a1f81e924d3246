"""Counters as university pages print them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.normalize.numbers import parse_count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("12", 12),
        ("0", 0),
        ("007", 7),
        (" 12\n", 12),
        ("１２８", 128),
        ("1,234", 1234),
        ("12,345,678", 12_345_678),
        ("1 234", 1234),
        ("1\u202f234", 1234),
        ("1'234", 1234),
        ("1.234", 1234),
        ("１，２３４", 1234),
        ("[ 128 ]", 128),
        ("(128)", 128),
        ("【12】次", 12),
        ("1.2万", 12_000),
        ("1.234万", 12_340),
        ("１．２萬", 12_000),
        ("10万+", 100_000),
        ("1.2w", 12_000),
        ("3亿", 300_000_000),
        ("1.5k", 1500),
        ("2M", 2_000_000),
        ("12次", 12),
        ("12 人次", 12),
        ("2K views", 2000),
        ("9223372036854775807", 2**63 - 1),
        ("1,2万", 12_000),
        ("1.2万次", 12_000),
        ("1.2 万 人次", 12_000),
        ("999+", 999),
        ("约1.2万", 12_000),
        ("共12次", 12),
        ("已有128人阅读", 128),
        ("12次浏览", 12),
        ("12人看过", 12),
        ("(１２８)", 128),
        ("1.2K+", 1200),
        ("12 vues", 12),
        ("1 234 Aufrufe", 1234),
        ("1.234 visitas", 1234),
        ("3 Mal", 3),
        ("128회", 128),
        ("128回閲覧", 128),
        ("12.", 12),
    ],
)
def test_a_printed_count_is_read(text: str, count: int) -> None:
    assert parse_count(text) == count


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "abc",
        "-1",
        "1.5",
        "1,23",
        "1,23,456",
        "1 2 3",
        "12 users",
        "12px",
        "2023-09-23",
        "10:30",
        "浏览",
        "²",
        "9223372036854775808",
        "99999999999亿",
        "--",
        "—",
        "...",
        "加载中",
        "loading",
        "Loading...",
        "null",
        "undefined",
        "NaN",
        "[ ]",
        "次",
        "{{views}}",
        "12/34",
        "12%",
        "第12次会议",
        "１.5",
        "9" * 5000,
        "1" + ",000" * 5000,
        " " * 50_000 + "x",
        "1" + " " * 50_000 + "x",
    ],
)
def test_what_is_no_count_or_does_not_fit_64_bits_is_none(text: str) -> None:
    assert parse_count(text) is None


@settings(deadline=None)
@given(st.integers(0, 2**63 - 1))
def test_every_count_is_read_back_plain_and_grouped(count: int) -> None:
    for text in (f"{count}", f"{count:,}", f"{count:,}".replace(",", "\u00a0"), f"[{count}]次"):
        assert parse_count(text) == count


@settings(deadline=None)
@given(st.text("0123456789.,万k+次[] －", max_size=30))
def test_any_other_text_is_a_count_or_none(text: str) -> None:
    count = parse_count(text)
    assert count is None or 0 <= count < 2**63
