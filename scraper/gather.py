"""What one task asks the network for, with what each request was for. Knows neither archive nor run.

A kept page is asked for on the condition that it changed; a 304 is then read as the page that is kept.
"""

from __future__ import annotations

import collections
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import urlsplit

from scraper.discover import ListCounter
from scraper.errors import FetchError
from scraper.extract import Counter
from scraper.extract.problem import refuse
from scraper.fetch import Fetched, Fetcher, Request
from scraper.memory import Kept, Memory
from scraper.page import Page
from scraper.presets import detect
from storage.records import Article, Attachment, Capture, Exchange, Ruling, with_views

Purpose = Literal["robots", "listings", "articles", "looks", "counters", "files", "retries"]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something gave nothing: the URL, the short name of the reason, a sentence."""

    url: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Counts:
    """The views of many articles by address, and when they were told."""

    views: dict[str, int]
    observed_at: str


@dataclass(frozen=True, slots=True)
class Gathering:
    """The exchanges of one task, in order, each with its purpose, and what was ruled or failed on the way.

    A task that is carried out `again`, since its run was killed, is given what is kept of its answers.
    """

    fetcher: Fetcher
    memory: Memory | None = None
    encoding: str | None = None
    again: bool = False
    exchanges: list[Exchange] = field(default_factory=list)
    purposes: list[Purpose] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    rulings: list[Ruling] = field(default_factory=list)
    remembered: dict[str, Capture] = field(default_factory=dict)

    def page(self, url: str, purpose: Purpose, *, known: bool = False) -> Page:
        """Return the page at an address, the kept one where a known one did not change; raises FetchError."""
        kept = self._kept(url) if known else None
        fetched = self._fetch(Request(url, headers=kept.conditions if kept else ()), purpose)
        page = fetched.page
        if page.status == 304 and kept is not None:
            page = replace(kept.page, final_url=page.final_url, fetched_at=page.fetched_at)
        return replace(page, declared_encoding=self.encoding)

    def evidence(self, page: Page) -> Exchange | Capture:
        """Return what the page that was gathered last rests on."""
        return self.remembered.get(page.url) or self.exchanges[-1]

    def part(self, url: str) -> Page | None:
        """Return the page on which an article goes on; null, and a failure, where it cannot be had."""
        fetched = self._try(Request(url), "articles")
        if fetched is not None and fetched.page.status != 200:
            self.failures.append(named(fetched.page, "no_part"))
            return None
        return replace(fetched.page, declared_encoding=self.encoding) if fetched is not None else None

    def counted(self, article: Article, counter: Counter | None) -> Article:
        """Return the article with the counter's views; a counter out of reach leaves them unknown.

        An answer that is no number means "leave the printed one" (the CMS's own script does so).
        """
        if counter is None:
            return article
        fetched = self._try(Request(counter.url, method=counter.method, body=counter.body), "counters")
        if fetched is None or fetched.page.status != 200:
            return replace(article, views=None, views_source=None, views_observed_at=None)
        views = counter.parse(fetched.page.body)
        if views is None:
            return article
        return with_views(article, views, "counter", _moment(fetched.page))

    def counts(self, counters: Iterable[ListCounter]) -> Counts | None:
        """Return the views of a list's articles by address, asked for in one request instead of one each."""
        views: dict[str, int] = {}
        at = ""
        for counter in counters:
            fetched = self._try(Request(counter.url, method=counter.method, body=counter.body), "counters")
            if fetched is not None and fetched.page.status == 200:
                views |= counter.parse(fetched.page.body)
                at = _moment(fetched.page)
        return Counts(views, at) if views else None

    def file(self, attachment: Attachment, most: int) -> Attachment:
        """Return the attachment with media type, size and digest of what is there now, if it can be had.

        It cannot be had when it is larger than `most` bytes. What is known of one stands unless the server
        can be asked whether that changed.
        """
        kept = self._kept(attachment.url)
        page = None if attachment.sha256 and kept is None else self._file(attachment.url, kept, most)
        if page is None:
            return attachment
        if page.status != 200 or self._is_notice(page):
            self.failures.append(named(page, "no_file"))
            return attachment
        media_type = (page.content_type or "").partition(";")[0].strip().lower() or None
        digest = hashlib.sha256(page.body).hexdigest()
        return replace(attachment, media_type=media_type, size=len(page.body), sha256=digest)

    def keep(self, url: str, most: int) -> Page | None:
        """Fetch an address only to keep what is there, and return that, if it can be had."""
        return self._file(url, self._kept(url), most)

    def _kept(self, url: str) -> Kept | None:
        return self.memory.kept(url) if self.memory is not None else None

    def _file(self, url: str, kept: Kept | None, most: int) -> Page | None:
        """Return what an address has, the kept one where it did not change."""
        fetched = self._try(Request(url, headers=kept.conditions if kept else (), most=most), "files")
        if fetched is None:
            return None
        return kept.page if kept is not None and fetched.page.status == 304 else fetched.page

    @staticmethod
    def _is_notice(page: Page) -> bool:
        """A download that answers with HTML asks for a captcha or a login instead of giving the file."""
        return "html" in (page.content_type or "") and refuse(page, detect(page)) not in (
            None,
            "pdf_bytes",
            "not_html",
        )

    def _try(self, request: Request, purpose: Purpose) -> Fetched | None:
        """Fetch something lesser: what it cannot be had for is a failure beside the page's own."""
        try:
            return self._fetch(request, purpose)
        except FetchError as error:
            self.failures.append(Failure(error.url, error.reason, str(error)))
            return None

    def _fetch(self, request: Request, purpose: Purpose) -> Fetched:
        if self.again and self.memory is not None and (known := self.memory.answered(request)) is not None:
            self.remembered[request.url] = known[1]
            return Fetched(known[0], ())
        try:
            fetched = self.fetcher.fetch(request)
        except FetchError as error:
            self._note(error.exchanges, purpose)
            self.rulings.extend(error.rulings)
            raise
        self._note(fetched.exchanges, purpose)
        self.rulings.extend(fetched.rulings)
        return fetched

    def _note(self, exchanges: Iterable[Exchange], purpose: Purpose) -> None:
        """Keep the exchanges of one fetch: the last was for its purpose, the others led to it."""
        trail = list(exchanges)
        for exchange in trail:
            if urlsplit(exchange.url).path == "/robots.txt":
                self.purposes.append("robots")
            else:
                self.purposes.append(purpose if exchange is trail[-1] else "retries")
        self.exchanges.extend(trail)


def _moment(page: Page) -> str:
    assert page.fetched_at is not None
    return page.fetched_at.isoformat(timespec="seconds")


def named(page: Page, problem: str) -> Failure:
    """Return the failure of a page that was answered and is not what was asked for."""
    return Failure(page.url, problem, f"{page.url}: {problem.replace('_', ' ')} (status {page.status})")


def sent_counts(exchanges: Sequence[Exchange], purposes: Iterable[Purpose]) -> dict[str, int]:
    """Return what was asked of the network and what it was asked for, as counts without zeros."""
    told = collections.Counter(f"for_{purpose}" for purpose in purposes)
    told["requests"] = len(exchanges)
    told["bytes"] = sum(len(exchange.body) for exchange in exchanges)
    told["not_modified"] = sum(exchange.status == 304 for exchange in exchanges)
    return {name: count for name, count in told.items() if count}
