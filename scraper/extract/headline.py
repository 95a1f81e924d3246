"""The article's title, from what the page prints, held against what it states. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scraper.extract.dateline import bare_day, is_byline
from scraper.extract.document import Document, Line, text_of
from scraper.extract.structured import Structured
from scraper.index import Element
from scraper.normalize.text import fold, squash

MARKED = (
    "[itemprop='headline']",
    "[property='headline']",
    "h1.entry-title",
    ".entry-title",
    "h1.article-title",
)
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_SEPARATORS = re.compile(
    r"\s+[-–—|｜_·•:»«]+\s+|[|｜_]+|(?<=[\u3400-\u9fff）」』”])[-–—]+|[-–—]+(?=[\u3400-\u9fff])|::|\s*»\s*"
)
_TITLE_CLASS = re.compile(r"(?:^|[\s_-])(?:title|headline|heading)(?:$|[\s_-])", re.IGNORECASE)
_TELLING = 10  # squashed characters of a <title> that a longer heading may hold whole
_LEAST = 4  # squashed characters below which an agreement with the page's <title> says nothing
_PATH = 100  # characters that a path to a page has at most
_STEPS = re.compile(r"\s*[>›»→＞]\s*")
_MOST = 300  # characters beyond which a line is no title


@dataclass(frozen=True, slots=True)
class Headline:
    """A title, the rule that found it, and its line where it is printed."""

    text: str
    rule: str
    line: Line | None = None


def headlines(
    document: Document,
    structured: Structured,
    selectors: tuple[str, ...],
    lines: Sequence[Line],
    before: int,
    after: int,
) -> Iterator[Headline]:
    """Yield the candidates, best first.

    `lines` are those around the body, which begins at place `before` and has ended at `after`.
    """
    yield from _selected(document, lines, (*selectors, *MARKED))
    references = [*structured.ld("headline"), *structured.metas("title"), *_title_element(document)]
    for whole in (False, True):
        if whole and document.is_whole(lines):
            break
        fitting = [
            line
            for line in (document.lines if whole else lines)
            if len(line.text) <= _MOST and not line.hidden
        ]
        most = 2 * max((len(text) for text, _ in references), default=0)  # a longer line agrees with none
        short = (line for line in fitting if len(line.text) <= most and line.place < after)
        keys = [(line, key) for line in short if len(key := squash(line.text)) >= _LEAST]
        for text, rule in references:
            if line := _agreeing(document, keys, text, before) or _repeating(fitting, text):
                yield Headline(line.text, f"agrees:{rule}", line)
    yield from _printed(fitting, before)
    for text, rule in references:
        yield Headline(_without_site(text), rule)
    yield from (Headline(line.text, "first line", line) for line in fitting[:1])


def _printed(lines: Sequence[Line], before: int) -> Iterator[Headline]:
    """Yield what is printed like a title: a heading over the byline, the nearest headings, any line there."""
    byline = next((at for at, line in enumerate(lines) if is_byline(line.raw)), None)
    if byline is None:
        byline = _bare_date(lines, before)
    last = before if byline is None else max(before, lines[byline].place)
    above = list(_above(lines, byline))
    yield from (headline for headline in above if headline.line and headline.line.block.tag in _HEADINGS)
    headings = list(_heading_before(lines, last))
    yield from (headline for headline in headings if not (above and _is_column(headline, lines)))
    yield from above
    yield from headings


def _selected(document: Document, lines: Sequence[Line], selectors: tuple[str, ...]) -> Iterator[Headline]:
    for element, selector in document.index.first(selectors):
        text = fold(text_of(element))
        if text and len(text) <= _MOST:
            yield Headline(text, f"preset:{selector}", _line_of(document, lines, element))


def _line_of(document: Document, lines: Sequence[Line], element: Element) -> Line | None:
    """Return the first line that begins in or after an element."""
    place, end = document.places[element], document.end(element)
    inside = (line for line in lines if place <= line.place < end)
    return next(inside, None) or next((line for line in lines if line.place >= end), None)


def _title_element(document: Document) -> Iterator[tuple[str, str]]:
    title = document.tree.find(".//title")
    if title is not None and (text := fold(text_of(title))):
        yield text, "title"


def _agreeing(
    document: Document, keys: Sequence[tuple[Line, str]], reference: str, before: int
) -> Line | None:
    """Return the line the reference contains most of: longest first, then headings, then the nearest."""
    wanted = squash(reference)
    if len(wanted) < _LEAST:
        return None
    main = squash(_SEPARATORS.split(reference)[0] or "")
    agreeing = [
        (line, key)
        for line, key in keys
        if (key in wanted and _starts(wanted, key, reference))
        or (len(main) >= _TELLING and main in key and _is_heading(line))
    ]
    most = max(len(wanted) if wanted == main else len(main), _TELLING)
    agreeing.sort(
        key=lambda each: _rank(each[0], min(len(each[1]), most), each[0].place, before),
        reverse=True,
    )
    return next((line for line, key in agreeing if _is_main(line, key, reference)), None)


def _repeating(lines: Sequence[Line], reference: str) -> Line | None:
    """Return the heading that says just what a reference says which is too short to agree in part: `公示`."""
    wanted = squash(reference)
    if not 1 < len(wanted) < _LEAST:
        return None
    return next((line for line in lines if _is_heading(line) and squash(line.text) == wanted), None)


def _starts(wanted: str, key: str, reference: str) -> bool:
    return wanted.startswith(key) or any(squash(part) == key for part in _SEPARATORS.split(reference))


def _is_heading(line: Line) -> bool:
    return line.block.tag in _HEADINGS or any(above.tag in _HEADINGS for above in line.block.iterancestors())


def _rank(line: Line, agreed: int, place: int, before: int) -> tuple[int, bool, bool, bool, int]:
    return (
        agreed,
        _is_heading(line),
        place <= before,
        line.linked == 0,
        -abs(before - place),
    )


def _is_main(line: Line, key: str, reference: str) -> bool:
    """The site's or the section's name agrees too; the title is no link and not the shortest part of many."""
    parts = [squash(part) for part in _SEPARATORS.split(reference) if squash(part)]
    longest = max((len(part) for part in parts), default=0)
    return (line.linked < len(line.text) or _is_titled(line)) and 2 * len(key) >= longest


def _is_titled(line: Line) -> bool:
    """Tell whether a line that is a link is the page's headline all the same: by its tag or its class."""
    return line.block.tag in _HEADINGS or bool(_TITLE_CLASS.search(line.block.get("class") or ""))


