"""White space and comparison forms of text. Pure."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_WIDE_GAP = re.compile(r"[\u00a0\u2002\u2003\u3000]{2,}")
_INVISIBLE = re.compile("[\u007f-\u0084\u0086-\u009f\u00ad\u200b-\u200f\u2060\ufeff\ud800-\udfff]")
_ENOUGH = 600  # characters that prove a language
_NOT_WORD = re.compile(r"[\W_]+")
# (language, its letters, the share of all letters from which on they prove it); Japanese also writes Han.
_SCRIPTS = (
    ("ko", re.compile("[\uac00-\ud7af]+"), 0.2),
    ("ja", re.compile("[\u3040-\u30ff]+"), 0.1),
    ("zh", re.compile("[\u3400-\u9fff]+"), 0.2),
)
_WORD = re.compile(r"[^\W\d_]+")
_ENGLISH = frozenset(
    ["a", "and", "at", "for", "from", "in", "is", "of", "on", "that", "the", "to", "was", "with"]
)


def fold(text: str) -> str:
    """Return the text with each run of white space as one space, ends trimmed, invisible signs gone."""
    text = " ".join(text.split())
    # No invisible sign is printable, and little else is not in a text whose white space is folded.
    return text if text.isascii() or text.isprintable() else " ".join(_INVISIBLE.sub("", text).split())


def fold_keeping_gaps(text: str) -> str:
    """Return the text folded, but with a wide gap of hard spaces as a tab: it separates fields."""
    if text.isascii() or not _WIDE_GAP.search(text):
        return fold(text)
    return "\t".join(part for gap in _WIDE_GAP.split(text) if (part := fold(gap)))


@lru_cache(maxsize=256)  # a page's title is compared with many of its lines
def squash(text: str) -> str:
    """Return the form in which two renderings of one title are equal: letters and digits only, case gone."""
    text = _NOT_WORD.sub("", text)
    if not (text.isascii() or unicodedata.is_normalized("NFKC", text)):
        text = _NOT_WORD.sub("", unicodedata.normalize("NFKC", text))
    return text.casefold()


def language_of(text: str, stated: str | None) -> str | None:
    """Return the language of a text as a BCP 47 tag: what its first letters prove, else what the page states.

    Templates keep their `lang="zh-CN"` on English pages, and often `lang="en"` on Chinese ones.
    """
    stated = (stated or "").strip().replace("_", "-") or None
    base = stated.split("-")[0].casefold() if stated else ""
    text = text[:_ENOUGH]
    words = _WORD.findall(text)
    letters = sum(map(len, words))
    for language, script, least in () if text.isascii() else _SCRIPTS:
        if letters and sum(map(len, script.findall(text))) > least * letters:
            return stated if base == language else language
    if stated and base not in ("zh", "ja", "ko") and base.isalpha():
        return stated
    common = sum(word.casefold() in _ENGLISH for word in words)
    return "en" if common > 0.08 * len(words) else None
