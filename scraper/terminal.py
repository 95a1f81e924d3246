"""Text from a page in, text that can do nothing to a terminal, a log or a reader's eye out. Pure."""

from __future__ import annotations

import re

# Controls of C0 and C1 (escape sequences begin with one), overrides of direction, lone surrogates.
_ACTIVE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u202a-\u202e\u2066-\u2069\ufff9-\ufffb\ud800-\udfff]")
# Signs without width: dropped, so that two titles that print the same are the same.
_UNSEEN = re.compile("[\u00ad\u200b\u200e\u200f\u2060-\u2064\ufeff\U000e0000-\U000e007f]")
_BLANK = re.compile(r"\s+")


def safe(text: str) -> str:
    """Return the text as one line: white space folded, active signs spelled as `\\x1b`, unseen ones gone."""
    return _ACTIVE.sub(lambda found: _spelled(ord(found[0])), _BLANK.sub(" ", _UNSEEN.sub("", text)))


def inert(text: str) -> str:
    """Return the text with its lines as they are, active signs spelled."""
    return _ACTIVE.sub(lambda found: found[0] if found[0] in "\t\n" else _spelled(ord(found[0])), text)


def _spelled(point: int) -> str:
    return f"\\x{point:02x}" if point < 0x100 else f"\\u{point:04x}"
