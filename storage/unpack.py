"""WARC records out of a stretch that holds several, or holds them uncompressed, byte for byte."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

from storage.members import CHUNK, HEADER_LIMIT, RecordInfo, header_fields
from storage.warc import BLANK

LARGEST = 1 << 28  # bytes of a record: what is longer is not taken to pieces
PACKED = frozenset({"several_records", "not_compressed"})
"""The flaws of a stretch that may be taken to pieces."""


class NoRecordsError(Exception):
    """A stretch that is not records from its beginning to its end."""


def records_in(path: Path, stretch: RecordInfo) -> Iterator[bytes]:
    """Yield the records of a stretch of a file, each with its header; raises NoRecordsError."""
    held = _Held(_pieces(path, stretch))
    while head := held.until(BLANK):
        fields, flaws = header_fields(head.removesuffix(BLANK))
        size = int(fields["content-length"]) if not flaws else LARGEST
        if size >= LARGEST:
            raise NoRecordsError(f"no record: {flaws}")
        block = held.take(size + len(BLANK))
        if not block.endswith(BLANK):
            raise NoRecordsError("a record does not end where it says")
        yield head + block


def _pieces(path: Path, stretch: RecordInfo) -> Iterator[bytes]:
    """Yield what a stretch holds, inflated where it is compressed."""
    with path.open("rb") as file:
        file.seek(stretch.offset)
        left, inflater = stretch.length, zlib.decompressobj(wbits=31)
        packed = stretch.begin.startswith(b"\x1f\x8b")
        while left and (raw := file.read(min(CHUNK, left))):
            left -= len(raw)
            while raw and packed:
                yield inflater.decompress(raw, CHUNK)
                raw = inflater.unconsumed_tail
            yield raw
        while packed and (piece := inflater.decompress(inflater.unconsumed_tail, CHUNK)):
            yield piece


class _Held:
    """A stream of which some is held back."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._held = pieces, b""

    def until(self, mark: bytes) -> bytes:
        """Return what comes up to a mark, with it, nothing at the end; raises NoRecordsError."""
        while mark not in self._held and len(self._held) < HEADER_LIMIT and self._more():
            pass
        before, found, rest = self._held.partition(mark)
        if before and not found:
            raise NoRecordsError("no header")
        self._held = rest
        return before + found

    def take(self, size: int) -> bytes:
        """Return the next bytes, or as many as there are."""
        parts, there = [self._held], len(self._held)
        while there < size and (piece := next(self._pieces, None)) is not None:
            parts.append(piece)
            there += len(piece)
        whole = b"".join(parts)
        self._held = whole[size:]
        return whole[:size]

    def _more(self) -> bool:
        piece = next(self._pieces, None)
        self._held += piece or b""
        return piece is not None
