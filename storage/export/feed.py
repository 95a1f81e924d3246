"""Events in, entries of a feed out: what is new, what was edited and how, what went and came back. Pure.

An entry's id follows from the article and what happened to it, so that a feed made again, or by another
machine from the same WARCs, has the same ids. All HTML is made safe here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any
from uuid import UUID, uuid5

import nh3

from storage.export.signs import for_xml
from storage.records import Article, Event, FieldChange
from storage.segments import excerpt

ENTRIES = 100  # of a feed, unless told otherwise
CONTEXT = 160  # kept characters shown beside a change
_SPACE = UUID("6f0f2c1e-6d5f-5b52-9d0e-2f7a4c7e8d11")  # RFC 9562 §6.5: the names are ours
_NEWS = {  # kind of event: how the title begins, what the entry says
    "new": ("", ""),
    "changed": ("Edited: ", "The article was edited."),
    "hidden": ("Off the lists: ", "The article left the lists; its page still answers."),
    "withdrawn": ("Withdrawn: ", "The article was taken down, as two runs found."),
    "restored": ("Restored: ", "The article is back."),
}
_MARKS = {"deleted": "del", "inserted": "ins", "moved_from": "del", "moved_to": "ins"}
# RFC 3339 has no day without a time and no time without an offset, and none is made up here.
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d)(:\d\d)?(Z|[+-]\d\d:\d\d)")
_SCHEMES = {"http", "https", "mailto"}


@dataclass(frozen=True, slots=True)
class Entry:
    """What a feed tells of one event: `updated` is when it was found, `published` null unless exact."""

    id: str
    title: str
    updated: str
    published: str | None
    html: str
    kind: str
    event: Event

    @property
    def article(self) -> Article:
        """The record as it stood then."""
        return self.event.article


@dataclass(frozen=True, slots=True)
class About:
    """What a feed says of itself; `url` is where it will be published, null when that is not known."""

    title: str
    updated: str
    url: str | None = None

    @property
    def id(self) -> str:
        """The same for every edition of a feed."""
        return _name(self.url or self.title)


def is_news(event: Event) -> bool:
    """Tell whether an event is for readers: not what our own rules changed, nor looks that failed."""
    return _kind(event) is not None


def entry(event: Event) -> Entry:
    """Return the entry of an event that is news."""
    kind = _kind(event) or "new"
    article = event.article
    opening, says = _NEWS[kind]
    mark = article.version if kind in ("new", "changed") else f"{kind} {event.run}"
    return Entry(
        id=_name(f"{article.id} {mark}"),
        title=for_xml(opening + (article.title or article.url)),
        updated=event.observed_at,
        published=instant(article.release_time),
        html=for_xml(_released(article) + (f"<p>{says}</p>" if says else "") + "".join(_shown(kind, event))),
        kind=kind,
        event=event,
    )


def instant(moment: str | None) -> str | None:
    """Return a release time as RFC 3339 when the page states one that exactly, else None."""
    found = _INSTANT.fullmatch(moment or "")
    return f"{found[1]}{found[2] or ':00'}{found[3]}" if found else None


def _kind(event: Event) -> str | None:
    """Return what an entry is about: an edit goes before the state it came with."""
    if event.reason != "rules" and "changed" in event.kinds:
        return "changed"
    return next((kind for kind in event.kinds if kind in _NEWS and kind != "changed"), None)


def _name(text: str) -> str:
    return uuid5(_SPACE, text.encode(errors="backslashreplace").decode()).urn


def _released(article: Article) -> str:
    parts = [article.site, article.section, article.release_time and article.release_time.replace("T", " ")]
    return f"<p>{escape(' · '.join(part for part in parts if part))}</p>"


def _shown(kind: str, event: Event) -> Iterator[str]:
    if kind in ("new", "restored"):
        article = event.article
        yield nh3.clean(article.body_html, url_schemes=_SCHEMES) if article.body_html else _text(article.body)
    elif kind == "changed":
        if event.release_time_moved_back:
            yield "<p><strong>The release time was moved back.</strong></p>"
        yield from map(_field, event.fields)


def _field(change: FieldChange) -> str:
    title = f"<h4>{escape(change.field.replace('_', ' '))} ({change.severity})</h4>"
    if isinstance(change.before, list):
        return title + f"<ul>{''.join(_items(change.before, change.after))}</ul>"
    if not change.segments:
        return f"{title}<p><del>{_line(change.before)}</del> <ins>{_line(change.after)}</ins></p>"
    return f"{title}<p>{''.join(_words(change))}</p>"


def _words(change: FieldChange) -> Iterator[str]:
    for part in excerpt(change.segments, CONTEXT):
        mark = _MARKS.get(part.op)
        yield f"<{mark}>{_line(part.text)}</{mark}>" if mark else _line(part.text)


def _items(
    before: Iterable[Mapping[str, Any] | None], after: Iterable[Mapping[str, Any] | None]
) -> Iterator[str]:
    for old, new in zip(before, after, strict=True):
        sides = [(mark, side) for mark, side in (("del", old), ("ins", new)) if side]
        yield "<li>" + " ".join(f"<{mark}>{_item(side)}</{mark}>" for mark, side in sides) + "</li>"


def _item(item: Mapping[str, Any]) -> str:
    name = item.get("name") or item.get("alt") or item.get("text") or item["url"]
    link = f'<a href="{escape(item["url"])}">{_line(name)}</a>'
    shown: str = nh3.clean(link, url_schemes=_SCHEMES)
    return shown


def _text(text: str) -> str:
    return "".join(f"<p>{_line(part)}</p>" for part in text.split("\n\n") if part)


def _line(text: str | None) -> str:
    return escape(text or "none").replace("\n", "<br>")
