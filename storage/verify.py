"""Fixity: an archive goes in, what catalogue, WARCs and records contradict each other in comes out. Reads."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, select

from storage import database
from storage.catalog import articles, captures, versions, warcs
from storage.errors import ArchiveDamaged, ArchiveError
from storage.faults import translated
from storage.files import OPEN, is_warc, locate
from storage.frame_members import iter_records
from storage.kept import field_digests
from storage.members import RecordInfo
from storage.place import Place
from storage.records import Article
from storage.recovery import leftovers
from storage.statement import rows

Progress = Callable[[str, int, int], None]
AnyRow = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Finding:
    """One contradiction: the file, where in it, the record it concerns, what is wrong and what exactly.

    Without `damage` it only tells that a run was killed or is under way; the next one tidies up.
    """

    file: str
    offset: int | None
    record: str | None
    problem: str
    detail: str
    damage: bool = True


def verify(path: database.Where, progress: Progress = lambda file, done, total: None) -> Iterator[Finding]:
    """Iterate all that is wrong with an archive; nothing means it is sound.

    Raises ArchiveNotFound where there is none; whatever is unreadable is a finding. `progress` is called with
    a file's name and the bytes done and in all.
    """
    place = Place.of(path)
    root, catalogue = place.path, database.catalogue_of(place)
    try:
        with translated(root):
            database.expect(place, create=False)
            connection = database.opened(place, write=False)
    except ArchiveDamaged as error:
        yield Finding(catalogue.file, None, None, "unreadable", str(error))
        yield from _files(root, None, progress)
        return
    with connection:
        yield from _safely(root, catalogue.file, _database(connection, catalogue))
        yield from _safely(root, catalogue.file, _versions(connection, catalogue.file))
        yield from _files(root, connection, progress)


def _safely(root: Path, file: str, findings: Iterator[Finding]) -> Iterator[Finding]:
    """Pass findings on; what cannot be read ends them with one of its own."""
    try:
        with translated(root):
            yield from findings
    except ArchiveError as error:
        yield Finding(file, None, None, "unreadable", str(error))


def _database(connection: Connection, catalogue: database.Catalogue) -> Iterator[Finding]:
    for record, problem, detail in catalogue.flaws(connection):
        yield Finding(catalogue.file, None, record, problem, detail)
    current = (versions.c.article_id == articles.c.id) & (versions.c.number == articles.c.version)
    query = select(articles.c.id, articles.c.version).outerjoin(versions, current)
    for row in connection.execute(query.where(versions.c.number.is_(None))):
        yield Finding(catalogue.file, None, row.id, "no_version", f"version {row.version} is not there")
    lost = select(captures).outerjoin(warcs, warcs.c.file == captures.c.warc).where(warcs.c.file.is_(None))
    for row in connection.execute(lost):
        yield Finding(row.warc, row.offset, row.record_id, "missing_record", f"capture of {row.url}")


def _versions(connection: Connection, file: str) -> Iterator[Finding]:
    """Compare each kept record with the digests that were taken of it."""
    for row in rows(connection, select(versions)):
        for problem, detail in _record_flaws(row):
            record = f"{row.article_id} version {row.number}"
            yield Finding(file, None, record, problem, detail)


def _record_flaws(row: AnyRow) -> Iterator[tuple[str, str]]:
    try:
        record = json.loads(row.record)
        content_digest = Article.from_json(record).content_digest
        now, then = json.loads(field_digests(record)), json.loads(row.field_digests)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        yield "record_json", f"the record cannot be read: {error}"
        return
    yield from (("record_field", name) for name in sorted(now | then) if now.get(name) != then.get(name))
    if not content_digest == row.content_digest == record["content_digest"]:
        yield "content_digest", f"{row.content_digest} was taken, the record has {content_digest}"


def _files(root: Path, connection: Connection | None, progress: Progress) -> Iterator[Finding]:
    """Check every WARC file that is on the disk or in the catalogue."""
    rows: dict[str, AnyRow] = {}
    if connection is not None:
        try:
            with translated(root):
                rows = {row.file: row for row in connection.execute(select(warcs))}
        except ArchiveError:
            connection = None  # already found unreadable as a whole
    there = {
        f"warc/{path.name.removesuffix(OPEN)}"
        for path in (root / "warc").glob("*.warc.*")
        if is_warc(path.name)
    }
    for path in leftovers(root, rows):
        there.discard(f"warc/{path.name}")
        detail = "left by a rewriting that was killed; the next command that writes takes it away"
        yield Finding(f"warc/{path.name}", None, None, "leftover", detail, damage=False)
    names = sorted(there | set(rows))
    sizes = {name: locate(root, name).stat().st_size if name in there else 0 for name in names}
    done, total = 0, sum(sizes.values())
    for name in names:
        progress(name, done, total)
        yield from _safely(root, name, _file(root, name, rows.get(name), connection))
        done += sizes[name]
    progress("", total, total)


def _file(root: Path, name: str, row: AnyRow | None, connection: Connection | None) -> Iterator[Finding]:
    path = locate(root, name)
    if row is None or connection is None:
        yield from _unknown(path, name, known=connection is None)
        return
    if not path.exists():
        yield Finding(name, None, None, "missing_file", f"{row.length} bytes were committed")
        return
    yield from _extent(path, name, row)
    yield from _records(path, name, row, connection)
    if row.closed and (found := _sha256(path)) != row.sha256:
        yield Finding(name, None, None, "file_digest", f"closed with sha256 {row.sha256}, now {found}")


def _unknown(path: Path, name: str, *, known: bool) -> Iterator[Finding]:
    """Check a file the catalogue does not name; `known` when there is no catalogue to ask."""
    if path.name.endswith(OPEN) and not known:
        detail = f"{path.stat().st_size} bytes of which nothing was committed"
        yield Finding(name, 0, None, "uncommitted", detail, damage=False)
        return
    if not known:
        yield Finding(name, None, None, "unknown_file", "the catalogue does not name it")
    for info in iter_records(path):
        yield from _flaws(name, info)


def _extent(path: Path, name: str, row: AnyRow) -> Iterator[Finding]:
    """Compare a file's size with what was committed; only a run that was killed or goes on may be ahead."""
    size = path.stat().st_size
    if size < row.length:
        detail = f"{row.length} bytes were committed, {size} are there"
        yield Finding(name, size, None, "short_file", detail)
    elif size > row.length:
        problem = "long_file" if row.closed else "uncommitted"
        detail = f"{size - row.length} bytes after the {row.length} committed"
        yield Finding(name, row.length, None, problem, detail, damage=row.closed)


