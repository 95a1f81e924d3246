"""Feeds, sitemaps and JSON lists are listings too; nothing that a server sends in their place raises."""

from __future__ import annotations

import gzip
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.discover import Item, Listing, discover

SITE = "http://news.example.edu.cn"
FEED, SITEMAP = SITE + "/feed.xml", SITE + "/sitemap.xml"
RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/">
<channel><title>Campus</title><link>{site}/</link><atom:link rel="self" href="{site}/feed.xml"/>{rest}
</channel></rss>"""


def rss(*items: str, rest: str = "") -> bytes:
    return RSS.format(site=SITE, rest=rest + "".join(f"<item>{item}</item>" for item in items)).encode()


def only(listing: Listing) -> Item:
    (item,) = listing.items
    return item


# --- feeds


def test_an_rss_feed_is_a_listing() -> None:
    item = (
        "<title>Lab opens</title><link>/info/1.htm</link><pubDate>Tue, 25 Oct 2022 20:00:00 +0800</pubDate>"
    )
    listing = discover(rss(item), FEED)
    assert listing == Listing(
        items=(Item(SITE + "/info/1.htm", "Lab opens", "2022-10-25T20:00:00+08:00"),),
        preset="rss",
        provenance={"items": "rss"},
    )


def test_an_atom_feed_is_a_listing() -> None:
    body = """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="http://news.example.edu.cn/">
      <link rel="next" href="feed?page=2"/><entry>
      <title type="html">Lab &amp;amp; shop &lt;b&gt;open&lt;/b&gt;</title>
      <link rel="edit" href="edit/1"/><link href="a/1"/><id>tag:x</id>
      <published>2026-01-02T03:04:05Z</published><updated>2026-02-02T03:04:05Z</updated></entry></feed>"""
    listing = discover(body.encode(), FEED)
    assert only(listing) == Item(
        SITE + "/a/1", "Lab & shop open", "2026-01-02T03:04:05+00:00", modified="2026-02-02T03:04:05+00:00"
    )
    assert listing.next == SITE + "/feed?page=2"
    assert listing.preset == "atom"


def test_rss_1_keeps_its_items_beside_the_channel() -> None:
    body = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
      xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>X</title></channel>
      <item rdf:about="http://news.example.edu.cn/1"><title>One</title><dc:date>2026-01-02</dc:date></item></rdf:RDF>"""
    assert only(discover(body.encode(), FEED)) == Item(SITE + "/1", "One", "2026-01-02")


@pytest.mark.parametrize(
    ("markup", "url"),
    [
        pytest.param("<link>/a.htm?x=1&amp;y=2</link>", "/a.htm?x=1&y=2", id="relative"),
        pytest.param("<link><![CDATA[ /a.htm?x=1&y=2 ]]></link>", "/a.htm?x=1&y=2", id="in CDATA"),
        pytest.param("<link>/a.htm?x=1&y=2</link>", "/a.htm?x=1&y=2", id="not escaped"),
        pytest.param("<guid>http://news.example.edu.cn/g</guid>", "/g", id="guid"),
        pytest.param(
            '<guid isPermaLink="false">http://x/</guid><link>/a</link>', "/a", id="guid that is none"
        ),
        pytest.param(
            '<atom:link rel="enclosure" href="/b.mp3"/><link>/a</link>', "/a", id="enclosure beside"
        ),
    ],
)
def test_the_address_of_an_entry_is_its_article(markup: str, url: str) -> None:
    assert only(discover(rss("<title>T</title>" + markup), FEED)).url == SITE + url


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "file:///etc/passwd", "ftp://x/y", "/_visitcount?id=1"]
)
def test_an_entry_that_leads_nowhere_is_left_out(link: str) -> None:
    assert discover(rss(f"<title>T</title><link>{link}</link>"), FEED).items == ()


