"""WARC files held against the captures the catalogue has in them, both ways. Reads."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection, select

from storage.catalog import captures
from storage.digests import sha256_if_readable
from storage.files import OPEN, locate
from storage.findings import RECORDS, Finding
from storage.frame_members import iter_records
from storage.frames import is_zst
from storage.members import RecordInfo, odd_members
from storage.rows import AnyRow
from storage.statement import rows
from storage.testimony import Testimony
from storage.warc import stamp_of

_ANSWERS = ("response", "revisit")
FLAWS = frozenset(problem.name for problem in RECORDS)
_COMPARED = ("record_id", "length", "payload_digest", "url", "status", "fetched_at")
# Flags, time, level and system as any of our compressors writes them (RFC 1952 §2.3).
_HEADS = {bytes(5) + bytes([level, system]) for level in (0, 2, 4) for system in (3, 255)}
_PROBLEM = {"length": "record_length"}


def unknown(root: Path, name: str, *, asked: bool) -> Iterator[Finding]:
    """Check a file the catalogue does not name; `asked` unless there is no catalogue to ask."""
    path = locate(root, name)
    if path.name.endswith(OPEN) and asked:
        detail = f"{path.stat().st_size} bytes of which nothing was committed"
        yield Finding(name, 0, None, "uncommitted", detail, damage=False)
        return
    if asked:
        yield Finding(name, None, None, "unknown_file", "the catalogue does not name it")
    for info in iter_records(path):
        yield from _flaws(name, info)


def known(
    root: Path, row: AnyRow, connection: Connection, testimony: Testimony | None, *, rows_gone: bool
) -> Iterator[Finding]:
    """Check a file that the catalogue names in `row`; `rows_gone` says that rows of captures are missing."""
    path = locate(root, row.file)
    if not path.exists():
        detail = f"{row.length} bytes were committed"
        yield Finding(row.file, None, None, "missing_file", detail, damage=not row.flaws)
        for capture in _captures_in(connection, row.file):
            yield _missing(capture)
        return
    yield from _extent(path, row)
    found, problems = sha256_if_readable(path) if row.closed else None, set()
    repaired = bool(row.flaws) and found == row.sha256  # exactly these bytes were looked through by `repair`
    for finding in _records(path, row, connection, testimony, rows_gone=rows_gone):
        problems.add(finding.problem)
        yield replace(finding, damage=finding.damage and not (repaired and finding.problem in FLAWS))
    if found is not None and found != row.sha256:
        yield Finding(row.file, None, None, "file_digest", f"closed with sha256 {row.sha256}, now {found}")
        for offset in () if problems or is_zst(path) else odd_members(path, end=row.length):
            yield Finding(row.file, offset, None, "odd_member", "its bytes differ, what they hold does not")


def _extent(path: Path, row: AnyRow) -> Iterator[Finding]:
    """Compare a file's size with what was committed; only a run that was killed or goes on may be ahead."""
    size = path.stat().st_size
    if size < row.length:
        detail = f"{row.length} bytes were committed, {size} are there"
        yield Finding(row.file, size, None, "short_file", detail)
    elif size > row.length:
        problem = "long_file" if row.closed else "uncommitted"
        detail = f"{size - row.length} bytes after the {row.length} committed"
        yield Finding(row.file, row.length, None, problem, detail, damage=row.closed)


