"""The values single settings can have, checked as they are read, with words on what to write. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field

from scraper.hours import FORM, window
from storage.place import flaw_of

# The encodings of the WHATWG standard that Python decodes, and gb2312, as most GBK pages call themselves.
ENCODINGS = (
    *("utf-8", "gbk", "gb2312", "gb18030", "big5", "euc-jp", "iso-2022-jp", "shift_jis", "euc-kr", "ibm866"),
    *(f"iso-8859-{part}" for part in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16)),
    *("koi8-r", "koi8-u", "macintosh", "windows-874", "utf-16be", "utf-16le"),
    *(f"windows-{page}" for page in range(1250, 1259)),
)


def nearest(word: str, known: Mapping[str, str], otherwise: str = "") -> str:
    """Return `, did you mean 'x'?`, x being what the closest spelling stands for, or else `otherwise`."""
    close = difflib.get_close_matches(word[:80].lower(), known, 1)
    return f", did you mean {known[close[0]]!r}?" if close else otherwise


def _url(value: str) -> str:
    wrong = ValueError("is not a URL: write it whole, like 'https://news.example.edu/list.htm'")
    try:
        parts = urlsplit(value)
        whole = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        raise wrong from None
    if not whole or not value.isprintable() or set(value) & set(' \\<>"'):
        raise wrong
    if "@" in parts.netloc:
        raise ValueError("holds a user name: write the URL without it")
    return value


def _proxy(value: str) -> str:
    parts = urlsplit(_url(value))
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("is no proxy: write it like 'http://proxy.example.edu:3128'")
    return value


def _window(value: str) -> str:
    window(value)
    return value


def _timezone(value: str) -> str:
    if value not in _timezones():
        raise ValueError("is no IANA time zone" + _nearest_timezone(value))
    return value


def _encoding(value: str) -> str:
    known = dict(zip(ENCODINGS, ENCODINGS, strict=True))
    if value.lower() not in known:
        raise ValueError("is no encoding of the web" + nearest(value, known, ": write one like 'gbk'"))
    return value.lower()


def _preset(value: str) -> str:
    known = {name: name for name in preset_names()}
    if value not in known:
        raise ValueError("is no preset" + nearest(value, known, f": write one of {', '.join(known)}"))
    return value


@cache
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones())


@lru_cache(maxsize=64)
def _nearest_timezone(value: str) -> str:
    # Not CST6CDT for CST, nor Etc/GMT+8, which lies west of Greenwich, for GMT+8.
    regions = {zone.lower(): zone for zone in _timezones() if "/" in zone and not zone.startswith("Etc/")}
    return nearest(value, regions, ": write one like 'Asia/Shanghai'")


def preset_names() -> tuple[str, ...]:
    """Return the names a preset can have."""
    from scraper.presets import PRESETS  # loads lxml, which a config without presets does not need

    return tuple(PRESETS)


def _catalog(value: str) -> str:
    if flaw := flaw_of(value):
        raise ValueError(flaw)
    return value


Url = Annotated[str, AfterValidator(_url)]
"""A whole address, http or https, without a user."""

Proxy = Annotated[str, AfterValidator(_proxy)]
"""The address of a proxy."""

Window = Annotated[str, AfterValidator(_window), Field(json_schema_extra={"pattern": FORM})]
"""Hours of some days of the week (`scraper.hours`)."""

Timezone = Annotated[str, AfterValidator(_timezone)]
"""The IANA name of a time zone."""

Encoding = Annotated[str, AfterValidator(_encoding)]
"""One of `ENCODINGS`."""

PresetName = Annotated[str, AfterValidator(_preset)]
"""One of `preset_names()`."""

Catalog = Annotated[str, AfterValidator(_catalog)]
"""Where a catalogue is (`storage.place`)."""
