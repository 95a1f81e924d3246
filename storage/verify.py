"""Fixity: an archive goes in, what catalogue, WARCs and records contradict each other in comes out. Reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, select

from storage import consistency, database, fixity
from storage.catalog import captures, warcs
from storage.errors import ArchiveDamaged, ArchiveError, ArchiveUnreachable
from storage.faults import translated
from storage.files import OPEN, is_warc, locate
from storage.findings import Finding as Finding
from storage.place import Place
from storage.recovery import leftovers
from storage.rows import AnyRow

Progress = Callable[[str, int, int], None]


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
        yield from _files(root, None, nullcontext, progress, rows_gone=False)
        return
    with connection:
        catalogue.lenient(connection)
        rows_gone = False
        for finding in consistency.checked(root, connection, catalogue):
            rows_gone = rows_gone or consistency.lacks_captures(finding)
            yield finding
        apart = partial(catalogue.apart, connection)
        yield from _files(root, connection, apart, progress, rows_gone=rows_gone)


def _files(
    root: Path,
    connection: Connection | None,
    apart: consistency.Apart,
    progress: Progress,
    *,
    rows_gone: bool,
) -> Iterator[Finding]:
    """Check every WARC file that is on the disk or in the catalogue."""
    rows: dict[str, AnyRow] = {}
    if connection is not None:
        try:
            with translated(root), apart():
                connection.execute(select(captures).limit(1))
                rows = {row.file: row for row in connection.execute(select(warcs))}
        except ArchiveUnreachable:
            raise
        except (ArchiveError, *consistency.SENSELESS):
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
        yield from consistency.safely(root, name, findings, apart)
        done += sizes[name]
    progress("", total, total)


def warc_names(root: Path) -> set[str]:
    """Return the names of the WARC files on the disk, as the catalogue has them."""
    there = (root / "warc").glob("*.warc.*")
    return {f"warc/{path.name.removesuffix(OPEN)}" for path in there if is_warc(path.name)}
