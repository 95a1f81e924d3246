"""A session with a PostgreSQL server, set up for one that reads or for the writer, who is alone. Does I/O."""

from __future__ import annotations

import hashlib
import logging
import os
import socket
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storage.errors import ArchiveError, ArchiveLocked

if TYPE_CHECKING:
    import psycopg
    from psycopg.abc import Buffer, Dumper

OLDEST = 130000  # as `server_version_num` has it
_WAIT = "2s"  # a server takes a moment to see that the writer it served is dead

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

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Door:
    """The way to an archive's schema: its directory, its server as it is shown and in libpq's words."""

    root: Path
    server: str
    schema: str
    arguments: dict[str, Any] = field(repr=False)  # may have a password in it

    @property
    def shown(self) -> str:
        """What to call it before people."""
        return f"{self.server} (schema {self.schema})"

    def session(self, write: bool) -> psycopg.Connection[Any]:
        """Return a new session; raises ArchiveLocked, naming the holder, for a second one that writes."""
        import psycopg

        name = f"campusnews pid {os.getpid()} on {socket.gethostname()}" if write else "campusnews"
        known = {"application_name": name[:63], "client_encoding": "UTF8"}
        session = psycopg.connect(**(self.arguments | known), autocommit=True)
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
        session.execute("SELECT set_config('search_path', quote_ident(%s), false)", (self.schema,))
        if not write:
            return
        if commits == "off":
            session.execute("SET synchronous_commit = on")
        if fsync == "off":
            log.info("%s: fsync is off: a power cut can take back what was acknowledged", self.shown)
        for statement in _WRITER:
            session.execute(statement)
        key = _key(self.schema)
        try:
            session.execute("SELECT pg_advisory_lock(%s)", (key,))
        except errors.LockNotAvailable:
            row = session.execute(_HOLDER, (key,)).fetchone()
            holder = row[0] if row else "unnamed"
            raise ArchiveLocked(
                f"{self.root}: another run holds the catalogue ({holder}): wait for it to end"
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


def _key(schema: str) -> int:
    """Return the number that stands for a schema among the advisory locks of its database."""
    return int.from_bytes(hashlib.sha256(f"campusnews {schema}".encode()).digest()[:8], signed=True)
