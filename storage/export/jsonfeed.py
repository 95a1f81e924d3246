"""JSON Feed 1.1: a feed of what is new and what was edited. Writes only to the file object given."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, BinaryIO

from storage.export.feed import About, Entry, entry
from storage.export.signs import json_line
from storage.records import Event

_VERSION = "https://jsonfeed.org/version/1.1"


def write_jsonfeed(events: Iterable[Event], out: BinaryIO, about: About) -> int:
    """Write an item a line for each event, all of which have to be news, and return how many."""
    head = {"version": _VERSION, "title": about.title} | ({"feed_url": about.url} if about.url else {})
    out.write(json_line(head).rstrip(b"}\n") + b', "items": [')
    count = 0
    for event in events:
        out.write((b",\n" if count else b"\n") + json_line(_item(entry(event))).rstrip(b"\n"))
        count += 1
    out.write(b"\n]}\n")
    return count


def _item(told: Entry) -> dict[str, Any]:
    article = told.article
    names = dict.fromkeys(name for name in (article.author, article.source) if name and name.strip())
    values = {
        "id": told.id,
        "url": article.url,
        "title": told.title,
        "content_html": told.html,
        "date_published": told.published,
        "date_modified": told.updated,
        "authors": [{"name": name} for name in names],
        "tags": [tag for tag in (told.kind, article.section) if tag],
        "language": article.language,
        "image": article.images[0].url if article.images else None,
        "attachments": [_attachment(file) for file in article.attachments],
        "_campusnews": {
            "kind": told.kind,
            "article_id": article.id,
            "site": article.site,
            "version": article.version,
            "release_time": article.release_time,
            "views": article.views,
            "severity": told.event.severity,
        },
    }
    return {name: value for name, value in values.items() if value not in (None, [])}


def _attachment(file: Any) -> dict[str, Any]:
    known = {"title": file.name, "size_in_bytes": file.size}
    return {"url": file.url, "mime_type": file.media_type or "application/octet-stream"} | {
        name: value for name, value in known.items() if value is not None
    }
