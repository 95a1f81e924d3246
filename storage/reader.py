"""Reading an archive: rows of the catalogue and bytes of WARCs come out as the nouns of `storage.records`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, or_, select

from storage import due, files, history, warc
from storage.catalog import (
    articles,
    captures,
    layouts,
    problems,
    rulings,
    run_sites,
    runs,
    sightings,
    versions,
)
from storage.errors import ArchiveDamaged
from storage.faults import translated
from storage.records import (
    Article,
    Band,
    Capture,
    Change,
    Known,
    Layout,
    Problem,
    Ruling,
    Run,
    Sighting,
    SiteOutcome,
    Standing,
    Version,
)
from storage.standings import outcome_of, standings, state_counts
from storage.statement import Statement

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
_LIVE = (
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
_CURRENT = select(versions.c.record, *_LIVE, *CAPTURE).select_from(
    articles.join(
        versions, (versions.c.article_id == articles.c.id) & (versions.c.number == articles.c.version)
    ).join(captures, captures.c.id == versions.c.capture_id)
)
_ONE = _CURRENT.where(articles.c.id == bindparam("key"))
_LOOKED = select(articles.c.looked_at, articles.c.last_seen).where(articles.c.id == bindparam("key"))
_IS_THERE = Statement(select(articles.c.id).where(articles.c.id == bindparam("key")))
_VERSIONS = (
    select(versions, articles.c.url, articles.c.first_seen, *CAPTURE)
    .select_from(versions.join(articles).join(captures, captures.c.id == versions.c.capture_id))
    .order_by(versions.c.number)
)
_NEWEST = (captures.c.last_run.desc(), captures.c.id.desc())
_LAST = select(*CAPTURE).where(captures.c.url == bindparam("address")).order_by(*_NEWEST).limit(1)
_ANSWERED = (
    select(*CAPTURE)
    .where(captures.c.url == bindparam("address"), captures.c.status == 200)
    .where(captures.c.last_run == select(func.max(runs.c.id)).scalar_subquery())
    .order_by(captures.c.id.desc())
    .limit(1)
)
_VALIDATORS = (
    select(captures.c.etag, captures.c.last_modified)
    .where(captures.c.url == bindparam("address"), captures.c.status == 200)
    .order_by(*_NEWEST)
    .limit(1)
)


class Reader:
    """What can be asked of an archive.

    Opened for reading it shows one moment, that of its opening, while a crawl goes on writing.
    """

    def __init__(self, root: Path, connection: Connection) -> None:
        self.path = root
        self._connection = connection

    def articles(
        self,
        *,
        site: str | None = None,
        section: str | None = None,
        since: str | date | None = None,
        until: str | date | None = None,
        text: str | None = None,
    ) -> Iterator[Article]:
        """Iterate the articles as they stand now, by (site, id), in constant memory.

        `since` and `until` (inclusive) are compared with the release time as the page gives it, to their own
        precision; `text` is looked for in title and body, whatever its case.
        """
        wanted = (text or "").casefold()
        for row in self._rows(_narrowed(site, section, since, until)):
            article = _article(row)
            if wanted in article.title.casefold() or wanted in article.body.casefold():
                yield article

    def article(self, article_id: str) -> Article | None:
        """Return one article as it stands now."""
        if not self.has(article_id):  # most that is asked for is new
            return None
        row = self._row(_ONE, key=article_id)
        return _article(row) if row else None

    def looked_at(self, article_id: str) -> str | None:
        """Return up to when the article is known, the time of the last look at it; null if it is not."""
        row = self._row(_LOOKED, key=article_id)
        return max(row.looked_at, row.last_seen) if row else None

    def has(self, article_id: str) -> bool:
        """Tell whether the article is kept."""
        with translated(self.path):
            return _IS_THERE.run(self._connection, {"key": article_id}).fetchone() is not None

    def find(self, url_or_id: str) -> Article | None:
        """Return the article with that id or address, or whose page was once captured at that address."""
        if found := self.article(url_or_id):
            return found
        aliases = select(versions.c.article_id).join(captures).where(captures.c.url == url_or_id)
        query = _CURRENT.where(or_(articles.c.url == url_or_id, articles.c.id.in_(aliases)))
        return next(map(_article, self._rows(query)), None)

    def versions(self, article_id: str) -> Iterator[Version]:
        """Iterate an article's versions, oldest first."""
        return map(_version, self._rows(_VERSIONS.where(versions.c.article_id == article_id)))

    def sightings(self, article_id: str) -> Iterator[Sighting]:
        """Iterate the points of an article's history at which state, version or views moved, oldest first."""
        query = select(sightings).where(sightings.c.article_id == article_id).order_by(sightings.c.id)
        return map(history.sighting, self._rows(query))

    def views(self, article_id: str) -> Iterator[Sighting]:
        """Iterate the sightings at which the views moved, oldest first: the series."""
        last: int | None = None
        for seen in self.sightings(article_id):
            if seen.views is not None and seen.views != last:
                yield seen
                last = seen.views

    def changes(
        self,
        *,
        since_run: int | None = None,
        until_run: int | None = None,
        cursor: int | None = None,
        site: str | None = None,
    ) -> Iterator[Change]:
        """Iterate what differs between the archive as of `since_run` and as of `until_run`, by cursor.

        By default the last finished run against the one before it; with `cursor`, all after that change.
        The cost follows what changed, not what is kept.
        """
        with translated(self.path):
            within = history.window(self._connection, since_run, until_run, cursor)
            yield from history.changes(self._connection, within, site)

    def states(self) -> dict[str, dict[str, int]]:
        """Return how many articles each site has in each state."""
        with translated(self.path):
            return state_counts(self._connection)

    def standings(self) -> list[Standing]:
        """Return how each site stands after its own newest run, by name."""
        with translated(self.path):
            return standings(self._connection)

    def runs(self) -> list[Run]:
        """Return every run, oldest first."""
        return [_run(row) for row in self._rows(select(runs).order_by(runs.c.id))]

    def sites(self, run: int) -> list[SiteOutcome]:
        """Return how each site of a run went."""
        query = select(run_sites).where(run_sites.c.run_id == run).order_by(run_sites.c.site)
        return [outcome_of(row) for row in self._rows(query)]

    def outcomes(self, site: str) -> Iterator[SiteOutcome]:
        """Iterate how a site went in crawl after crawl, the newest first."""
        crawls = select(run_sites).join(runs).where(run_sites.c.site == site, runs.c.kind == "crawl")
        query = crawls.order_by(run_sites.c.run_id.desc())
        return map(outcome_of, self._rows(query))

    def layouts(self, site: str) -> list[Layout]:
        """Return what was learned of a site's pages, oldest first: a seed's last one is in force."""
        query = select(layouts).where(layouts.c.site == site).order_by(layouts.c.revision)
        return [_layout(row) for row in self._rows(query)]

    def rulings(self, run: int) -> list[Ruling]:
        """Return what the robots.txt of each host allowed in a run."""
        query = select(rulings).where(rulings.c.run_id == run).order_by(rulings.c.host)
        return [_ruling(row) for row in self._rows(query)]

    def ruling(self, host: str) -> Ruling | None:
        """Return what was ruled last on a host."""
        query = select(rulings).where(rulings.c.host == host).order_by(rulings.c.run_id.desc()).limit(1)
        return next(map(_ruling, self._rows(query)), None)

    def problems(self, run: int) -> Iterator[Problem]:
        """Iterate the URLs that gave nothing in a run."""
        query = select(problems).where(problems.c.run_id == run).order_by(problems.c.site, problems.c.url)
        for row in self._rows(query):
            yield Problem(row.site, row.url, row.reason, row.detail, row.observed_at)

    def known(
        self, site: str, seed: str, article_ids: Iterable[str], bands: Sequence[Band], now: datetime
    ) -> dict[str, Known]:
        """Return what is known of addresses a listing shows, by article id; unknown ones are left out."""
        with translated(self.path):
            return due.known(self._connection, site, seed, list(article_ids), bands, warc.stamp(now))

    def due(self, site: str, bands: Sequence[Band], now: datetime, run: int) -> Iterator[tuple[str, str]]:
        """Iterate (id, url) of the articles that are due and not yet looked at in `run`, youngest first."""
        return ((row.id, row.url) for row in self._rows(due.due(site, bands, warc.stamp(now), run)))

    def refresh(self) -> None:
        """Let go of the moment that is shown: the next question sees what was committed until then."""
        self._connection.rollback()

    def payload(self, capture: Capture) -> tuple[bytes, bytes]:
        """Return (head, body) of a kept response; raises ArchiveDamaged unless it is what was captured."""
        with translated(self.path):
            path = files.locate(self.path, capture.warc)
            head, body = warc.read_exchange(path, capture.offset, capture.length)
        if warc.payload_digest(body) != capture.payload_digest:
            raise ArchiveDamaged(f"{path}: the payload at offset {capture.offset} is not the one captured")
        return head, body

    def kept(self, url: str) -> Capture | None:
        """Return the capture of that address whose payload was seen last."""
        row = self._row(_LAST, address=url)
        return as_capture(row) if row else None

    def answered(self, url: str) -> Capture | None:
        """Return the page that address gave in the newest run, if it gave one."""
        row = self._row(_ANSWERED, address=url)
        return as_capture(row) if row else None

    def validators(self, url: str) -> tuple[str | None, str | None]:
        """Return (ETag, Last-Modified) to ask with whether the address still has what is kept."""
        row = self._row(_VALIDATORS, address=url)
        return (row.etag, row.last_modified) if row else (None, None)

    def _row(self, query: Select[Any], **values: Any) -> AnyRow | None:
        """Return the first row of a query that was made once: building one takes longer than answering it."""
        with translated(self.path):
            return self._connection.execute(query, values).first()

    def _rows(self, query: Select[Any]) -> Iterator[AnyRow]:
        with translated(self.path):
            yield from self._connection.execute(query.execution_options(yield_per=200))


