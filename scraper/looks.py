"""Looks at known articles: which are made again, and what one says that read no article. One thread only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from scraper.drift import UNREADABLE
from scraper.extract import article_id
from scraper.frontier import Task
from scraper.recheck import bands
from scraper.siterun import SiteRun
from scraper.states import LASTING
from scraper.visit import Visit
from storage import Archive
from storage.records import Unread


class Looks:
    """The looks of a run at what an archive knows."""

    def __init__(self, archive: Archive, now: Callable[[], datetime]) -> None:
        self._archive, self._now = archive, now

    def again(self, state: SiteRun, run: int) -> Iterator[Task]:
        """Yield the looks at articles no list showed: at what must have left its lists, at what is due."""
        site, now = state.site, self._now()
        yield from (self._look(key) for key, _ in self._archive.unlisted(site.name, state.walked()))
        due = self._archive.due(site.name, bands(site.recheck, now), now, run)
        yield from (self._look(key) for key, _ in due)

    def take_failed(self, came: Visit, state: SiteRun) -> None:
        """Keep that a look read no article: of a known one as its state, of another so that it is no news."""
        task, problem = came.task, came.problem
        key = task.article_id or article_id(task.url)
        kept = self._archive.article(key)
        if kept is not None and kept.url != task.url:
            return  # another address of the article failed; its own is asked for too
        if came.look is None or problem is None:
            return
        state.counts[came.look] += 1
        state.unread[problem.reason] += kept is not None and problem.reason in UNREADABLE
        lasting = problem.reason in LASTING
        if kept is not None:
            self._archive.look(key, came.look, now=self._now(), reason=problem.reason, lasting=lasting)
            return
        look = "none" if came.look == "error" and lasting else came.look
        passed = Unread(key, task.site, task.url, task.release_time, look, problem.reason)
        self._archive.pass_over(passed, now=self._now())

    def take_away(self, came: Visit) -> None:
        """Keep that an address leads to another site: of a known article as its state, else as no news."""
        task = came.task
        key = task.article_id or article_id(task.url)
        kept = self._archive.article(key)
        if kept is None:
            passed = Unread(key, task.site, task.url, task.release_time, "none", "out_of_scope")
            self._archive.pass_over(passed, now=self._now())
        elif kept.url == task.url:
            self._archive.look(key, "error", now=self._now(), reason="out_of_scope", lasting=True)

    def _look(self, key: str) -> Task:
        article = self._archive.article(key)
        assert article is not None
        printed = article.release_time if article.provenance.get("release_time") == "listing" else None
        return Task(
            article.site,
            "look",
            article.url,
            "",
            article.section,
            release_time=printed,
            article_id=article.id,
            known=True,
        )
