"""The archive as it stood after an earlier run: what sightings and versions still tell of it. Reads only.

Exact are which articles there were, their version with title, body, release time, images and attachments,
their state, their views, `first_seen` and `last_changed`. What the catalogue keeps only of now is told so:

* `last_seen` and `views_observed_at` move with every look, and a look that found nothing new leaves no trace.
  Of an article looked at again since, they are the newest trace up to then: when it was last read with
  something to tell, and when its views became what they were. It was seen at that time, and perhaps later.
* Details that make no version (author, section, HTML, rules, address; `refreshed` in the change stream) are
  those last read for that version, and `capture` is the page they were read from.

After the last run all of it is what `storage.chosen` tells of now.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select, true

from storage.catalog import articles, captures, runs, sightings, versions
from storage.choice import Choice
from storage.records import REFRESHED, Article
from storage.rows import CAPTURE, AnyRow

# Why there is a sighting, where the article was read; any other tells of a look that read nothing.
_READ = ("new", "edit", "rules", "seen", "unlisted", "alive", REFRESHED)
_LOOK = ("crawl", "backfill")  # a run of another kind reads what is kept, and sees nothing
_PLAIN = ("site", "first_seen", "version", "state", "views", "views_source", "views_observed_at", "last_seen")
_CAPTURE = tuple(column.name for column in CAPTURE)


def records(run: int) -> Select[Any]:
    """Return the query for every article with its record as of after a run, a row for `as_record` each."""
    then, seen = sightings.alias("then"), sightings.alias("seen")
    up_to = (seen.c.article_id == articles.c.id, seen.c.run_id <= run)
    newest = select(func.max(seen.c.id)).where(*up_to).correlate(articles).scalar_subquery()
    untouched = (articles.c.last_run <= run) & ~_later(run)
    edits = (versions.c.article_id == articles.c.id, versions.c.run_id <= run, versions.c.reason == "edit")
    edited = select(func.max(versions.c.created_at)).where(*edits).correlate(articles).scalar_subquery()
    looks = runs.c.kind.in_(_LOOK)
    reading = select(func.max(seen.c.observed_at)).join(runs, runs.c.id == seen.c.run_id)
    reading = reading.where(*up_to, looks, seen.c.reason.in_(_READ))
    return (
        select(
            versions.c.record,
            edited,
            articles.c.site,
            articles.c.first_seen,
            then.c.version,
            then.c.state,
            then.c.views,
            case((untouched, articles.c.views_source), else_=then.c.views_source),
            case((untouched, articles.c.views_observed_at), else_=_moved_to(then, run)),
            case((untouched, articles.c.last_seen), else_=reading.correlate(articles).scalar_subquery()),
            *CAPTURE,
        )
        .select_from(articles)
        .join(then, then.c.id == newest)
        .join(versions, (versions.c.article_id == then.c.article_id) & (versions.c.number == then.c.version))
        .join(captures, captures.c.id == versions.c.capture_id)
    )


def as_record(row: AnyRow) -> Article:
    """Return a row of `records` as an article."""
    record, edited, *values = row
    known = dict(zip(_PLAIN, values, strict=False))
    known["last_changed"] = max(known["first_seen"], edited or "")
    known["capture"] = dict(zip(_CAPTURE, values[len(_PLAIN) :], strict=True))
    return Article.from_json(json.loads(record) | known)


def known(choice: Choice, run: int) -> list[ColumnElement[bool]]:
    """Return what rows of `articles` have to meet to have been there, of what lasts in a choice."""
    there = select(versions.c.article_id).where(
        versions.c.article_id == articles.c.id, versions.c.number == 1, versions.c.run_id <= run
    )
    found = [*choice.lasting(), there.exists()]
    if choice.since_run is not None:
        moved = (
            sightings.c.moved == true(),
            sightings.c.run_id > choice.since_run,
            sightings.c.run_id <= run,
        )
        found.append(articles.c.id.in_(select(sightings.c.article_id).where(*moved)))
    return found


def _later(run: int) -> ColumnElement[bool]:
    """Tell of a row of `articles` whether anything was seen of it after a run."""
    later = sightings.alias("later")
    query = select(later.c.id).where(later.c.article_id == articles.c.id, later.c.run_id > run)
    return query.correlate(articles).exists()


def _moved_to(then: Any, run: int) -> ColumnElement[Any]:
    """Return when the views became what they were then."""
    other, first = sightings.alias("other"), sightings.alias("first")
    differing = (
        select(func.max(other.c.id))
        .where(other.c.article_id == then.c.article_id, other.c.id < then.c.id)
        .where(other.c.views.is_distinct_from(then.c.views))
        .correlate(then)
        .scalar_subquery()
    )
    since = (
        select(func.min(first.c.observed_at))
        .where(first.c.article_id == then.c.article_id, first.c.run_id <= run, first.c.id <= then.c.id)
        .where(or_(differing.is_(None), first.c.id > differing))
        .correlate(then)
        .scalar_subquery()
    )
    return case((then.c.views.is_(None), None), else_=since)
