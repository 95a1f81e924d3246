"""Atom (RFC 4287): a feed of what is new and what was edited. Writes only to the file object given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from lxml import etree

from storage.export.feed import About, Entry, entry
from storage.export.signs import for_xml
from storage.records import Article, Event

_SPACE = "http://www.w3.org/2005/Atom"
_NAMES: Any = {None: _SPACE}  # the stub knows no default name space
_XML = "{http://www.w3.org/XML/1998/namespace}"
_END = b"</feed>"


def write_atom(events: Iterable[Event], out: BinaryIO, about: About) -> int:
    """Write an entry for each event, all of which have to be news, and return how many."""
    head = etree.Element(f"{{{_SPACE}}}feed", nsmap=_NAMES)
    for name, text in (("id", about.id), ("title", about.title), ("updated", about.updated)):
        _add(head, name, text)
    _add(_add(head, "author"), "name", "campusnews")
    if about.url:
        _add(head, "link", rel="self", href=about.url)
    _add(head, "generator", "campusnews")
    out.write(etree.tostring(head, encoding="utf-8", xml_declaration=True).removesuffix(_END) + b"\n")
    count = 0
    for event in events:
        out.write(etree.tostring(_entry(entry(event)), encoding="utf-8") + b"\n")
        count += 1
    out.write(_END + b"\n")
    return count


def _entry(told: Entry) -> etree._Element:
    article = told.article
    element = etree.Element(f"{{{_SPACE}}}entry", nsmap=_NAMES)
    if article.language:
        element.set(f"{_XML}lang", for_xml(article.language))
    _add(element, "id", told.id)
    _add(element, "title", told.title)
    _add(element, "updated", told.updated)
    if told.published:
        _add(element, "published", told.published)
    for name in dict.fromkeys(name for name in (article.author, article.source) if name and name.strip()):
        _add(_add(element, "author"), "name", name)
    _add(element, "link", rel="alternate", type="text/html", href=article.url)
    for link in _enclosures(article):
        _add(element, "link", **link)
    for term in (told.kind, article.section):
        if term:
            _add(element, "category", term=term)
    _add(element, "content", told.html, type="html")
    return element


def _enclosures(article: Article) -> Iterator[dict[str, str]]:
    for file in article.attachments:
        known = {"type": file.media_type, "title": file.name, "length": file.size and str(file.size)}
        yield {"rel": "enclosure", "href": file.url} | {name: value for name, value in known.items() if value}


def _add(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, f"{{{_SPACE}}}{name}")
    for attribute, value in attributes.items():
        element.set(attribute, for_xml(value))
    element.text = for_xml(text) if text is not None else None
    return element
