"""Repair: what can be proved is put right, what is lost is marked, all else stays as it is. Does I/O.

Each step is told before it is taken, in `repairs.jsonl` of the archive too, and can be taken again: a repair
that is killed leaves what the next one goes on from. No byte is taken away that is not elsewhere: what is cut
off is kept as `.torn`, a file that was made anew as `.before-repair` until the new one holds all of it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import select

from storage import consistency, database, losses, remake
from storage.catalog import warcs
from storage.database import Catalogue
from storage.digests import sha256_if_readable
from storage.errors import ArchiveDamaged, ArchiveError
from storage.faults import translated
from storage.files import BEFORE, MAKING, locate, remove, rename
from storage.lock import Lock
from storage.mend import Act, Desk, Step, mended
from storage.place import Place
from storage.rebuild import rebuild
from storage.rows import AnyRow
from storage.verify import warc_names
from storage.warc import stamp

LOG = "repairs.jsonl"


def repair(path: database.Where, *, now: datetime, dry_run: bool = False) -> Iterator[Act]:
    """Iterate what is done to mend an archive, each step before it is taken; with `dry_run` none is.

    Holds the archive's lock. A catalogue that cannot be read is made anew first, which a dry run ends with.
    """
    place = Place.of(path)
    root, catalogue = place.path, database.catalogue_of(place)
    if (why := _spoiled(place, catalogue)) is not None:
        act = Act(catalogue.file, "rebuild", f"made anew from the WARC files, the old one is kept: {why}")
        yield act
        if dry_run:
            return
        with translated(root):
            _log(root, act, stamp(now))
        rebuild(place)
    with translated(root), ExitStack() as held:
        database.expect(place, create=False)
        if not dry_run:
            lock = Lock(root / "lock")
            held.callback(lock.release)
        connection = held.enter_context(database.opened(place, write=not dry_run))
        if dry_run:
            catalogue.lenient(connection)
        for act, take in _steps(Desk(root, connection, catalogue, stamp(now))):
            yield act
            if not dry_run:
                _log(root, act, stamp(now))
                take()
                connection.commit()


def _spoiled(place: Place, catalogue: Catalogue) -> str | None:
    """Tell why files cannot be held against the catalogue; null where they can."""
    try:
        with translated(place.path):
            database.expect(place, create=False)
            with database.opened(place, write=False) as connection:
                catalogue.expect_ours(connection, write=True)
                missing = next(consistency.missing_columns(connection), None)
    except ArchiveDamaged as error:
        return str(error)
    except ArchiveError:  # of an older schema, not there, held: told when it is opened to write
        return None
    return f"{' '.join(missing).strip()} is not there" if missing else None


def _steps(desk: Desk) -> Iterator[Step]:
    yield from _leftovers(desk.root)
    yield from _indexes(desk)
    places = {name: locate(desk.root, name) for name in sorted(warc_names(desk.root))}
    yield from _names(desk, places)
    for row in desk.connection.execute(select(warcs).order_by(warcs.c.file)).all():
        try:
            yield from mended(desk, row, places.get(row.file))
        except OSError as error:
            detail = f"left alone: {error.strerror}; is the disk failing? copy the archive to another one"
            yield Act(row.file, "leave", detail), _nothing
    if pairs := losses.renewed(desk.connection):
        detail = f"{len(pairs)} payloads that were lost were fetched again: their versions rest on those"
        yield Act(desk.catalogue.file, "renew", detail), partial(losses.rest_on, desk.connection, pairs)


def _nothing() -> None:
    """Take no step."""


def _leftovers(root: Path) -> Iterator[Step]:
    """Take away what an earlier repair needs no more."""
    for path in sorted((root / "warc").glob("*" + MAKING)):
        yield Act(f"warc/{path.name}", "discard", "made by a repair that was killed"), partial(remove, path)
    for path in sorted((root / "warc").glob(f"*{BEFORE}*")):
        new = path.with_name(path.name.partition(BEFORE)[0])
        if new.is_file() and remake.holds_all(new, path):
            detail = f"every record of it is in {new.name}, and nothing else was in it"
            yield Act(f"warc/{path.name}", "discard", detail), partial(remove, path)


def _indexes(desk: Desk) -> Iterator[Step]:
    """Make indexes anew, which are made of the rows."""
    file = desk.catalogue.file
    for index in consistency.missing_indexes(desk.connection):
        yield Act(file, "index", f"{index.name} is not there"), partial(index.create, desk.connection)
    if desk.catalogue.spoiled_indexes(desk.connection):
        detail = "an index does not hold its rows"
        yield Act(file, "reindex", detail), partial(desk.catalogue.reindex, desk.connection)


def _names(desk: Desk, places: dict[str, Path]) -> Iterator[Step]:
    """Give files their names back where their digest tells that they have another's."""
    root, connection = desk.root, desk.connection
    rows = connection.execute(select(warcs).where(warcs.c.closed).order_by(warcs.c.file)).all()
    lost = {row.sha256: row.file for row in rows if not _is_as_closed(places.get(row.file), row)}
    sound = {row.file for row in rows} - set(lost.values())
    astray = dict(lost)
    moves: dict[str, str] = {}
    for name in sorted(set(places) - sound if astray else ()):
        if name not in lost.values() and losses.in_file(connection, name):
            continue  # captures say that this is its name: it is the row of the file that was changed
        new = astray.pop(sha256_if_readable(places[name]), None)
        if new is not None:
            moves[name] = new
    if not moves:
        return
    detail = "; ".join(f"{old} is {new} by its digest" for old, new in moves.items())
    old_places = {name: places.pop(name) for name in moves}
    paths = {old_places[old]: root / new for old, new in moves.items()}
    blocked = [new for new in paths.values() if new.exists() and new not in paths]
    if blocked:
        places.update(old_places)
        return
    yield Act("warc/", "rename", detail), partial(rename, paths)
    for old, new in moves.items():  # where they are now, or in a dry run still
        path = old_places[old]
        places[new] = path if path.exists() and sha256_if_readable(path) == _closed(rows, new) else root / new


def _closed(rows: Sequence[AnyRow], name: str) -> str | None:
    return next((row.sha256 for row in rows if row.file == name), None)


def _is_as_closed(path: Path | None, row: AnyRow) -> bool:
    return path is not None and sha256_if_readable(path) == row.sha256


def _log(root: Path, act: Act, now: str) -> None:
    line = json.dumps({"at": now, **asdict(act)}, ensure_ascii=False) + "\n"
    with (root / LOG).open("a", encoding="utf-8", errors="backslashreplace") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