def _records(path: Path, name: str, row: AnyRow, connection: Connection) -> Iterator[Finding]:
    """Compare a file's records with the captures the catalogue has in it."""
    query = select(captures).where(captures.c.warc == name)
    expected = {capture.offset: capture for capture in connection.execute(query)}
    count = 0
    for info in iter_records(path, end=row.length):
        capture = expected.pop(info.offset, None)
        count += bool(info.headers)
        yield from _flaws(name, info, capture)
        if capture is not None and not info.flaws:
            yield from _capture_flaws(name, info, capture)
    for offset, capture in sorted(expected.items()):
        yield Finding(name, offset, capture.record_id, "missing_record", f"capture of {capture.url}")
    if count != row.records:
        yield Finding(name, None, None, "record_count", f"{row.records} were committed, {count} are there")


def _flaws(name: str, info: RecordInfo, capture: AnyRow | None = None) -> Iterator[Finding]:
    record = info.record_id or (capture.record_id if capture else None)
    for problem, detail in info.flaws:
        yield Finding(name, info.offset, record, problem, detail, damage=problem != "other_zlib")


def _capture_flaws(name: str, info: RecordInfo, capture: AnyRow) -> Iterator[Finding]:
    pairs = {
        "record_id": (capture.record_id, info.record_id),
        "record_length": (capture.length, info.length),
        "payload_digest": (capture.payload_digest, info.payload_digest),
        "url": (capture.url, info.headers.get("warc-target-uri")),
    }
    for problem, (kept, found) in pairs.items():
        if kept != found:
            detail = f"the catalogue says {kept}, the file {found}"
            yield Finding(name, info.offset, capture.record_id, problem, detail)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
