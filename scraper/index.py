"""A parsed page in, its elements by class, id and attribute out: what makes a hundred selectors cheap. Pure.

    Index(tree).select(".arti_metas")        the elements, in document order
    ".arti_metas" in Index(tree)             whether there are any

Most selectors name a class, an id or an attribute. Those are looked up; the rest is compiled to XPath once,
and only run on a page that has all the words it needs.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, cast

from cssselect import HTMLTranslator
from lxml import etree

Element = etree._Element  # what lxml itself calls an element; its HTML subclass costs twice the time

_SOURCES = {"link": "href", "script": "src", "meta": "content"}  # what a page's head is known by
_WORD = r"[.#][\w-]+"
_TEST = r"\[(?:[a-z-]+)(?:[*^$~]?=(?:'[^'\"]+'|\"[^'\"]+\"))?\]"
_WORDS = re.compile(_WORD)
_TESTS = re.compile(r"\[(?P<name>[a-z-]+)(?:(?P<how>[*^$~]?)=['\"](?P<text>[^'\"]+)['\"])?\]")
_COMPOUND = re.compile(rf"(?P<tag>[a-z][a-z0-9]*)?(?:{_WORD}|{_TEST})*(?P<leaf>:not\(:has\(\*\)\))?")
# What says nothing of a word that must be there: attribute values, and what must not be there.
_UNSURE = re.compile(r"\[[^\]]*\]|:(?:not|is|where|has)\((?:[^()]|\([^()]*\))*\)")
_HOW: dict[str | None, Callable[[str, str], bool]] = {
    None: lambda value, text: True,
    "": str.__eq__,
    "*": str.__contains__,
    "^": str.startswith,
    "$": str.endswith,
    "~": lambda value, text: text in value.split(),
}
_NOTHING = frozenset(("",))  # the word that every page has


@dataclass(frozen=True, slots=True)
class _Test:
    """What an attribute's value must be, or only that there is one."""

    name: str
    holds: Callable[[str, str], bool]
    text: str


@dataclass(frozen=True, slots=True)
class _Selector:
    """One CSS selector, in the cheapest form it has: words and tests of one element, else an XPath.

    A `leaf` holds no other element.

    `needs` are the sets of words and attributes of which a page must have all of one; `within` is what an
    ancestor of `last` must match, `either` are the selectors of which each adds its matches.
    """

    path: etree.XPath
    needs: tuple[frozenset[str], ...]
    compound: bool = False
    tag: str | None = None
    words: tuple[str, ...] = ()
    tests: tuple[_Test, ...] = ()
    leaf: bool = False
    within: str | None = None
    last: str = ""
    either: tuple[str, ...] = ()


