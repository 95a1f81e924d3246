"""White space and comparison forms of text. Pure."""

from __future__ import annotations

import re
import unicodedata

_WIDE_GAP = re.compile(r"[\u00a0\u2002\u2003\u3000]{2,}")
_SPACE = re.compile(r"[ \n\r\t\f\v\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_NOT_WORD = re.compile(r"[\W_]+")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def fold(text: str) -> str:
    """Return the text with each run of white space as one space, ends trimmed, invisible signs gone."""
    return _SPACE.sub(" ", _INVISIBLE.sub("", text)).strip()


def fold_keeping_gaps(text: str) -> str:
    """Return the text folded, but with a wide gap of hard spaces as a tab: editors separate fields with it."""
    return "\t".join(part for gap in _WIDE_GAP.split(text) if (part := fold(gap)))


def squash(text: str) -> str:
    """Return the form in which two renderings of one title are equal: letters and digits only, case gone."""
    return _NOT_WORD.sub("", unicodedata.normalize("NFKC", text)).casefold()


def cjk_share(text: str) -> float:
    """Return the share of letters that are Chinese, Japanese or Korean."""
    letters = sum(char.isalpha() for char in text)
    return len(_CJK.findall(text)) / letters if letters else 0.0
