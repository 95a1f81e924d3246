"""What a repair of WARC files means for the catalogue: files as they are now, captures moved, lost and found.

A lost capture keeps its row, since versions rest on it; without validators, and passed over where a payload
is looked for, its address is asked for as if for the first time, and its articles at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from storage.catalog import articles, captures, versions, warcs
from storage.remake import Place
from storage.rows import AnyRow

_AT_ONCE = 400  # ids in one query; SQLite once stopped at 999 parameters


@dataclass(frozen=True, slots=True)
class Shifts:
    """Captures that lie elsewhere now (offset, length by id), those lost, and those found again, by id."""

    moved: Mapping[int, tuple[int, int]]
    lost: tuple[AnyRow, ...] = ()
    found: tuple[AnyRow, ...] = ()

    @classmethod
    def of(cls, rows: Iterable[AnyRow], places: Mapping[str, Place], *, trusted: bool = False) -> Shifts:
        """Hold the captures of a file against where its sound records lie.

        A record that says something else than its capture is none, unless the file is `trusted`: then it is
        the catalogue that was changed.
        """
        moved, lost, found = {}, [], []
        for row in rows:
            *home, facts = places.get(row.record_id, (None, None, None))
            if home[0] is None or not (trusted or facts in (None, _facts_of(row))):
                lost += [] if row.lost else [row]
                continue
            found += [row] if row.lost else []
            if home != [row.offset, row.length]:
                moved[row.id] = (home[0], home[1])
        return cls(moved, tuple(lost), tuple(found))

    def __bool__(self) -> bool:
        return bool(self.moved or self.lost or self.found)


def in_file(connection: Connection, name: str) -> list[AnyRow]:
    """Return the captures of a file, as small as they can be."""
    names = ("id", "record_id", "offset", "length", "url", "lost", "status", "fetched_at", "payload_digest")
    query = (
        select(*(captures.c[name] for name in names))
        .where(captures.c.warc == name)
        .order_by(captures.c.offset)
    )
    return list(connection.execute(query))


def _facts_of(row: AnyRow) -> int:
    """Return the digest that `storage.remake` has of the record of a capture."""
    return hash((row.url, row.status, row.fetched_at, row.payload_digest))


def shift(connection: Connection, shifts: Shifts, now: str) -> None:
    """Write where captures are now, and which are not; those are to be fetched again."""
    for key, (offset, length) in shifts.moved.items():
        _set(connection, key, offset=offset, length=length)
    for row in shifts.lost:
        _set(connection, row.id, lost=now, etag=None, last_modified=None)
    for row in shifts.found:
        _set(connection, row.id, lost=None)
    lost = [row.id for row in shifts.lost]
    for start in range(0, len(lost), _AT_ONCE):
        some = lost[start : start + _AT_ONCE]
        read = select(versions.c.article_id).where(versions.c.capture_id.in_(some))
        at = select(captures.c.url).where(captures.c.id.in_(some))
        theirs = articles.c.id.in_(read) | articles.c.url.in_(at)
        connection.execute(articles.update().where(theirs).values(looked_at=""))


def renewed(connection: Connection) -> list[tuple[int, int]]:
    """Return (lost, found) ids of lost captures whose payload is kept again, fetched at the same address."""
    again = captures.alias()
    same = (again.c.url == captures.c.url) & (again.c.payload_digest == captures.c.payload_digest)
    query = select(captures.c.id, again.c.id).join(again, same & again.c.lost.is_(None))
    rests = select(versions.c.capture_id)
    query = query.where(captures.c.lost.is_not(None), captures.c.id.in_(rests)).order_by(again.c.id)
    return list({old: (old, new) for old, new in connection.execute(query)}.values())


def rest_on(connection: Connection, pairs: Iterable[tuple[int, int]]) -> None:
    """Let versions rest on the capture that has the payload again."""
    for old, new in pairs:
        mine = versions.c.capture_id == old
        connection.execute(versions.update().where(mine).values(capture_id=new))


def set_file(connection: Connection, name: str, values: Mapping[str, object]) -> None:
    """Write what a file is now."""
    connection.execute(warcs.update().where(warcs.c.file == name).values(closed=True, **values))


def _set(connection: Connection, key: int, **values: object) -> None:
    connection.execute(captures.update().where(captures.c.id == key).values(**values))
