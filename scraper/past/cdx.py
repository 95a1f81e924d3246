"""The CDX answers of Wayback services: what to ask, and rows out of both forms they come in. Pure.

pywb answers with a JSON object in each line, the Internet Archive with one list whose first row names the
columns.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

AT_ONCE = 5000  # rows asked for at a time; 100,000 is what pywb gives unasked, and says no word of the rest
_STAMP = "%Y%m%d%H%M%S"
_REPLAYED = re.compile(r"/(\d{14})id_/")
_NAMES = {"url": ("url", "original"), "media": ("mime", "mimetype"), "status": ("status", "statuscode")}
_REVISIT = "warc/revisit"


@dataclass(frozen=True, slots=True)
class Shape:
    """How a service is addressed below its own address, and what its questions need."""

    cdx: str
    replay: str
    asked: tuple[tuple[str, str], ...]


# Other statuses are left out, not 200 asked for: a revisit is a page again, and has no status in the index.
PYWB = Shape("/cdx", "", (("filter", "!~status:[1345]"), ("limit", str(AT_ONCE))))
WAYBACK = Shape(
    "/cdx/search/cdx",
    "/web",
    (("filter", r"!statuscode:[1345]\d\d"), ("limit", str(AT_ONCE)), ("showResumeKey", "true")),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One capture: `stamp` are its 14 digits, `url` is the address as the service writes it."""

    stamp: str
    url: str
    media: str
    digest: str

    @property
    def at(self) -> datetime:
        """When it was captured."""
        return datetime.strptime(self.stamp, _STAMP).replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Answer:
    """The captures of one answer that gave a page, and the key with which the service goes on, if it does.

    `count` is of all its lines: as many as were asked for, and no key, may be less than there is.
    """

    rows: tuple[Row, ...]
    resume: str | None = None
    count: int = 0

    @property
    def is_cut(self) -> bool:
        """Whether there may be more, without a way to ask for what comes next."""
        return self.resume is None and self.count >= AT_ONCE


def question(
    base: str, shape: Shape, prefix: str, first: datetime, last: datetime, resume: str | None
) -> str:
    """Return the address that asks for the captures below a prefix between two times."""
    pairs = [("url", prefix), ("matchType", "prefix"), ("output", "json"), *shape.asked]
    pairs += [("from", first.strftime(_STAMP)), ("to", last.strftime(_STAMP))]
    pairs += [("resumeKey", resume)] if resume else []
    return f"{base}{shape.cdx}?{urlencode(pairs)}"


def replay(base: str, shape: Shape, stamp: str, url: str) -> str:
    """Return the address of a capture as it was received: `id_` leaves out what services add to pages."""
    return f"{base}{shape.replay}/{stamp}id_/{url}"


def replayed_at(url: str, memento_datetime: str | None) -> datetime | None:
    """Return of when the capture is that came from an address, by its own word (RFC 7089 §2.1.1) or by that.

    Services answer with the nearest capture where they do not have the one that was asked for.
    """
    if memento_datetime is not None:
        try:
            return parsedate_to_datetime(memento_datetime)
        except ValueError:
            return None
    found = _REPLAYED.search(url)
    return datetime.strptime(found[1], _STAMP).replace(tzinfo=UTC) if found else None


def stamp_of(moment: datetime) -> str:
    """Return a time as 14 digits."""
    return moment.astimezone(UTC).strftime(_STAMP)


def parse(body: bytes) -> Answer:
    """Read an answer of either form; raises ValueError where it is neither."""
    text = body.decode("utf-8").strip()
    if not text.startswith("["):
        lines = [_object(line) for line in text.splitlines() if line.strip()]
        return Answer(_rows(lines), count=len(lines))
    table = json.loads(text)
    if not all(isinstance(row, list) for row in table):
        raise ValueError("a list, but not of rows")
    resume = None
    if len(table) >= 2 and table[-2] == [] and len(table[-1]) == 1:
        resume, table = str(table[-1][0]), table[:-2]
    names = [str(name) for name in table[0]] if table else []
    rows = [dict(zip(names, row, strict=False)) for row in table[1:] if row]
    return Answer(_rows(rows), resume, len(rows))


def _object(line: str) -> Mapping[str, Any]:
    found = json.loads(line)
    if not isinstance(found, dict):
        raise ValueError("a line that is no JSON object")  # noqa: TRY004
    return found


def _rows(found: Iterable[Mapping[str, Any]]) -> tuple[Row, ...]:
    return tuple(row for values in found if (row := _row(values)) is not None)


def _row(values: Mapping[str, Any]) -> Row | None:
    """Return a capture of status 200, or a revisit; null for another, and for a row without its parts."""
    url, media, status = (_first(values, *_NAMES[name]) for name in ("url", "media", "status"))
    stamp = _first(values, "timestamp")
    if status != "200" and not (media == _REVISIT and status in ("", "-")):
        return None
    try:
        datetime.strptime(stamp, _STAMP)
    except ValueError:
        return None
    return Row(stamp, url, "html" if media == _REVISIT else media, _first(values, "digest")) if url else None


def _first(values: Mapping[str, Any], *names: str) -> str:
    return next((str(values[name]) for name in names if values.get(name) is not None), "")
