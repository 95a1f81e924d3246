"""The lines around an article that say when, by whom, from where and how often read. Pure.

The head is what stands between title and body (and a few lines above the title), the tail what follows the
body. Every finder yields its candidates best first, each with the rule that found it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import chain, zip_longest

from scraper.extract.dateline import LONGEST, count_in
from scraper.extract.document import Document, Line, text_of
from scraper.extract.found import Found
from scraper.extract.names import is_name, is_signed, meant, named, names_in
from scraper.extract.structured import VAGUE_TIMES, Structured
from scraper.extract.told import Told, joined_lines, parted, spaced
from scraper.index import Element
from scraper.normalize.credits import credits
from scraper.normalize.dates import FoundTime, find_times, refusal, refused_times
from scraper.normalize.label_words import ISSUERS
from scraper.normalize.labels import Labelled, is_update, split_labels
from scraper.normalize.numbers import parse_count
from scraper.normalize.text import fold, fold_keeping_gaps
from scraper.presets.preset import ArticleRules

ABOVE = 8  # lines above the title that may still be its byline
BELOW = 14  # lines after the body in which editors sign
OPENING = 3  # lines at the beginning of the body in which an author may stand
SIGNED = 4  # lines at the end of the body in which they sign too
_NUMBERS = re.compile(r"\d[\d,.]*")
_NOBODY = re.compile(r"admin|administrator|webmaster|root|editor", re.IGNORECASE)  # templates' own metas
_CLOCK = re.compile(r"\d\d?[:.]\d\d(?: ?(?:Uhr|h|[ap]\.?m\.?))?", re.IGNORECASE)  # alone in its line
_AUTHOR_MARKS = (
    "[rel='author']",
    "[itemprop='author']",
    ".byline .fn",
    ".author .fn",
    ".author-name",
    ".byline-name",
    ".full-name",
)


@dataclass(frozen=True)
class Byline:
    """The zones of one page; `zone` and `day_first` say how its dates are to be read, `now` when it was."""

    document: Document
    structured: Structured
    head: tuple[Line, ...]
    tail: tuple[Line, ...]
    rules: ArticleRules
    zone: str | None = None
    day_first: bool | None = None
    now: datetime | None = None

    @cached_property
    def metas(self) -> tuple[Element, ...]:
        """The elements of the first selector of the preset's `meta` that the page has, a handful at most."""
        matches = (self.document.index.select(selector) for selector in self.rules.meta)
        return tuple(next(filter(None, matches), ()))[:6]

    @cached_property
    def labelled(self) -> tuple[tuple[Labelled, Told], ...]:
        """Every labelled value: of the preset's meta elements, else of the head; then of the tail."""
        texts = [Told(fold_keeping_gaps(spaced(element)), "preset meta", element) for element in self.metas]
        told = [(item, text) for text in texts for item in split_labels(text.text)]
        if all(item.field != "release_time" for item, _ in told):
            told += [
                (item, text) for text in joined_lines(self.head, "head") for item in split_labels(text.text)
            ]
        for text in joined_lines(self.tail, "tail"):
            told += [(item, text) for item in credits(text.text) or split_labels(text.text)]
        return tuple(told)

    def release_times(self) -> Iterator[Found]:
        """Yield the candidates of release_time; what is printed decides the precision."""
        for element, css in self.document.index.first(self.rules.release_time):
            yield from self._found(spaced(element), f"preset:{css}", element)
        labelled = list(self._labelled_times())
        revised = {found.value for found in labelled if _is_revision(found)}
        first = [found for found in labelled if not _is_revision(found)]
        yield from (found for found in first if not found.rule.startswith("label:tail"))
        for element in self.metas:
            yield from self._found(fold(spaced(element)), "preset meta", element)
        for stated, rule in self._stated_times():
            if rule in VAGUE_TIMES:  # often the template's: a label in the page goes before
                yield from (found for found in first if found.rule.startswith("label:tail"))
            printed = chain(first, self._unlabelled)
            same = next((found for found in printed if _same_day(found.value, stated.value)), None)
            yield same or Found(_without_midnight(stated.value), stated.raw, rule)
        unlabelled = [found for found in self._unlabelled if found.value not in revised]
        yield from (found for found in unlabelled if found.rule.startswith("head"))
        yield from (found for found in first if found.rule.startswith("label:tail"))
        yield from (found for found in unlabelled if not found.rule.startswith("head"))
        yield from (found for found in labelled if found.value in revised)

    def _labelled_times(self) -> Iterator[Found]:
        for item, text in self.labelled:
            if item.field == "release_time":
                rule = f"label:{text.where}:{item.label}"
                for time in self._times(item.value):
                    time = self._to_the_minute(time, text.text)
                    yield Found(time.value, time.raw, rule, text.element)

    def _to_the_minute(self, time: FoundTime, text: str) -> FoundTime:
        """Return a labelled day with its clock, before which the value was cut: `... 2016 - 11:37am`."""
        if "T" in time.value or (at := text.find(time.raw)) < 0:
            return time
        finer = (other for other in self._times(text) if other.value.startswith(f"{time.value}T"))
        return next((other for other in finer if text.find(other.raw) == at), time)

    @cached_property
    def _unlabelled(self) -> tuple[Found, ...]:
        """The times in lines of head and tail; in the head those nearest the body first."""
        found: list[Found] = []
        for name, lines in (("head", self.head[::-1]), ("tail", self.tail)):
            for line, after in zip_longest(lines, lines[1:] if name == "tail" else ()):
                if len(line.text) <= LONGEST:
                    clock = after.text if after is not None and _CLOCK.fullmatch(after.text) else ""
                    found += self._found(f"{parted(line)} {clock}", name, line.element)
        joined = [line for line in self.head[-6:] if len(line.text) <= 20]  # split day and month
        if joined:
            found += self._found(" ".join(line.text for line in joined), "head, joined", joined[0].element)
        return tuple(found)

    def _stated_times(self) -> Iterator[tuple[FoundTime, str]]:
        stated = [*self.structured.ld("datePublished"), *self.structured.metas("release_time")]
        around = {line.block for line in (*self.head, *self.tail)}
        for element in self.document.tree.iter("time"):
            if element.get("datetime") and (
                element in around or any(up in around for up in element.iterancestors())
            ):
                stated.append((element.get("datetime") or "", "time[datetime]"))
        for text, rule in stated:
            yield from ((time, rule) for time in self._times(text))

    def _times(self, text: str) -> Iterator[FoundTime]:
        for time in find_times(text, zone=self.zone, day_first=self.day_first):
            if self.now is None or refusal(time.value, self.now) is None:
                yield time

    def refused_times(self) -> Iterator[tuple[Found, str]]:
        """Yield what is printed like a release time and was not taken for one, each with the reason."""
        lines = [line for line in (*self.head, *self.tail) if len(line.text) <= LONGEST]
        texts = [(fold(spaced(element)), element) for element in self.metas]
        for text, element in [*texts, *((line.text, line.element) for line in lines)]:
            for refused in refused_times(text, day_first=self.day_first):
                yield Found(refused.raw, text, "refused", element), refused.reason
            for time in find_times(text, zone=self.zone, day_first=self.day_first):
                if self.now and (reason := refusal(time.value, self.now)):
                    yield Found(time.value, time.raw, "refused", element), reason

    def _found(self, text: str, rule: str, element: Element | None) -> Iterator[Found]:
        return (Found(time.value, time.raw, rule, element) for time in self._times(text))

    def views(self) -> Iterator[Found]:
        """Yield the printed view counts."""
        for element, css in self.document.index.first(self.rules.views):
            text = fold(spaced(element))
            labelled = [item.value for item in split_labels(text) if item.field == "views"]
            for value in labelled or [text, *_NUMBERS.findall(text)[:1]]:  # (Visited 12 times, 1 visit today)
                if (count := parse_count(value)) is not None:
                    yield Found(str(count), text, f"preset:{css}", element)
        for item, found_in in self.labelled:
            if item.field == "views" and (count := count_in(item)) is not None:
                yield Found(str(count), item.value, f"label:{found_in.where}:{item.label}", found_in.element)

    def names(self, field: str) -> Iterator[Found]:
        """Yield the candidates of author, source or editor."""
        yield from self._selected(field, getattr(self.rules, field))
        labelled = [
            Found(value, item.value, f"label:{text.where}:{item.label}", text.element)
            for item, text in self.labelled
            if item.colon and field in meant(item) and is_name(value := named(item.value, field), field)
        ]
        labelled.sort(key=lambda found: found.rule.rpartition(":")[2] in ISSUERS)
        yield from (found for found in labelled if not found.rule.startswith("label:tail"))
        if field == "author":
            yield from self._authors()
        if field in ("author", "source"):
            stated = [
                *(self.structured.ld("author") if field == "author" else ()),
                *self.structured.metas(field),
            ]
            told = ((value, rule) for value, rule in stated if not _NOBODY.fullmatch(value))
            yield from (Found(value, value, rule) for value, rule in told if is_name(value, field))
        yield from (found for found in labelled if found.rule.startswith("label:tail"))

    def _selected(self, field: str, selectors: tuple[str, ...]) -> Iterator[Found]:
        """Yield what the preset's own elements for a field say, their label left out."""
        for element, css in self.document.index.first(selectors):
            text = fold(spaced(element))
            labelled = [item.value for item in split_labels(text) if item.field == field]
            for value in labelled or [text]:
                if is_name(value, field):
                    yield Found(value, text, f"preset:{css}", element)

    def _authors(self) -> Iterator[Found]:
        for element, selector in self.document.index.first(_AUTHOR_MARKS):
            if is_name(text := fold(text_of(element)).strip(" -–—,"), "author"):
                yield Found(text, text, selector, element)
        for line in (*self.head, *self.tail[:2]):
            for name, rule in names_in(line.text):
                if is_name(name, "author"):
                    yield Found(name, line.text, rule, line.element)


