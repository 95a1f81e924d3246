"""The bytes of an HTML response in, its text out, with the encoding that was used and what decided it. Pure.

    decode(page, "text/html; charset=utf-8").rule     'header', or 'bytes' where the page is GBK all the same

Labels are asked in the order of browsers: config, byte order mark, header, meta. One that does not fit the
bytes loses to the bytes; what was overruled and how many bytes stay unread is told. Nothing here raises.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from scraper.encodings.claims import Claim, early_claims, encoding_of, late_claims
from scraper.encodings.codec import read
from scraper.encodings.evidence import most_plausible, plausibility
from scraper.encodings.tables import MARKS, MULTI_BYTE, STARTS

__all__ = ["Decoded", "decode", "encoding_of"]

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_CONTROL_BYTES = bytes(code for code in range(128) if _CONTROL.match(chr(code)))
_SURE = 0.6  # plausibility from which on a label is believed without looking at other encodings
_SLACK = 0.15  # by how much another encoding must be more plausible than one that a label names
_CHANCE = 4  # letters of a two-byte encoding that may by chance be valid UTF-8 too


@dataclass(frozen=True, slots=True)
class Decoded:
    """A decoded response, its control characters left out.

    `rule` says what decided: `config`, `bom`, `header`, `meta`, `late meta` or `bytes`. `replaced` counts the
    U+FFFD that stand for bad bytes. `overruled` are the labels that were not followed, as `header: utf-8`.
    `utf8` is the text as UTF-8, where the response was just that.
    """

    encoding: str
    rule: str
    text: str
    replaced: int = 0
    overruled: tuple[str, ...] = ()
    utf8: bytes | None = None

    @property
    def decision(self) -> str:
        """What was decided, by what and against what: `bytes:gb18030, not header: utf-8, 3 bad bytes`."""
        notes = [f"not {label}" for label in self.overruled]
        notes += [f"{self.replaced} bad bytes"] if self.replaced else []
        return ", ".join((f"{self.rule}:{self.encoding}", *notes))


def decode(body: bytes, content_type: str | None = None, declared: str | None = None) -> Decoded:
    """Return the text of an HTML response; `declared` is what the config says and goes before everything."""
    if declared and (known := encoding_of(declared)):
        return _read(body, known, "config")
    for mark, encoding in MARKS:
        if body.startswith(mark):
            return _read(body[len(mark) :], encoding, "bom")
    for start, encoding in STARTS:
        if body.startswith(start):
            return _read(body, encoding, "bytes")
    claims = early_claims(body, content_type)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return _by_evidence(body, claims + late_claims(body))
    return _as_utf8(body, text, claims)


def _as_utf8(body: bytes, text: str, claims: tuple[Claim, ...]) -> Decoded:
    """Return a body that is valid UTF-8: that is no accident, unless a few letters are all it has to show."""
    claim = next((claim for claim in claims if claim.encoding), None)
    if claim and claim.encoding and not claim.encoding.startswith("utf-16"):
        if claim.encoding == "utf-8" or (text.isascii() and claim.encoding != "iso-2022-jp"):
            return _valid(body, text, claim.encoding, claim.rule, _overruled(claims, claim))
        if _by_chance(body, text, claim.encoding):
            return _read(body, claim.encoding, claim.rule, _overruled(claims, claim))
    return _valid(body, text, "utf-8", "bytes", _overruled(claims, None))


def _valid(body: bytes, text: str, encoding: str, rule: str, overruled: tuple[str, ...]) -> Decoded:
    clean = _clean(text, body)
    return Decoded(encoding, rule, clean, 0, overruled, body if clean is text else None)


def _by_chance(body: bytes, text: str, encoding: str) -> bool:
    """Tell whether a text that is valid UTF-8 is more likely one of the encoding its label names."""
    if encoding == "iso-2022-jp":
        return b"\x1b" in body
    if encoding not in MULTI_BYTE or sum(not letter.isascii() for letter in text[:65536]) > _CHANCE:
        return False
    return plausibility(body, encoding) >= _SURE


def _by_evidence(body: bytes, claims: tuple[Claim, ...]) -> Decoded:
    """Return a body under the first label that fits the letters in it, else under what fits them best."""
    scores: dict[str, float] = {}
    for claim in claims:
        if claim.encoding and claim.encoding not in scores:
            scores[claim.encoding] = plausibility(body, claim.encoding)
            if scores[claim.encoding] >= _SURE:
                return _read(body, claim.encoding, claim.rule, _overruled(claims, claim))
    best, most = most_plausible(body)
    for claim in claims:
        if claim.encoding and scores[claim.encoding] >= most - _SLACK:
            return _read(body, claim.encoding, claim.rule, _overruled(claims, claim))
    return _read(body, best, "bytes", _overruled(claims, None))


def _read(body: bytes, encoding: str, rule: str, overruled: tuple[str, ...] = ()) -> Decoded:
    text, replaced = read(body, encoding)
    return Decoded(encoding, rule, _clean(text.removeprefix("\ufeff"), body), replaced, overruled)


def _overruled(claims: tuple[Claim, ...], followed: Claim | None) -> tuple[str, ...]:
    """Return the claims of another encoding, and those of none, as told to people."""
    kept = followed.encoding if followed else ""
    return tuple(f"{claim.rule}: {claim.label}" for claim in claims if claim.encoding != kept)


def _clean(text: str, body: bytes) -> str:
    """Return the text without control characters; taking their bytes out to count beats one pattern."""
    if "\uffff" in text or "\ufffe" in text or len(body.translate(None, _CONTROL_BYTES)) < len(body):
        return _CONTROL.sub("", text)
    return text
