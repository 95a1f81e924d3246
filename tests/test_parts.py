"""Articles that go on over several pages."""

from __future__ import annotations

import pytest

from scraper.extract import extract, read_article
from scraper.extract.parts import joined
from scraper.page import Page

FIRST = "https://news.example.edu/info/1001/2002.htm"
TEXT = "The walls of the old library are dry again, and the readers came back in the first week of the term."


def page(links: str, text: str = TEXT) -> bytes:
    return (
        f"<title>The library opens again</title><h1>The library opens again</h1><p>2024-03-05</p>"
        f"<div><p>{text}</p><p>{text}</p><img src='/{len(text)}.jpg'><div>{links}</div></div>"
    ).encode()


@pytest.mark.parametrize(
    ("first", "href", "label"),
    [
        (FIRST, "2002_2.htm", "下一页"),
        (FIRST, "2002_2.htm", "2"),
        ("https://news.example.edu/2024/0305/c1a2/page.htm", "page2.htm", "下一页"),
        ("https://news.example.edu/t20240305_9.html", "t20240305_9_1.html", "下一页"),
        ("https://news.example.edu/2024/library/", "/2024/library/2/", "Next page"),
        ("https://news.example.edu/show.asp?id=7", "show.asp?id=7&page=2", "[2]"),
    ],
)
def test_the_next_part_is_where_a_cms_puts_it(first: str, href: str, label: str) -> None:
    extraction = extract(page(f"<a href='{href}'>{label}</a>"), first)
    assert extraction.next_part is not None
    assert extraction.next_part.endswith(href.rpartition("/")[2] or "2/")


@pytest.mark.parametrize(
    ("href", "label"),
    [
        ("2003.htm", "下一页"),
        ("2003.htm", "next"),
        ("2002_2.htm", "print"),
        ("2002_3.htm", "3"),
        ("https://elsewhere.example.org/info/1001/2002_2.htm", "2"),
        ("http://[", "2"),
    ],
)
def test_a_neighbour_is_no_part_of_the_article(href: str, label: str) -> None:
    assert extract(page(f"<a href='{href}'>{label}</a>"), FIRST).next_part is None


def test_the_second_part_leads_to_the_third() -> None:
    links = "<a href='2002.htm'>1</a><a href='2002_3.htm'>下一页</a>"
    second = Page(url="https://news.example.edu/info/1001/2002_2.htm", body=page(links))
    assert (
        read_article(second, first=FIRST, number=2).next_part
        == "https://news.example.edu/info/1001/2002_3.htm"
    )


def test_parts_are_one_article_with_every_picture_once() -> None:
    texts = (TEXT, TEXT.replace("dry", "still wet"))
    parts = [extract(page("", text), FIRST).article for text in texts]
    whole = joined([part for part in parts if part])
    assert whole.body == "\n\n".join((texts[0], texts[0], texts[1], texts[1]))
    assert [image.url.rpartition("/")[2] for image in whole.images] == [f"{len(text)}.jpg" for text in texts]
    assert whole.provenance["body"].endswith("2 parts")
    assert whole.title == "The library opens again"
