"""An article page in, how each field of its record was found out. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from scraper.explain.values import Explained, Explanation, Option, Verdict, path_of
from scraper.extract.body import MARKED
from scraper.extract.counter import find_counter
from scraper.extract.dateline import LONGEST
from scraper.extract.document import text_of
from scraper.extract.found import Found
from scraper.extract.reading import FIELDS, Reading
from scraper.index import Element
from scraper.normalize.dates import find_times
from scraper.normalize.labels import split_labels
from scraper.normalize.numbers import parse_count
from scraper.normalize.text import fold
from scraper.page import Page
from scraper.presets import PRESETS, detect
from scraper.presets.preset import Preset

MOST = 30
"""Candidates of one field that are listed."""

_REFUSED = {
    "ancient": "too long ago for a release",
    "future": "lies ahead of the day the page was fetched",
    "impossible": "is no day of the calendar",
}
_SHORT = 200  # characters of a value that is listed
_PEOPLE = ("author", "source", "editor")


def explain_article(page: Page, preset: Preset | None = None, *, timezone: str | None = None) -> Explanation:
    """Return how an article page was read, by the preset given or found; it need not be an article."""
    preset = preset or detect(page)
    reading = Reading(page, preset, timezone=timezone)
    counter = find_counter(page, preset)
    return Explanation(
        url=page.base_url,
        kind="article",
        preset=preset.name,
        marks=marks_of(page),
        encoding=page.decoded.decision,
        problem=reading.problem,
        fields=tuple(_explained(reading, field) for field in FIELDS) if reading.headline else (),
        counter=f"{counter.method} {counter.url}" if counter else None,
    )


def marks_of(page: Page) -> dict[str, tuple[str, ...]]:
    """Return for each CMS the marks of it that the page's source holds."""
    found = {
        name: tuple(mark for mark in (*preset.marks, *preset.traces) if mark in page.text)
        for name, preset in PRESETS.items()
    }
    return {name: marks for name, marks in found.items() if marks}


def _explained(reading: Reading, field: str) -> Explained:
    found = list(islice(reading.candidates(field), MOST))
    options = [*_ranked(found), *_refused(reading, field, found), *_absent(reading, field, found)]
    return Explained(field, tuple(options))


def _ranked(found: list[Found]) -> Iterator[Option]:
    """Yield the candidates in their order; one that repeats another word for word is left out."""
    seen: set[tuple[str, str]] = set()
    for place, each in enumerate(found):
        if (each.value, each.rule) in seen:
            continue
        seen.add((each.value, each.rule))
        same = "says the same; " if place and each.value == found[0].value else ""
        why = f"{same}ranked after `{found[0].rule}`" if place else "the first candidate"
        yield _option(each, "after" if place else "taken", why)


def _option(found: Found, verdict: Verdict, why: str) -> Option:
    return Option(
        value=fold(found.value)[:_SHORT],
        raw=fold(found.raw)[:_SHORT],
        rule=found.rule,
        path=path_of(found.element),
        verdict=verdict,
        why=why,
    )


def _refused(reading: Reading, field: str, found: list[Found]) -> Iterator[Option]:
    """Yield what looks like a value of the field on the page and never became a candidate."""
    known = {each.value for each in found}
    if field in ("release_time", "views", *_PEOPLE):
        printed = _times(reading) if field == "release_time" else _labelled(reading, field)
        for each in islice((each for each in printed if each.value not in known), MOST):
            known.add(each.value)
            yield _option(each, "refused", each.rule)
    elif field == "body":
        yield from _bodies(reading)


def _times(reading: Reading) -> Iterator[Found]:
    """Yield the dates refused, and those in lines that are no byline, with why not as their rule."""
    for found, reason in reading.byline.refused_times():
        yield found._replace(rule=_REFUSED[reason])
    for line in reading.document.lines:
        text, how = line.text[: 4 * LONGEST], reading.byline
        for time in find_times(text, zone=how.zone, day_first=how.day_first):
            yield Found(time.value, line.text, _where(reading, line.text, line.element), line.element)


def _labelled(reading: Reading, field: str) -> Iterator[Found]:
    for line in reading.document.lines:
        for item in split_labels(line.raw) if len(line.raw) <= LONGEST else ():
            if item.field == field:
                yield _judged(reading, field, item.label, item.value, line.element)


def _judged(reading: Reading, field: str, label: str, value: str, element: Element) -> Found:
    if not value.strip():
        why = "the label has nothing behind it"
    elif field == "views" and (count := parse_count(value)) is None:
        why = "is no number"
    else:
        why = _where(reading, value, element)
        value = str(count) if field == "views" else value
    return Found(value, f"{label}：{value}", why, element)


def _where(reading: Reading, text: str, element: Element) -> str:
    """Say why what a line holds is not taken: it is no line that a byline is read from, or is no value."""
    place, body = reading.document.places[element], reading.body
    if any(element is line.element for line in (*reading.byline.head, *reading.byline.tail)):
        return "stands near the article, but does not look like a value of this field"
    if len(text) > LONGEST:
        return f"stands in a text of more than {LONGEST} characters"
    if body is not None and reading.document.places[body] <= place < reading.passage.stop:
        return "stands inside the body"
    return "stands away from title and body"


def _bodies(reading: Reading) -> Iterator[Option]:
    """Yield the other elements that a preset or a standard names as the body."""
    for selector in (*reading.preset.article.body, *MARKED):
        for element in reading.document.index.select(selector):
            if element is not reading.body:
                text = fold(text_of(element))
                why = f"{len(text)} characters; `{reading.body_rule}` went before"
                yield Option(text[:_SHORT], None, f"matches {selector}", path_of(element), "refused", why)


def _absent(reading: Reading, field: str, found: list[Found]) -> Iterator[Option]:
    """Yield the preset's selectors for a field that match nothing on this page."""
    for selector in getattr(reading.preset.article, field, ()):
        if not reading.document.index.select(selector):
            why = "matches nothing on this page"
            yield Option(None, None, f"preset:{selector}", None, "absent", why)
