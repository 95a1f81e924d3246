"""The archive's history as one stream of events, each once, by cursor. Reads, never writes.

A cursor is the id of a sighting. There is one writer and ids only rise, so what is committed later lies
after every cursor handed out before: nothing is lost and nothing comes twice, however reading is split.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Select, or_, select, true

from storage import history
from storage.catalog import articles, captures, sightings, versions
from storage.choice import Choice
from storage.comparison import Record
from storage.errors import UnknownCursor
from storage.records import REFRESHED, Article, Change, Event, EventKind
from storage.rows import CAPTURE, AnyRow, as_capture
from storage.statement import rows

TOMBSTONES = ("hidden", "withdrawn")
_NOW = (articles.c.site, articles.c.url, articles.c.section, articles.c.first_seen, articles.c.last_changed)
_BEFORE = history.before(sightings.c.article_id, sightings.c.id)
_AT = select(sightings, *history.MADE, _BEFORE, *_NOW, *CAPTURE).select_from(
    sightings.join(articles, articles.c.id == sightings.c.article_id)
    .join(
        versions,
        (versions.c.article_id == sightings.c.article_id) & (versions.c.number == sightings.c.version),
    )
    .join(captures, captures.c.id == versions.c.capture_id)
)


def newest(connection: Connection, run: int | None = None) -> int:
    """Return the cursor of the newest event there is, or was after a run; 0 before any."""
    query = select(sightings.c.id).order_by(sightings.c.id.desc()).limit(1)
    return connection.scalar(query if run is None else query.where(sightings.c.run_id <= run)) or 0


def expect(connection: Connection, after: int) -> None:
    """Raise UnknownCursor for one that this archive cannot have handed out."""
    if not 0 <= after <= newest(connection):
        raise UnknownCursor(
            f"cursor {after} was not given by this archive, whose newest is {newest(connection)}: name "
            "another archive, or begin again from 0"
        )


def events(
    connection: Connection,
    after: int,
    choice: Choice,
    run: int | None = None,
    *,
    views: bool = False,
    newest_first: bool = False,
) -> Iterator[Event]:
    """Iterate what happened after a cursor, and up to a run; views only with `views`."""
    query = _after(_AT, after, choice, views).order_by(
        sightings.c.id.desc() if newest_first else sightings.c.id
    )
    if run is not None:
        query = query.where(sightings.c.run_id <= run)
    for row, earlier in _with_earlier(connection, query):
        record = json.loads(row.record)
        told = tuple(history.between(connection, earlier, row, record)) if row.moved else ()
        yield _event(row, told, _article(row, record))


def changes(connection: Connection, after: int, choice: Choice, run: int | None = None) -> Iterator[Change]:
    """Iterate every change after a cursor and up to a run, each between two sightings on end."""
    query = _after(_AT.where(sightings.c.moved == true()), after, choice, False)
    if run is not None:
        query = query.where(sightings.c.run_id <= run)
    for row, earlier in _with_earlier(connection, query.order_by(sightings.c.id)):
        yield from history.between(connection, earlier, row)


def _with_earlier(connection: Connection, query: Select[Any]) -> Iterator[tuple[AnyRow, AnyRow | None]]:
    """Yield each sighting, and the one at which its article had moved before, if any."""
    for some in history.few(rows(connection, query)):
        earlier = history.points(connection, (row.before for row in some if row.moved))
        for row in some:
            yield row, earlier.get(row.before)


def _after(query: Select[Any], after: int, choice: Choice, views: bool) -> Select[Any]:
    told = () if views else (or_(sightings.c.moved == true(), sightings.c.reason == REFRESHED),)
    run = () if choice.since_run is None else (sightings.c.run_id > choice.since_run,)
    # Not by an index of the sites: that would read each article of one, and sort, at every poll.
    site = () if choice.site is None else (articles.c.site + "" == choice.site,)
    rest = replace(choice, site=None, since_run=None).conditions()
    return query.where(sightings.c.id > after, *told, *run, *site, *rest)


def _event(row: AnyRow, changes: tuple[Change, ...], article: Article) -> Event:
    moved = [change for change in changes if change.kind == "changed"]
    edit = next((change for change in moved if change.reason == "edit"), next(iter(moved), None))
    first = changes[0] if changes else None
    return Event(
        cursor=row.id,
        kinds=tuple(dict.fromkeys(change.kind for change in changes)) or (_quiet(row),),
        tombstone=row.standing in TOMBSTONES,
        run=row.run_id,
        observed_at=row.observed_at,
        from_version=first.from_version if first else row.version,
        from_state=first.from_state if first else row.state,
        reason=edit.reason or row.reason if edit else row.reason,
        severity=edit.severity if edit else None,
        release_time_moved_back=edit is not None and edit.release_time_moved_back,
        fields=edit.fields if edit else (),
        article=article,
    )


def _quiet(row: AnyRow) -> EventKind:
    if row.moved:
        return "settled"
    return "refreshed" if row.reason == REFRESHED else "views"


def _article(row: AnyRow, record: Record) -> Article:
    """Return the record as it stood at a sighting; site, section, address and last change are of now."""
    kept = Article.from_json(record)
    return replace(
        kept,
        site=row.site,
        url=row.url,
        section=row.section,
        views=row.views,
        views_source=row.views_source,
        views_observed_at=row.observed_at if row.views is not None else None,
        version=row.version,
        state=row.state,
        first_seen=row.first_seen,
        last_seen=row.observed_at,
        last_changed=row.last_changed,
        capture=as_capture(row),
    )
