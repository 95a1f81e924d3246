"""One record of a list in, how often its article was read out, where the list prints that. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from scraper.discover.links import visible_text
from scraper.index import Element
from scraper.normalize.labels import field_of, split_labels
from scraper.normalize.numbers import parse_count

_COUNTER = re.compile(
    r"(?:^|[-_\s])(?:eye|views?|hits?|clicks?|reads?|visits?|\w{0,9}visitcount)(?:$|[-_\s\d])", re.IGNORECASE
)
_LINE, _CELLS = 300, 20


def read_views(box: Element, pieces: Sequence[str]) -> int | None:
    """Return the count that is labelled as views, stands in a column of them, or is marked by a class.

    `pieces` are the texts of the record that are not its title.
    """
    return next((count for text in _texts(box, pieces) if (count := parse_count(text)) is not None), None)


def _texts(box: Element, pieces: Sequence[str]) -> Iterator[str]:
    line = "\t".join(pieces)[:_LINE]
    yield from (labelled.value for labelled in split_labels(line) if labelled.field == "views")
    yield from _in_column(box)
    for element in box.iter("i", "span", "em"):
        if _COUNTER.search(element.get("class", "")):
            yield visible_text(element)
            yield element.tail or ""
            yield from (visible_text(beside) for beside in islice(element.itersiblings("span", "em", "i"), 1))


def _in_column(box: Element) -> Iterator[str]:
    """Yield the cell of a table's row that stands below a heading such as `Hits` or `조회수`."""
    row = box if box.tag == "tr" else next(islice(box.iterancestors("tr"), 1), None)
    table = next(row.iterancestors("table"), None) if row is not None else None
    head = next(table.iter("tr"), None) if table is not None else None
    if row is None or head is None or head is row:
        return
    cells = list(islice(row.iterchildren("td", "th"), _CELLS))
    heads = islice(head.iterchildren("th", "td"), len(cells))
    for cell, heading in zip(cells, heads, strict=False):
        if field_of(visible_text(heading).strip(" :：")) == "views":
            yield visible_text(cell)
