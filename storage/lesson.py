"""What a WARC file of gzip members teaches: who made it, a dictionary for its records. Reads files."""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from storage import makers
from storage.dictionary import MOST_SAMPLES, trained
from storage.errors import ArchiveDamaged
from storage.recoding import Unpacker

_DENSE = 0.7  # of a record's bytes are left by gzip: a picture, which teaches a dictionary nothing
_MOST_SAMPLE = 1 << 17
_CHUNK = 1 << 18
_HOST = re.compile(rb"(?m)^WARC-Target-URI: <?\w+://([^/\r\n]*)")
_CODED = re.compile(rb"(?im)^content-encoding: *gzip")


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a first reading of a file gave: who made its members, and a dictionary for its records."""

    maker: str
    dictionary: bytes


def learn(path: Path) -> Lesson | None:
    """Read a file once; return null where there is too little in it for a dictionary."""
    maker, sites = "", defaultdict[bytes, list[tuple[int, int]]](list)
    for offset, member, record in gzip_members(path):
        maker = maker or makers.maker_of(member, record) or ""
        about = record[: 1 << 12]
        if len(member) < _DENSE * len(record) or _CODED.search(about):
            found = _HOST.search(about)
            sites[found[1] if found else b""].append((offset, len(member)))
    dictionary = trained(list(_samples(path, sites)), len(sites))
    return Lesson(maker or makers.here()[0], dictionary) if dictionary else None


def _samples(path: Path, sites: dict[bytes, list[tuple[int, int]]]) -> Iterator[bytes]:
    """Yield records from all over each site, in equal parts."""
    unpacker = Unpacker()
    with path.open("rb") as file:
        for places in sites.values():
            left = MOST_SAMPLES // len(sites)
            for at in _scattered(len(places)):
                offset, length = places[at]
                file.seek(offset)
                record = zlib.decompress(file.read(length), wbits=31)
                sample = (unpacker.unpacked(record) or record)[:_MOST_SAMPLE]
                left -= len(sample)
                if left < 0:
                    break
                yield sample


def _scattered(count: int) -> Iterator[int]:
    """Yield the numbers below `count`, each once, any first part of them from all over."""
    step = next(step for step in range(max(1, int(count * 0.618)), count + 2) if _coprime(step, count))
    return (at * step % count for at in range(count))


def _coprime(one: int, other: int) -> bool:
    while other:
        one, other = other, one % other
    return one == 1


def gzip_members(path: Path) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield offset, gzip member and record, in order; raises ArchiveDamaged."""
    with path.open("rb") as file:
        offset, held = 0, b""
        while held := held or file.read(_CHUNK):
            inflater, raw, record = zlib.decompressobj(wbits=31), [held], list[bytes]()
            try:
                record.append(inflater.decompress(held))
                while not inflater.eof and (piece := file.read(_CHUNK)):
                    raw.append(piece)
                    record.append(inflater.decompress(piece))
            except zlib.error as error:
                raise _damaged(path, offset) from error
            if not inflater.eof:
                raise _damaged(path, offset)
            held = inflater.unused_data
            whole = b"".join(raw)
            member = whole[: len(whole) - len(held)]
            yield offset, member, b"".join(record)
            offset += len(member)


def _damaged(path: Path, offset: int) -> ArchiveDamaged:
    return ArchiveDamaged(f"{path}: damaged at offset {offset}: run `campusnews verify`")
