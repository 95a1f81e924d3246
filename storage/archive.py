"""The archive: the one place records, captures and runs are read from and written to. Does I/O.

The write path is crash-safe: WARC bytes are on the disk before the catalogue commits what names them, and
opening for writing takes back whatever was not committed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from types import TracebackType
from typing import Concatenate, Literal, ParamSpec, TypeVar

from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.exc import DBAPIError

from storage import database, recovery
from storage.catalog import captures, upsert, warcs
from storage.errors import ArchiveDamaged, ArchiveError, ArchiveNotFound, ArchiveReadOnly
from storage.faults import translated
from storage.files import WarcFile, locate
from storage.journal import Journal
from storage.ladder import Look
from storage.ledger import Ledger
from storage.lock import Lock
from storage.place import Place
from storage.reader import Reader
from storage.records import (
    Article,
    Capture,
    Exchange,
    Layout,
    Line,
    Problem,
    Proof,
    Ruling,
    Run,
    SiteOutcome,
    State,
    Task,
    Unread,
    Version,
    shallow,
)
from storage.rows import CAPTURE
from storage.runs import RunBook
from storage.statement import Savepoint, Statement
from storage.warc import MAX_BYTES, WarcWriter, header, payload_digest, stamp

_SAME = Statement(
    select(*CAPTURE)
    .where(
        captures.c.url == bindparam("address"),
        captures.c.payload_digest == bindparam("digest"),
        captures.c.status == bindparam("code"),
        captures.c.lost.is_(None),
    )
    .order_by(captures.c.id.desc())
    .limit(1)
)
_CAPTURED = Statement(
    captures.insert(), *(column.name for column in captures.c if column.name not in ("id", "lost"))
)
_MOVED = (
    captures.update()
    .where(captures.c.id == bindparam("row"))
    .values(offset=bindparam("at"), length=bindparam("size"))
)
_SEEN_AGAIN = captures.update().where(captures.c.record_id == bindparam("record"))

Outcome = Literal["done", "incomplete", "interrupted"]
Places = Mapping[int, tuple[int, int]]  # of records: where each was, where it is now and how long
P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class _Desk:
    """What a run writes with."""

    book: RunBook
    journal: Journal
    ledger: Ledger
    warc: WarcWriter


def _writes(method: Callable[Concatenate[Archive, P], R]) -> Callable[Concatenate[Archive, P], R]:
    """Let a method write; after a fault no later write gets through, so that no error is forgotten."""

    @wraps(method)
    def guarded(self: Archive, /, *args: P.args, **kwargs: P.kwargs) -> R:
        if self._lock is None:
            raise ArchiveReadOnly(f"{self.path}: not open for writing: open it with write=True")
        if self._fault is not None:
            raise self._fault
        try:
            with translated(self.path):
                return method(self, *args, **kwargs)
        except ArchiveError as fault:
            self._fault = fault
            raise

    return guarded


class Archive(Reader):
    """An archive on disk, read or written; a context manager.

    There is one writer, and one thread of it: other threads hand it their results and read through
    an archive of their own. Nothing is safe before `commit`; leaving takes back what came after it.
    """

    def __init__(
        self, place: Place, connection: Connection, lock: Lock | None = None, max_warc_bytes: int = MAX_BYTES
    ) -> None:
        super().__init__(place.path, connection)
        self._lock = lock
        self._max_warc_bytes = max_warc_bytes
        self._catalogue = database.catalogue_of(place)
        self._identity = self._catalogue.identity()
        self._fault: ArchiveError | None = None
        self._run: _Desk | None = None
        self._asked: tuple[str, Article | None] | None = None

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        catalog: str | None = None,
        write: bool = False,
        create: bool = False,
        max_warc_bytes: int = MAX_BYTES,
    ) -> Archive:
        """Open the archive in a directory.

        `catalog` is the URL of a PostgreSQL that has its catalogue, unless the directory has it or
        CAMPUSNEWS_CATALOG names it. Raises ArchiveNotFound, ArchiveDamaged, ArchiveReadOnly,
        ArchiveUnreachable or, naming the holder, ArchiveLocked. Writing recovers first from a killed run;
        `create` makes an archive where there is none.
        """
        place = Place.of(path, catalog)
        with translated(place.path):
            database.expect(place, create=write and create)
            if not write:
                return cls(place, database.opened(place, write=False))
            if create:
                (place.path / "warc").mkdir(parents=True, exist_ok=True)
            return cls._open_for_writing(place, max_warc_bytes)

    @classmethod
    def _open_for_writing(cls, place: Place, max_warc_bytes: int) -> Archive:
        with ExitStack() as undo:
            lock = Lock(place.path / "lock")
            undo.callback(lock.release)
            connection = database.opened(place, write=True)
            undo.callback(connection.close)
            recovery.recover(place.path, connection)
            archive = cls(place, connection, lock, max_warc_bytes)
            undo.pop_all()
            return archive

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the archive go; what was not committed is taken back."""
        with translated(self.path), ExitStack() as steps:
            if self._lock:
                steps.callback(self._lock.release)
            steps.callback(self._let_go)
            if self._run:
                steps.callback(self._run.warc.close)
        self._run = self._lock = None

    def _let_go(self) -> None:
        """Close the connection; with one that was lost the server took back what was not committed."""
        try:
            self._connection.close()
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise

    @_writes
    def begin_run(
        self, now: datetime, sites: Sequence[str], *, kind: str = "crawl", resume: bool = True
    ) -> Run:
        """Begin a run, or go on with the last one when it was killed or interrupted over the same sites.

        A new run takes over what earlier ones of its kind left to fetch of its sites; with `resume` off that
        is forgotten.
        """
        book = RunBook.begin(self._connection, stamp(now), sites, kind, resume=resume)
        journal = book.journal
        files = select(func.count()).where(warcs.c.run_id == book.run.id)
        first = (self._connection.scalar(files) or 0) + 1
        writer = WarcWriter(
            self.path, book.run.id, first=first, max_bytes=self._max_warc_bytes, preface=book.preface
        )
        self._run = _Desk(book, journal, Ledger(self._connection, journal), writer)
        for said in journal.records(book.untold()):
            writer.describe(said)
        return book.run

    @_writes
    def capture(self, exchange: Exchange) -> Capture:
        """Keep an exchange; return the capture that holds its payload.

        That is an earlier one when the address gave the same payload before, or a 304 now: then a revisit is
        written and no row added. Raises ValueError for an address that no WARC header can carry.
        """
        digest = payload_digest(exchange.body)
        original = self._original(exchange, digest)
        written = self._desk.warc.write(exchange, revisit_of=original, digest=digest)
        validators = {"etag": header(exchange.head, "etag")}
        validators |= {"last_modified": header(exchange.head, "last-modified")}
        if original:
            again: dict[str, object] = {name: value for name, value in validators.items() if value}
            again |= {"record": original.record_id, "last_run": self._desk.book.run.id}
            self._connection.execute(_SEEN_AGAIN, again)
            return original
        self._insert(exchange, written, validators)
        return written

    def article(self, article_id: str) -> Article | None:
        """Return one article as it stands now; one asked for again, unwritten, is remembered."""
        if self._run is None:
            return super().article(article_id)
        if self._asked is None or self._asked[0] != article_id:
            self._asked = (article_id, super().article(article_id))
        return self._asked[1]

    def payload(self, capture: Capture) -> tuple[bytes, bytes]:
        """Return (head, body) of a kept response; raises ArchiveDamaged unless it is what was captured."""
        if self._run:
            with translated(self.path):
                self._run.warc.flush()
        return super().payload(capture)

    @_writes
    def put(
        self,
        article: Article,
        capture: Capture,
        *,
        now: datetime,
        look: Look = "seen",
        baseline: Article | None = None,
        moved: bool = False,
    ) -> Version | None:
        """Keep the record read from a capture; return a version when it was edited.

        `look` is `seen` or `unlisted`. `baseline` is the kept version's capture read again with the rules of
        now, needed when its extractor is another: from the kept record to the baseline our rules made the
        difference, from there to the new record the university did. A known article keeps its
        address, unless it `moved` to the one it has now.
        """
        self._asked = None
        return self._desk.ledger.put(article, capture, stamp(now), look, baseline, moved=moved)

    @_writes
    def reread(self, article: Article, *, now: datetime) -> Version | None:
        """Keep what the rules of now make of a kept capture; return a version when it was edited.

        Its reason is `rules`. Views, state and the times of the article stay: nobody asked the university.
        """
        self._asked = None
        return self._desk.ledger.reread(article, stamp(now))

    @_writes
    def look(
        self, article_id: str, look: Look, *, now: datetime, reason: str, lasting: bool = False
    ) -> State | None:
        """Record a look that read no article: `gone`, `blocked` or `error`; return the state now shown.

        Versions and records stay as they are. An article never kept gives null. An `error` is due to be
        looked at again in the next run, one that is `lasting` (the page is a file, say) as its age asks.
        """
        self._asked = None
        return self._desk.ledger.look(article_id, look, stamp(now), reason, lasting=lasting)

    @_writes
    def pass_over(self, unread: Unread, *, now: datetime) -> None:
        """Keep that a listed address gave no article, so that it is asked for again by age only."""
        self._desk.ledger.pass_over(unread, stamp(now))

    @_writes
    def viewed(self, article_id: str, views: int, *, observed_at: str, now: datetime) -> None:
        """Keep views that a listing's counter told of an article whose own page was not asked for."""
        self._asked = None
        self._desk.ledger.viewed(article_id, views, observed_at, stamp(now))

    @_writes
    def listed(self, site: str, seed: str, lines: Mapping[str, Line]) -> int:
        """Write which articles stand on the listing that begins at `seed`, by id; return how many are news.

        Those are the ones this run had not yet met on it: a page without any repeats what came before.
        """
        return self._desk.book.listings.listed(site, seed, lines)

    @_writes
    def items(self, site: str, seed: str, *, first_seen_before: str | None = None) -> int:
        """Return how many addresses stood on the listing in this run, or of how many the article is older."""
        return self._desk.book.listings.items(site, seed, first_seen_before=first_seen_before)

    @_writes
    def unread(self, site: str, seed: str) -> int:
        """Return how many addresses stood on the listing in this run of which no article is kept."""
        return self._desk.book.listings.unread(site, seed)

    @_writes
    def adopt(self, site: str, article_ids: Iterable[str], strays: Iterable[str]) -> None:
        """Let articles of the sites `strays`, which are no more, as after a renaming, be those of a site."""
        self._asked = None
        self._desk.book.listings.adopt(site, article_ids, strays)

    @_writes
    def keep_listings(self, site: str, seeds: Iterable[str]) -> None:
        """Forget what stood on the site's listings but these: nothing can leave a list that none walks."""
        self._desk.book.listings.keep_listings(site, seeds)

    @_writes
    def is_listed(self, article_id: str) -> bool:
        """Tell whether the article stood on any listing in this run."""
        return self._desk.book.listings.is_listed(article_id)

    @_writes
    def is_whole(self, site: str, seed: str) -> bool:
        """Tell whether everything on the listing was met, in this run or an earlier one."""
        return self._desk.book.listings.is_whole(site, seed)

    @_writes
    def set_whole(self, site: str, seed: str, whole: bool) -> None:
        """Write whether everything on the listing was met: False before a walk goes on, True at its end."""
        self._desk.book.listings.set_whole(site, seed, whole)

    @_writes
    def unlisted(self, site: str, walked: Mapping[str, Proof]) -> list[tuple[str, str]]:
        """Return (id, url) of the site's articles that left every listing they stood on: look at each.

        `walked` says how far each listing was walked in this run: "" to its end, else in order down to a day
        or a rank, so that only what has a later day or a higher rank there can be missed. An article that
        ever stood elsewhere is not judged. Hidden ones are known to be, withdrawn ones come back by being
        listed.
        """
        return self._desk.book.listings.unlisted(site, walked)

    @_writes
    def is_unlisted(self, article_id: str, site: str, walked: Mapping[str, Proof]) -> bool:
        """Tell whether the article left every listing it stood on, as `unlisted` judges it."""
        return self._desk.book.listings.is_unlisted(article_id, site, walked)

    @_writes
    def report_site(self, outcome: SiteOutcome) -> None:
        """Write how a site went."""
        self._desk.book.report_site(outcome)

    @_writes
    def rule(self, ruling: Ruling) -> None:
        """Keep what a host's robots.txt allows: call it in one commit with the captures it rests on."""
        self._desk.book.rule(ruling)

    @_writes
    def keep_layout(self, layout: Layout) -> None:
        """Write what was learned of a site's pages; its revision must be the site's next."""
        self._desk.book.keep_layout(layout)

    @_writes
    def report_problem(self, problem: Problem) -> None:
        """Write why an address gave nothing."""
        self._desk.book.report_problem(problem)

    @_writes
    def enqueue(self, tasks: Iterable[Task]) -> list[Task]:
        """Put tasks on the frontier; return those whose address this run had not met, each once."""
        return self._desk.book.frontier.enqueue(tasks)

    @_writes
    def done(self, url: str) -> None:
        """Take an address off the frontier: call it in one commit with what it gave."""
        self._desk.book.frontier.done(url)

    @_writes
    def note(self, task: Task) -> None:
        """Write the detail of a task on the frontier anew: what whoever goes on with the run has to know."""
        self._desk.book.frontier.note(task)

    @_writes
    def carried_out(self, kind: str) -> list[Task]:
        """Return the tasks of a kind that this run took off the frontier, in order."""
        return self._desk.book.frontier.carried_out(kind)

    @_writes
    def pending(
        self,
        host: str | None = None,
        *,
        after: int | None = None,
        before: int | None = None,
        limit: int | None = None,
    ) -> list[Task]:
        """Return what is still to fetch, host by host in order, or only what lies between two places."""
        return self._desk.book.frontier.pending(host, after=after, before=before, limit=limit)

    @_writes
    def waiting(self) -> list[tuple[str, str, int]]:
        """Return (site, host, how many addresses) of what is still to fetch."""
        return self._desk.book.frontier.waiting()

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Take back what is written inside when that fails for a reason that is not the archive's."""
        journal = self._desk.journal
        with translated(self.path):
            before = Savepoint(self._connection)
        mark = journal.mark
        try:
            yield
        except ArchiveError:
            raise
        except BaseException:
            with translated(self.path):
                before.take_back()
            journal.take_back(mark)
            self._asked = None
            raise
        with translated(self.path):
            before.release()

    @_writes
    def commit(self) -> None:
        """Make everything written so far safe: WARC bytes first, then the catalogue that names them."""
        if self._run:
            for said in self._run.journal.settle():
                self._run.warc.describe(said)
        files = self._run.warc.sync() if self._run else ()
        if not self._in_place():
            raise ArchiveNotFound(f"{self.path}: vanished while it was written; nothing was recreated")
        for file in files:
            self._note(file)
        self._connection.commit()
        if self._run:
            self._run.warc.settle()

    @_writes
    def move(self, old: str, new: str, length: int, sha256: str, places: Places) -> None:
        """Commit that a closed WARC file was rewritten under another name; its bytes must be on the disk.

        `places` says for each record's offset where it is now, and how long. Raises ArchiveDamaged for a
        capture that it leaves out.
        """
        there = select(captures.c.id, captures.c.offset).where(captures.c.warc == old)
        moved = [(row.id, places.get(row.offset)) for row in self._connection.execute(there)]
        if lost := sum(place is None for _, place in moved):
            raise ArchiveDamaged(f"{self.path / old}: {lost} captures are not where the catalogue says")
        values = [{"row": row, "at": place[0], "size": place[1]} for row, place in moved if place]
        if values:
            self._connection.execute(_MOVED.values(warc=new), values)
        row = {"file": new, "length": length, "sha256": sha256}
        self._connection.execute(warcs.update().where(warcs.c.file == old).values(row))
        self.commit()

    @_writes
    def end_run(self, now: datetime, outcome: Outcome, counts: dict[str, int]) -> Run:
        """End the run and commit; an interrupted one keeps its frontier and can be gone on with."""
        desk = self._desk
        run = desk.book.end(stamp(now), outcome, counts)
        for said in desk.journal.settle(desk.book.summary()):
            desk.warc.describe(said)
        desk.warc.finish()
        self.commit()
        return run

    @property
    def _desk(self) -> _Desk:
        if self._run is None:
            raise ArchiveError(f"{self.path}: no run: call begin_run first")
        return self._run

    def _original(self, exchange: Exchange, digest: str) -> Capture | None:
        """Return the capture a response repeats, if any: one whose file is lost is kept anew."""
        if exchange.status == 304:
            return self.kept(exchange.url)
        if exchange.truncated:
            return None
        same = {"address": exchange.url, "digest": digest, "code": exchange.status}
        found = _SAME.run(self._connection, same).fetchone()
        original = Capture(*found) if found else None
        return original if original and locate(self.path, original.warc).exists() else None

    def _insert(self, exchange: Exchange, capture: Capture, validators: dict[str, str | None]) -> None:
        run = self._desk.book.run.id
        row = shallow(capture) | validators | {"url": exchange.url, "media_type": exchange.media_type}
        _CAPTURED.run(self._connection, row | {"run_id": run, "last_run": run})

    def _note(self, file: WarcFile) -> None:
        """Write what of a WARC file is now safe."""
        row = {"file": file.name, "length": file.length, "records": file.records, "closed": file.closed}
        row |= {"run_id": self._desk.book.run.id, "sha256": file.sha256 if file.closed else None}
        insert = upsert(self._connection, warcs).values(row)
        self._connection.execute(insert.on_conflict_do_update(index_elements=["file"], set_=row))

    def _in_place(self) -> bool:
        """Tell whether the archive's directory still has the catalogue, or the deed of it, that is open."""
        return self._catalogue.identity() == self._identity
