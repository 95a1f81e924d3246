"""The lines around an article that say when, by whom, from where and how often read. Pure.

The head is what stands between title and body (and a few lines above the title), the tail what follows the
body. Every finder yields its candidates best first, each with the rule that found it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from lxml import html

from scraper.extract.document import Document, Line
from scraper.extract.structured import Structured
from scraper.normalize.dates import FoundTime, find_times
from scraper.normalize.labels import Labelled, split_labels
from scraper.normalize.numbers import parse_count
from scraper.normalize.text import fold, fold_keeping_gaps

ABOVE = 8  # lines above the title that may still be its byline
BELOW = 14  # lines after the body in which editors sign
SIGNED = 4  # lines at the end of the body in which they sign too
LONGEST = 200  # characters beyond which a line is text, not a byline
_NAMED_LONGEST = 60
_AUTHOR_MARKS = (
    "[rel='author']",
    "[itemprop='author']",
    ".byline .fn",
    ".author .fn",
    ".author-name",
    ".byline-name",
    ".full-name",
)
_BY = re.compile(
    r"^(?:written |story |words |text )?by[:\s]+(?P<name>[A-Z][^,;|•—–\d]{2,50}?)"
    r"(?=\s*(?:$|[,;|•—–]|\s-\s|\son\s|\d))",
    re.IGNORECASE,
)
_NOT_A_NAME = re.compile(
    r"[。！？；]|https?:|@|^\W*$|^(?:admin|administrator|webmaster|root|null|none)$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate value, the text it was read from, and the rule that found it."""

    value: str
    raw: str
    rule: str


@dataclass(frozen=True)
class Byline:
    """The zones of one page; `zone` and `day_first` say how its dates are to be read."""

    document: Document
    structured: Structured
    head: tuple[Line, ...]
    tail: tuple[Line, ...]
    metas: tuple[html.HtmlElement, ...] = ()
    zone: str | None = None
    day_first: bool | None = None

    @cached_property
    def labelled(self) -> tuple[tuple[Labelled, str], ...]:
        """Every labelled value: of the preset's meta elements, then of the head, then of the tail."""
        texts = [(fold_keeping_gaps(_spaced(element)), "preset meta") for element in self.metas]
        texts += [(line, "head") for line in _joined(self.head)] + [
            (line, "tail") for line in _joined(self.tail)
        ]
        return tuple((item, where) for text, where in texts for item in split_labels(text))

    def release_times(self) -> Iterator[Found]:
        """Yield the candidates of release_time; what is printed decides the precision."""
        printed = list(self._printed_times())
        yield from (found for found in printed if found.rule.startswith(("preset", "label:head")))
        for stated, rule in self._stated_times():
            same = next((found for found in printed if _same_day(found.value, stated.value)), None)
            yield same or Found(_without_midnight(stated.value), stated.raw, rule)
        yield from sorted(printed, key=lambda found: not found.rule.startswith("head"))

    def _printed_times(self) -> Iterator[Found]:
        for item, where in self.labelled:
            if item.field == "release_time":
                yield from (
                    self._found(time, f"label:{where}:{item.label}") for time in self._times(item.value)
                )
        for element in self.metas:
            yield from (self._found(time, "preset meta") for time in self._times(fold(_spaced(element))))
        for name, lines in (("head", _nearest_first(self.head)), ("tail", self.tail)):
            for line in lines:
                if len(line.text) <= LONGEST:
                    yield from (self._found(time, name) for time in self._times(line.text))
        joined = " ".join(line.text for line in self.head[-6:] if len(line.text) <= 20)  # split day and month
        yield from (self._found(time, "head, joined") for time in self._times(joined))

    def _stated_times(self) -> Iterator[tuple[FoundTime, str]]:
        stated = [*self.structured.ld("datePublished"), *self.structured.metas("release_time")]
        around = {line.block for line in (*self.head, *self.tail)}
        for element in self.document.tree.iter("time"):
            if element.get("datetime") and (
                element in around or any(up in around for up in element.iterancestors())
            ):
                stated.append((element.get("datetime", ""), "time[datetime]"))
        for text, rule in stated:
            yield from ((time, rule) for time in self._times(text))

    def _times(self, text: str) -> Iterator[FoundTime]:
        return find_times(text, zone=self.zone, day_first=self.day_first)

    @staticmethod
    def _found(time: FoundTime, rule: str) -> Found:
        return Found(time.value, time.raw, rule)

    def views(self) -> Iterator[Found]:
        """Yield the printed view counts."""
        for item, where in self.labelled:
            if (
                item.field == "views"
                and (count := parse_count(re.split(r"\s", item.value, maxsplit=1)[0])) is not None
            ):
                yield Found(str(count), item.value, f"label:{where}:{item.label}")

    def names(self, field: str) -> Iterator[Found]:
        """Yield the candidates of author, source or editor."""
        labelled = [
            Found(item.value, item.value, f"label:{where}:{item.label}")
            for item, where in self.labelled
            if item.field == field and item.colon and _is_name(item.value, field)
        ]
        yield from (found for found in labelled if not found.rule.startswith("label:tail"))
        if field == "author":
            yield from self._authors()
        if field in ("author", "source"):
            stated = [
                *(self.structured.ld("author") if field == "author" else ()),
                *self.structured.metas(field),
            ]
            yield from (Found(value, value, rule) for value, rule in stated if _is_name(value, field))
        yield from (found for found in labelled if found.rule.startswith("label:tail"))

    def _authors(self) -> Iterator[Found]:
        for selector in _AUTHOR_MARKS:
            for element in self.document.tree.cssselect(selector):
                if _is_name(text := fold(element.text_content()).strip(" -–—,"), "author"):
                    yield Found(text, text, selector)
        for line in (*self.head, *self.tail[:2]):
            if (match := _BY.match(line.text)) and _is_name(match["name"], "author"):
                yield Found(match["name"].strip(), line.text, "by")


