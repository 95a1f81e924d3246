"""Closed WARC files rewritten as Zstandard frames, and back: an eighth of the bytes, nothing lost. Does I/O.

A new file is written beside the old one, made into the old one again and compared with it by SHA-256; one
commit of the catalogue then names the new one, and only after it does the old one go. So a kill at any moment
leaves one whole; `storage.recovery` takes away what is left of the other.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from storage import makers, restore
from storage.archive import Archive, Places
from storage.dictionary import Packer, dictionary_frame
from storage.digests import sha256_of
from storage.errors import ArchiveDamaged, ArchiveFull
from storage.faults import translated
from storage.files import PART, sync_directory, twin
from storage.frames import SPARE, is_zst
from storage.lesson import Lesson, gzip_members, learn
from storage.reader import Reader
from storage.recoding import Unpacker
from storage.records import KeptFile

Progress = Callable[[str, int, int], None]

_WORTH = 0.95  # of the bytes: a file that stays larger is left as it is
_SPARE = 0.05  # of the file is what a second copy of the dictionary may take
_CHUNK = 1 << 18


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What became of a file: its name then and now, bytes before and after, how many records.

    `unpacked` are records whose body is kept unpacked, `verbatim` those whose gzip member nobody here could
    make again. `into` is null for a file left as it is, and `why` says for what reason.
    """

    file: str
    into: str | None
    before: int
    after: int
    records: int = 0
    unpacked: int = 0
    verbatim: int = 0
    why: str | None = None


def waiting(archive: Reader, *, undo: bool = False) -> list[KeptFile]:
    """Return the files there are to compact, or with `undo` to restore: closed ones without known losses."""
    files = (kept for kept in archive.files() if kept.closed and not kept.flaws)
    return [kept for kept in files if is_zst(Path(kept.file)) is undo]


def room(archive: Reader, *, undo: bool = False) -> tuple[int, int]:
    """Return how many bytes must be free at least beside the archive, and how many are."""
    needs = [_needed(archive.path, kept, undo) for kept in waiting(archive, undo=undo)]
    return max(needs, default=0), shutil.disk_usage(archive.path).free


def compact(archive: Archive, progress: Progress = lambda file, done, total: None) -> Iterator[Rewritten]:
    """Rewrite every closed file of gzip members; iterate what became of each, done when it is told.

    Raises MissingExtra, ArchiveDamaged for a file that is not what was committed (nothing of it is touched),
    and ArchiveFull, before writing where that can be known.
    """
    for kept in waiting(archive):
        with translated(archive.path):
            yield _compacted(archive, kept, progress)


def undo(
    archive: Archive, progress: Progress = lambda file, done, total: None, *, recompress: bool = False
) -> Iterator[Rewritten]:
    """Make every compacted file what it was, byte for byte; iterate what became of each.

    Raises NotRestored where what is installed makes other bytes; `recompress` takes those.
    """
    for kept in waiting(archive, undo=True):
        with translated(archive.path):
            yield _undone(archive, kept, progress, recompress)


def _compacted(archive: Archive, kept: KeptFile, progress: Progress) -> Rewritten:
    path = archive.path / kept.file
    _expect(path, kept)
    _expect_room(archive.path, kept, undo=False)
    lesson = learn(path)
    if lesson is None:
        return Rewritten(kept.file, None, kept.length, kept.length, why="too little in it")
    into = twin(kept.file)
    with _Part(archive.path, into) as part:
        counts, places = _pack(path, kept, lesson, part, progress)
        part.sync()
        if part.length > kept.length * _WORTH:
            return Rewritten(kept.file, None, kept.length, part.length, why="it would not get smaller")
        _prove(part.path, places)
        part.keep()
    archive.move(kept.file, into, part.length, part.sha256, places)
    _remove(path)
    return Rewritten(kept.file, into, kept.length, part.length, len(places), *counts)


