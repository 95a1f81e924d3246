"""Records of WARC files go in, in order; rows of a new catalogue come out. Writes the catalogue.

Of two that tell of the same thing the later one holds. Rows are taken as they were told: no rule of today is
asked what they should have been.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Connection, Insert, Table, bindparam, select

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
    unread,
    upsert,
    versions,
)
from storage.errors import ArchiveError
from storage.journal import JOURNAL, LOOKED, Journal
from storage.kept import columns_of
from storage.listings import Listings
from storage.members import RecordInfo
from storage.records import REFRESHED
from storage.statement import Statement
from storage.warc import BLANK, header

Row = dict[str, Any]

_CAPTURE_ID = Statement(select(captures.c.id).where(captures.c.record_id == bindparam("record")))
_IS_THERE = Statement(select(articles.c.id).where(articles.c.id == bindparam("key")))
_SEEN_AGAIN = captures.update().where(captures.c.record_id == bindparam("record"))
_LOOKED = (
    articles.update()
    .where(articles.c.id == bindparam("id_"))
    .values({name: bindparam(name) for name in LOOKED if name != "id"})
)


class Replay:
    """The way of one archive's records into an empty catalogue.

    `told` are the runs that told of themselves, `ended` those of their own end, `closed` those whose end is
    told by whomever; `elsewhere` counts captures by the file they should lie in; `waiting` says how many
    addresses of a site its newest run left, `lost` how many rows speak of an article that is not there.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.told: set[int] = set()
        self.ended: set[int] = set()
        self.closed: set[int] = set()
        self.waiting: dict[str, tuple[int, int]] = {}
        self.elsewhere: Counter[str] = Counter()
        self.lost = 0
        self._runs: set[int] = set()
        self._listings: set[int] = set()
        self._over: dict[str, Insert] = {}
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

    def recollect(self) -> None:
        """Look up again what is there, after something was taken back."""
        self._runs = set(self._connection.scalars(select(runs.c.id)))
        self._listings = set(self._connection.scalars(select(listings.c.id)))

    def begin(self, run: int, at: str) -> None:
        """Make a row for a run that is named; what it told of itself comes over it."""
        if run not in self._runs:
            values = {"id": run, "started_at": at, "outcome": "incomplete", "counts": {}, "kind": "crawl"}
            self._put(runs, [values | {"finished_at": None}])
            self._runs.add(run)

    def capture(self, run: int, file: str, info: RecordInfo, head: bytes) -> None:
        """Take in a response."""
        media_type = (header(head, "content-type") or "").partition(";")[0].strip().lower()
        values = {
            "run_id": run,
            "last_run": run,
            "url": info.headers["warc-target-uri"],
            "status": int(head.split(b" ", 2)[1]),
            "media_type": media_type or None,
            "fetched_at": info.headers["warc-date"].replace("Z", "+00:00"),
            "warc": file,
            "offset": info.offset,
            "length": info.length,
            "record_id": info.record_id,
            "payload_digest": info.headers["warc-payload-digest"],
        }
        self._connection.execute(captures.insert(), values | _validators(head))

    def revisit(self, run: int, info: RecordInfo, head: bytes) -> None:
        """Take in that a payload was seen again."""
        again = {name: value for name, value in _validators(head).items() if value}
        record = info.headers.get("warc-refers-to", "").strip("<>")
        self._connection.execute(_SEEN_AGAIN, again | {"record": record, "last_run": run})

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
        row = row or (_provisional(record, version, run, at) if not self._has(key) else None)
        if row is not None:
            self.begin(row["standing_run"], at)
            self._put(articles, [row])
        values = columns_of(record) | {"article_id": key, "number": version["number"]}
        values["capture_id"] = self._capture_id(told["capture"], record["url"], run)
        if version["reason"] != REFRESHED or not self._refreshed(values):
            self._put(versions, [values | _made(version, run, at)])
        if version["reason"] == "new":
            self._connection.execute(unread.delete().where(unread.c.article_id == key))
        if told["sighting"] is not None:
            self._put(sightings, [told["sighting"]])

    def _refreshed(self, values: Row) -> bool:
        """Write new details into the version there is; tell whether it is there."""
        mine = (versions.c.article_id == values["article_id"]) & (versions.c.number == values["number"])
        return self._connection.execute(versions.update().where(mine).values(values)).rowcount > 0

    def _capture_id(self, capture: Row, url: str, run: int) -> int:
        """Return the row of a capture; one whose record is not there is named where it should lie."""
        found = _CAPTURE_ID.run(self._connection, {"record": capture["record_id"]}).fetchone()
        if found is not None:
            return int(found[0])
        self.elsewhere[capture["warc"]] += 1
        values = capture | {"url": url, "run_id": run, "last_run": run}
        made = self._connection.execute(captures.insert().returning(captures.c.id), values)
        return int(made.scalar_one())

    def _has(self, article_id: str) -> bool:
        return _IS_THERE.run(self._connection, {"key": article_id}).fetchone() is not None

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
        known = [row for row in rows if self._has(row["article_id"])]
        self.lost += len(rows) - len(known)
        self._put(sightings, known)

    def _take_waiting(self, rows: list[Row], run: int) -> None:
        self.waiting |= {row["site"]: (run, row["addresses"]) for row in rows}

    def _put(self, table: Table, rows: Iterable[Row]) -> None:
        """Write rows over those already there."""
        if not (rows := list(rows)):
            return
        if table.name not in self._over:
            insert = upsert(self._connection, table)
            rest = {c.name: insert.excluded[c.name] for c in table.c if not c.primary_key}
            self._over[table.name] = insert.on_conflict_do_update(
                index_elements=list(table.primary_key), set_=rest
            )
        self._connection.execute(self._over[table.name], rows)


def content(record: bytes) -> tuple[bytes, bytes]:
    """Return (HTTP head, block) of a record."""
    block = record.partition(BLANK)[2].removesuffix(BLANK)
    return block.partition(BLANK)[0] + BLANK, block


def _validators(head: bytes) -> dict[str, str | None]:
    return {"etag": header(head, "etag"), "last_modified": header(head, "last-modified")}


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
