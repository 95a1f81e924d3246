"""The Zstandard frames of a WARC file: where each ends, what is in it, by which dictionary. Reads files.

After "Zstandard Compression for WARC Files 1.0" (IIPC, proposed): a dictionary in a skippable frame first,
then a frame for each record; skippable frames of other numbers are passed over by whoever does not know them.
Decompressors are not for two threads at once, dictionaries are: a file's is shared by all who read it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from storage.errors import ArchiveDamaged, MissingExtra

if TYPE_CHECKING:
    import zstandard

SUFFIX = ".warc.zst"
MAGIC = b"\x28\xb5\x2f\xfd"
DICTIONARY = 0x184D2A5D
SPARE = 0x184D2A5C  # of ours: the dictionary once more, at the end, since nothing can be read without it
MOST_DICTIONARY = 1 << 23  # bytes, packed or not: what every reader of the format has to take
_DICTIONARY_MAGIC = b"\x37\xa4\x30\xec"
_SKIPPABLE = range(0x184D2A50, 0x184D2A60)
_MOST_WINDOW = 1 << 27  # of frames that others made; ours are below 2^23
_MOST_CONTENT = 1 << 32
HEADER = 18  # bytes of the longest frame header, RFC 8878 §3.1.1
_PIECE = 1 << 18
_OPEN = 16  # files whose dictionary is held; the largest takes 4 MB


@dataclass(frozen=True, slots=True)
class Told:
    """What the header of a frame tells; `size`, of what is in it, is -1 where it does not."""

    size: int
    checksum: bool
    dict_id: int


class FrameError(ValueError):
    """What stands there is no sound frame; the message says why."""


def engine() -> Any:
    """Return the library; raises MissingExtra."""
    try:
        import zstandard
    except ImportError as error:
        raise MissingExtra(
            "compacted WARC files need a part that is not installed: pip install 'campusnews[zstd]'"
        ) from error
    return zstandard


def is_zst(path: Path) -> bool:
    """Tell whether a WARC file is one of Zstandard frames, by its name."""
    return path.name.endswith(SUFFIX)


def skippable(magic: int, data: bytes) -> bytes:
    """Return data as a skippable frame, RFC 8878 §3.1.2."""
    return struct.pack("<II", magic, len(data)) + data


def skipped(file: BinaryIO, offset: int) -> tuple[int, int] | None:
    """Return (magic, length with its header) of the skippable frame at a place; null where there is none."""
    file.seek(offset)
    head = file.read(8)
    if len(head) < 8:
        return None
    magic, size = struct.unpack("<II", head)
    return (magic, size + 8) if magic in _SKIPPABLE else None


def extent(file: BinaryIO, offset: int, end: int) -> int:
    """Return the length of the frame at a place, from the headers of its blocks.

    Raises FrameError where none begins, EOFError where it goes on past `end`.
    """
    if skip := skipped(file, offset):
        return _within(skip[1], offset, end)
    file.seek(offset)
    head = file.read(min(HEADER, end - offset))
    if not head.startswith(MAGIC[: len(head)]):
        raise FrameError("no Zstandard frame begins here")
    at = offset + _header_size(head)
    checksum = 4 * bool(head[4] & 4)
    while True:  # RFC 8878 §3.1.1.2
        file.seek(at)
        block = file.read(min(3, max(0, end - at)))
        if len(block) < 3:
            raise EOFError
        number = int.from_bytes(block, "little")
        last, kind, size = number & 1, number >> 1 & 3, number >> 3
        if kind == 3:
            raise FrameError("a block is of the reserved kind")
        at += 3 + (1 if kind == 1 else size)
        if last:
            return _within(at + checksum - offset, offset, end)


def _header_size(head: bytes) -> int:
    library = engine()
    if len(head) < 5:
        raise EOFError
    try:
        return int(library.frame_header_size(head))
    except library.ZstdError as error:
        raise FrameError(str(error)) from error


def _within(length: int, offset: int, end: int) -> int:
    if offset + length > end:
        raise EOFError
    return length


class Codec:
    """What takes the frames of one file apart, from any thread; not every file has a dictionary."""

    def __init__(self, dictionary: bytes | None = None, most_window: int = _MOST_WINDOW) -> None:
        library = engine()
        self._window = most_window
        self._error: type[Exception] = library.ZstdError
        self._idle: list[zstandard.ZstdDecompressor] = []
        kind = library.DICT_TYPE_FULLDICT
        try:
            held = None if dictionary is None else library.ZstdCompressionDict(dictionary, dict_type=kind)
            self.dict_id: int = held.dict_id() if held else 0
            self._known = {"dict_data": held} if held else {}
            self._idle.append(self._new())  # which makes the dictionary ready, before threads share it
        except self._error as error:
            raise FrameError(f"the dictionary cannot be used: {error}") from error

    def _new(self) -> zstandard.ZstdDecompressor:
        made: zstandard.ZstdDecompressor = engine().ZstdDecompressor(
            max_window_size=self._window, **self._known
        )
        return made

    def content(self, frame: bytes) -> bytes:
        """Return what is in exactly one frame whose header tells its size; raises FrameError."""
        if not 0 <= self.told(frame).size <= _MOST_CONTENT:
            raise FrameError("its size is not told, or is none that can be")
        try:
            reader = self._idle.pop()
        except IndexError:  # all are at work in other threads
            reader = self._new()
        try:
            content: bytes = reader.decompress(frame, allow_extra_data=False)
        except self._error as error:
            raise FrameError(str(error)) from error
        finally:
            self._idle.append(reader)
        return content

    def told(self, frame: bytes) -> Told:
        """Return what the header of a frame tells; raises FrameError."""
        library = engine()
        try:
            size, told = library.frame_content_size(frame), library.get_frame_parameters(frame)
        except self._error as error:
            raise FrameError(str(error)) from error
        return Told(size, told.has_checksum, told.dict_id)

    def pieces(self, file: BinaryIO, length: int) -> Iterator[bytes]:
        """Yield what is in the frame at which a file stands, piece by piece; raises FrameError."""
        source = _Section(file, length)
        try:
            with self._new().stream_reader(cast("BinaryIO", source), _PIECE, closefd=False) as reader:
                while piece := reader.read(_PIECE):
                    yield piece
        except self._error as error:
            raise FrameError(str(error)) from error


class _Section:
    """So many bytes of a file, from where it stands."""

    def __init__(self, file: BinaryIO, length: int) -> None:
        self._file, self._left = file, length

    def read(self, size: int) -> bytes:
        """Return the next bytes."""
        data = self._file.read(min(size, self._left))
        self._left -= len(data)
        return data


def codec(path: Path) -> Codec:
    """Return what reads a file's frames, remembered while the file stays as it is; raises ArchiveDamaged."""
    facts = path.stat()
    try:
        return _codec(path, facts.st_ino, facts.st_size, facts.st_mtime_ns)
    except FrameError as error:
        raise ArchiveDamaged(f"{path}: {error}: run `campusnews verify` and keep every file") from error


