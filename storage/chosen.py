"""What an archive holds of a choice of articles (records, versions, views, figures), by (site, id). Reads.

Rows come a few at a time, and never in an order that the database has to make by sorting records.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from storage.catalog import articles, captures, sightings, versions
from storage.choice import Choice
from storage.records import Article, Sighting, Version
from storage.rows import CAPTURE, LIVE, AnyRow, as_article, as_sighting, as_version
from storage.statement import rows

Span = tuple[str, str, int, str | None, str | None]

CURRENT = select(versions.c.record, *LIVE, *CAPTURE).select_from(
    articles.join(
        versions, (versions.c.article_id == articles.c.id) & (versions.c.number == articles.c.version)
    ).join(captures, captures.c.id == versions.c.capture_id)
)
VERSIONS = select(versions, articles.c.url, articles.c.first_seen, *CAPTURE).select_from(
    versions.join(articles).join(captures, captures.c.id == versions.c.capture_id)
)
_VIEWED = select(sightings).join(articles).where(sightings.c.views.is_not(None))
_SORTED = (articles.c.site, articles.c.id)
_AT_ONCE = 500  # articles whose rows are asked for in one question


def records(connection: Connection, choice: Choice) -> Iterator[Article]:
    """Iterate the articles as they stand now."""
    if choice.since_run is None:  # in the order of an index, and an eighth faster
        query = CURRENT.where(*choice.conditions()).order_by(*_SORTED)
        return map(as_article, rows(connection, query))
    return map(as_article, _of(connection, choice, CURRENT))


def histories(connection: Connection, choice: Choice) -> Iterator[Version]:
    """Iterate every version of the articles, by number."""
    return map(as_version, _of(connection, choice, VERSIONS, versions.c.number))


def series(connection: Connection, choice: Choice) -> Iterator[Sighting]:
    """Iterate the sightings at which the views moved, oldest first."""
    last: tuple[str, int | None] | None = None
    for seen in map(as_sighting, _of(connection, choice, _VIEWED, sightings.c.id)):
        if (seen.article_id, seen.views) != last:
            yield seen
            last = (seen.article_id, seen.views)


def spans(connection: Connection, choice: Choice) -> list[Span]:
    """Return (site, state, how many, first day, last day), by site and state."""
    day = func.substr(articles.c.release_time, 1, 10)
    group = (articles.c.site, articles.c.state)
    query = select(*group, func.count(), func.min(day), func.max(day)).where(*choice.conditions())
    return [tuple(row) for row in connection.execute(query.group_by(*group).order_by(*group))]


def _of(
    connection: Connection, choice: Choice, query: Select[Any], *then: ColumnElement[Any]
) -> Iterator[AnyRow]:
    """Yield the rows of a query over `articles`, some articles at a time."""
    ids = rows(connection, select(articles.c.id).where(*choice.conditions()).order_by(*_SORTED))
    while some := [row.id for row in islice(ids, _AT_ONCE)]:
        yield from rows(connection, query.where(articles.c.id.in_(some)).order_by(*_SORTED, *then))
