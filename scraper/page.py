"""One response in memory: its addresses, status, headers and bytes; decoding and parsing it. Pure.

`Page.decoded` keeps the decision of `scraper.encodings`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from scraper.codings import decode as unpack
from scraper.encodings import Decoded, decode
from scraper.index import Element, Index
from scraper.tree import Parsed, parse

_HEAD = 65536  # bytes in which a page says where it belongs
_SAVED_FROM = (
    re.compile(rb"<!-- saved from url=\(\d+\)(https?://[^\s>]+) -->"),
    re.compile(rb"<link[^>]+rel=[\"']?canonical[\"']?[^>]+href=[\"']?(https?://[^\s\"'>]+)", re.IGNORECASE),
    re.compile(
        rb"<meta[^>]+property=[\"']?og:url[\"']?[^>]+content=[\"']?(https?://[^\s\"'>]+)", re.IGNORECASE
    ),
)
_LARGEST = 2**31  # bytes: what was kept had passed the fetcher's limits


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
    def decoded(self) -> Decoded:
        """The text, and how it was decoded."""
        return decode(self.body, self.content_type, self.declared_encoding)

    @property
    def text(self) -> str:
        """The decoded source, without control characters."""
        return self.decoded.text

    @cached_property
    def _parsed(self) -> Parsed:
        source = self.decoded.utf8
        return parse(self.text.encode("utf-8", "replace") if source is None else source)

    @property
    def tree(self) -> Element:
        """The parsed document; an empty `<html>` when there is nothing to parse. Treat it as read-only."""
        return self._parsed.root

    @property
    def unclosed(self) -> str | None:
        """What the page ends inside of, so that nobody sees the rest; None where it ends as it should."""
        return self._parsed.unclosed

    @cached_property
    def index(self) -> Index:
        """The elements of the document by class and id."""
        return Index(self.tree)


def saved_from(body: bytes) -> str | None:
    """Return the address a saved page came from: the browser's mark, else the page's own canonical link."""
    for pattern in _SAVED_FROM:
        if match := pattern.search(body[:_HEAD]):
            return match[1].decode("ascii", "replace")
    return None


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
