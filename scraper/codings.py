"""Content codings: the bytes of the wire in, the bytes of the document out, within limits. Pure."""

from __future__ import annotations

import zlib
from typing import Final

from storage.errors import MissingExtra
from storage.frames import FrameError
from storage.streams import contents

MAX_STACKED = 3
_FLOOR: Final = 1024 * 1024  # below this no ratio is a bomb: a page of spaces packs 1000 to 1
_GZIP, _ZLIB, _RAW, _ZSTD = 31, 15, -15, 0  # all but the last as zlib calls them
_WINDOW = 1 << 23  # of a Zstandard body, RFC 9659
_UNPACKED = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": _ZLIB, "zstd": _ZSTD}
# Real codings we never ask for; Zstandard neither, but others captured in it what is imported from them. Any
# other name is a server's mistake for "none", as browsers hold.
_UNASKED = frozenset({"br", "compress", "dcb", "dcz", "x-compress"})


class CodingError(ValueError):
    """The body cannot be decoded; `reason` is `bad_encoding`, `truncated` or `too_large`."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def decode(body: bytes, content_encoding: str, max_decoded: int, max_ratio: int) -> bytes:
    """Return the body without its content codings (RFC 9110 §8.4); raises CodingError."""
    names = [name for item in content_encoding.lower().split(",") if (name := item.strip())]
    if unasked := _UNASKED.intersection(names):
        raise CodingError(
            "bad_encoding", f"the body is coded in {', '.join(sorted(unasked))}, which was not asked for"
        )
    codings = [_UNPACKED[name] for name in names if name in _UNPACKED]
    if len(codings) > MAX_STACKED:
        raise CodingError("bad_encoding", f"{len(codings)} codings are stacked, {MAX_STACKED} are the most")
    limit = min(max_decoded, max(_FLOOR, max_ratio * len(body)))
    for coding in reversed(codings):
        body = _unpack(body, coding, limit) if coding != _ZSTD else _thaw(body, limit)
    return body


def _thaw(body: bytes, limit: int) -> bytes:
    """Return what is in Zstandard frames."""
    try:
        return contents(body, limit, _WINDOW)
    except MissingExtra as error:
        raise CodingError("bad_encoding", f"the body is coded in zstd: {error}") from error
    except EOFError as error:
        raise CodingError("truncated", "the coded body ends too early") from error
    except OverflowError as error:
        raise CodingError("too_large", f"the body unpacks to more than {limit} bytes") from error
    except FrameError as error:
        raise CodingError("bad_encoding", f"the coded body is damaged: {error}") from error


def _unpack(body: bytes, coding: int, limit: int) -> bytes:
    if not body or (coding == _GZIP and not body.startswith(b"\x1f\x8b")):
        return body  # labelled gzip, sent plain: a proxy unpacked it
    try:
        return _inflate(body, coding, limit)
    except zlib.error as error:
        if coding != _ZLIB:
            raise CodingError("bad_encoding", f"the coded body is damaged: {error}") from error
        return _unpack(body, _RAW, limit)  # half the servers that say deflate leave the zlib header out


def _inflate(data: bytes, wbits: int, limit: int) -> bytes:
    pieces: list[bytes] = []
    room = limit
    while True:
        engine = zlib.decompressobj(wbits)
        pieces.append(engine.decompress(data, room + 1))
        room -= len(pieces[-1])
        if room < 0:
            raise CodingError("too_large", f"the body unpacks to more than {limit} bytes")
        if not engine.eof:
            raise CodingError("truncated", "the coded body ends too early")
        data = engine.unused_data
        if wbits != _GZIP or not data.startswith(b"\x1f\x8b"):  # what follows a last member is padding
            return b"".join(pieces)
