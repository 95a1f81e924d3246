"""From a memento to a Visit, as if the page had been asked for then; or the name of why it gives none."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from functools import partial
from typing import Literal

from scraper.aim import Aim
from scraper.codings import CodingError
from scraper.config import Site
from scraper.errors import FetchError
from scraper.extract import article_id
from scraper.frontier import Task
from scraper.page import Page, from_capture
from scraper.past.memento import Lack, Lacking, Memento, Source
from scraper.past.sieve import Line, Sieve
from scraper.rulebook import Rulebook
from scraper.scope import Scope
from scraper.visit import Visit, dated
from storage.records import Exchange

Refusal = Literal["out_of_scope", "other_days", "not_articles", "older"] | Lack


class Past:
    """The mementos of one site. `looked_at` tells up to when the archive knows an article by its id."""

    def __init__(
        self,
        source: Source,
        site: Site,
        scope: Scope,
        book: Rulebook,
        aim: Aim,
        looked_at: Callable[[str], str | None],
    ) -> None:
        self._source, self._site, self._scope, self._book = source, site, scope, book
        self._aim, self._looked_at = aim, looked_at
        self._sieve = Sieve(site)

    def close(self) -> None:
        """Let go of what was learned."""
        self._sieve.close()

    def learn(self, stop: threading.Event) -> None:
        """Read the lists there are, so that what they show is known as articles."""
        for memento in self._source.lists():
            if stop.is_set():
                return
            wanted = memento.is_page and self._sieve.may_be_list(memento.url)
            if wanted and self._scope.holds(memento.url, self._site) and not self._is_older(memento):
                try:
                    self._sieve.learn(self._page(memento, memento.load()))
                except (Lacking, FetchError):
                    continue  # one list of many; a service that does not answer is told of below

    def read(self, memento: Memento) -> Visit | Refusal:
        """Return the article of a memento with its evidence; raises the FetchError of a service."""
        if not self._scope.holds(memento.url, self._site):
            return "out_of_scope"
        if not self._aim.holds(memento.at.astimezone(UTC).date().isoformat()):
            return "other_days"
        if not (memento.is_for_people and self._sieve.may_be_article(memento.url)):
            return "not_articles"
        if self._is_older(memento):
            return "older"
        try:
            return self._article(memento, memento.load())
        except Lacking as error:
            return error.lack

    def _article(self, memento: Memento, kept: Exchange) -> Visit | Refusal:
        page, parts = self._page(memento, kept), dict[str, Exchange]()
        line = self._sieve.line(memento.url)
        shown = line or Line(self._site.seeds[0].url)
        follow = partial(self._part, memento, parts)
        reading = self._book.read(page, self._site, shown.seed, shown.section, follow=follow)
        article = reading.extraction.article
        if article is None or not self._sieve.passes(article, page, line):
            return "not_articles"
        for part in parts:
            self._sieve.join(part)
        task = Task(
            self._site.name, "article", memento.url, shown.seed, shown.section, release_time=shown.day
        )
        return Visit(
            task,
            exchanges=(kept, *parts.values()),
            article=dated(article, task),
            evidence=kept,
            look="seen",
            reading=reading,
            moved=True,
        )

    def _part(self, memento: Memento, parts: dict[str, Exchange], url: str) -> Page:
        """Return the page on which an article goes on: without it, it is not what the university showed."""
        kept = self._source.near(url, memento.at)
        if kept is None or kept.status != 200:
            raise Lacking("unresolved", f"{url}: a further page of {memento.url} was not kept")
        parts[url] = kept
        return self._page(replace(memento, url=url), kept)

    def _page(self, memento: Memento, kept: Exchange) -> Page:
        try:
            page = from_capture(memento.url, kept.head, kept.body, fetched_at=memento.at)
        except CodingError as error:
            raise Lacking("unreadable", f"{memento.url}: {error}") from error
        return replace(page, declared_encoding=self._site.encoding)

    def _is_older(self, memento: Memento) -> bool:
        """Tell whether the archive knows the article as of this time or a later one: it stays as it is."""
        until = self._looked_at(article_id(memento.url))
        return until is not None and until >= memento.at.astimezone(UTC).isoformat(timespec="seconds")