def byline_of(
    document: Document,
    structured: Structured,
    title: Line | None,
    body: html.HtmlElement | None,
    stop: int,
    *,
    metas: tuple[str, ...] = (),
    zone: str | None = None,
    day_first: bool | None = None,
) -> Byline:
    """Cut the page's lines into head and tail around the body, whose text ends before the place `stop`."""
    lines = document.lines
    start = document.place(body) if body is not None else len(document)
    top = title.place if title else start
    first = next((i for i, line in enumerate(lines) if line.place >= top), len(lines))
    near = lines[max(0, first - ABOVE) :]
    head = [line for line in near if line is not title and line.place < max(start, top)]
    inside = [line for line in lines if start <= line.place < stop]
    if title is not None and start <= title.place < stop:  # the body element holds the headline too
        head += [line for line in inside if line.place > title.place][:4]
    tail = [line for line in lines if line.place >= stop][:BELOW] + inside[-SIGNED:]
    matches = (document.tree.cssselect(selector) for selector in metas)
    elements = tuple(next(filter(None, matches), ()))[:6]
    return Byline(document, structured, tuple(head), tuple(tail), elements, zone, day_first)


def is_byline(text: str, taken: Collection[str] | None = None) -> bool:
    """Tell whether a line only says when an article was released (a full date) and how often it was read.

    `taken` are the values that became fields; where given, the line must hold one of them.
    """
    if len(text) > LONGEST:
        return False
    items = list(split_labels(text))
    values = {value for item in items for value in _values(item)}
    covered = sum(len(item.label) + len(item.value) + 1 for item in items)
    told = values if taken is None else values.intersection(taken)
    return bool(told) and covered >= 0.7 * len(re.sub(r"\s", "", text))


def _values(item: Labelled) -> Iterator[str]:
    """Yield the days or the count that a labelled value holds."""
    if item.field == "release_time":
        yield from (time.value[:10] for time in find_times(item.value))
    elif item.field == "views" and (count := _count(item)) is not None:
        yield str(count)


def _count(item: Labelled) -> int | None:
    return parse_count(re.split(r"\s", item.value, maxsplit=1)[0])


def _joined(lines: tuple[Line, ...]) -> list[str]:
    """Return the lines' texts; a line that ends in an empty label takes the short line after it as value."""
    texts = [line.raw for line in lines if len(line.raw) <= LONGEST]
    joined: list[str] = []
    for text in texts:
        if (
            joined
            and re.search(r"[:：]\s*$", joined[-1])
            and len(text) <= _NAMED_LONGEST
            and not text.endswith((":", "："))
        ):
            joined[-1] += text
        else:
            joined.append(text)
    return joined


def _nearest_first(head: tuple[Line, ...]) -> Iterator[Line]:
    """Byline dates stand close to the body; above the title stand other things."""
    return reversed(head)


def _spaced(element: html.HtmlElement) -> str:
    return " ".join(str(text) for text in element.itertext() if text.strip())


def _is_name(text: str, field: str) -> bool:
    """A reprinted paper's source may hold its date; a person's name holds none."""
    if not 0 < len(text) <= _NAMED_LONGEST or _NOT_A_NAME.search(text):
        return False
    return field == "source" or not re.search(r"\d{4}", text)


def _same_day(printed: str, stated: str) -> bool:
    """A stated time in another zone may lie on the neighbouring day."""
    return abs((date.fromisoformat(printed[:10]) - date.fromisoformat(stated[:10])).days) <= 1


def _without_midnight(value: str) -> str:
    """Midnight and noon to the second are what a CMS writes when it only knows the day."""
    return re.sub(r"T(?:00|12):00(?::00)?(?:[+-]\d\d:\d\d)?$", "", value)
