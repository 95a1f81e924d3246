"""A listing page in, its next page and its totals out. Pure.

The next page is what the page itself links as such: `rel=next`, a label of the table, an arrow in a pager,
the number after the current one; where a CMS writes its links by script, its numbering is followed instead.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from lxml import html

from scraper.discover.controls import Control, current_page, read_controls
from scraper.discover.links import Links, resolve, texts_of, visible_text
from scraper.discover.numbering import Numbers, next_by_script, printed, scripted
from scraper.normalize.text import fold
from scraper.page import Page

# In this order: what a page says is the next page, before what only stands where a next page would.
_RULES = {"rel": "rel", "next": "label", "arrow": "arrow", "class": "class", "double": "arrow"}
_DIGITS = re.compile(r"\d+")
_FIVE, _TEN = list(range(1, 6)), list(range(1, 11))


@dataclass(frozen=True, slots=True)
class Pager:
    """What a page says of the pages of its listing; `element` is a part of the pager, to find its list by."""

    next: str | None = None
    total_pages: int | None = None
    total_items: int | None = None
    element: html.HtmlElement | None = None
    provenance: dict[str, str] = field(default_factory=dict)


def read_pager(page: Page, links: Links, chosen: tuple[str, ...] = ()) -> Pager:
    """Return the pager of a page; `chosen` are CSS selectors of where the CMS puts it."""
    areas = [area for css in chosen for area in page.tree.cssselect(css)]
    controls = read_controls(links, areas) or read_controls(links, [page.tree])
    said = _numbers(page, areas)
    current = said.current or current_page(controls)
    url, how = (None, "") if said.pages and said.pages == current else _next(page, links, controls, current)
    pages = said.pages or _linked_pages(controls, url, current)
    rules = {
        "next": how,
        "total_pages": said.rule if said.pages else "links" if pages else "",
        "total_items": "printed" if said.items is not None else "",
    }
    return Pager(
        url, pages, said.items, _mark(controls), {name: rule for name, rule in rules.items() if rule}
    )


def _numbers(page: Page, areas: Sequence[html.HtmlElement]) -> Numbers:
    """Return what the pager prints, else what the page prints, else what its scripts are called with."""
    for roots in (areas, [page.tree]):
        said = printed(fold(" ".join(text for root in roots for text, _ in texts_of(root))))
        if said.pages or (said.items is not None and roots is areas):
            break
    script = scripted(page.text)
    if said.pages or not script.pages:
        return said
    return Numbers(script.pages, script.current, said.items, script.rule)


def _mark(controls: Sequence[Control]) -> html.HtmlElement | None:
    """Return the control by which the list of a pager is best found: no number, and not the site's home."""
    telling = [control for control in controls if control.kind not in ("number", "first", "rel")]
    return next(
        (control.element for control in (*telling, *controls) if control.kind not in ("first", "rel")), None
    )


def _next(
    page: Page, links: Links, controls: Sequence[Control], current: int | None
) -> tuple[str | None, str]:
    for kind, rule in _RULES.items():
        for control in controls:
            if control.kind == kind and control.url and _same_site(control.url, page.base_url):
                return control.url, rule
    for control in controls:
        if current and control.number == current + 1 and control.url:
            return control.url, "number"
    url, rule = next_by_script(page.text, links.own)
    return (url, rule) if url and resolve(links.base, url) else (None, "")


def _same_site(url: str, own: str) -> bool:
    hosts = {(urlsplit(address).hostname or "").removeprefix("www.") for address in (url, own)}
    return len(hosts) == 1


def _linked_pages(controls: Sequence[Control], following: str | None, current: int | None) -> int | None:
    """Return how many pages there are by the link to the last one, else by a row of numbers from 1.

    A row of five or ten without a last one, or one that ends in dots, may be a window on more.
    """
    last = next((control.url for control in controls if control.kind == "last" and control.url), None)
    if following and last and (steps := _steps(following, last)) is not None:
        return (current or 1) + 1 + steps
    numbers = {control.number: control for control in controls if control.kind == "number"}
    known = sorted(numbers.keys() | ({current} if current else set()))
    if not known or known[0] != 1 or (known[-1] in numbers and _goes_on(numbers[known[-1]])):
        return None
    window = following and known in (_FIVE, _TEN)
    return None if window else known[-1]


def _goes_on(control: Control) -> bool:
    """Tell whether dots follow a number."""
    for element in (control.element, control.element.getparent()):
        beside = element.getnext()
        tail = (element.tail or "") + (
            visible_text(beside) if isinstance(getattr(beside, "tag", None), str) else ""
        )
        if fold(tail)[:3].startswith(("…", "..")):
            return True
    return False


def _steps(start: str, end: str) -> int | None:
    """Return how many pages lie between two addresses that differ in one number at most."""
    if _DIGITS.sub("#", start) != _DIGITS.sub("#", end):
        return None
    pairs = zip(_DIGITS.findall(start), _DIGITS.findall(end), strict=True)
    moved = [abs(int(one[-9:]) - int(other[-9:])) for one, other in pairs if one != other]
    return (moved or [0])[0] if len(moved) <= 1 else None
