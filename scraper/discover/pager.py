"""A listing page in, its next page and its totals out. Pure.

The next page is what the page itself links as such: `rel=next`, a label of the table, an arrow in a pager,
the number after the current one; where a CMS writes its links by script, its numbering is followed instead.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise
from urllib.parse import urlsplit

from scraper.discover.controls import Control, current_page, read_controls
from scraper.discover.links import Links, texts_of, visible_text
from scraper.discover.numbering import next_by_script, scripted
from scraper.discover.totals import Numbers, jumps, named, printed
from scraper.index import Element
from scraper.normalize.text import fold
from scraper.page import Page

# In this order: what a page says is the next page, before what only stands where a next page would.
_RULES = {"rel": "rel", "next": "label", "arrow": "arrow", "class": "class", "double": "arrow"}
_DIGITS = re.compile(r"\d+")
_OFFSET = re.compile(r"[?&](?:offset|start|skip|from|first|begin)=\d+(?:&|$)", re.IGNORECASE)
_FIVE, _TEN = list(range(1, 6)), list(range(1, 11))
_CLIMB, _PAGER_TEXT = 5, 300  # elements from a control up to the pager around it, and letters in that
_SHORT, _TEXTS = 300, 5000  # letters of a text that can be of a pager, and such texts of one page


@dataclass(frozen=True, slots=True)
class Pager:
    """What a page says of the pages of its listing; `element` is a part of the pager, to find its list by."""

    next: str | None = None
    total_pages: int | None = None
    total_items: int | None = None
    element: Element | None = None
    provenance: dict[str, str] = field(default_factory=dict)


def read_pager(page: Page, links: Links, chosen: tuple[str, ...] = ()) -> Pager:
    """Return the pager of a page; `chosen` are CSS selectors of where the CMS puts it."""
    areas = [area for css in chosen for area in page.index.select(css)]
    controls = read_controls(links, areas) or read_controls(links, [page.tree])
    mark = _mark(controls)
    said = _numbers(page, links, areas or _around(mark))
    current = said.current or current_page(controls)
    url, how = (None, "") if said.pages and said.pages == current else _next(page, links, controls, current)
    linked = said.pages or _linked_pages(controls, url, current)
    pages = (
        linked or jumps(areas[0] if areas else _around(mark)[0]).pages
        if areas or mark is not None
        else linked
    )
    rules = {
        "next": how,
        "total_pages": said.rule if said.pages else "links" if linked else "select" if pages else "",
        "total_items": "printed" if said.items is not None else "",
    }
    return Pager(url, pages, said.items, mark, {name: rule for name, rule in rules.items() if rule})


def _numbers(page: Page, links: Links, areas: Sequence[Element]) -> Numbers:
    """Return what the pager prints, else what the page prints, else what its scripts are called with."""
    said = Numbers()
    for area in areas:
        said = said.over(named(area)).over(printed(_text(area), near=True))
    if not said.pages or said.items is None:
        said = said.over(printed(_text(page.tree)))
    return said if said.pages else said.over(scripted(page.text, links.own))


def _text(area: Element) -> str:
    """Return the short texts of an element, the last of very many: a pager stands below its list."""
    short = [text for text, _ in texts_of(area) if len(text) <= _SHORT]
    return fold(" ".join(short[-_TEXTS:]))


def _around(mark: Element | None) -> list[Element]:
    """Return the largest element around a control that is no more than a pager."""
    box = mark
    for outer in islice(mark.iterancestors(), _CLIMB) if mark is not None else ():
        if len(_text(outer)) > _PAGER_TEXT:
            break
        box = outer
    return [box] if box is not None else []


def _mark(controls: Sequence[Control]) -> Element | None:
    """Return the control by which the list of a pager is best found: no number, and not the site's home."""
    telling = [control for control in controls if control.kind not in ("number", "first", "rel")]
    return next(
        (control.element for control in (*telling, *controls) if control.kind not in ("first", "rel")), None
    )


def _next(
    page: Page, links: Links, controls: Sequence[Control], current: int | None
) -> tuple[str | None, str]:
    following = [control for control in controls if control.url and _same_site(control.url, page.base_url)]
    for kind, rule in _RULES.items():
        for control in following:
            if control.kind == kind:
                return control.url, rule
    for control in following:
        if current and control.number == current + 1:
            return control.url, "number"
    url, rule = next_by_script(page.text, links.own)
    more = next((control.url for control in following if control.kind == "more"), None)
    return (url, rule) if url else (more, "more" if more else "")


def _same_site(url: str, own: str) -> bool:
    hosts = {(urlsplit(address).hostname or "").removeprefix("www.") for address in (url, own)}
    return len(hosts) == 1


def _linked_pages(controls: Sequence[Control], following: str | None, current: int | None) -> int | None:
    """Return how many pages there are by the link to the last one, else by a row of numbers from 1.

    A row of five or ten without a last one, or one that ends in dots, may be a window on more. Where the way
    on is written but leads nowhere, the current page is the last.
    """
    numbers = {control.number: control for control in controls if control.kind == "number"}
    last = next((control.url for control in controls if control.kind == "last" and control.url), None)
    if following and last and (steps := _steps(following, last)) is not None:
        stride = _stride(list(numbers.values()), following)
        return (current or 1) + 1 + steps // stride if stride else None
    known = sorted(numbers.keys() | ({current} if current else set()))
    if not following and numbers and current == known[-1] and any(each.kind == "next" for each in controls):
        return current
    if not numbers or known[0] != 1 or (known[-1] in numbers and _goes_on(numbers[known[-1]])):
        return None
    window = following and known in (_FIVE, _TEN)
    return None if window else known[-1]


def _stride(numbers: Sequence[Control], following: str) -> int | None:
    """Return by how much the number in the address grows from page to page; None where it may be anything."""
    linked = [(control.number, control.url) for control in numbers if control.url]
    for (one, start), (other, end) in pairwise(linked):
        steps, pages = _steps(start, end), abs(other - one)
        if steps and pages and steps % pages == 0:
            return steps // pages
    return None if _OFFSET.search(following) else 1


def _goes_on(control: Control) -> bool:
    """Tell whether dots follow a number."""
    for element in (control.element, control.element.getparent()):
        beside = element.getnext() if element is not None else None
        tail = (element.tail or "") if element is not None else ""
        if fold(tail + (visible_text(beside) if beside is not None else ""))[:3].startswith(("…", "..")):
            return True
    return False


def _steps(start: str, end: str) -> int | None:
    """Return how many pages lie between two addresses that differ in one number at most."""
    if _DIGITS.sub("#", start) != _DIGITS.sub("#", end):
        return None
    pairs = zip(_DIGITS.findall(start), _DIGITS.findall(end), strict=True)
    moved = [abs(int(one[-9:]) - int(other[-9:])) for one, other in pairs if one != other]
    return (moved or [0])[0] if len(moved) <= 1 else None
