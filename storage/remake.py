"""A damaged WARC file in, the bytes it should have out, where that can be proved. Reads.

The proof is the digest with which the catalogue closed the file: its sound records, without what stands twice
or between them, compressed as we do it, in the order of their captures, are tried against it. What proves
nothing is still taken to pieces where a stretch holds several records or an uncompressed one; stretches that
are not understood stay as they are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from storage.frame_members import iter_records
from storage.makers import compress
from storage.members import CHUNK, RecordInfo, header_fields
from storage.unpack import PACKED, NoRecordsError, records_in
from storage.warc import BLANK, stamp_of

_NEEDED = ("warc-record-id", "warc-concurrent-to")
_ENDS = ("torn", "hole", "not_gzip")  # flaws of a last stretch that is cut off


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a file: a record, or what stands where one should. `packed`: it is to be compressed anew.

    `twin` says that the same bytes stand in the file before.
    """

    info: RecordInfo
    packed: bool = False
    twin: bool = False

    @property
    def sound(self) -> bool:
        """Whether there is nothing to say against it."""
        return not self.info.harmed or self.packed or self.twin


@dataclass(frozen=True, slots=True)
class Remade:
    """What a file becomes: the stretches it is made of, in order; `exact` when they give the closed digest.

    `pack_all` compresses every record anew. Without `changed` the file stays as it is.
    """

    stretches: tuple[Stretch, ...]
    exact: bool = False
    pack_all: bool = False
    changed: bool = True


Place = tuple[int, int, int | None]
"""Where a record lies (offset, length), and a digest of what a capture says of it."""


@dataclass(slots=True)
class Outline:
    """What a file holds: where each sound record lies, and where what is none."""

    places: dict[str, Place] = field(default_factory=dict)
    flaws: list[tuple[int, int]] = field(default_factory=list)
    length: int = 0
    records: int = 0
    sha256: str = ""

    def is_flawed(self, offset: int) -> bool:
        """Tell whether what lies at an offset is no sound record."""
        return any(begin <= offset < begin + length for begin, length in self.flaws)

    def add(self, info: RecordInfo, length: int) -> None:
        """Take in what comes next, at `length`."""
        self.records += bool(info.headers)
        if info.harmed:
            self.flaws.append((self.length, length))
        elif info.record_id:
            self.places[info.record_id] = (self.length, length, facts_of(info))
        self.length += length


def stretches(path: Path, end: int) -> list[Stretch]:
    """Return what a file is made of, up to `end`."""
    found, seen = [], dict[str, str]()
    for info in iter_records(path, end=end):
        digest = _digest(path, info) if info.record_id else ""
        twin = bool(digest) and seen.get(info.record_id or "") == digest
        seen.setdefault(info.record_id or "", digest)
        small = RecordInfo(
            info.offset, info.length, _kept(info), None, info.status, info.begin, tuple(info.flaws)
        )
        found.append(Stretch(small, _is_packed(path, info), twin))
    return found


def remade(path: Path, there: Sequence[Stretch], sha256: str | None, homes: Mapping[str, int]) -> Remade:
    """Return what a file should be; `homes` are the offsets of its captures by record id."""
    sound = [each for each in there if each.sound and not each.twin]
    for order in (sound, sorted_home(sound, homes)):
        for pack_all in (False, True):
            if sha256 and digest_of(pieces(path, order, pack_all=pack_all)) == sha256:
                return Remade(tuple(order), exact=True, pack_all=pack_all)
    kept = tuple(each for each in there if not each.twin)
    changed = len(kept) < len(there) or any(each.packed for each in kept)
    return Remade(kept, changed=changed)


def sorted_home(there: Sequence[Stretch], homes: Mapping[str, int]) -> list[Stretch]:
    """Return records in the order of their captures, each with its request and what follows that."""
    asked = {each.info.headers.get("warc-concurrent-to"): each for each in there}
    groups: list[tuple[int, list[Stretch]]] = []
    for each in there:
        if "warc-concurrent-to" in each.info.headers:
            continue
        home = homes.get(each.info.record_id or "")
        if home is None and groups:
            groups[-1][1].append(each)
        else:
            groups.append((home or 0, [each]))
    answers = [each for _, group in sorted(groups, key=lambda group: group[0]) for each in group]
    pairs = ((each, asked.get(each.info.headers.get("warc-record-id"))) for each in answers)
    return [each for pair in pairs for each in pair if each is not None]


