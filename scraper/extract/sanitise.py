"""An element's HTML made safe to show: nh3's allow list, links made absolute. Pure."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

import nh3
from lxml import html

_LINKS = frozenset(("href", "src", "cite"))
_SCHEMES = {"http", "https", "mailto", "tel"}


def sanitised(element: html.HtmlElement, base: str) -> str:
    """Return the element's HTML without scripts, styles and handlers, links resolved against `base`."""
    source = html.tostring(element, encoding="unicode", with_tail=False)
    return nh3.clean(source, url_schemes=_SCHEMES, attribute_filter=_absolute(base)).strip()


def _absolute(base: str) -> Callable[[str, str, str], str | None]:
    def resolve(tag: str, name: str, value: str) -> str | None:
        if name not in _LINKS:
            return value
        try:
            url = urljoin(base, value.strip())
            return url if urlsplit(url).scheme in _SCHEMES else None
        except ValueError:
            return None

    return resolve
