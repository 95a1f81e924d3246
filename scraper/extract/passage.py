"""The lines of a body element that are the article's own, headline and end matter cut off. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice

from scraper.extract.body import weigh
from scraper.extract.byline import LONGEST, is_byline
from scraper.extract.document import Document, Line, lines_of, size
from scraper.index import Element
from scraper.normalize.dates import find_times
from scraper.normalize.labels import split_labels
from scraper.normalize.text import squash

_BETWEEN = 8  # lines between a headline and the first sentence
_SHORT = 80  # characters beyond which a line that begins like a page's control is text
_SHOUT = 20  # letters from which on a link in capitals is no abbreviation
_LABEL = 40  # characters in which a line's first label ends
_NEAR = 4  # elements from a caption's line up to its picture
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
# A line that begins so and is a link for the most part leads away from the article.
_TEASER = re.compile(
    r"(?:read|see) (?:also|more.)|also (?:read|see|on)\b|related\W|don['’]?t miss|watch(?: now| live)?\s*:|"
    r"sign up|subscribe|follow (?:us|\w+) on|like this|get the latest|want more|continue reading|[«‹←]",
    re.IGNORECASE,
)
_ONWARD = ("»", "›", "→", ">>")
_CAPTION = re.compile("caption|credit", re.IGNORECASE)
_LICENCES = ("licensed under a creative commons", "licenced under a creative commons", "all rights reserved")
_LICENCE_LINE = 400  # characters beyond which a line is text, whatever it speaks of
_DOWNLOAD = re.compile(r"附件【.{1,200}】\s*(?:已下载\s*\d*\s*次?)?$")  # VSB lists its files so
_EVENT = ("时间", "日期", "時間", "date", "time")  # labels that tell of an event as often as of a release
_VENUE = (
    "地点",
    "地點",
    "主讲",
    "主持",
    "报告",
    "venue",
    "place",
    "location",
    "speaker",
)  # what follows them then
_SIGNED = re.compile(r"(?:(?:written|reviewed|edited|story|text|words|photos?) )?by[\s:]", re.IGNORECASE)
_POSTED = re.compile(r"\b(?:posted|published|updated)\b", re.IGNORECASE)
_NUMBER = re.compile(r"\d|年")


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
    if not trusted:
        lines = [line for line in _without_signatures(lines) if not _is_teaser(line)]
    end = _end(lines, trusted)
    stop = document.places[lines[end].element] if end < len(lines) else document.places[body] + size(body)
    own_lines = lines[:end] if trusted else _without_boxes(lines[:end])
    return Passage(tuple(line for line in own_lines if not _DOWNLOAD.match(line.text)), start, stop)


def _inside(document: Document, body: Element, around: Sequence[Line]) -> list[Line]:
    """Return the lines that begin in an element, hidden ones left out."""
    start = document.places[body]
    stop = start + size(body)
    return [line for line in around if not line.hidden and start <= document.places[line.element] < stop]


def _same(line: Line, headline: Line | None) -> bool:
    """Tell whether a line is the headline; a sentence that only became the page's title is text."""
    if headline is None or line.block is not headline.block or squash(line.text) != squash(headline.text):
        return False
    return line.block.tag != "p" or weigh(line) < _SHORT


def _after_headline(lines: list[Line]) -> list[Line]:
    """Skip what stands between a headline and the first sentence: bylines, categories, captions, buttons."""
    for at, line in enumerate(lines):
        if weigh(line) > 0 and _is_text(line, lines[at + 1 : at + 2]):
            few = at <= _BETWEEN or all(len(line.text) < _SHORT or _is_caption(line) for line in lines[:at])
            return lines[at:] if few and _much(lines[:at]) < _much(lines[at:]) else lines
    return lines


def _is_text(line: Line, after: list[Line]) -> bool:
    """Tell whether a line can be the first of a text; the time of an event can, where its place follows."""
    if line.block.tag == "h1" or _is_caption(line):
        return False
    if line.text.casefold().startswith(_EVENT) and after and after[0].text.casefold().startswith(_VENUE):
        return True
    return not _is_signature(line.text)


def _without_signatures(lines: list[Line]) -> list[Line]:
    """Leave out the lines under a first paragraph that only say who wrote and when."""
    for at, line in enumerate(lines[1:], 1):
        if not _is_signature(line.text) or line.text.casefold().startswith(_EVENT):
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
    if len(text) > _SHORT or not _NUMBER.search(text):
        return False
    dated = sum(len(time.raw) for time in islice(find_times(text), 2))
    return dated > 0.5 * len(text) or bool(dated and _POSTED.search(text) and not text.endswith("."))


def _is_labels(text: str) -> bool:
    """Tell whether a line is made of labelled values, empty ones too."""
    if "：" not in text and ":" not in text:
        return False
    items = list(split_labels(text))
    if len(items) < 2 or not _starts_labelled(text):
        return False
    return sum(len(item.label) + len(item.value) + 1 for item in items) > 0.8 * len(text)


def _without_boxes(lines: list[Line]) -> Iterator[Line]:
    """Yield the lines without the lists of links that stand in the middle of the text under a heading."""
    boxed = False
    for line in lines:
        boxed = _is_heading(line) or (boxed and line.linked > 0.5 * len(line.text))
        if not boxed:
            yield line


def _starts_labelled(text: str) -> bool:
    """Tell whether a label is the first thing in a line, a bracket aside."""
    first = next(split_labels(text[:_LABEL]), None)
    return first is not None and text.find(first.label) <= 1


def _is_caption(line: Line) -> bool:
    """Tell whether a line stands under a picture."""
    for element in (line.block, *line.block.iterancestors())[:_NEAR]:
        if element.tag in ("figure", "figcaption") or _CAPTION.search(element.get("class", "")):
            return True
    return False


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
    turns = (
        [] if trusted else [at for at in range(1, end) if _is_heading(lines[at]) or _is_release(lines[at])]
    )
    if not turns:
        return end
    much = [0.0, *accumulate(max(0.0, weigh(line)) for line in lines[:end])]
    return next((at for at in turns if much[end] - much[at + 1] < much[at]), end)


def _is_step(text: str, trusted: bool) -> bool:
    """Tell whether a line is a control of the page or, outside of a CMS's own container, a licence."""
    if len(text) < _SHORT and _STEP.match(text):
        return True
    return not trusted and len(text) < _LICENCE_LINE and any(mark in text.lower() for mark in _LICENCES)


def _is_heading(line: Line) -> bool:
    """Tell whether a line heads a list of other things."""
    return len(line.text) < _SHORT and bool(_AFTER.match(line.text))


def _is_release(line: Line) -> bool:
    """Tell whether a line says when the article came out, and not when something in it takes place."""
    text = line.text
    if len(text) > LONGEST or not _NUMBER.search(text) or text.casefold().startswith(_EVENT):
        return False
    return _starts_labelled(text) and is_byline(line.raw)


def _much(lines: list[Line]) -> float:
    return sum(max(0.0, weigh(line)) for line in lines)
