"""The catalogue as a schema in a PostgreSQL database: all that is PostgreSQL's own. Does I/O.

One schema is one archive's. Its comment has the id that stands in the deed of the archive's directory.
"""

from __future__ import annotations

import hashlib
import os
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from copy import copy
from dataclasses import replace
from functools import partial

from sqlalchemy import Connection, create_engine, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.pool import NullPool

from storage.catalog import warcs
from storage.digests import sha256_if_readable
from storage.errors import ArchiveError, MissingExtra
from storage.files import locate
from storage.place import DEED, Deed, Place, flaw_of, masked
from storage.session import Door

_COMMENT = "campusnews archive "
_NAME = 63  # bytes of a name
MAKING = "_rebuilding"
_SCHEMA = text("SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = :name")
# What a migration made of plain text columns: compared by bytes, as in SQLite, whatever the database's order.
_BY_BYTES = text(
    """DO $$ DECLARE made record; BEGIN
    FOR made IN
        SELECT table_name, string_agg(format('ALTER %I TYPE text COLLATE "C"', column_name), ', ') AS change
        FROM information_schema.columns WHERE table_schema = current_schema() AND data_type = 'text'
        AND collation_name IS DISTINCT FROM 'C' AND table_name <> 'alembic_version' GROUP BY table_name
    LOOP EXECUTE format('ALTER TABLE %I %s', made.table_name, made.change); END LOOP; END $$"""
)


