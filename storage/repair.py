"""Repair: what can be proved is put right, what is lost is marked, all else stays as it is. Does I/O.

Each step is told before it is taken, in `repairs.jsonl` of the archive too, and can be taken again: a repair
that is killed leaves what the next one goes on from. No byte is taken away that is not elsewhere: what is cut
off is kept as `.torn`, a file that was made anew as `.before-repair` until the new one holds all of it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, select

from storage import consistency, database, losses, remake
from storage.catalog import warcs
from storage.errors import ArchiveDamaged
from storage.faults import translated
from storage.files import BEFORE, MAKING, OPEN, cut, finalise, locate, rename, replace, sync_directory
from storage.findings import REMEDIES
from storage.fixity import sha256_of
from storage.lock import Lock
from storage.losses import Shifts
from storage.rows import AnyRow
from storage.verify import warc_names
from storage.warc import stamp

LOG = "repairs.jsonl"


@dataclass(frozen=True, slots=True)
class Act:
    """One step of a repair: the file, what is done, and what exactly and why that is safe."""

    file: str
    action: str
    detail: str


Step = tuple[Act, Callable[[], object]]


def repair(path: str | Path, *, now: datetime, dry_run: bool = False) -> Iterator[Act]:
    """Iterate what is done to mend an archive, each step before it is taken; with `dry_run` none is.

    Holds the archive's lock. Raises ArchiveDamaged where the catalogue itself has to be rebuilt first.
    """
    root = Path(path).absolute()
    with translated(root), ExitStack() as held:
        database.expect(root, create=False)
        if not dry_run:
            lock = Lock(root / "lock")
            held.callback(lock.release)
        connection = held.enter_context(database.opened(root, write=not dry_run))
        if dry_run:
            database.lenient(connection)
        _expect_tables(connection)
        for act, take in _steps(root, connection, stamp(now)):
            yield act
            if not dry_run:
                _log(root, act, stamp(now))
                take()
                connection.commit()


def _expect_tables(connection: Connection) -> None:
    """Raise ArchiveDamaged where a table is not there: files cannot be held against it."""
    for table, column in consistency.missing_columns(connection):
        raise ArchiveDamaged(f"{database.CATALOG}: {table} {column} is not there: {REMEDIES['rebuild']}")


def _steps(root: Path, connection: Connection, now: str) -> Iterator[Step]:
    yield from _leftovers(root)
    yield from _indexes(connection)
    places = {name: locate(root, name) for name in sorted(warc_names(root))}
    yield from _names(root, connection, places)
    for row in connection.execute(select(warcs).order_by(warcs.c.file)).all():
        path = places.get(row.file)
        try:
            yield from _file(connection, row, path, now)
        except OSError as error:
            detail = (
                f"left alone: {error.strerror}; is the disk failing? copy the archive to another one first"
            )
            yield Act(row.file, "leave", detail), _nothing
    if pairs := losses.renewed(connection):
        detail = f"{len(pairs)} payloads that were lost were fetched again: their versions rest on those"
        yield Act(database.CATALOG, "renew", detail), partial(losses.rest_on, connection, pairs)


def _nothing() -> None:
    """Take no step."""


def _leftovers(root: Path) -> Iterator[Step]:
    """Take away what an earlier repair needs no more."""
    for path in sorted((root / "warc").glob("*" + MAKING)):
        yield Act(f"warc/{path.name}", "discard", "made by a repair that was killed"), partial(_away, path)
    for path in sorted((root / "warc").glob(f"*{BEFORE}*")):
        new = path.with_name(path.name.partition(BEFORE)[0])
        if new.is_file() and remake.holds_all(new, path):
            detail = f"every record of it is in {new.name}, and nothing else was in it"
            yield Act(f"warc/{path.name}", "discard", detail), partial(_away, path)


def _indexes(connection: Connection) -> Iterator[Step]:
    """Make indexes anew, which are made of the rows."""
    missing = consistency.missing_indexes(connection)
    for index in missing:
        yield Act(database.CATALOG, "index", f"{index.name} is not there"), partial(index.create, connection)
    if database.only_indexes_differ(connection):
        detail = "an index does not hold its rows"
        yield Act(database.CATALOG, "reindex", detail), partial(database.reindex, connection)


def _names(root: Path, connection: Connection, places: dict[str, Path]) -> Iterator[Step]:
    """Give files their names back where their digest tells that they have another's."""
    rows = connection.execute(select(warcs).where(warcs.c.closed).order_by(warcs.c.file)).all()
    lost = {row.sha256: row.file for row in rows if not _is_as_closed(places.get(row.file), row)}
    sound = {row.file for row in rows} - set(lost.values())
    astray = dict(lost)
    moves: dict[str, str] = {}
    for name in sorted(set(places) - sound if astray else ()):
        if name not in lost.values() and losses.in_file(connection, name):
            continue  # captures say that this is its name: it is the row of the file that was changed
        new = astray.pop(_digest(places[name]), None)
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
        places[new] = path if path.exists() and _digest(path) == _closed(rows, new) else root / new


def _closed(rows: Sequence[AnyRow], name: str) -> str | None:
    return next((row.sha256 for row in rows if row.file == name), None)


def _digest(path: Path) -> str | None:
    try:
        return sha256_of(path)
    except OSError:  # a directory, or a disk that fails: told where the file is mended
        return None


