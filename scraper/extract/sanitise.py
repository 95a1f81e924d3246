"""An element's HTML made safe to show: nh3's allow list, links made absolute. Pure."""

from __future__ import annotations

import copy

import nh3
from lxml import etree

from scraper.extract.media import resolved, source_of
from scraper.index import Element

_LINKS = ("href", "src", "cite")
_SCHEMES = {"http", "https", "mailto", "tel"}
# Word and editors write these on every element; nh3 would drop them too, only after reading them.
_NOISE = ("style", "class", "id", "align", "width", "height", "data-layer", "textvalue", "srcset")
_CLEANER = nh3.Cleaner(url_schemes=_SCHEMES)


def sanitised(element: Element, base: str, skip: frozenset[Element] = frozenset()) -> str:
    """Return the element's HTML without scripts, styles and handlers, links resolved against `base`.

    The elements to skip are left out. A picture that a script loads later keeps its real address.
    """
    shown = copy.deepcopy(element)
    shown.tail = None
    if skip:
        _drop([twin for own, twin in zip(element.iter(), shown.iter(), strict=True) if own in skip])
    for part in shown.iter("a", "img", "area", "blockquote", "q", "source", "audio", "video"):
        _resolve(part, base)
    etree.strip_attributes(shown, *_NOISE)
    return str(_CLEANER.clean(etree.tostring(shown, encoding="unicode", method="html"))).strip()


def _drop(elements: list[Element]) -> None:
    """Take elements out of their tree; what stands after them stays."""
    for element in elements:
        parent, before = element.getparent(), element.getprevious()
        if parent is None:
            continue
        if before is not None:
            before.tail = (before.tail or "") + (element.tail or "")
        else:
            parent.text = (parent.text or "") + (element.tail or "")
        parent.remove(element)


def _resolve(part: Element, base: str) -> None:
    if part.tag == "img" and (url := source_of(part, base)):
        part.set("src", url)
    for name in _LINKS:
        if (value := part.get(name)) is not None:
            url, scheme = resolved(base, value.strip())
            if scheme in _SCHEMES:
                part.set(name, url)
            else:
                del part.attrib[name]
