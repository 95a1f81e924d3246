"""Listing pages that were read: items become tasks, a list's end says what absence from it proves.

The one writer's thread only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from scraper.discover import Item
from scraper.drift import LEAST, drifts
from scraper.extract import article_id
from scraper.frontier import Task
from scraper.gather import Counts, Failure
from scraper.recheck import bands, is_settled, line_of
from scraper.rulebook import Rulebook
from scraper.scope import Scope
from scraper.siterun import SiteRun
from scraper.visit import Visit
from scraper.walk import Walk
from storage import Archive
from storage.records import Known


class Lists:
    """The listings of a run; `add` queues tasks and tells how many are new, `report` keeps a problem.

    `whole` walks every listing to its end, be it known or not.
    """

    def __init__(
        self,
        archive: Archive,
        scope: Scope,
        book: Rulebook,
        add: Callable[[Iterable[Task]], int],
        report: Callable[[str, Failure], None],
        now: Callable[[], datetime],
        *,
        accept: bool = False,
        whole: bool = False,
    ) -> None:
        self._archive, self._scope, self._book = archive, scope, book
        self._add, self._report, self._now = add, report, now
        self._accept, self._whole = accept, whole

    def take(self, came: Visit, state: SiteRun) -> None:
        """Queue what a page of a listing shows, and its next page."""
        task = came.task
        walk = self._walk(task, state)
        state.counts["listings"] += 1
        if came.problem is not None or came.listing is None:
            why = came.problem or Failure(task.url, "empty_listing", "nothing was found")
            self._lose(task, why, state)
            return
        if came.listing.day_first is not None:
            state.tallies[task.seed].day_first = came.listing.day_first
            self._book.prove(task.site, came.listing.day_first)
        items = {item.url: item for item in came.listing.items if self._scope.holds(item.url, state.site)}
        state.counts["out_of_scope"] += len(came.listing.items) - len(items)
        asked, news = self._meet(came, list(items.values()), walk, state)
        self._add(asked)
        for sitemap in came.listing.sitemaps:
            self._next_page(task, sitemap, state)
        if came.listing.next and task.page > 1 and not news:
            self._cut(state, task, Failure(task.url, "repeated_listing", "this page lists nothing new"))
        elif came.listing.next and not walk.met:
            self._next_page(task, came.listing.next, state)
        elif task.page > 1 or not walk.stops:
            self._archive.set_whole(task.site, task.seed, True)

    def _meet(self, came: Visit, items: Sequence[Item], walk: Walk, state: SiteRun) -> tuple[list[Task], int]:
        """Return the tasks of a page's items that are new, due or changed, and how many the page adds."""
        task, told, now = came.task, came.counts or Counts({}, ""), self._now()
        found: dict[str, Item] = {}
        for item in items:
            found.setdefault(article_id(item.url), item)
        due = bands(state.site.recheck, now)
        known = self._archive.known(task.site, task.seed, found, due, now)
        lines = {key: line_of(item) for key, item in found.items()}
        settled = {key: is_settled(known.get(key), line) for key, line in lines.items()}
        walk.take([(lines[key].released, settled[key]) for key in found])
        news = self._archive.listed(task.site, task.seed, lines)
        tasks = []
        for key, item in found.items():
            if settled[key] and not known[key].due:
                self._note_views(key, item, told)
            else:
                tasks.append(_article_task(task, item, told, known.get(key)))
        return tasks, news

    def _note_views(self, key: str, item: Item, told: Counts) -> None:
        """Keep the views that the list's counter told of an article which is not asked for."""
        if (views := told.views.get(item.url)) is not None:
            self._archive.viewed(key, views, observed_at=told.observed_at, now=self._now())

    def _walk(self, task: Task, state: SiteRun) -> Walk:
        """Return the walk a page of a listing belongs to; a resumed run begins it anew where it was left."""
        if task.page == 1:
            stops = not self._whole and self._archive.is_whole(task.site, task.seed)
            state.walks[task.seed] = Walk(stops)
        return state.walks.setdefault(task.seed, Walk(task.stops))

    def _lose(self, task: Task, why: Failure, state: SiteRun) -> None:
        """A list that cannot be read is a failure; one that is read and empty, but had items, has drifted."""
        if (
            why.reason == "empty_listing"
            and state.before.get(task.seed, {}).get("items")
            and not self._accept
        ):
            state.drifted["empty_listing"] = f"{why.detail} ({task.url})"
            state.cut[task.seed] = why
        else:
            state.broken[task.seed] = why
        self._archive.report_site(state.outcome(ended=False))

    def _next_page(self, task: Task, url: str, state: SiteRun) -> None:
        if task.page >= state.site.max_pages:
            limit = f"stopped after {task.page} listing pages: raise `max_pages` to see the rest"
            self._cut(state, task, Failure(url, "max_pages", limit))
        elif not self._scope.holds(url, state.site):
            self._cut(state, task, Failure(url, "out_of_scope", "the next page lies on another site"))
        else:
            self._archive.set_whole(task.site, task.seed, False)
            stops = state.walks[task.seed].stops
            if not self._add([replace(task, url=url, page=task.page + 1, stops=stops)]):
                self._archive.set_whole(task.site, task.seed, True)  # it leads back to a page of this run

    def _cut(self, state: SiteRun, task: Task, why: Failure) -> None:
        """The listing was not walked to its end: it proves no absence, which is no fault of the site."""
        self._archive.set_whole(task.site, task.seed, True)  # what lies beyond is not asked for in any run
        state.cut[task.seed] = why
        self._report(task.site, why)

    def measure(self, state: SiteRun, began: str) -> None:
        """Count the items of the lists walked whole; one that shrank by much proves no absence."""
        for seed in state.whole():
            state.tallies[seed].items = self._archive.items(state.site.name, seed)
            if not self._accept and (why := self._lost(seed, state, began)):
                name, told = why
                state.drifted[name] = f"{told} ({seed})"
                state.cut[seed] = Failure(seed, name, f"{seed}: {told}")

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


def _article_task(task: Task, item: Item, told: Counts, known: Known | None) -> Task:
    """Return the task of an item on a listing page; a known article is asked for at its own address."""
    counted = told.views.get(item.url)
    kept = known is not None and known.state is not None
    return replace(
        task,
        kind="article",
        url=known.url if known is not None and kept else item.url,
        page=1,
        stops=False,
        known=kept,
        listed_as=item.url if known is not None and kept and item.url != known.url else None,
        title=item.title,
        release_time=item.release_time,
        views=item.views if counted is None else counted,
        views_observed_at=None if counted is None else told.observed_at,
    )
