"""The exchanges in WARC files go in, rows of captures come out. Writes the catalogue."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import Connection, bindparam, select

from storage.catalog import captures
from storage.members import RecordInfo
from storage.statement import Statement
from storage.warc import header

_TOLD = (
    "run_id", "last_run", "url", "status", "media_type", "fetched_at", "warc", "offset", "length",
    "record_id", "payload_digest", "etag", "last_modified",
)  # fmt: skip
_CAPTURED = Statement(captures.insert(), *_TOLD)
_CAPTURE_ID = Statement(select(captures.c.id).where(captures.c.record_id == bindparam("record")))
_SEEN_AGAIN = captures.update().where(captures.c.record_id == bindparam("record"))


class Evidence:
    """The captures of a new catalogue; `elsewhere` counts those not there by the file they should lie in."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.elsewhere: Counter[str] = Counter()

    def capture(self, run: int, file: str, info: RecordInfo) -> None:
        """Take in a response."""
        media_type = (header(info.http, "content-type") or "").partition(";")[0].strip().lower()
        values = {
            "run_id": run,
            "last_run": run,
            "url": info.headers["warc-target-uri"],
            "status": info.status,
            "media_type": media_type or None,
            "fetched_at": info.headers["warc-date"].replace("Z", "+00:00"),
            "warc": file,
            "offset": info.offset,
            "length": info.length,
            "record_id": info.record_id,
            "payload_digest": info.headers["warc-payload-digest"],
        }
        _CAPTURED.run(self._connection, values | _validators(info.http))

    def revisit(self, run: int, info: RecordInfo) -> None:
        """Take in that a payload was seen again."""
        again = {name: value for name, value in _validators(info.http).items() if value}
        record = info.headers.get("warc-refers-to", "").strip("<>")
        self._connection.execute(_SEEN_AGAIN, again | {"record": record, "last_run": run})

    def place_of(self, capture: dict[str, Any], url: str, run: int) -> int:
        """Return the row of a capture; one whose record is not there is named where it should lie."""
        found = _CAPTURE_ID.run(self._connection, {"record": capture["record_id"]}).fetchone()
        if found is not None:
            return int(found[0])
        self.elsewhere[capture["warc"]] += 1
        values = capture | {"url": url, "run_id": run, "last_run": run}
        made = self._connection.execute(captures.insert().returning(captures.c.id), values)
        return int(made.scalar_one())


def _validators(head: bytes) -> dict[str, str | None]:
    return {"etag": header(head, "etag"), "last_modified": header(head, "last-modified")}
