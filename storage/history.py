"""What changed between two moments of the catalogue: sightings go in, changes come out. Reads, never writes.

Only sightings with `moved` are looked at, so the cost follows what changed. Their ids order history, since
clocks jump.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, func, select, true

from storage.catalog import articles, runs, sightings, versions
from storage.diff import compare, release_time_moved_back, severity_of
from storage.records import Article, Change, ChangeKind, State

Window = tuple[ColumnElement[bool], ...]

_MOVED = sightings.c.moved == true()
_AT = select(sightings).where(sightings.c.id == bindparam("id"))
_BEFORE = (
    select(sightings)
    .where(sightings.c.article_id == bindparam("article"), sightings.c.id < bindparam("id"), _MOVED)
    .order_by(sightings.c.id.desc())
    .limit(1)
)
_RECORD = (
    select(versions.c.record, articles.c.url)
    .join(articles)
    .where(versions.c.article_id == bindparam("article"), versions.c.number == bindparam("number"))
)
_STEPS = (
    select(versions.c.number, versions.c.reason)
    .where(
        versions.c.article_id == bindparam("article"),
        versions.c.number.between(bindparam("first"), bindparam("last")),
    )
    .order_by(versions.c.number)
)


def window(connection: Connection, since_run: int | None, until_run: int | None) -> Window:
    """Return which sightings lie after run A up to and with run B."""
    until = _run_before(connection, None) if until_run is None else until_run
    since = _run_before(connection, until) if since_run is None else since_run
    return (_MOVED, sightings.c.run_id > since, sightings.c.run_id <= until)


def _run_before(connection: Connection, run: int | None) -> int:
    """Return the last finished run before `run`, or of all; 0 when there is none."""
    query = select(func.max(runs.c.id)).where(runs.c.outcome != "running")
    return connection.scalar(query if run is None else query.where(runs.c.id < run)) or 0


def changes(connection: Connection, within: Window, site: str | None = None) -> Iterator[Change]:
    """Iterate the changes of every article that moved within the window, by cursor."""
    span = (func.min(sightings.c.id).label("first"), func.max(sightings.c.id).label("last"))
    query = select(sightings.c.article_id, *span).where(*within).group_by(sightings.c.article_id)
    if site is not None:
        query = query.join(articles).where(articles.c.site == site)
    for moved in connection.execute(query.order_by("last")).all():
        before = connection.execute(_BEFORE, {"article": moved.article_id, "id": moved.first}).first()
        after = connection.execute(_AT, {"id": moved.last}).one()
        yield from _between(connection, before, after, _article(connection, after))


def step(connection: Connection, after: Row[Any], new: Article | None = None) -> Iterator[Change]:
    """Yield what tells a sighting that moved from the one before it that did; `new` is its record."""
    before = (
        None
        if after.reason == "new"
        else connection.execute(_BEFORE, {"article": after.article_id, "id": after.id}).first()
    )
    yield from _between(connection, before, after, new or _article(connection, after))


def _between(
    connection: Connection, before: Row[Any] | None, after: Row[Any], new: Article
) -> Iterator[Change]:
    """Yield what tells two sightings of one article apart; a null `before` is an article not yet known."""
    base: dict[str, Any] = {
        "cursor": after.id,
        "article_id": new.id,
        "site": new.site,
        "url": new.url,
        "title": new.title,
        "run": after.run_id,
        "observed_at": after.observed_at,
        "from_version": before and before.version,
        "to_version": after.version,
        "from_state": before and before.state,
        "to_state": after.state,
    }
    for kind in _state_kinds(before, after):
        yield Change(kind=kind, reason=after.reason, **base)
    if before is None:
        yield Change(kind="new", reason="new", **base)
    elif before.version != after.version:
        yield from _edit(connection, base, _article(connection, before), new)


def _edit(connection: Connection, base: dict[str, Any], old: Article, new: Article) -> Iterator[Change]:
    """Yield the changed fields, what the university edited apart from what our rules read otherwise.

    Nothing of either when it was taken back in between.
    """
    span = {"article": new.id, "first": base["from_version"] + 1, "last": base["to_version"]}
    steps = connection.execute(_STEPS, span).all()
    at = base["from_version"]
    for reason, stretch in groupby(steps, lambda step: step.reason):
        last = [step.number for step in stretch][-1]
        after = new if last == base["to_version"] else _record(connection, new.id, last)
        if fields := compare(old, after):
            yield Change(
                kind="changed",
                reason=reason,
                severity=severity_of(fields),
                release_time_moved_back=reason == "edit" and release_time_moved_back(fields),
                fields=fields,
                **(base | {"from_version": at, "to_version": last}),
            )
        old, at = after, last


def _state_kinds(before: Row[Any] | None, after: Row[Any]) -> Iterator[ChangeKind]:
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


def _article(connection: Connection, at: Row[Any]) -> Article:
    return _record(connection, at.article_id, at.version)


def _record(connection: Connection, article_id: str, number: int) -> Article:
    row = connection.execute(_RECORD, {"article": article_id, "number": number}).one()
    return Article.from_json(json.loads(row.record) | {"url": row.url})
