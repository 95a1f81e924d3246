"""The records of WARC and ARC files of any tool, and the HTTP messages in them. Reads files.

warcio does the framing; what is in the records is taken as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from scraper.errors import SourceRefused
from scraper.past.memento import MOST_BYTES, Lacking
from scraper.urls import BadURL, absolute, urlkey
from storage.digests import Digest
from storage.errors import ArchiveDamaged
from storage.frames import is_zst
from storage.recoding import packed
from storage.streams import records
from storage.warc import BLANK, header

_HEAD_LIMIT = 1 << 16
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? +(\d{3})\b")
_CHUNKED = re.compile(rb"(?im)^transfer-encoding:[^\r\n]*\bchunked\b")
_CHUNK = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_ARC = re.compile(r"\.arc(\.gz)?$")
_TRUNCATED = ("length", "time", "disconnect", "unspecified")
_KINDS = ("response", "revisit", "request")
_ALGORITHMS = ("md5", "sha1", "sha256", "sha512")


def rows(file: BinaryIO, start: int) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """Iterate where each record from `start` on begins, and what is noted of it; of some, nothing is.

    Raises what warcio raises, and that is whatever the bytes happen to break.
    """
    if is_zst(Path(file.name)):
        for offset, data in _unpacked(Path(file.name), file, start):
            yield offset, _row((record := _plain(data)).rec_headers, record.raw_stream)
        return
    records = _framed(file, start)
    for record in records:
        if record.format != "warc":  # as which an ARC file is read that is named like one
            raise ArchiveLoadFailed("this is no WARC record")
        row = _row(record.rec_headers, record.raw_stream)
        yield records.get_record_offset(), row  # which reads the record to its end


def block(path: Path, offset: int) -> tuple[bytes, bytes]:
    """Return (head, body without transfer coding) of the HTTP message at a place; raises Lacking."""
    with path.open("rb") as file:
        record = _plain(_at(path, file, offset)) if is_zst(path) else next(iter(_framed(file, offset)))
        data = _read(record.raw_stream, MOST_BYTES + _HEAD_LIMIT)
        cut = record.raw_stream.limit > 0  # bytes that were announced and are not there
    where = f"{path.name} at {offset}"
    if len(data) > MOST_BYTES:
        raise Lacking("unreadable", f"{where}: larger than {MOST_BYTES} bytes")
    if cut:
        raise Lacking("unreadable", f"{where}: cut off by the end of its file")
    digest = Digest(claim := record.rec_headers.get_header("WARC-Block-Digest"))
    digest.update(data)
    if (claim or "").partition(":")[0] in _ALGORITHMS and not digest.holds():
        raise Lacking("unreadable", f"{where}: {digest.claim}")
    head, body = split(data)
    if not _CHUNKED.search(head):
        return head, body
    joined, whole = unchunked(body)
    if not whole:
        raise Lacking("unreadable", f"{where}: the last chunk of the body is missing")
    return head, joined


def is_arc(name: str) -> bool:
    """Tell whether a file is named as an ARC file, of the time before WARC; its records have no ids."""
    return _ARC.search(name) is not None


def split(data: bytes) -> tuple[bytes, bytes]:
    """Return HTTP head and body, lines of the head ended as they must be."""
    head, blank, body = data.partition(BLANK)
    if not blank:
        head, blank, body = data.partition(b"\n\n")  # some tools write heads as a file has lines
        head = b"\r\n".join(head.splitlines())
    return head.rstrip(b"\r\n") + BLANK, body


def unchunked(body: bytes) -> tuple[bytes, bool]:
    """Return what is in the chunks, and whether they come to an end.

    A body without any is left as it is: some tools take them off and leave the header that tells of them.
    """
    pieces: list[bytes] = []
    at = 0
    while found := _CHUNK.match(body, at):
        size, begin = int(found[1], 16), found.end()
        if size == 0:
            return b"".join(pieces), True
        pieces.append(body[begin : begin + size])
        at = begin + size
        at += 2 if body.startswith(b"\r\n", at) else 0
    return (b"".join(pieces), False) if pieces else (body, True)


def status_of(head: bytes) -> int | None:
    """Return the status of a response's head; null for what is none."""
    found = _STATUS.match(head)
    return int(found[1]) if found else None


def media_of(head: bytes) -> str:
    """Return the media type a head says, in lower case, or ''."""
    return (header(head, "content-type") or "").partition(";")[0].strip().lower()


def key_of(url: str) -> str:
    """Return what is the same of all ways to write an address."""
    try:
        return urlkey(url)
    except BadURL:
        return url


def _framed(file: BinaryIO, start: int) -> ArchiveIterator:
    """Return warcio's view of a file from a place on; any text would do as ARC, so that goes by the name."""
    file.seek(start)
    return ArchiveIterator(file, no_record_parse=True, arc2warc=is_arc(file.name))


def _unpacked(path: Path, file: BinaryIO, start: int) -> Iterator[tuple[int, bytes]]:
    """Iterate the records of Zstandard frames; raises SourceRefused where their dictionary cannot be used."""
    try:
        for offset, data in records(path, file, start, MOST_BYTES + 2 * _HEAD_LIMIT):
            yield offset, packed(data) or data
    except ArchiveDamaged as error:
        raise SourceRefused(f"{path}: {error.__cause__}") from error


def _at(path: Path, file: BinaryIO, offset: int) -> bytes:
    return next(data for _, data in _unpacked(path, file, offset))


def _plain(data: bytes) -> Any:
    """Return warcio's view of one record."""
    return next(iter(ArchiveIterator(BytesIO(data), no_record_parse=True)))


def _row(fields: Any, stream: BinaryIO) -> dict[str, Any] | None:
    """Return what is noted of a record; null for one that is no HTTP exchange of an address."""
    kind, moment = fields.get_header("WARC-Type"), _moment(fields.get_header("WARC-Date"))
    http = (fields.get_header("Content-Type") or "application/http").startswith("application/http")
    if kind not in _KINDS or moment is None or not http:
        return None
    try:
        url = absolute((fields.get_header("WARC-Target-URI") or "").strip("<>"))
    except BadURL:
        return None
    head, _ = split(_read(stream, _HEAD_LIMIT))
    truncated = fields.get_header("WARC-Truncated")
    return {
        "kind": kind,
        "url": url,
        "key": key_of(url),
        "at": moment,
        "id": fields.get_header("WARC-Record-ID"),
        "digest": fields.get_header("WARC-Payload-Digest"),
        "refers": fields.get_header("WARC-Refers-To"),
        "beside": fields.get_header("WARC-Concurrent-To"),
        "ip": fields.get_header("WARC-IP-Address"),
        "truncated": (truncated if truncated in _TRUNCATED else "unspecified") if truncated else None,
        "status": status_of(head),
        "media": media_of(head),
    }


def _read(stream: Any, size: int) -> bytes:
    """Read a stream to its end, or to `size`."""
    pieces, room = [], size
    while room > 0 and (piece := stream.read(min(room, 1 << 18))):
        pieces.append(piece)
        room -= len(piece)
    return b"".join(pieces)


def _moment(text: str | None) -> str | None:
    """Return a WARC-Date as times are written in the archive; null for one that is none."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).isoformat(timespec="seconds")
