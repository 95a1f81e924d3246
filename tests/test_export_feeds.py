"""Atom and JSON Feed: by their specifications, safe to show, and an entry is the same entry every time."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from lxml import etree, html

from storage import Archive
from storage.choice import Choice
from storage.export import exporter, taken
from storage.export.feed import instant
from storage.records import Article, Attachment, Image

from .campus_days import Days, article
from .hostile import texts

pytestmark = pytest.mark.usefixtures("catalogue")

NAMES = {"atom": "http://www.w3.org/2005/Atom"}
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
# RFC 4287 §4.1: of each element what it may hold, and how often at least and at most.
ONE, ANY, MAY = (1, 1), (0, 10**6), (0, 1)
HOLDS: dict[str, dict[str, tuple[int, int]]] = {
    "feed": {
        "id": ONE, "title": ONE, "updated": ONE, "author": ANY, "category": ANY, "contributor": ANY,
        "generator": MAY, "icon": MAY, "link": ANY, "logo": MAY, "rights": MAY, "subtitle": MAY, "entry": ANY,
    },
    "entry": {
        "id": ONE, "title": ONE, "updated": ONE, "author": ANY, "category": ANY, "content": MAY,
        "contributor": ANY, "link": ANY, "published": MAY, "rights": MAY, "source": MAY, "summary": MAY,
    },
    "author": {"name": ONE, "uri": MAY, "email": MAY},
}  # fmt: skip
IRI = {"type": "string", "pattern": "^[a-z][a-z0-9+.-]*:"}
DATE = {"type": "string", "pattern": f"^{RFC3339.pattern}$".replace("\\d", "[0-9]")}
TEXT = {"type": "string", "minLength": 1}
JSON_FEED = {  # https://www.jsonfeed.org/version/1.1/, written down as a schema
    "type": "object",
    "required": ["version", "title", "items"],
    "additionalProperties": False,
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"},
        "title": TEXT,
        "home_page_url": IRI,
        "feed_url": IRI,
        "description": TEXT,
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "content_html"],
                "additionalProperties": False,
                "patternProperties": {"^_": {"type": "object"}},
                "properties": {
                    "id": TEXT,
                    "url": IRI,
                    "title": TEXT,
                    "content_html": TEXT,
                    "summary": TEXT,
                    "image": IRI,
                    "date_published": DATE,
                    "date_modified": DATE,
                    "language": TEXT,
                    "tags": {"type": "array", "items": TEXT, "minItems": 1},
                    "authors": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "minProperties": 1,
                            "properties": {"name": TEXT, "url": IRI, "avatar": IRI},
                            "additionalProperties": False,
                        },
                    },
                    "attachments": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["url", "mime_type"],
                            "properties": {
                                "url": IRI,
                                "mime_type": {"type": "string", "pattern": "^[^/ ]+/[^/ ]+"},
                                "title": {"type": "string"},
                                "size_in_bytes": {"type": "integer", "minimum": 0},
                            },
                        },
                    },
                },
            },
        },
    },
}
FULL = article(
    1,
    title="Open day",
    release_time="2026-08-30T09:30+08:00",
    body="First words.\n\nSecond <b>words</b>.",
    body_html="<p>First words.</p><p>Second &lt;b&gt;words&lt;/b&gt;.</p>",
    author="The press office",
    source="The press office",
    section="News",
    language="en",
    images=(Image("http://news.example.edu/1.jpg", "A gate"),),
    attachments=(Attachment("http://news.example.edu/1.pdf", "Plan", "application/pdf", 1200, "0" * 64),),
)


@pytest.fixture
def days(tmp_path: Path) -> Days:
    """Five days: new, edited, read by other rules, taken down and back, out of reach."""
    days = Days(tmp_path / "archive")
    days.run(FULL, article(2), article(3))
    days.run(
        replace(
            FULL, title="Open day, moved", body="First words.\n\nOther words.", release_time="2026-08-29"
        ),
        ("a2", "gone"),
        (article(3), "unlisted"),
    )
    rules = replace(article(3).extractor, revision=2)
    days.run(("a2", "gone"), (article(3, body="By other rules.", extractor=rules), "unlisted"))
    days.run(article(2), ("a1", "error"))
    return days


def written(archive: Archive, form: str, **options: Any) -> bytes:
    told: dict[str, Any] = {"table": "articles", "limit": None, "url": None}
    choice = options.pop("choice", Choice())
    items, rest = taken(archive, form, choice, **told | options)
    out = io.BytesIO()
    exporter(form)(items, out, **rest)
    return out.getvalue()


def atom(data: bytes) -> etree._Element:
    """Parse an Atom feed, and hold it against RFC 4287."""
    root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, huge_tree=True))
    assert root.tag == "{http://www.w3.org/2005/Atom}feed"
    for element in root.iter(*(f"{{{NAMES['atom']}}}{name}" for name in HOLDS)):
        allowed = HOLDS[etree.QName(element).localname]
        found = [etree.QName(child).localname for child in element]
        assert {etree.QName(child).namespace for child in element} <= {NAMES["atom"]}
        assert set(found) <= set(allowed)
        for name, (least, most) in allowed.items():
            assert least <= found.count(name) <= most, name
    for when in root.iter(*(f"{{{NAMES['atom']}}}{name}" for name in ("updated", "published"))):
        assert RFC3339.fullmatch(when.text or "")
    ids = [each.text or "" for each in root.iter(f"{{{NAMES['atom']}}}id")]
    assert len(set(ids)) == len(ids)
    assert all(re.match("urn:uuid:[0-9a-f-]{36}$", each) for each in ids)
    for entry in entries(root):
        links = entry.findall("atom:link", NAMES)
        assert all(re.match("[a-z][a-z0-9+.-]*:", link.get("href", "")) for link in links)
        assert sum(link.get("rel") == "alternate" for link in links) == 1
        assert all(category.get("term") for category in entry.findall("atom:category", NAMES))
        assert entry.find("atom:content", NAMES).get("type") == "html"  # type: ignore[union-attr]
    assert root.find("atom:author", NAMES) is not None  # §4.2.1: or every entry has one
    return root


def json_feed(data: bytes) -> dict[str, Any]:
    """Parse a JSON Feed, and hold it against its specification."""
    feed: dict[str, Any] = json.loads(data)
    Draft202012Validator(JSON_FEED).validate(feed)
    ids = [item["id"] for item in feed["items"]]
    assert len(set(ids)) == len(ids)
    return feed


def entries(root: etree._Element) -> list[etree._Element]:
    return root.findall("atom:entry", NAMES)


def titles(root: etree._Element) -> list[str | None]:
    return [entry.findtext("atom:title", namespaces=NAMES) for entry in entries(root)]


def content(entry: etree._Element) -> str:
    return entry.findtext("atom:content", namespaces=NAMES) or ""


def test_a_feed_tells_what_is_new_what_was_edited_and_what_went_and_came_back(days: Days) -> None:
    with days.open() as archive:
        root = atom(written(archive, "atom"))
        feed = json_feed(written(archive, "jsonfeed"))
    assert titles(root) == [
        "Restored: Notice 2",
        "Withdrawn: Notice 2",
        "Off the lists: Notice 3",
        "Edited: Open day, moved",
        "Notice 3",
        "Notice 2",
        "Open day",
    ]
    assert [item["title"] for item in feed["items"]] == titles(root)
    assert [item["id"] for item in feed["items"]] == [
        entry.findtext("atom:id", namespaces=NAMES) for entry in entries(root)
    ]


def test_an_edit_shows_inside_what_was_struck_and_what_was_put_in(days: Days) -> None:
    with days.open() as archive:
        edit = entries(atom(written(archive, "atom")))[3]
    shown = content(edit)
    assert "<h4>title (" in shown
    assert re.search(r"<ins>[^<]*moved</ins>", shown)
    assert re.search(r"<del>[^<]*Second[^<]*&lt;b&gt;", shown)  # a text stays a text
    assert "<del>2026-08-30T09:30+08:00</del> <ins>2026-08-29</ins>" in shown
    assert "moved back" in shown


def test_a_new_article_has_its_text_its_files_and_its_authors_once(days: Days) -> None:
    with days.open() as archive:
        first = entries(atom(written(archive, "atom")))[-1]
        item = json_feed(written(archive, "jsonfeed"))["items"][-1]
    assert "<p>Second &lt;b&gt;words&lt;/b&gt;.</p>" in content(first)
    enclosure = first.find("atom:link[@rel='enclosure']", NAMES)
    assert enclosure is not None
    assert dict(enclosure.attrib) == {
        "rel": "enclosure",
        "href": "http://news.example.edu/1.pdf",
        "type": "application/pdf",
        "title": "Plan",
        "length": "1200",
    }
    assert [name.text for name in first.iterfind("atom:author/atom:name", NAMES)] == ["The press office"]
    assert item["authors"] == [{"name": "The press office"}]
    assert item["attachments"][0]["size_in_bytes"] == 1200
    assert item["image"] == "http://news.example.edu/1.jpg"
    assert item["language"] == first.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"


@pytest.mark.parametrize(
    ("stated", "told"),
    [
        ("2026-08-30T09:30+08:00", "2026-08-30T09:30:00+08:00"),
        ("2026-08-30T09:30:05Z", "2026-08-30T09:30:05Z"),
        ("2026-08-30T09:30", None),
        ("2026-08-30", None),
        (None, None),
    ],
)
def test_a_release_time_is_told_only_when_it_is_an_instant(stated: str | None, told: str | None) -> None:
    assert instant(stated) == told


def test_what_our_own_rules_changed_and_looks_that_failed_are_no_news(days: Days) -> None:
    with days.open() as archive:
        kinds = {kind for event in archive.events(0) for kind in event.kinds}
        reasons = {event.reason for event in archive.events(0)}
        told = {item["_campusnews"]["kind"] for item in json_feed(written(archive, "jsonfeed"))["items"]}
    assert {"error", "missing"} <= kinds
    assert "rules" in reasons
    assert told == {"new", "changed", "hidden", "withdrawn", "restored"}


def test_an_entry_keeps_its_id_and_time_in_every_later_feed(days: Days) -> None:
    def entry_times() -> dict[str, str]:
        with days.open() as archive:
            items = json_feed(written(archive, "jsonfeed"))["items"]
        return {item["id"]: item["date_modified"] for item in items}

    before = entry_times()
    days.run(article(2, body="Edited."), article(9))
    after = entry_times()
    assert after.items() > before.items()
    assert len(after) == len(before) + 2


def test_a_feed_is_as_new_as_its_newest_entry_and_has_the_newest_of_them(days: Days) -> None:
    with days.open() as archive:
        root = atom(written(archive, "atom", limit=2, url="https://feeds.example.edu/news.atom"))
        feed = json_feed(written(archive, "jsonfeed", limit=2, url="https://feeds.example.edu/news.json"))
    assert titles(root) == ["Restored: Notice 2", "Withdrawn: Notice 2"]
    assert root.findtext("atom:updated", namespaces=NAMES) == "2026-09-05T08:00:00+00:00"
    assert root.find("atom:link[@rel='self']", NAMES).get("href") == "https://feeds.example.edu/news.atom"  # type: ignore[union-attr]
    assert feed["feed_url"] == "https://feeds.example.edu/news.json"


def test_a_feed_can_be_of_one_site_and_of_what_happened_since_a_run(days: Days) -> None:
    days.run(article(7, site="other"))
    with days.open() as archive:
        other = atom(written(archive, "atom", choice=Choice(site="other")))
        late = atom(written(archive, "atom", choice=Choice(since_run=3)))
    assert titles(other) == ["Notice 7"]
    assert other.findtext("atom:title", namespaces=NAMES) == "News and edits: other"
    assert titles(late) == ["Notice 7", "Restored: Notice 2"]


ATTACKS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='data:text/html,x'>x</a>",
    "<iframe src=http://example.invalid></iframe>",
    "<svg><script>1</script></svg>",
    "<style>*{}</style>",
    "]]><script>1</script>",
    "&lt;script&gt;",
)


def test_nothing_a_feed_shows_can_run(tmp_path: Path) -> None:
    days = Days(tmp_path / "archive")
    first = [
        article(n, title=text, body=text, body_html=text, images=(Image("javascript:alert(1)", text),))
        for n, text in enumerate(ATTACKS)
    ]
    days.run(*first)
    days.run(*(replace(each, title=each.title + "!", body=each.title * 2, images=()) for each in first))
    with days.open() as archive:
        shown = [content(entry) for entry in entries(atom(written(archive, "atom")))]
        assert shown == [item["content_html"] for item in json_feed(written(archive, "jsonfeed"))["items"]]
    assert len(shown) == 2 * len(ATTACKS)
    for part in shown:
        for element in html.fromstring(f"<div>{part}</div>").iter():
            assert element.tag not in ("script", "iframe", "svg", "style", "object")
            assert not any(name.startswith("on") for name in element.attrib)
            for name in ("href", "src"):
                assert not element.get(name, "").strip().lower().startswith(("javascript:", "data:"))


def test_every_text_gives_a_feed_that_is_well_formed_and_by_the_book(tmp_path: Path) -> None:
    days = Days(tmp_path / "archive")
    odd = [text[:100] for text in texts()][::3]
    with Archive.open(days.path, write=True, create=True) as archive:
        archive.begin_run(days.now, ["campus"])
        for number, text in enumerate(odd):
            days.see(
                archive, article(number, title=text, body=text, body_html=text, author=text, section=text)
            )
        for number, text in enumerate(odd):
            days.see(archive, article(number, title=text + "|", body=f"{text} edited", author=text[::-1]))
        archive.end_run(days.now, "done", {})
    with days.open() as archive:
        root = atom(written(archive, "atom", limit=5000))
        feed = json_feed(written(archive, "jsonfeed", limit=5000))
    assert len(entries(root)) == len(feed["items"]) == 2 * len(odd)


def test_an_article_without_a_title_is_named_by_its_address(tmp_path: Path) -> None:
    days = Days(tmp_path / "archive")
    nameless: Article = article(1, title="")
    days.run(nameless)
    with days.open() as archive:
        assert titles(atom(written(archive, "atom"))) == [nameless.url]
