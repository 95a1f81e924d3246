"""Listing pages that were read: items become tasks, a list's end says what absence from it proves.

The one writer's thread only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime

from scraper.aim import Aim
from scraper.discover import Item
from scraper.drift import LEAST, drifts
from scraper.extract import article_id
from scraper.frontier import Task
from scraper.gather import Counts, Failure
from scraper.ranks import Ranks
from scraper.recheck import bands, is_settled, line_of
from scraper.rulebook import Rulebook
from scraper.scope import Scope
from scraper.siterun import SiteRun
from scraper.traps import TRAPS, trap
from scraper.urls import absolute, canonical
from scraper.visit import Visit
from scraper.walk import Seen, Walk
from storage import Archive
from storage.records import Known, Line

SWEEPS = 3  # walks of a listing in one backfill, when it changes each time


class Lists:
    """The listings of a run; `add` queues tasks and tells how many are new, `report` keeps a problem."""

    def __init__(
        self,
        archive: Archive,
        scope: Scope,
        book: Rulebook,
        add: Callable[[Iterable[Task]], int],
        report: Callable[[str, Failure], None],
        now: Callable[[], datetime],
        aim: Aim,
    ) -> None:
        self._archive, self._scope, self._book = archive, scope, book
        self._add, self._report, self._now = add, report, now
        self._aim = aim

    def go_on(self, sites: Mapping[str, SiteRun], run: int) -> None:
        """Take up the walks of a run that was killed or interrupted where its last pages left them.

        A listing of which an earlier run left pages is walked in two parts, and they may not join.
        """
        for task in map(Task.from_row, self._archive.pending(before=0)):
            if task.run != run:
                sites[task.site].torn.add(task.seed)
        known: dict[tuple[str, str], tuple[int, int]] = {}
        for row in self._archive.carried_out("listing"):
            task = Task.from_row(row)
            place = task.sweep, task.page
            if task.walk is not None and place > known.get((task.site, task.seed), (0, 0)):
                known[task.site, task.seed] = place
                sites[task.site].walks[task.seed] = Walk.from_json(task.walk)
        for row in self._archive.pending(before=0):
            task = Task.from_row(row)
            if task.page > 1:  # if of an earlier run, it does not join what this one walks from the top
                sites[task.site].walks.setdefault(task.seed, Walk(task.stops, torn=True))

    def take(self, came: Visit, state: SiteRun) -> None:
        """Queue what a page of a listing shows, and its next page; keep how far the walk came."""
        walk = self._walk(came.task, state)
        self._take(came, walk, state)
        walk.torn = walk.torn or came.task.seed in state.broken | state.cut
        self._archive.note(replace(came.task, walk=asdict(walk)).to_row())

    def _take(self, came: Visit, walk: Walk, state: SiteRun) -> None:
        task = came.task
        state.counts["listings"] += 1
        if came.problem is not None or came.listing is None:
            why = came.problem or Failure(task.url, "empty_listing", "nothing was found")
            self._lose(task, why, state)
            return
        if came.listing.day_first is not None:
            state.tallies[task.seed].day_first = came.listing.day_first
            self._book.prove(task.site, came.listing.day_first)
        items = self._in_scope(came, state)
        if came.listing.total_items is not None:
            walk.totals.append(came.listing.total_items)
        asked, news = self._meet(came, items, walk, state)
        self._add(asked)
        for sitemap in came.listing.sitemaps:
            if task.seed not in state.cut:
                self._next_page(task, sitemap, state)
        self._go_on(task, came.listing.next, news, walk, state)

    def _in_scope(self, came: Visit, state: SiteRun) -> list[Item]:
        """Return what may be asked for of a page's items, each once; traps are left alone and told."""
        assert came.listing is not None
        listed = {item.url: item for item in came.listing.items}
        within = {url: item for url, item in listed.items() if self._scope.holds(url, state.site)}
        state.counts["out_of_scope"] += len(came.listing.items) - len(within)
        traps = {url: name for url in within if (name := trap(url)) is not None}
        for url, name in traps.items():
            self._avoid(came.task, name, url, state)
        return [item for url, item in within.items() if url not in traps]

    def _avoid(self, task: Task, name: str, url: str, state: SiteRun) -> None:
        """Leave out an address that a site seems to make without end, and tell of the first."""
        state.counts["trapped"] += 1
        if task.seed not in state.cut:
            state.cut[task.seed] = Failure(url, name, f"{TRAPS[name]}: {url[:200]}")
            self._report(task.site, state.cut[task.seed])

    def _go_on(self, task: Task, following: str | None, news: int, walk: Walk, state: SiteRun) -> None:
        """Queue the next page, unless the walk of the listing ends here."""
        if task.sweep > 1 and task.page == 1 and not (news or task.moved or self._lacks(task, walk)):
            return  # nothing came or went while the listing was walked
        repeats = following and task.page > 1 and not news and task.sweep == 1
        if repeats and self._aim.fills:  # or it grew by a page: the next walk tells
            self._end(task, walk, whole=False)
        elif repeats:
            self._cut(state, task, Failure(task.url, "repeated_listing", "this page lists nothing new"))
        elif following and not walk.met and not walk.is_past(self._aim.since) and not _is_over(task):
            self._next_page(task, following, state)
        else:
            walk.ended = not following
            self._end(task, walk, whole=not following or walk.met)

    def _end(self, task: Task, walk: Walk, *, whole: bool) -> None:
        """End a walk; a backfill looks at the first page again, for what came or went while it walked."""
        if whole:
            self._archive.set_whole(task.site, task.seed, True)
        if self._aim.fills and task.page > 1 and task.sweep < SWEEPS:
            first = Task(task.site, "listing", absolute(task.seed), task.seed, task.section, run=task.run)
            again = replace(first, sweep=task.sweep + 1, pages=task.page, moved=walk.moved)
            self._add([again])

    def _lacks(self, task: Task, walk: Walk) -> bool:
        """Tell whether the listing claims more than was met of it."""
        total = walk.totals[-1] if walk.totals and not self._aim.since else 0
        return self._archive.items(task.site, task.seed) < total

    def _meet(self, came: Visit, items: Sequence[Item], walk: Walk, state: SiteRun) -> tuple[list[Task], int]:
        """Return the tasks of a page's items that are new, due or changed, and how many the page adds."""
        task, told, now = came.task, came.counts or Counts({}, ""), self._now()
        found: dict[str, Item] = {}
        for item in items:
            found.setdefault(article_id(item.url), item)
        due = bands(state.site.recheck, now)
        known = self._archive.known(task.site, task.seed, found, due, now)
        self._adopt(known.values(), task.site)
        lines = {key: line_of(item) for key, item in found.items()}
        settled = {key: is_settled(known.get(key), line) for key, line in lines.items()}
        seen = [Seen(lines[key].released, settled[key], _rank(known.get(key))) for key in found]
        ranks = dict(zip(found, walk.take(seen, now), strict=True))
        lines = {key: replace(line, rank=ranks[key]) for key, line in lines.items()}
        news = self._archive.listed(task.site, task.seed, lines)
        tasks = []
        for key, item in found.items():
            if self._wants(known.get(key), lines[key], settled=settled[key]):
                tasks.append(_article_task(task, item, told, known.get(key)))
            elif known.get(key) is not None:
                self._note_views(key, item, told)
        return tasks, news

    def _adopt(self, known: Iterable[Known], site: str) -> None:
        """Take over listed articles of a site that the config has no more: it has another name now."""
        theirs = [each for each in known if each.state is not None and not self._scope.knows(each.site)]
        if theirs:
            self._archive.adopt(site, [each.article_id for each in theirs], {each.site for each in theirs})

    def _wants(self, known: Known | None, line: Line, *, settled: bool) -> bool:
        """Tell whether a listed article is asked for: if new, due or changed; in a backfill only if new."""
        if self._aim.fills:
            unread = known is None or (known.state is None and known.due)
            return unread and self._aim.holds(line.released)
        return known is None or known.due or not settled

    def _note_views(self, key: str, item: Item, told: Counts) -> None:
        """Keep the views that the list's counter told of an article which is not asked for."""
        if (views := told.views.get(item.url)) is not None:
            self._archive.viewed(key, views, observed_at=told.observed_at, now=self._now())

    def _walk(self, task: Task, state: SiteRun) -> Walk:
        """Return the walk a page of a listing belongs to; one whose beginning lies in another run is torn."""
        if task.page == 1:
            stops = not self._goes_far and self._archive.is_whole(task.site, task.seed)
            before = state.walks.get(task.seed)
            torn = task.seed in state.torn or (task.sweep == 1 and before is not None and before.torn)
            ranks = Ranks.of(task.run, task.sweep)
            state.walks[task.seed] = Walk(stops, torn=torn, ranks=ranks)
        return state.walks.setdefault(task.seed, Walk(task.stops, torn=True))

    @property
    def _goes_far(self) -> bool:
        return self._aim.whole or self._aim.fills

    def _lose(self, task: Task, why: Failure, state: SiteRun) -> None:
        """A list that cannot be read is a failure; one that is read and empty, but had items, has drifted."""
        if (
            why.reason == "empty_listing"
            and state.before.get(task.seed, {}).get("items")
            and self._aim.judges
        ):
            state.drifted["empty_listing"] = f"{why.detail} ({task.url})"
            state.cut[task.seed] = why
        else:
            state.broken[task.seed] = why
        if task.page > 1:  # the next walk must not end at what this one met before
            self._archive.set_whole(task.site, task.seed, False)
        self._archive.report_site(state.outcome(ended=False))

    def _next_page(self, task: Task, url: str, state: SiteRun) -> None:
        walk = state.walks[task.seed]
        if (read := max(walk.pages, task.page)) >= state.site.max_pages:
            limit = f"stopped after {read} listing pages: raise `max_pages` to see the rest"
            self._cut(state, task, Failure(url, "max_pages", limit))
        elif not self._scope.holds(url, state.site):
            self._cut(state, task, Failure(url, "out_of_scope", "the next page lies on another site"))
        elif (name := trap(url)) is not None:
            self._cut(state, task, Failure(url, name, f"{TRAPS[name]}: {url[:200]}"))
        elif self._add([replace(task, url=canonical(url), page=task.page + 1, stops=walk.stops)]):
            walk.pages = read + 1
        else:
            self._end(task, walk, whole=True)  # it leads back to a page of this run

    def _cut(self, state: SiteRun, task: Task, why: Failure) -> None:
        """The listing was not walked to its end: it proves no absence, which is no fault of the site."""
        if not (self._aim.fills and why.reason == "max_pages"):  # what lies beyond, no run asks for
            self._archive.set_whole(task.site, task.seed, True)
        state.cut.setdefault(task.seed, why)
        self._report(task.site, why)

    def measure(self, state: SiteRun, began: str) -> None:
        """Count the items of the lists walked whole; one that shrank by much proves no absence."""
        self._count(state)
        for seed in state.whole():
            state.tallies[seed].items = self._archive.items(state.site.name, seed)
            if self._aim.judges and (why := self._lost(seed, state, began)):
                name, told = why
                state.drifted[name] = f"{told} ({seed})"
                state.cut[seed] = Failure(seed, name, f"{seed}: {told}")

    def _count(self, state: SiteRun) -> None:
        """Hold what a backfill met of each list against what the list claims to have."""
        if not self._aim.fills:
            return
        for seed, walk in state.walks.items():
            tally = state.tallies[seed]
            tally.items = self._archive.items(state.site.name, seed)
            tally.unread = self._archive.unread(state.site.name, seed)
            tally.total_items = max(walk.totals, default=None) if not self._aim.since else None

    def _lost(self, seed: str, state: SiteRun, began: str) -> tuple[str, str] | None:
        """Return the drift of a list walked whole: it has far fewer items, or none it had before."""
        items = self._archive.items(state.site.name, seed)
        shrank = next(drifts(state.before.get(seed, {}), {"items": items}), None)
        left = len(self._archive.unlisted(state.site.name, {seed: ""}))
        if shrank or left < LEAST:
            return shrank
        if self._archive.items(state.site.name, seed, first_seen_before=began):
            return None
        return "listing_replaced", f"none of the {left} articles it showed before is on the list"


def _rank(known: Known | None) -> int | None:
    return known.rank if known is not None else None


def _is_over(task: Task) -> bool:
    """Tell whether a further walk of a listing came past the end of the one before, some new pages aside."""
    return task.sweep > 1 and task.page > task.pages + 5


def _article_task(task: Task, item: Item, told: Counts, known: Known | None) -> Task:
    """Return the task of an item on a listing page; a known article is asked for at its own address."""
    counted = told.views.get(item.url)
    kept = known is not None and known.state is not None
    return replace(
        task,
        kind="article",
        url=known.url if known is not None and kept else canonical(item.url),
        page=1,
        stops=False,
        sweep=1,  # whatever walk shows it, it is asked for once
        known=kept,
        listed_as=item.url if known is not None and kept and item.url != known.url else None,
        title=item.title,
        release_time=item.release_time,
        views=item.views if counted is None else counted,
        views_observed_at=None if counted is None else told.observed_at,
    )
