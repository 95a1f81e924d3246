"""A page in, the feeds it announces out: RSS, Atom, JSON Feed, WordPress's REST list of posts. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import urljoin

from scraper.discover.links import Links
from scraper.page import Page

_TYPE = re.compile(r"^\s?application/(?:(?:rss|atom|rdf)\+xml|(?:feed\+)?json)\b", re.IGNORECASE)
_ADDRESS = re.compile(
    r"/(?:feed|rss|atom)/?$|(?:^|/)(?:rss|atom|feed|index)\.(?:xml|rss|atom|rdf|json)$|\.rss$|[?&]feed=", re.I
)
_COMMENTS = re.compile(r"comments?(?:[/_=-]|$)|评论", re.IGNORECASE)
_REST, _POSTS = "https://api.w.org/", "wp/v2/posts"
_MOST = 20


def feeds_of(page: Page, links: Links) -> tuple[str, ...]:
    """Return the addresses of the feeds of articles, as announced first, then as linked; each once."""
    return tuple(islice(dict.fromkeys((*_announced(page, links), *_linked(links))), _MOST))


def _announced(page: Page, links: Links) -> Iterator[str]:
    posts: list[str] = []
    for element in page.tree.iter("link", "a"):
        if element.tag == "a" and not element.get("type"):
            continue
        url, relations = links.absolute(element.get("href")), element.get("rel", "").casefold().split()
        if url is None:
            continue
        if _REST in relations:
            posts.append(urljoin(url, _POSTS))
        elif element.tag == "a" or "alternate" in relations:
            named = element.get("title", "") + " " + url
            if _TYPE.match(element.get("type", "")) and not _is_other(named):
                yield url
    yield from posts


def _linked(links: Links) -> Iterator[str]:
    return (link.url for link in links.all if _ADDRESS.search(link.url) and not _is_other(link.url))


def _is_other(named: str) -> bool:
    """Tell whether a feed is none of articles: of comments, or the REST form of the page itself."""
    return bool(_COMMENTS.search(named)) or ("/wp-json/" in named and _POSTS + "?" not in named + "?")
