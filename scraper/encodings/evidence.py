"""Bytes and an encoding in, how much the letters they make look like a text of the web out. Pure.

Every sign beyond ASCII weighs: 1 where texts are full of it, 1/2 where schools teach it, -1 for a bad byte. A
wrong encoding makes rare signs, so their mean stays low; the right one passes 0.6 within a few words.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

from scraper.encodings.codec import sample
from scraper.encodings.tables import COMMON, GUESSES, LABELS, LATIN, TAUGHT

_SAMPLE = 2048  # bytes, from the first one beyond ASCII
_GOOD = 0.3  # below it an encoding explains nothing
_HIGH_BYTE = re.compile(rb"[\x80-\xff]")
_HIGH = re.compile(r"[^\x00-\x7f]")
_SIGNS = frozenset("·—‘’“”…　、。〈〉《》「」『』【】〔〕・ー" + "".join(map(chr, range(0xFF01, 0xFF5F))))
_KANA = frozenset(map(chr, range(0x3041, 0x30FB)))
# In Western texts a letter beyond ASCII touches ASCII ones or is a word alone, and signs stand apart.
_WESTERN = re.compile(
    r"(?<=[A-Za-z])[^\W\d_\x00-\x7f]|[^\W\d_\x00-\x7f](?=[A-Za-z])|(?<=[A-Za-z])[‘’](?=[A-Za-z])"
    r"|(?<![^\x00-\x7f])(?:[^\W\d_\x00-\x7f]|[\xa0«»‘’‚“”„–—…•©®°·§€£¡¿ºª])(?![^\x00-\x7f])"
)


def plausibility(body: bytes, encoding: str) -> float:
    """Return how well an encoding explains a body, from -1 to 1; 0 where nothing is beyond ASCII."""
    if encoding.startswith("utf-16"):
        return 1.0 if b"\x00" in body[:64] else -1.0
    first = _HIGH_BYTE.search(body)
    text = sample(body, first.start() if first else 0, _SAMPLE, encoding)
    if encoding in LATIN:
        before = body[max(0, first.start() - 1) : first.start()] if first else b""
        return _western(before.decode("ascii") + text)
    letters = Counter(_HIGH.findall(text))
    total = letters.total()
    return (
        sum(_weight(letter, encoding) * count for letter, count in letters.items()) / total if total else 0.0
    )


def most_plausible(body: bytes) -> tuple[str, float]:
    """Return the encoding that explains a body best, and how well."""
    scores = {encoding: plausibility(body, encoding) for encoding in GUESSES}
    if max(scores.values()) < _GOOD and (rare := _rare(body)):
        scores[rare] = plausibility(body, rare)
    best = max(scores, key=lambda encoding: scores[encoding])
    return best, scores[best]


def _rare(body: bytes) -> str | None:
    """Return what a detector of all the world's encodings says, for the page that none of ours explains."""
    from bs4.dammit import UnicodeDammit  # loads a detector that one page in thousands needs

    start = first.start() if (first := _HIGH_BYTE.search(body)) else 0
    guess = UnicodeDammit(body[start : start + _SAMPLE], exclude_encodings=list(GUESSES)).original_encoding
    return LABELS.get((guess or "").lower().replace("_", "-"))


def _western(text: str) -> float:
    total = len(_HIGH.findall(text))
    return (len(_WESTERN.findall(text)) - text.count("\ufffd")) / total if total else 0.0


def _weight(letter: str, encoding: str) -> float:
    if encoding == "utf-8":  # no accident where it is valid, and no letter of it two bad bytes
        return -2.0 if letter == "\ufffd" else 1.0
    if letter == "\ufffd":
        return -1.0
    if encoding not in TAUGHT:  # alphabets: words are of small letters, or of letters without case
        return (0.1 if letter.isupper() else 0.7) if letter.isalpha() else 0.0
    if letter in _common(encoding):
        return 1.0
    return 0.5 if letter in _SIGNS or letter in _taught(encoding) else 0.0


@cache
def _common(encoding: str) -> frozenset[str]:
    return frozenset(COMMON.get(encoding, "")) or _KANA


@cache
def _taught(encoding: str) -> frozenset[str]:
    codec, first, last = TAUGHT[encoding]
    rows = (bytes([lead, trail]) for lead in range(first, last + 1) for trail in range(0x40, 0xFF))
    return frozenset(row.decode(codec, "ignore") for row in rows if row[1] != 0x7F) - {""}
