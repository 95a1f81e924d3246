"""WARC and ARC files of any tool, read as mementos in the order of their time; never the network.

Every record is noted first (time, file, offset), in a temporary table on the disk, so that memory stays flat
however much there is; then each is read where it lies. gzip or plain; chunks still on or taken off already.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast
from urllib.parse import quote

from warcio.exceptions import ArchiveLoadFailed

from scraper.errors import SourceRefused
from scraper.past import frames
from scraper.past.memento import Lacking, Memento
from storage.errors import CampusnewsError
from storage.frame_members import next_record
from storage.records import Copy, Exchange

_TRANSFER = re.compile(rb"(?im)^transfer-encoding:")
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

    Copies are dated by `now`. `flaws` says what of the files is damaged.
    """

    def __init__(self, paths: Sequence[Path], now: Callable[[], datetime]) -> None:
        self._paths = [path.absolute() for path in paths]
        self._now = now
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
        row = self._one(_NEAR, frames.key_of(url), at.astimezone(UTC).isoformat(timespec="seconds"))
        return self._load(row) if row is not None else None

    def _note(self, number: int, path: Path) -> None:
        """Note every record of a file; what is damaged is told of, and left out up to the next record."""
        try:
            size = path.stat().st_size
            with path.open("rb") as file:
                start = self._note_from(0, number, file)
                while start is not None:
                    start = self._note_from(next_record(path, file, start + 1, size), number, file)
        except OSError as error:
            raise SourceRefused(f"{path}: cannot be read: {error.strerror}") from error

    def _note_from(self, start: int, number: int, file: BinaryIO) -> int | None:
        """Note the records from a place on; return after which one the file is damaged, null at its end."""
        path, last = self._paths[number], -1
        try:
            for last, row in frames.rows(file, start):
                if row is not None:
                    values = row | {"file": number, "offset": last}
                    self._table.execute(_NOTE, [values[name] for name in _COLUMNS])
        except (OSError, CampusnewsError):
            raise
        except Exception as error:  # warcio raises what the bytes happen to break
            if start == 0 and (last < 0 or "non-chunked gzip" in str(error)):
                raise SourceRefused(_refusal(path, error)) from error
            self.flaws.append(f"{path}: damaged after {max(last, start)}: {_first_line(error)}")
            return max(last, start)
        if start == 0 and last < 0:
            raise SourceRefused(
                f"{path}: no WARC record in it: name files of a crawl (.warc, .warc.gz, .warc.zst)"
            )
        return None

    def _load(self, row: sqlite3.Row) -> Exchange:
        head, body = self._block(row)
        if row["kind"] == "revisit":
            original = self._original(row)
            if original is None:
                raise Lacking("unresolved", f"{row['url']}: the payload of {row['id']} is not in these files")
            own, (head, body) = head, self._block(original)
            head = own if frames.status_of(own) == 200 else head
        if frames.status_of(head) is None:
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
            status=frames.status_of(head) or 0,
            fetched_at=datetime.fromisoformat(row["at"]),
            ip=row["ip"],
            media_type=frames.media_of(head) or None,
            truncated=row["truncated"],
            copy=Copy(self._origin(row), self._now()),
        )

    def _origin(self, row: sqlite3.Row) -> str:
        """Return the URI of a capture: its file's name and its record's id, which no repacking changes."""
        name, record = self._paths[row["file"]].name, (row["id"] or "").strip("<>")
        return f"file:{quote(name)}#{row['offset'] if frames.is_arc(name) else quote(record, safe=':')}"

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
        return frames.block(self._paths[row["file"]], row["offset"])

    def _one(self, query: str, *values: str | None) -> sqlite3.Row | None:
        return cast("sqlite3.Row | None", self._table.execute(query, values).fetchone())


def _refusal(path: Path, error: Exception) -> str:
    if isinstance(error, ArchiveLoadFailed) and "non-chunked gzip" in str(error):
        return f"{path}: compressed as one piece: `warcio recompress {path} NEW` makes it readable"
    return f"{path}: no WARC file: {_first_line(error)}"


def _first_line(error: Exception) -> str:
    told = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return told[:80].encode("ascii", "backslashreplace").decode()
