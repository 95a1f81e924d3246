"""A parsed page in, its elements by class, id and attribute out: what makes a hundred selectors cheap. Pure.

    Index(tree, source).select(".arti_metas")        the elements, in document order
    ".arti_metas" in Index(tree, source)             whether there are any

Most selectors name a class or an id, or part of one. Those are looked up; the rest is compiled to XPath once,
and only run on a page that has all the words it needs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, cast

from cssselect import HTMLTranslator
from lxml import etree

Element = etree._Element  # what lxml itself calls an element; its HTML subclass costs twice the time

_SOURCES = {"link": "href", "script": "src", "meta": "content"}  # what a page's head is known by
_WORDS = re.compile(r"[.#][\w-]+")
# What says nothing of a word that must be there: attribute values, and what must not be there.
_UNSURE = re.compile(r"\[[^\]]*\]|:(?:not|is|where|has)\((?:[^()]|\([^()]*\))*\)")
_SIMPLE = re.compile(r"(?P<tag>[a-z][a-z0-9]*)?(?P<words>(?:[.#][\w-]+)+)")
_ATTRIBUTE = re.compile(
    r"(?P<tag>[a-z][a-z0-9]*)?\[(?P<name>[a-z-]+)"
    r"(?:(?P<how>[*^$~]?)=(?P<quote>['\"])(?P<text>[^'\"]+)(?P=quote))?\]"
)
_HOW: dict[str | None, Callable[[str, str], bool]] = {
    None: lambda value, text: True,
    "": str.__eq__,
    "*": str.__contains__,
    "^": str.startswith,
    "$": str.endswith,
    "~": lambda value, text: text in value.split(),
}


@dataclass(frozen=True, slots=True)
class _Selector:
    """One CSS selector, in the cheapest form it has: words, an attribute, else an XPath.

    `needs` are the sets of words of which a page must have all of one; `holds` compares the attribute `name`
    with `text`; `within` is what an ancestor must match.
    """

    path: etree.XPath
    needs: tuple[frozenset[str], ...]
    tag: str | None = None
    words: tuple[str, ...] = ()
    name: str = ""
    holds: Callable[[str, str], bool] | None = None
    text: str = ""
    within: str | None = None
    last: str = ""


class Index:
    """The elements of one page by the words of their class (`.word`) and id (`#word`)."""

    def __init__(self, tree: Element, source: str) -> None:
        self.tree = tree
        self._source = source
        self._said: dict[str, bool] = {}
        self.elements = list(tree.iter(etree.Element))  # kept: lxml proxies are equal only while alive
        self.classes: dict[str, list[int]] = {}
        self.ids: dict[str, list[int]] = {}
        classes, ids = self.classes, self.ids
        for at, element in enumerate(self.elements):
            if value := element.get("class"):
                if value in classes:
                    classes[value].append(at)
                else:
                    classes[value] = [at]
            if value := element.get("id"):
                ids.setdefault(value, []).append(at)

    @cached_property
    def words(self) -> dict[str, list[int]]:
        """The places of the elements by `.class` word and `#id`."""
        words = {"#" + value.strip(): places for value, places in self.ids.items()}
        for value, places in self.classes.items():
            for part in value.split():
                word = "." + part
                words[word] = [*words[word], *places] if word in words else places
        return words

    @cached_property
    def fingerprint(self) -> str:
        """What the page's classes, ids, scripts, styles and generator are, as one short text."""
        head = (element.get(_SOURCES[element.tag], "") for element in self.tree.iter(*_SOURCES))
        return "\n".join((*self.classes, *self.ids, *head))

    @cached_property
    def places(self) -> dict[Element, int]:
        """The place of every element in document order."""
        return {element: place for place, element in enumerate(self.elements)}

    def select(self, css: str) -> list[Element]:
        """Return the elements that a CSS selector matches, in document order."""
        selector = compiled(css)
        if selector.words:
            return self._worded(selector)
        if selector.holds is not None:
            return self._attributed(selector, selector.holds)
        words = self.words
        if not any(all(word in words for word in needed) for needed in selector.needs):
            return []
        if selector.within is None:
            return nodes(selector.path, self.tree)
        outer = set(self.select(selector.within))
        return [each for each in self.select(selector.last) if not outer.isdisjoint(each.iterancestors())]

    def __contains__(self, css: str) -> bool:
        return bool(self.select(css))

    def first(self, selectors: Iterable[str]) -> Iterator[tuple[Element, str]]:
        """Yield every match of every selector with the selector, in their order."""
        for css in selectors:
            for element in self.select(css):
                yield element, css

    def _worded(self, selector: _Selector) -> list[Element]:
        words, first = self.words, selector.words[0]
        if first not in words:
            return []
        places = set(words[first])
        for word in selector.words[1:]:
            places.intersection_update(words.get(word, ()))
        return self._tagged(places, selector.tag)

    def _attributed(self, selector: _Selector, holds: Callable[[str, str], bool]) -> list[Element]:
        name, text = selector.name, selector.text
        if name in ("class", "id"):
            values = self.classes if name == "class" else self.ids
            found = (places for value, places in values.items() if holds(value, text))
            return self._tagged({at for places in found for at in places}, selector.tag)
        if not self._says(name) or (text and not self._says(text)):
            return []
        elements = self.tree.iter(selector.tag) if selector.tag else self.elements
        return [each for each in elements if (value := each.get(name)) is not None and holds(value, text)]

    def _tagged(self, places: set[int], tag: str | None) -> list[Element]:
        found = (self.elements[at] for at in sorted(places))
        return [element for element in found if tag is None or element.tag == tag]

    def _says(self, text: str) -> bool:
        """Tell whether the page's source has a text at all."""
        if text not in self._said:
            self._said[text] = text in self._source
        return self._said[text]


def nodes(path: etree.XPath, root: Element, **variables: str) -> list[Any]:
    """Return what an XPath for nodes finds: lxml's annotations allow for every kind of answer."""
    return cast("list[Any]", path(root, **variables))


@lru_cache(maxsize=4096)
def compiled(css: str) -> _Selector:
    """Compile a CSS selector; raises cssselect.SelectorError where it is none."""
    path = etree.XPath(HTMLTranslator().css_to_xpath(css))
    needs = tuple(frozenset(_WORDS.findall(part)) for part in _UNSURE.sub("", css).split(","))
    if match := _SIMPLE.fullmatch(css):
        return _Selector(path, needs, match["tag"], tuple(_WORDS.findall(match["words"])))
    if match := _ATTRIBUTE.fullmatch(css):
        holds = _HOW[match["how"]]
        return _Selector(path, needs, match["tag"], (), match["name"], holds, match["text"] or "")
    outer, _, last = css.rpartition(" ")
    if outer and all(_SIMPLE.fullmatch(part) or _ATTRIBUTE.fullmatch(part) for part in css.split(" ")):
        return _Selector(path, needs, within=outer, last=last)
    return _Selector(path, needs)
