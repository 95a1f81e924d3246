"""A moment of an archive, named by a run or by a day: which run was the last one then. Reads, never writes.

A moment lies after a whole run. A day is its end in UTC, and stands for the newest run that had finished by
then: what a run under way had committed by midnight is no moment. A run that was interrupted and gone on with
finished when it did in the end.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import Connection, func, select

from storage.catalog import run_sites, runs
from storage.errors import InvalidChoice, UnknownRun
from storage.records import REEXTRACT

Moment = int | str | date

_FINISHED = runs.c.outcome != "running"


def run_at(connection: Connection, moment: Moment) -> int:
    """Return the run that was the last one finished at a moment, 0 before the first.

    A run is named by its number, a day by `YYYY-MM-DD` or a date; an aware datetime is exact to the second.
    Raises UnknownRun for a number the archive has no run of, InvalidChoice for what is no moment.
    """
    if isinstance(moment, int):
        return _known(connection, int(moment))
    finished = runs.c.finished_at <= _end(moment)
    return connection.scalar(select(func.max(runs.c.id)).where(_FINISHED, finished)) or 0


def last_run(connection: Connection, *, before: int | None = None) -> int:
    """Return the last finished run of all, or before one; 0 when there is none."""
    query = select(func.max(runs.c.id)).where(_FINISHED)
    return connection.scalar(query if before is None else query.where(runs.c.id < before)) or 0


def last_visit(connection: Connection, site: str | None = None) -> int:
    """Return the last finished run that asked for something, and that site if any did; 0 for none.

    New rules over kept captures ask for nothing, and say nothing of what a site did.
    """
    visits = select(func.max(runs.c.id)).where(_FINISHED, runs.c.kind != REEXTRACT)
    of_site = visits.join(run_sites).where(run_sites.c.site == site)
    return (connection.scalar(of_site) if site else None) or connection.scalar(visits) or 0


def _known(connection: Connection, number: int) -> int:
    if number == 0 or connection.scalar(select(runs.c.id).where(runs.c.id == number)):
        return number
    first, last = connection.execute(select(func.min(runs.c.id), func.max(runs.c.id))).one()
    there = f"runs {first} to {last}" if last else "no run yet"
    raise UnknownRun(f"no run {number}: the archive has {there}; `campusnews runs` lists them")


def _end(moment: str | date) -> str:
    """Return the last second of a day, or of a datetime, as the catalogue writes times."""
    if isinstance(moment, datetime):
        if moment.tzinfo is None:
            raise InvalidChoice(f"{moment} has no zone: give it one (`tzinfo=UTC`), or name a day")
        return moment.astimezone(UTC).isoformat(timespec="seconds")
    try:
        day = moment if isinstance(moment, date) else date.fromisoformat(moment)
        if day.isoformat() != str(moment):  # other forms of ISO 8601 look like numbers of runs
            raise ValueError
    except (ValueError, TypeError):
        raise InvalidChoice(
            f"{moment!r} is no moment: name a run by its number, or a day, YYYY-MM-DD"
        ) from None
    return f"{day.isoformat()}T23:59:59+00:00"
