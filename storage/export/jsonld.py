"""JSON-LD: each article as a schema.org NewsArticle, in one graph. Writes only to the file object given."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, BinaryIO

from storage.export.signs import json_line
from storage.records import Article, Attachment

_HEAD = b'{"@context": "https://schema.org", "@graph": ['


def write_jsonld(articles: Iterable[Article], out: BinaryIO) -> int:
    """Write an article a line and return how many; what is unknown is left out."""
    out.write(_HEAD)
    count = 0
    for article in articles:
        # Nothing in it can end the `script` element that a page puts it in.
        line = json_line(news_article(article)).rstrip(b"\n").replace(b"<", b"\\u003c")
        out.write((b",\n" if count else b"\n") + line)
        count += 1
    out.write(b"\n]}\n")
    return count


def news_article(article: Article) -> dict[str, Any]:
    """Return an article in the words of schema.org; times are as precise as the page states them."""
    edited = article.version is not None and article.version > 1
    values: dict[str, Any] = {
        "@type": "NewsArticle",
        "@id": article.url,
        "identifier": article.id,
        "url": article.url,
        "headline": article.title,
        "datePublished": article.release_time,
        "dateModified": article.last_changed if edited else None,
        "articleBody": article.body,
        "articleSection": article.section,
        "inLanguage": article.language,
        "author": _named("Person", article.author),
        "editor": _named("Person", article.editor),
        "creditText": article.source,
        "image": [
            {"@type": "ImageObject", "url": image.url} | ({"caption": image.alt} if image.alt else {})
            for image in article.images
        ],
        "associatedMedia": [_file(file) for file in article.attachments],
        "interactionStatistic": _views(article.views),
        "creativeWorkStatus": article.state,
        "sdDatePublished": article.last_seen,
        "isPartOf": {"@type": "WebSite", "name": article.site},
    }
    return {name: value for name, value in values.items() if value not in (None, [], "")}


def _named(kind: str, name: str | None) -> dict[str, str] | None:
    return {"@type": kind, "name": name} if name else None


def _views(count: int | None) -> dict[str, Any] | None:
    if count is None:
        return None
    kind = {"@type": "ReadAction"}
    return {"@type": "InteractionCounter", "interactionType": kind, "userInteractionCount": count}


def _file(file: Attachment) -> dict[str, Any]:
    values = {
        "@type": "MediaObject",
        "contentUrl": file.url,
        "name": file.name,
        "encodingFormat": file.media_type,
        "contentSize": None if file.size is None else f"{file.size} B",
        "sha256": file.sha256,
    }
    return {name: value for name, value in values.items() if value is not None}
