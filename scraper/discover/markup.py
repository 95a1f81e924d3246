"""XML in, a tree of elements out: without its document type, within limits, what is broken repaired. Pure.

A document type is cut off before parsing, so no entity of a page's own making is ever expanded and nothing is
loaded. Named entities of HTML, which feeds use without declaring them, become their characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html.entities import html5
from itertools import islice

from lxml import etree

from scraper.discover.links import visible_text
from scraper.index import Element
from scraper.normalize.text import fold

# The namespaces whose names are known here, by the prefix they are written with; "" is the format's own.
_PREFIXES = {
    "http://purl.org/rss/1.0/": "",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "http://www.w3.org/2005/Atom": "",
    "http://purl.org/atom/ns#": "",
    "http://www.sitemaps.org/schemas/sitemap/0.9": "",
    "http://www.google.com/schemas/sitemap/0.84": "",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dc",
    "http://www.google.com/schemas/sitemap-news/0.9": "news",
    "http://a9.com/-/spec/opensearch/1.1/": "opensearch",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
}
_ENTITY = re.compile(
    r"&(?!(?:amp|lt|gt|quot|apos);|#\d{1,7};|#[xX][\da-fA-F]{1,6};)(?P<name>[A-Za-z]\w{0,31};)?"
)
_FIRST = re.compile(r"<([A-Za-z_][\w.:-]{0,60})")
_DEPTH_LIMIT = re.compile(r"excessive depth", re.IGNORECASE)
_HTML = etree.HTMLParser(collect_ids=False)
_LONGEST = 2000  # letters a title has at most
_MOST_REPAIRS = 100_000  # signs repaired one by one; what comes after is the parser's to recover


Parts = dict[str, list[Element]]


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed document; `root` is null where nothing could be read.

    `repaired` says that the source was not well-formed, `too_deep` that it was cut at the parser's limit.
    """

    root: Element | None
    repaired: bool = False
    too_deep: bool = False

    @property
    def problem(self) -> str | None:
        """Why there is nothing in the document, if it had to be repaired or was cut."""
        return "too_deep" if self.too_deep else "malformed" if self.repaired or self.root is None else None

    @property
    def provenance(self) -> dict[str, str]:
        """The entry of a listing's provenance that marks a repaired document."""
        return {"document": "repaired"} if self.repaired else {}


def root_of(source: str) -> tuple[str, int]:
    """Return the name of the first element, in lower case without its prefix, and where it begins."""
    at, end = 0, len(source)
    while at < end:
        at += len(source[at : at + 256]) - len(source[at : at + 256].lstrip())
        if found := _FIRST.match(source, at):
            return found[1].rpartition(":")[2].casefold(), at
        following = _after_prolog(source, at)
        if following is None:
            break
        at = following
    return "", -1


def parse(source: str) -> Document:
    """Return the tree of an XML source, from its first element on; never raises on content."""
    _, start = root_of(source)
    if start < 0:
        return Document(None)
    text, repairs = _with_entities(source[start:])
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, remove_pis=True,
        remove_comments=True, huge_tree=False,
    )  # fmt: skip
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        root = None
    errors = [error.message or "" for error in islice(parser.error_log, 1000)]
    return Document(root, bool(errors or repairs), any(map(_DEPTH_LIMIT.search, errors)))


def name_of(element: Element) -> str:
    """Return an element's name with the usual prefix of its namespace: `title`, `dc:date`, `?:title`."""
    return _name(str(element.tag))


def parts_of(element: Element) -> Parts:
    """Return the children of an element by their names."""
    parts: Parts = {}
    for child in element.iterchildren(etree.Element):
        parts.setdefault(name_of(child), []).append(child)
    return parts


def named(parts: Parts, *names: str) -> Iterator[Element]:
    """Yield the parts of these names, all of the first name before those of the next."""
    return (part for name in names for part in parts.get(name, ()))


def text_of(element: Element | None) -> str:
    """Return the text of an element and all in it, folded."""
    return fold("".join(map(str, element.itertext()))) if element is not None else ""


def plain(text: str) -> str:
    """Return a text that may be HTML, as titles of feeds are, as a person would see it."""
    if "<" not in text and "&" not in text:
        return fold(text)
    return visible_text(etree.fromstring(f"<body><p>{text[:_LONGEST]}", _HTML))


@lru_cache(maxsize=1024)
def _name(tag: str) -> str:
    if tag[:1] != "{":
        return tag  # a prefix that nobody declared stays in the name
    space, _, local = tag[1:].partition("}")
    prefix = _PREFIXES.get(space, "?")
    return f"{prefix}:{local}" if prefix else local


def _after_prolog(source: str, at: int) -> int | None:
    """Return where a piece that may stand before the first element ends, or None where none stands here."""
    if source[at : at + 256].isspace():
        return at + 256
    if source.startswith("<!--", at):
        return _after(source, "-->", at)
    if source.startswith("<?", at):
        return _after(source, "?>", at)
    if source[at : at + 9].casefold() != "<!doctype":
        return None
    close, subset = source.find(">", at), source.find("[", at)
    if 0 <= subset < close:
        inner = source.find("]", subset)
        while inner >= 0 and not source[inner + 1 : inner + 99].lstrip().startswith(">"):
            inner = source.find("]", inner + 1)
        close = source.find(">", inner) if inner >= 0 else -1
    return close + 1 if close >= 0 else None


def _after(source: str, mark: str, at: int) -> int | None:
    end = source.find(mark, at)
    return end + len(mark) if end >= 0 else None


def _with_entities(source: str) -> tuple[str, int]:
    """Resolve HTML's named entities and escape every other `&`, CDATA sections left as they are."""
    pieces: list[str] = []
    at = repairs = 0
    while (start := source.find("<![CDATA[", at)) >= 0 and (end := source.find("]]>", start)) >= 0:
        text, count = _ENTITY.subn(_character, source[at:start], _MOST_REPAIRS)
        pieces += (text, source[start : end + 3])
        at, repairs = end + 3, repairs + count
    text, count = _ENTITY.subn(_character, source[at:], _MOST_REPAIRS)
    return "".join((*pieces, text)), repairs + count


def _character(match: re.Match[str]) -> str:
    name = match["name"] or ""
    return html5.get(name, f"&amp;{name}")
