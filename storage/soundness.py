"""Whether an archive's catalogue needs to be made anew: a place goes in, yes or no comes out. Reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, select

from storage import consistency, database
from storage.catalog import warcs
from storage.errors import ArchiveDamaged, ArchiveNotFound
from storage.faults import translated
from storage.files import OPEN, locate, warc_files
from storage.frame_members import iter_records
from storage.place import Place


def is_sound(place: Place) -> bool:
    """Tell whether the archive has a catalogue that passes all checks and has its WARC files as they are."""
    root = place.path
    try:
        with translated(root):
            database.expect(place, create=False)
            with database.opened(place, write=False) as connection:
                catalogue = database.catalogue_of(place)
                return not any(_disagreements(root, connection)) and not any(
                    finding.damage for finding in consistency.checked(root, connection, catalogue)
                )
    except (ArchiveDamaged, ArchiveNotFound):
        return False


def _disagreements(root: Path, connection: Connection) -> Iterator[str]:
    """Yield the files that the catalogue does not have as they are on the disk."""
    rows = {row.file: row for row in connection.execute(select(warcs))}
    there = {f"warc/{path.name.removesuffix(OPEN)}": path for path in warc_files(root)}
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
