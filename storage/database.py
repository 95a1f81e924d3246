"""Opening the catalogue: a place goes in, a checked connection comes out. Does I/O.

What is one database's own stands in `storage.sqlite` and `storage.postgres`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Protocol, TypeAlias

from sqlalchemy import Connection, inspect, text

from storage.catalog import metadata
from storage.errors import ArchiveDamaged, ArchiveError, ArchiveNotFound
from storage.place import DEFAULT, SQLITE, Deed, Place
from storage.postgres import Postgres
from storage.sqlite import Sqlite

CATALOG = SQLITE
HEAD = "0010"  # the newest migration; a test holds it equal to what alembic finds
Where: TypeAlias = str | os.PathLike[str]

_VERSION_TABLE = text(
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
    "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)


class Catalogue(Protocol):
    """What each database's own module knows to do; `file` of the directory has it, or says where it is."""

    file: str

    @property
    def shown(self) -> str:
        """What to call it before people: without a password."""

    def there(self) -> bool:
        """Tell whether the directory has one, or is known to."""

    def connect(self, *, write: bool) -> Connection:
        """Connect; a reading connection is one snapshot, from its first question until it is closed."""

    def expect_ours(self, connection: Connection, *, write: bool) -> None:
        """Raise unless it is this archive's, or free for it, and fit to be written."""

    def prepare(self, connection: Connection) -> None:
        """Once it is known as ours: bring it into the state a writer needs."""

    def settle(self, connection: Connection) -> None:
        """Once tables were made, changed or filled: bring their order and their sums up to the rows."""

    def watch(self, connection: Connection) -> None:
        """Have the sums follow the rows from now on."""

    def put_back(self, connection: Connection, write: Callable[[], object]) -> None:
        """Let rows be written as they were before another hand changed them."""

    def lenient(self, connection: Connection) -> None:
        """Let a reader see a text that is none any more, where it would fail."""

    def apart(self, connection: Connection) -> AbstractContextManager[object]:
        """Let a question fail within it and the transaction go on."""

    def flaws(self, connection: Connection) -> Iterator[tuple[str | None, str, str]]:
        """Iterate (record, problem, detail) of what the database itself finds wrong."""

    def spoiled_indexes(self, connection: Connection) -> bool:
        """Tell whether indexes are all that is wrong."""

    def reindex(self, connection: Connection) -> None:
        """Make every index anew."""

    def held(self) -> AbstractContextManager[None]:
        """Keep every other writer off, while one is made beside it and until that has its place."""

    def beside(self) -> Catalogue:
        """Return one to be made anew beside it; what was half made before goes."""

    def count_on(self, connection: Connection) -> None:
        """Let the counters go on from the greatest number there is."""

    def give_way(self) -> str | None:
        """Let the one made beside it take its place; return the name it is kept under, if it was there."""

    def identity(self) -> object:
        """Return what is another one once it is gone or replaced."""


def catalogue_of(where: Where) -> Catalogue:
    """Return the catalogue of a place; raises ArchiveNotFound where another one is named than it has."""
    place = Place.of(where)
    root = place.path
    if place.catalog is None:
        if deed := Deed.read(root):
            raise ArchiveNotFound(
                f"{root}: its catalogue is {deed.catalog}: name that under `archive.catalog` in the config "
                f"or in {DEFAULT}"
            )
        return Sqlite(root)
    if (root / SQLITE).exists():
        raise ArchiveError(f"{root}: its catalogue is {SQLITE}: leave `archive.catalog` out")
    return Postgres(place, place.catalog)


def expect(where: Where, *, create: bool) -> None:
    """Raise unless an archive is there, or none is and `create` allows to make one."""
    root = Place.of(where).path
    if root.exists() and not root.is_dir():
        raise ArchiveNotFound(f"{root}: is a file; an archive is a directory")
    catalogue = catalogue_of(where)
    if catalogue.there():
        return
    if (root / SQLITE).exists():
        raise ArchiveDamaged(f"{root / SQLITE}: is no file: put the right one back, keep every file")
    if has_warcs(root):
        raise ArchiveDamaged(
            f"{root}: WARC files without {catalogue.file}: put it back, or have `campusnews rebuild` make it "
            "anew"
        )
    if not create:
        raise ArchiveNotFound(f"{root}: no archive there: crawl first, or name another directory")


def has_warcs(root: Path) -> bool:
    """Tell whether the archive holds any WARC file, or what was once part of one."""
    return any((root / "warc").glob("*.warc.*"))


def opened(where: Where, *, write: bool) -> Connection:
    """Return a connection to the catalogue; writing checks it whole and brings its schema up to date."""
    root, catalogue = Place.of(where).path, catalogue_of(where)
    connection = catalogue.connect(write=write)
    try:
        catalogue.expect_ours(connection, write=write)
        revision = _revision(connection, root, catalogue)
        if write:
            _bring_up(connection, catalogue, revision)
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


def _bring_up(connection: Connection, catalogue: Catalogue, revision: str | None) -> None:
    """Once the database is known as ours: bring it into the state and the schema that a writer needs."""
    catalogue.prepare(connection)
    if revision is None:
        declare(connection, catalogue.settle)
    elif revision != HEAD:
        migrate(connection, catalogue.settle)
    connection.commit()
    catalogue.watch(connection)


def _revision(connection: Connection, root: Path, catalogue: Catalogue) -> str | None:
    """Return the schema revision, null for a database just made; raise on a foreign or newer one."""
    names = inspect(connection).get_table_names()
    if "alembic_version" not in names:
        if names or has_warcs(root):
            what = "belongs to another program" if names else "is empty beside WARC files"
            raise ArchiveDamaged(
                f"{catalogue.shown}: {what}: put the right one back, or run `campusnews rebuild`"
            )
        return None
    revision = str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar())
    if not revision.isdecimal():
        raise ArchiveDamaged(f"{catalogue.shown}: does not say what schema it has: put the right one back")
    if revision > HEAD:
        raise ArchiveError(
            f"{root}: a newer campusnews wrote this archive (schema {revision}): upgrade campusnews"
        )
    return revision


def declare(connection: Connection, settle: Callable[[Connection], None]) -> None:
    """Make the tables of a new archive as declared, and commit: alembic takes 150 ms and 8 MB for it."""
    metadata.create_all(connection)
    connection.execute(_VERSION_TABLE)
    connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})
    settle(connection)
    connection.commit()


@contextmanager
def begun(catalogue: Catalogue) -> Iterator[Connection]:
    """Open a catalogue just made and without tables, with tables that have no rows yet, and close it."""
    with closing(catalogue.connect(write=True)) as connection:
        declare(connection, catalogue.settle)
        yield connection


def migrate(connection: Connection, settle: Callable[[Connection], None] = lambda connection: None) -> None:
    """Bring the schema to HEAD inside the connection's transaction, have it settled, and commit it."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    settle(connection)
    connection.commit()
