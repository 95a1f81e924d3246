"""One task against the network: ask, read, and say what was found. Knows neither archive nor run.

listing task -> Visit with a Listing        article or look task -> Visit with an Article or a problem
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlsplit

from scraper.config import Site
from scraper.discover import ListCounter, Listing, machine_listing, read_listing
from scraper.errors import FetchError
from scraper.extract import Counter
from scraper.extract.problem import LOOKS, refuse
from scraper.fetch import Fetched, Fetcher, Request
from scraper.frontier import Task
from scraper.page import Page
from scraper.presets import detect
from scraper.rulebook import Reading, Rulebook, preset_of
from storage.ladder import Look
from storage.records import Article, Attachment, Exchange, with_views

_PAST_THE_END = b"rest_post_invalid_page_number"  # WordPress answers 400 for the page after the last
_HOME_PAGES = frozenset(
    ("", "/", "/index.htm", "/index.html", "/index.shtml", "/index.jsp", "/main.htm", "/index.php")
)


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
class Visit:
    """What came of one task.

    `exchanges` are all kept as evidence, `evidence` is the one the article was read from. `look` is null for
    listings. `reading` and `page` are the article's, for what they can teach. `problem` is null when all went
    well; `failures` are the lesser ones: a counter, an attachment.
    """

    task: Task
    exchanges: tuple[Exchange, ...] = ()
    listing: Listing | None = None
    counts: Counts | None = None
    article: Article | None = None
    evidence: Exchange | None = None
    look: Look | None = None
    reading: Reading | None = None
    page: Page | None = None
    problem: Failure | None = None
    failures: tuple[Failure, ...] = ()


def visit(task: Task, site: Site, fetcher: Fetcher, book: Rulebook) -> Visit:
    """Carry out one task, reading by the book; every failure becomes part of the Visit."""
    try:
        fetched = fetcher.fetch(Request(task.url))
    except FetchError as error:
        look: Look | None = None if task.kind == "listing" else error.look
        return Visit(task, error.exchanges, look=look, problem=Failure(error.url, error.reason, str(error)))
    page = replace(fetched.page, declared_encoding=site.encoding)
    if task.kind == "listing":
        return _listing(task, fetcher, fetched, page, site)
    return _article(task, site, fetcher, fetched, page, book)


def _listing(task: Task, fetcher: Fetcher, fetched: Fetched, page: Page, site: Site) -> Visit:
    if task.page > 1 and page.status == 400 and _PAST_THE_END in page.body:
        return Visit(task, fetched.exchanges, listing=Listing())
    listing, problem = _read_listing(page, site)
    if problem is not None:
        return Visit(task, fetched.exchanges, problem=_named(page, problem))
    gathered = _Gathered(fetcher, list(fetched.exchanges), [])
    empty = None
    if not listing.items and not listing.sitemaps:
        empty = Failure(task.url, listing.problem or "empty_listing", "no items found on this listing page")
    counts = gathered.counts(listing.counters)
    return Visit(
        task,
        tuple(gathered.exchanges),
        listing=listing,
        counts=counts,
        problem=empty,
        failures=tuple(gathered.failures),
    )


def _read_listing(page: Page, site: Site) -> tuple[Listing, str | None]:
    """Return the listing of a page, or why it has none; only pages for people can be refused."""
    if page.status < 400 and (made := machine_listing(page)) is not None:
        return made, None
    preset = preset_of(page, site)
    problem = refuse(page, preset)
    return (Listing(), problem) if problem else (read_listing(page, preset), None)


def _article(task: Task, site: Site, fetcher: Fetcher, fetched: Fetched, page: Page, book: Rulebook) -> Visit:
    gathered = _Gathered(fetcher, list(fetched.exchanges), [])
    further = partial(gathered.part, encoding=site.encoding)
    reading = book.read(page, site, task.seed, task.section, follow=further)
    extraction = reading.extraction
    problem = _sent_home(task, page) or extraction.problem
    if problem or extraction.article is None:
        named = _named(page, problem or "no_content")
        return Visit(task, fetched.exchanges, look=LOOKS[named.reason], problem=named)
    if gathered.failures:  # an article without one of its parts is not what the university shows
        return Visit(task, tuple(gathered.exchanges), look="error", problem=gathered.failures[0])
    article = dated(extraction.article, task)
    if task.views is not None and task.views_observed_at is not None:
        article = with_views(article, task.views, "counter", task.views_observed_at)
    else:
        article = _listed_views(gathered.counted(article, extraction.counter), task, fetched)
    if site.assets != "none":
        article = replace(article, attachments=tuple(gathered.file(item) for item in article.attachments))
    if site.assets == "all":
        gathered.keep(image.url for image in article.images)
    return Visit(
        task,
        tuple(gathered.exchanges),
        article=article,
        evidence=fetched.exchanges[-1],
        look="unlisted" if task.kind == "look" else "seen",
        reading=reading,
        page=page,
        failures=tuple(gathered.failures),
    )


def _named(page: Page, problem: str) -> Failure:
    return Failure(page.url, problem, f"{page.url}: {problem.replace('_', ' ')} (status {page.status})")


def _sent_home(task: Task, page: Page) -> str | None:
    """A removed article is often answered with a redirect to the home page."""
    asked, got = urlsplit(task.url), urlsplit(page.final_url or page.url)
    return "home_page" if got.path in _HOME_PAGES and asked.path not in _HOME_PAGES else None


def _listed_views(article: Article, task: Task, fetched: Fetched) -> Article:
    """Where the article shows no views, those that the listing prints serve."""
    if article.views is not None or task.views is None:
        return article
    at = fetched.exchanges[-1].fetched_at.isoformat(timespec="seconds")
    shown = with_views(article, task.views, "static", at)
    return replace(shown, provenance=article.provenance | {"views": "listing"})


def dated(article: Article, task: Task) -> Article:
    """Where the article prints no date, the listing's serves; where the two differ, provenance says so."""
    if not task.release_time:
        return article
    rules = article.provenance
    if not article.release_time:
        rules = rules | {"release_time": "listing"}
        return replace(article, release_time=task.release_time, provenance=rules)
    if article.release_time[:10] == task.release_time[:10]:
        return article
    rule = f"{rules.get('release_time', '')}, though listed as {task.release_time}"
    return replace(article, provenance=rules | {"release_time": rule})


