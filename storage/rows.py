"""Rows of the catalogue in, the nouns of `storage.records` out. Pure.

A query that selects `CAPTURE` or `LIVE` beside a version's record gives rows that are read here.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from sqlalchemy import Row

from storage.catalog import articles, captures
from storage.records import Article, Capture, Layout, Ruling, Run, Sighting, Version

AnyRow = Row[*tuple[Any, ...]]
CAPTURE = (
    captures.c.warc,
    captures.c.offset,
    captures.c.length,
    captures.c.record_id,
    captures.c.payload_digest,
    captures.c.status,
    captures.c.fetched_at,
)
LIVE = (
    articles.c.site,
    articles.c.url,
    articles.c.section,
    articles.c.views,
    articles.c.views_source,
    articles.c.views_observed_at,
    articles.c.version,
    articles.c.state,
    articles.c.first_seen,
    articles.c.last_seen,
    articles.c.last_changed,
)
_LIVE, _CAPTURE = (tuple(column.name for column in part) for part in (LIVE, CAPTURE))


def as_capture(row: AnyRow) -> Capture:
    """Return a row with the columns of `CAPTURE` as a value."""
    return Capture(**{column.name: row._mapping[column] for column in CAPTURE})


def as_article(row: AnyRow) -> Article:
    """Return an article as it stands now, of a row of exactly its record, `LIVE` and `CAPTURE`."""
    record, *values = row  # by place: exports read millions of them
    live, capture = values[: len(LIVE)], values[len(LIVE) :]
    known = dict(zip(_LIVE, live, strict=True)) | {"capture": dict(zip(_CAPTURE, capture, strict=True))}
    return Article.from_json(json.loads(record) | known)


def as_version(row: AnyRow) -> Version:
    """Return a version; what is known only of now is null in its article."""
    article = replace(
        Article.from_json(json.loads(row.record)),
        url=row.url,
        version=row.number,
        first_seen=row.first_seen,
        last_changed=row.created_at,
        capture=as_capture(row),
    )
    return Version(row.number, row.run_id, row.created_at, row.reason, article)


def as_layout(row: AnyRow) -> Layout:
    """Return a layout."""
    return Layout(row.site, row.revision, row.seed, row.learned_at, row.rules, tuple(row.samples))


def as_ruling(row: AnyRow) -> Ruling:
    """Return a ruling."""
    return Ruling(row.host, row.decision, row.url, row.status, row.read_at, row.crawl_delay, row.delay)


def as_run(row: AnyRow) -> Run:
    """Return a run."""
    return Run(row.id, row.started_at, row.finished_at, row.outcome, row.counts, row.kind)


def as_sighting(row: AnyRow) -> Sighting:
    """Return a sighting."""
    return Sighting(
        row.id,
        row.article_id,
        row.run_id,
        row.observed_at,
        row.state,
        row.version,
        row.views,
        row.views_source,
    )
