"""The lines of a body element that are the article's own, headline and end matter cut off. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from scraper.extract.body import weigh
from scraper.extract.dateline import LONGEST, is_byline
from scraper.extract.document import BLOCKS, SILENT, Document, Line, lines_of
from scraper.extract.opening import EVENT, NUMBER, SHORT, after_headline, starts_labelled, without_signatures
from scraper.extract.tallies import is_tally, without_tally
from scraper.index import Element
from scraper.normalize.text import squash

_SHOUT = 20  # letters from which on a link in capitals is no abbreviation
_STEPS = (
    r"上一[条篇则页]|下一[条篇则页]|关闭窗口|打印本页|返回列表|分享到|分享至",
    r"[^【]{0,40}【(?:收藏|打印|关闭|字[体号]|推荐)",
    r"previous(?: article| post)?\s*[:：]|next(?: article| post)?\s*[:：]|print this page",
    r"share this(?: article| story| page| post)?\W*$",
)
_MORE = (
    r"相关(?:新闻|文章|链接|阅读)|关闭$|打印$",
    r"(?:top|latest|more|recent|other|featured) (?:news|stories|articles|posts|links|content)\W?$",
    r"related (?:news|stories|articles|posts|links|content|topics|tags)\W?$|related\W?$",
    r"you (?:may|might) also like|see also$",
    r"about the author\W?$|more (?:great|from) \w+|most (?:read|popular|viewed)\W?$|trending(?: now| news)?$",
    r"share\W?$|(?:top rated )?comments\W?$|[（(]?(?:微信)?扫[一描]",
    r"angeklickt$|mehr zum thema|weitere (?:artikel|meldungen|nachrichten)|[àa] lire aussi|voir aussi",
    r"articles? liés?|lea también|leia também|関連(?:記事|ニュース)|관련\s?기사",
)
# A line that begins so ends the body: what follows is about the page. In a CMS's own container only steps do.
_STEP = re.compile(rf"[【\[(（]?(?:{'|'.join(_STEPS)})", re.IGNORECASE)
_AFTER = re.compile(rf"[【\[(（]?(?:{'|'.join(_MORE)})", re.IGNORECASE)
# A heading of other articles, which no editor writes above links of his own.
_OTHERS = re.compile(
    r"[【\[(（]?(?:相关|推荐|热门|更多|最新)(?:新闻|文章|阅读|资讯|推荐)|"
    r"(?:related|more|latest|recent) (?:news|stories|articles|posts)\W?$|you (?:may|might) also like",
    re.IGNORECASE,
)
# A line that begins so and is a link for the most part leads away from the article.
_TEASER = re.compile(
    r"(?:read|see) (?:also|more.)|also (?:read|see|on)\b|related\W|don['’]?t miss|watch(?: now| live)?\s*:|"
    r"sign up|subscribe|follow (?:us|\w+) on|like this|get the latest|want more|continue reading|[«‹←]",
    re.IGNORECASE,
)
_ONWARD = ("»", "›", "→", ">>")
_LICENCES = ("licensed under a creative commons", "licenced under a creative commons", "all rights reserved")
_DOWNLOAD = re.compile(r"附件【.{1,200}】\s*(?:已下载\s*\d*\s*次?)?$")  # VSB lists its files so


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
    lines = _inside(document, body, skip, around)
    trusted = rule.startswith("preset:")
    own = next((at for at, line in enumerate(lines) if _same(line, headline)), None)
    if own is not None or rule == "densest":
        start = lines[own].place if own is not None else start
        lines = after_headline(lines[0 if own is None else own + 1 :])
    if not trusted:
        lines = [line for line in without_signatures(lines) if not _is_teaser(line)]
    end = _end(lines, trusted)
    stop = lines[end].place if end < len(lines) else document.end(body)
    own_lines = lines[:end] if trusted else _without_boxes(lines[:end])
    return Passage(tuple(_without_tallies(own_lines)), start, stop)


def _without_tallies(lines: Iterable[Line]) -> Iterator[Line]:
    """Yield the lines without what counts readers, and without those a CMS lists its files in."""
    for line in lines:
        text = line.text
        if is_tally(text) or _DOWNLOAD.match(text):
            continue
        if line.linked and (said := without_tally(text)) != text:
            line = line._replace(text=said)
        yield line


def _inside(
    document: Document, body: Element, skip: frozenset[Element], around: Sequence[Line]
) -> list[Line]:
    """Return the lines that begin in an element, without hidden ones and those of the elements to skip."""
    places, start = document.places, document.places[body]
    skipped = [element for element in skip if element.tag not in SILENT]
    if not all(element.tag in BLOCKS for element in skipped):  # their text is part of other lines
        return lines_of(document, body, skip=skip)
    out = {at for element in skipped for at in range(places[element], document.end(element))}
    stop = document.end(body)
    return [
        line for line in around if not line.hidden and start <= (at := line.place) < stop and at not in out
    ]


def _same(line: Line, headline: Line | None) -> bool:
    """Tell whether a line is the headline; a sentence that only became the page's title is text."""
    if headline is None or line.block is not headline.block or squash(line.text) != squash(headline.text):
        return False
    return line.block.tag != "p" or weigh(line) < SHORT


