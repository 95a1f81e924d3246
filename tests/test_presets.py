"""Every preset, on pages as its CMS makes them: each folder of tests/presets/<cms>/ is one case.

A case is `page.html`, `expected.json` (any fields of the record, or of the listing where it has `items`;
`by_preset` are the fields that a rule of the preset must have filled) and `meta.json` with the page's `url`.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from cssselect import HTMLTranslator

from scraper.discover import Listing, read_listing
from scraper.extract import Extraction, read_article
from scraper.page import Page
from scraper.presets import BEACONS, PRESETS, article_key, detect
from scraper.presets.preset import ArticleRules, Preset
from scraper.urls import urlkey

CASES = sorted(path.parent for path in (Path(__file__).parent / "presets").glob("*/*/page.html"))
NAMED = tuple(preset for name, preset in PRESETS.items() if name != "generic")


def read(case: Path) -> tuple[Page, dict[str, Any]]:
    """Return the page of a case and what is expected of it."""
    meta = case / "meta.json"
    url = json.loads(meta.read_text("utf-8"))["url"] if meta.exists() else "https://www.example.edu/news/1"
    return Page(url, (case / "page.html").read_bytes()), json.loads(
        (case / "expected.json").read_text("utf-8")
    )


def article_of(extraction: Extraction) -> dict[str, Any]:
    assert extraction.article is not None, extraction.problem
    record = extraction.article.to_json()
    return record | {
        "counter": extraction.counter.url if extraction.counter else None,
        "next_part": extraction.next_part,
        "images": [image["url"] for image in record["images"]],
        "attachments": [file["url"] for file in record["attachments"]],
    }


def listing_of(listing: Listing) -> dict[str, Any]:
    return {
        "items": [[item.url, item.title, item.release_time] for item in listing.items],
        "next": listing.next,
        "total_pages": listing.total_pages,
        "total_items": listing.total_items,
        "provenance": listing.provenance,
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.name}")
def test_a_page_of_a_cms_is_told_and_read(case: Path) -> None:
    page, expected = read(case)
    preset = detect(page)
    assert preset.name == case.parent.name
    got = listing_of(read_listing(page, preset)) if "items" in expected else article_of(read_article(page))
    by_preset = expected.pop("by_preset", [])
    assert {name: got[name] for name in expected} == expected
    assert [name for name in by_preset if "preset" not in got["provenance"][name]] == []


@pytest.mark.parametrize("preset", NAMED, ids=lambda preset: preset.name)
def test_a_preset_has_two_articles_and_a_listing(preset: Preset) -> None:
    expected = [read(case)[1] for case in CASES if case.parent.name == preset.name]
    kinds = Counter("items" in one for one in expected)
    assert kinds[False] >= 2
    assert kinds[True] >= 1


def test_every_case_is_of_a_preset() -> None:
    assert {case.parent.name for case in CASES} == {preset.name for preset in NAMED}


@pytest.mark.parametrize("preset", NAMED, ids=lambda preset: preset.name)
def test_the_marks_of_a_preset_are_few_literal_pieces_of_source(preset: Preset) -> None:
    marks = (*preset.marks, *preset.traces)
    assert 3 <= len(marks) == len(set(marks)) <= 8
    assert [mark for mark in marks if not re.fullmatch(r"[ -~\u4e00-\u9fff]{4,60}", mark)] == []
    assert 1 <= preset.enough <= 2


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda preset: preset.name)
def test_the_rules_of_a_preset_can_be_used(preset: Preset) -> None:
    assert preset.revision >= 1
    for selector in selectors_of(preset):
        assert HTMLTranslator().css_to_xpath(selector)
    for rule in preset.article.counters:
        groups = re.compile(rule.pattern).groupindex
        assert set(re.findall(r"{(\w+)}", rule.url)) <= set(groups)
        assert re.compile(rule.answer).groups >= 1
    for pattern, replacement in preset.same_article:
        assert re.sub(pattern, replacement, "org,example)/") == "org,example)/"


def selectors_of(preset: Preset) -> list[str]:
    rules = preset.article
    plain = [getattr(rules, name) for name in ArticleRules.__dataclass_fields__ if name != "counters"]
    plain += [preset.listing.items, preset.listing.pager]
    return [item[0] if isinstance(item, tuple) else item for group in plain for item in group]


def test_no_counter_that_is_asked_matches_a_beacon() -> None:
    beacon = re.compile("|".join(BEACONS), re.IGNORECASE)
    counters = [
        extraction.counter.url
        for extraction in (
            read_article(page) for page, expected in map(read, CASES) if "items" not in expected
        )
        if extraction.counter
    ]
    assert counters
    assert [url for url in counters if beacon.search(url)] == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/info/1052/2070.htm", "/content.jsp?urltype=news.NewsContentUrl&wbtreeid=1010&wbnewsid=2070"),
        ("/2024/0318/c101a3301/page.htm", "/5e/21/c40a3301/page.psp"),
        ("/zhxw/202309/t20230923_88121.html", "/kydt/t20230923_88121.shtml"),
        ("/zhxw/202309/t20230923_88121.html", "/zhxw/202309/t20230923_88121_1.html"),
        ("/bbs/handle/21/3300/artclView.do", "/bbs/handle/21/3300/artclView.do?layout=unknown&page=2"),
    ],
)
def test_the_addresses_of_one_article_have_one_key(one: str, other: str) -> None:
    keys = {article_key(urlkey("https://www.example.edu" + path)) for path in (one, other)}
    assert len(keys) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/zhxw/202309/t20230923_88121.html", "/zhxw/202309/t20230923_88122.html"),
        ("/bbs/handle/21/3300/artclView.do", "/bbs/handle/22/3300/artclView.do"),
        ("/bbs/handle/21/3300/artclView.do", "/bbs/handle/21/3301/artclView.do"),
    ],
)
def test_two_articles_have_two_keys(one: str, other: str) -> None:
    keys = {article_key(urlkey("https://www.example.edu" + path)) for path in (one, other)}
    assert len(keys) == 2


@pytest.mark.parametrize(
    "address",
    [
        "https://www.example.edu/_visitcount?siteId=5&type=3&articleId=812",
        "https://www.example.edu/system/resource/code/datainput.jsp?owner=1",
        "https://www.example.edu/plus/count.php?view=yes&aid=12&mid=1",
        "https://www.example.edu/api.php?op=count&id=12&modelid=1",
        "https://www.example.edu/Article/GetHits.asp?ArticleID=12",
        "https://www.example.edu/wp-admin/admin-ajax.php?postviews_id=12&action=postviews",
        "https://www.example.edu/core/modules/statistics/statistics.php",
    ],
)
def test_an_address_that_counts_a_visit_is_a_beacon(address: str) -> None:
    assert any(re.search(beacon, address, re.IGNORECASE) for beacon in BEACONS)


@pytest.mark.parametrize(
    "address",
    [
        "https://www.example.edu/_visitcountdisplay?siteId=5&type=3&articleId=812",
        "https://www.example.edu/plus/list.php?tid=3",
        "https://www.example.edu/accounts.asp?id=3",
        "https://www.example.edu/discount.asp?id=3",
        "https://www.example.edu/api.php?op=counties&id=12",
    ],
)
def test_an_address_that_only_looks_like_a_beacon_is_none(address: str) -> None:
    assert not any(re.search(beacon, address, re.IGNORECASE) for beacon in BEACONS)