@dataclass(frozen=True, slots=True)
class _Gathered:
    """What else an article needs from the network, gathered beside its page."""

    fetcher: Fetcher
    exchanges: list[Exchange]
    failures: list[Failure]

    def part(self, url: str, encoding: str | None) -> Page | None:
        """Return the page on which an article goes on; null, and a failure, where it cannot be had."""
        fetched = self._fetch(Request(url))
        if fetched is not None and fetched.page.status != 200:
            self.failures.append(_named(fetched.page, "no_part"))
            return None
        return replace(fetched.page, declared_encoding=encoding) if fetched is not None else None

    def counted(self, article: Article, counter: Counter | None) -> Article:
        """Return the article with the counter's views; a counter out of reach leaves them unknown.

        An answer that is no number means "leave the printed one" (the CMS's own script does so).
        """
        if counter is None:
            return article
        fetched = self._fetch(Request(counter.url, method=counter.method, body=counter.body))
        if fetched is None or fetched.page.status != 200:
            return replace(article, views=None, views_source=None, views_observed_at=None)
        views = counter.parse(fetched.page.body)
        if views is None:
            return article
        at = fetched.exchanges[-1].fetched_at.isoformat(timespec="seconds")
        return with_views(article, views, "counter", at)

    def counts(self, counters: Iterable[ListCounter]) -> Counts | None:
        """Return the views of a list's articles by address, asked for in one request instead of one each."""
        views: dict[str, int] = {}
        at = ""
        for counter in counters:
            fetched = self._fetch(Request(counter.url, method=counter.method, body=counter.body))
            if fetched is not None and fetched.page.status == 200:
                views |= counter.parse(fetched.page.body)
                at = fetched.exchanges[-1].fetched_at.isoformat(timespec="seconds")
        return Counts(views, at) if views else None

    def file(self, attachment: Attachment) -> Attachment:
        """Return the attachment with media type, size and digest of what is there now, if it can be had."""
        fetched = self._fetch(Request(attachment.url))
        if fetched is None:
            return attachment
        page = fetched.page
        if page.status != 200 or self._is_notice(page):
            self.failures.append(_named(page, "no_file"))
            return attachment
        media_type = (page.content_type or "").partition(";")[0].strip().lower() or None
        digest = hashlib.sha256(page.body).hexdigest()
        return replace(attachment, media_type=media_type, size=len(page.body), sha256=digest)

    def keep(self, urls: Iterable[str]) -> None:
        """Fetch addresses only to keep them."""
        for url in urls:
            self._fetch(Request(url))

    @staticmethod
    def _is_notice(page: Page) -> bool:
        """A download that answers with HTML asks for a captcha or a login instead of giving the file."""
        return "html" in (page.content_type or "") and refuse(page, detect(page)) not in (
            None,
            "pdf_bytes",
            "not_html",
        )

    def _fetch(self, request: Request) -> Fetched | None:
        try:
            fetched = self.fetcher.fetch(request)
        except FetchError as error:
            self.exchanges.extend(error.exchanges)
            self.failures.append(Failure(error.url, error.reason, str(error)))
            return None
        self.exchanges.extend(fetched.exchanges)
        return fetched
