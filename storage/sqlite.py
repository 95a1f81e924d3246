"""The catalogue as a file of SQLite in the archive's directory: all that is SQLite's own. Does I/O."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.pool import NullPool

from storage import tallies
from storage.errors import ArchiveDamaged
from storage.files import free_name, sync_directory
from storage.place import SQLITE

MAKING, BEFORE = ".rebuilding", ".before-rebuild"
_LOGS = ("", "-wal", "-shm")  # what belongs to a database of SQLite
_INDEX = re.compile(r"missing from index|wrong # of entries in index")
_EVENTS = "SELECT seq, (SELECT max(id) FROM sightings) FROM sqlite_sequence WHERE name = 'sightings'"


class Sqlite:
    """An archive's SQLite."""

    def __init__(self, root: Path, name: str = SQLITE) -> None:
        self.file = name
        self._file = root / name
        self.shown = str(self._file)

    def there(self) -> bool:
        """Tell whether there is one."""
        return self._file.is_file()

    def connect(self, *, write: bool) -> Connection:
        """Connect; a reading connection is one snapshot, from its first question until it is closed.

        `synchronous=FULL`: with NORMAL a power cut takes back a WAL's last commits, and what was acknowledged
        has to survive; commits are grouped, so the fsync costs nothing that is felt.
        """
        return connect(self._file, write=write)

    def expect_ours(self, connection: Connection, *, write: bool) -> None:
        """Raise ArchiveDamaged when SQLite finds its own file inconsistent, before anything is written."""
        if write and (found := connection.execute(text("PRAGMA quick_check(1)")).scalar()) != "ok":
            raise ArchiveDamaged(
                f"{SQLITE}: damaged ({found}): keep every file; `campusnews rebuild` makes it anew"
            )

    def prepare(self, connection: Connection) -> None:
        """Once the database is known as ours: a write-ahead log, under which others can read."""
        connection.commit()
        _raw(connection).execute("PRAGMA journal_mode=WAL")

    def settle(self, connection: Connection) -> None:
        """Sum up the rows; the tables stay as they were made: SQLite compares texts by their bytes."""
        tallies.recount(_raw(connection))

    def watch(self, connection: Connection) -> None:
        """Have the sums follow the rows from now on."""
        tallies.watch(_raw(connection))

    def put_back(self, connection: Connection, write: Callable[[], object]) -> None:
        """Let rows be written as they were before another hand changed them: their sums stand already."""
        with tallies.unwatched(_raw(connection)):
            write()

    def lenient(self, connection: Connection) -> None:
        """Let a reader see text that is none any more, spelled, where it would fail."""
        _raw(connection).text_factory = lambda data: data.decode("utf-8", "backslashreplace")

    def apart(self, connection: Connection) -> AbstractContextManager[object]:
        """Return what needs nothing: a question that fails leaves the transaction as it was."""
        return nullcontext()

    def flaws(self, connection: Connection) -> Iterator[tuple[str | None, str, str]]:
        """Iterate (record, problem, detail) of what SQLite, or the sums over its rows, find wrong."""
        raw = _raw(connection)
        for (found,) in raw.execute("PRAGMA integrity_check"):
            if found != "ok":
                yield None, "sqlite", str(found)
        for table, row, parent, _ in raw.execute("PRAGMA foreign_key_check"):
            yield f"{table} {row}", "foreign_key", f"names nothing in {parent}"
        for name in tallies.TABLES:
            for difference in tallies.differing(raw, name):
                yield difference.record, "rows", difference.detail
        for number, newest in raw.execute(_EVENTS):
            if number != newest:
                yield "sightings", "sequence", f"the counter stands at {number}, the newest event is {newest}"

    def spoiled_indexes(self, connection: Connection) -> bool:
        """Tell whether indexes are all that SQLite finds wrong: they can be made of the rows again."""
        found = [str(line) for (line,) in _raw(connection).execute("PRAGMA integrity_check")]
        return found != ["ok"] and all(_INDEX.search(line) for line in found)

    def reindex(self, connection: Connection) -> None:
        """Make every index anew."""
        _raw(connection).execute("REINDEX")

    def held(self) -> AbstractContextManager[None]:
        """Return what needs nothing: who holds the directory holds the file."""
        return nullcontext()

    def beside(self) -> Sqlite:
        """Return one to be made anew beside it; what was half made before goes."""
        for log in _LOGS:
            self._file.with_name(self.file + MAKING + log).unlink(missing_ok=True)
        return Sqlite(self._file.parent, self.file + MAKING)

    def give_way(self) -> str | None:
        """Let the one made beside it take its place; return the name it is kept under, if it was there.

        At every moment there is the old one, or the new one, or none: then it is made again.
        """
        made = self._file.with_name(self.file + MAKING)
        with made.open("rb") as file:
            os.fsync(file.fileno())
        before = free_name(self._file, BEFORE)
        # The database goes first: without its log it would look whole.
        kept = [_rename(self._file, before, log) for log in _LOGS]
        made.rename(self._file)
        sync_directory(self._file.parent)
        return before.name if any(kept) else None

    def count_on(self, connection: Connection) -> None:
        """Leave the counters: they go on from the greatest number there is."""

    def identity(self) -> object:
        """Return what is another one once the file is gone or replaced: SQLite would not notice."""
        return self._file.exists() and self._file.stat().st_ino


def _raw(connection: Connection) -> sqlite3.Connection:
    raw = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    return raw


def connect(file: Path, *, write: bool) -> Connection:
    """Open an SQLite database as a catalogue."""
    engine = create_engine("sqlite://", creator=lambda: _session(file, write), poolclass=NullPool)
    # pysqlite would begin only at the first write, which is no snapshot.
    event.listen(engine, "begin", lambda c: c.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN"))
    return engine.connect()


def _rename(here: Path, there: Path, log: str) -> bool:
    path = here.with_name(here.name + log)
    if not path.exists():
        return False
    path.rename(there.with_name(there.name + log))
    sync_directory(path.parent)
    return True


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
