"""Reading an archive: rows of the catalogue and bytes of WARCs come out as the nouns of `storage.records`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, or_, select

from storage import chosen, due, files, history, stream, warc
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
from storage.choice import ALL, Choice
from storage.chosen import CURRENT, VERSIONS, Span
from storage.errors import ArchiveDamaged
from storage.faults import translated
from storage.records import (
    Article,
    Band,
    Capture,
    Change,
    Event,
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
from storage.rows import (
    CAPTURE,
    AnyRow,
    as_article,
    as_capture,
    as_layout,
    as_ruling,
    as_run,
    as_sighting,
    as_version,
)
from storage.standings import outcome_of, standings, state_counts
from storage.statement import Statement

_ONE = CURRENT.where(articles.c.id == bindparam("key"))
_LOOKED = select(articles.c.looked_at, articles.c.last_seen).where(articles.c.id == bindparam("key"))
_IS_THERE = Statement(select(articles.c.id).where(articles.c.id == bindparam("key")))
_NEWEST = (captures.c.last_run.desc(), captures.c.id.desc())
_THERE = (captures.c.url == bindparam("address")) & captures.c.lost.is_(None)
_LAST = select(*CAPTURE).where(_THERE).order_by(*_NEWEST).limit(1)
_ANSWERED = (
    select(*CAPTURE)
    .where(_THERE, captures.c.status == 200)
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
        since_run: int | None = None,
        text: str | None = None,
    ) -> Iterator[Article]:
        """Iterate the articles as they stand now, by (site, id), in constant memory.

        `since` and `until` (inclusive) are compared with the release time as the page gives it, to their own
        precision; `since_run` takes what is new, edited or of another state after that run; `text` is looked
        for in title and body, whatever its case.
        """
        wanted = (text or "").casefold()
        for article in self.chosen(Choice(site, section, since, until, since_run)):
            if wanted in article.title.casefold() or wanted in article.body.casefold():
                yield article

    def chosen(self, choice: Choice = ALL) -> Iterator[Article]:
        """Iterate the articles of a choice as they stand now, by (site, id)."""
        with translated(self.path):
            yield from chosen.records(self._connection, choice)

    def histories(self, choice: Choice = ALL) -> Iterator[Version]:
        """Iterate every version of those articles, by (site, id, number)."""
        with translated(self.path):
            yield from chosen.histories(self._connection, choice)

    def series(self, choice: Choice = ALL) -> Iterator[Sighting]:
        """Iterate the sightings of those articles at which the views moved, by (site, id, time)."""
        with translated(self.path):
            yield from chosen.series(self._connection, choice)

    def spans(self, choice: Choice = ALL) -> list[Span]:
        """Return (site, state, how many, first day, last day) of those articles, by site and state."""
        with translated(self.path):
            return chosen.spans(self._connection, choice)

    def article(self, article_id: str) -> Article | None:
        """Return one article as it stands now."""
        if not self.has(article_id):  # most that is asked for is new
            return None
        row = self._row(_ONE, key=article_id)
        return as_article(row) if row else None

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
        query = CURRENT.where(or_(articles.c.url == url_or_id, articles.c.id.in_(aliases)))
        return next(map(as_article, self._rows(query)), None)

    def versions(self, article_id: str) -> Iterator[Version]:
        """Iterate an article's versions, oldest first."""
        return map(
            as_version,
            self._rows(VERSIONS.where(versions.c.article_id == article_id).order_by(versions.c.number)),
        )

    def sightings(self, article_id: str) -> Iterator[Sighting]:
        """Iterate the points of an article's history at which state, version or views moved, oldest first."""
        query = select(sightings).where(sightings.c.article_id == article_id).order_by(sightings.c.id)
        return map(as_sighting, self._rows(query))

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

        By default the last finished run against the one before it. With `cursor` every change after that one,
        none left out because a later one took it back. The cost follows what changed, not what is kept.
        """
        with translated(self.path):
            if cursor is not None:
                yield from stream.changes(self._connection, cursor, site)
                return
            within = history.window(self._connection, since_run, until_run)
            yield from history.changes(self._connection, within, site)

    def events(
        self, after: int = 0, choice: Choice = ALL, *, views: bool = False, newest_first: bool = False
    ) -> Iterator[Event]:
        """Iterate what happened after a cursor, with the records: the change stream.

        Raises UnknownCursor. Of `choice` the run is that of the event. `views` adds the moves of the views.
        """
        with translated(self.path):
            stream.expect(self._connection, after)
            yield from stream.events(self._connection, after, choice, views=views, newest_first=newest_first)

    def cursor(self) -> int:
        """Return where the change stream ends now."""
        with translated(self.path):
            return stream.newest(self._connection)

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
        return [as_run(row) for row in self._rows(select(runs).order_by(runs.c.id))]

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
        return [as_layout(row) for row in self._rows(query)]

    def rulings(self, run: int) -> list[Ruling]:
        """Return what the robots.txt of each host allowed in a run."""
        query = select(rulings).where(rulings.c.run_id == run).order_by(rulings.c.host)
        return [as_ruling(row) for row in self._rows(query)]

    def ruling(self, host: str) -> Ruling | None:
        """Return what was ruled last on a host."""
        query = select(rulings).where(rulings.c.host == host).order_by(rulings.c.run_id.desc()).limit(1)
        return next(map(as_ruling, self._rows(query)), None)

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

    def lost(self) -> list[tuple[str, str]]:
        """Return (url, when that was found) of captures whose bytes are lost and which versions rest on."""
        rests = captures.c.id.in_(select(versions.c.capture_id))
        query = select(captures.c.url, captures.c.lost).where(captures.c.lost.is_not(None), rests)
        return [(row.url, row.lost) for row in self._rows(query.order_by(captures.c.url))]

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
