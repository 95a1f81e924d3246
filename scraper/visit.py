"""One task against the network: ask, read, and say what was found. Knows neither archive nor run.

listing task -> Visit with a Listing        article or look task -> Visit with an Article or a problem
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from scraper.assets import with_files
from scraper.config import Site
from scraper.discover import Listing, machine_listing, read_listing
from scraper.errors import FetchError
from scraper.extract.problem import LOOKS, refuse
from scraper.fetch import Fetcher
from scraper.frontier import Task
from scraper.gather import Counts, Failure, Gathering, Purpose, named
from scraper.memory import Memory
from scraper.page import Page
from scraper.presets.overrides import MARK, idle
from scraper.rulebook import Reading, Rulebook, preset_of
from scraper.sent import sent
from scraper.states import look_of
from storage.ladder import Look
from storage.records import Article, Capture, Exchange, Ruling, with_views

_PAST_THE_END = b"rest_post_invalid_page_number"  # WordPress answers 400 for the page after the last


@dataclass(frozen=True, slots=True)
class Visit:
    """What came of one task.

    `exchanges` are all kept as evidence, each asked for its purpose; `evidence` is what the article was read
    from: an exchange, a 304 when the page is the one that is kept, or a capture from before a kill. `look` is
    null for listings, and where nothing was asked (`scraper.states`). `reading` is the article's; so is
    `page`, where it can teach a layout. `moved` is one found at another address than its own, which is gone.
    `problem` is null when all went well; `failures` are the lesser ones: a counter, an attachment. `rulings`
    are those on the hosts met. `idle` are the places named in the site's rules that the page does not have,
    null where no rules were tried.
    """

    task: Task
    exchanges: tuple[Exchange, ...] = ()
    purposes: tuple[Purpose, ...] = ()
    listing: Listing | None = None
    counts: Counts | None = None
    article: Article | None = None
    evidence: Exchange | Capture | None = None
    look: Look | None = None
    reading: Reading | None = None
    page: Page | None = None
    moved: bool = False
    idle: frozenset[str] | None = None
    problem: Failure | None = None
    failures: tuple[Failure, ...] = ()
    rulings: tuple[Ruling, ...] = ()


def visit(task: Task, site: Site, fetcher: Fetcher, book: Rulebook, memory: Memory | None = None) -> Visit:
    """Carry out one task, reading by the book; every failure becomes part of the Visit.

    With a memory, what is known is asked for on the condition that it changed.
    """
    gathered = Gathering(fetcher, memory, site.encoding, again=task.answered)
    listing = task.kind == "listing"
    purpose: Purpose = "listings" if listing else "looks" if task.known else "articles"
    try:
        page = gathered.page(task.url, purpose, known=task.known or listing)
    except FetchError as error:
        reason = "login_wall" if sent(task.url, error.url) == "login_wall" else error.reason
        failed = Failure(error.url, reason, str(error))
        came = Visit(task, look=None if listing else look_of(reason), problem=failed)
    else:
        came = _listing(task, site, page, gathered) if listing else _article(task, site, page, book, gathered)
        if came.look == "gone" and task.listed_as is not None:
            came = _moved(task, task.listed_as, site, book, gathered) or came
    own = gathered.failures if came.problem is None or listing else ()
    return replace(
        came,
        exchanges=tuple(gathered.exchanges),
        purposes=tuple(gathered.purposes),
        failures=tuple(own),
        rulings=tuple(gathered.rulings),
    )


def failed(task: Task, why: Failure) -> Visit:
    """Return the Visit of a task that came to nothing: an article shows an error, a listing nothing."""
    return Visit(task, look=None if task.kind == "listing" else "error", problem=why)


def _moved(task: Task, url: str, site: Site, book: Rulebook, gathered: Gathering) -> Visit | None:
    """Look for an article that left its address at the one it is listed with, as when its section changed."""
    try:
        page = gathered.page(url, "looks")
    except FetchError:
        return None
    came = _article(replace(task, url=url), site, page, book, gathered)
    return replace(came, task=task, moved=True) if came.article is not None else None


def _listing(task: Task, site: Site, page: Page, gathered: Gathering) -> Visit:
    if task.page > 1 and page.status == 400 and _PAST_THE_END in page.body:
        return Visit(task, listing=Listing())
    listing, problem = _read_listing(page, site)
    if problem is not None:
        return Visit(task, problem=named(page, problem))
    empty = None
    if not listing.items and not listing.sitemaps:
        empty = Failure(task.url, listing.problem or "empty_listing", "no items found on this listing page")
    memory = gathered.memory
    asks = memory is None or memory.asks(site, task.seed, listing.items)
    counts = gathered.counts(listing.counters) if asks else None
    missed = _idle(page, site, "listing") if MARK in listing.preset else None  # a feed has no places
    return Visit(task, listing=listing, counts=counts, problem=empty, idle=missed)


def _read_listing(page: Page, site: Site) -> tuple[Listing, str | None]:
    """Return the listing of a page, or why it has none; only pages for people can be refused."""
    if page.status < 400 and (made := machine_listing(page)) is not None:
        return made, None
    preset = preset_of(page, site)
    problem = refuse(page, preset)
    return (Listing(), problem) if problem else (read_listing(page, preset), None)


def _article(task: Task, site: Site, page: Page, book: Rulebook, gathered: Gathering) -> Visit:
    evidence = gathered.evidence(page)
    reading = book.read(page, site, task.seed, task.section, follow=gathered.part)
    extraction = reading.extraction
    problem = sent(task.url, page.final_url or page.url, page.status) or extraction.problem
    if problem or extraction.article is None:
        failed = named(page, problem or "no_content")
        return Visit(task, look=LOOKS[failed.reason], problem=failed)
    if gathered.failures:  # an article without one of its parts is not what the university shows
        missing = gathered.failures[0]
        return Visit(task, look="error" if look_of(missing.reason) else None, problem=missing)
    article = dated(extraction.article, task)
    if task.views is not None and task.views_observed_at is not None:
        article = with_views(article, task.views, "counter", task.views_observed_at)
    else:
        article = _listed_views(gathered.counted(article, extraction.counter), task, page)
    return Visit(
        task,
        article=with_files(article, page, site, gathered),
        evidence=evidence,
        look="unlisted" if task.kind == "look" else "seen",
        reading=reading,
        page=page if reading.unfit else None,
        idle=_idle(page, site, "article"),
    )


def _idle(page: Page, site: Site, part: Literal["article", "listing"]) -> frozenset[str] | None:
    stated = site.rules.stated()
    return idle(page, stated, part) if stated else None


def _listed_views(article: Article, task: Task, page: Page) -> Article:
    """Where the article shows no views, those that the listing prints serve."""
    if article.views is not None or task.views is None or page.fetched_at is None:
        return article
    at = page.fetched_at.isoformat(timespec="seconds")
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
