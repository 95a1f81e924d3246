"""Records of WARC files go in, in order; rows of a new catalogue come out. Writes the catalogue.

Of two that tell of the same thing the later one holds. Rows are taken as they were told: no rule of today is
asked what they should have been.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Insert, Table, bindparam, exc, select

from storage.catalog import (
    articles,
    layouts,
    listed,
    listings,
    problems,
    rulings,
    run_sites,
    runs,
    sightings,
    unread,
    versions,
)
from storage.comparison import pack
from storage.diff import compare
from storage.errors import ArchiveError
from storage.evidence import Evidence
from storage.journal import JOURNAL, LOOKED, Journal
from storage.kept import columns_of
from storage.listings import Listings
from storage.records import REFRESHED, Article
from storage.statement import Savepoint, Statement, is_kept, put_over

Row = dict[str, Any]

_BEFORE = Statement(
    select(versions.c.record, articles.c.url)
    .join(articles)
    .where(versions.c.article_id == bindparam("key"), versions.c.number == bindparam("at"))
)
_READ = Statement(unread.delete().where(unread.c.article_id == bindparam("key")))
_LOOKED = (
    articles.update()
    .where(articles.c.id == bindparam("id_"))
    .values({name: bindparam(name) for name in LOOKED if name != "id"})
)


class Replay:
    """The way of one archive's records into an empty catalogue.

    `told` are the runs that told of themselves, `ended` those of their own end, `closed` those whose end is
    told by whomever; `waiting` says how many addresses of a site its newest run left, `lost` how many rows
    speak of an article that is not there.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection, self.evidence = connection, Evidence(connection)
        self.told: set[int] = set()
        self.ended: set[int] = set()
        self.closed: set[int] = set()
        self.waiting: dict[str, tuple[int, int]] = {}
        self.lost = 0
        self._runs: set[int] = set()
        self._listings: set[int] = set()
        self._over: dict[str, Insert] = {}
        self._one: dict[str, Statement] = {}
        self._takes: dict[str, Callable[[list[Row], int], None]] = {
            "runs": self._take_runs,
            "run_sites": self._take_of_run(run_sites),
            "listings": self._take_listings,
            "forgotten": self._forget,
            "adopted": self._adopt,
            "listed": self._take_listed,
            "articles": self._take_looks,
            "sightings": self._take_sightings,
            "unread": lambda rows, _: self._put(unread, rows),
            "layouts": lambda rows, _: self._put(layouts, rows),
            "problems": self._take_of_run(problems),
            "rulings": self._take_of_run(rulings),
            "waiting": self._take_waiting,
        }

    @property
    def refusals(self) -> tuple[type[Exception], ...]:
        """The errors by which a database refuses values: they contradict others, or are none."""
        driver = self._connection.dialect.loaded_dbapi
        names = ("DataError", "IntegrityError", "InterfaceError", "ProgrammingError")
        return tuple(getattr(of, name) for of in (exc, driver) for name in names)

    @contextmanager
    def record(self) -> Iterator[None]:
        """Take in what one record says, or nothing of it."""
        before = Savepoint(self._connection)
        try:
            yield
        except BaseException:
            before.take_back()
            self._runs = set(self._connection.scalars(select(runs.c.id)))
            self._listings = set(self._connection.scalars(select(listings.c.id)))
            raise
        finally:
            before.release()

    def begin(self, run: int, at: str) -> None:
        """Make a row for a run that is named; what it told of itself comes over it."""
        if run not in self._runs:
            values = {"id": run, "started_at": at, "outcome": "incomplete", "counts": {}, "kind": "crawl"}
            self._put(runs, [values | {"finished_at": None}])
            self._runs.add(run)

    def note(self, block: bytes, at: str) -> None:
        """Take in an object of the journal; raises ValueError, KeyError or TypeError for one that is none."""
        told = json.loads(block)
        if told["journal"] > JOURNAL:
            raise ArchiveError("a newer campusnews wrote these WARC files: upgrade campusnews")
        run = told["run"]
        self.begin(run, at)
        if told["campusnews"] == "article":
            self._take_article(told, run, at)
            return
        self.told.add(run)
        for table, take in self._takes.items():
            if rows := told.get(table):
                take(rows, run)

    def _take_article(self, told: Row, run: int, at: str) -> None:
        version, record, row = told["version"], told["record"], told["article"]
        key = version["article_id"]
        compared = self._compared(record, version["number"])
        row = row or (_provisional(record, version, run, at) if not is_kept(self._connection, key) else None)
        if row is not None:
            self.begin(row["standing_run"], at)
            self._put_one(articles, row)
        values = columns_of(record) | {"article_id": key, "number": version["number"], "compared": compared}
        values["capture_id"] = self.evidence.place_of(told["capture"], record["url"], run)
        if version["reason"] != REFRESHED or not self._refreshed(values):
            self._put_one(versions, values | _made(version, run, at))
        if version["reason"] == "new":
            _READ.run(self._connection, {"key": key})
        if told["sighting"] is not None:
            self._put_one(sightings, told["sighting"])

    def _compared(self, record: Row, number: int) -> str | None:
        """Return what tells a version from the one before it, as far as that is there."""
        found = _BEFORE.run(self._connection, {"key": record["id"], "at": number - 1}).fetchone()
        if found is None:
            return None
        before, url = found
        return pack(compare(Article.from_json(json.loads(before) | {"url": url}), Article.from_json(record)))

    def _refreshed(self, values: Row) -> bool:
        """Write new details into the version there is; tell whether it is there."""
        mine = (versions.c.article_id == values["article_id"]) & (versions.c.number == values["number"])
        told = versions.update().where(mine).values(values | {"compared": None})
        return self._connection.execute(told).rowcount > 0

    def _take_runs(self, rows: list[Row], run: int) -> None:
        for row in rows:
            self._runs.add(row["id"])
            if row["finished_at"] is not None:
                self.closed.add(row["id"])
                self.ended |= {run} & {row["id"]}
        self._put(runs, rows)

    def _take_of_run(self, table: Table) -> Callable[[list[Row], int], None]:
        def take(rows: list[Row], run: int) -> None:
            for row in rows:
                self.begin(row["run_id"], "")
            self._put(table, rows)

        return take

    def _take_listings(self, rows: list[Row], run: int) -> None:
        self._put(listings, rows)
        self._listings.update(row["id"] for row in rows)

    def _take_listed(self, rows: list[Row], run: int) -> None:
        self._put(listed, [row for row in rows if row["listing_id"] in self._listings])

    def _forget(self, rows: list[Row], run: int) -> None:
        for row in rows:
            self._as_told(run).keep_listings(row["site"], row["seeds"])

    def _adopt(self, rows: list[Row], run: int) -> None:
        for row in rows:
            self._as_told(run).adopt(row["site"], row["article_ids"], row["strays"])

    def _as_told(self, run: int) -> Listings:
        return Listings(self._connection, Journal(run, ""))

    def _take_looks(self, rows: list[Row], run: int) -> None:
        for row in rows:
            self.begin(row["standing_run"], "")
        self._connection.execute(_LOOKED, [row | {"id_": row["id"]} for row in rows])

    def _take_sightings(self, rows: list[Row], run: int) -> None:
        known = [row for row in rows if is_kept(self._connection, row["article_id"])]
        self.lost += len(rows) - len(known)
        self._put(sightings, known)

    def _take_waiting(self, rows: list[Row], run: int) -> None:
        self.waiting |= {row["site"]: (run, row["addresses"]) for row in rows}

    def _put_one(self, table: Table, row: Row) -> None:
        """Write a row of plain values over the one already there."""
        if table.name not in self._one:
            self._one[table.name] = Statement(put_over(self._connection, table), *table.c.keys())
        self._one[table.name].run(self._connection, dict.fromkeys(table.c.keys()) | row)

    def _put(self, table: Table, rows: Iterable[Row]) -> None:
        """Write rows over those already there; what a later campusnews told beside is left."""
        rows = [{name: value for name, value in row.items() if name in table.c} for row in rows]
        if not rows:
            return
        if table.name not in self._over:
            self._over[table.name] = put_over(self._connection, table)
        self._connection.execute(self._over[table.name], rows)


def _made(version: Row, run: int, at: str) -> Row:
    """Return how a version came about; of one that is only told of as refreshed, the least that is true."""
    reason = version["reason"]
    if reason == REFRESHED:
        reason = "new" if version["number"] == 1 else "edit"
    return {"run_id": run, "created_at": version.get("created_at", at), "reason": reason}


def _provisional(record: Row, version: Row, run: int, at: str) -> Row:
    """Return the row of an article of which only a version is left, until a later record tells more."""
    names = ("id", "site", "url", "section", "release_time", "views", "views_source", "views_observed_at")
    times = ("first_seen", "last_seen", "last_changed", "looked_at")
    row = {name: record[name] for name in names} | dict.fromkeys(times, version.get("created_at", at))
    row |= {"standing": "live", "standing_run": run, "state": "live", "last_run": run}
    return row | {"version": version["number"]}
