"""WARC files read with suspicion: a file goes in, each gzip member with all that is wrong with it comes out.

Only the disk itself raises: a damaged stretch is named with its offset and skipped to the next record, so
the rest stays in reach. Memory is bounded whatever the file holds.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

from storage.digests import Digest
from storage.makers import compress
from storage.warc import BLANK

CHUNK = 1 << 18
SECTOR = 4096
SECTORS = 256  # that cannot be read, before a file is given up: each can take a disk seconds
READ = 1 << 14  # bytes of the file at once: most records are smaller
HEADER_LIMIT = 1 << 18
WHOLE = 1 << 26  # bytes of a record that is held in memory to be compressed again
_MAGIC = b"\x1f\x8b\x08"
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})\b")
_VERSIONS = (b"WARC/1.0", b"WARC/1.1")
_NEEDED = ("warc-type", "warc-record-id", "warc-date", "content-length")
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")
_LENGTH = re.compile(r"\d{1,15}", re.ASCII)
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)")

Flaw = tuple[str, str]  # the problem's name, and what exactly
Seek = Callable[[BinaryIO, int, int], int]


@dataclass(frozen=True, slots=True)
class RecordInfo:
    """One stretch of a WARC file: a record, or what stands where one should.

    `length` is the compressed one, in the file; header names are lower case; `payload_digest` is computed
    over what follows the HTTP head `http`, `status` is that of a response, `begin` the head of the gzip
    member. `flaws` is empty for a sound record.
    """

    offset: int
    length: int
    headers: dict[str, str] = field(default_factory=dict)
    payload_digest: str | None = None
    status: int | None = None
    begin: bytes = b""
    flaws: tuple[Flaw, ...] = ()
    http: bytes = b""

    @property
    def harmed(self) -> bool:
        """Whether any flaw costs the record: one is only told of a body that is kept unpacked."""
        return any(problem != "other_zlib" for problem, _ in self.flaws)

    @property
    def record_id(self) -> str | None:
        """The record's id without its angle brackets."""
        found = self.headers.get("warc-record-id")
        return found.strip("<>") if found else None


def iter_records(path: Path, *, end: int | None = None) -> Iterator[RecordInfo]:
    """Iterate what a file holds up to `end`, in order, without a gap; an empty file holds nothing."""
    with path.open("rb", buffering=0) as file:
        size = path.stat().st_size if end is None else min(end, path.stat().st_size)
        yield from told_twice(_stretches(file, size))


def _stretches(file: BinaryIO, size: int) -> Iterator[RecordInfo]:
    offset = 0
    while offset < size:
        info = _read(file, offset, size)
        yield info
        offset += info.length


def told_twice(records: Iterable[RecordInfo]) -> Iterator[RecordInfo]:
    """Yield the records of a file, with the flaw of those whose id stood in it before."""
    seen: set[str | None] = set()
    for info in records:
        if info.record_id and info.record_id in seen:
            again = ("duplicate_id", f"{info.record_id} stands in this file before")
            info = replace(info, flaws=(*info.flaws, again))
        seen.add(info.record_id)
        yield info


def _read(file: BinaryIO, offset: int, end: int) -> RecordInfo:
    member, seek = Member(file, offset, end), next_record
    try:
        member.start()
        if (name := _not_gzip(member.begin)) is None:
            return record_of(member, offset)
        flaw = name, "no gzip member begins here"
    except zlib.error as error:
        flaw = "bad_gzip", str(error)
    except EOFError:
        flaw = "torn", "the gzip member ends before its end"
    except OSError as error:
        flaw, seek = ("unreadable", str(error.strerror)), partial(behind, _next_in_sectors)
    return gap(offset, seek(file, offset + 1, end), end, flaw, member.headers)


def _next_in_sectors(file: BinaryIO, start: int, end: int) -> int:
    return next_record(file, start, end, SECTOR)


