"""Opening the catalogue: a directory goes in, a checked connection comes out. Does I/O.

All that is SQLite's own stands here, and only here.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, create_engine, event, inspect, text
from sqlalchemy.pool import NullPool

from storage import tallies
from storage.catalog import metadata
from storage.errors import ArchiveDamaged, ArchiveError, ArchiveNotFound

CATALOG = "catalog.sqlite"
HEAD = "0007"  # the newest migration; a test holds it equal to what alembic finds
_INDEX = re.compile(r"missing from index|wrong # of entries in index")


_VERSION_TABLE = text(
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
    "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)


def expect(root: Path, *, create: bool) -> None:
    """Raise unless an archive is there, or none is and `create` allows to make one."""
    if root.exists() and not root.is_dir():
        raise ArchiveNotFound(f"{root}: is a file; an archive is a directory")
    if (root / CATALOG).is_file():
        return
    if (root / CATALOG).exists():
        raise ArchiveDamaged(f"{root / CATALOG}: is no file: put the right one back, keep every file")
    if has_warcs(root):
        raise ArchiveDamaged(f"{root}: WARC files without {CATALOG}: put it back, keep every file")
    if not create:
        raise ArchiveNotFound(f"{root}: no archive there: crawl first, or name another directory")


def has_warcs(root: Path) -> bool:
    """Tell whether the archive holds any WARC file, finished or not."""
    return any((root / "warc").glob("*.warc.gz*"))


def opened(root: Path, *, write: bool) -> Connection:
    """Return a connection to the catalogue; writing checks it whole and brings its schema up to date."""
    connection = connect(root / CATALOG, write=write)
    try:
        if write:
            quick_check(connection)
        revision = _revision(connection, root)
        if write:
            _bring_up(connection, revision)
        elif revision is None:
            raise ArchiveNotFound(f"{root}: the archive is still empty: crawl first")
        elif revision != HEAD:
            raise ArchiveError(
                f"{root}: an older campusnews wrote this archive: crawl once to bring it up to date"
            )
    except BaseException:
        connection.close()
        raise
    return connection


def connect(file: Path, *, write: bool) -> Connection:
    """Open the database; a reading connection is one snapshot, from its first question until it is closed.

    `synchronous=FULL`: with NORMAL a power cut takes back a WAL's last commits, and what was acknowledged has
    to survive; commits are grouped, so the fsync costs nothing that is felt.
    """
    engine = create_engine("sqlite://", creator=lambda: _sqlite(file, write), poolclass=NullPool)
    # pysqlite would begin only at the first write, which is no snapshot.
    event.listen(engine, "begin", lambda c: c.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN"))
    return engine.connect()


def _sqlite(file: Path, write: bool) -> sqlite3.Connection:
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


def _bring_up(connection: Connection, revision: str | None) -> None:
    """Once the database is known as ours: a write-ahead log, under which others can read, and the schema."""
    connection.commit()
    raw = _raw(connection)
    raw.execute("PRAGMA journal_mode=WAL")
    if revision is None:
        _declare(connection)
    elif revision != HEAD:
        migrate(connection)
    tallies.watch(raw)


def _raw(connection: Connection) -> sqlite3.Connection:
    raw = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    return raw


def _still(file: Path) -> str:
    """Return the option for a database nobody can write: SQLite needs to be told where it cannot lock."""
    log = file.with_name(file.name + "-wal")
    return "" if (log.exists() and log.stat().st_size) or os.access(file.parent, os.W_OK) else "&immutable=1"


def quick_check(connection: Connection) -> None:
    """Raise ArchiveDamaged when SQLite finds its own file inconsistent."""
    found = connection.execute(text("PRAGMA quick_check(1)")).scalar()
    if found != "ok":
        raise ArchiveDamaged(f"{CATALOG}: damaged ({found}): run `campusnews verify` and keep every file")


def lenient(connection: Connection) -> None:
    """Let a reader see text that is none any more, spelled, where it would fail at the first byte of it."""
    _raw(connection).text_factory = lambda data: data.decode("utf-8", "backslashreplace")


def faults_of(connection: Connection) -> Iterator[tuple[str, str | None, str]]:
    """Yield (problem, record, detail) of what SQLite, or the sums over its rows, find wrong."""
    raw = _raw(connection)
    for (found,) in raw.execute("PRAGMA integrity_check"):
        if found != "ok":
            yield "sqlite", None, str(found)
    for table, row, parent, _ in raw.execute("PRAGMA foreign_key_check"):
        yield "foreign_key", f"{table} {row}", f"names nothing in {parent}"
    for name in tallies.TABLES:
        for written, there, keys in tallies.differing(raw, name):
            which = f"{name} {keys[0]}" if len(keys) == 1 else name
            yield "rows", which, _told(written, there, keys)
    events = "(SELECT max(id) FROM sightings)"
    for number, newest in raw.execute(f"SELECT seq, {events} FROM sqlite_sequence WHERE name = 'sightings'"):
        if number != newest:
            yield "sequence", "sightings", f"the counter stands at {number}, the newest event is {newest}"


def only_indexes_differ(connection: Connection) -> bool:
    """Tell whether indexes are all that SQLite finds wrong: they can be made of the rows again."""
    found = [str(line) for (line,) in _raw(connection).execute("PRAGMA integrity_check")]
    return found != ["ok"] and all(_INDEX.search(line) for line in found)


def reindex(connection: Connection) -> None:
    """Make every index anew."""
    _raw(connection).execute("REINDEX")


def put_back(connection: Connection, write: Callable[[], object]) -> None:
    """Let rows be written as they were before another hand changed them: their sums stand already."""
    with tallies.unwatched(_raw(connection)):
        write()


def _told(written: int, there: int, keys: list[str]) -> str:
    """Return what is wrong with the rows of one bucket, and which it can be."""
    what = f"{written} rows were written, {there} are there" if written != there else "one is not as written"
    among = f"of {', '.join(keys)}" + (f" and {there - len(keys)} more" if there > len(keys) else "")
    return f"{what}: {among}" if keys else what


def _revision(connection: Connection, root: Path) -> str | None:
    """Return the schema revision, null for a database just made; raise on a foreign or newer one."""
    names = inspect(connection).get_table_names()
    if "alembic_version" not in names:
        if names or has_warcs(root):
            what = "belongs to another program" if names else "is empty beside WARC files"
            raise ArchiveDamaged(f"{root / CATALOG}: {what}: put the right one back, keep every file")
        return None
    revision = str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar())
    if not revision.isdecimal():
        raise ArchiveDamaged(f"{root / CATALOG}: does not say what schema it has: put the right one back")
    if revision > HEAD:
        raise ArchiveError(
            f"{root}: a newer campusnews wrote this archive (schema {revision}): upgrade campusnews"
        )
    return revision


def _declare(connection: Connection) -> None:
    """Make the tables of a new archive as declared, and commit: alembic takes 150 ms and 8 MB for it."""
    metadata.create_all(connection)
    connection.execute(_VERSION_TABLE)
    connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})
    tallies.recount(_raw(connection))
    connection.commit()


def migrate(connection: Connection) -> None:
    """Bring the schema to HEAD inside the connection's transaction, sum up its rows, and commit it."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    tallies.recount(_raw(connection))
    connection.commit()
