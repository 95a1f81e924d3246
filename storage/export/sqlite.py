"""A plain SQLite file for Datasette and for who queries: articles, versions, views, changes and runs."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, BinaryIO

from storage.errors import TargetRefused
from storage.export.signs import json_line, whole
from storage.export.tables import ARTICLES, Column, Table

_TYPES = {"integer": "INTEGER", "boolean": "INTEGER"}
_REFERS = {
    "article_id": "articles(id)",
    "run": "runs(id)",
}
_INDEXES = (
    ("articles", "site, release_day"),
    ("articles", "release_day"),
    ("articles", "state"),
    ("views", "article_id, observed_at"),
    ("changes", "article_id, cursor"),
    ("changes", "run, kind"),
)
# A larger buffer merges less often, and takes a third off; the file goes out with the usual one.
_SEARCH = """
CREATE VIRTUAL TABLE articles_fts USING fts5(title, body, content='articles', tokenize='trigram');
INSERT INTO articles_fts(articles_fts, rank) VALUES ('hashsize', 16000000);
INSERT INTO articles_fts(articles_fts) VALUES ('rebuild');
INSERT INTO articles_fts(articles_fts, rank) VALUES ('hashsize', 1048576);
"""


def write_sqlite(tables: Iterable[tuple[Table, Iterable[Any]]], out: BinaryIO) -> int:
    """Write a database of these tables, each given with its items, and return how many articles.

    Times are ISO 8601 text, lists and objects JSON. It is made beside the file it goes to, or, for a pipe,
    where temporary files lie. Raises TargetRefused where there is no room.
    """
    with tempfile.TemporaryDirectory(prefix=".campusnews-", dir=_beside(out)) as place:
        path = Path(place, "export.sqlite")
        try:
            with closing(sqlite3.connect(path, isolation_level=None)) as database:
                count = _fill(database, tables)
        except sqlite3.OperationalError as error:
            raise TargetRefused(f"SQLite cannot write ({error}): make room or name another place") from error
        with path.open("rb") as made:
            shutil.copyfileobj(made, out, 1 << 20)
    return count


def _beside(out: BinaryIO) -> Path | None:
    name = getattr(out, "name", None)
    return Path(name).parent if isinstance(name, str | os.PathLike) and Path(name).is_file() else None


def _fill(database: sqlite3.Connection, tables: Iterable[tuple[Table, Iterable[Any]]]) -> int:
    # What breaks here is thrown away whole, so nothing has to be safe before the end.
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -16000"):
        database.execute(f"PRAGMA {pragma}")
    count = 0
    database.execute("BEGIN")
    for table, items in tables:
        database.execute(_declaration(table))
        places = ", ".join("?" * len(table.columns))
        rows = database.executemany(f"INSERT INTO {table.name} VALUES ({places})", _rows(table, items))
        count += rows.rowcount if table is ARTICLES else 0
    database.execute("COMMIT")
    for name, columns in _INDEXES:
        index = "_".join([name, *columns.split(", ")])
        database.execute(f"CREATE INDEX {index} ON {name} ({columns})")
    database.executescript(_SEARCH)
    database.execute("ANALYZE")
    return count


def _declaration(table: Table) -> str:
    parts = [_column(column) for column in table.columns]
    parts.append(f"PRIMARY KEY ({', '.join(table.key)})")
    parts += [
        f"FOREIGN KEY ({name}) REFERENCES {place}" for name, place in _REFERS.items() if name in table.names
    ]
    return f"CREATE TABLE {table.name} (\n  " + ",\n  ".join(parts) + "\n)"


def _column(column: Column) -> str:
    must = " NOT NULL" if column.needed else ""
    return f"{column.name} {_TYPES.get(column.kind, 'TEXT')}{must}"


def _rows(table: Table, items: Iterable[Any]) -> Iterator[list[Any]]:
    kinds = [column.kind for column in table.columns]
    for item in items:
        for row in table.rows(item):
            yield [_value(value, kind) for value, kind in zip(row, kinds, strict=True)]


def _value(value: Any, kind: str) -> Any:
    if isinstance(value, str):
        return whole(value)
    return (
        value if value is None or kind not in ("array", "object") else json_line(value).decode().rstrip("\n")
    )
