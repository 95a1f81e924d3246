"""A parsed page in, its elements by class and id out: what makes a hundred selectors cheap to try. Pure.

    Index(tree).select(".arti_metas")        the elements, in document order
    ".arti_metas" in Index(tree)             whether there are any

Most selectors name a class or an id. Those are looked up; the rest is compiled to XPath once, and only run on
a page that has all the words it needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
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
_PART = re.compile(
    r"(?P<tag>[a-z][a-z0-9]*)?\[(?P<name>[a-z-]+)(?:(?P<how>[*^$]?)=(?P<quote>['\"])(?P<text>[^'\"]+)(?P=quote))?\]"
)
_HOW = {
    "": lambda value, text: True,
    "=": str.__eq__,
    "*": str.__contains__,
    "^": str.startswith,
    "$": str.endswith,
}


@dataclass(frozen=True, slots=True)
class _Selector:
    """One CSS selector: its XPath, and the sets of words of which a page must have all of one."""

    path: etree.XPath
    needs: tuple[frozenset[str], ...]
    tag: str | None = None
    words: tuple[str, ...] = ()
    part: tuple[str, str, str] | None = None  # attribute, how it is compared, with what


class Index:
    """The elements of one page by the words of their class (`.word`) and id (`#word`)."""

    def __init__(self, tree: Element) -> None:
        self.tree = tree
        self.elements = list(tree.iter(etree.Element))  # kept: lxml proxies are equal only while alive
        self._classes: dict[str, list[int]] = {}
        self._ids: dict[str, list[int]] = {}
        classes, ids = self._classes, self._ids
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
        words = {"#" + value.strip(): places for value, places in self._ids.items()}
        for value, places in self._classes.items():
            for part in value.split():
                word = "." + part
                words[word] = [*words[word], *places] if word in words else places
        return words

    @cached_property
    def fingerprint(self) -> str:
        """What the page's classes, ids, scripts, styles and generator are, as one short text."""
        head = (element.get(_SOURCES[element.tag], "") for element in self.tree.iter(*_SOURCES))
        return "\n".join((*self._classes, *self._ids, *head))

    def select(self, css: str) -> list[Element]:
        """Return the elements that a CSS selector matches, in document order."""
        selector = compiled(css)
        if selector.words:
            return [self.elements[at] for at in self._worded(selector)]
        if selector.part is not None:
            if selector.part[0] not in ("class", "id"):
                return self._attributed(selector)
            return [self.elements[at] for at in self._parted(selector)]
        words = self.words
        if not any(all(word in words for word in needed) for needed in selector.needs):
            return []
        return nodes(selector.path, self.tree)

    def __contains__(self, css: str) -> bool:
        return bool(self.select(css))

    def first(self, selectors: Iterable[str]) -> Iterator[tuple[Element, str]]:
        """Yield every match of every selector with the selector, in their order."""
        for css in selectors:
            for element in self.select(css):
                yield element, css

    def _worded(self, selector: _Selector) -> list[int]:
        words, first = self.words, selector.words[0]
        if first not in words:
            return []
        places = set(words[first])
        for word in selector.words[1:]:
            places.intersection_update(words.get(word, ()))
        return self._tagged(places, selector.tag)

    def _parted(self, selector: _Selector) -> list[int]:
        name, how, text = selector.part or ("", "", "")
        holds = _HOW[how]
        values = self._classes if name == "class" else self._ids
        found = (places for value, places in values.items() if holds(value, text))
        return self._tagged({at for places in found for at in places}, selector.tag)

    def _attributed(self, selector: _Selector) -> list[Element]:
        name, how, text = selector.part or ("", "", "")
        holds = _HOW[how]
        elements = self.tree.iter(selector.tag) if selector.tag else self.elements
        return [each for each in elements if (value := each.get(name)) is not None and holds(value, text)]

    def _tagged(self, places: set[int], tag: str | None) -> list[int]:
        return sorted(at for at in places if tag is None or self.elements[at].tag == tag)


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
    if match := _PART.fullmatch(css):
        return _Selector(
            path,
            needs,
            match["tag"],
            part=(match["name"], match["how"] or ("=" if match["text"] else ""), match["text"] or ""),
        )
    return _Selector(path, needs)