class Member:
    """One gzip member, inflated piece by piece; raises zlib.error where damaged, EOFError where torn."""

    def __init__(self, file: BinaryIO, offset: int, end: int) -> None:
        self.headers: dict[str, str] = {}
        self.http = b""
        self.status: int | None = None
        self.file, self._offset, self._end = file, offset, end
        self._inflater = zlib.decompressobj(wbits=31)
        self._held = self.begin = b""

    def start(self) -> None:
        """Go to where the member should begin."""
        self.file.seek(self._offset)
        self.begin = self.file.read(10)
        self.file.seek(self._offset)

    @property
    def length(self) -> int:
        """Bytes of the file taken, once the member was read to its end."""
        return self.file.tell() - self._offset - len(self._inflater.unused_data)

    def read(self) -> bytes:
        """Return the next piece, nothing at the member's end."""
        held, self._held = self._held, b""
        while not held and not self._inflater.eof:
            raw = self._inflater.unconsumed_tail
            raw = raw or self.file.read(min(READ, self._end - self.file.tell()))
            if not raw:
                raise EOFError
            held = self._inflater.decompress(raw, CHUNK)
        return held

    def head(self) -> bytes | None:
        """Return what stands before the first blank line; null when none comes within the limit."""
        gathered = self.read()
        while BLANK not in gathered and len(gathered) < HEADER_LIMIT and (piece := self.read()):
            gathered += piece
        head, blank, self._held = gathered.partition(BLANK)
        return head if blank else None

    def take(self, size: int) -> Iterator[bytes]:
        """Yield the next `size` bytes, or as many as there are."""
        while size and (piece := self.read()):
            self._held = piece[size:]
            size -= len(piece[:size])
            yield piece[: len(piece) - len(self._held)]

    def rest(self) -> bytes:
        """Read to the end and return how what was left began."""
        begin = b""
        while piece := self.read():
            begin = begin or piece[:16]
        return begin


def record_of(member: Member, offset: int) -> RecordInfo:
    """Return the record that a member begun at `offset` holds; raises what reading it raises."""
    head = member.head()
    if head is None:
        member.rest()
        return RecordInfo(offset, member.length, flaws=(("no_record", "no WARC header within the limit"),))
    member.headers, flaws = header_fields(head)
    digest = None
    if not flaws:
        digest, flaws = _block(member, member.headers)
    member.rest()
    about = (member.headers, digest, member.status, member.begin)
    return RecordInfo(offset, member.length, *about, tuple(flaws), member.http)


def header_fields(head: bytes) -> tuple[dict[str, str], list[Flaw]]:
    """Return the header fields by lower-case name, and what is wrong with them."""
    version, *lines = head.split(b"\r\n")
    if version not in _VERSIONS:
        return {}, [("no_record", f"begins with {version[:20]!r}")]
    fields = [(line, _HEADER.fullmatch(line)) for line in lines]
    flaws = [("bad_header", f"{line[:80]!r} is no header field") for line, found in fields if not found]
    pairs = [(found[1].decode().lower(), found[2].decode("utf-8", "replace")) for _, found in fields if found]
    times = Counter(name for name, _ in pairs if name != "warc-concurrent-to")
    flaws += [
        ("repeated_header", f"{name} stands {count} times") for name, count in times.items() if count > 1
    ]
    headers = dict(reversed(pairs))
    flaws += [("missing_header", name) for name in _NEEDED if name not in headers]
    return headers, [*flaws, *_values(headers)]


def _values(headers: dict[str, str]) -> Iterator[Flaw]:
    """Yield what is wrong with the values of a header."""
    length, date = headers.get("content-length", "0"), headers.get("warc-date")
    if not _LENGTH.fullmatch(length):
        yield "content_length", f"{length[:40]!r} is no length"
    if date is not None and not _is_date(date):
        yield "bad_date", f"{date[:40]!r} is no time"


def _is_date(text: str) -> bool:
    try:
        return bool(_DATE.fullmatch(text) and datetime.fromisoformat(text))
    except ValueError:
        return False


