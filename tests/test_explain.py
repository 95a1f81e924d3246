"""`campusnews explain`: what was taken, from where, by which rule, and what lost."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from lxml import html

from scraper import cli
from scraper.demo.campus import Campus
from scraper.demo.cms import RUNS_ON
from scraper.demo.reply import Request
from scraper.explain import Explained, Explanation, explain_article, explain_listing, is_listing
from scraper.explain.values import path_of
from scraper.extract import read_article
from scraper.page import Page

ARTICLES = {"szqu": "/2026/1102/c1021a30452/page.htm", "hcu": "/info/1012/5117.htm"}
LISTS = {"szqu": "/tzgg/list.htm", "hcu": "/tzgg.htm", "dfu": "/xyyw/index.shtml"}
BODY = "<p>A paragraph that is long enough, with a comma, to be the body of an article.</p>" * 3


def sample(key: str, path: str) -> Page:
    """A page of the sample campus, without a server."""
    reply = RUNS_ON[key].respond(Campus().site(key), Request("GET", path, {}))
    return Page(url=f"http://127.0.0.1:8701{path}", body=reply.body, content_type=reply.media_type)


def field(found: Explanation, name: str) -> Explained:
    return next(each for each in found.fields if each.field == name)


def plain(body: str) -> Page:
    return Page(url="https://news.example.edu/1.htm", body=f"<html><body>{body}</body></html>".encode())


@pytest.mark.parametrize(("key", "path"), ARTICLES.items())
def test_what_is_taken_is_what_the_record_says_and_by_the_same_rule(key: str, path: str) -> None:
    page = sample(key, path)
    article = read_article(page).article
    assert article is not None
    found = explain_article(page)
    assert found.problem is None
    for name in ("title", "release_time", "views", "section", "author", "source", "editor"):
        taken, value = field(found, name).taken, getattr(article, name)
        assert (taken and taken.value) == (None if value is None else str(value))
        if taken:
            assert taken.rule == article.provenance[name]


@pytest.mark.parametrize(("key", "path"), ARTICLES.items())
def test_every_path_leads_to_the_element(key: str, path: str) -> None:
    page = sample(key, path)
    tree = html.document_fromstring(page.text)
    for option in (option for each in explain_article(page).fields for option in each.options):
        if option.path is not None:
            assert len(tree.cssselect(option.path)) == 1, option.path


def test_a_path_begins_at_the_nearest_id_and_counts_what_is_alike() -> None:
    tree = html.document_fromstring("<div id='a'><p>1</p><p class='x y'>2</p><p id='9'>3</p></div>")
    assert [path_of(each) for each in tree.iter("p")] == [
        "div#a > p:nth-of-type(1)",
        "div#a > p.x:nth-of-type(2)",
        "div#a > p:nth-of-type(3)",
    ]
    assert path_of(None) is None


def test_losers_are_ranked_refused_or_absent_each_with_a_reason() -> None:
    page = plain(
        "<h1>The title of it</h1><p>Published: 2026-09-01 Views: many</p>"
        f"<article>{BODY}<p>The meeting is on 2026-10-05 in the hall, as every year.</p>{BODY * 2}</article>"
        "<div class='footer'><p>Founded 1991-05-04</p></div>"
    )
    found = explain_article(page)
    time = field(found, "release_time")
    assert time.taken is not None
    assert time.taken.value == "2026-09-01"
    refused = {option.value: option.why for option in time.options if option.verdict == "refused"}
    assert refused["2026-10-05"] == "stands inside the body"
    views = field(found, "views")
    assert views.taken is None
    assert [(option.value, option.why) for option in views.options] == [("many", "is no number")]


def test_a_name_that_is_none_is_refused_where_it_stands() -> None:
    page = plain(f"<h1>The title of it</h1><p>Author: see https://a.example</p><article>{BODY}</article>")
    (option,) = field(explain_article(page), "author").options
    assert (option.value, option.verdict) == ("see https://a.example", "refused")
    assert option.why == "stands near the article, but does not look like a value of this field"


def test_a_preset_names_the_rules_that_match_nothing() -> None:
    options = field(explain_article(sample("szqu", ARTICLES["szqu"])), "title").options
    absent = [option for option in options if option.verdict == "absent"]
    assert absent
    assert all(option.rule.startswith("preset:") and option.value is None for option in absent)


def test_the_marks_of_the_cms_are_told() -> None:
    found = explain_article(sample("hcu", ARTICLES["hcu"]))
    assert found.preset == "vsb"
    assert "v_news_content" in found.marks["vsb"]
    assert found.counter is not None
    assert found.counter.startswith("GET http://127.0.0.1:8701/system/")


@pytest.mark.parametrize(("key", "path"), LISTS.items())
def test_a_listing_is_told_from_an_article_and_explained(key: str, path: str) -> None:
    page = sample(key, path)
    assert is_listing(page)
    found = explain_listing(page)
    items, following = field(found, "items"), field(found, "next")
    assert items.taken is not None
    assert items.taken.value == "4 items, 4 dated"
    assert items.taken.path is not None
    assert following.taken is not None
    assert field(found, "total_pages").taken is not None
    menus = [option.why for option in items.options if option.verdict == "after"]
    assert all(menus)


@pytest.mark.parametrize(("key", "path"), ARTICLES.items())
def test_an_article_is_not_taken_for_a_listing(key: str, path: str) -> None:
    assert not is_listing(sample(key, path))


def test_the_command_explains_a_saved_page_for_people_and_for_programs(tmp_path: Path) -> None:
    saved = tmp_path / "page.html"
    page = sample("szqu", ARTICLES["szqu"])
    saved.write_bytes(page.body)
    text = told("explain", saved, "--url", page.url)
    assert "✓ 关于2026年秋季学期期中教学检查的通知  by preset:h1.arti_title" in text
    assert "matches nothing on this page" in text
    found: dict[str, Any] = json.loads(told("explain", saved, "--url", page.url, "--json"))
    assert {each["field"] for each in found["fields"]} >= {"title", "release_time", "views", "body"}
    assert '"kind": "listing"' in told("explain", saved, "--listing", "--json", code=None)
    saved.write_bytes(sample("hcu", LISTS["hcu"]).body)
    assert "4 items, 4 dated" in told("explain", saved)


def test_a_page_that_is_nothing_is_named_with_what_to_do(tmp_path: Path) -> None:
    saved = tmp_path / "page.html"
    saved.write_bytes(b"%PDF-1.4\n")
    assert "pdf bytes: it is a PDF" in told("explain", saved, code=1)


def told(*arguments: object, code: int | None = 0) -> str:
    result = CliRunner().invoke(cli.main, [str(argument) for argument in arguments])
    assert code is None or result.exit_code == code, result.output
    return result.stdout


def test_dates_that_cannot_be_are_refused_with_the_reason() -> None:
    html = (
        "<title>The library opens again</title><h1>The library opens again</h1>"
        "<p>发布时间：2024-02-31</p><p>成立于1952年5月1日</p><p>2031-01-01</p><p>2024-03-01</p>"
        "<div><p>The walls of the old library are dry again, and the readers came back.</p></div>"
    )
    page = Page(
        "https://news.example.edu/1.htm", html.encode(), fetched_at=datetime(2024, 3, 5, 12, 0, tzinfo=UTC)
    )
    options = field(explain_article(page), "release_time").options
    told = {option.value: option.why for option in options if option.verdict == "refused"}
    assert options[0].value == "2024-03-01"
    assert told["2024-02-31"] == "is no day of the calendar"
    assert told["2031-01-01"] == "lies ahead of the day the page was fetched"
    assert told["1952年5月1日"] == "too long ago for a release"
