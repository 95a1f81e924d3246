"""The catalogue as a file of SQLite in the archive's directory: all that is SQLite's own. Does I/O."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.pool import NullPool

from storage.errors import ArchiveDamaged
from storage.place import SQLITE


class Sqlite:
    """An archive's SQLite."""

    def __init__(self, root: Path) -> None:
        self.file = SQLITE
        self._file = root / SQLITE
        self.shown = str(self._file)

    def there(self) -> bool:
        """Tell whether there is one."""
        return self._file.exists()

    def connect(self, *, write: bool) -> Connection:
        """Connect; a reading connection is one snapshot, from its first question until it is closed.

        `synchronous=FULL`: with NORMAL a power cut takes back a WAL's last commits, and what was acknowledged
        has to survive; commits are grouped, so the fsync costs nothing that is felt.
        """
        return connect(self._file, write=write)

    def expect_ours(self, connection: Connection, *, write: bool) -> None:
        """Raise ArchiveDamaged when SQLite finds its own file inconsistent, before anything is written."""
        if write and (found := connection.execute(text("PRAGMA quick_check(1)")).scalar()) != "ok":
            raise ArchiveDamaged(f"{SQLITE}: damaged ({found}): run `campusnews verify` and keep every file")

    def prepare(self, connection: Connection) -> None:
        """Once the database is known as ours: a write-ahead log, under which others can read."""
        connection.commit()
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        raw.execute("PRAGMA journal_mode=WAL")

    def settle(self, connection: Connection) -> None:
        """Leave the tables as they were made: SQLite compares texts by their bytes."""

    def flaws(self, connection: Connection) -> Iterator[tuple[str | None, str, str]]:
        """Iterate (record, problem, detail) of what SQLite finds inconsistent."""
        for (found,) in connection.execute(text("PRAGMA integrity_check")):
            if found != "ok":
                yield None, "sqlite", found
        for table, row, parent, _ in connection.execute(text("PRAGMA foreign_key_check")):
            yield f"{table} {row}", "foreign_key", f"names nothing in {parent}"

    def identity(self) -> object:
        """Return what is another one once the file is gone or replaced: SQLite would not notice."""
        return self._file.exists() and self._file.stat().st_ino


def connect(file: Path, *, write: bool) -> Connection:
    """Open an SQLite database as a catalogue."""
    engine = create_engine("sqlite://", creator=lambda: _session(file, write), poolclass=NullPool)
    # pysqlite would begin only at the first write, which is no snapshot.
    event.listen(engine, "begin", lambda c: c.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN"))
    return engine.connect()


def _session(file: Path, write: bool) -> sqlite3.Connection:
    uri = f"file:{quote(str(file))}?mode={'rwc' if write else 'ro'}{'' if write else _still(file)}"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=30, check_same_thread=False)
    try:
        for pragma in ("foreign_keys=ON", "cell_size_check=ON", "trusted_schema=OFF"):
            connection.execute(f"PRAGMA {pragma}")
        if write:
            connection.execute("PRAGMA synchronous=FULL")
    except sqlite3.Error:  # no database at all
        connection.close()
        raise
    return connection


def _still(file: Path) -> str:
    """Return the option for a database nobody can write: SQLite needs to be told where it cannot lock."""
    log = file.with_name(file.name + "-wal")
    return "" if (log.exists() and log.stat().st_size) or os.access(file.parent, os.W_OK) else "&immutable=1"
