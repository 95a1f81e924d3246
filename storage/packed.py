"""A WARC file as it is packed: its gzip members in order, where each lies and what it begins with. Reads.

Nothing is checked beyond what reading needs (`storage.members` checks); a payload is passed over unread,
since the catalogue knows how long its record is.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from storage import restore
from storage.errors import ArchiveDamaged
from storage.warc import BLANK

_BEGINNING = 1 << 18  # bytes of a record that hold its heads
_PIECE = 1 << 12  # most members whose length is unknown are requests


@dataclass(frozen=True, slots=True)
class Packed:
    """One record: `raw` is its gzip member, `block` how its block begins; header names are lower case."""

    offset: int
    raw: bytes
    headers: dict[str, str]
    block: bytes

    @property
    def kind(self) -> str:
        """The record's type."""
        return self.headers.get("warc-type", "")

    @property
    def url(self) -> str:
        """The address it is about; nothing for a warcinfo."""
        return self.headers.get("warc-target-uri", "").strip("<>")


def packed(path: Path, end: int, lengths: Iterable[tuple[int, int]] = ()) -> Iterator[Packed]:
    """Iterate the records of a file up to `end`.

    `lengths` are (offset, length) of some of them, in order. Raises ArchiveDamaged for what is no record.
    """
    known = iter(lengths)
    at, length = next(known, (end, 0))
    offset = 0
    with path.open("rb") as file:
        while offset < end:
            while at < offset:
                at, length = next(known, (end, 0))
            try:
                raw = file.read(length) if at == offset else _member(file)
                yield _read(offset, raw)
            except (zlib.error, ValueError) as error:
                raise ArchiveDamaged(
                    f"{path}: record at offset {offset} cannot be read ({error}): run `campusnews verify`"
                ) from error
            offset += len(raw)
            file.seek(offset)


def restored(path: Path) -> Iterator[Packed]:
    """Iterate the records of the file a compacted one was made of; raises as `storage.restore.members`."""
    offset = 0
    for member in restore.members(path):
        yield _read(offset, member.data)
        offset += len(member.data)


def _member(file: BinaryIO) -> bytes:
    """Return the gzip member that begins where the file stands."""
    inflater, pieces = zlib.decompressobj(wbits=31), list[bytes]()
    while not inflater.eof:
        piece = file.read(_PIECE)
        if not piece:
            raise ValueError("it ends before its end")
        pieces.append(piece)
        inflater.decompress(piece)
    whole = b"".join(pieces)
    return whole[: len(whole) - len(inflater.unused_data)]


def _beginning(raw: bytes) -> bytes:
    """Return a record up to the end of its heads, its own and that of a message in it, or a bit further."""
    inflater = zlib.decompressobj(wbits=31)
    text = inflater.decompress(raw, _PIECE)
    while text.count(BLANK) < 2 and len(text) < _BEGINNING and not inflater.eof:
        piece = inflater.decompress(inflater.unconsumed_tail, _PIECE)
        if not piece and not inflater.unconsumed_tail:
            break  # torn, which is told where it is read whole
        text += piece
    return text


def _read(offset: int, raw: bytes) -> Packed:
    head, blank, block = _beginning(raw).partition(BLANK)
    version, *lines = head.decode("utf-8", "replace").split("\r\n")
    if not version.startswith("WARC/1.") or not blank:
        raise ValueError("no WARC record begins there")
    fields = (line.partition(":") for line in lines)
    headers = {name.lower(): value.strip() for name, _, value in fields}
    return Packed(offset, raw, headers, block)
