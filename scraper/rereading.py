"""Kept records read again, some at a time: ids in, what today's rules make of them out. Reads an archive.

In this process, or in one of its own (`scraper.processes`): orders come in over a pipe, answers go out.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection

from scraper import drift
from scraper.config import Config, Site
from scraper.lost import UNREADABLE
from scraper.mishap import TOLD, mishap
from scraper.presets import PRESETS
from scraper.presets.overrides import overlaid
from scraper.processes import Out, Word, receive
from scraper.rereads import Came, Reread, Terms
from scraper.rulebook import Lessons, Rulebook
from scraper.shelf import Again, Shelf
from storage import Archive
from storage.diff import is_edited
from storage.errors import CampusnewsError
from storage.kept import kept as kept_record
from storage.records import Article, Extractor

log = logging.getLogger(__name__)

_ASIDE = ("views", "views_observed_at", "views_source", "content_digest")  # never read again, or derived


class Rereader:
    """Reads the records of some sites again, through a reading archive of its own."""

    def __init__(self, archive: Archive, orders: ReadingOrders) -> None:
        self._archive, self._terms = archive, orders.terms
        self._sites = {site.name: site for site in orders.sites}
        book = Rulebook()
        for site, lessons in orders.lessons.items():
            book.learn(site, lessons)
        self._shelf = Shelf(archive, book)
        self._current = {site.name: _rules_of_now(site, book) for site in orders.sites}

    def read(self, site: str, ids: Iterable[str]) -> list[Reread]:
        """Read records of a site again, as of the archive's last commit."""
        read = [self._one(kept, self._sites[site]) for key in ids if (kept := self._archive.article(key))]
        self._archive.refresh()
        return read

    def _one(self, kept: Article, site: Site) -> Reread:
        """Read one; a page that breaks our own code is told of, and costs only itself."""
        assert kept.capture is not None
        if self._terms.older and kept.extractor in self._current[site.name]:
            return Reread(kept.id, kept.url, "current")
        try:
            return self._weigh(kept, self._shelf.again(kept, kept.capture, site))
        except UNREADABLE as error:
            return Reread(kept.id, kept.url, "damaged", reason="damaged", detail=str(error))
        except CampusnewsError:  # none of the page's
            raise
        except Exception as error:
            log.exception(TOLD, kept.url)
            why = mishap(kept.url, error)
            return Reread(kept.id, kept.url, "refused", reason=why.reason, detail=why.detail)

    def _weigh(self, kept: Article, again: Again) -> Reread:
        article = again.article
        if article is None:
            why = f"{again.lacks} was never kept" if again.lacks else "no article by the rules of now"
            told = f"{why}; its record stays as it was"
            return Reread(kept.id, kept.url, "refused", reason=again.problem, detail=told)
        old, new = kept_record(kept), kept_record(article)
        before = {name: old[name] for name in old if name not in _ASIDE and old[name] != new[name]}
        if not before:
            return Reread(kept.id, kept.url, "same")
        lost = drift.losses(kept, article) - {"title"}
        if lost and not self._terms.accept:
            told = f"reads worse: {', '.join(sorted(lost))}; its record stays as it was"
            return Reread(kept.id, kept.url, "drift", article, before, lost, "drift", told)
        came: Came = "rules" if is_edited(kept, article) else "refreshed"
        return Reread(kept.id, kept.url, came, article, before)


def _rules_of_now(site: Site, book: Rulebook) -> frozenset[Extractor]:
    """Return the names and revisions of all rules that may read a page of the site now."""
    presets = [overlaid(preset, site.rules.stated()) for preset in PRESETS.values()]
    named = {Extractor(preset.name, preset.revision) for preset in presets}
    layouts = (layout for _, layout in book.lessons(site.name)[0] if any(map(layout.is_of, presets)))
    return frozenset(named | {Extractor(layout.name, layout.revision) for layout in layouts})


@dataclass(frozen=True, slots=True)
class ReadingOrders:
    """What a process that reads again is told before anything else; then (site, ids), again and again."""

    config: Config
    sites: Sequence[Site]
    terms: Terms
    lessons: Mapping[str, Lessons]

    def carry_out(self, pipe: Connection, out: Out) -> None:
        """Answer each until told to go home."""
        with Archive.open(self.config.archive) as archive:
            rereader = Rereader(archive, self)
            while (order := receive(pipe)) is not Word.HOME:
                site, ids = order
                out.put_nowait(rereader.read(site, ids))
