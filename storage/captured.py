"""What was captured: captures by address, and their bytes out of the WARC files. Reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import bindparam, func, or_, select

from storage import files, frames, warc
from storage.asking import Asking
from storage.catalog import captures, runs, versions, warcs
from storage.errors import ArchiveDamaged
from storage.faults import translated
from storage.packed import Packed, packed, restored
from storage.records import Capture, KeptFile
from storage.rows import CAPTURE, as_capture
from storage.statement import rows

_NEWEST = (captures.c.last_run.desc(), captures.c.id.desc())
_THERE = (captures.c.url == bindparam("address")) & captures.c.lost.is_(None)
_LAST = select(*CAPTURE).where(_THERE).order_by(*_NEWEST).limit(1)
_ANY_LOST = select(captures.c.id).where(captures.c.lost.is_not(None)).limit(1)
_EARLIER = _LAST.where(captures.c.run_id < select(func.max(runs.c.id)).scalar_subquery())
_TEXTS = (
    select(*CAPTURE)
    .where(_THERE)
    .where(
        or_(
            captures.c.status.between(300, 399),
            captures.c.media_type.is_(None),
            captures.c.media_type.like("text/%"),
            captures.c.media_type.like("%xhtml%"),
        )
    )
    .order_by(captures.c.id)
)
_FILES = select(warcs.c.file, warcs.c.length).order_by(warcs.c.file)
_LENGTHS = (
    select(captures.c.offset, captures.c.length)
    .where(captures.c.warc == bindparam("file"))
    .order_by(captures.c.offset)
)
_ANSWERED = (
    select(*CAPTURE)
    .where(_THERE, captures.c.status == 200)
    .where(captures.c.last_run == select(func.max(runs.c.id)).scalar_subquery())
    .order_by(captures.c.id.desc())
    .limit(1)
)
_ADDRESS = select(captures.c.url).where(captures.c.record_id == bindparam("record"))
_RECORD = select(*CAPTURE).where(captures.c.record_id == bindparam("record"))
_PAGE = select(*CAPTURE).where(captures.c.url == bindparam("address"), captures.c.status == 200).limit(1)
_UP_TO = _PAGE.where(captures.c.fetched_at <= bindparam("at")).order_by(
    captures.c.fetched_at.desc(), captures.c.id.desc()
)
_AFTER = _PAGE.where(captures.c.fetched_at > bindparam("at")).order_by(captures.c.fetched_at, captures.c.id)
_VALIDATORS = (
    select(captures.c.etag, captures.c.last_modified)
    .where(captures.c.url == bindparam("address"), captures.c.status == 200)
    .order_by(*_NEWEST)
    .limit(1)
)


class Captured(Asking):
    """What can be asked of an archive's captures and WARC files."""

    def payload(self, capture: Capture) -> tuple[bytes, bytes]:
        """Return (head, body) of a kept response; raises ArchiveDamaged unless it is what was captured.

        Raises ArchiveNotFound where its file is gone. What one file's disk reports is said of no other.
        """
        with self._reading():
            path = files.locate(self.path, capture.warc)
            if not path.exists():  # its file was compacted, or restored, since the capture was handed out
                capture = self.capture_of(capture.record_id)
                path = files.locate(self.path, capture.warc)
            try:
                return warc.read_captured(path, capture)
            except FileNotFoundError:
                raise
            except OSError as error:
                why = f"{path}: {error.strerror or error}: see to its disk and permissions"
                raise ArchiveDamaged(f"{why}, then run `campusnews verify`") from error

    def files(self) -> list[KeptFile]:
        """Return the WARC files as the catalogue has them, by name."""
        columns = [warcs.c[name] for name in KeptFile.__dataclass_fields__]
        return [KeptFile(**row._mapping) for row in self._rows(select(*columns).order_by(warcs.c.file))]

    def kept(self, url: str, *, earlier: bool = False) -> Capture | None:
        """Return the capture of that address whose payload was seen last; `earlier` than the newest run."""
        row = self._row(_EARLIER if earlier else _LAST, address=url)
        return as_capture(row) if row else None

    def lost(self) -> list[tuple[str, str]]:
        """Return (url, when that was found) of captures whose bytes are lost and which versions rest on."""
        if self._row(_ANY_LOST) is None:
            return []  # as nearly always, and without a walk through all versions
        rests = captures.c.id.in_(select(versions.c.capture_id))
        query = select(captures.c.url, captures.c.lost).where(captures.c.lost.is_not(None), rests)
        return [(row.url, row.lost) for row in self._rows(query.order_by(captures.c.url))]

    def packed(self) -> Iterator[tuple[str, Iterator[Packed]]]:
        """Iterate (file, records) of the WARC files in order; raises ArchiveDamaged for what is no record.

        What a crawl has not yet committed is left out. The records of a file are read before the next file; a
        compacted one gives those it was made of, and raises NotRestored where they cannot be made again.
        """
        for row in list(self._rows(_FILES)):
            yield files.written(row.file), self._packed(row.file, row.length)

    def _packed(self, file: str, end: int) -> Iterator[Packed]:
        path = files.locate(self.path, file)
        with translated(self.path):
            if frames.is_zst(path):
                yield from restored(path)
                return
            lengths = rows(self._connection, _LENGTHS.params(file=file), 1000)
            yield from packed(path, end, ((row.offset, row.length) for row in lengths))

    def pages(self, url: str) -> Iterator[tuple[bytes, bytes]]:
        """Iterate (head, body) of what an address gave and that may name others: texts and redirects."""
        for row in list(self._rows(_TEXTS.params(address=url))):
            yield self.payload(as_capture(row))

    def captured_at(self, capture: Capture) -> str | None:
        """Return the address that gave a capture: that of its WARC record."""
        row = self._row(_ADDRESS, record=capture.record_id)
        return row.url if row else None

    def capture_of(self, record_id: str) -> Capture:
        """Return the capture with that WARC-Record-ID; raises ArchiveDamaged where there is none."""
        row = self._row(_RECORD, record=record_id)
        if row is None:
            raise ArchiveDamaged(f"{self.path}: no capture {record_id}: run `campusnews verify`")
        return as_capture(row)

    def kept_near(self, url: str, at: datetime) -> Capture | None:
        """Return the page that address gave last up to a time, else first after it."""
        moment = warc.stamp(at)
        row = self._row(_UP_TO, address=url, at=moment) or self._row(_AFTER, address=url, at=moment)
        return as_capture(row) if row else None

    def unclaimed(self) -> Iterator[tuple[str, str | None, Capture]]:
        """Iterate (address, media type, capture) of pages no version was read from, oldest first."""
        mine = captures.outerjoin(versions, versions.c.capture_id == captures.c.id)
        query = select(captures.c.url, captures.c.media_type, *CAPTURE).select_from(mine)
        query = query.where(versions.c.number.is_(None), captures.c.status == 200, captures.c.lost.is_(None))
        for row in self._rows(query.order_by(captures.c.fetched_at, captures.c.id)):
            yield row.url, row.media_type, as_capture(row)

    def answered(self, url: str) -> Capture | None:
        """Return the page that address gave in the newest run, if it gave one."""
        row = self._row(_ANSWERED, address=url)
        return as_capture(row) if row else None

    def validators(self, url: str) -> tuple[str | None, str | None]:
        """Return (ETag, Last-Modified) to ask with whether the address still has what is kept."""
        row = self._row(_VALIDATORS, address=url)
        return (row.etag, row.last_modified) if row else (None, None)
