"""WARC 1.1 files: exchanges go in, gzip members and where they lie come out. Does I/O.

Framing is warcio's; what it gets wrong for an archive of evidence is done here: heads stay byte for byte as
received, digests are SHA-256 over exactly the kept bytes, and each record is one gzip member that we compress
ourselves, so that offset and length are known when it is written.
"""

from __future__ import annotations

import hashlib
import re
import uuid
import zlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from warcio.warcwriter import WARCWriter

from storage import frames, recoding
from storage.errors import ArchiveDamaged
from storage.files import WarcFile
from storage.makers import compress
from storage.records import Capture, Exchange, Metadata

MAX_BYTES = 1_000_000_000
BLANK = b"\r\n\r\n"
SOFTWARE = "campusnews"
_PROFILE = "http://netpreserve.org/warc/1.1/revisit/"
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f]")
Fields = dict[str, str | None]


class WarcWriter:
    """Appends exchanges to the WARC files of one run, a new one whenever the last has reached `max_bytes`.

    `root` is the archive, whose `warc/` exists; `first` is the number of the next file of the run; `preface`
    gives what every file says after its warcinfo. Nothing is safe before `sync`; a file gets its final name
    in `settle`, after the catalogue has been committed.
    """

    def __init__(
        self,
        root: Path,
        run: int,
        *,
        first: int = 1,
        max_bytes: int = MAX_BYTES,
        preface: Callable[[], Iterable[Metadata]] = tuple,
        new_id: Callable[[], uuid.UUID] = uuid.uuid4,
    ) -> None:
        self._root, self._run, self._number = root, run, first
        self._max_bytes, self._preface, self._new_id = max_bytes, preface, new_id
        self._files: list[WarcFile] = []

    def write(
        self, exchange: Exchange, revisit_of: Capture | None = None, *, digest: str | None = None
    ) -> Capture:
        """Append response and request and return where the response lies.

        With `revisit_of` the response becomes a revisit of that capture of the same URL: not modified for a
        304, identical payload otherwise. `digest` is the payload's, where it is known. A copy names what it
        was made from in WARC-Source-URI. Raises ValueError for what a WARC header cannot carry.
        """
        if exchange.head.find(BLANK) != len(exchange.head) - len(BLANK):
            raise ValueError(f"{exchange.url!r}: the head must end in its only blank line")
        record_id, date = self._new_id().urn, stamp(exchange.fetched_at)
        digest = digest or payload_digest(exchange.body)
        about: Fields = {"WARC-Target-URI": exchange.url, "WARC-Date": _warc_date(date)}
        about |= {"WARC-IP-Address": exchange.ip, **_copied(exchange)}
        fields: Fields = about | {"WARC-Record-ID": f"<{record_id}>", "WARC-Truncated": exchange.truncated}
        if revisit_of:
            fields |= _revisit(exchange, revisit_of)
            response = _member("revisit", fields, exchange.head, b"", revisit_of.payload_digest)
        else:
            response = _member("response", fields, exchange.head, exchange.body, digest)
        asked = about | {"WARC-Record-ID": f"<{self._new_id().urn}>", "WARC-Concurrent-To": f"<{record_id}>"}
        head, blank, body = exchange.request.partition(BLANK)
        request = _member("request", asked, head + blank, body, payload_digest(body))
        file = self._current(exchange.copy.made_at if exchange.copy else exchange.fetched_at)
        offset = file.append(response)
        if exchange.request:  # another tool may have kept none
            file.append(request)
        return Capture(file.name, offset, len(response), record_id, digest, exchange.status, date)

    def describe(self, said: Metadata) -> None:
        """Append a metadata record."""
        self._current(datetime.fromisoformat(said.at)).append(self._described(said))

    def sync(self) -> tuple[WarcFile, ...]:
        """Bring everything to the disk and return the files written since the last `settle`."""
        for file in self._files:
            file.sync()
        return tuple(self._files)

    def flush(self) -> None:
        """Let readers see what was written."""
        for file in self._files:
            file.flush()

    def finish(self) -> None:
        """Close the current file to further records; the next `write` begins a new one."""
        for file in self._files:
            file.closed = True

    def settle(self) -> None:
        """Give the closed files their final names: call it once the catalogue knows them as closed."""
        for file in self._files:
            if file.closed:
                file.close()
                file.settle()
        self._files = [file for file in self._files if not file.closed]

    def close(self) -> None:
        """Let go of the files; unfinished ones keep `.open` until the archive is next written."""
        for file in self._files:
            file.close()
        self._files = []

    def _current(self, now: datetime) -> WarcFile:
        if self._files and self._files[-1].length >= self._max_bytes:
            self.finish()
        if not self._files or self._files[-1].closed:
            self._files.append(self._begin(now))
        return self._files[-1]

    def _begin(self, now: datetime) -> WarcFile:
        moment = f"{now.astimezone(UTC):%Y%m%d%H%M%S}"
        name = f"{moment}-r{self._run}-{self._number}.warc.gz"
        self._number += 1
        file = WarcFile(self._root, f"warc/{name}")
        fields: Fields = {"WARC-Record-ID": f"<{self._new_id().urn}>", "WARC-Date": _warc_date(stamp(now))}
        info = f"software: {SOFTWARE}\r\nformat: WARC File Format 1.1\r\nisPartOf: run-{self._run}\r\n"
        file.append(_member("warcinfo", fields | {"WARC-Filename": name}, b"", info.encode()))
        for said in self._preface():
            file.append(self._described(said))
        return file

    def _described(self, said: Metadata) -> bytes:
        fields: Fields = {"WARC-Record-ID": f"<{self._new_id().urn}>", "WARC-Date": _warc_date(said.at)}
        fields |= {"WARC-Target-URI": said.subject, "Content-Type": "application/json"}
        fields["WARC-Refers-To"] = f"<{said.about}>" if said.about else None
        return _member("metadata", fields, b"", said.block)


