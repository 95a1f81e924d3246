"""The section an article stands in: its breadcrumb's last meaningful item, else the heading above. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import html

from scraper.extract.document import Document, Line
from scraper.extract.structured import Structured
from scraper.normalize.text import fold, squash

MARKED = (
    ".wp_breadcrumb", ".breadcrumb", ".breadcrumbs", "#breadcrumb", "#breadcrumbs", "[class*='breadcrumb']",
    "[id*='breadcrumb']", "#crumbs", ".crumbs", ".crumb", ".bread", ".position", ".location", ".col_path",
    ".path", ".dqwz", ".weizhi", ".current-position", "#position", "#location",
)  # fmt: skip
# What a page names as the article's own category goes before the path to it.
CATEGORY = (
    ".article-category li",
    ".article-category a",
    "[rel~='category']",
    ".cat-links a",
    ".news-category",
)
HEADED = (
    ".Column_Anchor",
    ".Column_Name",
    ".column-name",
    ".col_name",
    ".col_title",
    ".categorie",
    ".article-section",
)
_HERE = re.compile(
    r"(?:您?(?:现在|当前|目前|所在)?的?(?:所在)?位置(?:是|为)?"
    r"|you are here|your position|current (?:position|location)|location)\s*[:：]?",
    re.IGNORECASE,
)
# Items of a path that are no section: the way in, the article itself, the archive's months.
_NO_SECTION = (
    r"\S{0,12}首\s*页|主页|home|home ?page|.{0,40}\bhome|index|accueil|startseite|홈|ホーム",
    r"正文|内容|详细内容|详情|文章内容|浏览文章|新闻详情|阅读正文|查看正文|content|details?|article|text|view",
    r"(?:19|20)\d\d|january|february|march|april|may|june|july",
    r"august|september|october|november|december",
)
_HOME = re.compile(rf"^(?:{'|'.join(_NO_SECTION)})$", re.IGNORECASE)
_LEAF = re.compile(r"^(?:正文|内容|详细内容)\s+")
_SPLIT = re.compile(r"\s*(?:>+|»|›|→|－>|->|/|\\|\||·|::|》|＞|—>|\t|\s-\s)\s*")
_LONGEST = 60


def sections(
    document: Document,
    structured: Structured,
    title: str,
    title_line: Line | None,
    selectors: tuple[str, ...],
) -> Iterator[tuple[str, str]]:
    """Yield (section, rule), best first."""
    yield from _headed(document, (*selectors, *CATEGORY), "category", title)
    for selector in MARKED:
        for element in document.tree.cssselect(selector):
            if last := _last(_items(element), title):
                yield last, f"breadcrumb:{selector}"
    yield from _paths(document.lines, title)
    yield from _headed(document, HEADED, "column", title)
    yield from structured.metas("section")
    yield from structured.ld("articleSection")
    yield from _above(document, title_line, title)


def _paths(lines: tuple[Line, ...], title: str) -> Iterator[tuple[str, str]]:
    """Yield what lines of the page spell out: after "you are here", then after the home page."""
    for at, line in enumerate(lines):
        if len(line.text) <= 160 and (here := _HERE.search(line.text)) and here.start() <= 6:
            rest = line.text[here.end() :] or _following(lines, at)
            if last := _last(_SPLIT.split(rest), title):
                yield last, "you are here"
    for line in lines:
        parts = _SPLIT.split(line.text) if len(line.text) <= 160 else []
        if len(parts) >= 2 and _HOME.match(parts[0]) and (last := _last(parts, title)):
            yield last, "path from home"


def _headed(
    document: Document, selectors: tuple[str, ...], rule: str, title: str
) -> Iterator[tuple[str, str]]:
    for selector in selectors:
        for element in document.tree.cssselect(selector):
            if _fits(text := fold(element.text_content()), title):
                yield text, f"{rule}:{selector}"


def _items(element: html.HtmlElement) -> list[str]:
    """Return the breadcrumb's parts: its links and what stands between them."""
    texts = element.xpath(".//text()[not(parent::script or parent::style)]")
    return [_HERE.sub("", fold(part)) for text in texts for part in _SPLIT.split(str(text))]


def _last(parts: list[str], title: str) -> str | None:
    """Return the last part that may name a section."""
    cleaned = (_LEAF.sub("", _HERE.sub("", fold(text))).strip(" :：>") for text in reversed(parts))
    return next((part for part in cleaned if _fits(part, title)), None)


def _fits(text: str, title: str) -> bool:
    key, whole = squash(text), squash(title)
    if not key or len(text) > _LONGEST or _HOME.match(text) or key.isdigit():
        return False
    return key != whole and not (whole.startswith(key) and len(key) > 0.6 * len(whole))


def _following(lines: tuple[Line, ...], at: int) -> str:
    """Return what stands in the lines after a lone label, up to a handful."""
    return " > ".join(item.text for item in lines[at + 1 : at + 6] if len(item.text) <= _LONGEST)


def _above(document: Document, title_line: Line | None, title: str) -> Iterator[tuple[str, str]]:
    """Yield the short line right above the title: pages print the section's name there."""
    if title_line is None or title_line not in document.lines:
        return
    at = document.lines.index(title_line)
    for line in reversed(document.lines[max(0, at - 1) : at]):
        if _fits(line.text, title) and len(line.text) <= 40 and not line.linked:
            yield line.text, "above the title"
