"""A run over what others kept of a site: mementos go in, oldest first, the way of a crawl. One writer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import datetime

from scraper.aim import Aim
from scraper.config import Config, Site
from scraper.errors import FetchError, HostLeftAlone, LeftForLater, RobotsDisallowed
from scraper.gather import Failure, sent_counts
from scraper.intake import COMMIT_EVERY, Intake
from scraper.pace import Progress, Queue
from scraper.past.memento import Memento, Source
from scraper.past.reading import Past
from scraper.past.service import Stopped
from scraper.rulebook import Rulebook
from scraper.scope import Scope
from scraper.siterun import SiteRun
from storage import Archive
from storage.archive import Outcome
from storage.records import Capture, Exchange, Problem, Run


class Import:
    """One such run; the one thread that writes. `keep` gives the captures of what is kept already."""

    def __init__(
        self,
        config: Config,
        site: Site,
        archive: Archive,
        source: Source,
        now: Callable[[], datetime],
        watch: Callable[[Progress], None],
        stop: threading.Event,
        aim: Aim,
        keep: Callable[[Exchange], Capture] | None = None,
    ) -> None:
        self._keep = keep or archive.capture
        self._book = book = Rulebook()
        self._past = Past(source, site, Scope(config), book, aim, archive.looked_at)
        self._intake = Intake(archive, book, now, aim)
        self._state = SiteRun(site)
        self._queue = Queue()
        self._archive, self._source, self._aim = archive, source, aim
        self._now, self._watch, self._stop = now, watch, stop

    def run(self) -> Run:
        """Take every memento, or those up to where the run is stopped."""
        state = self._state
        begun = self._archive.begin_run(self._now(), [state.site.name], kind=self._aim.kind)
        for before in self._archive.sites(begun.id):  # what a run that was stopped had done
            state.counts.update(before.counts)
        self._book.load(self._archive.layouts(state.site.name))
        with closing(self._past), suppress(Stopped):
            self._walk()
        self._account()
        state.cut |= {flaw: Failure("", "damaged", flaw) for flaw in self._source.flaws}
        stopped = self._stop.is_set()
        self._archive.report_site(state.outcome(ended=not stopped))
        outcome: Outcome = "interrupted" if stopped else "incomplete" if state.broken else "done"
        run = self._archive.end_run(self._now(), outcome, dict(state.counts))
        if stopped:
            raise KeyboardInterrupt
        return run

    def _walk(self) -> None:
        self._past.learn(self._stop)
        self._account()
        due = time.monotonic() + COMMIT_EVERY
        for memento in self._source.mementos():
            if self._stop.is_set() or self._state.broken:
                break
            self._take(memento)
            self._account()
            if time.monotonic() >= due:
                self._archive.commit()
                due = time.monotonic() + COMMIT_EVERY

    def _take(self, memento: Memento) -> None:
        """Take in a memento; where its service does not answer, that is its own failure, or the end."""
        counts = self._state.counts
        try:
            came = self._past.read(memento)
        except FetchError as error:
            self._fail(memento, error)
            return
        counts["read"] += came not in ("out_of_scope", "other_days", "unresolved", "unreadable")
        if isinstance(came, str):
            counts[came] += 1
            return
        assert came.article is not None
        captures = {id(exchange): self._keep(exchange) for exchange in came.exchanges}
        self._queue.found(came.task)
        self._intake.take_past(came, came.article, captures[id(came.evidence)], self._state, memento.at)
        self._watch(self._queue.took(came.task))

    def _account(self) -> None:
        """Count what was asked of a service, and keep its robots.txt with what it allowed."""
        if (spent := self._source.spent()) is None:
            return
        self._state.counts.update(sent_counts(spent.exchanges, spent.purposes))
        for exchange, purpose in zip(spent.exchanges, spent.purposes, strict=True):
            if purpose == "robots":
                self._archive.capture(exchange)
        for ruling in spent.rulings:
            self._archive.rule(ruling)

    def _fail(self, memento: Memento, error: FetchError) -> None:
        """Report a memento that its service did not give; where it gives none at all, the run ends."""
        site, at = self._state.site.name, self._now().isoformat(timespec="seconds")
        self._archive.report_problem(Problem(site, memento.url, error.reason, error.detail, at))
        self._state.counts["unread"] += 1
        if isinstance(error, HostLeftAlone | LeftForLater | RobotsDisallowed):
            self._state.broken[""] = Failure(error.url, error.reason, str(error))
