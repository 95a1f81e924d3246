"""Pages as they are found, and the articles they hold: each directory of pages/articles is one case."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from scraper import extract
from scraper.extract import read_article
from scraper.extract.counter import Counter
from scraper.page import Page

CASES = sorted((Path(__file__).parent / "pages" / "articles").iterdir())
TITLE, SECTION = "SZQU held the 2023 International Work Conference", "Campus Life"
BYLINE = "Release Time:2023-09-23Views:12"
TEXT = (
    "The conference opened on Saturday morning in the main hall, with guests from twelve countries.",
    "Teachers and students met in four workshops, and the results will be printed in spring.",
)
PARAGRAPHS = "".join(f"<p>{text}</p>" for text in TEXT)
SAMPLES = {
    "webplus": f"<div class='col_name'>{SECTION}</div><h1 class='arti_title'>{TITLE}</h1>"
    "<p class='arti_metas'><span class='arti_update'>Release Time:2023-09-23</span>"
    "<span class='arti_views'>Views:<span class='WP_VisitCount'>12</span></span></p>"
    f"<div class='wp_articlecontent'>{PARAGRAPHS}</div>",
    "bare divs": f"<div>{SECTION}</div><div>{TITLE}</div><div>{BYLINE}</div>{PARAGRAPHS}",
    "nested divs": f"<div><div>{SECTION}</div><div>{TITLE}</div><div>{BYLINE}</div>"
    f"<div>{PARAGRAPHS}</div></div>",
    "headings": f"<h2>{SECTION}</h2><h1>{TITLE}</h1><p>{BYLINE}</p>{PARAGRAPHS}",
    "table": f"<table><tr><td>{SECTION}<tr><td>{TITLE}<tr><td>{BYLINE}<tr><td>{PARAGRAPHS}</table>",
    "line breaks": "<br>".join((SECTION, TITLE, BYLINE, *TEXT)),
    "all in the body": "<div class='wp_articlecontent'>"
    f"<p>{SECTION}</p><p>{TITLE}</p><p>{BYLINE}</p>{PARAGRAPHS}</div>",
}
HEADS = ("", f"<title>{TITLE}</title>", f"<title>{TITLE}-SZQU</title>", "<title>SZQU News</title>")
NOTICE = "<h1>Notice of the library</h1>" + PARAGRAPHS
URL = "https://news.example.edu/1.htm"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_page_gives_the_article_a_reader_sees(case: Path) -> None:
    expected = json.loads((case / "expected.json").read_text("utf-8"))
    extraction = extract((case / "page.html").read_bytes(), expected["url"])
    assert extraction.article is not None
    record = extraction.article.to_json()
    got = record | {
        "url": expected["url"],
        "preset": extraction.preset,
        "counter": extraction.counter.url if extraction.counter else None,
        "images": [image["url"] for image in record["images"]],
        "attachments": [file["url"] for file in record["attachments"]],
        "attachment_names": [file["name"] for file in record["attachments"]],
    }
    assert {key: got[key] for key in expected} == expected


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("sample", SAMPLES)
def test_the_sample_page_is_read_exactly_in_every_markup(sample: str, head: str) -> None:
    article = extract(f"<html><head>{head}</head><body>{SAMPLES[sample]}</body>".encode(), URL).article
    assert article is not None
    found = (article.section, article.title, article.release_time, article.views, article.body)
    assert found == (SECTION, TITLE, "2023-09-23", 12, "\n\n".join(TEXT))


def test_every_filled_field_names_the_rule_that_filled_it() -> None:
    article = extract(SAMPLES["webplus"].encode(), URL).article
    assert article is not None
    assert set(article.provenance) == {"title", "body", "release_time", "views", "section", "encoding"}


def test_what_the_config_knows_of_the_section_fills_the_gap() -> None:
    article = read_article(Page(URL, NOTICE.encode()), section="Library").article
    assert article is not None
    assert (article.section, article.provenance["section"]) == ("Library", "config")


@pytest.mark.parametrize(
    "url", ["", "file:///notice.html", "notice.html", "http://[", "http://[::1", "\ud800", "a b"]
)
def test_any_address_is_accepted(url: str) -> None:
    article = extract(NOTICE.encode(), url).article
    assert article is not None
    assert article.title == "Notice of the library"


WEBPLUS = Counter(
    URL, "POST", answer=r"\s*(?:<span[^>]*>)?\s*(\d+)\s*(?:</span>)?\s*", zero_means_unknown=True
)
VSB = Counter(URL, answer=r'.*"wbshowtimes"\s*:\s*"?(\d+)')


@pytest.mark.parametrize(
    ("counter", "answer", "views"),
    [
        (WEBPLUS, "5", 5),
        (WEBPLUS, "<span>5</span>\n", 5),
        (WEBPLUS, "0", None),
        (WEBPLUS, "<span>0</span>", None),
        (WEBPLUS, "", None),
        (WEBPLUS, "非法请求", None),
        (WEBPLUS, "<!DOCTYPE html><html><body>5</body></html>", None),
        (WEBPLUS, "9" * 40, None),
        (VSB, '{"wbshowtimes":17,"randomid":"n"}', 17),
        (VSB, "<html></html>", None),
        (Counter(URL), "0", 0),
    ],
)
def test_a_counter_reads_its_own_answer_and_nothing_else(
    counter: Counter, answer: str, views: int | None
) -> None:
    assert counter.parse(answer.encode()) == views


def test_what_could_run_in_a_reader_s_browser_is_gone_from_body_html() -> None:
    evil = (
        "<p onclick='x()'>Text of the notice, long enough to be read by all of us.</p><script>x()</script>"
        "<img src='a.jpg' onerror='x()'><a href='javascript:x()'>a link</a><iframe src='//evil'></iframe>"
    )
    article = extract(
        f"<h1>Notice</h1><div class='entry-content'>{evil}{PARAGRAPHS}</div>".encode(), URL
    ).article
    assert article is not None
    assert "https://news.example.edu/a.jpg" in article.body_html
    assert not [word for word in ("script", "onerror", "onclick", "iframe") if word in article.body_html]


@pytest.mark.parametrize("base", ["javascript:alert(1)", "http://[", "data:text/html,x", "  "])
def test_a_base_that_is_no_web_address_is_ignored(base: str) -> None:
    html = f"<base href='{base}'><h1>Notice</h1><div>{PARAGRAPHS}<img src='a.jpg'><p>{TEXT[0]}</p></div>"
    article = extract(html.encode(), URL).article
    assert article is not None
    assert [image.url for image in article.images] == ["https://news.example.edu/a.jpg"]


HOSTILE = {
    "nested": "<div>" * 200_000 + "text",
    "unclosed comment": NOTICE + "<!--" * 50_000,
    "unclosed script": NOTICE + "<script>" + "a" * 500_000,
    "unclosed title": "<title>" + NOTICE * 500,
    "one text node": "<p>" + "word, " * 170_000,
    "attributes": f"<div {' '.join(f'a{n}=1' for n in range(20_000))}>{NOTICE}</div>",
    "spaces by a date": "<p>2024-01-01" + " " * 50_000 + "x</p>" + NOTICE,
    "digits": "<p>发布时间：" + "1" * 50_000 + "</p>" + NOTICE,
    "unclosed metas": "<meta " * 30_000,
    "labels": "<p>位置：</p>" * 20_000,
    "counters": 'class="WP_VisitCount" ' * 20_000,
    "unclosed inline": "<b>" * 1_500 + "<i>word, </i>" * 5_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_costs_little_and_crashes_nothing(name: str) -> None:
    started = time.process_time()
    extraction = extract(HOSTILE[name].encode(), URL)
    assert time.process_time() - started < 5
    assert extraction.article or extraction.problem


def test_a_page_nested_deeper_than_the_parser_goes_is_refused_instead_of_cut() -> None:
    html = NOTICE + "<div>" * 3_000 + "lost" + "</div>" * 3_000
    assert extract(html.encode(), URL).problem == "too_deep"


@pytest.mark.parametrize(
    ("table", "text"),
    [
        (
            "<tr><th>No.</th><th>Room</th></tr><tr><td><p>1</p></td><td>North Hall</td></tr>",
            "No. | Room\n1 | North Hall",
        ),
        (f"<tr><td><p>{TEXT[0]}</p><p>{TEXT[1]}</p></td></tr>", f"{TEXT[0]}\n\n{TEXT[1]}"),
        (f"<tr><td>{TEXT[0]}<br>{TEXT[1]}</td><td>aside</td></tr>", f"{TEXT[0]}\n\n{TEXT[1]}\n\naside"),
    ],
)
def test_the_cells_of_a_row_stand_side_by_side_unless_the_table_only_lays_out(table: str, text: str) -> None:
    inside = f"<p>{TEXT[0]}</p><table>{table}</table><p>{TEXT[1]}</p>"
    html = f"<h1>{TITLE}</h1><div class='entry-content'>{inside}</div>"
    article = extract(html.encode(), URL).article
    assert article is not None
    assert article.body == f"{TEXT[0]}\n\n{text}\n\n{TEXT[1]}"