def _is_as_closed(path: Path | None, row: AnyRow) -> bool:
    return path is not None and _digest(path) == row.sha256


def _file(connection: Connection, row: AnyRow, path: Path | None, now: str) -> Iterator[Step]:
    """Mend one file of the catalogue, or mark what is lost with it."""
    rows = losses.in_file(connection, row.file)
    if path is None:
        yield from _lost_file(connection, row, rows, now)
        return
    size = path.stat().st_size
    end = _end(path, row, size, rows)
    if end < size:
        detail = f"{size - end} bytes after the {end} committed are kept as .torn"
        yield Act(row.file, "cut", detail), partial(cut, path, end)
    whole = remake.outline(path, end)
    if not row.closed or whole.sha256 != row.sha256:
        whole = yield from _contents(row, path, end, rows, whole)
    yield from _word(connection, row, whole, rows, now)
    if path.name.endswith(OPEN):
        yield Act(row.file, "name", "it is closed: .open is taken off its name"), partial(finalise, path)


def _end(path: Path, row: AnyRow, size: int, rows: Sequence[AnyRow]) -> int:
    """Return where a file ends: past the committed end nothing was acknowledged, unless captures say so."""
    if size <= row.length or any(capture.offset >= row.length for capture in rows):
        return size
    ours = not row.closed or remake.sha256_up_to(path, row.length) == row.sha256
    return int(row.length) if ours else size


def _contents(
    row: AnyRow, path: Path, end: int, rows: Sequence[AnyRow], whole: remake.Outline
) -> Generator[Step, None, remake.Outline]:
    """Make a file of what is sound in it, where that is proved; else only what is torn is cut off.

    Returns what it holds then.
    """
    there = remake.stretches(path, end)
    made = remake.remade(path, there, row.sha256, {capture.record_id: capture.offset for capture in rows})
    if made.exact or made.changed:
        whole = remake.outline_of(path, made)
        kept = "the old file is kept as .before-repair until the new one holds all of it"
        how = "byte for byte as it was closed" if made.exact else "record by record"
        yield Act(row.file, "remake", f"{how}; {kept}"), partial(_make, path, made)
    elif (good := remake.good_end(there)) < end:
        whole = remake.outline(path, good)
        detail = f"{end - good} bytes after the last whole record, at {good}, are kept as .torn"
        yield Act(row.file, "cut", detail), partial(cut, path, good)
    return whole


def _word(
    connection: Connection, row: AnyRow, whole: remake.Outline, rows: Sequence[AnyRow], now: str
) -> Iterator[Step]:
    """Bring the catalogue's word of a file up to what it holds, in one commit.

    Where the file is as it was closed, the catalogue was changed by another hand: what is put right there is
    no change of ours, and nothing is lost that stands in the file.
    """
    as_closed = row.closed and row.sha256 == whole.sha256
    trusted = as_closed and not row.flaws
    shifts = Shifts.of(rows, whole.places, trusted=trusted)
    if trusted:
        gone = tuple(each for each in shifts.lost if whole.is_flawed(each.offset))
        shifts = Shifts(shifts.moved, gone, shifts.found)
    values = {"length": whole.length, "records": whole.records, "sha256": whole.sha256}
    unproved = row.closed and not as_closed
    values["flaws"] = max(len(whole.flaws), unproved or row.flaws or 0) or None
    said = {name: row._mapping[name] for name in values}
    if values == said and row.closed and not shifts:
        return
    take = partial(_write, connection, row.file, values, shifts, now)
    if trusted and not shifts.lost and not shifts.found:
        take = partial(database.put_back, connection, take)
    told = f"taken as it is: {_told(values)}; it was: {_told(said)}" if values != said else "as it was closed"
    yield Act(row.file, "accept", "; ".join((told, *_told_of(shifts)))), take


def _write(connection: Connection, name: str, values: Mapping[str, object], shifts: Shifts, now: str) -> None:
    losses.set_file(connection, name, values)
    losses.shift(connection, shifts, now)


def _told(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())


def _told_of(shifts: Shifts) -> Iterator[str]:
    if shifts.moved:
        yield f"{len(shifts.moved)} captures point to where their records are now"
    if shifts.found:
        yield f"{len(shifts.found)} captures are found again"
    for row in shifts.lost:
        yield f"lost {row.record_id} of {row.url}, to be fetched again"


def _lost_file(connection: Connection, row: AnyRow, rows: list[AnyRow], now: str) -> Iterator[Step]:
    """Mark what is lost with a file; its row stays, so that it is known when it comes back."""
    shifts = Shifts.of(rows, {})
    if shifts or not row.flaws:
        detail = "; ".join(("the file is not there", *_told_of(shifts)))
        values = {"flaws": max(row.records, 1)}
        yield Act(row.file, "lose", detail), partial(_write, connection, row.file, values, shifts, now)


def _make(path: Path, made: remake.Remade) -> None:
    """Put the new file in place, and let go of the old one when the new holds all of it."""
    before = replace(path, remake.pieces(path, made.stretches, pack_all=made.pack_all))
    if remake.holds_all(path, before):
        _away(before)


def _away(path: Path) -> None:
    path.unlink()
    sync_directory(path.parent)


def _log(root: Path, act: Act, now: str) -> None:
    line = json.dumps({"at": now, **asdict(act)}, ensure_ascii=False) + "\n"
    with (root / LOG).open("a", encoding="utf-8", errors="backslashreplace") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
