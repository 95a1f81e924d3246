"""What told a version from the one before it, packed to be kept beside it and not to be found again. Pure.

Comparing two texts of a thousand characters word by word takes a millisecond; a diff of two runs has ten
thousand of them. Packed are the outcome and the revision of the rules that gave it: of a text how long the
stretches are that stand in the new one, and the words that went; of a list the items that differ.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from storage.records import FieldChange, Segment

# Of the rules in `storage.diff`, `segments` and `severity`: raise it with any change of theirs that shows,
# and what was packed by older ones is compared anew. A test holds them to it.
REVISION = 3
_GONE = {"deleted": "-", "moved_from": "<"}  # not in the new text, so their words are kept
_STANDS = {"equal": "=", "inserted": "+", "moved_to": ">"}
_OPS: dict[str, Any] = {sign: op for op, sign in (_GONE | _STANDS).items()}
_OF_OLD = ("equal", *_GONE)  # joined they are the old text
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

Record = dict[str, Any]


def pack(fields: tuple[FieldChange, ...]) -> str:
    """Return what `compare` found as a line of JSON."""
    return _ENCODER.encode([REVISION, *map(_packed, fields)])


def unpack(packed: str | None, new: Record) -> tuple[FieldChange, ...] | None:
    """Return what was packed of a record; null when nothing was, or by other rules than those of now."""
    revision, *fields = json.loads(packed) if packed else (None,)
    return tuple(_unpacked(new, *field) for field in fields) if revision == REVISION else None


def _packed(field: FieldChange) -> list[Any]:
    """Return name, severity, stretches, and of the sides what these do not tell."""
    told = [field.field, field.severity, [_stretch(part) for part in field.segments]]
    if not field.segments:
        return [*told, field.before, field.after]
    return told if _joined(field.segments) == field.before else [*told, field.before]


def _stretch(part: Segment) -> list[Any]:
    gone = part.op in _GONE
    return [(_GONE if gone else _STANDS)[part.op], part.text if gone else len(part.text)]


def _unpacked(new: Record, name: str, severity: Any, stretches: list[Any], *sides: Any) -> FieldChange:
    if not stretches:
        before, after = sides
        return FieldChange(name, before, after, severity)
    shown = tuple(_segments(stretches, new[name] or ""))
    before = sides[0] if sides else _joined(shown)
    return FieldChange(name, before, new[name], severity, shown)


def _joined(segments: Iterable[Segment]) -> str:
    return "".join([part.text for part in segments if part.op in _OF_OLD])


def _segments(stretches: list[Any], text: str) -> Iterator[Segment]:
    at = 0
    for sign, what in stretches:
        if isinstance(what, str):
            yield Segment(_OPS[sign], what)
        else:
            yield Segment(_OPS[sign], text[at : at + what])
            at += what
