"""A new catalogue beside the old one, until it takes its place. Does I/O.

At every moment the archive has the old catalogue or the new one, whole, or none: then it is made again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, select

from storage import database
from storage.catalog import warcs
from storage.errors import ArchiveDamaged, ArchiveNotFound, TargetExists
from storage.faults import translated
from storage.files import OPEN, TORN, locate, sync_directory
from storage.members import iter_records

MAKING = ".rebuilding"
BEFORE = ".before-rebuild"
_LOGS = ("", "-wal", "-shm")  # what belongs to a database of SQLite


def is_sound(root: Path) -> bool:
    """Tell whether the archive has a catalogue that is sound and names its WARC files as they are."""
    try:
        with translated(root):
            database.expect(root, create=False)
            with database.opened(root, write=False) as connection:
                database.quick_check(connection)
                return not any(_disagreements(root, connection))
    except (ArchiveDamaged, ArchiveNotFound):
        return False


def _disagreements(root: Path, connection: Connection) -> Iterator[str]:
    """Yield the files that the catalogue does not have as they are on the disk."""
    rows = {row.file: row for row in connection.execute(select(warcs))}
    paths = [path for path in (root / "warc").glob("*.warc.*") if TORN not in path.name]
    there = {f"warc/{path.name.removesuffix(OPEN)}": path for path in paths}
    yield from (name for name, path in there.items() if name not in rows and path.suffix != OPEN)
    for name, row in rows.items():
        path = locate(root, name)
        size = path.stat().st_size if path.exists() else -1
        beyond = size > row.length and (row.closed or _tells(path, row.length))
        if size < row.length or beyond:
            yield name


def _tells(path: Path, start: int) -> bool:
    """Tell whether something was told behind a place: a commit was made, and the catalogue forgot it."""
    return any(
        info.headers.get("warc-type") == "metadata" for info in iter_records(path) if info.offset >= start
    )


def place_for(root: Path, to: Path | None) -> Path:
    """Return where the new catalogue is made; raises TargetExists. What was half made before goes."""
    if to is not None:
        if to.exists():
            raise TargetExists(f"{to}: is there already: name another file")
        return to
    made = root / (database.CATALOG + MAKING)
    for log in _LOGS:
        made.with_name(made.name + log).unlink(missing_ok=True)
    return made


def fresh(file: Path) -> Connection:
    """Return a connection to a new catalogue without rows."""
    connection = database.connect(file, write=True)
    database.declare(connection)
    return connection


def put_in_place(root: Path, made: Path) -> Path | None:
    """Let the new catalogue be the archive's; return where the old one is kept, if there was one."""
    with made.open("rb") as file:
        os.fsync(file.fileno())
    here = root / database.CATALOG
    kept = sorted(root.glob(f"{database.CATALOG}{BEFORE}*"))
    free = (here.with_name(f"{here.name}{BEFORE}{suffix}") for suffix in ("", *map(str, range(2, 10_000))))
    before = next(path for path in free if path not in kept)
    # The database goes first: without its log it would look whole.
    moved = [_rename(here, before, log) for log in _LOGS]
    made.rename(here)
    sync_directory(root)
    return before if any(moved) else None


def _rename(here: Path, there: Path, log: str) -> bool:
    path = here.with_name(here.name + log)
    if not path.exists():
        return False
    path.rename(there.with_name(there.name + log))
    sync_directory(path.parent)
    return True
