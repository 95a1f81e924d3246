"""What disk and database report goes in, the error a person can act on comes out. No I/O of its own."""

from __future__ import annotations

import errno
import resource
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from storage.errors import (
    ArchiveDamaged,
    ArchiveError,
    ArchiveFull,
    ArchiveLocked,
    ArchiveNotFound,
    ArchiveReadOnly,
)

_VERIFY = "run `campusnews verify` and keep every file"
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
    sqlite3.SQLITE_CORRUPT: (ArchiveDamaged, f"the catalogue is damaged: {_VERIFY}"),
    sqlite3.SQLITE_FULL: (ArchiveFull, _FULL),
    sqlite3.SQLITE_NOTADB: (ArchiveDamaged, f"the catalogue is no SQLite database: {_VERIFY}"),
    sqlite3.SQLITE_READONLY: (ArchiveReadOnly, _READ_ONLY),
}
_ROOM = 1 << 20


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn errors of the disk and the database below `path` into the archive's own."""
    try:
        yield
    except OSError as error:
        kind, advice = _DISK.get(error.errno, (ArchiveError, "the disk reported an error: check it"))
        raise kind(f"{error.filename or path}: {error.strerror or error}; {advice}") from error
    except (DBAPIError, sqlite3.Error) as error:
        kind, advice = _database(error, path)
        raise kind(f"{path}: {getattr(error, 'orig', error)}; {advice}") from error
    except UnicodeDecodeError as error:  # a text of the catalogue, or SQLite's own message that quotes one
        raise ArchiveDamaged(f"{path}: the catalogue is damaged ({error.reason}): {_VERIFY}") from error


def _database(error: Exception, path: Path) -> tuple[type[ArchiveError], str]:
    """Return kind and advice; SQLite calls a full disk an I/O error when the limit is on the file's size."""
    code = getattr(getattr(error, "orig", error), "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_IOERR and _no_room(path):
        return ArchiveFull, _FULL
    if code == sqlite3.SQLITE_ERROR and "no such" in str(error):
        return ArchiveDamaged, f"a part of the catalogue is not there: {_VERIFY}"
    return _DATABASE.get(code, (ArchiveError, f"the catalogue could not be used: {_VERIFY}"))


def _no_room(path: Path) -> bool:
    limited = resource.getrlimit(resource.RLIMIT_FSIZE)[0] != resource.RLIM_INFINITY
    return limited or (path.exists() and shutil.disk_usage(path).free < _ROOM)
