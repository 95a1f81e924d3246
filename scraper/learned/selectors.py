"""From elements of several pages to one CSS selector that finds the same place in every page. Pure.

A candidate is an id, a telling class, a machine's mark, or the path from the nearest ancestor that has one.
What a candidate is worth is not argued but tried: on all pages the elements came from.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice

from scraper.index import Element, Index

_NAME = re.compile(r"-?[A-Za-z_][\w-]{0,39}")
_HEADINGS = frozenset(("h1", "h2", "h3"))
# Names that say how a block looks or what state it is in, or that a program made up: none holds for long.
_FLEETING = re.compile(
    r"\d\d|^(?:active|current|cur|on|off|open|show|hide|hidden|hover|first|last|odd|even|selected|in|fade"
    r"|clear|clearfix|clear-fix|cf|fl|fr|left|right|l|r|center|row|col(?:-\w+)*|container(?:-\w+)?|wow|animated?"
    r"|pull-\w+|text-\w+|ng-\w+|css-\w+|sc-\w+|jsx-\w+|js-\w+|Mso\w+)$|(?=[\w-]*\d)(?=[\w-]*[a-z])[a-z0-9]{8,}$",
    re.IGNORECASE,
)
_HIGHEST = 8  # ancestors looked through for a name


def best(places: Mapping[int, Element], pages: Sequence[Index]) -> tuple[tuple[str, ...], int]:
    """Return up to two selectors that find the places, and in how many pages they do.

    `places` are elements by the number of their page in `pages`. The second selector serves pages in which
    the first finds nothing; none finds anything else in more than one page of five.
    """
    tried = {selector: _tried(selector, places, pages) for selector in _candidates(places.values())}
    sound = {name: right for name, (right, wrong) in tried.items() if 4 * len(wrong) <= len(right)}
    if not sound:
        return (), 0
    first = max(sound, key=lambda name: len(sound[name]))  # of equals the earliest, the most telling one
    more = {
        name: sound[name] - sound[first]
        for name in sound
        if not tried[first][1] & (sound[name] - sound[first])
    }
    second = max(more, key=lambda name: len(more[name]), default=first)
    if more.get(second):
        return (first, second), len(sound[first] | sound[second])
    return (first,), len(sound[first])


def separating(
    wanted: Sequence[Collection[Element]], bodies: Sequence[tuple[Index, Element]]
) -> tuple[list[str], set[Element]]:
    """Return selectors that find, inside the bodies, nothing but the wanted elements; and what they find."""
    inside = [(page, frozenset(body.iter())) for page, body in bodies]
    everything = {element for elements in wanted for element in elements}
    found: list[str] = []
    covered: set[Element] = set()
    for element in (element for elements in wanted for element in elements):
        for selector in () if element in covered else _candidates([element], paths=False):
            hits = {hit for page, body in inside for hit in page.select(selector) if hit in body}
            if element in hits and hits <= everything:
                found.append(selector)
                covered |= hits
                break
    return found, covered


def _tried(
    selector: str, places: Mapping[int, Element], pages: Sequence[Index]
) -> tuple[frozenset[int], frozenset[int]]:
    """Return the pages in which the selector finds exactly the place, and those in which it finds another."""
    hits = {number: pages[number].select(selector) for number in places}
    right = frozenset(number for number, found in hits.items() if found == [places[number]])
    return right, frozenset(number for number, found in hits.items() if found) - right


def _candidates(elements: Collection[Element], *, paths: bool = True) -> Iterator[str]:
    """Yield selectors the elements suggest, each once, the most telling first."""
    seen: dict[str, int] = {}
    for element in elements:
        for rank, selector in suggested(element, paths=paths):
            seen.setdefault(selector, rank)
    return iter(sorted(seen, key=lambda selector: seen[selector]))


def suggested(element: Element, *, paths: bool = True) -> Iterator[tuple[int, str]]:
    """Yield (rank, selector): the element's own names, then names above it, then paths from a name above.

    Without `paths` only such as still hold where text above the element comes and goes.
    """
    own = list(_named(element))
    yield from ((0, name) for name in own)
    if element.tag in _HEADINGS and paths:
        yield 1, element.tag
    path = _place(element)
    for distance, up in enumerate(islice(element.iterancestors(), _HIGHEST), 1):
        if up.tag == "html":
            return
        for anchor in ("body",) if up.tag == "body" else _named(up):
            if up.tag != "body":
                yield from ((1 + distance, f"{anchor} {name}") for name in own)
                if paths:
                    yield 10 + distance, f"{anchor} {element.tag}"
            if paths:
                yield 20 + distance, f"{anchor} > {path}"
        path = f"{_place(up)} > {path}"


def _place(element: Element) -> str:
    """Return the element's tag, with its number where it has siblings of the same tag."""
    parent = element.getparent()
    same = [] if parent is None else [child for child in parent if child.tag == element.tag]
    return element.tag if len(same) < 2 else f"{element.tag}:nth-of-type({same.index(element) + 1})"


def _named(element: Element) -> Iterator[str]:
    """Yield the selectors of what the element calls itself."""
    if is_telling(name := element.get("id", "")):
        yield f"#{name}"
    for attribute in ("itemprop", "property", "role", "name"):
        if is_telling(name := element.get(attribute, "")):
            yield f"{element.tag}[{attribute}='{name}']"
    names = [name for name in dict.fromkeys(element.get("class", "").split()) if is_telling(name)]
    yield from (f"{element.tag}.{name}" for name in names)
    if len(names) > 1:
        yield f"{element.tag}.{names[0]}.{names[1]}"


def is_telling(name: str) -> bool:
    """Tell whether an id or class says what a block is, in words that will still stand there next year."""
    return bool(_NAME.fullmatch(name)) and not _FLEETING.search(name)
