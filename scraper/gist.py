"""One change in, one sentence on what an editor did out. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable

from scraper.edits import done, named, stated
from storage.records import Change, FieldChange, Segment
from storage.sameness import CJK
from storage.segments import tokens
from storage.severity import SEVERITIES

_NOUNS = {"images": "picture", "attachments": "file", "links": "link"}
_OPS = ("deleted", "inserted")
_CHARACTER = re.compile(f"[{CJK}]")
_LONGEST = 60  # characters of a name that is told whole


def gist(change: Change) -> str:
    """Return what changed, gravest first: `the text: 3 words out, 5 in; 1 file replaced`."""
    graveness = {name: -SEVERITIES.index(name) for name in SEVERITIES}
    ordered = sorted(change.fields, key=lambda field: graveness[field.severity])
    told = "; ".join(_TOLD[field.field](field, change) for field in ordered)
    if change.reason == "rules":
        return f"Read otherwise now: {told}"
    return told[:1].upper() + told[1:]


def _title(field: FieldChange, _change: Change) -> str:
    return "the title's capitals or spaces" if field.severity == "cosmetic" else "another title"


def _released(field: FieldChange, change: Change) -> str:
    if change.release_time_moved_back:
        return f"the release time moved back, from {stated(field.before)} to {stated(field.after)}"
    if field.before is None:
        return f"a release time is given now, {stated(field.after)}"
    if field.after is None:
        return f"the release time is gone, it was {stated(field.before)}"
    if field.severity == "minor":
        return f"the release time is told as {stated(field.after)}"
    return f"the release time moved from {stated(field.before)} to {stated(field.after)}"


def _body(field: FieldChange, _change: Change) -> str:
    if field.severity == "cosmetic":
        return "capitals, spaces or paragraph breaks of the text"
    noun, count = ("character", _characters) if _is_by_character(field) else ("word", _words)
    out, into = (sum(count(part) for part in field.segments if part.op == op) for op in _OPS)
    moved = any(part.op == "moved_to" for part in field.segments)
    parts = [f"{_counted(out, noun)} out"] if out else []
    parts += [f"{_counted(into, noun) if not out else f'{into:,}'} in"] if into else []
    parts += ["paragraphs moved"] if moved else []
    return f"the text: {', '.join(parts) or 'its signs'}"


def _is_by_character(field: FieldChange) -> bool:
    """Tell whether a text has more characters that are words, as of Chinese, than other words."""
    others, characters = _CHARACTER.subn(" ", "".join(part.text for part in field.segments))
    return characters > len(others.split())


def _words(part: Segment) -> int:
    return sum(any(map(str.isalnum, token)) for token in tokens(part.text))


def _characters(part: Segment) -> int:
    return sum(map(str.isalnum, part.text))


def _items(field: FieldChange, _change: Change) -> str:
    noun = _NOUNS[field.field]
    if field.severity == "cosmetic":
        return f"order or description of {noun}s"
    pairs = list(zip(field.before, field.after, strict=True))
    kinds = [done(old, new) for old, new in pairs]
    if len(pairs) == 1:
        item = pairs[0][1] or pairs[0][0]
        name = named(item)
        return f"the {noun} {name[:_LONGEST]}{'…' if len(name) > _LONGEST else ''} {kinds[0]}"
    told = (f"{_counted(kinds.count(kind), noun)} {kind}" for kind in dict.fromkeys(kinds))
    return ", ".join(told)


def _person(field: FieldChange, _change: Change) -> str:
    if not field.after:
        return f"no {field.field} any more"
    return f"another {field.field}" if field.before else f"the {field.field} is named"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


_TOLD: dict[str, Callable[[FieldChange, Change], str]] = {
    "title": _title,
    "release_time": _released,
    "body": _body,
    **dict.fromkeys(_NOUNS, _items),
    **dict.fromkeys(("author", "source", "editor"), _person),
}