def _records(
    path: Path, row: AnyRow, connection: Connection, testimony: Testimony | None, *, rows_gone: bool
) -> Iterator[Finding]:
    """Walk through a file and its captures side by side, in the order of their offsets."""
    with closing(_captures_in(connection, row.file)) as expected:
        capture, count, answer = next(expected, None), 0, None
        for info in iter_records(path, end=row.length):
            while capture is not None and capture.offset < info.offset:
                yield _missing(capture)
                capture = next(expected, None)
            at_home = capture if capture is not None and capture.offset == info.offset else None
            count += bool(info.headers)
            answer = info.record_id if info.flaws or info.headers["warc-type"] in _ANSWERS else answer
            yield from _habits(row.file, info, answer)
            yield from _record(row.file, info, at_home, connection, rows_gone=rows_gone)
            if testimony and not info.harmed:
                yield from testimony.hear(path, row.file, row.run_id, info)
            if at_home is not None:
                capture = next(expected, None)
        while capture is not None:
            yield _missing(capture)
            capture = next(expected, None)
    if count != row.records:
        yield Finding(
            row.file, None, None, "record_count", f"{row.records} were committed, {count} are there"
        )


def _captures_in(connection: Connection, name: str) -> Generator[AnyRow, None, None]:
    query = select(captures).where(captures.c.warc == name).order_by(captures.c.offset)
    return rows(connection, query, 500)


def _habits(name: str, info: RecordInfo, answer: str | None) -> Iterator[Finding]:
    """Check what holds of our own files: the head of each member, and that a request follows its answer."""
    asked = info.headers.get("warc-concurrent-to", "").strip("<>")
    if info.flaws:
        return
    if info.begin and info.begin[3:] not in _HEADS:
        yield Finding(name, info.offset, info.record_id, "gzip_header", f"begins with {info.begin.hex()}")
    if asked and answer and asked != answer:
        yield Finding(name, info.offset, info.record_id, "concurrent_to", f"{asked} does not stand before it")


def _missing(capture: AnyRow) -> Finding:
    if capture.lost:
        return _lost(capture)
    return Finding(
        capture.warc, capture.offset, capture.record_id, "missing_record", f"capture of {capture.url}"
    )


def _lost(capture: AnyRow) -> Finding:
    detail = f"marked at {capture.lost}, a capture of {capture.url}"
    return Finding(capture.warc, capture.offset, capture.record_id, "lost", detail, damage=False)


def _record(
    name: str, info: RecordInfo, capture: AnyRow | None, connection: Connection, *, rows_gone: bool
) -> Iterator[Finding]:
    """Check one record against the capture that lies there, and what it refers to."""
    if capture is not None and capture.lost:
        yield _lost(capture)
        return
    yield from _flaws(name, info, capture)
    if info.flaws:
        return
    if capture is not None:
        yield from _differences(name, info, capture)
    elif rows_gone and info.headers.get("warc-type") == "response":
        detail = f"a response of {info.headers.get('warc-target-uri')}"
        yield Finding(name, info.offset, info.record_id, "uncaptured", detail)
    original = info.headers.get("warc-refers-to", "").strip("<>")
    if info.headers.get("warc-type") == "revisit" and not _is_captured(connection, original):
        yield Finding(name, info.offset, info.record_id, "refers_to", f"{original} is no capture")


def _is_captured(connection: Connection, record_id: str) -> bool:
    query = select(captures.c.id).where(captures.c.record_id == record_id)
    return connection.execute(query).first() is not None


def _flaws(name: str, info: RecordInfo, capture: AnyRow | None = None) -> Iterator[Finding]:
    record = info.record_id or (capture.record_id if capture else None)
    for problem, detail in info.flaws:
        yield Finding(name, info.offset, record, problem, detail, damage=problem != "other_zlib")


def _differences(name: str, info: RecordInfo, capture: AnyRow) -> Iterator[Finding]:
    found = {
        "record_id": info.record_id,
        "length": info.length,
        "payload_digest": info.payload_digest,
        "url": info.headers.get("warc-target-uri"),
        "status": info.status,
        "fetched_at": stamp_of(info.headers["warc-date"]),
    }
    for column in _COMPARED:
        if capture._mapping[column] != found[column]:
            detail = f"the catalogue says {capture._mapping[column]}, the file {found[column]}"
            yield Finding(name, info.offset, capture.record_id, _PROBLEM.get(column, column), detail)