@pytest.mark.parametrize(
    ("markup", "title"),
    [
        ("<title>A &amp;amp; B</title>", "A & B"),
        ("<title><![CDATA[A &amp; <i>B</i>]]></title>", "A & B"),
        ("<title>A&nbsp;&mdash;&nbsp;B</title>", "A — B"),
        ("<title>AT&T</title>", "AT&T"),
        ("<title>\n A\n B </title>", "A B"),
        ("<title>&lt;script&gt;evil()&lt;/script&gt;Fair</title>", "Fair"),
        ("<media:title>Picture</media:title><title>Text</title>", "Text"),
        ("", ""),
    ],
)
def test_a_title_is_what_a_reader_would_see(markup: str, title: str) -> None:
    assert only(discover(rss(markup + "<link>/a</link>"), FEED)).title == title


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("25 Oct 22 20:00 +0800", "2022-10-25T20:00:00+08:00"),
        ("2022-10-25", "2022-10-25"),
        ("2022-10-25 20:00", "2022-10-25T20:00+08:00"),
        ("yesterday", None),
        ("Mon, 01 Jan 0001 00:00:00 GMT", None),
        ("1" * 50_000, None),
    ],
)
def test_a_date_has_the_precision_it_is_given_with(printed: str, value: str | None) -> None:
    body = rss(f"<title>T</title><link>/a</link><pubDate>{printed}</pubDate>")
    assert only(discover(body, FEED)).release_time == value


def test_a_feed_in_an_old_encoding_is_read() -> None:
    body = RSS.format(site=SITE, rest="<item><title>新闻标题</title><link>/a</link></item>")
    assert only(discover(body.replace("utf-8", "gb2312").encode("gbk"), FEED)).title == "新闻标题"


def test_a_broken_feed_gives_what_can_be_recovered_and_says_so() -> None:
    whole = "<title>Fine</title><link>/1</link>"
    listing = discover(rss(whole, "<title>Cut <b>off</title><link>/2</link>").rpartition(b"</link>")[0], FEED)
    assert listing.items[0] == Item(SITE + "/1", "Fine")
    assert listing.provenance["document"] == "repaired"
    assert listing.problem is None


def test_a_feed_of_which_nothing_is_left_is_a_problem() -> None:
    assert discover(b"<rss><channel><item", FEED).problem == "malformed"
    assert discover(rss(), FEED).problem is None


# --- hostile XML


@pytest.mark.parametrize("system", ["file:///etc/passwd", "http://127.0.0.1:9/hit"])
def test_no_entity_of_a_document_is_expanded(system: str) -> None:
    head = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{system}"><!ENTITY y "laughs">]>'
    body = head.encode() + rss("<title>&x; and &y;</title><link>/a</link>").partition(b"?>")[2]
    assert only(discover(body, FEED)).title == "&x; and &y;"


HOSTILE = {
    "elements in elements": b"<rss><channel>" + b"<a>" * 200_000,
    "open sections": b"<rss>" + b"<![CDATA[" * 500_000,
    "signs": b"<rss>" + b"&a" * 2_000_000,
    "an endless document type": b"<!DOCTYPE x [" + b"]" * 2_000_000,
    "comments": b"<!--x-->" * 200_000 + b"<rss>",
    "spaces": b" " * 5_000_000 + b"<rss>",
    "nothing at all": b"\x00" * 1000,
}


@pytest.mark.parametrize("shape", HOSTILE)
def test_hostile_xml_is_refused_in_bounded_time(shape: str) -> None:
    started = time.process_time()
    listing = discover(HOSTILE[shape], FEED)
    assert time.process_time() - started < 2
    assert listing.items == ()
    assert listing.problem


# --- sitemaps