def _without_boxes(lines: list[Line]) -> Iterator[Line]:
    """Yield the lines without the lists of links that stand in the middle of the text under a heading."""
    boxed = False
    for line in lines:
        boxed = _is_heading(line) or (boxed and line.linked > 0.5 * len(line.text))
        if not boxed:
            yield line


def _is_teaser(line: Line) -> bool:
    """Tell whether a line leads away from the article: an invitation, an arrow, a link that shouts."""
    text, linked = line.text, line.linked
    if linked <= 0.3 * len(text):
        return False
    if linked > 0.8 * len(text) and (text.endswith(_ONWARD) or _shouts(text)):
        return True
    return bool(_TEASER.match(text))


def _shouts(text: str) -> bool:
    return text.isupper() and text.isascii() and len(text) > _SHOUT


def _end(lines: list[Line], trusted: bool) -> int:
    """Return the place of the line at which the page takes over; past the last where it never does.

    A heading of other things, or a release line, only ends what is more than the text that follows it.
    """
    steps = (at for at in range(1, len(lines)) if _is_step(lines[at].text, trusted))
    end = next(steps, len(lines))
    if trusted and (box := _last_box(lines[:end])):
        return box
    turns = (
        [] if trusted else [at for at in range(1, end) if _is_heading(lines[at]) or _is_release(lines[at])]
    )
    if not turns:
        return end
    much = [0.0, *accumulate(max(0.0, weigh(line)) for line in lines[:end])]
    return next((at for at in turns if much[end] - much[at + 1] < much[at]), end)


def _last_box(lines: list[Line]) -> int:
    """Return the place of a heading of other articles after which a text has links only, 0 without one."""
    at = len(lines) - 1
    while at > 0 and lines[at].linked > 0.6 * len(lines[at].text):
        at -= 1
    box = 0 < at < len(lines) - 1 and len(lines[at].text) < SHORT and _OTHERS.match(lines[at].text)
    return at if box else 0


def _is_step(text: str, trusted: bool) -> bool:
    """Tell whether a line is a control of the page or, outside of a CMS's own container, a licence."""
    if len(text) < SHORT and _STEP.match(text):
        return True
    lowered = "" if trusted else text.lower()
    return any(mark in lowered for mark in _LICENCES)


def _is_heading(line: Line) -> bool:
    """Tell whether a line heads a list of other things."""
    return len(line.text) < SHORT and bool(_AFTER.match(line.text))


def _is_release(line: Line) -> bool:
    """Tell whether a line says when the article came out, and not when something in it takes place."""
    text = line.text
    if len(text) > LONGEST or not NUMBER.search(text) or text.casefold().startswith(EVENT):
        return False
    return starts_labelled(text) and is_byline(line.raw)
