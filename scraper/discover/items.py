"""One record of a list in, its item out. Pure.

A record is the element that holds one item. How a list prints its dates is one of four layouts, settled for
the whole list: inside the record, glued to the title, before the record, or after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from scraper.discover.dating import Conventions, read_time, unglue
from scraper.discover.links import Link, visible_text
from scraper.discover.listing import Item
from scraper.discover.titles import read_title
from scraper.index import Element
from scraper.normalize.text import fold

_NEIGHBOURS, _INNER, _LINE = 6, 60, 300
_MOST_DATED = 0.6


@dataclass(frozen=True, slots=True)
class Record:
    """The element that holds one item, and the links in it that lead to the item."""

    box: Element
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a list prints its dates: in the record, glued to the title, or beside the record."""

    name: str
    glued: bool = False
    beside: Literal["before", "after"] | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What a record says wherever its list prints the dates: title, the other texts, a date among these."""

    title: str
    rest: tuple[str, ...]
    time: str | None


class Reader:
    """Reads the records of one page, each once."""

    def __init__(self, how: Conventions) -> None:
        self.how = how
        self._said: dict[tuple[Element, str], Said] = {}

    def said(self, record: Record) -> Said:
        """Return what a record says by itself."""
        url = record.links[0].url
        if (record.box, url) not in self._said:
            title, rest = read_title(record.box, [link.element for link in record.links], self.how)
            time = read_time(record.box, url, rest, self.how)
            self._said[record.box, url] = Said(title, tuple(rest), time)
        return self._said[record.box, url]


INSIDE = Layout("inside")
LAYOUTS = (
    INSIDE,
    Layout("glued", glued=True),
    Layout("before", beside="before"),
    Layout("after", beside="after"),
)


def best_layout(records: Sequence[Record], reader: Reader, stops: frozenset[Element]) -> Layout:
    """Return the first layout that dates most of these records, the plainest where none does.

    Text between two records fits both: it belongs to the later one only if the first has such text as well.
    """
    for layout in LAYOUTS:
        dated = [read_item(record, reader, layout, stops).release_time is not None for record in records]
        if sum(dated) >= _MOST_DATED * len(dated) and (layout.beside != "before" or dated[0]):
            return layout
    return INSIDE


def read_item(
    record: Record, reader: Reader, layout: Layout, stops: frozenset[Element] = frozenset()
) -> Item:
    """Return what one record says; `stops` are the records of its list, between which the text is shared."""
    url, said = record.links[0].url, reader.said(record)
    title, time = said.title, said.time
    if layout.beside and not time:
        beside = filter(None, _beside(record.box, stops, forward=layout.beside == "after"))
        time = read_time(record.box, url, [*said.rest, *beside], reader.how)
    if layout.glued and not time:
        title, time = unglue(title, reader.how)
    return Item(url, title, time)


def _beside(box: Element, stops: frozenset[Element], *, forward: bool) -> Iterator[str]:
    """Yield the text between a record and its neighbour, or the end of the element both stand in."""
    if forward:
        yield fold((box.tail or "")[:_LINE])
    siblings = list(islice(box.itersiblings(preceding=not forward), _NEIGHBOURS))
    for sibling in siblings:
        held = not stops.isdisjoint(islice(sibling.iter(), _INNER))
        if not held and isinstance(sibling.tag, str):
            yield visible_text(sibling)
        if not (held and forward):
            yield fold((sibling.tail or "")[:_LINE])
        if held:
            return
    outer = box.getparent()
    if not forward and len(siblings) < _NEIGHBOURS and outer is not None:
        yield fold((outer.text or "")[:_LINE])
