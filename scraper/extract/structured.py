"""What a page states about itself for machines: JSON-LD, Open Graph, Dublin Core, `time[datetime]`. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from scraper.index import Element
from scraper.normalize.text import fold
from scraper.page import Page

# field -> (name or property of a meta element), most precise first.
METAS: dict[str, tuple[str, ...]] = {
    "title": ("og:title", "dc.title", "dcterms.title", "twitter:title", "pagetitle", "articletitle"),
    "release_time": (
        "article:published_time", "og:article:published_time", "datepublished", "article:published",
        "pubdate",
        "publishdate", "publish-date", "publication_date", "dc.date", "dc.date.issued", "dcterms.date",
        "dcterms.issued", "dcterms.created", "dc.date.created", "sailthru.date", "date", "parsely-pub-date",
    ),
    "author": ("article:author", "author", "dc.creator", "dcterms.creator", "parsely-author"),
    "source": ("contentsource", "source"),
    "section": ("article:section", "columnname"),
    "keywords": ("keywords",),
    "language": ("og:locale", "dc.language", "dcterms.language", "content-language"),
}  # fmt: skip
# Rules of metas that many sites write once into the template: the day it was made, not the article's.
VAGUE_TIMES = frozenset(("meta:dc.date", "meta:dcterms.date", "meta:date"))
ARTICLE_TYPES = frozenset(
    (
        "Article",
        "NewsArticle",
        "BlogPosting",
        "ReportageNewsArticle",
        "Report",
        "ScholarlyArticle",
        "PressRelease",
    )
)
_NAMES = ("property", "name", "itemprop", "http-equiv")  # attributes that say what a meta is about
_DEEPEST = 12  # levels of JSON-LD looked into
_NO_TEXT = re.compile("<[^<>]+>|[\x00-\x08\x0e-\x1f]")  # tags, and what only escapes can smuggle in


class Structured:
    """The statements of one page, looked up by field; each answer comes with the rule that gave it."""

    def __init__(self, page: Page) -> None:
        self._metas: dict[str, str] = {}
        for meta in page.tree.iter("meta"):
            name = next(filter(None, map(meta.get, _NAMES)), "")
            content = fold(meta.get("content") or "")
            if name and content:
                self._metas.setdefault(name.strip().casefold(), content)
        self._ld = (
            next(_articles(page.tree), {})
            if any("ld+json" in kind for kind in page.index.values("type"))
            else {}
        )

    def metas(self, field: str) -> Iterator[tuple[str, str]]:
        """Yield (value, rule) of the meta elements that speak of the field, most precise first."""
        for name in METAS[field]:
            if value := self._metas.get(name):
                yield value, f"meta:{name}"

    def ld(self, key: str) -> Iterator[tuple[str, str]]:
        """Yield (value, rule) of the page's JSON-LD article; names where the value is an object."""
        if value := _named(self._ld.get(key)):
            yield value, f"json-ld:{key}"


def _articles(tree: Element) -> Iterator[dict[str, Any]]:
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or ""):
            continue
        try:
            data = json.loads(script.text or "", strict=False)
        except (ValueError, RecursionError):  # a template's half-filled JSON says nothing
            continue
        yield from _typed(data)


def _typed(data: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    if depth > _DEEPEST:
        return
    if isinstance(data, list):
        for item in data:
            yield from _typed(item, depth + 1)
    elif isinstance(data, dict):
        kinds = data.get("@type")
        if ARTICLE_TYPES.intersection(map(str, kinds if isinstance(kinds, list) else [kinds])):
            yield data
        yield from _typed(list(data.values()), depth + 1)


def _named(value: Any, depth: int = 0) -> str | None:
    """Return the text of a JSON-LD value: itself, its `name`, or the names of a list joined by commas."""
    if isinstance(value, str):
        return fold(_NO_TEXT.sub("", value)) or None
    if depth > _DEEPEST:
        return None
    if isinstance(value, dict):
        return _named(value.get("name"), depth + 1)
    if isinstance(value, list):
        return ", ".join(name for item in value if (name := _named(item, depth + 1))) or None
    return None
