"""A compacted WARC file goes in, the gzip members it was made of come out, byte for byte. Reads.

Frames that other tools pass over tell what the original was (`ORIGIN`, after the dictionary) and hold the
members that nobody here could have made again (`MEMBER`, before the frame of their record).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from storage import makers, recoding
from storage.errors import ArchiveDamaged, NotRestored
from storage.frames import DICTIONARY, Codec, FrameError, codec, extent, skippable, skipped

ORIGIN, MEMBER = 0x184D2A5A, 0x184D2A5B
_OURS = b"campusnews "
_FORM = 1


@dataclass(frozen=True, slots=True)
class Origin:
    """The file that was compacted: name, bytes and SHA-256; who made its members, and in which release."""

    file: str
    length: int
    sha256: str
    maker: str
    release: str

    def frame(self) -> bytes:
        """Return it as a frame that other tools pass over."""
        told = json.dumps({"form": _FORM, **asdict(self)}, sort_keys=True)
        return skippable(ORIGIN, _OURS + told.encode())


@dataclass(frozen=True, slots=True)
class Member:
    """One gzip member of the original, and where the frame of its record lies in the compacted file."""

    offset: int
    length: int
    data: bytes


def member_frame(data: bytes) -> bytes:
    """Return a gzip member, as it is, as a frame that other tools pass over."""
    return skippable(MEMBER, _OURS + data)


def origin(path: Path) -> Origin:
    """Return what a compacted file was made of; raises ArchiveDamaged where it does not tell."""
    with path.open("rb") as file:
        first = skipped(file, 0)
        at = first[1] if first and first[0] == DICTIONARY else 0
        found = skipped(file, at)
        data = file.read(found[1] - 8) if found and found[0] == ORIGIN else b""
    try:
        told = json.loads(data.removeprefix(_OURS))
        if told.pop("form") != _FORM:
            raise ValueError
        return Origin(**told)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ArchiveDamaged(f"{path}: it does not tell what it was compacted from") from error


def members(path: Path, *, recompress: bool = False) -> Iterator[Member]:
    """Iterate the members of the original file, in order: together they are that file.

    Raises NotRestored at the end, or before, where what is installed makes other bytes; with `recompress`
    these are taken, so that each record is the same and the file is not. Raises ArchiveDamaged.
    """
    was, digest, length = origin(path), hashlib.sha256(), 0
    if was.maker not in makers.here() and not recompress:
        raise _not_restored(path, was)
    for place, frame_length, record, kept in _records(path):
        data = kept or (makers.compress(record) if recompress else makers.MAKERS[was.maker](record))
        digest.update(data)
        length += len(data)
        yield Member(place, frame_length, data)
    if (length, digest.hexdigest()) != (was.length, was.sha256) and not recompress:
        raise _not_restored(path, was)


def _records(path: Path) -> Iterator[tuple[int, int, bytes, bytes | None]]:
    """Yield offset and length of each record's frame, the record, and the member that was kept with it."""
    reader, end, at, kept = codec(path), path.stat().st_size, 0, None
    with path.open("rb") as file:
        while at < end:
            try:
                length = extent(file, at, end)
                skip = skipped(file, at)
                if skip is None:
                    file.seek(at)
                    yield at, length, original(path, at, reader, file.read(length)), kept
                    kept = None
                elif skip[0] == MEMBER:
                    kept = file.read(length - 8).removeprefix(_OURS)
            except (FrameError, EOFError) as error:
                raise ArchiveDamaged(f"{path}: damaged at offset {at}: run `campusnews verify`") from error
            at += length


def original(path: Path, offset: int, reader: Codec, frame: bytes) -> bytes:
    """Return the record of a frame as it was before its file was compacted.

    Raises FrameError, or NotRestored where the installed zlib packs its body into other bytes.
    """
    record = reader.content(frame)
    if not recoding.is_unpacked(record):
        return record
    whole = recoding.packed(record)
    if whole is None:
        raise NotRestored(
            f"{path}: the body at offset {offset} was packed by another zlib than is installed "
            f"({makers.release('zlib')}): it can be read, but not be restored here"
        )
    return whole


def _not_restored(path: Path, was: Origin) -> NotRestored:
    return NotRestored(
        f"{path}: its gzip members were made by {was.release}, which is not what is installed "
        f"({', '.join(map(makers.release, makers.here()))}): install that release, or take other bytes of "
        "the same records with `campusnews compact --undo --recompress`"
    )
