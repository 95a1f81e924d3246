"""An article as Markdown, read back by a CommonMark parser: text stays text, tables stay tables."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html
from markdown_it import MarkdownIt

from scraper import cli
from scraper.extract import extract
from scraper.extract.sanitise import sanitised
from scraper.markdown import to_markdown
from storage.records import Article, Attachment, Extractor

READER = MarkdownIt("commonmark").enable("table")


def article(body_html: str, title: str = "A title", **values: object) -> Article:
    fields: dict[str, object] = {
        "id": "a",
        "url": "https://news.example.edu/1.htm",
        "site": "example",
        "title": title,
        "body": "One.\n\nTwo.",
        "body_html": body_html,
        "extractor": Extractor("generic", 1),
    }
    return Article(**(fields | values))  # type: ignore[arg-type]


def shown(body_html: str, **values: object) -> html.HtmlElement:
    """What a reader of the Markdown sees, as HTML."""
    rendered = READER.render(to_markdown(article(body_html, **values)))  # type: ignore[arg-type]
    tree: html.HtmlElement = html.fromstring(f"<main>{rendered}</main>")
    return tree


def rows(table: html.HtmlElement) -> list[list[str]]:
    return [[cell.text_content().strip() for cell in row.iter("td", "th")] for row in table.iter("tr")]


def test_title_facts_body_and_files_follow_each_other() -> None:
    text = to_markdown(
        article(
            "<p>One.</p><p>Two.</p>",
            release_time="2026-09-01",
            views=1280,
            attachments=(Attachment("https://news.example.edu/a b.pdf", "附件：表 (1).pdf"),),
        )
    )
    assert text == (
        "# A title\n\n- released: 2026-09-01\n- views: 1280\n- address: <https://news.example.edu/1.htm>\n\n"
        "One.\n\nTwo.\n\nattachments:\n\n- [附件：表 (1).pdf](https://news.example.edu/a%20b.pdf)\n"
    )


@pytest.mark.parametrize(
    "title",
    [
        "# not a heading",
        "<script>alert(1)</script>",
        "[a](javascript:alert(1)) ![b](c)",
        "*a* _b_ `c` ~d~",
        "1. a",
        "- a",
        "a &lt; b &amp; c",
        "a\\",
        "| a | b |",
        "===",
    ],
)
def test_no_title_becomes_markup(title: str) -> None:
    tree = shown("<p>x</p>", title=title, source=title)
    (heading,) = tree.iter("h1")
    assert heading.text_content() == title
    assert len(heading) == 0
    assert next(item.text_content() for item in tree.iter("li")) == f"source: {title}"
    assert not list(tree.iter("script", "img", "em", "code"))


@settings(deadline=None, max_examples=150)
@given(st.text("#*_-+=>|~`[]()<>!&;:\\/.1 \n\ta中。", max_size=40))
def test_any_text_of_a_body_stays_text(text: str) -> None:
    paragraph = html.Element("p")
    paragraph.text = text
    tree = shown(sanitised(paragraph, "https://news.example.edu/"))
    body = "".join(each.text_content() for each in tree.iter("p"))
    assert "".join(body.split()) == "".join(text.split())
    assert not list(tree.iter("a", "img", "em", "code", "h2", "hr", "table", "blockquote", "ol"))[1:]


def test_tables_stay_tables_and_every_row_has_all_its_cells() -> None:
    tree = shown(
        "<table><tbody><tr><td rowspan='2'>系</td><td>a|b</td><td>x<br>y</td></tr>"
        "<tr><td><code>1|2</code></td><td><p>z</p><p>w</p></td></tr>"
        "<tr><td colspan='2'>合计</td><td>3</td></tr></tbody></table>"
    )
    (table,) = tree.iter("table")
    assert rows(table) == [["系", "a|b", "x y"], ["", "1|2", "z w"], ["合计", "", "3"]]


def test_a_table_that_only_lays_out_the_page_is_none_and_the_one_in_it_stays() -> None:
    tree = shown(
        "<table><tr><td><p>Around.</p><table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>"
        "</td></tr></table><table><tr><td>Alone.</td></tr></table>"
    )
    (table,) = tree.iter("table")
    assert rows(table) == [["a", "b"], ["1", "2"]]
    assert [each.text_content() for each in tree.iter("p")] == ["Around.", "Alone."]


def test_links_and_pictures_end_where_they_should() -> None:
    tree = shown(
        "<p><a href='https://a.example/x(1)_y?q=[2]'>a [b]\n<b>c</b></a> and "
        "<img src='https://a.example/i(1).png' alt='图] (x'></p><p><a href='https://a.example/'><div>in</div></a></p>"
    )
    links = [(link.get("href"), link.text_content()) for link in tree.iter("a")][1:]
    assert links == [("https://a.example/x%281%29_y?q=%5B2%5D", "a [b] c"), ("https://a.example/", "in")]
    (picture,) = tree.iter("img")
    assert (picture.get("src"), picture.get("alt")) == ("https://a.example/i%281%29.png", "图] (x")


def test_emphasis_works_next_to_chinese_signs() -> None:
    tree = shown("<p><strong>时间：</strong>九月一日。见<b>（通知）</b>全文，<em>a</em></p>")
    assert [each.text_content() for each in tree.iter("strong")] == ["时间", "通知"]
    assert "时间：九月一日。见（通知）全文，a" in tree.text_content()


def test_lists_headings_and_code_keep_their_shape() -> None:
    tree = shown(
        "<h1>Part</h1><ol><li>one</li><li>two<ul><li>deep</li></ul></li></ol><pre>a ``` b\n# c</pre>"
        "<blockquote><p>said</p></blockquote>"
    )
    assert [each.text_content() for each in tree.iter("h2")] == ["Part"]
    assert len(list(tree.iter("ol"))) == 1
    assert [each.text_content() for each in tree.iter("pre")] == ["a ``` b\n# c\n"]
    assert [each.text_content().strip() for each in tree.iter("blockquote")] == ["said"]


@pytest.mark.parametrize(
    "body_html",
    [
        "<b>" * 1500 + "x" + "</b>" * 1500,
        "<ol>" + "<li>x</li>" * 20_000 + "</ol>",
        "<p>x</p>" * 60_000,
        "<table><tr>" + "<td colspan='1000' rowspan='1000'>x</td>" * 1000 + "</tr></table>",
    ],
)
def test_a_hostile_body_costs_seconds_and_its_text_is_there(body_html: str) -> None:
    begun = time.monotonic()
    text = to_markdown(article(body_html, body="x"))
    assert time.monotonic() - begun < 20
    assert text.startswith("# A title\n")
    assert "x" in text.partition("1.htm>")[2]


def test_the_command_prints_it(tmp_path: Path) -> None:
    saved = tmp_path / "page.html"
    text = "<p>A paragraph that is long enough, with a comma, to be the body of an article.</p>" * 3
    saved.write_text(
        f"<html><body><h1>Title *1*</h1><article>{text}</article></body></html>", encoding="utf-8"
    )
    result = CliRunner().invoke(cli.main, ["extract", str(saved), "--markdown"])
    assert result.exit_code == 0
    extraction = extract(saved.read_bytes(), "http://saved-page.invalid/")
    assert extraction.article is not None
    assert result.stdout == to_markdown(extraction.article)
    assert result.stdout.startswith("# Title \\*1\\*\n")
    both = CliRunner().invoke(cli.main, ["extract", str(saved), "--markdown", "--json"])
    assert (both.exit_code, both.stdout) == (2, "")


@pytest.mark.parametrize(
    "html",
    ["<table><tr><td>" * 400 + "<p>deep</p>", "<p>wide" + " " * 200_000 + "gap</p>"],
    ids=["tables in tables", "a gap of 200,000 spaces"],
)
def test_a_hostile_body_costs_little(html: str) -> None:
    started = time.process_time()
    text = "<p>" + "Words, and more. " * 20 + "</p>"
    page = f"<h1>The library opens again</h1><div class='entry-content'>{text}{html}</div>"
    read = extract(page.encode(), "https://news.example.edu/1.htm").article
    assert read is not None
    assert to_markdown(read)
    assert time.process_time() - started < 5
