"""What a rebuilt catalogue still needs once every record was taken in. Writes the catalogue.

Where records are missing, rows may speak of what is not there, and an article may have stood on a list that
no row names: then nothing is concluded from its absence.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, func, literal, null, select

from storage.catalog import articles, captures, listed, listings, run_sites, runs, sightings, versions
from storage.catalog import metadata as catalogue
from storage.replay import Replay


def finish(connection: Connection, replay: Replay, *, lossy: bool) -> dict[str, int]:
    """Finish a catalogue and return how many rows each table has."""
    _end_runs(connection, replay)
    _walk_again(connection, replay)
    if lossy:
        _reconcile(connection)
    if lossy or (replay.told and max(replay.told) not in replay.ended):
        _doubt_absence(connection)
    return {
        table.name: connection.scalar(select(func.count()).select_from(table)) or 0
        for table in catalogue.sorted_tables
    }


def unread_pages(connection: Connection, replay: Replay) -> int:
    """Return of how many pages no record is kept, in runs from before there was a journal."""
    before = min(replay.told, default=None)
    read = select(versions.c.capture_id)
    query = select(func.count()).where(captures.c.status == 200, captures.c.media_type.like("text/html%"))
    query = query.where(captures.c.id.not_in(read))
    return connection.scalar(query if before is None else query.where(captures.c.run_id < before)) or 0


def _end_runs(connection: Connection, replay: Replay) -> None:
    """Date the runs that no record dates, and end those that another followed without a word of their end."""
    newest = connection.scalar(select(func.max(runs.c.id)))
    mine = captures.c.run_id == runs.c.id
    first, last = (
        select(each(captures.c.fetched_at)).where(mine).scalar_subquery() for each in (func.min, func.max)
    )
    undated = runs.update().where(runs.c.started_at == "")
    connection.execute(undated.values(started_at=func.coalesce(first, "")))
    ended = {"outcome": "incomplete", "finished_at": func.coalesce(last, runs.c.started_at)}
    for run in connection.scalars(select(runs.c.id).where(runs.c.finished_at.is_(None))).all():
        if run != newest or run not in replay.told:
            connection.execute(runs.update().where(runs.c.id == run).values(ended))


def _walk_again(connection: Connection, replay: Replay) -> None:
    """Have the lists walked to their end of which the newest crawl left something on its frontier."""
    newest = (
        select(run_sites.c.site, func.max(run_sites.c.run_id).label("run"))
        .join(runs, runs.c.id == run_sites.c.run_id)
        .where(runs.c.kind == "crawl")
        .group_by(run_sites.c.site)
    )
    for site, run in connection.execute(newest).all():
        left = replay.waiting.get(site, (0, 0))
        if run not in replay.ended or (left[0] == run and left[1]):
            connection.execute(listings.update().where(listings.c.site == site).values(whole=False))


def _reconcile(connection: Connection) -> None:
    """Let every row speak of a version that is there, and every article have a point of its history."""
    later = (
        versions.c.number
        > select(articles.c.version).where(articles.c.id == versions.c.article_id).scalar_subquery()
    )
    connection.execute(versions.delete().where(later))
    there = versions.alias()
    mine = there.c.article_id == sightings.c.article_id
    lost = ~select(there.c.number).where(mine, there.c.number == sightings.c.version).exists()
    before = select(func.max(there.c.number)).where(mine, there.c.number < sightings.c.version)
    after = select(func.min(there.c.number)).where(mine)
    nearest = func.coalesce(before.scalar_subquery(), after.scalar_subquery())
    connection.execute(sightings.update().where(lost).values(version=nearest))
    connection.execute(sightings.insert().from_select(list(_SEEN), _unsighted()))


_SEEN = {
    "article_id": articles.c.id,
    "run_id": articles.c.last_run,
    "observed_at": articles.c.last_seen,
    "standing": articles.c.standing,
    "state": articles.c.state,
    "version": articles.c.version,
    "views": articles.c.views,
    "views_source": articles.c.views_source,
    "reason": literal("new"),
    "moved": literal(True),
}


def _unsighted() -> Select[Any]:
    seen = select(sightings.c.id).where(sightings.c.article_id == articles.c.id, sightings.c.moved)
    return select(*_SEEN.values()).where(~seen.exists())


def _doubt_absence(connection: Connection) -> None:
    """Write that every article may have stood on every list of its site: only all of them can miss it now."""
    pairs = articles.join(listings, listings.c.site == articles.c.site)
    stands = select(listed.c.run_id).where(
        listed.c.article_id == articles.c.id, listed.c.listing_id == listings.c.id
    )
    maybe = select(articles.c.id, listings.c.id, literal(0), null(), null()).select_from(pairs)
    names = ["article_id", "listing_id", "run_id", "line", "released"]
    connection.execute(listed.insert().from_select(names, maybe.where(~stands.exists())))
