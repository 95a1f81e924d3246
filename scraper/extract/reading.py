"""One page being read: what several fields need, found once, and every field's candidates. Pure.

page -> preset's body, else densest -> lines around it -> headline -> passage -> byline
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from scraper.extract.asides import asides
from scraper.extract.body import by_selectors, find_body
from scraper.extract.byline import Byline, byline_of
from scraper.extract.document import Document, Line, lines_of
from scraper.extract.found import Found
from scraper.extract.headline import Headline, headlines
from scraper.extract.passage import Passage, passage_of
from scraper.extract.problem import refuse, says
from scraper.extract.prose import prose
from scraper.extract.section import sections
from scraper.extract.structured import Structured
from scraper.index import Element
from scraper.normalize.dates import day_first_of, zone_of
from scraper.normalize.text import language_of
from scraper.page import Page
from scraper.presets.preset import Preset
from scraper.urls import hostname

FIELDS = ("title", "release_time", "views", "section", "author", "source", "editor", "body")
_SAMPLE = 600  # characters that tell a language
_NOTICE = 400  # characters that an apology has at most
_CLIMB = 8  # elements from the body up to the one that holds its title too
_BEFORE, _AFTER = 2, 4  # siblings around title and body that may hold their byline
_HEADINGS = ("h1", "h2", "h3")


class Reading:
    """One page being read by one preset; everything is found when it is first asked for.

    What is known of the site (`timezone`, `language`, `day_first`) goes before what the page suggests; the
    `section` serves where the page names none.
    """

    def __init__(
        self,
        page: Page,
        preset: Preset,
        section: str | None = None,
        timezone: str | None = None,
        language: str | None = None,
        day_first: bool | None = None,
    ) -> None:
        self.page, self.preset = page, preset
        self.document = Document(page)
        self.structured = Structured(page)
        self._section, self._timezone, self._language, self._day_first = (
            section,
            timezone,
            language,
            day_first,
        )

    @cached_property
    def problem(self) -> str | None:
        """Why the page is no article, or None; the names are those of `scraper.extract.problem.LOOKS`."""
        if self.document.is_cut():
            return "too_deep"
        if self.document.is_huge():
            return "too_large"
        if problem := refuse(self.page, self.preset, self.document, self._named and self._named[0]):
            return problem
        if self.headline is None:
            return "no_content"
        return "soft_error" if self._is_apology(self.headline) else None

    def _is_apology(self, headline: Headline) -> bool:
        """Tell whether a page with its whole frame around it only says that there is no such page."""
        if not says(headline.text, "soft_error") or self.found["release_time"]:
            return False
        return sum(len(line.text) for line in self.passage.lines) <= _NOTICE

    @cached_property
    def _named(self) -> tuple[Element, str] | None:
        return by_selectors(self.document, self.preset.article.body)

    @cached_property
    def _found_body(self) -> tuple[Element, str] | None:
        if self._named:
            return self._named[0], f"preset:{self._named[1]}"
        return find_body(self.document)

    @property
    def body(self) -> Element | None:
        """The element that holds the article's text."""
        return self._found_body[0] if self._found_body else None

    @property
    def body_rule(self) -> str:
        """The rule that found the body; empty where there is none."""
        return self._found_body[1] if self._found_body else ""

    @cached_property
    def lines(self) -> Sequence[Line]:
        """The lines around a body that the preset names, else all lines of the page."""
        if self._named and (around := self._around(self._named[0])):
            container, parts = around
            return lines_of(self.document, container, parts, hidden=True)
        return self.document.lines

    def _around(self, body: Element) -> tuple[Element, list[Element]] | None:
        """Return the element that holds title and body, and those of its children that matter."""
        titles = self.document.index.first(self.preset.article.title)
        named = next((element for element, _ in titles), None)
        above = set(named.iterancestors()) if named is not None else set()
        inner = body
        for ancestor in (body, *body.iterancestors())[: _CLIMB + 1]:
            if ancestor.tag in ("body", "html") and named is None:
                return None
            title = named
            if named is None and ancestor is not body:
                title = next(ancestor.iter(*_HEADINGS), None)
            if title is not None and (ancestor in above or named is None):
                return ancestor, _span(ancestor, title, inner)
            inner = ancestor
        return None

    @cached_property
    def _start(self) -> int:
        """The place of the body in the document; past its end where there is none."""
        return len(self.document.index.elements) if self.body is None else self.document.places[self.body]

    @cached_property
    def headline(self) -> Headline | None:
        """The title, and its line where it is printed."""
        return next(self._headlines(), None)

    def _headlines(self) -> Iterator[Headline]:
        rules = self.preset.article.title
        after = self.document.end(self.body) if self.body is not None else self._start + 1
        return headlines(self.document, self.structured, rules, self.lines, self._start, after)

    @cached_property
    def skip(self) -> frozenset[Element]:
        """The elements inside the body that are not of the article."""
        return (
            asides(self.document, self.body, self.preset.article.drop, known=self._named is not None)
            if self.body is not None
            else frozenset()
        )

    @cached_property
    def passage(self) -> Passage:
        """The article's own lines."""
        if self.body is None:
            return Passage((), self._start, self._start)
        line = self.headline.line if self.headline else None
        return passage_of(self.document, self.body, self.skip, line, self.body_rule, self.lines)

    @cached_property
    def language(self) -> str | None:
        """What the title and the body are written in."""
        if self._language:
            return self._language
        stated = self.page.tree.get("lang") or next(self.structured.metas("language"), ("", ""))[0]
        texts, length = [self.headline.text if self.headline else ""], 0
        for line in self.passage.lines or self.lines:
            texts.append(line.text)
            length += len(line.text)
            if length > _SAMPLE:
                break
        return language_of(" ".join(texts)[:_SAMPLE], stated)

    @cached_property
    def byline(self) -> Byline:
        """What the lines around the body say."""
        host = hostname(self.page.base_url)
        day_first = self._day_first if self._day_first is not None else day_first_of(self.language, host)
        return byline_of(
            self.document,
            self.structured,
            self.lines,
            self.headline.line if self.headline else None,
            self._start,
            self.passage.stop,
            self.preset.article,
            zone=self._timezone or zone_of(host),
            day_first=day_first,
            now=self.page.fetched_at,
        )

    @cached_property
    def found(self) -> dict[str, Found | None]:
        """The first candidate of every field that lines and metas tell."""
        names = ("release_time", "views", "author", "source", "editor")
        return {field: next(self.candidates(field), None) for field in names}

    def candidates(self, field: str) -> Iterator[Found]:
        """Yield every candidate of a field of `FIELDS`, best first: the first is taken."""
        if field == "title":
            for headline in self._headlines():
                element = headline.line.element if headline.line else None
                yield Found(headline.text, headline.text, headline.rule, element)
        elif field == "release_time":
            yield from self.byline.release_times()
        elif field == "views":
            yield from self.byline.views()
        elif field == "section":
            yield from self._sections()
        elif field == "body":
            if self.body is not None:
                text = prose(self.passage.lines)
                yield Found(text, text, self.body_rule, self.body)
        else:
            yield from self.byline.names(field)

    def _sections(self) -> Iterator[Found]:
        if self.headline is None:
            return
        rules = self.preset.article.section
        yield from sections(
            self.document, self.structured, self.headline.text, self.headline.line, self.lines, rules
        )
        if self._section:
            yield Found(self._section, self._section, "config")


def _span(ancestor: Element, title: Element, inner: Element) -> list[Element]:
    """Return the children of an element from just before the title to just after the body."""
    children = list(ancestor)
    if len(children) <= _BEFORE + _AFTER or inner is ancestor:
        return children
    above = {title, *title.iterancestors()}
    first = next((at for at, child in enumerate(children) if child in above), 0)
    last = next((at for at, child in enumerate(children) if child is inner), len(children))
    first, last = min(first, last), max(first, last)
    return children[max(0, first - _BEFORE) : last + _AFTER]
