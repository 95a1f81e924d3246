"""The catalogue made anew from the WARC files alone, in their order and in constant memory. Does I/O.

It is made beside the old one and takes its place only when it is whole; the old one is kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection

from storage import database, mending, tails
from storage.catalog import warcs
from storage.database import Catalogue, Where
from storage.digests import sha256_of
from storage.errors import ArchiveError, ArchiveNotFound, TargetExists
from storage.faults import translated
from storage.files import OPEN, numbers, warc_files, written
from storage.frame_members import iter_records
from storage.journal import ARTICLE, RUN
from storage.lock import Lock
from storage.members import RecordInfo
from storage.place import Place
from storage.replay import Replay
from storage.soundness import is_sound
from storage.sqlite import Sqlite
from storage.warc import BLANK, read_record

Progress = Callable[[str, int, int], None]

_EVIDENCE = ("request", "response", "revisit")
_NONSENSE: tuple[type[Exception], ...] = (
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    AttributeError,
    RecursionError,
)
NAMED = 1000  # gaps that are named; more are counted


@dataclass(frozen=True, slots=True)
class Gap:
    """What could not be taken in: the file, where in it, what is wrong and what exactly.

    A gap of `evidence` loses a capture, not what was told of it.
    """

    file: str
    offset: int | None
    problem: str
    detail: str
    evidence: bool = False


@dataclass(slots=True)
class Rebuilt:
    """What a catalogue was made from, what it holds now, and what is missing.

    `old` is the name the old catalogue is kept under, `unread` how many pages are kept of which no record is.
    """

    catalog: str
    old: str | None = None
    files: int = 0
    records: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    unread: int = 0
    lost: int = 0
    gaps: list[Gap] = field(default_factory=list)
    more_gaps: int = 0

    def add(self, gap: Gap) -> None:
        """Name a gap, or count it where there are too many."""
        self.lost += not gap.evidence
        if len(self.gaps) < NAMED:
            self.gaps.append(gap)
        else:
            self.more_gaps += 1


def rebuild(
    path: Where,
    *,
    to: str | Path | None = None,
    force: bool = False,
    torn: bool = False,
    progress: Progress = lambda file, done, total: None,
) -> Rebuilt:
    """Make an archive's catalogue from its WARC files, and put it in place, or as a file at `to`.

    Raises ArchiveNotFound without WARC files, ArchiveLocked while a run holds the archive, and ArchiveError
    where the catalogue there is sound and agrees with the files, unless `force` says to make it anew. `torn`
    takes back what was cut off files as never acknowledged, and had been.
    """
    place = Place.of(path)
    root = place.path
    with translated(root), ExitStack() as held:
        if not _in_order(root):
            raise ArchiveNotFound(f"{root}: no WARC file there: nothing to make a catalogue from")
        lock = Lock(root / "lock")
        held.callback(lock.release)
        if to is not None and Path(to).exists():
            raise TargetExists(f"{to}: is there already: name another file")
        there = database.catalogue_of(place) if to is None else _file(Path(to))
        held.enter_context(there.held())
        if to is None and not force and is_sound(place):
            raise ArchiveError(
                f"{root}: the catalogue is sound and agrees with the WARC files: `campusnews verify` checks "
                "every record; --force makes it anew all the same"
            )
        taken = tails.take_back(root) if torn else set()
        files = _in_order(root)
        made, new = Rebuilt(there.shown), there.beside()
        with database.begun(new) as connection:
            _fill(root, files, connection, new, made, progress, lossy=bool(taken - {files[-1][2]}))
        made.old = there.give_way()
        return made


def _file(path: Path) -> Catalogue:
    return Sqlite(path.absolute().parent, path.name)


def _in_order(root: Path) -> list[tuple[int, int, Path]]:
    """Return (run, number, path) of the WARC files, oldest first; one in both forms as it was written."""
    found = sorted(warc_files(root), reverse=True)
    paths = {written(path.name): path for path in found}
    return sorted((*numbers(path.name), path) for path in paths.values() if any(numbers(path.name)))


def _fill(
    root: Path,
    files: list[tuple[int, int, Path]],
    connection: Connection,
    catalogue: Catalogue,
    made: Rebuilt,
    progress: Progress,
    *,
    lossy: bool,
) -> None:
    replay = Replay(connection)
    sizes = [path.stat().st_size for *_, path in files]
    for at, (run, _, path) in enumerate(files):
        progress(path.name, sum(sizes[:at]), sum(sizes))
        _take_file(root, run, path, replay, connection, made)
        connection.commit()
    for gap in (*_missing(files, replay), *_torn(root)):
        made.add(gap)
    catalogue.count_on(connection)
    made.rows = mending.finish(connection, replay, lossy=lossy or made.lost > 0)
    made.unread = mending.unread_pages(connection, replay)
    catalogue.settle(connection)
    connection.commit()
    progress("", sum(sizes), sum(sizes))


def _take_file(
    root: Path, run: int, path: Path, replay: Replay, connection: Connection, made: Rebuilt
) -> None:
    """Take in the records of a file, and the file with what of it is sound."""
    name, still = f"warc/{path.name.removesuffix(OPEN)}", path.name.endswith(OPEN)
    size = path.stat().st_size
    length, count = 0, 0
    for info in iter_records(path):
        if still and info.offset + info.length >= size and _is_torn(info):
            told = "a killed run left it unfinished: the next run puts it aside"
            made.add(Gap(name, info.offset, "torn", told, evidence=True))
            break
        length = info.offset + info.length
        count += bool(info.headers)
        if (gap := _take(run, name, path, info, replay)) is not None:
            made.add(gap)
    if still and not count:
        return  # begun, and of nothing anybody was told: the next run puts it aside
    made.files, made.records = made.files + 1, made.records + count
    replay.begin(run, "")
    length = length if still else size
    row = {"file": name, "run_id": run, "length": length, "records": count, "closed": not still}
    connection.execute(warcs.insert(), row | {"sha256": None if still else sha256_of(path)})


def _is_torn(info: RecordInfo) -> bool:
    return any(problem == "torn" for problem, _ in info.flaws)


def _take(run: int, name: str, path: Path, info: RecordInfo, replay: Replay) -> Gap | None:
    """Take in a record; return what is wrong with it, if anything."""
    kind = info.headers.get("warc-type", "")
    if info.flaws:
        return Gap(name, info.offset, *info.flaws[0], evidence=kind in _EVIDENCE)
    subject = info.headers.get("warc-target-uri", "")
    if kind not in ("warcinfo", "response", "revisit") and not subject.startswith((ARTICLE, RUN)):
        return None
    at = info.headers["warc-date"].replace("Z", "+00:00")
    replay.begin(run, at)
    try:
        with replay.record():
            if kind == "response":
                replay.evidence.capture(run, name, info)
            elif kind == "revisit":
                replay.evidence.revisit(run, info)
            elif kind == "metadata":
                record = read_record(path, info.offset, info.length)
                replay.note(record.partition(BLANK)[2].removesuffix(BLANK), at)
    except _NONSENSE + replay.refusals as error:
        what = str(getattr(error, "orig", error)).partition("\n")[0]
        return Gap(name, info.offset, "contradiction", f"{kind} {subject}: {what}", kind != "metadata")
    return None


def _missing(files: list[tuple[int, int, Path]], replay: Replay) -> Iterator[Gap]:
    """Yield the files that a run's numbers, and the runs that the order of runs, have a place for."""
    numbers: dict[int, set[int]] = defaultdict(set)
    for run, number, _ in files:
        numbers[run].add(number)
    for run, there in numbers.items():
        for number in sorted(set(range(1, max(there))) - there):
            yield Gap(f"warc/*-r{run}-{number}.warc.gz", None, "missing_file", f"file {number} of run {run}")
    names = {path.name.partition(".warc.")[0] for *_, path in files}
    for file, count in sorted(replay.evidence.elsewhere.items()):
        if Path(file).name.partition(".warc.")[0] not in names:
            yield Gap(file, None, "missing_file", f"{count} captures of which something is told lie in it")
    newest = max(numbers)
    first = min(replay.told, default=newest)
    older = any(run < first for run in numbers)  # before there was a journal not every run had a file
    for run in range(first if older else 1, newest):
        if run not in replay.told | replay.closed:
            yield Gap(f"warc/*-r{run}-*.warc.gz", None, "missing_file", f"no file tells of run {run}")
        elif run not in replay.closed:
            yield Gap(f"warc/*-r{run}-*.warc.gz", None, "missing_file", f"no file tells the end of run {run}")

    if replay.lost:
        told = f"{replay.lost} points of the history of articles of which no record is there"
        yield Gap(database.CATALOG, None, "unknown_article", told)


def _torn(root: Path) -> Iterator[Gap]:
    """Yield what was cut off files and is kept aside."""
    for path, _, told in tails.tails(root):
        what = f"{path.stat().st_size} bytes of a killed run are kept aside"
        if told:
            what += f"; {told} records in them tell of a commit: --torn takes it back, were it forgotten"
        yield Gap(f"warc/{path.name}", None, "put_aside", what, evidence=True)
