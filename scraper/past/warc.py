"""WARC files of any tool, read as mementos in the order of their time. Reads files, never the network.

Every record is noted first (time, file, offset), in a temporary table on the disk, so that memory stays flat
however much there is; then each is read where it lies. gzip or plain; chunks still on or taken off already.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, cast

from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed

from scraper.errors import SourceRefused
from scraper.past.memento import MOST_BYTES, Lacking, Memento
from scraper.urls import BadURL, absolute, urlkey
from storage.records import Exchange
from storage.warc import BLANK, header

_HEAD_LIMIT = 1 << 16
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? +(\d{3})\b")
_CHUNKED = re.compile(rb"(?im)^transfer-encoding:[^\r\n]*\bchunked\b")
_TRANSFER = re.compile(rb"(?im)^transfer-encoding:")
_TRUNCATED = ("length", "time", "disconnect", "unspecified")
_KINDS = ("response", "revisit", "request")
_TABLE = """
    CREATE TABLE records (
        place INTEGER PRIMARY KEY, kind, url, key, at, file INTEGER, offset INTEGER, id UNIQUE, digest,
        refers, beside, ip, truncated, status INTEGER, media
    );
    CREATE INDEX by_time ON records (at, place);
    CREATE INDEX by_key ON records (key);
    CREATE INDEX by_digest ON records (digest);
    CREATE INDEX by_request ON records (beside);
"""
_COLUMNS = (
    *("kind", "url", "key", "at", "file", "offset", "id", "digest", "refers", "beside"),
    *("ip", "truncated", "status", "media"),
)
_NOTE = f"INSERT OR IGNORE INTO records ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"
_ALL = "SELECT * FROM records WHERE kind != 'request' ORDER BY at, place"
_NEAR = """
    SELECT * FROM records WHERE key = ? AND kind != 'request' AND status IN (200, 304)
    ORDER BY abs(julianday(at) - julianday(?)), place LIMIT 1
"""
_BY_ID = "SELECT * FROM records WHERE id = ? AND kind = 'response'"
_BY_DIGEST = "SELECT * FROM records WHERE digest = ? AND kind = 'response' ORDER BY key != ?, place LIMIT 1"
_ASKED = "SELECT * FROM records WHERE kind = 'request' AND (beside = ? OR id = ?) LIMIT 1"
_UNCHANGED = """
    SELECT * FROM records WHERE key = ? AND kind = 'response' AND status = 200 AND at <= ?
    ORDER BY at DESC LIMIT 1
