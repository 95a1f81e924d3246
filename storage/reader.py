"""Reading an archive: rows of the catalogue and bytes of WARCs come out as the nouns of `storage.records`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import bindparam, or_, select, union

from storage import chosen, due, history, stream, warc
from storage.captured import Captured
from storage.catalog import (
    articles,
    captures,
    layouts,
    listed,
    listings,
    problems,
    rulings,
    run_sites,
    runs,
    sightings,
    versions,
)
from storage.choice import ALL, Choice
from storage.chosen import CURRENT, VERSIONS, Span
from storage.faults import translated
from storage.moment import Moment, last_run, last_visit, run_at
from storage.records import (
    REEXTRACT,
    Article,
    Band,
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
    as_article,
    as_layout,
    as_ruling,
    as_run,
    as_sighting,
    as_version,
)
from storage.standings import outcome_of, standings, state_counts
from storage.statement import is_kept

_ONE = CURRENT.where(articles.c.id == bindparam("key"))
_LOOKED = select(articles.c.looked_at, articles.c.last_seen).where(articles.c.id == bindparam("key"))
_SITES = (run_sites.c.site, articles.c.site)
_SHOWN = (
    select(listings.c.seed, listed.c.released)
    .join(listings, listings.c.id == listed.c.listing_id)
    .where(listed.c.article_id == bindparam("key"))
    .order_by(listed.c.run_id.desc(), listings.c.id)
)

T = TypeVar("T")


class Reader(Captured):
    """What can be asked of an archive."""

    def articles(
        self,
        *,
        site: str | None = None,
        section: str | None = None,
        since: str | date | None = None,
        until: str | date | None = None,
        since_run: int | None = None,
        text: str | None = None,
        as_of: Moment | None = None,
    ) -> Iterator[Article]:
        """Iterate the articles as they stand now, or stood at a moment, by (site, id), in constant memory.

        `since` and `until` (inclusive) are compared with the release time as the page gives it, to their own
        precision; `since_run` takes what is new, edited or of another state after that run; `text` is looked
        for in title and body, whatever its case. `as_of` is a run, or a day: as of its end in UTC, what runs
        had committed that had finished by then (`storage.asof` says what can be told of it). Raises
        InvalidChoice and UnknownRun.
        """
        wanted = (text or "").casefold()
        found = self.chosen(Choice(site, section, since, until, since_run, as_of))
        return (
            article
            for article in found
            if wanted in article.title.casefold() or wanted in article.body.casefold()
        )

    def chosen(self, choice: Choice = ALL) -> Iterator[Article]:
        """Iterate the articles of a choice, by (site, id)."""
        return self._each(chosen.records, choice, self._run_of(choice))

    def histories(self, choice: Choice = ALL) -> Iterator[Version]:
        """Iterate every version of those articles, by (site, id, number)."""
        return self._each(chosen.histories, choice, self._run_of(choice))

    def series(self, choice: Choice = ALL) -> Iterator[Sighting]:
        """Iterate the sightings of those articles at which the views moved, by (site, id, time)."""
        return self._each(chosen.series, choice, self._run_of(choice))

    def spans(self, choice: Choice = ALL) -> list[Span]:
        """Return (site, state, how many, first day, last day) of those articles, by site and state."""
        with self._reading():
            return chosen.spans(self._connection, choice, self._run_of(choice))

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
        with self._reading():
            return is_kept(self._connection, article_id)

    def find(self, url_or_id: str) -> Article | None:
        """Return the article with that id or address, or whose page was once captured at that address."""
        if found := self.article(url_or_id):
            return found
        aliases = select(versions.c.article_id).join(captures).where(captures.c.url == url_or_id)
        query = CURRENT.where(or_(articles.c.url == url_or_id, articles.c.id.in_(aliases)))
        row = self._row(query.limit(1))
        return as_article(row) if row else None

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
        since_run: Moment | None = None,
        until_run: Moment | None = None,
        cursor: int | None = None,
        site: str | None = None,
    ) -> Iterator[Change]:
        """Iterate what differs between the archive as of `since_run` and as of `until_run`, by cursor.

        By default the last run that asked (the site) for something against the one before it, since new
        rules over kept captures say nothing of what a site did. A day stands for the last run that had
        finished by its end (UTC). With `cursor` every change after that one, none left out because a later
        one took it back. The cost follows what changed, not what is kept. Raises UnknownRun, UnknownCursor.
        """
        with self._reading():
            if cursor is not None:
                stream.expect(self._connection, cursor)
                return self._each(stream.changes, cursor, Choice(site=site))
            within = history.window(*self.compared(since_run, until_run, site))
            return self._each(history.changes, within, site)

    def all_changes(self, choice: Choice = ALL) -> Iterator[Change]:
        """Iterate every change of a choice, none left out because a later one took it back."""
        return self._each(stream.changes, 0, choice, self._run_of(choice))

    def compared(
        self, since: Moment | None = None, until: Moment | None = None, site: str | None = None
    ) -> tuple[int, int]:
        """Return the numbers of the two runs that `changes` compares, 0 for what was before the first."""
        with self._reading():
            if until is not None:
                last = self.run_at(until)
            else:
                last = last_visit(self._connection, site) if since is None else last_run(self._connection)
            return last_run(self._connection, before=last) if since is None else self.run_at(since), last

    def events(
        self, after: int = 0, choice: Choice = ALL, *, views: bool = False, newest_first: bool = False
    ) -> Iterator[Event]:
        """Iterate what happened after a cursor, with the records: the change stream.

        Raises UnknownCursor. Of `choice` the run is that of the event, section and release time are those the
        article has now. `views` adds the moves of the views.
        """
        with self._reading():
            stream.expect(self._connection, after)
            order = {"views": views, "newest_first": newest_first}
            return self._each(stream.events, after, choice, self._run_of(choice), **order)

    def cursor(self, as_of: Moment | None = None) -> int:
        """Return where the change stream ends now, or ended at a moment."""
        with self._reading():
            return stream.newest(self._connection, None if as_of is None else self.run_at(as_of))

    def run_at(self, moment: Moment) -> int:
        """Return the run that was the last one finished at a moment: a run's own number, or that of a day.

        0 is before the first. Raises UnknownRun, and InvalidChoice for what is no moment.
        """
        with self._reading():
            return run_at(self._connection, moment)

    def states(self) -> dict[str, dict[str, int]]:
        """Return how many articles each site has in each state."""
        with self._reading():
            return state_counts(self._connection)

    def standings(self) -> list[Standing]:
        """Return how each site stands after its own newest run, by name."""
        with self._reading():
            return standings(self._connection)

    def runs(self, as_of: Moment | None = None) -> list[Run]:
        """Return every run, or those up to a moment, oldest first."""
        query = select(runs).order_by(runs.c.id)
        query = query if as_of is None else query.where(runs.c.id <= self.run_at(as_of))
        return [as_run(row) for row in self._rows(query)]

    def site_names(self) -> list[str]:
        """Return the names of all sites that were ever in a run or have an article, sorted."""
        query = union(*(select(column).distinct() for column in _SITES))
        return sorted(row.site for row in self._rows(query))

    def has_site(self, site: str) -> bool:
        """Tell whether a site was ever in a run or has an article; quicker than to ask for their names."""
        return any(self._row(select(column).where(column == site).limit(1)) for column in _SITES)

    def last_visit(self) -> Run | None:
        """Return the newest run that asked sites for something: how they stand rests on it."""
        query = select(runs).where(runs.c.kind != REEXTRACT).order_by(runs.c.id.desc()).limit(1)
        return next(map(as_run, self._rows(query)), None)

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
        with self._reading():
            return due.known(self._connection, site, seed, list(article_ids), bands, warc.stamp(now))

    def due(self, site: str, bands: Sequence[Band], now: datetime, run: int) -> Iterator[tuple[str, str]]:
        """Iterate (id, url) of the articles that are due and not yet looked at in `run`, youngest first."""
        return ((row.id, row.url) for row in self._rows(due.due(site, bands, warc.stamp(now), run)))

    def shown(self, article_id: str) -> list[tuple[str, str | None]]:
        """Return (seed, day printed) of the listings the article stood on, where it was seen last first."""
        with translated(self.path):
            return [(row.seed, row.released) for row in self._connection.execute(_SHOWN, {"key": article_id})]

    def ids(self, choice: Choice, *, after: str = "", limit: int = 200) -> list[str]:
        """Return the ids of a choice's articles that come after one, in their order: one page of them."""
        query = select(articles.c.id).where(*choice.conditions(), articles.c.id > after)
        with translated(self.path):
            return list(self._connection.scalars(query.order_by(articles.c.id).limit(limit)))

    def _run_of(self, choice: Choice) -> int | None:
        return None if choice.as_of is None else self.run_at(choice.as_of)

    def _each(self, read: Callable[..., Iterator[T]], *what: Any, **order: Any) -> Iterator[T]:
        """Iterate what a function reads of the catalogue."""
        with self._reading():
            for each in read(self._connection, *what, **order):
                yield each
                self._expect_open()
