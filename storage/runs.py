"""The book of a run: its sites, problems and rulings, its frontier and its listings. Writes the catalogue.

Every row stands in one transaction with the captures and records it speaks of, so that a killed run goes on
from its last commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection, select

from storage.catalog import layouts, problems, rulings, run_sites, runs
from storage.frontier import Frontier
from storage.listings import Listings
from storage.records import Layout, Problem, Ruling, Run, SiteOutcome
from storage.statement import RunRows

_UNFINISHED = ("running", "interrupted")


class RunBook:
    """The book of one run, found or begun by `begin`."""

    def __init__(self, connection: Connection, run: Run) -> None:
        self.run = run
        self.frontier = Frontier(connection, run.id)
        self.listings = Listings(connection, run.id)
        self._connection = connection
        self._rows = RunRows(connection, run.id)

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
        book._rows.put(run_sites, [{"site": site, "counts": {}} for site in sites])
        book.frontier.take_over(sites, kind, keep=resume)
        return book

    def end(self, now: str, outcome: Any, counts: dict[str, int]) -> Run:
        """Close the book; what is done is forgotten unless the run was interrupted."""
        self._set(finished_at=now, outcome=outcome, counts=counts)
        if outcome != "interrupted":
            self.frontier.forget_done()
        self.run = replace(self.run, finished_at=now, outcome=outcome, counts=counts)
        return self.run

    def report_site(self, outcome: SiteOutcome) -> None:
        """Write how a site went."""
        self._rows.put(run_sites, [asdict(outcome)])

    def rule(self, ruling: Ruling) -> None:
        """Write what a host's robots.txt allows."""
        self._rows.put(rulings, [asdict(ruling)])

    def keep_layout(self, layout: Layout) -> None:
        """Write what was learned; a revision is written once and never changed."""
        self._connection.execute(layouts.insert(), asdict(layout))

    def report_problem(self, problem: Problem) -> None:
        """Write why a URL gave nothing."""
        self._rows.put(problems, [asdict(problem)])

    def _sites(self) -> set[str]:
        query = select(run_sites.c.site).where(run_sites.c.run_id == self.run.id)
        return set(self._connection.scalars(query))

    def _set(self, **values: Any) -> None:
        self._connection.execute(runs.update().where(runs.c.id == self.run.id).values(values))