@lru_cache(maxsize=_OPEN)
def _codec(path: Path, _inode: int, _size: int, _time: int) -> Codec:
    try:
        first = dictionary(path)
    except FrameError:
        if (spare := spare_dictionary(path)) is None:
            raise
        return Codec(spare)
    return Codec(first or spare_dictionary(path))


def dictionary(path: Path) -> bytes | None:
    """Return the dictionary at the beginning of a file, if there is one; raises FrameError."""
    with path.open("rb") as file:
        found = skipped(file, 0)
        if found is None or found[0] != DICTIONARY:
            return None
        if found[1] - 8 > MOST_DICTIONARY:
            raise FrameError(f"the dictionary is larger than {MOST_DICTIONARY} bytes")
        return _unpacked(file.read(found[1] - 8))


def spare_dictionary(path: Path) -> bytes | None:
    """Return the sound copy of the dictionary at the end of a file, if there is one."""
    with path.open("rb") as file:
        file.seek(-min(path.stat().st_size, MOST_DICTIONARY + 8), 2)
        tail = file.read()
    at = tail.rfind(struct.pack("<I", SPARE))
    if at < 0 or tail[at + 4 : at + 8] != struct.pack("<I", len(tail) - at - 8):
        return None
    try:
        return _unpacked(tail[at + 8 :])
    except FrameError:
        return None


def _unpacked(data: bytes) -> bytes:
    if data.startswith(MAGIC):
        plain = Codec()
        if plain.told(data).size > MOST_DICTIONARY:
            raise FrameError(f"the dictionary is larger than {MOST_DICTIONARY} bytes")
        data = plain.content(data)
    if not data.startswith(_DICTIONARY_MAGIC):
        raise FrameError("what stands where the dictionary should is none")
    return data


def record(path: Path, offset: int, length: int) -> bytes:
    """Return what is in the frame at a place; raises ArchiveDamaged when there is none."""
    with path.open("rb") as file:
        file.seek(offset)
        frame = file.read(length)
    try:
        return codec(path).content(frame)
    except FrameError as error:
        raise ArchiveDamaged(f"{path}: record at offset {offset} cannot be read: {error}") from error
