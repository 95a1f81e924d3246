"""Listing pages that were read: items become tasks, a list's end says what absence from it proves.

The one writer's thread only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from scraper.discover import Item
from scraper.drift import LEAST, drifts
from scraper.extract import article_id
from scraper.frontier import Task
from scraper.rulebook import Rulebook
from scraper.scope import Scope
from scraper.siterun import SiteRun
from scraper.visit import Counts, Failure, Visit
from storage import Archive


class Lists:
    """The listings of a run; `add` queues tasks, `report` keeps a problem of a site."""

    def __init__(
        self,
        archive: Archive,
        scope: Scope,
        book: Rulebook,
        add: Callable[[Iterable[Task]], None],
        report: Callable[[str, Failure], None],
        *,
        accept: bool = False,
    ) -> None:
        self._archive, self._scope, self._book, self._accept = archive, scope, book, accept
        self._add, self._report = add, report

    def take(self, came: Visit, state: SiteRun) -> None:
        """Queue what a page of a listing shows, and its next page."""
        task = came.task
        known = state.items.setdefault(task.seed, set())
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
        ids = {article_id(url) for url in items}
        repeats = bool(known) and ids <= known
        known |= ids
        self._archive.listed(task.site, task.seed, ids)
        told = came.counts or Counts({}, "")
        self._add(_article_task(task, item, told) for item in items.values())
        for sitemap in came.listing.sitemaps:
            self._next_page(task, sitemap, state)
        if came.listing.next and repeats:
            self._cut(state, task, Failure(task.url, "repeated_listing", "this page lists nothing new"))
        elif came.listing.next:
            self._next_page(task, came.listing.next, state)

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
            self._add([replace(task, url=url, page=task.page + 1)])

    def _cut(self, state: SiteRun, task: Task, why: Failure) -> None:
        """The listing was not walked to its end: it proves no absence, which is no fault of the site."""
        state.cut[task.seed] = why
        self._report(task.site, why)

    def measure(self, state: SiteRun, began: str) -> None:
        """Count the items of the lists walked whole; one that shrank by much proves no absence."""
        for seed in state.whole():
            state.tallies[seed].items = len(state.items[seed])
            if not self._accept and (why := self._lost(seed, state, began)):
                name, told = why
                state.drifted[name] = f"{told} ({seed})"
                state.cut[seed] = Failure(seed, name, f"{seed}: {told}")

    def _lost(self, seed: str, state: SiteRun, began: str) -> tuple[str, str] | None:
        """Return the drift of a list walked whole: it has far fewer items, or none it had before."""
        items = state.items[seed]
        shrank = next(drifts(state.before.get(seed, {}), {"items": len(items)}), None)
        left = len(self._archive.unlisted(state.site.name, [seed]))
        if shrank or left < LEAST:
            return shrank
        kept = (self._archive.article(key) for key in items)
        if any(article is not None and (article.first_seen or "") < began for article in kept):
            return None
        return "listing_replaced", f"none of the {left} articles it showed before is on the list"


def _article_task(task: Task, item: Item, told: Counts) -> Task:
    """Return the task of an item on a listing page."""
    counted = told.views.get(item.url)
    return replace(
        task,
        kind="article",
        url=item.url,
        page=1,
        title=item.title,
        release_time=item.release_time,
        views=item.views if counted is None else counted,
        views_observed_at=None if counted is None else told.observed_at,
    )
