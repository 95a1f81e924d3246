"""The lines of a body element that are the article's own, headline and end matter cut off. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from scraper.extract.body import weigh
from scraper.extract.byline import is_byline
from scraper.extract.document import Document, Line, lines_of, size
from scraper.index import Element
from scraper.normalize.dates import find_times
from scraper.normalize.text import squash

_BETWEEN = 8  # lines between a headline and the first sentence
_SHORT = 80  # characters beyond which a line that begins like a page's control is text
_STEPS = (
    r"上一[条篇则页]|下一[条篇则页]|关闭窗口|打印本页|返回列表|分享到|分享至",
    r"previous(?: article| post)?\s*[:：]|next(?: article| post)?\s*[:：]|share this|print this page",
)
_MORE = (
    r"相关(?:新闻|文章|链接|阅读)|关闭$|打印$",
    r"(?:top|latest|more|recent|other|related|featured) (?:news|stories|articles|posts|links|content)$",
    r"related (?:news|stories|articles|posts|links)|you (?:may|might) also like|see also$",
)
# A line that begins so ends the body: what follows is about the page. In a CMS's own container only steps do.
_STEP = re.compile(rf"[【\[(（]?(?:{'|'.join(_STEPS)})", re.IGNORECASE)
_AFTER = re.compile(rf"[【\[(（]?(?:{'|'.join((*_STEPS, *_MORE))})", re.IGNORECASE)
_LICENCE = re.compile(r"licen[cs]ed under a creative commons|all rights reserved", re.IGNORECASE)
_DOWNLOAD = re.compile(r"附件【.{1,200}】\s*(?:已下载\s*\d*\s*次?)?$")  # VSB lists its files so
_EVENT = frozenset(
    ("时间", "日期", "時間", "date", "time")
)  # labels that tell of an event as often as of a release
_SIGNED = re.compile(r"by\s", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Passage:
    """The article's lines, and the places between which its pictures stand."""

    lines: tuple[Line, ...]
    start: int
    stop: int


def passage_of(
    document: Document,
    body: Element,
    skip: frozenset[Element],
    headline: Line | None,
    rule: str,
    around: Sequence[Line] = (),
) -> Passage:
    """Cut the body to the article; `headline` is the line of the title, `rule` what found the body.

    `around` are the lines of the page, or those around its body.
    """
    start = document.places[body]
    lines = lines_of(body, skip) if skip else _inside(document, body, around)
    trusted = rule.startswith("preset:")
    own = next((at for at, line in enumerate(lines) if _same(line, headline)), None)
    if own is not None or rule == "densest":
        start = document.places[lines[own].element] if own is not None else start
        lines = _after_headline(lines[0 if own is None else own + 1 :])
    end = next((at for at in range(1, len(lines)) if _ends(lines, at, trusted)), len(lines))
    stop = document.places[lines[end].element] if end < len(lines) else document.places[body] + size(body)
    return Passage(tuple(line for line in lines[:end] if not _DOWNLOAD.match(line.text)), start, stop)


def _inside(document: Document, body: Element, around: Sequence[Line]) -> list[Line]:
    """Return the lines that begin in an element, hidden ones left out."""
    start = document.places[body]
    stop = start + size(body)
    return [line for line in around if not line.hidden and start <= document.places[line.element] < stop]


def _same(line: Line, headline: Line | None) -> bool:
    return (
        headline is not None and line.block is headline.block and squash(line.text) == squash(headline.text)
    )


def _after_headline(lines: list[Line]) -> list[Line]:
    """Skip what stands between a headline and the first sentence: bylines, categories, share buttons."""
    first = next((at for at, line in enumerate(lines) if weigh(line) > 0 and not _is_signature(line.text)), 0)
    return lines[first:] if first <= _BETWEEN else lines


def _is_signature(text: str) -> bool:
    """Tell whether a line only says who wrote or when."""
    if _SIGNED.match(text):
        return len(text) <= 200 and not text.endswith(".")
    return len(text) <= 40 and any(len(time.raw) > 0.6 * len(text) for time in find_times(text))


def _ends(lines: list[Line], at: int, trusted: bool) -> bool:
    """Tell whether the page takes over at a line; at a release line where less follows than stood before."""
    text = lines[at].text
    if trusted:
        return len(text) < _SHORT and bool(_STEP.match(text))
    if len(text) < _SHORT and _AFTER.match(text):
        return True
    if _LICENCE.search(text):
        return True
    if not is_byline(lines[at].raw) or text.casefold().startswith(tuple(_EVENT)):
        return False
    return sum(len(line.text) for line in lines[at + 1 :]) < sum(len(line.text) for line in lines[:at])
