"""How each site stands: its newest run and the newest that went well, whatever sites later runs were over.

A run that only read again what is kept says nothing of a site, and is none of these.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import Connection, Select, func, select

from storage.catalog import articles, problems, run_sites, runs
from storage.records import REEXTRACT, SiteOutcome, Standing


def standings(connection: Connection) -> list[Standing]:
    """Return the standing of every site that was ever in a run, by name."""
    well = {row.site: row.started_at for row in connection.execute(_newest(run_sites.c.outcome == "done"))}
    reasons = _reasons(connection)
    states = state_counts(connection)
    return [
        Standing(
            row.run_id,
            row.started_at,
            outcome_of(row),
            well.get(row.site),
            reasons.get(row.site, {}),
            states.get(row.site, {}),
        )
        for row in connection.execute(_newest())
    ]


def state_counts(connection: Connection) -> dict[str, dict[str, int]]:
    """Return how many articles each site has in each state."""
    columns = (articles.c.site, articles.c.state)
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in connection.execute(select(*columns, func.count().label("number")).group_by(*columns)):
        found[row.site][row.state] = row.number
    return dict(found)


def outcome_of(row: Any) -> SiteOutcome:
    """Return a row of `run_sites` as a value."""
    drifts, coverage = tuple(row.drifts or ()), row.coverage or {}
    return SiteOutcome(row.site, row.outcome, row.problem, row.counts, drifts, coverage)


def _reasons(connection: Connection) -> dict[str, dict[str, int]]:
    """Return how many addresses of each site gave nothing in its newest run, by reason, the most first."""
    last = _last().subquery()
    number = func.count().label("number")
    query = (
        select(problems.c.site, problems.c.reason, number)
        .join(last, (problems.c.run_id == last.c.run) & (problems.c.site == last.c.site))
        .group_by(problems.c.site, problems.c.reason)
        .order_by(number.desc(), problems.c.reason)
    )
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in connection.execute(query):
        found[row.site][row.reason] = row.number
    return found


def _newest(*only: Any) -> Select[Any]:
    """Return the query for the newest row of each site, with the time its run began."""
    last = _last(*only).subquery()
    return (
        select(run_sites, runs.c.started_at)
        .join(last, (run_sites.c.run_id == last.c.run) & (run_sites.c.site == last.c.site))
        .join(runs, runs.c.id == run_sites.c.run_id)
        .order_by(run_sites.c.site)
    )


def _last(*only: Any) -> Select[Any]:
    newest = func.max(run_sites.c.run_id).label("run")
    asked = select(run_sites.c.site, newest).join(runs).where(runs.c.kind != REEXTRACT, *only)
    return asked.group_by(run_sites.c.site)
