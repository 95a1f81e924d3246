"""From source to tree: nothing is dropped without a word, and no tag costs the square of its size."""

from __future__ import annotations

import time

import pytest

from scraper import extract
from scraper.extract.document import text_of
from scraper.page import Page

URL = "https://news.example.edu/1.htm"
TEXT = (
    "The reading room opens again on Monday, with eighty seats and a quiet corner for two.",
    "Whoever comes in the first week is shown around, and may take a plant of the nursery home.",
)
NOTICE = f"<h1>The reading room opens</h1><div><p>{TEXT[0]}</p>"
REST = f"<p>{TEXT[1]}</p></div></body></html>"
ATTRIBUTES = {
    "with values": " ".join(f"a{n}=1" for n in range(100_000)),
    "without values": " ".join(f"a{n}" for n in range(100_000)),
    "between slashes": "/".join(f"a{n}" for n in range(100_000)),
    "in lines": "\n".join(f"a{n}='1'" for n in range(100_000)),
    "ends of tags in quotes": " ".join(f"a{n}='>'" for n in range(100_000)),
    "tags in quotes": " ".join(f'a{n} = "<p>{n}</p>"' for n in range(50_000)),
    "tags for names": " ".join(f"<a{n}" for n in range(100_000)),
    "glued": "".join(f"a{n}='1'" for n in range(100_000)),
}


def body_of(html: str) -> tuple[str, str | None]:
    article = extract(html.encode(), URL).article
    assert article is not None
    return article.body, article.provenance.get("document")


@pytest.mark.parametrize("end", ["</html>", "</HTML>", "</Html\n>", "</body></html><html><body>", "</body>"])
def test_what_follows_an_early_end_is_of_the_page(end: str) -> None:
    assert body_of(NOTICE + end + REST) == ("\n\n".join(TEXT), None)


@pytest.mark.parametrize("end", ["", REST, REST + "\n<!-- page 1 -->\n", REST + "<script>x()</script>"])
def test_a_page_that_ends_as_it_should_has_nothing_to_tell(end: str) -> None:
    assert body_of(NOTICE + f"<p>{TEXT[1]}" + end)[1] is None


@pytest.mark.parametrize(
    ("open_end", "told"),
    [
        ("<!--", "comment or tag"),
        ("<a href='", "comment or tag"),
        ('<a title="x>', "comment or tag"),
        ("<script>", "script"),
        ("<style>", "style"),
        ("<textarea>", "textarea"),
        ("<svg><style>", "style"),
        ("<select><option>", "select"),
        ("<noscript>", "noscript"),
        ("<template>", "template"),
        ("<iframe src=x>", "iframe"),
        ("<button>", "button"),
        ("<object><param>", "object"),
    ],
)
def test_a_page_that_ends_inside_of_what_nobody_sees_says_so(open_end: str, told: str) -> None:
    html = NOTICE + open_end + "<p>".join(f"text {n}, unseen. " for n in range(9))
    assert body_of(html) == (TEXT[0], f"unclosed {told}")


@pytest.mark.parametrize("source", ["", " ", "<!-- x", "<!-- x -->", "<", "<a", "</html>", "<html><title>x"])
def test_a_page_of_nothing_has_an_empty_tree(source: str) -> None:
    tree = Page(URL, source.encode()).tree
    assert (tree.tag, text_of(tree)) in {("html", ""), ("html", "x"), ("html", "<")}


@pytest.mark.parametrize("kind", ATTRIBUTES)
def test_the_attributes_of_a_tag_cost_no_more_than_their_length(kind: str) -> None:
    started = time.process_time()
    body, _ = body_of(NOTICE + f"<p {ATTRIBUTES[kind]}>between, and kept.</p>" + REST)
    assert time.process_time() - started < 3
    assert (TEXT[0] in body, TEXT[1] in body) == (True, True)


def test_the_attributes_of_many_tags_stay_where_they_are_no_more_than_pages_have() -> None:
    tags = "".join(f"<i {' '.join(f'a{n}=1' for n in range(900))}>{at}</i>" for at in range(200))
    tree = Page(URL, (NOTICE + tags + REST).encode()).tree
    assert [len(element.attrib) for element in tree.iter("i")] == [900] * 200


@pytest.mark.parametrize(
    "reference", ["&#0;", "&#27;", "&#x1B;", "&#x000000001b;", "&#8;", "&#127;", "&#xFFFF;", "&#xfffe;"]
)
def test_a_reference_to_no_character_leaves_nothing(reference: str) -> None:
    html = f"<h1>A&#66;{reference}C</h1><div>{TEXT[0]}{reference}</div>"
    article = extract(html.encode(), URL).article
    assert article is not None
    assert (article.title, article.body) == ("ABC", TEXT[0])


def test_references_to_characters_stay() -> None:
    tree = Page(URL, b"<p>&#10;&#9;&#13;&#160;&#x4e2d;&#1284;&#130;&#x1F600;&#270;&#3100;").tree
    assert "".join(text_of(tree).split()) == "中\u0504\u201a\U0001f600\u010e\u0c1c"