def test_a_sitemap_is_a_listing_and_its_lastmod_no_release_time() -> None:
    body = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
      xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">
      <url><loc> http://news.example.edu.cn/1 </loc><lastmod>2026-03-01</lastmod></url>
      <url><loc>https://www.news.example.edu.cn/2</loc><n:news><n:publication_date>2026-01-02</n:publication_date>
      <n:title>Lab &amp; shop</n:title></n:news></url></urlset>"""
    listing = discover(body.encode(), SITEMAP)
    assert listing.items == (
        Item(SITE + "/1", "", modified="2026-03-01"),
        Item("https://www.news.example.edu.cn/2", "Lab & shop", "2026-01-02"),
    )
    assert (listing.preset, listing.problem) == ("sitemap", None)


def test_a_sitemap_may_be_packed_or_a_plain_list() -> None:
    body = b"<urlset><url><loc>http://news.example.edu.cn/1</loc></url></urlset>"
    assert only(discover(gzip.compress(body), SITEMAP + ".gz")).url == SITE + "/1"
    lines = b"http://news.example.edu.cn/1\r\nhttp://elsewhere.example.org/2\r\n"
    assert only(discover(lines, SITE + "/sitemap.txt")).url == SITE + "/1"


def test_an_index_names_its_sitemaps_and_never_itself() -> None:
    locs = (SITEMAP, SITE + "/a.xml.gz", SITE + "/a.xml.gz", "http://127.0.0.1/b.xml", "file:///c.xml")
    body = "<sitemapindex>" + "".join(f"<sitemap><loc>{loc}</loc></sitemap>" for loc in locs)
    listing = discover(f"{body}</sitemapindex>".encode(), SITEMAP)
    assert listing.sitemaps == (SITE + "/a.xml.gz",)
    assert listing.items == ()
    assert listing.problem is None


@pytest.mark.parametrize(
    "loc",
    ["http://elsewhere.example.org/", "file:///etc/passwd", "http://news.example.edu.cn:8080/", "http://[x/"],
)
def test_what_is_not_of_the_sitemaps_own_host_is_dropped(loc: str) -> None:
    assert discover(f"<urlset><url><loc>{loc}</loc></url></urlset>".encode(), SITEMAP).items == ()


@pytest.mark.parametrize(
    ("url", "content_type"),
    [
        (SITEMAP, "text/html"),
        (SITE + "/sitemap-1.xml.gz", None),
        (SITE + "/feed/", "text/html"),
        (SITE + "/any", "application/xml; charset=utf-8"),
    ],
)
def test_html_in_place_of_xml_is_reported(url: str, content_type: str | None) -> None:
    body = (
        b"<!DOCTYPE html><!-- x --><html><body><ul>" + b'<li><a href="/info/1/1.htm">A long headline</a>' * 9
    )
    listing = discover(body, url, content_type=content_type)
    assert (listing.items, listing.problem) == ((), "html_instead_of_xml")


def test_a_packed_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(b"<urlset>" + b" " * 60_000_000)
    assert discover(bomb, SITEMAP + ".gz").problem == "too_large"
    assert discover(b"\x1f\x8b\x08 no gzip", SITEMAP + ".gz").problem == "bad_encoding"


# --- JSON


def test_a_json_feed_is_a_listing() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "next_url": "/feed.json?page=2",
        "items": [
            {"id": 1, "title": "Lab opens", "url": "/1", "date_published": "2026-01-02T03:04:05Z"},
            {"id": 2, "external_url": "http://elsewhere.example.org/2", "content_text": "no title"},
        ],
    }
    listing = discover(json.dumps(feed).encode(), SITE + "/feed.json")
    assert listing.items == (
        Item(SITE + "/1", "Lab opens", "2026-01-02T03:04:05+00:00"),
        Item("http://elsewhere.example.org/2", ""),
    )
    assert (listing.preset, listing.next) == ("json_feed", SITE + "/feed.json?page=2")


POST = {
    "id": 7, "date": "2026-01-05T09:30:00", "date_gmt": "2026-01-05T01:30:00", "link": SITE + "/7/",
    "title": {"rendered": "Lab &#8211; <em>opens</em>"}, "modified": "2026-01-06T09:30:00",
    "modified_gmt": "2026-01-06T01:30:00",
}  # fmt: skip


def test_posts_of_wordpress_carry_their_zone() -> None:
    listing = discover(json.dumps([POST]).encode(), SITE + "/wp-json/wp/v2/posts")
    assert only(listing) == Item(
        SITE + "/7/", "Lab – opens", "2026-01-05T09:30:00+08:00", modified="2026-01-06T09:30:00+08:00"
    )
    assert (listing.preset, listing.next, listing.total_pages) == ("wp_json", None, None)


def test_wordpress_goes_on_while_its_pages_are_full() -> None:
    body = json.dumps([POST, POST]).encode()
    url = SITE + "/wp-json/wp/v2/posts?per_page={}&page=3"
    assert discover(body, url.format(2)).next == url.format(2).replace("page=3", "page=4")
    assert discover(body, url.format(20)).next is None
    assert discover(b"[]", url.format(2)) == Listing(preset="json")


def test_a_list_that_a_script_loads_is_found_by_its_keys() -> None:
    rows = [
        {"articleTitle": "Lab opens", "url": "/1.htm", "publish_time": "2026-01-02 10:00", "visitCount": 12}
    ]
    answer = {"code": 0, "data": {"total": "120", "pageCount": 12, "page": {"rows": rows}}}
    listing = discover(json.dumps(answer).encode(), SITE + "/api/list")
    assert only(listing) == Item(SITE + "/1.htm", "Lab opens", "2026-01-02T10:00+08:00", 12)
    assert (listing.total_items, listing.total_pages) == (120, 12)


def test_seconds_and_milliseconds_are_times() -> None:
    rows = [
        {"title": "A", "url": "/1", "time": 1_767_225_600},
        {"title": "B", "url": "/2", "time": 1767225600000},
    ]
    listing = discover(json.dumps(rows).encode(), SITE + "/api")
    assert {item.release_time for item in listing.items} == {"2026-01-01T00:00:00+00:00"}


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        pytest.param(b'{"a":' * 200_000, "too_deep", id="deep"),
        pytest.param(b"[" * 5_000_000, "too_deep", id="brackets"),
        pytest.param(b'{"total":' + b"9" * 10_000 + b"}", "no_list", id="a number of 10,000 digits"),
        pytest.param(b'{"code":"rest_no_route"}', "no_list", id="an error"),
    ],
)
def test_hostile_json_is_refused(body: bytes, problem: str) -> None:
    assert discover(body, SITE + "/feed.json").problem == problem


def test_a_long_number_costs_only_itself() -> None:
    body = b'[{"id":%s,"title":"A","url":"/1"}]' % (b"9" * 10_000)
    assert only(discover(body, SITE + "/feed.json")) == Item(SITE + "/1", "A")


@given(st.binary(max_size=200))
def test_no_bytes_raise(body: bytes) -> None:
    for head in (b"<rss><channel><item>", b"<urlset><url><loc>", b'[{"title":', b"\x1f\x8b", b""):
        discover(head + body, FEED)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["title", "url", "date", "date_gmt", "next", "total", "x"]), inner)
    ),
    max_leaves=12,
)


@given(JSON)
def test_no_json_raises(value: object) -> None:
    discover(json.dumps(value).encode(), SITE + "/feed.json")


# --- announced by a page


def test_a_page_announces_its_feeds() -> None:
    head = """<link rel="alternate" type="application/rss+xml" title="News" href="/feed/">
      <link rel="alternate" type="application/rss+xml" title="News » Comments" href="/comments/feed/">
      <link rel="alternate" type="application/atom+xml" href="atom.xml">
      <link rel="alternate" hreflang="en" href="/en/">
      <link rel="alternate" type="application/feed+json" href="/feed.json">
      <link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/9">
      <link rel="https://api.w.org/" href="/wp-json/">"""
    page = f'<html><head>{head}</head><body><a href="/news/rss.xml">RSS</a> <a href="/feed/">RSS</a></body>'
    assert discover(page.encode(), SITE + "/news/").feeds == (
        SITE + "/feed/",
        SITE + "/news/atom.xml",
        SITE + "/feed.json",
        SITE + "/wp-json/wp/v2/posts",
        SITE + "/news/rss.xml",
    )
