"""The book of a run: its sites, problems, listings and what is still to fetch. Writes the catalogue.

Every row stands in one transaction with the captures and records it speaks of, so that a killed run goes on
from its last commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import (
    Connection,
    Insert,
    Row,
    Select,
    Table,
    bindparam,
    case,
    false,
    func,
    literal,
    or_,
    select,
)

from storage.catalog import (
    articles,
    frontier,
    layouts,
    listed,
    listings,
    problems,
    rulings,
    run_sites,
    runs,
    unread,
    upsert,
)
from storage.records import Layout, Line, Problem, Ruling, Run, SiteOutcome, Task, canonical_json, shallow
from storage.statement import Statement

_DONE = Statement(
    frontier.update()
    .where(frontier.c.run_id == bindparam("run"), frontier.c.url == bindparam("address"))
    .values(state="done")
)
_NOTE = Statement(
    frontier.update()
    .where(frontier.c.run_id == bindparam("run"), frontier.c.url == bindparam("address"))
    .values(detail=bindparam("detail"))
)
_UNFINISHED = ("running", "interrupted")
_AT_ONCE = 500  # URLs in one query; SQLite once stopped at 999 parameters


class RunBook:
    """The book of one run, found or begun by `begin`."""

    def __init__(self, connection: Connection, run: Run) -> None:
        self.run = run
        self._connection = connection
        self._place = self._last_place()
        self._over: dict[str, Insert] = {}  # by table

    @classmethod
    def begin(
        cls, connection: Connection, now: str, sites: Sequence[str], kind: str, *, resume: bool
    ) -> RunBook:
        """Go on with the last run if it was killed or interrupted over the same sites; else begin one.

        A new run takes over what earlier ones of its kind left to fetch of its sites.
        """
        last = connection.execute(select(runs).order_by(runs.c.id.desc()).limit(1)).first()
        if last is not None and last.outcome in _UNFINISHED and last.kind == kind:
            book = cls(connection, Run(last.id, last.started_at, None, "running", last.counts, kind))
            if resume and book._sites() == set(sites):
                book._set(finished_at=None, outcome="running")
                return book
        ended = runs.update().where(runs.c.outcome.in_(_UNFINISHED))
        connection.execute(ended.values(outcome="incomplete", finished_at=now))
        values = {"started_at": now, "outcome": "running", "counts": {}, "kind": kind}
        began = connection.execute(runs.insert().returning(runs.c.id), values)
        book = cls(connection, Run(began.scalar_one(), now, None, "running", {}, kind))
        book._put(run_sites, [{"site": site, "counts": {}} for site in sites])
        book._take_over(sites, keep=resume)
        return book

    def _take_over(self, sites: Sequence[str], *, keep: bool) -> None:
        """Move what earlier runs of this kind left of these sites to this run, or drop it."""
        alike = select(runs.c.id).where(runs.c.kind == self.run.kind, runs.c.id != self.run.id)
        left = frontier.c.run_id.in_(alike) & frontier.c.site.in_(list(sites))
        there = frontier.alias()
        known = select(there.c.url).where(there.c.run_id == self.run.id, there.c.url == frontier.c.url)
        move = frontier.update().where(left, frontier.c.state == "pending", ~known.exists())
        place = frontier.c.place
        for run in self._connection.scalars(alike.order_by(runs.c.id.desc())).all() if keep else ():
            last = self._last_place()  # two of a host in one place would be handed out as one
            behind = case((place < 0, place - last), else_=place + last)
            moved = move.where(frontier.c.run_id == run).values(run_id=self.run.id, place=behind)
            self._connection.execute(moved)
        self._connection.execute(frontier.delete().where(left))
        self._place = self._last_place()

    def _last_place(self) -> int:
        newest = select(func.max(func.abs(frontier.c.place))).where(frontier.c.run_id == self.run.id)
        return self._connection.scalar(newest) or 0

    def end(self, now: str, outcome: Any, counts: dict[str, int]) -> Run:
        """Close the book; what is done is forgotten unless the run was interrupted."""
        self._set(finished_at=now, outcome=outcome, counts=counts)
        if outcome != "interrupted":
            done = (frontier.c.run_id == self.run.id) & (frontier.c.state == "done")
            self._connection.execute(frontier.delete().where(done))
        self.run = replace(self.run, finished_at=now, outcome=outcome, counts=counts)
        return self.run

    def report_site(self, outcome: SiteOutcome) -> None:
        """Write how a site went."""
        self._put(run_sites, [asdict(outcome)])

    def rule(self, ruling: Ruling) -> None:
        """Write what a host's robots.txt allows."""
        self._put(rulings, [asdict(ruling)])

    def keep_layout(self, layout: Layout) -> None:
        """Write what was learned; a revision is written once and never changed."""
        self._connection.execute(layouts.insert(), asdict(layout))

    def report_problem(self, problem: Problem) -> None:
        """Write why a URL gave nothing."""
        self._put(problems, [asdict(problem)])

    def enqueue(self, tasks: Iterable[Task]) -> list[Task]:
        """Put tasks on the frontier; return those whose URL this run had not met in this turn, each once."""
        fresh: dict[str, Task] = {}
        for task in tasks:
            fresh.setdefault(task.url, task)
        urls = list(fresh)
        for start in range(0, len(urls), _AT_ONCE):
            known = select(frontier.c.url, frontier.c.turn).where(frontier.c.run_id == self.run.id)
            known = known.where(frontier.c.url.in_(urls[start : start + _AT_ONCE]))
            for url, turn in self._connection.execute(known):
                if turn >= fresh[url].turn:
                    del fresh[url]
        queued = []
        for task in fresh.values():
            self._place += 1
            queued.append(replace(task, place=-self._place if task.first else self._place))
        self._put(frontier, [_row(task) for task in queued])
        return queued

    def done(self, url: str) -> None:
        """Take a URL off the frontier; this run will know it again."""
        _DONE.run(self._connection, {"run": self.run.id, "address": url})

    def note(self, task: Task) -> None:
        """Write the detail of a task anew."""
        values = {"run": self.run.id, "address": task.url, "detail": canonical_json(task.detail).decode()}
        _NOTE.run(self._connection, values)

    def carried_out(self, kind: str) -> list[Task]:
        """Return the tasks of a kind that this run took off the frontier, in order."""
        query = select(frontier).where(frontier.c.run_id == self.run.id, frontier.c.kind == kind)
        if kind == "listing":
            query = query.where(frontier.c.place <= 0)  # found by the index, among a million
        rows = self._connection.execute(query.where(frontier.c.state == "done").order_by(frontier.c.place))
        return [_task(row) for row in rows]

    def pending(
        self,
        host: str | None = None,
        *,
        after: int | None = None,
        before: int | None = None,
        limit: int | None = None,
    ) -> list[Task]:
        """Return what is still to fetch, host by host in order, between two places."""
        query = select(frontier).where(frontier.c.run_id == self.run.id, frontier.c.state == "pending")
        if host is not None:
            query = query.where(frontier.c.host == host)
        if after is not None:
            query = query.where(frontier.c.place > after)
        if before is not None:
            query = query.where(frontier.c.place < before)
        rows = self._connection.execute(query.order_by(frontier.c.host, frontier.c.place).limit(limit))
        return [_task(row) for row in rows]

    def waiting(self) -> list[tuple[str, str, int]]:
        """Return (site, host, how many addresses) of what is still to fetch."""
        by = (frontier.c.host, frontier.c.site)  # as the index has them
        query = select(frontier.c.site, frontier.c.host, func.count()).where(frontier.c.run_id == self.run.id)
        rows = self._connection.execute(query.where(frontier.c.state == "pending").group_by(*by))
        return [(site, host, count) for site, host, count in rows]

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

    def unread(self, site: str, seed: str) -> int:
        """Return how many addresses stood on a listing in this run of which no article is kept."""
        mine = (listed.c.run_id == self.run.id) & (listed.c.listing_id == self._listing(site, seed))
        query = select(func.count()).select_from(
            listed.join(unread, unread.c.article_id == listed.c.article_id)
        )
        return self._connection.scalar(query.where(mine, unread.c.look != "alias")) or 0

    def adopt(self, site: str, article_ids: Iterable[str], strays: Iterable[str]) -> None:
        """Let articles of sites that are no more be those of a site; what those listed says nothing now."""
        ids = list(article_ids)
        self._connection.execute(articles.update().where(articles.c.id.in_(ids)).values(site=site))
        theirs = select(listings.c.id).where(listings.c.site.in_(list(strays)))
        stood = listed.c.article_id.in_(ids) & listed.c.listing_id.in_(theirs)
        self._connection.execute(listed.delete().where(stood))

    def keep_listings(self, site: str, seeds: Iterable[str]) -> None:
        """Forget what stood on listings of the site that are not walked any more: none leaves those."""
        left = select(listings.c.id).where(listings.c.site == site, listings.c.seed.not_in(list(seeds)))
        self._connection.execute(listed.delete().where(listed.c.listing_id.in_(left)))
        self._connection.execute(listings.update().where(listings.c.id.in_(left)).values(whole=False))

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
        """Return (id, url) of the articles on none of their listings any more and not yet hidden.

        One that is blocked is left to its look by age: asking every night would not open it.
        """
        fresh = self._gone(site, walked).where(articles.c.standing != "hidden", articles.c.state != "blocked")
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
        missed = select(listed.c.article_id).where(absent, listed.c.run_id != self.run.id)
        return (
            select(articles.c.id, articles.c.url)
            .where(articles.c.site == site, articles.c.standing != "withdrawn")
            .where(articles.c.id.in_(missed), ~mine.where(stands).exists())
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
        if rows:
            if table.name not in self._over:
                self._over[table.name] = self._put_over(table)
            self._connection.execute(self._over[table.name], [row | {"run_id": self.run.id} for row in rows])

    def _put_over(self, table: Table) -> Insert:
        """Return the statement of `_put`, which takes longer to build than to run."""
        insert = upsert(self._connection, table)
        rest = {c.name: insert.excluded[c.name] for c in table.c if not c.primary_key}
        return insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=rest)


def _task(row: Row[Any]) -> Task:
    return Task(row.url, row.host, row.site, row.kind, row.detail, row.place)


def _row(task: Task) -> dict[str, Any]:
    return {name: value for name, value in shallow(task).items() if name != "first"} | {"state": "pending"}
