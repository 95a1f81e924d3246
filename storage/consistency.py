"""The catalogue held against itself: a connection goes in, what its rows contradict comes out. Reads."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import TypeAlias

from sqlalchemy import Connection, Index, func, inspect, or_, select

from storage.catalog import articles, captures, metadata, sightings, versions, warcs
from storage.database import Catalogue
from storage.errors import ArchiveError, ArchiveUnreachable
from storage.faults import translated
from storage.findings import Finding
from storage.kept import field_digests
from storage.records import Article
from storage.rows import AnyRow
from storage.statement import rows

# What a value that is none of its column's raises where it is read.
SENSELESS = (ValueError, TypeError, ArithmeticError, LookupError)
Apart: TypeAlias = Callable[[], AbstractContextManager[object]]
"""Within it questions to the catalogue fail alone."""

_STANDS = ("standing", "state", "version", "views")


def _found(catalogue: Catalogue, problem: str, record: str | None, detail: str) -> Finding:
    return Finding(catalogue.file, None, record, problem, detail)


def own(connection: Connection, catalogue: Catalogue) -> Iterator[Finding]:
    """Yield what the database itself finds wrong."""
    for record, problem, detail in catalogue.flaws(connection):
        yield _found(catalogue, problem, record, detail)


def schema(connection: Connection, catalogue: Catalogue) -> Iterator[Finding]:
    """Yield the tables, columns and indexes that are not there."""
    for table, column in missing_columns(connection):
        yield _found(
            catalogue, "schema", table, f"its column {column} is not there" if column else "it is not there"
        )
    for index in missing_indexes(connection):
        yield _found(catalogue, "schema", str(index.table), f"its index {index.name} is not there")


def missing_columns(connection: Connection) -> Iterator[tuple[str, str]]:
    """Yield (table, column) of what the schema declares and is not there; no column for a whole table."""
    there = inspect(connection)
    tables = set(there.get_table_names())
    for table in metadata.sorted_tables:
        if table.name not in tables:
            yield table.name, ""
            continue
        columns = {column["name"] for column in there.get_columns(table.name)}
        yield from ((table.name, name) for name in table.c.keys() if name not in columns)  # noqa: SIM118


def missing_indexes(connection: Connection) -> list[Index]:
    """Return the indexes of the tables there that are not."""
    there = inspect(connection)
    tables = set(there.get_table_names()).intersection(metadata.tables)
    names = {index["name"] for table in tables for index in there.get_indexes(table)}
    indexes = (index for table in metadata.sorted_tables if table.name in tables for index in table.indexes)
    return [index for index in indexes if index.name not in names]


def newest_versions(connection: Connection, catalogue: Catalogue) -> Iterator[Finding]:
    """Yield the articles whose version is not there, or that have a newer one.

    Older ones may be missing: a catalogue that was made anew has those that its WARC files still tell.
    """
    current = (versions.c.article_id == articles.c.id) & (versions.c.number == articles.c.version)
    missing = select(articles.c.id, articles.c.version).outerjoin(versions, current)
    for row in connection.execute(missing.where(versions.c.number.is_(None))):
        yield _found(catalogue, "no_version", row.id, f"version {row.version} is not there")
    newer = (versions.c.article_id == articles.c.id) & (versions.c.number > articles.c.version)
    further = select(articles.c.id, articles.c.version, versions.c.number).join(versions, newer)
    for key, version, number in connection.execute(further):
        detail = f"version {number} is there, it stands at {version}"
        yield _found(catalogue, "newer_version", key, detail)


def history(connection: Connection, catalogue: Catalogue) -> Iterator[Finding]:
    """Yield the articles that do not stand as their newest sighting says."""
    newest = (
        select(sightings.c.article_id, func.max(sightings.c.id).label("id")).group_by(sightings.c.article_id)
    ).subquery()
    columns = [articles.c[name].label(name) for name in _STANDS]
    columns += [sightings.c[name].label(f"seen_{name}") for name in _STANDS]
    differs = or_(*(articles.c[name].is_distinct_from(sightings.c[name]) for name in _STANDS))
    query = (
        select(articles.c.id, *columns)
        .outerjoin(newest, newest.c.article_id == articles.c.id)
        .outerjoin(sightings, sightings.c.id == newest.c.id)
        .where(differs)
    )
    for row in connection.execute(query):
        kept, seen = row._mapping, {name: row._mapping[f"seen_{name}"] for name in _STANDS}
        names = [name for name in _STANDS if kept[name] != seen[name]]
        detail = ", ".join(f"{name} is {kept[name]}, last seen {seen[name]}" for name in names)
        yield _found(catalogue, "history", row.id, detail)


def homeless_captures(connection: Connection, catalogue: Catalogue) -> Iterator[Finding]:
    """Yield the captures that lie in no file of the catalogue."""
    lost = select(captures).outerjoin(warcs, warcs.c.file == captures.c.warc).where(warcs.c.file.is_(None))
    for row in connection.execute(lost):
        yield Finding(row.warc, row.offset, row.record_id, "missing_record", f"capture of {row.url}")


def records(connection: Connection, catalogue: Catalogue) -> Iterator[Finding]:
    """Yield the kept records that are not what their digests were taken of."""
    for row in rows(connection, select(versions)):
        for problem, detail in _record_flaws(row):
            yield _found(catalogue, problem, f"{row.article_id} version {row.number}", detail)


def _record_flaws(row: AnyRow) -> Iterator[tuple[str, str]]:
    try:
        record = json.loads(row.record)
        content_digest = Article.from_json(record).content_digest
        now, then = json.loads(field_digests(record)), json.loads(row.field_digests)
        rules = f"{record['extractor']['preset']}/{record['extractor']['revision']}"
        differing = sorted(name for name in now | then if now.get(name) != then.get(name))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        yield "record_json", f"the record cannot be read: {error}"
        return
    yield from (("record_field", name) for name in differing)
    if rules != row.extractor:
        yield "record_field", f"extractor: {row.extractor} was taken, the record has {rules}"
    if not content_digest == row.content_digest == record["content_digest"]:
        yield "content_digest", f"{row.content_digest} was taken, the record has {content_digest}"


CHECKS: tuple[Callable[[Connection, Catalogue], Iterator[Finding]], ...] = (
    *(own, schema, newest_versions, history, homeless_captures),
    records,
)
"""Every check, the quick ones first."""


def checked(root: Path, connection: Connection, catalogue: Catalogue) -> Iterator[Finding]:
    """Yield what every check finds; one that cannot be made is a finding, and the others are made."""
    apart = partial(catalogue.apart, connection)
    for check in CHECKS:
        what = f"{check.__name__.replace('_', ' ')} cannot be checked: "
        yield from safely(root, catalogue.file, check(connection, catalogue), apart, what)


def safely(
    root: Path, file: str, findings: Iterator[Finding], apart: Apart, what: str = ""
) -> Iterator[Finding]:
    """Pass findings on; what cannot be read ends them with one of its own, a server that is lost does not."""
    try:
        with translated(root), apart():
            yield from findings
    except ArchiveUnreachable:
        raise
    except ArchiveError as error:
        yield Finding(file, None, None, "unreadable", f"{what}{error}")
    except SENSELESS as error:
        yield Finding(file, None, None, "unreadable", f"{what}a value that none of its kind can be: {error}")


def lacks_captures(finding: Finding) -> bool:
    """Tell whether a finding says that rows of captures are not there."""
    return finding.problem in ("rows", "foreign_key") and "captures" in f"{finding.record} {finding.detail}"
