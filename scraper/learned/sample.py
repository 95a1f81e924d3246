"""One page a layout is learned from: its article, and the element each field was found in. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scraper.extract import article_of
from scraper.extract.document import block_of, text_of
from scraper.extract.reading import Reading
from scraper.index import Element, Index
from scraper.learned.boilerplate import Body
from scraper.learned.container import Lines
from scraper.learned.layout import FIELDS
from scraper.normalize.text import fold
from scraper.page import Page
from scraper.presets.preset import Preset
from storage.records import Article

_MOST, _DEEPEST = 10_000, 120  # elements of a page and levels they are nested; articles have a tenth of that
_BYLINE = ("release_time", "views", "author", "source", "editor")
_LABELLED = "label:head:"
_HEAD = ("title", "meta", "release_time", "views")


@dataclass(frozen=True, slots=True)
class Sample:
    """A page that was read: `places` are the elements in which fields are printed, as far as they are."""

    page: Page
    article: Article
    places: Mapping[str, Element]
    body: Body | None
    lines: Lines


def sample_of(
    page: Page, preset: Preset, *, timezone: str | None = None, language: str | None = None
) -> Sample | None:
    """Read a page by the preset's rules; null where it is no article, or larger than a page that teaches."""
    if _is_vast(page.index):
        return None
    reading = Reading(page, preset, timezone=timezone, language=language)
    if reading.problem or reading.headline is None:
        return None
    article = article_of(reading, "")
    places = {name: place for name in FIELDS if (place := _place(reading, name)) is not None}
    head = frozenset(each for name in _HEAD if name in places for each in places[name].iter())
    lines = [(line.text, line.linked, line.block) for line in reading.document.lines if not line.hidden]
    return Sample(page, article, places, _body(reading), Lines(page.index, lines, head, article.title))


def _is_vast(index: Index) -> bool:
    """Tell whether trying selectors on the page would cost more than it can teach."""
    if len(index.elements) > _MOST:
        return True
    depths: dict[Element | None, int] = {}
    for element in index.elements:
        depths[element] = depths.get(element.getparent(), 0) + 1
    return max(depths.values(), default=0) > _DEEPEST


def _place(reading: Reading, name: str) -> Element | None:
    """Return the element in which the field that was taken is printed."""
    if name == "meta":
        return _byline(reading)
    found = next(reading.candidates(name), None)
    if found is None or found.element is None or found.rule.startswith(_LABELLED):
        return None
    if name == "body":
        return found.element
    block = block_of(found.element)
    if name in ("release_time", "views"):
        return block  # its label stands around the value
    saying = [each for each in block.iter() if fold(text_of(each)) == found.value]
    return next(iter(saying), None) if name == "title" else next(reversed(saying), None)


def _byline(reading: Reading) -> Element | None:
    """Return the smallest element around all labelled values of the byline, without title and body."""
    told = (reading.found[name] for name in _BYLINE)
    blocks = [
        block_of(found.element)
        for found in told
        if found is not None and found.element is not None and found.rule.startswith(_LABELLED)
    ]
    if not blocks or reading.headline is None:
        return None
    title = reading.headline.line and reading.headline.line.element
    for around in (blocks[0], *blocks[0].iterancestors()):
        inside = frozenset(around.iter())
        if inside.issuperset(blocks):
            return None if inside.intersection((title, reading.body)) else around
    return None


def _body(reading: Reading) -> Body | None:
    if reading.body is None:
        return None
    return Body(
        reading.document.index, reading.body, tuple((line.text, line.block) for line in reading.passage.lines)
    )
