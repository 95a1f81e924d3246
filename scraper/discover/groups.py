"""The links of a page in, the items of its main list out. Pure.

Links that stand in one role of the page's pattern are a group. The most promising groups are taken apart into
records and read; the one whose records look most like dated articles, in content and near the pager, wins.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from operator import itemgetter

from scraper.discover.items import Layout, Reader, Record, best_layout, read_item
from scraper.discover.links import FAR, Link, Links, around, crowded_of, title_worth
from scraper.discover.listing import Item
from scraper.discover.views import read_views
from scraper.index import Element

_SAMPLE, _CONTENDERS = 40, 12
_MOST_GAINED = 8  # times its promise that a group can turn out to be worth: dated, and beside the pager
_DIGITS = re.compile(r"\d+")
_FEW = 3  # links of a column that is not judged
_LEAST = 1.0  # what a group must be worth to be a list at all: a single dated article is
_ROWS = frozenset(("li", "tr", "article", "dl"))
_NUMBERED = frozenset(("div", "section", "td", "table", "ul"))


@dataclass(frozen=True, slots=True)
class Group:
    """The records of one list, how it prints its dates, its worth, whether the preset names its place.

    `apart` counts the elements up from the pager to the first that holds the list as well.
    """

    records: list[Record]
    layout: Layout
    worth: float
    chosen: bool
    apart: int


def main_group(links: Links, reader: Reader, pager: Element | None, total: int | None = None) -> Group | None:
    """Return the main list of the page, or None where no group of links is one.

    `pager` is a part of the pager, `total` how many items it says there are: no list of them is longer.
    """
    ranked = sorted(((_promise(group), group) for group in _groups(links)), key=itemgetter(0), reverse=True)
    contenders = [group for promise, group in ranked[:_CONTENDERS] if promise >= ranked[0][0] / _MOST_GAINED]
    near = {element: level for level, element in enumerate(around(pager))}
    groups = [_group(links, contender, reader, near) for contender in contenders]
    groups = [group for group in groups if group.worth >= _LEAST]
    groups = [group for group in groups if total is None or _addresses(group) <= total] or groups
    nearest = min((group.apart for group in groups), default=FAR)
    return max(groups, key=lambda group: group.worth * (1 + 3 / (1 + group.apart - nearest)), default=None)


def items_of(group: Group, links: Links, reader: Reader) -> tuple[Item, ...]:
    """Return the items of a list in the page's order.

    Rows of the same list that are built otherwise are added; lists that only share the template, without a
    date where others have one, are left out.
    """
    records = sorted(_with_strays(links, group.records), key=lambda record: record.links[0].place)
    stops = frozenset(record.box for record in records)
    read = [(record, read_item(record, reader, group.layout, stops)) for record in records]
    dated = {record.box.getparent() for record, item in read if item.release_time}
    return tuple(
        replace(item, views=read_views(record.box, reader.said(record).rest))
        for record, item in read
        if item.title and (not dated or record.box.getparent() in dated)
    )


def _addresses(group: Group) -> int:
    return len({record.links[0].url for record in group.records})


def _groups(links: Links) -> Iterator[list[Link]]:
    """Yield the links of each role; in and outside the place a preset names they are apart."""
    roles: dict[tuple[int, bool], list[Link]] = defaultdict(list)
    for link in links.all:
        if link.text or link.element.find(".//img") is not None:
            roles[link.role, link.chosen].append(link)
    for group in roles.values():
        yield from _places(group)


def _places(group: list[Link]) -> list[list[Link]]:
    """Part a group whose lists stand in two places that are told apart by a number only: `box1` and `box2`.

    Where there are more of them they are the rows of one list.
    """
    crowded = crowded_of(group)
    places: dict[tuple[str, ...], list[Link]] = defaultdict(list)
    for link in group:
        boxes = (outer for outer in link.outer if outer in crowded and outer.tag in _NUMBERED)
        places[tuple(outer.get("class", "") for outer in boxes)].append(link)
    names = {tuple(_DIGITS.sub("", name) for name in place) for place in places}
    return list(places.values()) if len(places) == 2 and len(names) == 1 else [group]


def _promise(group: list[Link]) -> float:
    """Return what a group may be worth before its records are read."""
    best: dict[str, float] = {}
    for link in group:
        best[link.url] = max(best.get(link.url, 0.0), link.worth * link.weight * (3 if link.chosen else 1))
    return float(sum(best.values()) / len(best) ** 0.4)


def _group(links: Links, group: list[Link], reader: Reader, near: dict[Element, int]) -> Group:
    records = _records(links, group)
    sample = records[:_SAMPLE]
    stops = frozenset(record.box for record in records)
    layout = best_layout(sample, reader, stops)
    read = [(record.links[0], read_item(record, reader, layout, stops)) for record in sample]
    worth = sum(
        title_worth(item.title) * link.kind * link.weight * (2 if item.release_time else 1)
        for link, item in read
        if item.title
    ) / len(read)
    apart = min((near[element] for element in around(records[0].box) if element in near), default=FAR)
    chosen = group[0].chosen
    return Group(records, layout, float(worth * len(records) ** 0.6 * (3 if chosen else 1)), chosen, apart)


def _records(links: Links, group: list[Link]) -> list[Record]:
    """Take a group apart: a record is the largest element, of the role most have, with one address in it."""
    group = _without_columns(_without_labels(group))
    crowded = crowded_of(group) if len({link.url for link in group}) > 1 else links.crowded
    paths = [_path(link, crowded) for link in group]
    role = Counter(links.roles[path[-1]] for path in paths).most_common(1)[0][0]
    boxes: dict[Element, str] = {}
    for link, path in zip(group, paths, strict=True):
        boxes.setdefault(
            next((box for box in reversed(path) if links.roles[box] == role), path[-1]), link.url
        )
    return [_record(links, box, url) for box, url in boxes.items()]


def _path(link: Link, crowded: set[Element]) -> list[Element]:
    """Return the link's element and those around it that hold no other address of its group."""
    path = [link.element]
    for outer in link.outer:
        if outer in crowded:
            break
        path.append(outer)
    return path


