"""Bytes and the name of an encoding in, the text a browser makes of them out. Pure."""

from __future__ import annotations

import codecs

from scraper.encodings.tables import CODECS

_MOST_MENDED = 10_000  # bad bytes beyond which a text is noise: each one mended is a call


def read(body: bytes, encoding: str) -> tuple[str, int]:
    """Return the text, bad bytes as U+FFFD, and how many of those there are."""
    codec = CODECS[encoding]
    try:
        return body.decode(codec), 0
    except UnicodeDecodeError:
        text = body.decode(codec, "replace")
    if encoding == "utf-8":
        return text, text.count("\ufffd") - body.count("\ufffd".encode())
    if text.count("\ufffd") <= _MOST_MENDED:
        text = body.decode(codec, "campusnews.web")
    return text, text.count("\ufffd")


def sample(body: bytes, start: int, size: int, encoding: str) -> str:
    """Return the text of a part of a body, without the character that its end may tear."""
    decoder = codecs.getincrementaldecoder(CODECS[encoding])("replace")
    return decoder.decode(body[start : start + size])


def _mend(error: UnicodeError) -> tuple[str, int]:
    """Decode what browsers do and Python's codec does not: the euro of GBK, NEC's row 13 of EUC-JP."""
    assert isinstance(error, UnicodeDecodeError)
    bad = error.object[error.start : error.start + 2]
    if error.encoding == "gb18030" and bad[:1] == b"\x80":
        return "€", error.start + 1
    if error.encoding == "euc_jp":
        try:
            return bad.decode("euc_jis_2004"), error.start + len(bad)
        except UnicodeDecodeError:
            return "\ufffd", error.end
    return "\ufffd", error.end


codecs.register_error("campusnews.web", _mend)
