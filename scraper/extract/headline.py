"""The article's title, from what the page prints, held against what it states. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scraper.extract.byline import is_byline
from scraper.extract.document import Document, Line
from scraper.extract.structured import Structured
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
_LEAST = 4  # squashed characters below which an agreement with the page's <title> says nothing
_MOST = 300  # characters beyond which a line is no title


@dataclass(frozen=True, slots=True)
class Headline:
    """A title, the rule that found it, and its line where it is printed."""

    text: str
    rule: str
    line: Line | None = None


def find_headline(
    document: Document, structured: Structured, selectors: tuple[str, ...], before: int
) -> Headline | None:
    """Return the first of the candidates; `before` is the place of the body."""
    return next(headlines(document, structured, selectors, before), None)


def headlines(
    document: Document, structured: Structured, selectors: tuple[str, ...], before: int
) -> Iterator[Headline]:
    """Yield the candidates, best first."""
    yield from _selected(document, (*selectors, *MARKED))
    references = [*structured.ld("headline"), *structured.metas("title"), *_title_element(document)]
    lines = [line for line in document.lines if len(line.text) <= _MOST and not line.hidden]
    for text, rule in references:
        if line := _agreeing(lines, text, before):
            yield Headline(line.text, f"agrees:{rule}", line)
    byline = next((at for at, line in enumerate(lines) if is_byline(line.raw)), None)
    yield from _heading_before(lines, before if byline is None else max(before, lines[byline].place))
    yield from _above(lines, byline)
    for text, rule in references:
        yield Headline(_without_site(text), rule)
    yield from (Headline(line.text, "first line", line) for line in lines[:1])


def _selected(document: Document, selectors: tuple[str, ...]) -> Iterator[Headline]:
    for selector in selectors:
        for element in document.tree.cssselect(selector):
            text = fold(element.text_content())
            if text and len(text) <= _MOST:
                place = document.place(element)
                line = next((line for line in document.lines if line.place >= place), None)
                yield Headline(text, f"preset:{selector}", line)


def _title_element(document: Document) -> Iterator[tuple[str, str]]:
    title = document.tree.find(".//title")
    if title is not None and (text := fold(title.text_content())):
        yield text, "title"


def _agreeing(lines: list[Line], reference: str, before: int) -> Line | None:
    """Return the line the reference contains most of: longest first, then headings, then the nearest."""
    wanted = squash(reference)
    if len(wanted) < _LEAST:
        return None
    agreeing = [
        line
        for line in lines
        if len(key := squash(line.text)) >= _LEAST and _starts(wanted, key, reference, line)
    ]
    best = max(agreeing, key=lambda line: _rank(line, before), default=None)
    return best if best is not None and _is_main(best, reference) else None


def _starts(wanted: str, key: str, reference: str, line: Line) -> bool:
    if key not in wanted:
        return False
    return wanted.startswith(key) or any(squash(part) == key for part in _SEPARATORS.split(reference))


def _rank(line: Line, before: int) -> tuple[int, bool, bool, bool, int]:
    heading = line.block.tag in _HEADINGS or any(el.tag in _HEADINGS for el in line.block.iterancestors())
    return (
        len(squash(line.text)),
        line.place <= before,
        heading,
        line.linked == 0,
        -abs(before - line.place),
    )


def _is_main(line: Line, reference: str) -> bool:
    """The site's or the section's name agrees too; the title is no link and not the shortest part of many."""
    parts = [squash(part) for part in _SEPARATORS.split(reference) if squash(part)]
    longest = max((len(part) for part in parts), default=0)
    return line.linked < len(line.text) and 2 * len(squash(line.text)) >= longest


def _heading_before(lines: list[Line], before: int) -> Iterator[Headline]:
    for level in ("h1", "h2", "h3"):
        fitting = [
            line for line in lines if line.place <= before and line.block.tag == level and line.linked == 0
        ]
        if fitting:
            yield Headline(fitting[-1].text, f"nearest {level}", fitting[-1])


def _above(lines: list[Line], byline: int | None) -> Iterator[Headline]:
    """Yield the line over the byline: a page without headings prints its title there."""
    if byline and lines[byline - 1].linked == 0:
        yield Headline(lines[byline - 1].text, "above the byline", lines[byline - 1])


def _without_site(text: str) -> str:
    """Return a `<title>` without the site's name: its longest part."""
    parts = [part for part in _SEPARATORS.split(text) if part and part.strip()]
    return fold(max(parts, key=lambda part: len(squash(part)), default=text))