def _block(member: Member, headers: dict[str, str]) -> tuple[str | None, list[Flaw]]:
    """Read the block; return the payload's digest and where length and digests contradict the header."""
    size = int(headers["content-length"])
    claims = {name: headers[name] for name in ("warc-block-digest", "warc-payload-digest") if name in headers}
    if headers["warc-type"] == "revisit":
        claims.pop("warc-payload-digest", None)  # it is that of the record referred to
    block, payload = Digest(claims.get("warc-block-digest")), Digest(claims.get("warc-payload-digest"))
    http, head, got = headers.get("content-type", "").startswith("application/http"), b"", 0
    for piece in member.take(size):
        got += len(piece)
        block.update(piece)
        if not http:
            payload.update(piece)
        elif BLANK in (head := head + piece) or len(head) > HEADER_LIMIT:
            payload.update(head.partition(BLANK)[2])
            http = False
    if flaw := _misfit(size, got, member.rest()):
        return None, [flaw]
    member.http = head.partition(BLANK)[0] + BLANK if head else b""
    if found := _STATUS.match(head):
        member.status = int(found[1])
    wrong = {"block_digest": block, "payload_digest": payload}
    return payload.sha256, [(name, digest.claim) for name, digest in wrong.items() if not digest.holds()]


def _misfit(size: int, got: int, rest: bytes) -> Flaw | None:
    """Tell how a block and its Content-Length disagree."""
    if got < size:
        return "content_length", f"{size} bytes announced, {got} there"
    if rest == BLANK:
        return None
    if rest.startswith(BLANK + b"WARC/"):
        return "several_records", "not compressed record by record: no record in it can be addressed"
    return "content_length", f"{size} bytes announced, the block goes on"


def _not_gzip(begin: bytes) -> str | None:
    """Name what begins so when it is no gzip member."""
    begin = begin[:5]
    if begin.startswith(_MAGIC[: len(begin)]):
        return None
    return {b"WARC/": "not_compressed", b"\0" * len(begin): "hole"}.get(begin, "not_gzip")


def gap(offset: int, following: int, end: int, flaw: Flaw, headers: dict[str, str]) -> RecordInfo:
    """Return the stretch up to the next readable record as one flaw."""
    more = f"the next record begins at {following}" if following < end else "no record follows"
    return RecordInfo(offset, following - offset, headers, flaws=((flaw[0], f"{flaw[1]}; {more}"),))


def odd_members(path: Path, *, end: int) -> Iterator[int]:
    """Yield where a sound record is not compressed as we do it; nothing when none is."""
    odd, count = [], 0
    with path.open("rb") as file:
        for info in iter_records(path, end=end):
            file.seek(info.offset)
            raw = file.read(min(info.length, WHOLE))
            record = zlib.decompressobj(wbits=31).decompress(raw, WHOLE)
            count += 1
            if compress(record) != raw:
                odd.append(info.offset)
    yield from odd if len(odd) < count else ()


def behind(seek: Seek, file: BinaryIO, start: int, end: int) -> int:
    """Return what `seek` finds behind sectors that cannot be read; raises OSError."""
    for tries in range(SECTORS + 1):
        try:
            return seek(file, start, end)
        except OSError:
            if tries == SECTORS:
                raise
            start = min(end, max(file.tell(), start) // SECTOR * SECTOR + SECTOR)
    return end


def next_record(file: BinaryIO, start: int, end: int, window_size: int = CHUNK) -> int:
    """Return where the next gzip member with a WARC record begins, `end` when there is none."""
    while start < end:
        file.seek(start)
        window = file.read(min(window_size, end - start))
        found = window.find(_MAGIC)
        if found >= 0 and _begins_record(file, start + found):
            return start + found
        start += found + 1 if found >= 0 else max(1, len(window) - len(_MAGIC) + 1)
    return end


def _begins_record(file: BinaryIO, offset: int) -> bool:
    file.seek(offset)
    try:
        return zlib.decompressobj(wbits=31).decompress(file.read(4096), 5) == b"WARC/"
    except zlib.error:
        return False
