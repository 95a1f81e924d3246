"""Reading the head of a response: headers as text, where it leads, when to come back. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from urllib.parse import quote

from storage.records import Exchange

_SECONDS = re.compile(r"\s*([0-9]+)\s*")
_ASCII = "".join(map(chr, range(0x20, 0x7F)))


def values(exchange: Exchange, name: str) -> list[str]:
    """Return every response header of that name, in order."""
    return [value.decode("latin-1").strip() for value in _line_of(name).findall(exchange.head)]


def header(exchange: Exchange, name: str) -> str | None:
    """Return the first response header of that name."""
    return next(iter(values(exchange, name)), None)


def location(exchange: Exchange) -> str | None:
    """Return the Location header; bytes past ASCII come percent-encoded, as browsers send them back."""
    value = header(exchange, "location")
    return None if value is None else quote(value.encode("latin-1"), safe=_ASCII)


def retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds a Retry-After asks for (RFC 9110 §10.2.3), or None where it says nothing."""
    if value is None:
        return None
    if match := _SECONDS.fullmatch(value):
        return float(match[1])
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return max(0.0, ((when if when.tzinfo else when.replace(tzinfo=UTC)) - now).total_seconds())


@lru_cache(maxsize=64)
def _line_of(name: str) -> re.Pattern[bytes]:
    return re.compile(rb"^%s:([^\r\n]*)" % re.escape(name.encode()), re.IGNORECASE | re.MULTILINE)
