"""The names of people and offices in a byline: with a label, behind `By`, beside a date. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scraper.normalize.dates import find_times
from scraper.normalize.forms import may_hold_date
from scraper.normalize.labels import Labelled

NAMED_LONGEST = 60  # characters
_ADDRESS = re.compile(r"https?://[^\s，。]{4,300}")
_PARTS = re.compile(r"\s*[|｜·•]\s*|\s[–—-]\s")
_PERSON = re.compile(r"[A-Z][\w.'’-]+(?: (?:[a-z]{2,3} )?[A-Z][\w.'’-]*){1,3}")
# Two to four letters and a moment: a person; offices (处, 部, 院 …) sign so too, but they are no authors.
_NAME_AND_DATE = re.compile(
    r"(?P<name>[\u4e00-\u9fff]{2,3}(?<![处部院办系社室会网站科中局团馆所区组]))\s{1,4}"
    r"(?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:\s\d\d?:\d\d(?::\d\d)?)?"
)
_DATE_BEHIND = re.compile(r"\s+(?=(?:19|20)\d\d[-/.年])")
_MAIL_BEHIND = re.compile(r"\s*[(（<\[]\s?[\w.+-]{1,64}@[\w.-]{3,80}\s?[)）>\]]$")
_CHINESE_NAMES = re.compile(
    r"[\u4e00-\u9fff]{2,4}(?<![处部院办系社室会网站科中局团馆所区组心])(?:[ 、，,][\u4e00-\u9fff]{2,4}){0,3}"
)
_BY = re.compile(
    r"^(?:written |story |words |text )?by[:\s]+(?P<name>[A-Z][^,;|•—–\d]{2,50}?)"
    r"(?=\s*(?:$|[,;|•—–]|\s-\s|\son\s|\d))",
    re.IGNORECASE,
)
_NOT_A_NAME = re.compile(r"[。！？；]|https?:|@|^\W*$|^(?:null|none|undefined)$", re.IGNORECASE)


def named(value: str, field: str) -> str:
    """Return a labelled value without the date behind it, which only a reprint's source has, or the mail."""
    return value if field == "source" else _MAIL_BEHIND.sub("", _DATE_BEHIND.split(value, maxsplit=1)[0])


def meant(item: Labelled) -> tuple[str, ...]:
    """Return the fields a label speaks of: who supplied a text (供稿) may be an office or its author."""
    if item.label.startswith("供稿") and _CHINESE_NAMES.fullmatch(named(item.value, "author")):
        return ("author", "source")
    return (item.field,)


def is_signed(text: str) -> bool:
    """Tell whether a line says nothing but whose text follows: `By: A Name (a.name@uni.edu)`."""
    text = _MAIL_BEHIND.sub("", text) if len(text) <= NAMED_LONGEST else ""
    match = _BY.match(text)
    return bool(match and match.end("name") == len(text) and _PERSON.fullmatch(match["name"]))


def names_in(text: str) -> Iterator[tuple[str, str]]:
    """Yield the names that a byline without labels holds: `By A Name`, `A Name | Posted on 1 May 2020`."""
    if "by" not in text.lower() and not may_hold_date(text):
        return
    bare = _MAIL_BEHIND.sub("", text) if "@" in text else text
    parts = [part.strip() for part in _PARTS.split(bare)]
    for part in parts:
        if match := _BY.match(part):
            yield match["name"].strip(), "by"
    dated = [part for part in parts if len(part) <= NAMED_LONGEST and next(find_times(part), None)]
    for part in dated:
        if match := _BY.match(_undated(part)):
            yield match["name"].strip(), "by, behind the date"
    if dated and len(parts) > 1:
        yield from (
            (part, "beside the date") for part in parts if part not in dated and _PERSON.fullmatch(part)
        )
    if match := _NAME_AND_DATE.fullmatch(text):
        yield match["name"], "before the date"


def _undated(text: str) -> str:
    """Return what is left of a text that begins with its dates."""
    for time in find_times(text):
        text = text.removeprefix(time.raw).lstrip(" ,")
    return text


def is_name(text: str, field: str) -> bool:
    """Tell whether a text can be a name: a reprinted paper's may hold its date, a person's holds none."""
    if field == "source" and _ADDRESS.fullmatch(text):
        return True
    if not 0 < len(text) <= NAMED_LONGEST or _NOT_A_NAME.search(text):
        return False
    return field == "source" or not re.search(r"\d{4}", text)
