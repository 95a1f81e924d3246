"""The home page of a site in, its lists of news out. Asks for at most `MOST_LOOKS` candidates."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from scraper.errors import FetchError
from scraper.page import Page
from scraper.scout.asker import Asker
from scraper.survey import (
    LIKELY,
    Candidate,
    Section,
    Unfit,
    candidates,
    feeds,
    from_sitemap,
    is_home,
    judge,
    repeats,
)
from scraper.urls import absolute, urlkey

MOST_LOOKS = 8
_INNER = 2.0  # what a candidate loses that was found only on another candidate's page


class Lists:
    """The lists found so far, and the pages that were looked at and are none.

    `only` limits them to those whose label or address holds one of these texts; `known` are the urlkeys of
    lists the config has already. `left` are the links that were not looked at.
    """

    def __init__(self, asker: Asker, only: Sequence[str], known: Collection[str]) -> None:
        self.sections: list[Section] = []
        self.unfit: list[Unfit] = []
        self.left: tuple[Candidate, ...] = ()
        self._asker = asker
        self._only = tuple(text.casefold() for text in only)
        self._seen = set(known)
        self._looks = 0

    def search(self, home: Page) -> None:
        """Take the page itself where it is a list and no home page, else what it links to leads to."""
        own, links = judge(home), [link for link in candidates(home) if self._wanted(link)]
        fresh = urlkey(home.base_url) not in self._seen
        self._seen.add(urlkey(home.base_url))
        itself = isinstance(own, Section) and fresh and not self._only
        if isinstance(own, Section) and itself and not is_home(home.base_url):
            self.sections.append(own)
            self.left = self._unseen(links)
            return
        self._explore([link for link in links if link.score >= LIKELY or self._only])
        if not self.sections and isinstance(own, Section) and itself:
            self.sections.append(own)
        if not self.sections and not self._only:
            self._explore(links + self._hints(home))
        self.left = self._unseen(links)

    def _explore(self, links: Sequence[Candidate]) -> None:
        """Look at the likeliest pages, and at what those that are no lists link to."""
        queue = list(links)
        while queue and self._looks < MOST_LOOKS:
            link = queue.pop(0)
            if urlkey(link.url) in self._seen:
                continue
            self._looks += 1
            page = self._look(link)
            if page is not None and link in links:
                inner = (replace(each, score=each.score - _INNER) for each in candidates(page))
                queue += filter(self._wanted, inner)
                queue.sort(key=lambda each: -each.score)

    def _look(self, link: Candidate) -> Page | None:
        """Fetch and judge one page; return it where it is no list but may lead to one."""
        self._seen.add(urlkey(link.url))
        try:
            page = self._asker.page(link.url)
        except FetchError as error:
            self.unfit.append(Unfit(link.url, link.label, error.reason, error.detail))
            return None
        found = judge(page, link.label)
        if isinstance(found, Section):
            self._take(found, link)
            return None
        self.unfit.append(found)
        return page if found.problem == "no_list" else None

    def _take(self, found: Section, link: Candidate) -> None:
        """Keep a list, unless it is one already kept, under this or another address."""
        known = urlkey(found.url) in self._seen and urlkey(found.url) != urlkey(link.url)
        self._seen.add(urlkey(found.url))
        if known or any(repeats(found.listing, other.listing) for other in self.sections):
            why = "shows the articles of a list above"
            self.unfit.append(Unfit(found.url, link.label, "repeats", why))
        else:
            self.sections.append(found)

    def _hints(self, home: Page) -> list[Candidate]:
        """Return what the feeds and the sitemap say, for a site whose links lead to no list."""
        named = [Candidate(url, "", 0.0) for url in feeds(home)]
        try:
            page = self._asker.page(absolute("/sitemap.xml", home.base_url))
        except FetchError:
            return named
        return named + list(from_sitemap(page, home.base_url) if page.status == 200 else ())

    def _unseen(self, links: Sequence[Candidate]) -> tuple[Candidate, ...]:
        return tuple(link for link in links if urlkey(link.url) not in self._seen)

    def _wanted(self, link: Candidate) -> bool:
        said = f"{link.label} {link.url}".casefold()
        return not self._only or any(text in said for text in self._only)
