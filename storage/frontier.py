"""What of a run is still to fetch, in the order in which a host's addresses wait. Writes the catalogue.

What is done stays to be recognised until its run ends; what is left then the next run of the kind takes over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, func, select

from storage.catalog import frontier, runs
from storage.records import Task, canonical_json, shallow
from storage.statement import RunRows, Statement

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
_AT_ONCE = 500  # URLs in one query; SQLite once stopped at 999 parameters


class Frontier:
    """The frontier of one run."""

    def __init__(self, connection: Connection, run: int) -> None:
        self._connection, self._run = connection, run
        self._rows = RunRows(connection, run)
        self._place = self._last_place()

    def take_over(self, sites: Sequence[str], kind: str, *, keep: bool) -> None:
        """Move what earlier runs of a kind left of these sites to this run, or drop it."""
        alike = select(runs.c.id).where(runs.c.kind == kind, runs.c.id != self._run)
        left = frontier.c.run_id.in_(alike) & frontier.c.site.in_(list(sites))
        there = frontier.alias()
        known = select(there.c.url).where(there.c.run_id == self._run, there.c.url == frontier.c.url)
        move = frontier.update().where(left, frontier.c.state == "pending", ~known.exists())
        place = frontier.c.place
        for run in self._connection.scalars(alike.order_by(runs.c.id.desc())).all() if keep else ():
            last = self._last_place()  # two of a host in one place would be handed out as one
            behind = case((place < 0, place - last), else_=place + last)
            moved = move.where(frontier.c.run_id == run).values(run_id=self._run, place=behind)
            self._connection.execute(moved)
        self._connection.execute(frontier.delete().where(left))
        self._place = self._last_place()

    def forget_done(self) -> None:
        """Drop what was fetched."""
        done = (frontier.c.run_id == self._run) & (frontier.c.state == "done")
        self._connection.execute(frontier.delete().where(done))

    def enqueue(self, tasks: Iterable[Task]) -> list[Task]:
        """Put tasks on the frontier; return those whose URL this run had not met in this turn, each once."""
        fresh: dict[str, Task] = {}
        for task in tasks:
            fresh.setdefault(task.url, task)
        urls = list(fresh)
        for start in range(0, len(urls), _AT_ONCE):
            known = select(frontier.c.url, frontier.c.turn).where(frontier.c.run_id == self._run)
            known = known.where(frontier.c.url.in_(urls[start : start + _AT_ONCE]))
            for url, turn in self._connection.execute(known):
                if turn >= fresh[url].turn:
                    del fresh[url]
        queued = []
        for task in fresh.values():
            self._place += 1
            queued.append(replace(task, place=-self._place if task.first else self._place))
        self._rows.put(frontier, [_row(task) for task in queued])
        return queued

    def done(self, url: str) -> None:
        """Take a URL off the frontier; this run will know it again."""
        _DONE.run(self._connection, {"run": self._run, "address": url})

    def note(self, task: Task) -> None:
        """Write the detail of a task anew."""
        values = {"run": self._run, "address": task.url, "detail": canonical_json(task.detail).decode()}
        _NOTE.run(self._connection, values)

    def carried_out(self, kind: str) -> list[Task]:
        """Return the tasks of a kind that this run took off the frontier, in order."""
        query = select(frontier).where(frontier.c.run_id == self._run, frontier.c.kind == kind)
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
        query = select(frontier).where(frontier.c.run_id == self._run, frontier.c.state == "pending")
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
        query = select(frontier.c.site, frontier.c.host, func.count()).where(frontier.c.run_id == self._run)
        rows = self._connection.execute(query.where(frontier.c.state == "pending").group_by(*by))
        return [(site, host, count) for site, host, count in rows]

    def _last_place(self) -> int:
        newest = select(func.max(func.abs(frontier.c.place))).where(frontier.c.run_id == self._run)
        return self._connection.scalar(newest) or 0


def _task(row: Row[Any]) -> Task:
    return Task(row.url, row.host, row.site, row.kind, row.detail, row.place)


def _row(task: Task) -> dict[str, Any]:
    return {name: value for name, value in shallow(task).items() if name != "first"} | {"state": "pending"}
