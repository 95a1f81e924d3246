"""What changed between two moments of the catalogue: sightings go in, changes come out. Reads, never writes.

Only sightings with `moved` are looked at, so the cost follows what changed. Their ids order history, since
clocks jump. Rows come some hundred changes at a time: a question for each would cost more than its answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, select, true

from storage.catalog import articles, sightings, versions
from storage.comparison import Record, unpack
from storage.diff import compare, release_time_moved_back, severity_of
from storage.records import Article, Change, ChangeKind, FieldChange, State
from storage.rows import AnyRow
from storage.statement import rows

Window = tuple[ColumnElement[bool], ...]

# Of a version, what `between` needs beside a sighting and the site and address of its article.
MADE = (versions.c.record, versions.c.compared, versions.c.reason.label("made_for"))
_MOVED = sightings.c.moved == true()
_EARLIER = sightings.alias("earlier")
_POINT = (sightings.c.id, sightings.c.version, sightings.c.standing, sightings.c.state)
_SEEN = (sightings.c.article_id, sightings.c.run_id, sightings.c.observed_at, sightings.c.reason)
_POINTS = select(*_POINT).where(sightings.c.id.in_(bindparam("ids", expanding=True)))
_WITH_RECORD = (
    select(*_POINT, *_SEEN, *MADE, articles.c.site, articles.c.url)
    .join(articles, articles.c.id == sightings.c.article_id)
    .join(
        versions,
        (versions.c.article_id == sightings.c.article_id) & (versions.c.number == sightings.c.version),
    )
    .where(sightings.c.id.in_(bindparam("ids", expanding=True)))
)
_STEPS = (
    select(versions.c.number, versions.c.reason)
    .where(
        versions.c.article_id == bindparam("article"),
        versions.c.number.between(bindparam("first"), bindparam("last")),
    )
    .order_by(versions.c.number)
)
_RECORD = select(versions.c.record).where(
    versions.c.article_id == bindparam("article"), versions.c.number == bindparam("number")
)
_AT_ONCE = 250  # changes whose rows are asked for in one question


def window(first: int, last: int) -> Window:
    """Return which sightings lie after one run, up to and with another."""
    return (_MOVED, sightings.c.run_id > first, sightings.c.run_id <= last)


def changes(connection: Connection, within: Window, site: str | None = None) -> Iterator[Change]:
    """Iterate the changes of every article that moved within the window, by cursor."""
    span = (func.min(sightings.c.id).label("first"), func.max(sightings.c.id).label("last"))
    query = select(sightings.c.article_id, *span).where(*within).group_by(sightings.c.article_id)
    if site is not None:
        query = query.join(articles).where(articles.c.site == site)
    moved = query.subquery("moved")
    was = before(moved.c.article_id, moved.c.first)
    pairs = select(moved.c.last, *_POINT).outerjoin_from(moved, sightings, sightings.c.id == was)
    for some in few(rows(connection, pairs.order_by(moved.c.last))):
        now = points(connection, (pair.last for pair in some), _WITH_RECORD)
        for pair in some:
            yield from between(connection, pair if pair.id else None, now[pair.last])


def before(article: ColumnElement[str], first: ColumnElement[int]) -> ColumnElement[int | None]:
    """Return the id of the sighting at which an article had moved before the one with that id."""
    earlier = (_EARLIER.c.article_id == article, _EARLIER.c.id < first, _EARLIER.c.moved == true())
    return select(func.max(_EARLIER.c.id)).where(*earlier).scalar_subquery().label("before")


def few(rows: Iterable[AnyRow]) -> Iterator[list[AnyRow]]:
    """Yield the rows some hundred at a time."""
    source = iter(rows)
    while some := list(islice(source, _AT_ONCE)):
        yield some


def points(
    connection: Connection, ids: Iterable[int | None], query: Select[Any] = _POINTS
) -> dict[int | None, AnyRow]:
    """Return sightings by id."""
    wanted = {key for key in ids if key is not None}
    found = connection.execute(query, {"ids": list(wanted)}).all() if wanted else []
    return {row.id: row for row in found}


def between(
    connection: Connection, before: AnyRow | None, after: AnyRow, record: Record | None = None
) -> Iterator[Change]:
    """Yield what tells two points of one article apart; a null `before` is an article not yet known.

    `record` is that of `after`, for who has read it already.
    """
    new = record or json.loads(after.record)
    base: dict[str, Any] = {
        "cursor": after.id,
        "article_id": after.article_id,
        "site": after.site,
        "url": after.url,
        "title": new["title"],
        "run": after.run_id,
        "observed_at": after.observed_at,
        "from_state": before and before.state,
        "to_state": after.state,
    }
    whole = {"from_version": before and before.version, "to_version": after.version}
    for kind in _state_kinds(before, after):
        yield Change(kind=kind, reason=after.reason, **base, **whole)
    if before is None:
        yield Change(kind="new", reason="new", **base, **whole)
    elif before.version != after.version:
        yield from _edits(connection, base, before, after, new)


def _edits(
    connection: Connection, base: dict[str, Any], before: AnyRow, after: AnyRow, new: Record
) -> Iterator[Change]:
    """Yield the changed fields, what the university edited apart from what our rules read otherwise.

    Nothing of either when it was taken back in between.
    """
    at = before.version
    for last, reason in _stretches(connection, before, after):
        if fields := _fields(connection, after, at, last, new):
            yield Change(
                kind="changed",
                reason=reason,
                severity=severity_of(fields),
                release_time_moved_back=reason == "edit" and release_time_moved_back(fields),
                fields=fields,
                from_version=at,
                to_version=last,
                **base,
            )
        at = last


def _fields(
    connection: Connection, after: AnyRow, first: int, last: int, new: Record
) -> tuple[FieldChange, ...]:
    """Return what differs between two versions, as found when the later was written if it came next.

    `new` is the record of `after`.
    """
    if last == after.version == first + 1 and (found := unpack(after.compared, new)) is not None:
        return found
    sides = (new if at == after.version else _record(connection, after, at) for at in (first, last))
    return compare(*(Article.from_json(record | {"url": after.url}) for record in sides))


def _record(connection: Connection, of: AnyRow, number: int) -> Record:
    """Return an article's record as of a version."""
    found = connection.execute(_RECORD, {"article": of.article_id, "number": number}).scalar_one()
    record: Record = json.loads(found)
    return record


def _stretches(connection: Connection, before: AnyRow, after: AnyRow) -> list[tuple[int, Any]]:
    """Return (last version, reason) of each stretch of versions that were made for one reason."""
    if after.version == before.version + 1:
        return [(after.version, after.made_for)]
    span = {"article": after.article_id, "first": before.version + 1, "last": after.version}
    steps = connection.execute(_STEPS, span).all()
    return [([step.number for step in each][-1], reason) for reason, each in groupby(steps, _reason)]


def _reason(step: AnyRow) -> Any:
    return step.reason


def _state_kinds(before: AnyRow | None, after: AnyRow) -> Iterator[ChangeKind]:
    """Yield the states that are news: the standing when it moved, and a look that failed when it is shown.

    Going on as before is none: an error that passed, or a restored article that stays.
    """
    was: State = before.standing if before else "live"
    if after.standing != was:
        if after.standing != "live":
            yield after.standing
        elif was != "restored":
            yield "restored"
    if after.state in ("blocked", "error") and after.state != (before and before.state):
        yield after.state
