"""What an archive holds of a choice of articles (records, versions, views, figures), by (site, id). Reads.

`run` is the one whose end the choice is as of, null for now. Rows come a few at a time, and never in an order
that the database has to make by sorting records.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from storage import asof
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


def records(connection: Connection, choice: Choice, run: int | None = None) -> Iterator[Article]:
    """Iterate the articles as they stand, or stood after a run."""
    if run is not None:
        stood = _of(connection, _named(connection, asof.known(choice, run)), asof.records(run))
        return filter(choice.takes, map(asof.as_record, stood))
    if choice.since_run is None:  # in the order of an index, and an eighth faster
        return map(as_article, rows(connection, CURRENT.where(*choice.conditions()).order_by(*_SORTED)))
    return map(as_article, _of(connection, _ids(connection, choice, run), CURRENT))


def histories(connection: Connection, choice: Choice, run: int | None = None) -> Iterator[Version]:
    """Iterate every version of the articles, by number."""
    query = VERSIONS if run is None else VERSIONS.where(versions.c.run_id <= run)
    return map(as_version, _of(connection, _ids(connection, choice, run), query, versions.c.number))


def series(connection: Connection, choice: Choice, run: int | None = None) -> Iterator[Sighting]:
    """Iterate the sightings at which the views moved, oldest first."""
    query = _VIEWED if run is None else _VIEWED.where(sightings.c.run_id <= run)
    last: tuple[str, int | None] | None = None
    seen_at = _of(connection, _ids(connection, choice, run), query, sightings.c.id)
    for seen in map(as_sighting, seen_at):
        if (seen.article_id, seen.views) != last:
            yield seen
            last = (seen.article_id, seen.views)


def spans(connection: Connection, choice: Choice, run: int | None = None) -> list[Span]:
    """Return (site, state, how many, first day, last day), by site and state."""
    if run is not None:
        return _counted(records(connection, choice, run))
    day = func.substr(articles.c.release_time, 1, 10)
    group = (articles.c.site, articles.c.state)
    query = select(*group, func.count(), func.min(day), func.max(day)).where(*choice.conditions())
    return [tuple(row) for row in connection.execute(query.group_by(*group).order_by(*group))]


def _counted(found: Iterator[Article]) -> list[Span]:
    """Return the spans of records, which no index has of an earlier moment."""
    count: Counter[tuple[str, str]] = Counter()
    days: dict[tuple[str, str], tuple[str, str]] = {}
    for article in found:
        group = (article.site, str(article.state))
        count[group] += 1
        if article.release_time:
            day = article.release_time[:10]
            first, last = days.get(group, (day, day))
            days[group] = (min(first, day), max(last, day))
    return [(*group, count[group], *days.get(group, (None, None))) for group in sorted(count)]


def _ids(connection: Connection, choice: Choice, run: int | None) -> Iterator[str]:
    """Yield the ids of the articles, of those of an earlier moment by reading the records if need be."""
    if run is not None and (choice.section is not None or any(choice.span)):
        yield from (article.id for article in records(connection, choice, run))
    else:
        yield from _named(connection, choice.conditions() if run is None else asof.known(choice, run))


def _named(connection: Connection, conditions: list[ColumnElement[bool]]) -> Iterator[str]:
    for row in rows(connection, select(articles.c.id).where(*conditions).order_by(*_SORTED)):
        yield row.id


def _of(
    connection: Connection, ids: Iterator[str], query: Select[Any], *then: ColumnElement[Any]
) -> Iterator[AnyRow]:
    """Yield the rows of a query over `articles`, some articles at a time."""
    while some := list(islice(ids, _AT_ONCE)):
        yield from rows(connection, query.where(articles.c.id.in_(some)).order_by(*_SORTED, *then))
