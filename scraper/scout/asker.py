"""The one who asks during a survey: a URL in, a Page out; keeps what was asked, tells what is about to be."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from scraper.config import Site
from scraper.errors import FetchError
from scraper.fetch import Fetcher, Request
from scraper.frontier import Task
from scraper.page import Page
from scraper.rulebook import Rulebook
from scraper.visit import Visit, visit
from storage.records import Exchange

Watch = Callable[[str], None]


class Asker:
    """A Fetcher that remembers; `asked` are (method, URL, status) of every exchange, robots.txt included."""

    def __init__(self, fetcher: Fetcher, watch: Watch) -> None:
        self.asked: list[tuple[str, str, int]] = []
        self._fetcher, self._watch = fetcher, watch

    def page(self, url: str) -> Page:
        """Return the page at an address, whatever its status; raises FetchError."""
        self._watch(url)
        try:
            fetched = self._fetcher.fetch(Request(url))
        except FetchError as error:
            self._note(error.exchanges)
            raise
        self._note(fetched.exchanges)
        return fetched.page

    def article(self, task: Task, site: Site) -> Visit:
        """Return what a crawl of the site would make of an article, its counter asked."""
        self._watch(task.url)
        came = visit(task, site, self._fetcher, Rulebook())
        self._note(came.exchanges)
        return came

    def _note(self, exchanges: Iterable[Exchange]) -> None:
        self.asked += ((exchange.method, exchange.url, exchange.status) for exchange in exchanges)
