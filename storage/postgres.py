"""The catalogue as a schema in a PostgreSQL database: all that is PostgreSQL's own. Does I/O.

One schema is one archive's. Its comment has the id that stands in the deed of the archive's directory.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import socket
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from copy import copy
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from storage.errors import ArchiveError, ArchiveLocked, MissingExtra
from storage.place import DEED, Deed, Place, flaw_of, masked

if TYPE_CHECKING:
    import psycopg
    from psycopg.abc import Buffer, Dumper

OLDEST = 130000  # as `server_version_num` has it
_WAIT = "2s"  # a server takes a moment to see that the writer it served is dead
_COMMENT = "campusnews archive "
MAKING = "_rebuilding"

# Whatever the role or the server has set: a run pauses for hours, and an export takes as long as it takes.
_SESSION = (
    "SET idle_in_transaction_session_timeout = 0",
    "SET statement_timeout = 0",
    "SET jit = off",  # it takes longer to compile these questions than to answer them
)
# A writer that lost its power or its network lets go of the lock in two minutes.
_WRITER = (
    "SET tcp_keepalives_idle = 60",
    "SET tcp_keepalives_interval = 10",
    "SET tcp_keepalives_count = 6",
    f"SET lock_timeout = '{_WAIT}'",
)
_SERVER = """SELECT current_setting('server_version_num')::int, current_setting('server_encoding'),
    current_setting('synchronous_commit'), current_setting('fsync')"""
_HOLDER = """SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid)
    WHERE l.locktype = 'advisory' AND l.granted AND l.database = a.datid
    AND a.datname = current_database() AND (l.classid::bigint << 32 | l.objid::bigint) = %s"""
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

log = logging.getLogger(__name__)


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
        if flaw := flaw_of(catalog):
            raise ArchiveError(f"the catalogue of {place} {flaw}")
        url = make_url(catalog).set(drivername="postgresql+psycopg")
        named = url.query.get("schema")
        self._schema = str(named) if named else self._deed.schema if self._deed else _schema_of(place)
        _, arguments = url.get_dialect()().create_connect_args(url.difference_update_query(["schema"]))
        self._arguments: dict[str, Any] = {"connect_timeout": 10, **arguments}
        self.shown = f"{masked(catalog).partition('?')[0]} (schema {self._schema})"

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
                creator=partial(self._session, write),
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
        comment = connection.scalar(_SCHEMA, {"name": self._schema})
        self._free = comment is None
        if self._free or (self._deed and comment == _COMMENT + self._deed.id):
            return
        if self._deed is None:
            raise ArchiveError(
                f"{self.shown} is the catalogue of another archive: name a schema of its own, like "
                f"?schema={self._schema}_2 at the end of the URL, put back the directory it belongs to, or "
                "drop it if that is gone for good"
            )
        raise ArchiveError(
            f"{self.shown} is the catalogue of another archive than {self._root}, whose own is "
            f"{self._deed.catalog}: name that one"
        )

    def prepare(self, connection: Connection) -> None:
        """Write the deed, then make the schema in the transaction that makes its tables."""
        deed = Deed(self.shown, self._schema, self._deed.id if self._deed else str(self._new_id()))
        if deed != self._deed:  # new, or the server has moved
            deed.write(self._root)
        if self._free:
            name = connection.dialect.identifier_preparer.quote_identifier(self._schema)
            connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {name}")
            # COMMENT takes no parameters; an id is made of hexadecimal digits.
            connection.exec_driver_sql(f"COMMENT ON SCHEMA {name} IS '{_COMMENT}{uuid.UUID(deed.id)}'")

    def settle(self, connection: Connection) -> None:
        """Have every text of the tables compared by its bytes."""
        connection.execute(_BY_BYTES)

    def tally(self, connection: Connection) -> None:
        """Sum up nothing: the server watches over its pages (`data_checksums`)."""

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

    def beside(self) -> Postgres:
        """Return a schema to be made anew beside it; what was half made before goes."""
        made = copy(self)
        made._schema = self._schema[: 63 - len(MAKING)] + MAKING
        made.shown = f"{self.shown.partition(' (schema ')[0]} (schema {made._schema})"
        with self._connected() as connection:
            connection.exec_driver_sql(f'DROP SCHEMA IF EXISTS "{made._schema}" CASCADE')
            connection.exec_driver_sql(f'CREATE SCHEMA "{made._schema}"')
            connection.commit()
        return made

    def give_way(self) -> str | None:
        """Let the one made beside it take its place; return the name it is kept under, if it was there."""
        made = self._schema[: 63 - len(MAKING)] + MAKING
        deed = self._deed or Deed(self.shown, self._schema, str(self._new_id()))
        with self._connected() as connection:
            there = set(connection.scalars(text("SELECT nspname FROM pg_namespace")))
            names = (f"{self._schema[:40]}_before_rebuild{number}" for number in ("", *range(2, 10_000)))
            before = next(name for name in names if name not in there) if self._schema in there else None
            if before is not None:
                connection.exec_driver_sql(f'ALTER SCHEMA "{self._schema}" RENAME TO "{before}"')
            connection.exec_driver_sql(f'ALTER SCHEMA "{made}" RENAME TO "{self._schema}"')
            # COMMENT takes no parameters; an id is made of hexadecimal digits.
            comment = f"{_COMMENT}{uuid.UUID(deed.id)}"
            connection.exec_driver_sql(f"COMMENT ON SCHEMA \"{self._schema}\" IS '{comment}'")
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

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        connection = self.connect(write=True)
        try:
            yield connection
        finally:
            connection.close()

    def identity(self) -> object:
        """Return what is another one once the directory is gone or another is in its place."""
        deed = self._root / DEED
        return deed.exists() and deed.stat().st_ino

    def _session(self, write: bool) -> psycopg.Connection[Any]:
        import psycopg

        name = f"campusnews pid {os.getpid()} on {socket.gethostname()}" if write else "campusnews"
        known = {"application_name": name[:63], "client_encoding": "UTF8"}
        session = psycopg.connect(**(self._arguments | known), autocommit=True)
        try:
            self._set_up(session, write)
        except BaseException:
            session.close()
            raise
        session.adapters.register_dumper(str, _dumper())
        session.autocommit = False
        session.read_only = not write
        level = psycopg.IsolationLevel
        session.isolation_level = level.READ_COMMITTED if write else level.REPEATABLE_READ
        return session

    def _set_up(self, session: psycopg.Connection[Any], write: bool) -> None:
        from psycopg import errors

        row = session.execute(_SERVER).fetchone()
        assert row is not None
        version, encoding, commits, fsync = row
        if version < OLDEST:
            raise ArchiveError(f"{self.shown}: older than PostgreSQL {OLDEST // 10_000}: upgrade the server")
        if encoding != "UTF8":
            raise ArchiveError(f"{self.shown}: encoded in {encoding}: make a database with ENCODING 'UTF8'")
        for statement in _SESSION:
            session.execute(statement)
        session.execute("SELECT set_config('search_path', quote_ident(%s), false)", (self._schema,))
        if not write:
            return
        if commits == "off":
            session.execute("SET synchronous_commit = on")
        if fsync == "off":
            log.info("%s: fsync is off: a power cut can take back what was acknowledged", self.shown)
        for statement in _WRITER:
            session.execute(statement)
        key = _key(self._schema)
        try:
            session.execute("SELECT pg_advisory_lock(%s)", (key,))
        except errors.LockNotAvailable:
            row = session.execute(_HOLDER, (key,)).fetchone()
            holder = row[0] if row else "unnamed"
            raise ArchiveLocked(
                f"{self._root}: another run holds the catalogue ({holder}): wait for it to end"
            ) from None
        session.execute("SET lock_timeout = 0")


@cache
def _dumper() -> type[Dumper]:
    """Return what writes a text: a NUL, which no page gives and no PostgreSQL takes, as U+FFFD."""
    from psycopg.types.string import StrDumperUnknown

    class WithoutNul(StrDumperUnknown):
        def dump(self, obj: str) -> Buffer | None:
            return super().dump(obj.replace("\0", "\ufffd") if "\0" in obj else obj)

    return WithoutNul


def _schema_of(place: Place) -> str:
    """Return the schema of a directory without a deed: its name, and what tells it from others so named."""
    word = re.sub(r"\W+", "_", place.path.name.lower()).strip("_").encode()[:40].decode(errors="ignore")
    return f"campusnews_{word}_{hashlib.sha256(os.fsencode(place)).hexdigest()[:6]}"


def _key(schema: str) -> int:
    """Return the number that stands for a schema among the advisory locks of its database."""
    return int.from_bytes(hashlib.sha256(f"campusnews {schema}".encode()).digest()[:8], signed=True)
