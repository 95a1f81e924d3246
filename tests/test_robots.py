from __future__ import annotations

import time

import pytest

from scraper.robots import MAX_BYTES, Robots

AGENT = "campusnews/0.1 (+mailto:crawler@example.edu)"
SITE = "http://a.edu"


def allowed(rules: bytes, path: str, agent: str = AGENT) -> bool:
    return Robots.parse(rules).allows(SITE + path, agent)


@pytest.mark.parametrize(
    ("status", "allows"),
    [
        (200, False),
        (204, False),
        (301, True),
        (403, True),
        (404, True),
        (410, True),
        (429, False),
        (500, False),
        (503, False),
        (None, False),
    ],
)
def test_the_status_decides_what_a_robots_txt_stands_for(status: int | None, allows: bool) -> None:
    body = b"User-agent: *\nDisallow: /\n"
    assert Robots.from_response(status, body).allows(SITE + "/x", AGENT) is allows


@pytest.mark.parametrize("status", [429, 500, 503, None])
def test_unreachable_is_told_from_forbidden(status: int | None) -> None:
    assert Robots.from_response(status).unreachable
    assert not Robots.parse(b"User-agent: *\nDisallow: /\n").unreachable


def test_the_longest_rule_wins_and_allow_wins_a_tie() -> None:
    rules = b"User-agent: *\nDisallow: /a\nAllow: /a/b\nDisallow: /c\nAllow: /c\n"
    assert not allowed(rules, "/a/x")
    assert allowed(rules, "/a/b/x")
    assert allowed(rules, "/c")


def test_wildcards_and_end_anchors_are_understood() -> None:
    rules = b"User-agent: *\nDisallow: /*.pdf$\nDisallow: /*?session=\n"
    assert not allowed(rules, "/x/a.pdf")
    assert allowed(rules, "/x/a.pdf.htm")
    assert not allowed(rules, "/x?session=1")


def test_a_path_is_compared_in_one_percent_encoding() -> None:
    rules = "User-agent: *\nDisallow: /新闻\n".encode()
    assert not allowed(rules, "/%E6%96%B0%E9%97%BB/1.htm")


@pytest.mark.parametrize(
    ("group", "applies"),
    [
        (b"campusnews", True),
        (b"CampusNews", True),
        (b"campusnews/9.9", True),
        (b"campusnews bot", True),
        (b"campus", False),
        (b"campusnewsbot", False),
        (b"news", False),
    ],
)
def test_a_group_applies_by_its_whole_product_token(group: bytes, applies: bool) -> None:
    rules = b"User-agent: " + group + b"\nDisallow: /\n"
    assert allowed(rules, "/x") is not applies
    assert Robots.parse(rules).allows(SITE + "/x", "campusnews") is not applies


def test_our_own_group_replaces_the_one_for_everybody() -> None:
    rules = b"User-agent: *\nDisallow: /\n\nUser-agent: other\nUser-agent: campusnews\nDisallow: /x\n"
    assert allowed(rules, "/y")
    assert not allowed(rules, "/x")
    assert not allowed(rules, "/y", "stranger/1.0")


def test_groups_with_our_name_are_taken_together() -> None:
    rules = b"User-agent: campusnews\nDisallow: /x\n\nUser-agent: campusnews\nDisallow: /y\n"
    assert not allowed(rules, "/x")
    assert not allowed(rules, "/y")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xef\xbb\xbf",
        b"<!DOCTYPE html><html><body>User-agent: *\nDisallow: /\n</body></html>",
        b"\n <html>\nUser-agent: *\nDisallow: /\n",
        b"\xef\xbb\xbf<html>\nUser-agent: *\nDisallow: /\n",
        b"User-agent: *\nDisallow:\n",
        b"\xff\xfe\x00\x01 garbage",
    ],
)
def test_what_holds_no_rules_allows_all(body: bytes) -> None:
    assert allowed(body, "/x")


def test_a_byte_order_mark_is_skipped() -> None:
    assert not allowed(b"\xef\xbb\xbfUser-agent: *\nDisallow: /\n", "/x")


def test_nul_bytes_do_not_hide_a_rule() -> None:
    assert not allowed(b"User-\0agent: *\nDis\0allow: /\n", "/x")


def test_carriage_returns_alone_end_lines() -> None:
    assert not allowed(b"User-agent: campusnews\rDisallow: /x\r", "/x")


def test_only_the_first_500_kib_are_read_and_no_torn_line() -> None:
    padding = b"# " + b"x" * 97 + b"\n"
    start = b"User-agent: *\nDisallow: /early\n"
    filled = start + padding * ((MAX_BYTES - len(start)) // 100)
    torn = b"#" * (MAX_BYTES - len(filled) - 12) + b"\nDisallow: /private\n"
    rules = filled + torn + b"Disallow: /late\n"
    assert not allowed(rules, "/early")
    assert allowed(rules, "/public")
    assert allowed(rules, "/late")


def test_a_hostile_pattern_is_matched_in_linear_time() -> None:
    rules = b"User-agent: *\nDisallow: /" + b"*a" * 200 + b"b$\n"
    robots = Robots.parse(rules)
    begun = time.perf_counter()
    assert robots.allows(SITE + "/" + "a" * 2000, AGENT)
    assert time.perf_counter() - begun < 0.05


@pytest.mark.parametrize(
    ("value", "seconds"), [(b"5", 5.0), (b"0.5", 0.5), (b"-1", None), (b"nan", None), (b"soon", None)]
)
def test_the_crawl_delay_is_a_sane_number_or_nothing(value: bytes, seconds: float | None) -> None:
    assert Robots.parse(b"User-agent: *\nCrawl-delay: " + value).crawl_delay(AGENT) == seconds
    assert Robots.from_response(404).crawl_delay(AGENT) is None
