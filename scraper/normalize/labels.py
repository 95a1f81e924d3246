"""A line in, the labelled values printed in it out. Pure.

`split_labels("发布者：甲发布时间：2026-03-26浏览次数：10")` yields author, release_time and views.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from scraper.normalize.label_words import BARE, BY_PERSONS, LABELS, UPDATES

__all__ = ["LABELS", "Labelled", "field_of", "is_update", "split_labels"]


def _key(label: str) -> str:
    return "".join(label.split()).lower()


_FIELD_OF = {_key(label): field for field, labels in LABELS.items() for label in labels}
_UPDATES = frozenset(map(_key, UPDATES))
_LONGEST = max(map(len, _FIELD_OF))
_LAST = frozenset(key[-1] for key in _FIELD_OF)
_SPACED = 2  # times its letters that a label may take up, spaces and all
_COLONS = ":：∶﹕︰"
_ANCHOR = re.compile(rf"[0-9０-９{_COLONS}]+")  # what a label may stand before; "10:30" is one
_END = re.compile(rf"[\t|｜丨]|\s[/·•—–-]\s|\s[\u4e00-\u9fff]{{2,6}}[{_COLONS}]")
_REMEMBERED = 200  # characters of a line worth remembering: a reader asks for it several times
_BEGUN = re.compile(r"(?<=[^\s:：])\s+[\u4e00-\u9fff]{2,4}$")  # 甲 值班|编辑：a longer label than those known
_PERSON = re.compile(r"[\u4e00-\u9fff]{2,3}")
_PAIRS = (("(", ")"), ("（", "）"), ("[", "]"), ("【", "】"), ("〔", "〕"))
_BRACKETS = "[]【】()（）〔〕 \t\n|｜/·•—–-,，;；"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A labelled value: the field, the label as printed, the value up to the next label or separator."""

    field: str
    label: str
    value: str
    colon: bool = True


@dataclass(frozen=True, slots=True)
class _Hit:
    """A label in a line: where it begins, where its value begins."""

    field: str
    label: str
    start: int
    end: int
    colon: bool


def field_of(label: str) -> str | None:
    """Return the field that a label alone, without its colon, speaks of, or None where it is no label."""
    return _FIELD_OF.get(_key(label))


def is_update(label: str) -> bool:
    """Tell whether a label of release_time speaks of the last change: one of the release itself is better."""
    return _key(label) in _UPDATES


def split_labels(line: str) -> Iterator[Labelled]:
    """Yield every labelled value of a line, in order; an empty value is yielded as an empty string."""
    yield from _remembered(line) if len(line) <= _REMEMBERED else _split(line)


@lru_cache(maxsize=1024)
def _remembered(line: str) -> tuple[Labelled, ...]:
    return tuple(_split(line))


def _split(line: str) -> Iterator[Labelled]:
    hits = list(_hits(line))
    stops = [hit.start for hit in hits[1:]] + [len(line)]
    for hit, stop in zip(hits, stops, strict=False):
        printed = line[hit.end : stop]
        if stop < len(line):
            printed = _BEGUN.sub("", printed)
        value = _bare(_END.split(printed.strip(), maxsplit=1)[0])
        signed = hit.label in BY_PERSONS and _PERSON.fullmatch(value)
        yield Labelled("author" if signed else hit.field, hit.label, value, hit.colon)


def _bare(value: str) -> str:
    """Return a value without the separators around it; a bracket that it opened itself stays closed."""
    bare = value.strip(_BRACKETS)
    for opening, closing in _PAIRS:
        if bare.count(opening) > bare.count(closing) and bare + closing in value:
            bare += closing
    return bare


def _hits(line: str) -> Iterator[_Hit]:
    """Yield the labels of a line: read backwards from each colon or number, the longest that fits."""
    end = 0
    for anchor in _ANCHOR.finditer(line):
        colon = anchor[0][0] in _COLONS
        stop = _label_end(line, anchor.start(), colon)
        if stop <= end or line[stop - 1].lower() not in _LAST:
            continue
        found = _label_at(line, end, stop)
        if found is None:
            continue
        start, key = found
        field = _FIELD_OF[key]
        if colon or field == "release_time" or key in BARE:
            end = anchor.start() + 1 if colon else stop
            yield _Hit(field, line[start:stop], start, end, colon)


def _label_end(line: str, anchor: int, colon: bool) -> int:
    """Return where a label that belongs to a colon or a number would end."""
    before = line[max(0, anchor - 4) : anchor]
    if colon:
        return anchor - len(before) + len(before.rstrip())
    kept = before.rstrip()
    if kept.endswith(("[", "【", "(", "（")):
        kept = kept[:-1].rstrip()
    return anchor - len(before) + len(kept)


def _label_at(line: str, start: int, stop: int) -> tuple[int, str] | None:
    """Return where the longest label begins that ends at `stop`, and its key."""
    window = range(max(start, stop - _SPACED * _LONGEST), stop)
    places = [place for place in window if not line[place].isspace()][-_LONGEST:]
    tail = "".join([line[place] for place in places]).lower()
    if len(tail) != len(places):  # a letter whose small form is two
        return None
    for at, place in enumerate(places):
        if (key := tail[at:]) in _FIELD_OF and _begins(line, place, key):
            return place, key
    return None


def _begins(line: str, place: int, key: str) -> bool:
    """Tell whether a label can begin at a place: not inside a word, nor (of one sign) right after another."""
    if place == 0:
        return True
    before = line[place - 1]
    if len(key) == 1:
        return not before.isalpha()
    return not (key[0].isalpha() and _is_latin(key[0]) and _is_latin(before) and before.isalpha())


def _is_latin(letter: str) -> bool:
    return letter < "\u0250"
