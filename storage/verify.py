"""Fixity: an archive goes in, what catalogue, WARCs and records contradict each other in comes out. Reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, Table, select

from storage import consistency, database, fixity
from storage.catalog import captures, sightings, versions, warcs
from storage.errors import ArchiveDamaged, ArchiveError, ArchiveUnreachable
from storage.faults import translated
from storage.files import OPEN, locate, numbers, warc_files
from storage.findings import Finding as Finding
from storage.place import Place
from storage.recovery import leftovers
from storage.rows import AnyRow
from storage.testimony import TOLD, Testimony

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
        yield from _files(root, None, progress)
        return
    with connection:
        catalogue.lenient(connection)
        desk = _Desk(root, connection, catalogue.file, partial(catalogue.apart, connection))
        for finding in consistency.checked(root, connection, catalogue):
            desk.rows_gone = desk.rows_gone or consistency.lacks_captures(finding)
            yield finding
        # What cannot be asked was found unreadable as a whole: the files are checked by themselves.
        if desk.can_ask(versions, sightings):
            desk.testimony = Testimony(connection)
        yield from _files(root, desk if desk.can_ask(warcs, captures) else None, progress)


@dataclass(slots=True)
class _Desk:
    """A catalogue to hold files against; `rows_gone` says that rows of captures are missing."""

    root: Path
    connection: Connection
    file: str
    apart: consistency.Apart
    testimony: Testimony | None = None
    rows_gone: bool = False

    def can_ask(self, *tables: Table) -> bool:
        """Tell whether tables can be read at all."""
        try:
            with translated(self.root), self.apart():
                for table in tables:
                    self.connection.execute(select(table).limit(1)).all()
        except ArchiveUnreachable:
            raise
        except (ArchiveError, *consistency.SENSELESS):
            return False
        return True


def _files(root: Path, desk: _Desk | None, progress: Progress) -> Iterator[Finding]:
    """Check every WARC file that is on the disk or in the catalogue."""
    rows = {row.file: row for row in desk.connection.execute(select(warcs))} if desk else {}
    there = warc_names(root)
    for path in leftovers(root, rows):
        there.discard(f"warc/{path.name}")
        detail = "left by a rewriting that was killed; the next command that writes takes it away"
        yield Finding(f"warc/{path.name}", None, None, "leftover", detail, damage=False)
    names = sorted(there | set(rows), key=lambda name: (*numbers(name), name))
    sizes = {name: locate(root, name).stat().st_size if name in there else 0 for name in names}
    done, total = 0, sum(sizes.values())
    for name in names:
        progress(name, done, total)
        yield from _file(root, name, rows.get(name), desk)
        done += sizes[name]
    if desk and desk.testimony:
        yield from consistency.safely(root, desk.file, desk.testimony.rest(desk.file), desk.apart)
    progress("", total, total)


def _file(root: Path, name: str, row: AnyRow | None, desk: _Desk | None) -> Iterator[Finding]:
    """Check one file, against its row where it has one."""
    if desk is None:
        yield from consistency.safely(root, name, fixity.unknown(root, name, asked=False), nullcontext)
        return
    findings = fixity.unknown(root, name, asked=True)
    if row is not None:
        findings = fixity.known(root, row, desk.connection, desk.testimony, rows_gone=desk.rows_gone)
    doubt = row is not None and bool(row.flaws)  # of a file that was repaired records may be lost
    for finding in consistency.safely(root, name, findings, desk.apart):
        doubt = doubt or (finding.damage and finding.problem not in TOLD)
        yield finding
    if doubt and desk.testimony:
        desk.testimony.doubt(row.run_id if row else numbers(name)[0])


def warc_names(root: Path) -> set[str]:
    """Return the names of the WARC files on the disk, as the catalogue has them."""
    return {f"warc/{path.name.removesuffix(OPEN)}" for path in warc_files(root)}
