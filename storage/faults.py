"""What disk and database report goes in, the error a person can act on comes out. No I/O of its own."""

from __future__ import annotations

import errno
import resource
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

from storage.errors import (
    ArchiveDamaged,
    ArchiveError,
    ArchiveFull,
    ArchiveLocked,
    ArchiveNotFound,
    ArchiveReadOnly,
    ArchiveUnreachable,
)

_VERIFY = "run `campusnews verify` and keep every file"
_REBUILD = "keep every file; `campusnews rebuild` makes it anew from the WARC files"
_FULL = "no space left for the archive: free some, then run the same command again to go on"
_READ_ONLY = "the archive cannot be written: change its permissions, or use a reading command"

_DISK: dict[int | None, tuple[type[ArchiveError], str]] = {
    errno.EACCES: (ArchiveReadOnly, _READ_ONLY),
    errno.EDQUOT: (ArchiveFull, _FULL),
    errno.EFBIG: (ArchiveFull, _FULL),
    errno.ENOENT: (ArchiveNotFound, "the archive or a part of it is not there; nothing was recreated"),
    errno.ENOSPC: (ArchiveFull, _FULL),
    errno.ENOTDIR: (ArchiveNotFound, "the archive must be a directory"),
    errno.EPERM: (ArchiveReadOnly, _READ_ONLY),
    errno.EROFS: (ArchiveReadOnly, _READ_ONLY),
}
# Primary result codes of SQLite (https://sqlite.org/rescode.html), the low byte of the extended ones.
_DATABASE: dict[int, tuple[type[ArchiveError], str]] = {
    sqlite3.SQLITE_BUSY: (ArchiveLocked, "another program holds the catalogue: close it and run again"),
    sqlite3.SQLITE_CANTOPEN: (ArchiveReadOnly, "the catalogue cannot be opened: check its permissions"),
    sqlite3.SQLITE_CORRUPT: (ArchiveDamaged, f"the catalogue is damaged: {_REBUILD}"),
    sqlite3.SQLITE_FULL: (ArchiveFull, _FULL),
    sqlite3.SQLITE_NOTADB: (ArchiveDamaged, f"the catalogue is no SQLite database: {_REBUILD}"),
    sqlite3.SQLITE_READONLY: (ArchiveReadOnly, _READ_ONLY),
}
# Of PostgreSQL: SQLSTATEs or the classes they begin with (PostgreSQL manual, appendix A), the longest first.
_AGAIN = "nothing was half-written: run the same command again to go on"
_GRANT = "its role may not do that: grant it CREATE on the database and its own schema"
_PART = f"a part of the catalogue is not there, or not as it was made: {_REBUILD}"
_SERVER: dict[str, tuple[type[ArchiveError], str]] = {
    "08": (ArchiveUnreachable, f"the connection to the catalogue was lost; {_AGAIN}"),
    "25006": (ArchiveReadOnly, "the catalogue's server takes no writes: name the primary server"),
    "40": (ArchiveError, f"the server took the work back; {_AGAIN}"),
    "42501": (ArchiveReadOnly, _GRANT),
    **dict.fromkeys(("42P01", "42703", "42804", "42883"), (ArchiveDamaged, _PART)),
    "53100": (ArchiveFull, "no space left for the catalogue's server: free some, then run it again to go on"),
    "53": (ArchiveUnreachable, "the catalogue's server has no more to give: see to it, then run it again"),
    "55P03": (ArchiveLocked, "another program holds the catalogue: close it and run again"),
    "57": (ArchiveUnreachable, f"the catalogue's server ended the connection; {_AGAIN}"),
    "58": (ArchiveError, "the catalogue's server has trouble with its disk: see to it, then run it again"),
    "XX001": (ArchiveDamaged, f"the catalogue is damaged: {_REBUILD}"),
    "XX002": (ArchiveDamaged, f"an index of the catalogue is damaged: REINDEX it, then {_VERIFY}"),
}
_NOT_THERE = (
    ArchiveUnreachable,
    "the catalogue's server does not answer or lets nobody in: start it, or mend `archive.catalog`, "
    f"PGPASSWORD or ~/.pgpass; {_AGAIN}",
)
_ROOM = 1 << 20


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn errors of the disk and the database below `path` into the archive's own."""
    try:
        yield
    except OSError as error:
        kind, advice = _DISK.get(error.errno, (ArchiveError, "the disk reported an error: check it"))
        raise kind(f"{error.filename or path}: {error.strerror or error}; {advice}") from error
    except _driver_errors() as error:
        kind, advice = _database(error, path)
        said = " ".join(str(getattr(error, "orig", error)).split())
        raise kind(f"{path}: {said}; {advice}") from error
    except UnicodeDecodeError as error:  # a text of the catalogue, or SQLite's own message that quotes one
        raise ArchiveDamaged(f"{path}: the catalogue is damaged ({error.reason}): {_VERIFY}") from error


def _driver_errors() -> tuple[type[Exception], ...]:
    """Return what databases raise; nobody who does without PostgreSQL has loaded its driver."""
    psycopg = sys.modules.get("psycopg")
    return (DBAPIError, sqlite3.Error, *((psycopg.Error,) if psycopg else ()))


def _database(error: Exception, path: Path) -> tuple[type[ArchiveError], str]:
    """Return kind and advice; SQLite calls a full disk an I/O error when the limit is on the file's size."""
    cause = getattr(error, "orig", error)
    if hasattr(cause, "sqlstate"):
        return _server(cause)
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_IOERR and _no_room(path):
        return ArchiveFull, _FULL
    if code == sqlite3.SQLITE_ERROR and "no such" in str(cause):
        return ArchiveDamaged, _PART
    return _DATABASE.get(code, (ArchiveError, f"the catalogue could not be used: {_VERIFY}"))


def _server(cause: Any) -> tuple[type[ArchiveError], str]:
    """Return kind and advice; what has no SQLSTATE the driver found: there is no server, or no more."""
    if cause.sqlstate is None:
        lost = type(cause).__name__ in ("OperationalError", "ConnectionTimeout")
        return _NOT_THERE if lost else (ArchiveError, f"the catalogue could not be used: {_VERIFY}")
    codes = (cause.sqlstate, cause.sqlstate[:2])
    return next((_SERVER[code] for code in codes if code in _SERVER), (ArchiveError, _VERIFY))


def _no_room(path: Path) -> bool:
    limited = resource.getrlimit(resource.RLIMIT_FSIZE)[0] != resource.RLIM_INFINITY
    return limited or (path.exists() and shutil.disk_usage(path).free < _ROOM)