class Postgres:
    """An archive's schema in a PostgreSQL.

    `catalog` is a URL as libpq and SQLAlchemy write it, with or without a password; `?schema=` names the
    schema, otherwise made of the directory's path.
    """

    def __init__(self, place: Place, catalog: str, new_id: Callable[[], uuid.UUID] = uuid.uuid4) -> None:
        self.file = DEED
        self._root, self._new_id = place.path, new_id
        self._deed = Deed.read(place.path)
        self._free = False
        self._holding: Connection | None = None
        if flaw := flaw_of(catalog):
            raise ArchiveError(f"the catalogue of {place} {flaw}")
        url = make_url(catalog).set(drivername="postgresql+psycopg")
        named = url.query.get("schema")
        schema = str(named) if named else self._deed.schema if self._deed else _schema_of(place)
        _, arguments = url.get_dialect()().create_connect_args(url.difference_update_query(["schema"]))
        server = masked(catalog).partition("?")[0]
        self._door = Door(place.path, server, schema, {"connect_timeout": 10, **arguments})

    @property
    def shown(self) -> str:
        """What to call it before people: without a password."""
        return self._door.shown

    def there(self) -> bool:
        """Tell whether the directory is known to have a catalogue; whether that has tables is seen later."""
        return self._deed is not None

    def connect(self, *, write: bool) -> Connection:
        """Connect; a reading connection is one snapshot, from its first question until it is closed.

        Raises ArchiveLocked, naming the holder, when another machine writes; MissingExtra without psycopg.
        """
        try:
            engine = create_engine(
                "postgresql+psycopg://",
                creator=partial(self._door.session, write),
                poolclass=NullPool,
                paramstyle="format",
                use_native_hstore=False,
            )
        except ModuleNotFoundError:
            raise MissingExtra(
                "a catalogue in PostgreSQL needs psycopg: pip install 'campusnews[postgres]'"
            ) from None
        return engine.connect()

    def expect_ours(self, connection: Connection, *, write: bool) -> None:
        """Raise unless the schema is this archive's, or free for it."""
        comment = _comment_on(connection, self._door.schema)
        self._free = not comment
        if self._free or (self._deed and comment == _COMMENT + self._deed.id):
            return
        if self._deed is None:
            raise ArchiveError(
                f"{self.shown} is the catalogue of another archive: {self._own}, put back the directory it "
                "belongs to, or drop it if that is gone for good"
            )
        raise ArchiveError(
            f"{self.shown} is the catalogue of another archive than {self._root}, whose own is "
            f"{self._deed.catalog}: name that one"
        )

    @property
    def _own(self) -> str:
        other = _suffixed(self._door.schema, "_2")
        return f"name a schema of its own, like ?schema={other} at the end of the URL"

    def prepare(self, connection: Connection) -> None:
        """Write the deed, then make the schema in the transaction that makes its tables."""
        deed = self._deed_of_now()
        if deed != self._deed:  # new, or the server has moved
            deed.write(self._root)
        if self._free:
            name = connection.dialect.identifier_preparer.quote_identifier(self._door.schema)
            connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {name}")
            _comment(connection, self._door.schema, deed)

    def _deed_of_now(self) -> Deed:
        return Deed(self.shown, self._door.schema, self._deed.id if self._deed else str(self._new_id()))

    def settle(self, connection: Connection) -> None:
        """Have every text of the tables compared by its bytes; the server watches over its rows itself."""
        connection.execute(_BY_BYTES)

    def watch(self, connection: Connection) -> None:
        """Watch nothing."""

    def put_back(self, connection: Connection, write: Callable[[], object]) -> None:
        """Let rows be written: no sums are kept of them."""
        write()

    def lenient(self, connection: Connection) -> None:
        """Change nothing: a server gives no text that is none."""

    def spoiled_indexes(self, connection: Connection) -> bool:
        """Tell nothing: to find that takes the server's own `amcheck`."""
        return False

    def reindex(self, connection: Connection) -> None:
        """Do nothing."""

    def apart(self, connection: Connection) -> AbstractContextManager[object]:
        """Return a savepoint: after a question that failed the server takes no other in its transaction."""
        return connection.begin_nested()

    def flaws(self, connection: Connection) -> Iterator[tuple[str | None, str, str]]:
        """Iterate nothing: the server keeps references itself, and the digests find a changed byte."""
        yield from ()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other writers off the schema; raises ArchiveLocked, or ArchiveError where it is another's.

        Without its deed or its comment it is known by the WARC files it names, and gets back what is lost.
        """
        with closing(self.connect(write=True)) as connection:
            comment = _comment_on(connection, self._door.schema)
            used = not comment and bool(inspect(connection).get_table_names())
            if (self._deed is None or used) and self._names_our_files(connection):
                self._deed = self._deed or Deed(self.shown, self._door.schema, self._id_in(comment))
            elif used:
                raise ArchiveError(f"{self.shown} belongs to another program: {self._own}")
            else:
                self.expect_ours(connection, write=True)
            connection.rollback()
            self._holding = connection
            yield

    def _id_in(self, comment: str | None) -> str:
        head, found, told = (comment or "").partition(_COMMENT)
        return told if found and not head else str(self._new_id())

    def _names_our_files(self, connection: Connection) -> bool:
        """Tell whether the schema has, by name and digest, a closed WARC file of the directory."""
        closed = select(warcs.c.file, warcs.c.sha256).where(warcs.c.closed)
        try:
            with self.apart(connection):
                files = connection.execute(closed).all()
        except ProgrammingError:  # no tables of ours
            return False
        return any(sha256_if_readable(locate(self._root, file)) == sha256 for file, sha256 in files)

    def beside(self) -> Postgres:
        """Return a schema to be made anew beside it, within `held`; what was half made before goes."""
        made, connection = copy(self), self._holding
        assert connection is not None
        made._door = replace(self._door, schema=_suffixed(self._door.schema, MAKING))
        name, mark = made._door.schema, f"campusnews half-made {self._door.schema}"
        if _comment_on(connection, name) not in (None, mark):
            raise ArchiveError(
                f"{made.shown} stands where the new catalogue is to be made, and is none that was half made: "
                "rename or drop it"
            )
        connection.exec_driver_sql(f'DROP SCHEMA IF EXISTS "{name}" CASCADE')
        connection.exec_driver_sql(f'CREATE SCHEMA "{name}"')
        connection.exec_driver_sql(f"COMMENT ON SCHEMA \"{name}\" IS '{mark}'")
        connection.commit()
        return made

    def give_way(self) -> str | None:
        """Let the one made beside it take its place; return the name it is kept under, if it was there."""
        name, connection, deed = self._door.schema, self._holding, self._deed_of_now()
        assert connection is not None
        there = set(connection.scalars(text("SELECT nspname FROM pg_namespace")))
        names = (_suffixed(name, f"_before_rebuild{number}") for number in ("", *range(2, 10_000)))
        before = next(name for name in names if name not in there) if name in there else None
        if before is not None:
            connection.exec_driver_sql(f'ALTER SCHEMA "{name}" RENAME TO "{before}"')
        connection.exec_driver_sql(f'ALTER SCHEMA "{_suffixed(name, MAKING)}" RENAME TO "{name}"')
        _comment(connection, name, deed)
        deed.write(self._root)
        connection.commit()
        return before

    def count_on(self, connection: Connection) -> None:
        """Let the counters go on from the greatest number there is."""
        for name in ("runs", "listings", "sightings", "captures"):
            greatest = f"(SELECT coalesce(max(id), 0) + 1 FROM {name})"
            connection.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), {greatest}, false)"
            )

    def identity(self) -> object:
        """Return what is another one once the directory is gone or another is in its place."""
        deed = self._root / DEED
        return deed.exists() and deed.stat().st_ino


def _comment_on(connection: Connection, schema: str) -> str | None:
    """Return the comment of a schema, empty for one without; null where there is no such schema."""
    found = connection.execute(_SCHEMA, {"name": schema}).first()
    return None if found is None else found[0] or ""


def _comment(connection: Connection, schema: str, deed: Deed) -> None:
    """Write whose a schema is; COMMENT takes no parameters, and an id is made of hexadecimal digits."""
    name = connection.dialect.identifier_preparer.quote_identifier(schema)
    connection.exec_driver_sql(f"COMMENT ON SCHEMA {name} IS '{_COMMENT}{uuid.UUID(deed.id)}'")


def _suffixed(schema: str, suffix: str) -> str:
    """Return a schema's name with something behind it, cut to the bytes that PostgreSQL keeps of one."""
    return schema.encode()[: _NAME - len(suffix)].decode(errors="ignore") + suffix


def _schema_of(place: Place) -> str:
    """Return the schema of a directory without a deed: its name, and what tells it from others so named."""
    word = re.sub(r"\W+", "_", place.path.name.lower()).strip("_").encode()[:40].decode(errors="ignore")
    return f"campusnews_{word}_{hashlib.sha256(os.fsencode(place)).hexdigest()[:6]}"