"""


class WarcFiles:
    """The responses of some WARC files; a context manager. Raises SourceRefused for a file that is none.

    `flaws` says which files could be read only up to where.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = [path.absolute() for path in paths]
        self._table = sqlite3.connect("")  # a temporary file, gone when it is closed
        self._table.row_factory = sqlite3.Row
        self._table.executescript(_TABLE)
        self.flaws: list[str] = []

    def __enter__(self) -> WarcFiles:
        try:
            for number, path in enumerate(self._paths):
                self._note(number, path)
        except BaseException:
            self._table.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._table.close()

    def spent(self) -> None:
        """Nothing was asked of the network."""

    def lists(self) -> Iterator[Memento]:
        """Iterate all there is: any page may be a list."""
        return self.mementos()

    def mementos(self) -> Iterator[Memento]:
        """Iterate every response, oldest first."""
        for row in self._table.execute(_ALL):
            status = 200 if row["kind"] == "revisit" and row["status"] in (None, 304) else row["status"]
            media = row["media"] if row["kind"] == "response" or row["media"] else "html"
            load = partial(self._load, row)
            yield Memento(row["url"], datetime.fromisoformat(row["at"]), status or 0, media or "", load)

    def near(self, url: str, at: datetime) -> Exchange | None:
        """Return what an address gave nearest to a time."""
        row = self._one(_NEAR, _key(url), at.astimezone(UTC).isoformat(timespec="seconds"))
        return self._load(row) if row is not None else None

    def _note(self, number: int, path: Path) -> None:
        """Note every record of a file; of a damaged one those before the damage."""
        count, offset = 0, 0
        try:
            with path.open("rb") as file:
                records = ArchiveIterator(file, no_record_parse=True)
                for record in records:
                    row = _row(record.rec_headers, record.raw_stream)
                    offset = records.get_record_offset()  # reads the record to its end
                    count += record.format == "warc"
                    if row is not None:
                        values = row | {"file": number, "offset": offset}
                        self._table.execute(_NOTE, [values[name] for name in _COLUMNS])
        except OSError as error:
            raise SourceRefused(f"{path}: cannot be read: {error.strerror}") from error
        except Exception as error:  # warcio raises what the bytes happen to break
            if not count:
                raise SourceRefused(_refusal(path, error)) from error
            self.flaws.append(f"{path}: damaged after the record at {offset}: {_first_line(error)}")
        if not count:
            raise SourceRefused(f"{path}: no WARC record in it: name files of a crawl (.warc, .warc.gz)")

    def _load(self, row: sqlite3.Row) -> Exchange:
        head, body = self._block(row)
        if row["kind"] == "revisit":
            original = self._original(row)
            if original is None:
                raise Lacking("unresolved", f"{row['url']}: the payload of {row['id']} is not in these files")
            own, (head, body) = head, self._block(original)
            head = own if _status(own) == 200 else head
        if _status(head) is None:
            raise Lacking("unreadable", f"{row['url']}: no HTTP response in {row['id']}")
        return self._exchange(row, head, body)

    def _exchange(self, row: sqlite3.Row, head: bytes, body: bytes) -> Exchange:
        asked = self._one(_ASKED, row["id"], row["beside"])
        return Exchange(
            url=row["url"],
            method="GET",
            request=b"".join(self._block(asked)) if asked is not None else b"",
            head=_TRANSFER.sub(b"X-Archive-Orig-Transfer-Encoding:", head),
            body=body,
            status=_status(head) or 0,
            fetched_at=datetime.fromisoformat(row["at"]),
            ip=row["ip"],
            media_type=_media(head) or None,
            truncated=row["truncated"],
        )

    def _original(self, row: sqlite3.Row) -> sqlite3.Row | None:
        """Return the response a revisit refers to: by its id, else by the digest of its payload."""
        found = self._one(_BY_ID, row["refers"]) if row["refers"] else None
        if found is None and row["digest"]:
            found = self._one(_BY_DIGEST, row["digest"], row["key"])
        if found is None and row["status"] == 304:
            found = self._one(_UNCHANGED, row["key"], row["at"])
        return found

    def _block(self, row: sqlite3.Row) -> tuple[bytes, bytes]:
        """Return (head, body without transfer coding) of the record at its place."""
        with self._paths[row["file"]].open("rb") as file:
            file.seek(row["offset"])
            record = next(iter(ArchiveIterator(file, no_record_parse=True)))
            head, rest = _head(record.raw_stream)
            body = _read(BytesIO(rest), record.raw_stream)
            cut = record.raw_stream.limit > 0  # bytes that were announced and are not there
        if cut and len(body) <= MOST_BYTES:
            raise Lacking("unreadable", f"{row['url']}: {row['id']} is cut off by the end of its file")
        if len(body) > MOST_BYTES:
            raise Lacking("unreadable", f"{row['url']}: larger than {MOST_BYTES} bytes")
        if _CHUNKED.search(head):
            body = _read(ChunkedDataReader(BytesIO(body)))
        return head, body

    def _one(self, query: str, *values: str | None) -> sqlite3.Row | None:
        return cast("sqlite3.Row | None", self._table.execute(query, values).fetchone())


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
    head, _ = _head(stream)
    truncated = fields.get_header("WARC-Truncated")
    return {
        "kind": kind,
        "url": url,
        "key": _key(url),
        "at": moment,
        "id": fields.get_header("WARC-Record-ID"),
        "digest": fields.get_header("WARC-Payload-Digest"),
        "refers": fields.get_header("WARC-Refers-To"),
        "beside": fields.get_header("WARC-Concurrent-To"),
        "ip": fields.get_header("WARC-IP-Address"),
        "truncated": (truncated if truncated in _TRUNCATED else "unspecified") if truncated else None,
        "status": _status(head),
        "media": _media(head),
    }


def _head(stream: BinaryIO) -> tuple[bytes, bytes]:
    """Return the HTTP head, lines ended as they must be, and what was read past it."""
    begin = b""
    while BLANK not in begin and len(begin) < _HEAD_LIMIT and (piece := stream.read(8192)):
        begin += piece
    head, blank, rest = begin.partition(BLANK)
    if not blank:
        head, blank, rest = begin.partition(b"\n\n")  # some tools write heads as a file has lines
        head = b"\r\n".join(head.split(b"\n"))
    return head.rstrip(b"\r\n") + BLANK, rest


def _read(*streams: Any) -> bytes:
    """Read streams to their end, or to just past the most that is taken."""
    pieces, room = [], MOST_BYTES + 1
    for stream in streams:
        while room > 0 and (piece := stream.read(min(room, 1 << 18))):
            pieces.append(piece)
            room -= len(piece)
    return b"".join(pieces)


def _status(head: bytes) -> int | None:
    found = _STATUS.match(head)
    return int(found[1]) if found else None


def _media(head: bytes) -> str:
    return (header(head, "content-type") or "").partition(";")[0].strip().lower()


def _moment(text: str | None) -> str | None:
    """Return a WARC-Date as times are written in the archive; null for one that is none."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _key(url: str) -> str:
    try:
        return urlkey(url)
    except BadURL:
        return url


def _refusal(path: Path, error: Exception) -> str:
    if isinstance(error, ArchiveLoadFailed) and "non-chunked gzip" in str(error):
        return f"{path}: compressed as one piece: `warcio recompress {path} NEW` makes it readable"
    return f"{path}: no WARC file: {_first_line(error)}"


def _first_line(error: Exception) -> str:
    told = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return told[:80].encode("ascii", "backslashreplace").decode()
