"""One run: the only module that knows the order of the steps, and the one writer behind all workers.

seeds -> frontier -> workers: visit (fetch, then discover or extract) -> writer: capture, put -> frontier …
when nothing is left of a site: look at the articles no list showed, then report the site
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path

from scraper.aim import Aim, narrowed
from scraper.config import Config, Site
from scraper.drift import expected
from scraper.errors import ConfigError
from scraper.frontier import Task
from scraper.gather import Failure, sent_counts
from scraper.intake import COMMIT_EVERY, Intake
from scraper.lists import Lists
from scraper.looks import Looks
from scraper.manners import user_agent, with_left
from scraper.mishap import contained
from scraper.pace import Progress, Queue
from scraper.past.importing import Import
from scraper.past.memento import Source
from scraper.past.service import service_fetcher
from scraper.past.warc import WarcFiles
from scraper.past.wayback import Wayback
from scraper.rulebook import Rulebook
from scraper.scope import Scope
from scraper.siterun import SiteRun
from scraper.states import LATER
from scraper.supply import Supply
from scraper.team import crew_of
from scraper.urls import absolute
from scraper.visit import Visit, failed
from storage import Archive
from storage.archive import Outcome
from storage.records import Capture, Problem, Run

log = logging.getLogger(__name__)

AT_ONCE = 500  # tasks queued at a time


def crawl(
    config: Config,
    *,
    sites: Sequence[str] = (),
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    watch: Callable[[Progress], None] = lambda _: None,
    stop: threading.Event | None = None,
    accept: bool = False,
    whole: bool = False,
) -> Run:
    """Crawl the sites of these names, or all, into the config's archive, and return the finished run.

    Goes on with a run that was killed or interrupted over the same sites. Setting `stop`, from a signal
    handler or another thread, ends the run within seconds, its state saved, with KeyboardInterrupt. `accept`
    takes the sites as they read now, where else what reads worse than before would be held back; `whole`
    walks every listing to its end, not only down to what is known. Raises
    ConfigError where nothing can be crawled and ArchiveError where the archive cannot be written; a failing
    site only marks the run.
    """
    chosen = config.require_sites(sites)
    _expect_distinct(chosen)
    return _run(config, chosen, Aim(accept=accept, whole=whole), now, watch, stop)


def backfill(
    config: Config,
    site: str,
    *,
    since: str | None = None,
    until: str | None = None,
    section: str | None = None,
    max_pages: int | None = None,
    warcs: Sequence[Path] = (),
    wayback: str | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    watch: Callable[[Progress], None] = lambda _: None,
    stop: threading.Event | None = None,
) -> Run:
    """Walk a site's lists back to a day, or to their end, take every article that is not kept yet.

    `since` and `until` are days (ISO 8601, inclusive) as the lists print them. Goes on with a backfill of the
    site that was killed or interrupted; otherwise as `crawl`. With `warcs` nothing is asked of the network:
    what these files hold of the site is taken as if it had been crawled then, and the days are those of its
    captures. So with `wayback`, the address of a service that keeps old captures; nothing else is asked then.
    Raises SourceRefused for a file or a service that is none.
    """
    narrow, chosen = narrowed(config, site, section, max_pages)
    aim = Aim("backfill", since=since, until=until)
    if not warcs and wayback is None:
        return _run(narrow, [chosen], aim, now, watch, stop)
    stop = stop or threading.Event()
    with ExitStack() as opened:
        archive = opened.enter_context(Archive.open(config.archive, write=True, create=True))
        source: Source
        if wayback is None:
            source = opened.enter_context(WarcFiles(warcs, now))
        else:
            fetcher = opened.enter_context(service_fetcher(config, chosen, wayback, now, stop))
            source = opened.enter_context(Wayback(wayback, chosen, fetcher, *aim.span(now())))
        return Import(config, chosen, archive, source, now, watch, stop, aim).run()


def _expect_distinct(sites: Sequence[Site]) -> None:
    """Refuse a seed that two sites have: a run walks it once, and the other site would never end."""
    owners: dict[str, str] = {}
    for site in sites:
        for seed in site.seeds:
            owner = owners.setdefault(absolute(seed.url), site.name)
            if owner != site.name:
                raise ConfigError([f"{site.name}: {seed.url} is a seed of {owner} too: leave it to one"])


def _run(
    config: Config,
    sites: Sequence[Site],
    aim: Aim,
    now: Callable[[], datetime],
    watch: Callable[[Progress], None],
    stop: threading.Event | None,
) -> Run:
    if Path(config.archive).resolve().is_relative_to(Path(__file__).parent):
        raise ConfigError([f"archive: {config.archive} lies inside the program: name a directory of its own"])
    agent = user_agent(config, sites)
    with Archive.open(config.archive, write=True, create=True) as archive:
        return _Crawl(config, sites, agent, archive, now, watch, stop or threading.Event(), aim).run()


class _Crawl:
    def __init__(
        self,
        config: Config,
        sites: Sequence[Site],
        agent: str,
        archive: Archive,
        now: Callable[[], datetime],
        watch: Callable[[Progress], None],
        stop: threading.Event,
        aim: Aim,
    ) -> None:
        self._sites = {site.name: SiteRun(site) for site in sites}
        self._scope = Scope(config)
        self._book = book = Rulebook()
        self._crew_of = partial(crew_of, config, agent=agent, now=now, book=book)
        self._lists = Lists(archive, self._scope, book, self._add, self._report, now, aim)
        self._intake = Intake(archive, book, now, aim)
        self._looks = Looks(archive, now)
        self._aim = aim
        self._archive, self._now, self._watch, self._stop = archive, now, watch, stop
        self._touched: set[str] = set()  # sites whose figures moved since the last commit
        self._supply = Supply(archive)
        self._queue = Queue()
        self._waiting: list[Task] = []

    def run(self) -> Run:
        """Walk everything there is to walk, or up to where the run is stopped."""
        self._run = run = self._archive.begin_run(self._now(), list(self._sites), kind=self._aim.kind)
        self._began = run.started_at
        log.info("run %d over %d sites", run.id, len(self._sites), extra={"run": run.id})
        for before in self._archive.sites(run.id):  # what an interrupted or killed run knew
            state = self._sites[before.site]
            state.counts.update(before.counts)
            if before.outcome == "drifted":
                state.drifted.update(dict.fromkeys(before.drifts, before.problem or ""))
            if before.outcome == "failed":
                state.broken[""] = Failure(
                    "", "earlier", before.problem or "failed before it was interrupted"
                )
        sites = [with_left(state.site, state.counts["requests"]) for state in self._sites.values()]
        with self._crew_of(sites=sites) as self._crew:
            self._begin()
            while self._going():
                self._work()
            self._crew.stop()
            while (came := self._crew.take(timeout=0)) is not None:  # read, and the run was asked to stop
                self._take(came)
        if self._open():
            for state in self._sites.values():
                self._archive.report_site(state.outcome(ended=state.open == 0))
            self._end("interrupted")
            raise KeyboardInterrupt
        failed = any(site.broken or site.drifted for site in self._sites.values())
        return self._end("incomplete" if failed else "done")

    def _end(self, outcome: Outcome) -> Run:
        log.info("run %d %s", self._run.id, outcome, extra={"run": self._run.id})
        return self._archive.end_run(self._now(), outcome, self._counts())

    def _begin(self) -> None:
        """Queue what a killed run left, or the seeds."""
        left = self._archive.waiting()
        self._lists.go_on(self._sites, self._run.id)
        if not self._aim.fills:  # that may be over some of the seeds only
            for name, state in self._sites.items():
                self._archive.keep_listings(name, [seed.url for seed in state.site.seeds])
        for site, host, count in left:
            self._sites[site].open += count
            self._queue.left(site, host, count)
        self._waiting.extend(self._supply.begin(host for _, host, _ in left))
        for state in self._sites.values():
            state.before = expected(self._archive.outcomes(state.site.name))
            for seed, known in state.before.items():  # a list proves its order of day and month only at times
                if "day_first" in known:
                    state.tallies[seed].day_first = bool(known["day_first"])
                    self._book.prove(state.site.name, bool(known["day_first"]))
            self._book.load(self._archive.layouts(state.site.name))
        self._add(
            Task(site.site.name, "listing", absolute(seed.url), seed.url, seed.section, run=self._run.id)
            for site in self._sites.values()
            for seed in site.site.seeds
        )
        self._commit()

    def _work(self) -> None:
        """Take in what the workers brought for a while, then acknowledge it."""
        deadline = time.monotonic() + COMMIT_EVERY
        while (left := deadline - time.monotonic()) > 0 and self._going():
            if (came := self._crew.take(timeout=left)) is not None:
                self._take(came)
            if self._waiting and self._crew.idle():
                break
        if self._stop.is_set():
            self._crew.stop()  # or they went on asking while the commit is written
        self._commit()

    def _commit(self) -> None:
        """Acknowledge what came, then let the tasks found in it begin."""
        for state in map(self._sites.__getitem__, self._touched):
            if state.open:
                self._archive.report_site(state.outcome(ended=False))
        self._touched.clear()
        self._archive.commit()
        waiting, self._waiting = self._waiting, []
        self._crew.give(waiting)

    def _take(self, came: Visit) -> None:
        task, state = came.task, self._sites[came.task.site]
        self._touched.add(task.site)
        captures = {id(exchange): self._archive.capture(exchange) for exchange in came.exchanges}
        for ruling in came.rulings:
            self._archive.rule(ruling)
        self._count(came, state)
        if came.problem is not None and came.problem.reason in LATER:
            self._leave(task, came.problem, state)
        else:
            with contained(self._archive, task.url, partial(self._give_up, task, state)):
                self._take_in(came, captures, state)
        for failure in (came.problem, *came.failures):
            if failure is not None:
                self._report(task.site, failure)
        self._waiting.extend(self._supply.take_back(task))
        state.open -= 1
        self._watch(self._queue.took(task))
        if state.open == 0:
            self._look_or_report(state)

    def _give_up(self, task: Task, state: SiteRun, why: Failure) -> None:
        """Let a page on which our own code fails be one that gave nothing."""
        self._take_in(failed(task, why), {}, state)
        self._report(task.site, why)

    def _leave(self, task: Task, why: Failure, state: SiteRun) -> None:
        """Leave a task on the frontier for the next run."""
        state.counts["left_for_later"] += 1
        known = state.broken if why.reason == "host_left_alone" else state.cut
        known.setdefault(task.seed, why)

    def _take_in(self, came: Visit, captures: dict[int, Capture], state: SiteRun) -> None:
        task = came.task
        held = came.article is not None and self._scope.holds(came.article.url, state.site)
        if not held:
            self._archive.done(task.url)  # an article's task is done when it is put
        if task.kind == "listing":
            self._lists.take(came, state)
        elif came.article is not None and not held:
            state.counts["out_of_scope"] += 1  # a link that led to another site
            self._looks.take_away(came)
        elif came.article is not None:
            known = came.evidence if isinstance(came.evidence, Capture) else None
            self._intake.take(came, came.article, known or captures[id(came.evidence)], state)
        else:
            self._looks.take_failed(came, state)

    def _count(self, came: Visit, state: SiteRun) -> None:
        """Count what was asked of the network, and what it was asked for."""
        state.counts.update(sent_counts(came.exchanges, came.purposes))
        if came.idle is not None:
            state.try_rules("listing" if came.task.kind == "listing" else "article", came.idle)

    def _report(self, site: str, why: Failure) -> None:
        known = {"site": site, "url": why.url, "reason": why.reason}
        told = why.detail if why.url in why.detail else f"{why.url}: {why.detail}"
        log.info("%s (%s)", told, why.reason, extra=known)
        now = self._now().isoformat(timespec="seconds")
        self._archive.report_problem(Problem(site, why.url, why.reason, why.detail, now))

    def _look_or_report(self, state: SiteRun) -> None:
        """When lists and articles are done, look at what left its lists and at what is due; then report."""
        with contained(self._archive, state.site.name, partial(self._lose, state)):
            self._intake.settle(state)
        if not state.looked:
            state.looked = True
            if not state.counts["left_for_later"]:  # else there is no asking any more
                self._look_again(state)
            self._queue.settle(state.site.name)
        if state.open == 0:
            with contained(self._archive, state.site.name, partial(self._lose, state)):
                self._intake.judge(state)
            if self._aim.judges:
                state.hold_against_before()
            outcome = state.outcome(ended=True)
            self._archive.report_site(outcome)
            why = f": {outcome.problem}" if outcome.problem else ""
            log.info("%s: %s%s", outcome.site, outcome.outcome, why, extra={"site": outcome.site})

    def _lose(self, state: SiteRun, why: Failure) -> None:
        """Leave to the next run what a site's pages were held back for, when our own code fails on it."""
        state.broken[why.reason] = why

    def _look_again(self, state: SiteRun) -> None:
        self._lists.measure(state, self._began)
        if not self._aim.fills:
            self._add(self._looks.again(state, self._run.id))

    def _add(self, tasks: Iterable[Task]) -> int:
        """Queue the tasks this run does not know yet and return how many; they start after a commit."""
        count, left = 0, iter(tasks)
        while some := {task.url: task for task in islice(left, AT_ONCE)}:
            fresh = self._archive.enqueue([task.to_row() for task in some.values()])
            for row in fresh:
                self._sites[row.site].open += 1
                self._queue.found(some[row.url])
            self._waiting.extend(self._supply.add(fresh))
            count += len(fresh)
        return count

    def _counts(self) -> dict[str, int]:
        return dict(sum((state.counts for state in self._sites.values()), Counter()))

    def _going(self) -> bool:
        return self._open() > 0 and not self._stop.is_set()

    def _open(self) -> int:
        """Return how many tasks have been found and not yet taken in."""
        return sum(site.open for site in self._sites.values())