def byline_of(
    document: Document,
    structured: Structured,
    lines: Sequence[Line],
    title: Line | None,
    start: int,
    stop: int,
    rules: ArticleRules,
    *,
    zone: str | None = None,
    day_first: bool | None = None,
    now: datetime | None = None,
) -> Byline:
    """Cut the lines into head and tail around the body, which begins and ends at places of the document."""
    top = title.place if title else start
    first = next((at for at, line in enumerate(lines) if line.place >= top), len(lines))
    before = max(start, top)
    head = [line for line in lines[max(0, first - ABOVE) :] if line.place < before and line is not title]
    inside = [line for line in lines if start <= line.place < stop]
    if title is not None and start <= top < stop:  # the body element holds the headline too
        head += [line for line in inside if line.place > top][:4]
    else:
        head += [line for line in inside[:OPENING] if is_signed(line.text)]
    tail = [line for line in lines if line.place >= stop][:BELOW] + inside[-SIGNED:]
    return Byline(document, structured, tuple(head), tuple(tail), rules, zone, day_first, now)


def _is_revision(found: Found) -> bool:
    """Tell whether a date is labelled as that of a later revision."""
    return found.rule.startswith("label:") and is_update(found.rule.rpartition(":")[2])


def _same_day(printed: str, stated: str) -> bool:
    """A stated time in another zone may lie on the neighbouring day."""
    return abs((date.fromisoformat(printed[:10]) - date.fromisoformat(stated[:10])).days) <= 1


def _without_midnight(value: str) -> str:
    """Midnight and noon to the second are what a CMS writes when it only knows the day."""
    return re.sub(r"T(?:00|12):00(?::00)?(?:[+-]\d\d:\d\d)?$", "", value)
