"""Sums over the rows of the catalogue, kept as they are written: what SQLite does not watch over.

SQLite checks its trees, not what stands in them: a flipped byte within a value, or a row edited or deleted by
hand, is a sound database. So each table has, by bucket, the number of its rows and the sum of their digests,
moved in the transaction that moves the rows by triggers that only our writing connection has. A server's
database checks its own pages (PostgreSQL: data_checksums), and has none.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b

from storage.catalog import metadata

BUCKETS = 64
NAMED = 20  # rows of a bucket that are named; more are counted
_MASK = (1 << 48) - 1  # sums stay far below SQLite's 63 bits
_OPEN = ("frontier", "tallies")  # work of the hour, written twice for each page; and the sums themselves

TABLES = {table.name: table for table in metadata.sorted_tables if table.name not in _OPEN}


@dataclass(slots=True)
class Tally:
    """What a bucket of a table holds; `keys` are the first rows of it, as a person would name them."""

    rows: int = 0
    total: int = 0
    keys: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Difference:
    """A bucket that does not hold what was written: which table or row, and what is wrong."""

    record: str
    detail: str


def watch(raw: sqlite3.Connection) -> None:
    """Let a connection that writes keep the sums."""
    raw.create_function("row_digest", -1, _digest, deterministic=True)
    raw.create_function("row_bucket", -1, _bucket, deterministic=True)
    for name in TABLES:
        for trigger in _triggers(name):
            raw.execute(trigger)


@contextmanager
def unwatched(raw: sqlite3.Connection) -> Iterator[None]:
    """Let a connection write rows without moving their sums."""
    for name in TABLES:
        for event in ("insert", "delete", "update", "move"):
            raw.execute(f"DROP TRIGGER temp.tally_{name}_{event}")
    try:
        yield
    finally:
        watch(raw)


def recount(raw: sqlite3.Connection) -> None:
    """Write the sums anew, of all rows as they are: after a change of the schema."""
    raw.execute("DELETE FROM tallies")
    for name in TABLES:
        found = of_rows(raw, name)
        values = [(name, bucket, tally.rows, tally.total) for bucket, tally in enumerate(found)]
        raw.executemany("INSERT INTO tallies (name, bucket, rows, total) VALUES (?, ?, ?, ?)", values)


def differing(raw: sqlite3.Connection, name: str) -> Iterator[Difference]:
    """Yield what is wrong with each bucket of a table that is not as written."""
    kept = {
        bucket: (rows, total)
        for bucket, rows, total in raw.execute(
            "SELECT bucket, rows, total FROM tallies WHERE name = ?", (name,)
        )
    }
    for bucket, tally in enumerate(of_rows(raw, name)):
        if kept.get(bucket) != (tally.rows, tally.total):
            written, _ = kept.get(bucket, (0, 0))
            yield _difference(name, written, tally)


def _difference(name: str, written: int, tally: Tally) -> Difference:
    there, keys = tally.rows, tally.keys
    what = f"{written} rows were written, {there} are there" if written != there else "one is not as written"
    among = f": of {', '.join(keys)}" if keys else ""
    more = f" and {there - len(keys)} more" if there > len(keys) else ""
    return Difference(f"{name} {keys[0]}" if len(keys) == 1 else name, what + among + more)


def of_rows(raw: sqlite3.Connection, name: str) -> list[Tally]:
    """Return the sums over the rows as they are."""
    table = TABLES[name]
    names = [column.name for column in table.c]
    places = [names.index(column.name) for column in table.primary_key]
    found = [Tally() for _ in range(BUCKETS)]
    for row in raw.execute(f"SELECT {_quoted(names)} FROM {name}"):
        key = [row[place] for place in places]
        tally = found[_bucket(*key)]
        tally.rows += 1
        tally.total = (tally.total + _digest(*row)) & _MASK
        if tally.rows <= NAMED:
            tally.keys.append(" ".join(map(str, key)))
    return found


def _digest(*values: object) -> int:
    text = "\x1f".join([value if type(value) is str else repr(value) for value in values])
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).digest())


def _bucket(*key: object) -> int:
    return zlib.crc32(repr(key).encode("utf-8", "surrogatepass")) % BUCKETS


def _triggers(name: str) -> Iterator[str]:
    """Yield the triggers of a table; the key of a row may change, and its bucket with it."""
    table = TABLES[name]
    digest = {row: f"row_digest({_quoted(table.c.keys(), row)})" for row in ("new", "old")}
    keys = [column.name for column in table.primary_key]
    bucket = {row: f"row_bucket({_quoted(keys, row)})" for row in ("new", "old")}
    take = _move(name, bucket["old"], "rows - 1", f"{_MASK + 1} - {digest['old']}")
    give = _move(name, bucket["new"], "rows + 1", digest["new"])
    stay = _move(name, bucket["new"], "rows", f"{digest['new']} + {_MASK + 1} - {digest['old']}")
    same = " AND ".join(f'old."{key}" = new."{key}"' for key in keys)
    yield f"CREATE TEMP TRIGGER tally_{name}_insert AFTER INSERT ON main.{name} BEGIN {give}; END"
    yield f"CREATE TEMP TRIGGER tally_{name}_delete AFTER DELETE ON main.{name} BEGIN {take}; END"
    update = f"AFTER UPDATE ON main.{name}"
    yield f"CREATE TEMP TRIGGER tally_{name}_update {update} WHEN {same} BEGIN {stay}; END"
    yield f"CREATE TEMP TRIGGER tally_{name}_move {update} WHEN NOT ({same}) BEGIN {take}; {give}; END"


def _move(name: str, bucket: str, rows: str, more: str) -> str:
    values = f"rows = {rows}, total = (total + {more}) & {_MASK}"
    return f"UPDATE tallies SET {values} WHERE name = '{name}' AND bucket = {bucket}"


def _quoted(names: Iterable[str], row: str = "") -> str:
    return ", ".join(f'{row and row + "."}"{name}"' for name in names)
