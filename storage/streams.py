"""Zstandard frames as any tool writes them: WARC records of several, bodies of nothing else. Reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from storage.frames import Codec, FrameError, codec, extent, skipped

_MOST_HEAD = 1 << 18
_LENGTH = re.compile(rb"(?im)^content-length:[ \t]*(\d{1,15})[ \t]*\r?$")


def records(path: Path, file: BinaryIO, start: int, most: int) -> Iterator[tuple[int, bytes]]:
    """Iterate where each record of any tool's file begins and what it is, or the first `most` bytes of it.

    A record may take several frames; ours never do. Raises FrameError, EOFError, ArchiveDamaged.
    """
    reader, end, at = codec(path), path.stat().st_size, start
    while at < end:
        begun, held, got, size = at, bytearray(), 0, 0
        while at < end:
            length = extent(file, at, end)
            if skipped(file, at) is None:
                file.seek(at)
                for piece in reader.pieces(file, length):
                    held += piece[: max(0, most - len(held))]
                    got += len(piece)
                size = size or _announced(held)
            at += length
            if size and got >= size:
                break
        if held and not 0 < size <= got:
            raise EOFError
        if held:
            yield begun, bytes(held)


def contents(data: bytes, most: int, window: int) -> bytes:
    """Return what is in the frames that make up the data.

    Raises FrameError, EOFError where they are torn, OverflowError for more than `most` bytes, MissingExtra.
    """
    file, at, held = BytesIO(data), 0, bytearray()
    reader = Codec(most_window=window)
    while at < len(data):
        length = extent(file, at, len(data))
        if skipped(file, at) is None:
            file.seek(at)
            for piece in reader.pieces(file, length):
                held += piece
                if len(held) > most:
                    raise OverflowError
        at += length
    return bytes(held)


def _announced(begin: bytes | bytearray) -> int:
    """Return how long a record is, by its header; 0 while that is not all there. Raises FrameError."""
    head, blank, _ = begin.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    if not begin.startswith(b"WARC/") or len(head) > _MOST_HEAD or (blank and not length):
        raise FrameError("no WARC record begins here")
    return len(head) + int(length[1]) + 8 if blank and length else 0
