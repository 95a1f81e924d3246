"""What lines and elements around an article say, joined and parted as a reader sees it. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

from scraper.extract.dateline import LONGEST
from scraper.extract.document import Line
from scraper.extract.names import NAMED_LONGEST
from scraper.index import Element
from scraper.normalize.labels import field_of
from scraper.normalize.text import fold

_LABEL_CELLS = frozenset(("dt", "th"))
_GLUED = re.compile(r"[a-z][A-Z]{3}|[A-Za-z](?:19|20)\d\d\b|\b(?:19|20)\d\d[A-Z]|[a-z]\d\d? [A-Z]")
_SPOKEN_LABELS = frozenset((
    "author", "authors", "auteur", "autor", "by", "editor", "par", "posted by", "published", "von",
    "written by",
))  # fmt: skip
_OPEN_LABEL = re.compile(r"[:：]\s*$")


class Told(NamedTuple):
    """A text that may hold labelled values: a line, or what several elements say together."""

    text: str
    where: str
    element: Element | None


def joined_lines(lines: tuple[Line, ...], where: str) -> list[Told]:
    """Return the lines' texts; a line that ends in an empty label takes the short line after it as value."""
    joined: list[Told] = []
    for line in lines:
        if len(line.text) > LONGEST:
            continue
        text = line.raw
        before = joined[-1].text if joined else ""
        if before and _may_be_value(text) and (colon := _open_label(before, joined[-1].element)) is not None:
            joined[-1] = joined[-1]._replace(text=before + colon + text)
        else:
            joined.append(Told(text, where, line.element))
    return joined


def parted(line: Line) -> str:
    """Return a line's text, its elements held apart where they run together: `News1 MAY 2020Updated`."""
    if not _GLUED.search(line.text):
        return line.text
    text = fold(spaced(line.block))
    return text if len(text) <= LONGEST else line.text


def spaced(element: Element) -> str:
    """Return all text of an element, its pieces held apart."""
    return " ".join(str(text) for text in element.itertext() if not text.isspace())


def _open_label(text: str, element: Element | None) -> str | None:
    """Return what is missing between a label and the value in the next line; None where it is no label."""
    if _OPEN_LABEL.search(text):
        return ""
    alone = element is not None and (element.tag in _LABEL_CELLS or text.casefold() in _SPOKEN_LABELS)
    return "：" if alone and field_of(text) is not None else None


def _may_be_value(text: str) -> bool:
    return len(text) <= NAMED_LONGEST and not text.endswith((":", "："))
