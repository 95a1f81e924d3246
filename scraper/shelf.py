"""Kept pages, read by the rules of now: what a record would be if its page were asked for again. No network.

A page alone does not tell a record: its list printed a day, its counter told the views, its files were
fetched. That is taken from the record that is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from scraper.baseline import with_details
from scraper.config import Site
from scraper.extract import article_id
from scraper.frontier import Task
from scraper.page import Page, from_capture
from scraper.rulebook import Reading, Rulebook
from scraper.visit import dated
from storage.reader import Reader
from storage.records import Article, Capture

_LISTED_AS = "though listed as "  # as `visit.dated` notes it


@dataclass(frozen=True, slots=True)
class Again:
    """A kept record read again: `article` is null where its page is none by the rules of now.

    `lacks` is the address of a further page that was never kept: then the article is not whole.
    """

    article: Article | None
    problem: str | None = None
    lacks: str | None = None


@dataclass(frozen=True, slots=True)
class Shelf:
    """The kept pages of an archive, and the book they are read by."""

    archive: Reader
    book: Rulebook

    def page(self, url: str, capture: Capture, site: Site) -> Page:
        """Return the page of a capture, as of its time: what was ahead of that then is no date today either.

        Raises ArchiveDamaged, and CodingError for one nobody can unpack.
        """
        at = datetime.fromisoformat(capture.fetched_at)
        page = from_capture(url, *self.archive.payload(capture), fetched_at=at)
        return replace(page, declared_encoding=site.encoding)

    def part(self, url: str, site: Site, *, earlier: bool = False) -> Page | None:
        """Return the page at an address as it was last kept: a further part of an article.

        With `earlier`, as it was before this run; one that nobody asked for before is as it is now.
        """
        before = self.archive.kept(url, earlier=True) if earlier else None
        capture = before or self.archive.kept(url)
        return self.page(url, capture, site) if capture is not None else None

    def page_of(self, kept: Article, capture: Capture, site: Site) -> Page:
        """Return the page a record was read from; its links are relative to where it was found then."""
        page, found = self.page(kept.url, capture, site), self.archive.captured_at(capture)
        if found is not None and article_id(found) == kept.id:  # not the address of a service that kept it
            return replace(page, final_url=found)
        return page

    def read(
        self,
        kept: Article,
        capture: Capture,
        site: Site,
        seed: str,
        section: str | None = None,
        *,
        follow: Callable[[str], Page | None] | None = None,
    ) -> Reading:
        """Read the page a record was read from."""
        page, follow = self.page_of(kept, capture, site), follow or partial(self.part, site=site)
        return self.book.read(page, site, seed, section, follow=follow)

    def again(self, kept: Article, capture: Capture, site: Site) -> Again:
        """Return the record as a crawl would write it now, had the university changed nothing."""
        seed, section, day = self._shown(kept, site)
        missed: list[str] = []
        follow = partial(self._part_or_note, site=site, missed=missed)
        reading = self.read(kept, capture, site, seed, section, follow=follow)
        article = reading.extraction.article
        if article is None:
            return Again(None, reading.extraction.problem or "no_content")
        if missed:
            return Again(None, "no_part", missed[0])
        article = dated(article, Task(site.name, "article", kept.url, seed, section, release_time=day))
        files = with_details(article.attachments, kept.attachments)
        article = replace(article, id=kept.id, url=kept.url, site=kept.site, attachments=files)
        return Again(with_views_of(article, kept))

    def _part_or_note(self, url: str, *, site: Site, missed: list[str]) -> Page | None:
        page = self.part(url, site)
        if page is None:
            missed.append(url)
        return page

    def _shown(self, kept: Article, site: Site) -> tuple[str, str | None, str | None]:
        """Return (seed, section, day) as the list on which the article stood last would give them."""
        sections = {seed.url: seed.section for seed in site.seeds}
        lists = [(seed, day) for seed, day in self.archive.shown(kept.id) if seed in sections]
        lists.sort(key=lambda shown: sections[shown[0]] != kept.section)
        if lists:
            seed, day = lists[0]
            return seed, sections[seed], day or _listed_day(kept)
        return "", kept.section, _listed_day(kept)


def _listed_day(kept: Article) -> str | None:
    """Return the day a list printed for the article, as far as its record tells."""
    rule = kept.provenance.get("release_time", "")
    if rule == "listing":
        return kept.release_time
    return rule.partition(_LISTED_AS)[2] or None


def with_views_of(article: Article, seen: Article) -> Article:
    """Return the article with the views that another reading of its page came with."""
    rules = {name: rule for name, rule in article.provenance.items() if name != "views"}
    if "views" in seen.provenance:
        rules["views"] = seen.provenance["views"]
    return replace(
        article,
        views=seen.views,
        views_source=seen.views_source,
        views_observed_at=seen.views_observed_at,
        provenance=rules,
    )
