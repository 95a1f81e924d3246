"""The CDX answers of Wayback services: what to ask, and rows out of both forms they come in. Pure.

pywb answers with a JSON object in each line, the Internet Archive with one list whose first row names the
columns.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

AT_ONCE = 5000  # rows asked for where a service can go on after them
_STAMP = "%Y%m%d%H%M%S"
_NAMES = {"url": ("url", "original"), "media": ("mime", "mimetype"), "status": ("status", "statuscode")}
_REVISIT = "warc/revisit"


@dataclass(frozen=True, slots=True)
class Shape:
    """How a service is addressed below its own address, and what its questions need."""

    cdx: str
    replay: str
    asked: tuple[tuple[str, str], ...]


# Other statuses are left out, not 200 asked for: a revisit is a page again, and has no status in the index.
PYWB = Shape("/cdx", "", (("filter", "!~status:[1345]"),))
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
    """The captures of one answer that gave a page, and the key with which the service goes on, if it does."""

    rows: tuple[Row, ...]
    resume: str | None = None


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


def stamp_of(moment: datetime) -> str:
    """Return a time as 14 digits."""
    return moment.astimezone(UTC).strftime(_STAMP)


def parse(body: bytes) -> Answer:
    """Read an answer of either form; raises ValueError where it is neither."""
    text = body.decode("utf-8").strip()
    if not text.startswith("["):
        return Answer(_rows(_object(line) for line in text.splitlines() if line.strip()))
    table = json.loads(text)
    if not all(isinstance(row, list) for row in table):
        raise ValueError("a list, but not of rows")
    resume = None
    if len(table) >= 2 and table[-2] == [] and len(table[-1]) == 1:
        resume, table = str(table[-1][0]), table[:-2]
    names = [str(name) for name in table[0]] if table else []
    return Answer(_rows(dict(zip(names, row, strict=False)) for row in table[1:] if row), resume)


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