def pieces(path: Path, made_of: Iterable[Stretch], *, pack_all: bool = False) -> Iterator[bytes]:
    """Yield the bytes of a file made of these stretches of another, record by record where it is packed."""
    with path.open("rb") as file:
        for each in made_of:
            if each.packed or (pack_all and not each.info.flaws):
                yield from (compress(record) for record in records_in(path, each.info))
                continue
            file.seek(each.info.offset)
            yield from _read(file, each.info.length)


def outline(path: Path, end: int) -> Outline:
    """Return what a file holds."""
    made = Outline()
    for info in iter_records(path, end=end):
        made.length = info.offset  # a dictionary stands between, and is none
        made.add(info, info.length)
    made.length = end
    made.sha256 = sha256_up_to(path, end)
    return made


def outline_of(path: Path, plan: Remade) -> Outline:
    """Return what a file will hold once it is made of these stretches."""
    made, digest = Outline(), hashlib.sha256()
    for each in plan.stretches:
        anew = each.packed or (plan.pack_all and not each.info.flaws)
        parts = _parts(path, each) if anew else [(each.info, pieces(path, [each]))]
        for info, raw in parts:
            length = 0
            for piece in raw:
                digest.update(piece)
                length += len(piece)
            made.add(info, length)
    made.sha256 = digest.hexdigest()
    return made


def _parts(path: Path, each: Stretch) -> Iterator[tuple[RecordInfo, list[bytes]]]:
    """Yield the records of a stretch as they will be."""
    for record in records_in(path, each.info):
        fields, _ = header_fields(record.partition(BLANK)[0])
        yield RecordInfo(0, 0, fields), [compress(record)]


def sha256_up_to(path: Path, end: int) -> str:
    """Return the digest of a file's bytes before `end`."""
    with path.open("rb") as file:
        return digest_of(_read(file, end))


def _read(file: BinaryIO, left: int) -> Iterator[bytes]:
    while left and (raw := file.read(min(CHUNK, left))):
        left -= len(raw)
        yield raw


def good_end(there: Sequence[Stretch]) -> int:
    """Return where the last stretch ends that is no torn tail."""
    last = len(there)
    while last and there[last - 1].info.flaws and there[last - 1].info.flaws[0][0] in _ENDS:
        last -= 1
    return there[last - 1].info.offset + there[last - 1].info.length if last else 0


def digest_of(parts: Iterable[bytes]) -> str:
    """Return the SHA-256 of what comes in pieces."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


def holds_all(path: Path, before: Path) -> bool:
    """Tell whether every record of the file before is in a file, and nothing else was in it."""
    there = {_content(path, info) for info in iter_records(path) if not info.flaws}
    old = stretches(before, before.stat().st_size)
    if not all(each.sound for each in old):
        return False
    for each in old:
        try:
            if any(hashlib.sha256(record).digest() not in there for record in records_in(before, each.info)):
                return False
        except NoRecordsError:
            return False
    return True


def _content(path: Path, info: RecordInfo) -> bytes:
    return hashlib.sha256(b"".join(records_in(path, info))).digest()


def _digest(path: Path, info: RecordInfo) -> str:
    return digest_of(pieces(path, [Stretch(info)]))


def facts_of(info: RecordInfo) -> int | None:
    """Return a digest of what a capture says of a record; null where it was not read that far."""
    if info.payload_digest is None or info.flaws:
        return None
    date, url = info.headers.get("warc-date", ""), info.headers.get("warc-target-uri")
    return hash((url, info.status, stamp_of(date), info.payload_digest))


def _kept(info: RecordInfo) -> dict[str, str]:
    """Return the headers that are needed on: files have a hundred thousand records."""
    return {name: info.headers[name] for name in _NEEDED if name in info.headers}


def _is_packed(path: Path, info: RecordInfo) -> bool:
    """Tell whether a stretch is records, but not as they should be compressed."""
    if not info.flaws or info.flaws[0][0] not in PACKED:
        return False
    try:
        return sum(1 for _ in records_in(path, info)) > 0
    except (NoRecordsError, ValueError):
        return False
