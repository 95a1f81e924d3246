"""Fixity: an archive goes in, what catalogue, WARCs and records contradict each other in comes out. Reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import Connection, select

from storage import consistency, database, fixity
from storage.catalog import warcs
from storage.errors import ArchiveDamaged, ArchiveError
from storage.faults import translated
from storage.files import OPEN, locate, warc_files
from storage.findings import Finding as Finding
from storage.place import Place
from storage.recovery import leftovers
from storage.rows import AnyRow

Progress = Callable[[str, int, int], None]

# What a value that is none of its column's raises where it is read.
_SENSELESS = (ValueError, TypeError, ArithmeticError, LookupError)


def verify(path: database.Where, progress: Progress = lambda file, done, total: None) -> Iterator[Finding]:
    """Iterate all that is wrong with an archive; nothing means it is sound.

    Raises ArchiveNotFound where there is none; whatever is unreadable is a finding. `progress` is called with
    a file's name and the bytes done and in all.
    """
    place = Place.of(path)
    root, catalogue = place.path, database.catalogue_of(place)
    try:
        with translated(root):
            database.expect(place, create=False)
            connection = database.opened(place, write=False)
    except ArchiveDamaged as error:
        yield Finding(catalogue.file, None, None, "unreadable", str(error))
        yield from _files(root, None, progress, rows_gone=False)
        return
    with connection:
        catalogue.lenient(connection)
        rows_gone = False
        for check in consistency.CHECKS:
            for finding in _safely(root, catalogue.file, check(connection, catalogue)):
                rows_gone = rows_gone or consistency.lacks_captures(finding)
                yield finding
        yield from _files(root, connection, progress, rows_gone=rows_gone)


def _safely(root: Path, file: str, findings: Iterator[Finding]) -> Iterator[Finding]:
    """Pass findings on; what cannot be read ends them with one of its own."""
    try:
        with translated(root):
            yield from findings
    except ArchiveError as error:
        yield Finding(file, None, None, "unreadable", str(error))
    except _SENSELESS as error:
        yield Finding(file, None, None, "unreadable", f"a value that none of its kind can be: {error}")


def _files(
    root: Path, connection: Connection | None, progress: Progress, *, rows_gone: bool
) -> Iterator[Finding]:
    """Check every WARC file that is on the disk or in the catalogue."""
    rows: dict[str, AnyRow] = {}
    if connection is not None:
        try:
            with translated(root):
                rows = {row.file: row for row in connection.execute(select(warcs))}
        except (ArchiveError, *_SENSELESS):
            connection = None  # already found unreadable as a whole
    there = warc_names(root)
    for path in leftovers(root, rows):
        there.discard(f"warc/{path.name}")
        detail = "left by a rewriting that was killed; the next command that writes takes it away"
        yield Finding(f"warc/{path.name}", None, None, "leftover", detail, damage=False)
    names = sorted(there | set(rows))
    sizes = {name: locate(root, name).stat().st_size if name in there else 0 for name in names}
    done, total = 0, sum(sizes.values())
    for name in names:
        progress(name, done, total)
        row = rows.get(name)
        if row is None or connection is None:
            findings = fixity.unknown(root, name, asked=connection is not None)
        else:
            findings = fixity.known(root, row, connection, rows_gone=rows_gone)
        yield from _safely(root, name, findings)
        done += sizes[name]
    progress("", total, total)


def warc_names(root: Path) -> set[str]:
    """Return the names of the WARC files on the disk, as the catalogue has them."""
    return {f"warc/{path.name.removesuffix(OPEN)}" for path in warc_files(root)}
