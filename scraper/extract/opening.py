"""The top of a passage: where the text begins under a headline, and which lines only sign it. Pure."""

from __future__ import annotations

import re
from itertools import islice

from scraper.extract.body import weigh
from scraper.extract.dateline import LONGEST
from scraper.extract.document import Line
from scraper.normalize.dates import find_times
from scraper.normalize.labels import split_labels

SHORT = 80  # characters beyond which a line that looks like a control or a signature is text
_BETWEEN = 8  # lines between a headline and the text
_PLAIN = 20  # characters beside its links that make a paragraph of a line
_LABEL = 40  # characters in which a line's first label ends
_NEAR = 4  # elements from a caption's line up to its picture
_PROSE = frozenset(("blockquote", "p", "pre", "td", "th"))
_CAPTION = re.compile("caption|credit", re.IGNORECASE)
EVENT = ("时间", "日期", "時間", "date", "time")  # labels that tell of an event as often as of a release
# What the line after them tells then.
_VENUE = ("地点", "地點", "主讲", "主持", "报告", "venue", "place", "location", "speaker")
_SIGNED = re.compile(r"(?:(?:written|reviewed|edited|story|text|words|photos?) )?by[\s:]", re.IGNORECASE)
_POSTED = re.compile(r"\b(?:posted|published|updated)\b", re.IGNORECASE)
NUMBER = re.compile(r"\d|年")


def after_headline(lines: list[Line]) -> list[Line]:
    """Skip what stands between a headline and the first sentence: bylines, categories, captions, buttons."""
    for at, line in enumerate(lines):
        if (weigh(line) > 0 or _is_verse(line)) and _is_text(line, lines[at + 1 : at + 2]):
            few = at <= _BETWEEN or all(len(line.text) < SHORT or _is_caption(line) for line in lines[:at])
            return lines[at:] if few and much(lines[:at]) < much(lines[at:]) else lines
    return lines


def _is_text(line: Line, after: list[Line]) -> bool:
    """Tell whether a line can be the first of a text; the time of an event can, where its place follows."""
    if line.block.tag == "h1" or _is_caption(line):
        return False
    if line.text.casefold().startswith(EVENT) and after and after[0].text.casefold().startswith(_VENUE):
        return True
    return not _is_signature(line.text)


def _is_verse(line: Line) -> bool:
    """Tell whether a line stands as text does, though it is no sentence or mostly links: a verse, a cell."""
    plain = len(line.text) - line.linked
    return line.block.tag in _PROSE and (not line.linked or plain > _PLAIN)


def without_signatures(lines: list[Line]) -> list[Line]:
    """Leave out the lines under a first paragraph that only say who wrote and when."""
    for at, line in enumerate(lines[1:], 1):
        if not _is_signature(line.text) or line.text.casefold().startswith(EVENT):
            return lines[:1] + lines[at:]
    return lines[:1]


def _is_signature(text: str) -> bool:
    """Tell whether a line only says who wrote, when and where."""
    if len(text) > LONGEST:
        return False
    if _SIGNED.match(text):
        return not text.endswith(".")
    if _is_labels(text):
        return True
    if len(text) > SHORT or not NUMBER.search(text):
        return False
    dated = sum(len(time.raw) for time in islice(find_times(text), 2))
    return dated > 0.5 * len(text) or bool(dated and _POSTED.search(text) and not text.endswith("."))


def _is_labels(text: str) -> bool:
    """Tell whether a line is made of labelled values, empty ones too."""
    if "：" not in text and ":" not in text:
        return False
    items = list(split_labels(text))
    if len(items) < 2 or not starts_labelled(text):
        return False
    return sum(len(item.label) + len(item.value) + 1 for item in items) > 0.8 * len(text)


def starts_labelled(text: str) -> bool:
    """Tell whether a label is the first thing in a line, a bracket aside."""
    first = next(split_labels(text[:_LABEL]), None)
    return first is not None and text.find(first.label) <= 1


def _is_caption(line: Line) -> bool:
    """Tell whether a line stands under a picture."""
    for element in (line.block, *line.block.iterancestors())[:_NEAR]:
        if element.tag in ("figure", "figcaption") or _CAPTION.search(element.get("class", "")):
            return True
    return False


def much(lines: list[Line]) -> float:
    """Return how much the sentences of the lines weigh."""
    return sum(max(0.0, weigh(line)) for line in lines)
