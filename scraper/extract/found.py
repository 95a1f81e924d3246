"""A candidate for a field of the record: its value, what it was read from, the rule, the place. Pure."""

from __future__ import annotations

from typing import NamedTuple

from scraper.index import Element


class Found(NamedTuple):
    """A candidate value, the text it was read from, the rule that found it, the element it is printed in.

    `element` is None where the page only states the value for machines.
    """

    value: str
    raw: str
    rule: str
    element: Element | None = None
