"""The record as the catalogue keeps it with a version, and the digests taken of it. Pure."""

from __future__ import annotations

import hashlib
from typing import Any

from storage.records import Article, canonical_json

# Known only as of a moment: the catalogue's columns hold them, so the kept record leaves them empty.
_LIVE = ("version", "state", "first_seen", "last_seen", "last_changed", "capture")
VIEWS = ("views", "views_observed_at", "views_source")


def kept(article: Article) -> dict[str, Any]:
    """Return the record as the catalogue keeps it with its version."""
    return article.to_json() | dict.fromkeys(_LIVE)


def columns_of(record: dict[str, Any]) -> dict[str, Any]:
    """Return what a row of `versions` says of a kept record."""
    return {
        "record": canonical_json(record).decode(),
        "field_digests": field_digests(record),
        "content_digest": record["content_digest"],
        "extractor": "{preset}/{revision}".format(**record["extractor"]),
    }


def field_digests(record: dict[str, Any]) -> str:
    """Return a short digest of each field of a kept record as JSON; views move and are left out."""
    short = {
        name: _NULL if value is None else _short(canonical_json(value))
        for name, value in record.items()
        if name not in VIEWS
    }
    return canonical_json(short).decode()


def _short(value: bytes) -> str:
    return hashlib.sha256(value).hexdigest()[:8]


_NULL = _short(b"null")  # most fields of most records