class Index:
    """The elements of one page by the words of their class (`.word`) and id (`#word`), and by attribute."""

    def __init__(self, tree: Element) -> None:
        self.tree = tree
        self.elements = list(tree.iter(etree.Element))  # kept: lxml proxies are equal only while alive
        having: dict[str, list[int]] = defaultdict(list)
        for at, element in enumerate(self.elements):
            for name in cast("list[str]", element.keys()):
                having[name].append(at)
        self._having = having  # the places of the elements by attribute
        self._values: dict[str, dict[str, list[int]]] = {}
        self._texts: dict[str, str] = {}
        self.classes, self.ids = self.values("class"), self.values("id")

    def having(self, name: str) -> Sequence[int]:
        """Return the places of the elements that have an attribute."""
        return self._having.get(name, ())

    def values(self, name: str) -> dict[str, list[int]]:
        """Return the places of the elements by their value of an attribute."""
        if name not in self._values:
            found: dict[str, list[int]] = {}
            for at in self.having(name):
                value = self.elements[at].get(name, "")
                if value in found:
                    found[value].append(at)
                else:
                    found[value] = [at]
            self._values[name] = found
        return self._values[name]

    @cached_property
    def words(self) -> dict[str, list[int]]:
        """The places of the elements by `.class` word and `#id`."""
        words: dict[str, list[int]] = defaultdict(list)
        words |= {"#" + value.strip(): places for value, places in self.ids.items()}
        for value, places in self.classes.items():
            for word in _words_of(value):
                words[word] += places
        return words

    @cached_property
    def _said(self) -> set[str]:
        """All words and attributes that a selector may ask for."""
        return {"", *self.words, *self._having}

    @cached_property
    def fingerprint(self) -> str:
        """What the page's classes, ids, scripts, styles and generator are, as one short text."""
        head = (
            self.elements[at].get(name, "")
            for tag, name in _SOURCES.items()
            for at in self.having(name)
            if self.elements[at].tag == tag
        )
        return "\n".join((*self.words, *head))

    @cached_property
    def places(self) -> dict[Element, int]:
        """The place of every element in document order."""
        return {element: place for place, element in enumerate(self.elements)}

    def select(self, css: str) -> list[Element]:
        """Return the elements that a CSS selector matches, in document order."""
        selector = compiled(css)
        if not any(map(self._said.issuperset, selector.needs)):
            return []
        if selector.compound:
            return self._compound(selector)
        if selector.either:
            found = {self.places[element] for css in selector.either for element in self.select(css)}
            return [self.elements[at] for at in sorted(found)]
        if selector.within is None:
            return nodes(selector.path, self.tree)
        outer = set(self.select(selector.within))
        return [each for each in self.select(selector.last) if not outer.isdisjoint(each.iterancestors())]

    def __contains__(self, css: str) -> bool:
        return bool(self.select(css))

    def first(self, selectors: tuple[str, ...]) -> Iterator[tuple[Element, str]]:
        """Yield every match of every selector with the selector, in their order."""
        if self._said.isdisjoint(_needed(selectors)):
            return
        for css in selectors:
            for element in self.select(css):
                yield element, css

    def _compound(self, selector: _Selector) -> list[Element]:
        groups = [self.words.get(word, ()) for word in selector.words]
        groups += [self._passing(test) for test in selector.tests]
        if groups:
            places = sorted(set(groups[0]).intersection(*groups[1:]) if len(groups) > 1 else groups[0])
            found = [self.elements[at] for at in places]
        else:
            found = list(self.tree.iter(selector.tag or etree.Element))
        if selector.tag is not None:
            found = [element for element in found if element.tag == selector.tag]
        return [element for element in found if len(element) == 0] if selector.leaf else found

    def _passing(self, test: _Test) -> list[int]:
        if test.text not in self._said_by(test.name):
            return []
        values = self.values(test.name).items()
        return [at for value, places in values if test.holds(value, test.text) for at in places]

    def _said_by(self, name: str) -> str:
        """Return all values of an attribute as one text: quick to ask whether any of them holds a piece."""
        if name not in self._texts:
            self._texts[name] = "\n".join(self.values(name))
        return self._texts[name]


def nodes(path: etree.XPath, root: Element, **variables: str) -> list[Any]:
    """Return what an XPath for nodes finds: lxml's annotations allow for every kind of answer."""
    return cast("list[Any]", path(root, **variables))


@lru_cache(maxsize=4096)
def compiled(css: str) -> _Selector:
    """Compile a CSS selector; raises cssselect.SelectorError where it is none."""
    path = etree.XPath(HTMLTranslator().css_to_xpath(css))
    if match := _COMPOUND.fullmatch(css):
        words = tuple(_WORDS.findall(_TESTS.sub("", css)))
        found = list(_TESTS.finditer(css))
        tests = tuple(_Test(each["name"], _HOW[each["how"]], each["text"] or "") for each in found)
        asked = frozenset((*words, *(test.name for test in tests))) or _NOTHING
        return _Selector(path, (asked,), True, match["tag"], words, tests, bool(match["leaf"]))
    needs = tuple(frozenset(_WORDS.findall(part)) or _NOTHING for part in _UNSURE.sub("", css).split(","))
    outer, _, last = css.rpartition(" ")
    if outer and all(_COMPOUND.fullmatch(part) for part in css.split(" ")):
        return _Selector(path, needs, within=outer, last=last)
    either = tuple(css.split(", "))
    if len(either) > 1 and all(_COMPOUND.fullmatch(part) for each in either for part in each.split(" ")):
        return _Selector(path, needs, either=either)
    return _Selector(path, needs)


@lru_cache(maxsize=8192)
def _words_of(value: str) -> tuple[str, ...]:
    """Return the words of a class as selectors name them, each once."""
    return tuple({"." + word for word in value.split()})


@lru_cache(maxsize=1024)
def _needed(selectors: tuple[str, ...]) -> frozenset[str]:
    """Return words and attributes of which a page must have one for any of the selectors to match."""
    return frozenset(word for css in selectors for needs in compiled(css).needs for word in needs)
