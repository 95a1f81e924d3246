"""A page as somebody kept it: where it stood, when, and how to get at its bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from scraper.gather import Gathering
from storage.records import Exchange

MOST_BYTES = 50 * 1024 * 1024  # of one page
PAGES = ("html", "xml", "json")  # what a media type has in it that pages and lists come as

Lack = Literal["unresolved", "unreadable"]


class Lacking(Exception):
    """A memento cannot be read: `lack` is `unresolved` (its payload is elsewhere) or `unreadable`."""

    def __init__(self, lack: Lack, detail: str) -> None:
        super().__init__(detail)
        self.lack: Lack = lack


@dataclass(frozen=True, slots=True)
class Memento:
    """One kept response: `url` is the page's own address, `at` when it was captured.

    `load` gets the exchange it is read from and kept as; it raises Lacking, or the FetchError of a service
    that does not answer.
    """

    url: str
    at: datetime
    status: int
    media_type: str
    load: Callable[[], Exchange]

    @property
    def is_page(self) -> bool:
        """Whether it can be a page or a list: an answer of status 200 that is, or may be, text in markup."""
        return self.status == 200 and (not self.media_type or any(kind in self.media_type for kind in PAGES))

    @property
    def is_for_people(self) -> bool:
        """Whether it can be an article: no feed, sitemap or list for scripts."""
        return self.is_page and (not self.media_type or "html" in self.media_type)


class Source(Protocol):
    """Where mementos come from; `flaws` tell what of it could not be read."""

    flaws: list[str]

    def spent(self) -> Gathering | None:
        """Return what was asked of the network since the last call."""

    def lists(self) -> Iterator[Memento]:
        """Iterate those among which the site's listing pages are."""

    def mementos(self) -> Iterator[Memento]:
        """Iterate all there are, oldest first."""

    def near(self, url: str, at: datetime) -> Exchange | None:
        """Return what an address gave at a time, or nearest to it; null where it was not kept."""
