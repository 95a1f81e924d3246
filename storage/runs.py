"""The book of a run: its sites, problems and rulings, its frontier and its listings. Writes the catalogue.

Every row stands in one transaction with the captures and records it speaks of, so that a killed run goes on
from its last commit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection, Select, Table, select

from storage.catalog import articles, layouts, listed, listings, problems, rulings, run_sites, runs, unread
from storage.frontier import Frontier
from storage.journal import LOOKED, Journal, Row
from storage.listings import Listings
from storage.records import Layout, Metadata, Problem, Ruling, Run, SiteOutcome
from storage.statement import RunRows

_UNFINISHED = ("running", "interrupted")
_OF_A_RUN = (run_sites, problems, rulings)


class RunBook:
    """The book of one run, found or begun by `begin`."""

    def __init__(self, connection: Connection, run: Run, now: str, killed: int | None = None) -> None:
        self.run = run
        self.journal = Journal(run.id, now)
        self.frontier = Frontier(connection, run.id)
        self.listings = Listings(connection, self.journal)
        self._connection, self._killed = connection, killed
        self._rows = RunRows(connection, run.id)

    @classmethod
    def begin(
        cls, connection: Connection, now: str, sites: Sequence[str], kind: str, *, resume: bool
    ) -> RunBook:
        """Go on with the last run if it was killed or interrupted over the same sites; else begin one.

        A new run takes over what earlier ones of its kind left to fetch of its sites.
        """
        last = connection.execute(select(runs).order_by(runs.c.id.desc()).limit(1)).first()
        killed = last.id if last is not None and last.outcome == "running" else None
        if last is not None and last.outcome in _UNFINISHED and last.kind == kind:
            going_on = Run(last.id, last.started_at, None, "running", last.counts, kind)
            book = cls(connection, going_on, now, killed)
            if resume and book._sites() == set(sites):
                book._set(finished_at=None, outcome="running")
                return book
        unfinished = runs.c.outcome.in_(_UNFINISHED)
        ended = connection.scalars(select(runs.c.id).where(unfinished)).all()
        connection.execute(runs.update().where(unfinished).values(outcome="incomplete", finished_at=now))
        values = {"started_at": now, "outcome": "running", "counts": {}, "kind": kind}
        began = connection.execute(runs.insert().returning(runs.c.id), values)
        book = cls(connection, Run(began.scalar_one(), now, None, "running", {}, kind), now, killed)
        for row in _rows(connection, select(runs).where(runs.c.id.in_(ended))):
            book.journal.tell("runs", row["id"], row, urgent=True)
        book._rows.put(run_sites, [{"site": site, "counts": {}} for site in sites])
        book.frontier.take_over(sites, kind, keep=resume)
        return book

    def end(self, now: str, outcome: Any, counts: dict[str, int]) -> Run:
        """Close the book; what is done is forgotten unless the run was interrupted."""
        self._set(finished_at=now, outcome=outcome, counts=counts)
        if outcome != "interrupted":
            self.frontier.forget_done()
        self.run = replace(self.run, finished_at=now, outcome=outcome, counts=counts)
        self.journal.now = max(self.journal.now, now)
        return self.run

    def preface(self) -> Iterator[Metadata]:
        """Yield what every WARC file of the run says of it."""
        sites = select(run_sites.c.site).where(run_sites.c.run_id == self.run.id)
        rows: list[tuple[str, Row]] = [("runs", asdict(self.run))]
        rows += self._mine(run_sites)
        rows += _of(listings, _rows(self._connection, select(listings).where(listings.c.site.in_(sites))))
        yield from self.journal.records(rows)

    def summary(self) -> Iterator[tuple[str, Row]]:
        """Yield the rows to be told when the run ends, and how many addresses of each site still wait."""
        yield "runs", asdict(self.run)
        for table in _OF_A_RUN:
            yield from self._mine(table)
        waiting: Counter[str] = Counter()
        for site, _, count in self.frontier.waiting():
            waiting[site] += count
        for site, count in waiting.items():
            yield "waiting", {"run_id": self.run.id, "site": site, "addresses": count}

    def untold(self) -> Iterator[tuple[str, Row]]:
        """Yield the rows of the run before, had it been killed: what it did not come to tell."""
        if self._killed is None:
            return
        began = select(runs.c.started_at).where(runs.c.id == self._killed).scalar_subquery()
        looked = select(*(articles.c[name] for name in LOOKED)).where(articles.c.last_run == self._killed)
        yield from _of(listings, _rows(self._connection, select(listings)))
        yield from _of(articles, _rows(self._connection, looked))
        yield from _of(unread, _rows(self._connection, select(unread).where(unread.c.looked_at >= began)))
        for table in (*_OF_A_RUN, listed):
            mine = select(table).where(table.c.run_id == self._killed)
            yield from _of(table, _rows(self._connection, mine))

    def report_site(self, outcome: SiteOutcome) -> None:
        """Write how a site went."""
        self._rows.put(run_sites, [asdict(outcome)])

    def rule(self, ruling: Ruling) -> None:
        """Write what a host's robots.txt allows."""
        self._rows.put(rulings, [asdict(ruling)])

    def keep_layout(self, layout: Layout) -> None:
        """Write what was learned; a revision is written once and never changed."""
        self._connection.execute(layouts.insert(), asdict(layout))
        self.journal.tell("layouts", (layout.site, layout.revision), asdict(layout), urgent=True)

    def report_problem(self, problem: Problem) -> None:
        """Write why a URL gave nothing."""
        self._rows.put(problems, [asdict(problem)])

    def _sites(self) -> set[str]:
        query = select(run_sites.c.site).where(run_sites.c.run_id == self.run.id)
        return set(self._connection.scalars(query))

    def _mine(self, table: Table) -> Iterator[tuple[str, Row]]:
        return _of(table, _rows(self._connection, select(table).where(table.c.run_id == self.run.id)))

    def _set(self, **values: Any) -> None:
        self._connection.execute(runs.update().where(runs.c.id == self.run.id).values(values))


def _of(table: Table, rows: Iterator[Row]) -> Iterator[tuple[str, Row]]:
    return ((table.name, row) for row in rows)


def _rows(connection: Connection, query: Select[Any]) -> Iterator[Row]:
    for row in connection.execute(query.execution_options(yield_per=200)):
        yield row._asdict()