def _record(links: Links, box: Element, url: str) -> Record:
    return Record(box, tuple(link for link in links.within(box) if link.url == url))


def _without_labels(group: list[Link]) -> list[Link]:
    """Drop the short links to a section before a title in the same element: `[Notices] A title`."""
    beside: dict[Element | None, list[Link]] = defaultdict(list)
    for link in group:
        beside[link.element.getparent()].append(link)
    return [link for link in group if not _is_label(link, beside[link.element.getparent()])] or group


def _without_columns(group: list[Link]) -> list[Link]:
    """Drop the columns of a table that hold sections or writers: worth less than half of another."""
    columns: dict[int, list[Link]] = defaultdict(list)
    for link in group:
        cell = next((outer for outer in islice(link.element.iterancestors(), 4) if outer.tag == "td"), None)
        row = cell.getparent() if cell is not None else None
        columns[row.index(cell) if row is not None and cell is not None else 0].append(link)
    worths = {at: sum(link.worth for link in column) / len(column) for at, column in columns.items()}
    most = max(worths.values())
    kept = [column for at, column in columns.items() if len(column) < _FEW or 2 * worths[at] >= most]
    return [link for column in kept for link in column]


def _is_label(link: Link, beside: list[Link]) -> bool:
    if not 1 < len(beside) <= 3:
        return False
    bracketed = link.text[:1] in "[【(（" and link.text[-1:] in "]】)）" and len(link.text) <= 16
    longest = max(len(other.text) for other in beside)
    return (
        bool(link.text) and len(link.text) < longest and (bracketed or 2 * len(link.text) <= min(longest, 16))
    )


def _with_strays(links: Links, records: list[Record]) -> list[Record]:
    """Add the rows of the same lists that are built otherwise: a first one with a picture, another class."""
    boxes = {record.box for record in records}
    rows = Counter((record.box.getparent(), record.box.tag) for record in records)
    shapes = {_shape(record.links[0], record.box) for record in records}
    strays: dict[Element, Link] = {}
    for link in links.all:
        path = (link.element, *link.outer)
        if title_worth(link.text) * link.weight < 0.4 or not boxes.isdisjoint(path):
            continue
        row = next((element for element in path if rows[element.getparent(), element.tag] > 1), None)
        if row is None:
            continue
        if row.tag in _ROWS or _shape(link, row) in shapes:
            strays[row] = max(strays.get(row, link), link, key=lambda each: each.worth)
    return [*records, *(_record(links, row, link.url) for row, link in strays.items())]


def _shape(link: Link, box: Element) -> tuple[str, ...]:
    """Return the tags from the link up to the record."""
    path = (link.element, *link.outer)
    return tuple(element.tag for element in path[: path.index(box) + 1]) if box in path else ()