def _undone(archive: Archive, kept: KeptFile, progress: Progress, recompress: bool) -> Rewritten:
    path = archive.path / kept.file
    _expect(path, kept)
    _expect_room(archive.path, kept, undo=True)
    into, places = twin(kept.file), dict[int, tuple[int, int]]()
    with _Part(archive.path, into) as part:
        for member in restore.members(path, recompress=recompress):
            places[member.offset] = (part.length, len(member.data))
            part.write(member.data)
            progress(kept.file, member.offset, kept.length)
        part.sync()
        part.keep()
    archive.move(kept.file, into, part.length, part.sha256, places)
    _remove(path)
    return Rewritten(kept.file, into, kept.length, part.length, len(places))


class _Part:
    """A file while it is written, as `<name>.part`; a context manager that leaves only what is kept."""

    def __init__(self, root: Path, name: str) -> None:
        self._final = root / name
        self.path = root / (name + PART)
        self.length = 0
        self._digest = hashlib.sha256()
        self._stream: BinaryIO = self.path.open("xb", buffering=_CHUNK)

    def __enter__(self) -> _Part:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._stream.close()  # which writes what is still held, or fails again on a full disk
        finally:
            self.path.unlink(missing_ok=True)

    @property
    def sha256(self) -> str:
        """The digest of all that was written so far."""
        return self._digest.hexdigest()

    def write(self, data: bytes) -> None:
        """Append data."""
        self._stream.write(data)
        self._digest.update(data)
        self.length += len(data)

    def sync(self) -> None:
        """Bring it to the disk, and read there whether it is what was written."""
        self._stream.flush()
        os.fsync(self._stream.fileno())
        if sha256_of(self.path) != self.sha256:
            raise ArchiveDamaged(f"{self.path}: the disk does not give back what was written: check it")

    def keep(self) -> None:
        """Give the file its final name."""
        self.path.rename(self._final)
        sync_directory(self._final.parent)


def _pack(
    path: Path, kept: KeptFile, lesson: Lesson, part: _Part, progress: Progress
) -> tuple[tuple[int, int], Places]:
    """Write a file's records as frames; return how many were unpacked and kept verbatim, and their places."""
    packer, unpacker, make = Packer(lesson.dictionary), Unpacker(), makers.MAKERS[lesson.maker]
    name, release = path.name, makers.release(lesson.maker)
    part.write(dictionary_frame(lesson.dictionary))
    part.write(restore.Origin(name, kept.length, kept.sha256 or "", lesson.maker, release).frame())
    places, unpacked, verbatim = dict[int, tuple[int, int]](), 0, 0
    for offset, member, record in gzip_members(path):
        if make(record) != member:
            part.write(restore.member_frame(member))
            verbatim += 1
        plain = unpacker.unpacked(record)
        unpacked += plain is not None
        frame = packer.frame(plain or record)
        places[offset] = (part.length, len(frame))
        part.write(frame)
        progress(kept.file, offset, kept.length)
    spare = dictionary_frame(lesson.dictionary, SPARE)
    if len(spare) < _SPARE * part.length:
        part.write(spare)
    return (unpacked, verbatim), places


def _prove(path: Path, places: Places) -> None:
    """Make the original of a new file again; raises unless it is that, record by record."""
    offset = 0
    for member, (was, (now, length)) in zip(restore.members(path), places.items(), strict=True):
        if (member.offset, member.length, offset) != (now, length, was):
            raise ArchiveDamaged(f"{path}: the record at {now} is not where it was written")
        offset += len(member.data)


def _expect(path: Path, kept: KeptFile) -> None:
    """Raise ArchiveDamaged unless a file is what the catalogue knows it as."""
    if path.stat().st_size != kept.length or sha256_of(path) != kept.sha256:
        raise ArchiveDamaged(f"{path}: not as it was closed: run `campusnews verify`; nothing was rewritten")


def _expect_room(root: Path, kept: KeptFile, *, undo: bool) -> None:
    needed, free = _needed(root, kept, undo), shutil.disk_usage(root).free
    if free < needed:
        raise ArchiveFull(
            f"{root / kept.file}: rewriting it takes up to {needed:,} bytes until the old file can go, "
            f"{free:,} are free: free some and run again; what was rewritten stays so"
        )


def _needed(root: Path, kept: KeptFile, undo: bool) -> int:
    return restore.origin(root / kept.file).length if undo else kept.length


def _remove(path: Path) -> None:
    path.unlink()
    sync_directory(path.parent)
