"""The book of a run: its sites, problems, listings and what is still to fetch. Writes the catalogue.

Every row stands in one transaction with the captures and records it speaks of, so that a killed run goes on
from its last commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Select, Table, bindparam, false, func, literal, or_, select

from storage.catalog import articles, frontier, layouts, listed, listings, problems, run_sites, runs, upsert
from storage.records import Layout, Line, Problem, Run, SiteOutcome, Task, shallow
from storage.statement import Statement

_DONE = Statement(
    frontier.update()
    .where(frontier.c.run_id == bindparam("run"), frontier.c.url == bindparam("address"))
    .values(state="done")
)
_AT_ONCE = 500  # URLs in one query; SQLite once stopped at 999 parameters


class RunBook:
    """The book of one run, found or begun by `begin`."""

    def __init__(self, connection: Connection, run: Run) -> None:
        self.run = run
        self._connection = connection

    @classmethod
    def begin(cls, connection: Connection, now: str, sites: Sequence[str], *, resume: bool) -> RunBook:
        """Go on with the last run if it was killed or interrupted over the same sites; else begin one."""
        last = connection.execute(select(runs).order_by(runs.c.id.desc()).limit(1)).first()
        if last is not None and last.outcome in ("running", "interrupted"):
            book = cls(connection, Run(last.id, last.started_at, None, "running", last.counts))
            if resume and book._sites() == set(sites):
                book._set(finished_at=None, outcome="running")
                return book
            book.end(now, "incomplete", last.counts)
        began = connection.execute(
            runs.insert().returning(runs.c.id), {"started_at": now, "outcome": "running", "counts": {}}
        )
        book = cls(connection, Run(began.scalar_one(), now, None, "running"))
        book._put(run_sites, [{"site": site, "counts": {}} for site in sites])
        return book

    def end(self, now: str, outcome: Any, counts: dict[str, int]) -> Run:
        """Close the book; what is still to fetch is forgotten unless the run was interrupted."""
        self._set(finished_at=now, outcome=outcome, counts=counts)
        if outcome != "interrupted":
            self._connection.execute(frontier.delete().where(frontier.c.run_id == self.run.id))
        self.run = Run(self.run.id, self.run.started_at, now, outcome, counts)
        return self.run

    def report_site(self, outcome: SiteOutcome) -> None:
        """Write how a site went."""
        self._put(run_sites, [asdict(outcome)])

    def keep_layout(self, layout: Layout) -> None:
        """Write what was learned; a revision is written once and never changed."""
        self._connection.execute(layouts.insert(), asdict(layout))

    def report_problem(self, problem: Problem) -> None:
        """Write why a URL gave nothing."""
        self._put(problems, [asdict(problem)])

    def enqueue(self, tasks: Iterable[Task]) -> list[Task]:
        """Put tasks on the frontier; return those whose URL this run had not met, each once."""
        fresh: dict[str, Task] = {}
        for task in tasks:
            fresh.setdefault(task.url, task)
        urls = list(fresh)
        for start in range(0, len(urls), _AT_ONCE):
            known = select(frontier.c.url).where(frontier.c.run_id == self.run.id)
            known = known.where(frontier.c.url.in_(urls[start : start + _AT_ONCE]))
            for url in self._connection.scalars(known):
                del fresh[url]
        self._put(frontier, [shallow(task) | {"state": "pending"} for task in fresh.values()])
        return list(fresh.values())

    def done(self, url: str) -> None:
        """Take a URL off the frontier; this run will know it again."""
        _DONE.run(self._connection, {"run": self.run.id, "address": url})

    def pending(self) -> list[Task]:
        """Return what is still to fetch, host by host."""
        query = select(frontier).where(frontier.c.run_id == self.run.id, frontier.c.state == "pending")
        rows = self._connection.execute(query.order_by(frontier.c.host, frontier.c.url))
        return [Task(row.url, row.host, row.site, row.kind, row.detail) for row in rows]

    def listed(self, site: str, seed: str, lines: Mapping[str, Line]) -> int:
        """Write that these articles stand on a listing in this run; return how many did not yet."""
        listing = self._listing(site, seed)
        here = (listed.c.listing_id == listing) & (listed.c.run_id == self.run.id)
        met = select(func.count()).select_from(listed).where(here, listed.c.article_id.in_(list(lines)))
        news = len(lines) - (self._connection.scalar(met) or 0)
        rows = [
            {"article_id": key, "listing_id": listing, "line": line.digest, "released": line.released}
            for key, line in lines.items()
        ]
        self._put(listed, rows)
        return news

    def items(self, site: str, seed: str, *, first_seen_before: str | None = None) -> int:
        """Return how many addresses stood on a listing in this run, or of how many the article is older."""
        query = select(func.count()).select_from(listed).where(listed.c.run_id == self.run.id)
        query = query.where(listed.c.listing_id == self._listing(site, seed))
        if first_seen_before is not None:
            query = query.join(articles, articles.c.id == listed.c.article_id)
            query = query.where(articles.c.first_seen < first_seen_before)
        return self._connection.scalar(query) or 0

    def is_listed(self, article_id: str) -> bool:
        """Tell whether the article stood on any listing in this run."""
        mine = (listed.c.article_id == article_id) & (listed.c.run_id == self.run.id)
        return self._connection.execute(select(listed.c.run_id).where(mine)).first() is not None

    def is_whole(self, site: str, seed: str) -> bool:
        """Tell whether everything on the listing was met before."""
        query = select(listings.c.whole).where(listings.c.id == self._listing(site, seed))
        return bool(self._connection.scalar(query))

    def set_whole(self, site: str, seed: str, whole: bool) -> None:
        """Write whether everything on the listing was met."""
        mine = listings.c.id == self._listing(site, seed)
        self._connection.execute(listings.update().where(mine).values(whole=whole))

    def unlisted(self, site: str, walked: Mapping[str, str]) -> list[tuple[str, str]]:
        """Return (id, url) of the articles on none of their listings any more and not yet hidden."""
        fresh = self._gone(site, walked).where(articles.c.standing != "hidden")
        return [(row.id, row.url) for row in self._connection.execute(fresh)]

    def is_unlisted(self, article_id: str, site: str, walked: Mapping[str, str]) -> bool:
        """Tell whether the article left every listing it stood on."""
        query = self._gone(site, walked).where(articles.c.id == article_id)
        return self._connection.execute(query).first() is not None

    def _gone(self, site: str, walked: Mapping[str, str]) -> Select[tuple[str, str]]:
        """Return the query for the articles whose absence is proved by how far each listing was walked."""
        proved = [
            (listed.c.listing_id == self._listing(site, seed))
            & (literal(not floor) | (listed.c.released > floor))
            for seed, floor in walked.items()
        ]
        absent = or_(false(), *proved)
        stands = (listed.c.run_id == self.run.id) | ~func.coalesce(absent, false())
        mine = select(listed.c.article_id).where(listed.c.article_id == articles.c.id)
        return (
            select(articles.c.id, articles.c.url)
            .where(articles.c.site == site, articles.c.standing != "withdrawn")
            .where(mine.exists(), ~mine.where(stands).exists())
            .order_by(articles.c.id)
        )

    def _listing(self, site: str, seed: str) -> int:
        query = select(listings.c.id).where(listings.c.site == site, listings.c.seed == seed)
        found = self._connection.scalar(query)
        if found is None:
            values = {"site": site, "seed": seed}
            found = self._connection.scalar(listings.insert().returning(listings.c.id), values)
        return int(found or 0)

    def _sites(self) -> set[str]:
        query = select(run_sites.c.site).where(run_sites.c.run_id == self.run.id)
        return set(self._connection.scalars(query))

    def _set(self, **values: Any) -> None:
        self._connection.execute(runs.update().where(runs.c.id == self.run.id).values(values))

    def _put(self, table: Table, rows: list[dict[str, Any]]) -> None:
        """Write rows of this run, over the ones already there."""
        if not rows:
            return
        insert = upsert(self._connection, table)
        rest = {c.name: insert.excluded[c.name] for c in table.c if not c.primary_key}
        over = insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=rest)
        self._connection.execute(over, [row | {"run_id": self.run.id} for row in rows])