def _narrowed(
    site: str | None, section: str | None, since: str | date | None, until: str | date | None
) -> Select[Any]:
    query = _CURRENT.order_by(articles.c.site, articles.c.id)
    released = articles.c.release_time
    if site is not None:
        query = query.where(articles.c.site == site)
    if section is not None:
        query = query.where(articles.c.section == section)
    if since is not None:
        query = query.where(released >= _iso(since))
    if until is not None:
        query = query.where(func.substr(released, 1, len(_iso(until))) <= _iso(until))
    return query


def _iso(day: str | date) -> str:
    return day if isinstance(day, str) else day.isoformat()


def as_capture(row: AnyRow) -> Capture:
    """Return a row with the columns of `CAPTURE` as a value."""
    return Capture(**{column.name: row._mapping[column] for column in CAPTURE})


def _article(row: AnyRow) -> Article:
    live = {column.name: row._mapping[column] for column in _LIVE}
    return replace(Article.from_json(json.loads(row.record)), capture=as_capture(row), **live)


def _version(row: AnyRow) -> Version:
    article = replace(
        Article.from_json(json.loads(row.record)),
        url=row.url,
        version=row.number,
        first_seen=row.first_seen,
        last_changed=row.created_at,
        capture=as_capture(row),
    )
    return Version(row.number, row.run_id, row.created_at, row.reason, article)


def _layout(row: AnyRow) -> Layout:
    return Layout(row.site, row.revision, row.seed, row.learned_at, row.rules, tuple(row.samples))


def _ruling(row: AnyRow) -> Ruling:
    return Ruling(row.host, row.decision, row.url, row.status, row.read_at, row.crawl_delay, row.delay)


def _run(row: AnyRow) -> Run:
    return Run(row.id, row.started_at, row.finished_at, row.outcome, row.counts, row.kind)
