"""Which rules read a page: the layouts its site has taught, then its CMS's preset, then the generic reader.

Workers read through a book while the one writer adds to it: what a site has taught is swapped as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from scraper.config import Site
from scraper.extract import Extraction, read_article
from scraper.extract.parts import MOST, joined
from scraper.learned import Layout
from scraper.page import Page
from scraper.presets.generic import GENERIC
from scraper.presets.overrides import preset_for
from scraper.presets.preset import Preset
from storage import records
from storage.records import Article

Lessons = tuple[tuple[tuple[str, Layout], ...], bool | None]
"""What a site has taught: its layouts with their seeds, the newest first, and its order of day and month."""

Follow = Callable[[str], Page | None]

_TRIED = 4  # layouts tried on one page, the newest first
_FULLER = 3  # times as much text as the layout found makes the other reading the right one


@dataclass(frozen=True, slots=True)
class Reading:
    """A page as read: `preset` is its CMS's, `unfit` says that neither a layout nor the CMS's places fit.

    `misfit` names why the newest layout of the page's own listing did not serve then.
    """

    extraction: Extraction
    preset: Preset
    unfit: bool = False
    misfit: str | None = None


class Rulebook:
    """The learned layouts of a run's sites, by site and seed."""

    def __init__(self) -> None:
        self._taught: dict[str, tuple[tuple[str, Layout], ...]] = {}
        self._day_first: dict[str, bool | None] = {}

    def prove(self, site: str, day_first: bool) -> None:
        """Take in what a list proves of the site's order of day and month; two that differ prove nothing."""
        known = self._day_first.setdefault(site, day_first)
        self._day_first[site] = day_first if known == day_first else None

    def day_first(self, site: str) -> bool | None:
        """Return what the site's lists prove of its order of day and month."""
        return self._day_first.get(site)

    def add(self, site: str, seed: str, layout: Layout) -> None:
        """Put a layout before the site's older ones; one without places retires those of its listing."""
        older = self._taught.get(site, ())
        kept = tuple(pair for pair in older if layout.places or pair[0] != seed)
        self._taught = self._taught | {site: ((seed, layout), *kept)}

    def load(self, kept: Iterable[records.Layout]) -> None:
        """Take in what was learned in earlier runs, oldest first."""
        for row in kept:
            self.add(row.site, row.seed, Layout.from_json(row.rules, row.revision))

    def lessons(self, site: str) -> Lessons:
        """Return what the site has taught so far, for a book in another process."""
        return self._taught.get(site, ()), self._day_first.get(site)

    def learn(self, site: str, lessons: Lessons) -> None:
        """Take over what the site has taught, in place of what this book knew of it."""
        taught, day_first = lessons
        self._taught = self._taught | {site: taught}
        self._day_first = self._day_first | {site: day_first}

    def newest(self, site: str) -> int:
        """Return the revision of the site's newest layout; 0 where none was learned."""
        return max((layout.revision for _, layout in self._taught.get(site, ())), default=0)

    def read(
        self,
        page: Page,
        site: Site,
        seed: str,
        section: str | None = None,
        *,
        follow: Follow = lambda _: None,
    ) -> Reading:
        """Read an article page of the site, found on the listing that begins at `seed`.

        Where the article goes on over several pages, `follow` gives the page at an address, or null.
        """
        preset = preset_of(page, site)
        misfit: str | None = None
        for own, layout in self._layouts(site.name, seed, preset):
            extraction, why = self._tried(layout, page, preset, site, section)
            if extraction is not None:
                whole = _whole(extraction, page, layout.over(preset), site, follow)
                return Reading(
                    replace(whole, article=whole.article and layout.cleaned(whole.article)), preset
                )
            misfit = misfit or (why if own else None)
        extraction = self._read(page, preset, site, section)
        unfit = extraction.article is not None and not _fits(extraction.article, preset)
        whole = _whole(extraction, page, preset, site, follow)
        return Reading(whole, preset, unfit, misfit if unfit else None)

    def _layouts(self, site: str, seed: str, preset: Preset) -> Iterator[tuple[bool, Layout]]:
        """Yield (whether it is of this listing, layout), the listing's own first, each newest first."""
        usable = [
            (of == seed, layout)
            for of, layout in self._taught.get(site, ())
            if layout.places and layout.is_of(preset)
        ]
        yield from sorted(usable, key=lambda pair: not pair[0])[:_TRIED]

    def _read(self, page: Page, preset: Preset, site: Site, section: str | None) -> Extraction:
        return read_article(
            page,
            preset,
            site=site.name,
            section=section,
            timezone=site.timezone,
            language=site.language,
            day_first=self.day_first(site.name),
        )

    def _tried(
        self, layout: Layout, page: Page, preset: Preset, site: Site, section: str | None
    ) -> tuple[Extraction | None, str | None]:
        """Return the extraction by the layout, or null and why it does not fit."""
        if missing := layout.missing(page):
            return None, f"no {missing} in its place"
        extraction = self._read(page, layout.over(preset), site, section)
        article = extraction.article
        if article is None:
            return None, extraction.problem
        if layout.is_tiny(article):
            plain = self._read(page, preset, site, section).article
            if plain is not None and len(plain.body) > _FULLER * max(len(article.body), 1):
                return None, "most of the text stands elsewhere"
        return extraction, None


def preset_of(page: Page, site: Site) -> Preset:
    """Return the preset the config names, else that of the page's CMS, with the config's rules laid over."""
    return preset_for(page, site.preset, site.rules.stated())


def _whole(first: Extraction, page: Page, preset: Preset, site: Site, follow: Follow) -> Extraction:
    """Return the extraction with the article's further parts, each read by the same rules."""
    parts = [first.article] if first.article is not None else []
    following = first.next_part if parts else None
    while following and len(parts) < MOST and (further := follow(following)) is not None:
        number = len(parts) + 1
        part = read_article(
            further,
            preset,
            site=site.name,
            timezone=site.timezone,
            language=site.language,
            first=page.base_url,
            number=number,
        )
        if part.article is None:
            break
        parts.append(part.article)
        following = part.next_part
    return replace(first, article=joined(parts)) if parts else first


def _fits(article: Article, preset: Preset) -> bool:
    """Tell whether the CMS's own place held the body: then its preset reads as well as anything learned."""
    return preset.name != GENERIC.name and article.provenance.get("body", "").startswith("preset:")