def _heading_before(lines: Sequence[Line], before: int) -> Iterator[Headline]:
    for level in ("h1", "h2", "h3"):
        fitting = [
            line for line in lines if line.block.tag == level and line.linked == 0 and line.place <= before
        ]
        if fitting:
            yield Headline(fitting[-1].text, f"nearest {level}", fitting[-1])


def _is_column(headline: Headline, lines: Sequence[Line]) -> bool:
    """Tell whether a heading only repeats where the page stands: the path beside it ends so."""
    key = squash(headline.text)
    return any(
        line.linked and line is not headline.line and len(line.text) <= _PATH and _ends_path(line.text, key)
        for line in lines
    )


def _ends_path(text: str, key: str) -> bool:
    steps = [squash(step) for step in _STEPS.split(text)]
    return len(steps) > 1 and steps[-1] == key


def _bare_date(lines: Sequence[Line], before: int) -> int | None:
    """Return which line is the last before the body that says a date and hardly anything else."""
    dated = [
        at
        for at, line in enumerate(lines)
        if line.place <= before and not line.linked and bare_day(line.text)
    ]
    return dated[-1] if dated else None


def _above(lines: Sequence[Line], byline: int | None) -> Iterator[Headline]:
    """Yield the line over the byline: a page without headings prints its title there."""
    if byline and lines[byline - 1].linked == 0:
        yield Headline(lines[byline - 1].text, "above the byline", lines[byline - 1])


def _without_site(text: str) -> str:
    """Return a `<title>` without the site's name: its longest part."""
    parts = [part for part in _SEPARATORS.split(text) if part and part.strip()]
    return fold(max(parts, key=lambda part: len(squash(part)), default=text))
