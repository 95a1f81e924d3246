"""A run that asks nobody: every kept record is read again from its capture, by the rules of now. One writer.

ids -> readers -> Reread -> archive.reread, or a problem; then how far it came

The archive's history goes on: what reads otherwise becomes a version of reason `rules`, and the versions
before it stay what they were.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from scraper.config import Config, Site
from scraper.intake import COMMIT_EVERY
from scraper.lessons import book_of, learned_again
from scraper.pace import Amount, Progress
from scraper.readers import Batch, Readers
from scraper.rereading import ReadingOrders
from scraper.rereads import Found, Reread, Terms
from scraper.rulebook import Lessons
from storage import Archive
from storage.archive import Outcome
from storage.choice import Choice
from storage.records import REEXTRACT, Problem, Run, SiteOutcome, Task

AT_ONCE = 50  # records in a batch
_ALL = Terms()


@dataclass(frozen=True, slots=True)
class Result:
    """What came of each site, and the run, null where it was a dry one."""

    run: Run | None
    sites: tuple[Found, ...]


def reextract(
    config: Config,
    sites: Sequence[str] = (),
    terms: Terms = _ALL,
    *,
    dry: bool = False,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    watch: Callable[[Progress], None] = lambda _: None,
    stop: threading.Event | None = None,
) -> Result:
    """Read the kept records of the sites of these names, or all, by the rules of now; never the network.

    Goes on with a run that was killed or interrupted over the same sites on the same terms. A `dry` one only
    tells what would come of it: nothing is written, and the archive may be in use. Setting `stop` ends the
    run within seconds, its state saved, with KeyboardInterrupt. Raises ConfigError, WorkersLost and
    ArchiveError; a capture that is damaged costs only its own record.
    """
    chosen = config.require_sites(sites)
    with Archive.open(config.archive, write=not dry) as archive:
        found = {site.name: Found(site.name) for site in chosen}
        writer = None if dry else _Writer(archive, chosen, terms, found, now)
        lessons = {site.name: _lessons(archive, site, found[site.name], writer, now()) for site in chosen}
        with Readers(ReadingOrders(config, chosen, terms, lessons)) as readers:
            return _Walk(archive, found, terms, writer, watch, stop or threading.Event()).over(readers)


def _lessons(archive: Archive, site: Site, found: Found, writer: _Writer | None, now: datetime) -> Lessons:
    """Return what a site has taught, over the rules of now; what is learned for that is kept."""
    book = book_of(archive, site.name)
    for layout in learned_again(archive, site, book, now):
        found.counts["layouts"] += 1
        if writer is not None:
            archive.keep_layout(layout)
    return book.lessons(site.name)


class _Walk:
    """All articles of some sites in their order, to where the run is stopped."""

    def __init__(
        self,
        archive: Archive,
        found: Mapping[str, Found],
        terms: Terms,
        writer: _Writer | None,
        watch: Callable[[Progress], None],
        stop: threading.Event,
    ) -> None:
        self._archive, self._found, self._writer = archive, found, writer
        self._watch, self._stop = watch, stop
        self._choices = {name: Choice(name, since=terms.since, until=terms.until) for name in found}
        self._amounts = {name: self._amount(name) for name in found}
        amounts = self._amounts.values()
        self._whole = Amount(sum(each.done for each in amounts), sum(each.known for each in amounts))

    def over(self, readers: Readers) -> Result:
        """Have everything read and written."""
        due = time.monotonic() + COMMIT_EVERY
        for (site, ids), read in readers.read(self._batches()):
            for came in read:
                self._take(site, came)
            if self._writer is not None:
                self._writer.came_to(site, ids[-1])
            if self._stop.is_set():
                break
            if time.monotonic() >= due:
                self._acknowledge()
                due = time.monotonic() + COMMIT_EVERY
        run = self._writer.end(stopped=self._stop.is_set()) if self._writer else None
        if self._stop.is_set():
            raise KeyboardInterrupt
        return Result(run, tuple(self._found.values()))

    def _batches(self) -> Iterator[Batch]:
        for name, choice in self._choices.items():
            after = self._writer.after[name] if self._writer else ""
            while ids := self._archive.ids(choice, after=after, limit=AT_ONCE):
                yield name, ids
                after = ids[-1]

    def _take(self, site: str, came: Reread) -> None:
        self._found[site].take(came)
        if self._writer is not None:
            self._writer.take(site, came)
        mine = self._amounts[site] = _one_more(self._amounts[site])
        self._whole = _one_more(self._whole)
        self._watch(Progress(site, site, came.url, self._whole, mine, mine, 0))

    def _amount(self, site: str) -> Amount:
        counts = self._found[site].counts
        known = sum(span[2] for span in self._archive.spans(self._choices[site]))
        return Amount(counts["read"] + counts["current"], known)

    def _acknowledge(self) -> None:
        if self._writer is not None:
            self._writer.commit()
        else:
            self._archive.refresh()  # a moment held for hours would keep the catalogue from tidying up


def _one_more(amount: Amount) -> Amount:
    return replace(amount, done=amount.done + 1)


class _Writer:
    """What such a run writes, and how far it came: `after` is each site's last article that was read."""

    def __init__(
        self,
        archive: Archive,
        sites: Sequence[Site],
        terms: Terms,
        found: Mapping[str, Found],
        now: Callable[[], datetime],
    ) -> None:
        self._archive, self._found, self._now = archive, found, now
        self.after = dict.fromkeys(found, "")
        self._run = archive.begin_run(now(), list(found), kind=REEXTRACT)
        self._tasks = {site.name: _task(site, terms, self._run) for site in sites}
        for task in archive.pending():
            self._go_on(task)
        archive.enqueue(self._tasks.values())
        archive.commit()

    def _go_on(self, left: Task) -> None:
        """Take up what this run did before it was stopped; what others left, by other rules, is done with."""
        mine = self._tasks.get(left.site)
        if mine is not None and left.url == mine.url and left.detail["run"] == self._run.id:
            self.after[left.site] = left.detail["after"]
            self._found[left.site].go_on(left.detail)
        elif mine is None or left.url != mine.url:
            self._archive.done(left.url)

    def take(self, site: str, came: Reread) -> None:
        """Write what came of one record."""
        if came.reason is None and came.article is not None:
            self._archive.reread(came.article, now=self._now())
        elif came.reason is not None:
            at = self._now().isoformat(timespec="seconds")
            self._archive.report_problem(Problem(site, came.url, came.reason, came.detail, at))

    def came_to(self, site: str, article_id: str) -> None:
        """Note how far a site was read."""
        self.after[site] = article_id
        detail = {"run": self._run.id, "after": article_id} | self._found[site].told()
        self._archive.note(replace(self._tasks[site], detail=detail))

    def commit(self) -> None:
        """Acknowledge what was written."""
        self._archive.commit()

    def end(self, *, stopped: bool) -> Run:
        """End the run, or leave it to be gone on with."""
        outcomes = [_outcome(found, ended=not stopped) for found in self._found.values()]
        for outcome in outcomes:
            self._archive.report_site(outcome)
        for task in () if stopped else self._tasks.values():
            self._archive.done(task.url)
        well = all(outcome.outcome == "done" for outcome in outcomes)
        went: Outcome = "interrupted" if stopped else "done" if well else "incomplete"
        counts = sum((found.counts for found in self._found.values()), Counter[str]())
        return self._archive.end_run(self._now(), went, dict(counts))


def _task(site: Site, terms: Terms, run: Run) -> Task:
    """Return the task that is a site: its detail says how far it was read."""
    detail = {"run": run.id, "after": ""}
    address = f"urn:campusnews:reextract:{site.name}:{terms.mark(site)}"
    return Task(address, site.name, site.name, REEXTRACT, detail)


def _outcome(found: Found, *, ended: bool) -> SiteOutcome:
    """Return how a site went: failed where a capture is damaged, drifted where many records read worse."""
    drifts, damaged = found.drifts(), found.counts["damaged"]
    told = [f"{damaged:,} damaged capture{'s'[: damaged > 1]}: run `campusnews verify`"] if damaged else []
    told += [f"{name}: {why}" for name, why in drifts.items()]
    went: Literal["done", "failed", "drifted"] = "failed" if damaged else "drifted" if drifts else "done"
    return SiteOutcome(
        found.site, went if ended else None, "; ".join(told) or None, dict(found.counts), tuple(drifts)
    )
