"""One WARC file mended: a row of the catalogue and a file go in, the steps that bring them together come out.

What is proved is put right, what is torn is cut off and kept, what is lost is marked; a stretch that is not
understood stays as it is. Reads; what writes is in the steps.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from storage import losses, remake
from storage.database import Catalogue
from storage.files import OPEN, cut, finalise, remove, replace
from storage.frames import is_zst
from storage.losses import Shifts
from storage.rows import AnyRow


@dataclass(frozen=True, slots=True)
class Act:
    """One step of a repair: the file, what is done, and what exactly and why that is safe."""

    file: str
    action: str
    detail: str


Step = tuple[Act, Callable[[], object]]


@dataclass(frozen=True, slots=True)
class Desk:
    """What a repair works at: an archive's directory and catalogue, and the time as it is written there."""

    root: Path
    connection: Connection
    catalogue: Catalogue
    now: str


def mended(desk: Desk, row: AnyRow, path: Path | None) -> Iterator[Step]:
    """Yield the steps that mend one file of the catalogue, or mark what is lost with it."""
    rows = losses.in_file(desk.connection, row.file)
    if path is None:
        yield from _lost_file(desk, row, rows)
        return
    size = path.stat().st_size
    end = _end(path, row, size, rows)
    if end < size:
        detail = f"{size - end} bytes after the {end} committed are kept as .torn"
        yield Act(row.file, "cut", detail), partial(cut, path, end)
    whole = remake.outline(path, end)
    if not row.closed or whole.sha256 != row.sha256:
        whole = yield from _contents(row, path, end, rows, whole)
    yield from _word(desk, row, whole, rows)
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
    if is_zst(path):  # `compact --undo` makes its records gzip members again
        return whole
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


def _word(desk: Desk, row: AnyRow, whole: remake.Outline, rows: Sequence[AnyRow]) -> Iterator[Step]:
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
    take = partial(_write, desk, row.file, values, shifts)
    if trusted and not shifts.lost and not shifts.found:
        take = partial(desk.catalogue.put_back, desk.connection, take)
    told = f"taken as it is: {_told(values)}; it was: {_told(said)}" if values != said else "as it was closed"
    yield Act(row.file, "accept", "; ".join((told, *_told_of(shifts)))), take


def _write(desk: Desk, name: str, values: Mapping[str, object], shifts: Shifts) -> None:
    losses.set_file(desk.connection, name, values)
    losses.shift(desk.connection, shifts, desk.now)


def _told(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())


def _told_of(shifts: Shifts) -> Iterator[str]:
    if shifts.moved:
        yield f"{len(shifts.moved)} captures point to where their records are now"
    if shifts.found:
        yield f"{len(shifts.found)} captures are found again"
    for row in shifts.lost:
        yield f"lost {row.record_id} of {row.url}, to be fetched again"


def _lost_file(desk: Desk, row: AnyRow, rows: Sequence[AnyRow]) -> Iterator[Step]:
    """Mark what is lost with a file; its row stays, so that it is known when it comes back."""
    shifts = Shifts.of(rows, {})
    if shifts or not row.flaws:
        detail = "; ".join(("the file is not there", *_told_of(shifts)))
        values = {"flaws": max(row.records, 1)}
        yield Act(row.file, "lose", detail), partial(_write, desk, row.file, values, shifts)


def _make(path: Path, made: remake.Remade) -> None:
    """Put the new file in place, and let go of the old one when the new holds all of it."""
    before = replace(path, remake.pieces(path, made.stretches, pack_all=made.pack_all))
    if remake.holds_all(path, before):
        remove(before)
