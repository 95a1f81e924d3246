"""The archive's own captures as mementos: pages that were kept when no rules made an article of them.

Their evidence is kept already, so none of it is written again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial

from scraper.aim import Aim
from scraper.config import Config
from scraper.lost import LOST
from scraper.pace import Progress
from scraper.past.importing import Import
from scraper.past.memento import Lacking, Memento
from storage import Archive
from storage.reader import Reader
from storage.records import REEXTRACT, Capture, Copy, Exchange, Run


def take_unread(
    config: Config,
    site: str,
    *,
    since: str | None = None,
    until: str | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    watch: Callable[[Progress], None] = lambda _: None,
    stop: threading.Event | None = None,
) -> Run:
    """Make articles of the site's kept pages that were none when they were captured; never the network.

    Each is dated by its captures, as those of a backfill from WARC files are; `since` and `until` are their
    days. What is known of an article as of a later time stays as it is. Setting `stop` ends the run within
    seconds, its state saved, with KeyboardInterrupt; begun again it goes on. Raises ConfigError,
    InvalidChoice and ArchiveError.
    """
    (chosen,) = config.require_sites([site])
    aim, stop = Aim(REEXTRACT, since=since, until=until), stop or threading.Event()
    with Archive.open(config.archive, write=True) as archive, Archive.open(config.archive) as before:
        own = OwnCaptures(before)
        return Import(config, chosen, archive, own, now, watch, stop, aim, own.keep).run()


class OwnCaptures:
    """The captures of an archive, as of when it was opened: it is another than the one written to."""

    def __init__(self, archive: Reader) -> None:
        self._archive = archive
        self.flaws: list[str] = []

    def spent(self) -> None:
        """Nothing was asked of the network."""

    def lists(self) -> Iterator[Memento]:
        """Iterate all there is: any page may be a list."""
        return self.mementos()

    def mementos(self) -> Iterator[Memento]:
        """Iterate the captures from which no version was read, oldest first."""
        for url, media_type, capture in self._archive.unclaimed():
            at, load = datetime.fromisoformat(capture.fetched_at), partial(self._load, url, capture)
            yield Memento(url, at, capture.status, media_type or "", load)

    def near(self, url: str, at: datetime) -> Exchange | None:
        """Return what an address gave last up to a time, else first after it."""
        capture = self._archive.kept_near(url, at)
        return self._load(url, capture) if capture is not None else None

    def keep(self, exchange: Exchange) -> Capture:
        """Return the capture an exchange of ours was made from."""
        assert exchange.copy is not None
        return self._archive.capture_of(exchange.copy.source)

    def _load(self, url: str, capture: Capture) -> Exchange:
        try:
            head, body = self._archive.payload(capture)
        except LOST as error:
            raise Lacking("unreadable", f"{url}: {error}") from error
        at = datetime.fromisoformat(capture.fetched_at)
        return Exchange(url, "GET", b"", head, body, capture.status, at, copy=Copy(capture.record_id, at))
