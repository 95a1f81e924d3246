"""Text from a page in, text that a format can carry out. Pure."""

from __future__ import annotations

import json
import re
from typing import Any

_ALONE = re.compile("[\ud800-\udfff]")
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # XML 1.0 §2.2
# JSON allows these raw, but many readers of lines break at them.
_BREAKS = (("\x85", "\\u0085"), ("\u2028", "\\u2028"), ("\u2029", "\\u2029"))
_ENCODER = json.JSONEncoder(ensure_ascii=False)


def whole(text: str) -> str:
    """Return the text with lone surrogates, which UTF-8 has no form for, as U+FFFD."""
    return _ALONE.sub("\ufffd", text)


def for_xml(text: str) -> str:
    """Return the text with U+FFFD for each sign that XML 1.0 cannot hold, not even as a reference."""
    return _NO_XML.sub("\ufffd", text)


def json_line(value: Any) -> bytes:
    """Return a JSON value as one line, whatever a reader takes for a line break; any text comes back."""
    line = _ENCODER.encode(value)
    for sign, escape in _BREAKS:  # `translate` takes longer than all the rest
        if sign in line:  # a third of the time that `replace` takes to find none
            line = line.replace(sign, escape)
    return (line + "\n").encode(errors="backslashreplace")  # a lone surrogate becomes its JSON escape