class _Writer(WARCWriter):  # type: ignore[misc]
    """A writer that gives no payload digest to a record without a payload of its own, WARC 1.1 §5.9."""

    NO_PAYLOAD_DIGEST_TYPES = ("warcinfo", "revisit", "metadata")


class _Head:
    """A head as warcio wants it, without warcio re-encoding it: evidence stays as received."""

    def __init__(self, raw: bytes) -> None:
        self.headers_buff = raw

    def compute_headers_buffer(self, header_filter: object = None) -> None:
        """Do nothing: the bytes are there."""


def _member(kind: str, fields: Fields, head: bytes, body: bytes, digest: str | None = None) -> bytes:
    """Return one record as one gzip member."""
    block = "sha256:" + hashlib.sha256(head + body).hexdigest()
    fields = fields | {"WARC-Payload-Digest": digest, "WARC-Block-Digest": block}
    headers = {name: _field(name, value) for name, value in fields.items() if value is not None}
    raw = BytesIO()
    writer = _Writer(raw, gzip=False, warc_version="1.1")
    record = writer.create_warc_record(
        headers.get("WARC-Target-URI", ""),
        kind,
        payload=BytesIO(body),
        length=len(body),
        warc_headers_dict=headers,
        http_headers=_Head(head) if head else None,
    )
    writer.write_record(record)
    return compress(raw.getvalue())


def _copied(exchange: Exchange) -> Fields:
    """Return the fields of a copy, as pywb names them when it records from another archive."""
    if exchange.copy is None:
        return {}
    made = _warc_date(stamp(exchange.copy.made_at))
    return {"WARC-Source-URI": exchange.copy.source, "WARC-Creation-Date": made}


def _revisit(exchange: Exchange, original: Capture) -> Fields:
    """Return the fields of a revisit, WARC 1.1 §6.7; that its payload is left out is a truncation."""
    unmodified = exchange.status == 304
    return {
        "WARC-Truncated": "length" if exchange.body and not unmodified else None,
        "WARC-Profile": _PROFILE + ("server-not-modified" if unmodified else "identical-payload-digest"),
        "WARC-Refers-To": f"<{original.record_id}>",
        "WARC-Refers-To-Target-URI": exchange.url,
        "WARC-Refers-To-Date": _warc_date(original.fetched_at),
    }


def _field(name: str, value: str) -> str:
    """Return the value; a line break or space would let a URL write headers of its own."""
    if _FORBIDDEN.search(value) or (name.endswith("URI") and " " in value):
        raise ValueError(f"{name}: {value!r} cannot stand in a WARC header")
    return value


def header(head: bytes, name: str) -> str | None:
    """Return the first value of an HTTP header in a head."""
    found = re.search(rb"(?im)^" + re.escape(name.encode()) + rb":[ \t]*([^\r\n]*)", head)
    return found[1].decode("latin-1").strip() if found else None


def payload_digest(body: bytes) -> str:
    """Return the WARC-Payload-Digest of a body without transfer coding."""
    return "sha256:" + hashlib.sha256(body).hexdigest()


def stamp(moment: datetime) -> str:
    """Return an aware time as UTC with seconds, the one form of times in the archive."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment}: a time in the archive needs its zone")
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _warc_date(moment: str) -> str:
    return moment.replace("+00:00", "Z")


def stamp_of(date: str) -> str:
    """Return a WARC-Date as a time of the archive."""
    return date.replace("Z", "+00:00")


def read_exchange(path: Path, offset: int, length: int) -> tuple[bytes, bytes]:
    """Return (head, body) of the response at that place; raises ArchiveDamaged when there is none.

    Of a compacted file whose body zlib as installed here packs into other bytes than the server did, the body
    comes unpacked, its coding named X-Archive-Orig-Content-Encoding.
    """
    return _exchange(path, offset, read_record(path, offset, length))


def read_captured(path: Path, capture: Capture) -> tuple[bytes, bytes]:
    """Return (head, body) as `read_exchange`; raises ArchiveDamaged unless it is what was captured."""
    record = read_record(path, capture.offset, capture.length)
    head, body = _exchange(path, capture.offset, record)
    if capture.payload_digest not in (payload_digest(body), recoding.original_digest(record)):
        raise ArchiveDamaged(f"{path}: the payload at offset {capture.offset} is not the one captured")
    return head, body


def read_record(path: Path, offset: int, length: int) -> bytes:
    """Return the record at a place, headers and block; raises ArchiveDamaged when it cannot be read.

    Of a compacted file it comes as it was before, wherever that can be made again.
    """
    if frames.is_zst(path):
        record = frames.record(path, offset, length)
        return recoding.packed(record) or record
    with path.open("rb") as file:
        file.seek(offset)
        member = file.read(length)
    try:
        return zlib.decompress(member, wbits=31)
    except zlib.error as error:
        raise ArchiveDamaged(f"{path}: record at offset {offset} cannot be read: {error}") from error


def _exchange(path: Path, offset: int, record: bytes) -> tuple[bytes, bytes]:
    fields, _, rest = record.partition(BLANK)
    head, blank, body = rest.partition(BLANK)
    if not fields.startswith(b"WARC/1.") or not body.endswith(BLANK):
        raise ArchiveDamaged(f"{path}: no response at offset {offset}: run `campusnews verify`")
    return head + blank, body.removesuffix(BLANK)
