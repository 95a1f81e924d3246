"""One page in, the list of news it is out, or why it is none. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from scraper.discover import Item, Listing, read_listing
from scraper.extract import article_id
from scraper.extract.problem import refuse
from scraper.normalize.text import fold, language_of
from scraper.page import Page
from scraper.presets import detect
from scraper.survey.words import TITLE_SPLIT
from scraper.terminal import safe

_FEWEST = 2  # dated items of a list
_FEWEST_UNDATED = 5  # items of a list that prints no dates but goes on
_DATED = 0.5  # share of a list's items that carry a date
_SAME = 0.8  # share of the items of one list that another shows too, when both are one
_NAME = 60  # characters of a section's name


@dataclass(frozen=True, slots=True)
class Section:
    """A list of news: where it begins, what it is called, what it shows; `language` is that of its titles."""

    url: str
    name: str | None
    listing: Listing
    language: str | None

    @property
    def newest(self) -> str | None:
        """The latest date its first page prints."""
        return max((item.release_time for item in self.listing.items if item.release_time), default=None)


@dataclass(frozen=True, slots=True)
class Unfit:
    """A page that was looked at and is no list of news; `why` is for a person, `problem` its short name."""

    url: str
    label: str
    problem: str
    why: str


def judge(page: Page, label: str = "") -> Section | Unfit:
    """Return the list a page holds, called as its link was, or why the page is none."""
    preset = detect(page)
    if problem := refuse(page, preset):
        return Unfit(page.url, label, problem, f"{problem.replace('_', ' ')} (status {page.status})")
    listing = read_listing(page, preset)
    if why := _fault(listing):
        return Unfit(page.url, label, "no_list", why)
    titles = " ".join(item.title for item in listing.items)
    language = language_of(titles, page.tree.get("lang"))
    return Section(page.base_url, section_name(page, label), listing, language)


def repeats(listing: Listing, other: Listing) -> bool:
    """Tell whether two lists show the same articles."""
    ours, theirs = ({article_id(item.url) for item in each.items} for each in (listing, other))
    return len(ours & theirs) >= _SAME * min(len(ours), len(theirs))


def section_name(page: Page, label: str = "") -> str | None:
    """Return what a list is called: the label of the link to it, else the first part of the page's title."""
    title = page.tree.find(".//title")
    parts = TITLE_SPLIT.split(fold("".join(map(str, title.itertext())))) if title is not None else []
    name = safe(label or next(filter(None, parts), ""))
    return name if 0 < len(name) <= _NAME else None


def _fault(listing: Listing) -> str | None:
    """Return what keeps a listing from being a list of news."""
    items, dated = len(listing.items), _dated(listing.items)
    if items == 0:
        return "no list of articles in it"
    if dated >= max(_FEWEST, _DATED * items):
        return None
    if items >= _FEWEST_UNDATED and (listing.next or (listing.total_pages or 0) > 1):
        return None
    return f"a list of {items} links, {dated} of them dated: not taken for news"


def _dated(items: tuple[Item, ...]) -> int:
    return sum(item.release_time is not None for item in items)
