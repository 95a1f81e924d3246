"""One response in memory: its addresses, status, headers and bytes; decoding and parsing it. Pure.

Decoding follows the WHATWG order (BOM, header, meta) and labels (gb2312 means gb18030). A label that does
not fit the bytes loses to the bytes; `Page.encoding` and `Page.encoding_rule` keep the decision.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from bs4.dammit import UnicodeDammit
from lxml import etree
from w3lib.encoding import (
    html_body_declared_encoding,
    http_content_type_encoding,
    read_bom,
    resolve_encoding,
)

from scraper.codings import decode as unpack
from scraper.index import Element, Index

# lxml drops all text past 255 nested elements unless told that the tree may be huge.
_PARSER = etree.HTMLParser(
    encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, collect_ids=False
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
# The first encodings a Chinese or Western campus page can be in when it declares none that fits.
_GUESSES = ("utf-8", "gb18030", "big5hkscs", "windows-1252")
_SUSPECT, _LONG_TAG, _MOST_ATTRIBUTES = 100_000, 20_000, 1_000  # characters, characters, words
_LONG = re.compile(rf"<([a-zA-Z][a-zA-Z0-9]*)\s[^<>]{{{_LONG_TAG},}}>?")
_HEAD = 65536  # bytes in which a page says where it belongs
_SAVED_FROM = (
    re.compile(rb"<!-- saved from url=\(\d+\)(https?://[^\s>]+) -->"),
    re.compile(rb"<link[^>]+rel=[\"']?canonical[\"']?[^>]+href=[\"']?(https?://[^\s\"'>]+)", re.IGNORECASE),
    re.compile(
        rb"<meta[^>]+property=[\"']?og:url[\"']?[^>]+content=[\"']?(https?://[^\s\"'>]+)", re.IGNORECASE
    ),
)
# Text codecs of Python that are no encodings of the web, and that a hostile page could name.
_NO_CHARSETS = frozenset(("idna", "punycode", "raw_unicode_escape", "unicode_escape", "undefined", "utf-7"))
_LARGEST = 2**31  # bytes: what was kept had passed the fetcher's limits
_MOST_BAD = 0.002  # share of U+FFFD that a single torn character explains; more means a wrong label


@dataclass(frozen=True)
class Page:
    """One response in memory.

    `url` is what was asked for, `final_url` what answered after redirects. `body` has no content coding left.
    """

    url: str
    body: bytes
    final_url: str = ""
    status: int = 200
    content_type: str | None = None
    fetched_at: datetime | None = None
    declared_encoding: str | None = None

    @property
    def base_url(self) -> str:
        """The address links are relative to, `<base href>` aside."""
        return self.final_url or self.url

    @cached_property
    def _decoded(self) -> tuple[str, str, str]:
        return decode(self.body, self.content_type, self.declared_encoding)

    @property
    def text(self) -> str:
        """The decoded source, without control characters."""
        return self._decoded[2]

    @property
    def encoding(self) -> str:
        """The name of the encoding that was used."""
        return self._decoded[0]

    @property
    def encoding_rule(self) -> str:
        """What decided the encoding: `config`, `bom`, `header`, `meta`, `bytes`."""
        return self._decoded[1]

    @cached_property
    def tree(self) -> Element:
        """The parsed document; an empty `<html>` when there is nothing to parse. Treat it as read-only."""
        source = _tame(self.text).encode("utf-8", "replace")
        root: Element | None = etree.fromstring(source, _PARSER) if not source.isspace() else None
        # Nothing but white space and comments has no root.
        return etree.fromstring(b"<html></html>", _PARSER) if root is None else root

    @cached_property
    def index(self) -> Index:
        """The elements of the document by class and id."""
        return Index(self.tree, self.text)


def _tame(source: str) -> str:
    """Return the source with tags of thousands of attributes bare: libxml2 takes the square of their time."""
    if len(source) < _SUSPECT:
        return source
    return _LONG.sub(lambda tag: f"<{tag[1]}>" if len(tag[0].split()) > _MOST_ATTRIBUTES else tag[0], source)


def saved_from(body: bytes) -> str | None:
    """Return the address a saved page came from: the browser's mark, else the page's own canonical link."""
    for pattern in _SAVED_FROM:
        if match := pattern.search(body[:_HEAD]):
            return match[1].decode("ascii", "replace")
    return None


def decode(body: bytes, content_type: str | None, declared: str | None = None) -> tuple[str, str, str]:
    """Return (encoding, rule, text) of an HTML response; never raises on bad bytes, they become U+FFFD."""
    for name, rule, data in _candidates(body, content_type, declared):
        text = data.decode(name, "replace")
        if rule in ("config", "bom") or text.count("\ufffd") <= _MOST_BAD * len(text):
            return name, rule, _clean(text)
    guess = UnicodeDammit(body, list(_GUESSES), is_html=True).original_encoding or "utf-8"
    return guess, "bytes", _clean(body.decode(guess, "replace"))


def _candidates(body: bytes, content_type: str | None, declared: str | None) -> list[tuple[str, str, bytes]]:
    """Return the encodings that somebody claims, most trusted first (WHATWG encoding sniffing)."""
    bom, bom_bytes = read_bom(body)
    named = [
        (declared, "config", body),
        (bom, "bom", body[len(bom_bytes or b"") :]),
        (http_content_type_encoding(content_type) if content_type else None, "header", body),
        (html_body_declared_encoding(body), "meta", body),
        ("utf-8", "bytes", body),
    ]
    return [(known, rule, data) for name, rule, data in named if name and (known := _known(name, rule))]


def _known(name: str, rule: str) -> str | None:
    """Return the codec of a label, or None; a meta that claims UTF-16 means UTF-8 (WHATWG §13.2.3.2)."""
    codec = resolve_encoding(name)
    if codec is None:
        return None
    if rule == "meta" and codec.startswith("utf-16"):
        return "utf-8"
    try:
        name = codecs.lookup(codec).name
        b"\xff".decode(name, "replace")  # `hex`, `zip`, `rot13` are codecs to Python, but not of text
    except (LookupError, UnicodeError):
        return None
    return None if name in _NO_CHARSETS else name


def _clean(text: str) -> str:
    return _CONTROL.sub("", text.removeprefix("\ufeff"))


def from_capture(url: str, head: bytes, body: bytes, *, fetched_at: datetime | None = None) -> Page:
    """Return the page a kept response was: `head` and `body` as in the WARC, the content coding still on.

    Raises `scraper.codings.CodingError` where the body cannot be unpacked.
    """
    fields = dict(line.lower().partition(b":")[::2] for line in head.splitlines()[1:] if b":" in line)
    coding = fields.get(b"content-encoding", b"").decode("latin-1").strip()
    content_type = fields.get(b"content-type", b"").decode("latin-1").strip() or None
    status = int(head.split(None, 2)[1])
    plain = unpack(body, coding, _LARGEST, _LARGEST)
    return Page(url, plain, status=status, content_type=content_type, fetched_at=fetched_at)
