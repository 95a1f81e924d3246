"""A listing page in, how its items, its way on and its totals were found out. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice

from scraper.discover import Listing, read_listing
from scraper.discover.controls import read_controls
from scraper.discover.links import Link, Links, title_worth
from scraper.explain.article import marks_of
from scraper.explain.values import Explained, Explanation, Option, path_of
from scraper.extract.problem import refuse
from scraper.extract.reading import Reading
from scraper.index import Element
from scraper.page import Page
from scraper.presets import detect
from scraper.presets.preset import Preset
from scraper.survey import Unfit, judge

_FEWEST = 3  # links of a group that is worth naming
_SIDE_BAR = 5  # items from which on a list beside a dense text is the page's matter
_SHOWN = 3  # titles that stand for a group
_MOST = 12  # groups
_MENU = 0.2  # `Link.weight` up to which a group stands in a menu or footer
_SIDE = 0.4  # … in a side bar
_TITLES = 0.4  # mean worth of a group's texts below which they are no titles


def explain_listing(page: Page, preset: Preset | None = None) -> Explanation:
    """Return how a listing page was read, by the preset given or found."""
    preset = preset or detect(page)
    listing, links = read_listing(page, preset), Links(page, preset.listing.items)
    groups = _groups(links)
    problem = listing.problem or refuse(page, preset) or (None if listing.items else "empty_listing")
    return Explanation(
        url=page.base_url,
        kind="listing",
        preset=preset.name,
        marks=marks_of(page),
        encoding=page.decoded.decision,
        problem=problem,
        fields=(
            Explained("items", (*_items(listing, links), *_losers(listing, groups))),
            Explained("next", tuple(_next(listing, links, page))),
            Explained("total_pages", tuple(_total(listing, "total_pages", listing.total_pages))),
            Explained("total_items", tuple(_total(listing, "total_items", listing.total_items))),
        ),
    )


def _groups(links: Links) -> list[list[Link]]:
    """Return the links that stand in one role of the page's pattern, the largest groups first."""
    roles: dict[tuple[int, bool], list[Link]] = defaultdict(list)
    for link in links.all:
        roles[link.role, link.chosen].append(link)
    return sorted((group for group in roles.values() if len(group) >= _FEWEST), key=len, reverse=True)


def _items(listing: Listing, links: Links) -> Iterator[Option]:
    if not listing.items:
        return
    urls = {item.url for item in listing.items}
    path = path_of(_holder([link.element for link in links.all if link.url in urls]))
    dated = sum(item.release_time is not None for item in listing.items)
    rule = f"{listing.provenance.get('items', '')}, dates {listing.provenance.get('release_time', '')}"
    value = f"{len(listing.items)} items, {dated} dated"
    yield Option(value, _titles([item.title for item in listing.items]), rule, path, "taken", "the main list")


def _losers(listing: Listing, groups: Sequence[list[Link]]) -> Iterator[Option]:
    """Yield the other groups of links, with what spoke against each."""
    urls = {item.url for item in listing.items}
    losers = (group for group in groups if not urls & {link.url for link in group})
    for group in islice(losers, _MOST):
        path = path_of(_holder([link.element for link in group]))
        rule = "preset" if group[0].chosen else "pattern"
        yield Option(
            f"{len(group)} links", _titles([link.text for link in group]), rule, path, "after", _why(group)
        )


def _why(group: Sequence[Link]) -> str:
    weight = sum(link.weight for link in group) / len(group)
    worth = sum(title_worth(link.text) for link in group) / len(group)
    kind = sum(link.kind for link in group) / len(group)
    reasons = ["stands in a menu or footer"] if weight <= _MENU else []
    reasons += ["stands in a side bar"] if _MENU < weight <= _SIDE else []
    reasons += ["its texts are too short or long for titles"] if worth < _TITLES else []
    reasons += ["its addresses look like sections"] if kind < 1 else []
    return ", ".join(reasons) or "fewer titles, or without dates, or farther from the pager"


def _next(listing: Listing, links: Links, page: Page) -> Iterator[Option]:
    if listing.next:
        rule = listing.provenance.get("next", "")
        element = next((link.element for link in links.all if link.url == listing.next), None)
        yield Option(listing.next, None, rule, path_of(element), "taken", "leads to the next page")
    for control in read_controls(links, [page.tree]):
        if control.url and control.url != listing.next:
            why = f"a control of the pager: {control.kind}"
            yield Option(control.url, None, control.kind, path_of(control.element), "after", why)


def _total(listing: Listing, name: str, value: int | None) -> Iterator[Option]:
    if value is not None:
        rule = listing.provenance.get(name, "")
        yield Option(f"{value:,}", None, rule, None, "taken", "what the pager says")


def _titles(texts: Sequence[str]) -> str:
    return " / ".join(texts[:_SHOWN]) + (" / …" if len(texts) > _SHOWN else "")


def _holder(elements: Sequence[Element]) -> Element | None:
    """Return the smallest element that holds all of these."""
    if not elements:
        return None
    shared = [elements[0], *elements[0].iterancestors()]
    for element in elements[1:]:
        above = {element, *element.iterancestors()}
        shared = [each for each in shared if each in above]
    return next((each for each in shared if len(elements) == 1 or each not in elements), None)


def is_listing(page: Page) -> bool:
    """Tell whether a page is better read as a listing: nothing names a body, and its list is no side bar."""
    found, article = judge(page), Reading(page, detect(page))
    if isinstance(found, Unfit) or article.problem not in ("no_content", None):
        return False
    is_main = len(found.listing.items) >= _SIDE_BAR or found.listing.next is not None
    return not article.body_rule or (article.body_rule == "densest" and is_main)
