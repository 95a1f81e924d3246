"""WARC files of either form read with suspicion: gzip members by `storage.members`, Zstandard frames here.

A record whose body is kept unpacked is checked as it was before, wherever the installed zlib makes it again.
Memory is bounded whatever the file holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

from storage import frames, members, recoding
from storage.errors import ArchiveDamaged
from storage.members import Flaw, Member, RecordInfo, Seek, behind, gap, record_of, told_twice

_MOST_UNPACKED = 1 << 23  # bytes of a record that may have to be made again from one with an unpacked body
_WINDOW = 1 << 18
_NOT_ZSTD = {b"WARC": "not_compressed", b"\0\0\0\0": "hole"}


def iter_records(path: Path, *, end: int | None = None) -> Iterator[RecordInfo]:
    """Iterate what a file holds up to `end`, in order; what is no record and is not to be one is left out."""
    if not frames.is_zst(path):
        yield from members.iter_records(path, end=end)
        return
    size = path.stat().st_size if end is None else min(end, path.stat().st_size)
    try:
        reader = frames.codec(path)
    except ArchiveDamaged as error:
        yield RecordInfo(0, size, flaws=(("bad_dictionary", f"no record can be read without it: {error}"),))
        return
    flaws = list(_dictionary_flaw(path))
    yield from flaws
    with path.open("rb", buffering=0) as file:
        start = _next_record(reader, file, 1, size) if flaws else 0
        yield from told_twice(_stretches(reader, file, start, size))


def _dictionary_flaw(path: Path) -> Iterator[RecordInfo]:
    """Yield the dictionary when it is damaged and its copy at the end is what the records are read with."""
    try:
        frames.dictionary(path)
    except frames.FrameError as error:
        yield RecordInfo(0, 0, flaws=(("bad_dictionary", f"{error}; its copy at the end is sound"),))


def _stretches(reader: frames.Codec, file: BinaryIO, offset: int, end: int) -> Iterator[RecordInfo]:
    """Yield each record of a file from a place on, and each stretch that should be one."""
    while offset < end:
        info = _read(reader, file, offset, end)
        if info.headers or info.flaws:
            yield info
        offset += info.length


def _read(reader: frames.Codec, file: BinaryIO, offset: int, end: int) -> RecordInfo:
    """Return what stands at the offset; a frame to be skipped has neither headers nor flaws."""
    seek: Seek = partial(_next_record, reader)
    frame: _Frame | None = None
    try:
        if frames.skipped(file, offset):
            return RecordInfo(offset, frames.extent(file, offset, end))
        frame = _Frame(reader, file, offset, end)
        info = record_of(frame, offset)
        return replace(info, flaws=(*info.flaws, *frame.flaws))
    except frames.FrameError as error:
        flaw = _name(file, offset), str(error)
    except EOFError:
        flaw = "torn", "the frame ends before its end"
    except OSError as error:
        flaw, seek = ("unreadable", str(error.strerror)), partial(behind, seek)
    return gap(offset, seek(file, offset + 1, end), end, flaw, frame.headers if frame else {})


class _Frame(Member):
    """One Zstandard frame, unpacked piece by piece; raises FrameError where damaged, EOFError where torn."""

    def __init__(self, reader: frames.Codec, file: BinaryIO, offset: int, end: int) -> None:
        super().__init__(file, offset, end)
        self.flaws: list[Flaw] = []
        self._length = frames.extent(file, offset, end)
        file.seek(offset)
        self._told = reader.told(file.read(min(frames.HEADER, self._length)))
        file.seek(offset)
        self._coming = reader.pieces(file, self._length)
        self._begun = False

    @property
    def length(self) -> int:
        """Bytes of the file taken."""
        return self._length

    def read(self) -> bytes:
        """Return the next piece, nothing at the frame's end."""
        held, self._held = self._held, b""
        if held:
            return held
        piece = next(self._coming, b"")
        if self._begun:
            return piece
        self._begun = True
        self.flaws += self._lacking()
        if self._told.size > _MOST_UNPACKED or not recoding.is_unpacked(piece):
            return piece
        return self._original(piece + b"".join(self._coming))

    def _original(self, record: bytes) -> bytes:
        """Return what a record with an unpacked body was, or else itself; its own digest has to hold."""
        if recoding.original_digest(record) is None:
            self.flaws.append(("payload_digest", "the unpacked body is not the one that was kept"))
        made = recoding.packed(record)
        if made is None:
            self.flaws.append(("other_zlib", "the zlib installed here packs its body into other bytes"))
        return made or record

    def _lacking(self) -> Iterator[Flaw]:
        """Yield what the format wants of a frame and this one has not."""
        if self._told.size < 0:
            yield "bad_frame", "its header does not tell its size"
        if not self._told.checksum:
            yield "bad_frame", "it has no checksum"


def _name(file: BinaryIO, offset: int) -> str:
    """Name what stands at the offset when no sound frame does."""
    file.seek(offset)
    begin = file.read(len(frames.MAGIC))
    return "bad_frame" if begin == frames.MAGIC else _NOT_ZSTD.get(begin, "not_zstd")


def next_record(path: Path, file: BinaryIO, start: int, end: int) -> int:
    """Return where the next record of a file of either form begins, `end` when there is none."""
    if frames.is_zst(path):
        return _next_record(frames.codec(path), file, start, end)
    return members.next_record(file, start, end)


def _next_record(reader: frames.Codec, file: BinaryIO, start: int, end: int) -> int:
    """Return where the next frame with a WARC record begins, `end` when there is none."""
    while start < end:
        file.seek(start)
        window = file.read(min(_WINDOW, end - start))
        found = window.find(frames.MAGIC)
        if found >= 0 and _begins_record(reader, file, start + found, end):
            return start + found
        start += found + 1 if found >= 0 else max(1, len(window) - len(frames.MAGIC) + 1)
    return end


def _begins_record(reader: frames.Codec, file: BinaryIO, offset: int, end: int) -> bool:
    try:
        length = frames.extent(file, offset, end)
        file.seek(offset)
        return next(reader.pieces(file, length), b"").startswith(b"WARC/")
    except (frames.FrameError, EOFError):
        return False
