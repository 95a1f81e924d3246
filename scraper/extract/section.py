"""The section an article stands in: its breadcrumb's last meaningful item, else the heading above. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile

from lxml import etree

from scraper.extract.document import SILENT, Document, Line, block_of, lines_of, text_of
from scraper.extract.found import Found
from scraper.extract.structured import Structured
from scraper.index import Element, nodes
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
_CONTROL = re.compile(
    r"(?:site )?(?:search|(?:main )?menu|navigation|breadcrumbs?|share|print|back|skip.{0,30})"
    r"|搜索|导航|菜单",
    re.IGNORECASE,
)
_HOME = re.compile(rf"^(?:{'|'.join(_NO_SECTION)})$", re.IGNORECASE)
_LEAF = re.compile(r"^(?:正文|内容|详细内容)\s+|\s+(?:正文|内容|详细内容|详情)$")
# What sort of page it is, not where it stands: only taken where a path says nothing else.
_KIND = re.compile(r"(?:all )?(?:news|stories|articles?|latest news|news archive)", re.IGNORECASE)
_SPLIT = re.compile(r"\s*(?:>+|»|›|→|－>|->|/|\\|\||·|::|》|＞|—>|\t|\s-\s)\s*")
_LONGEST = 60
_CELLS = frozenset(("dd", "dt", "h2", "h3", "h4", "li", "p", "td"))  # a path may go on in the next one
_MUCH = 600  # characters with its white space that a spelled path does not have
_MOST_HOLDERS = 60  # places of a word that are looked at: a page spells its path once or twice
_FEW, _BESIDE = 6, 12  # elements that a part of a path holds at most, and parts that are looked at
_SAYS_HERE = re.compile("位置|[Hh]ere|HERE|osition|OSITION|ocation")
_SAYS_HOME = re.compile("首|主页|[Hh]ome|HOME|[Ii]ndex|[Aa]ccueil|Startseite|홈|ホーム")
_CUES = ("位置", "You are here", "首页", "首 页", "主页", "Home", "HOME", "osition")  # a spelled path has one
_SAYING = etree.XPath("//text()[contains(., $cue)]")
_SEEN = etree.XPath(".//text()[not(parent::script or parent::style)]", smart_strings=False)


def sections(
    document: Document,
    structured: Structured,
    title: str,
    title_line: Line | None,
    around: Sequence[Line],
    selectors: tuple[str, ...],
) -> Iterator[Found]:
    """Yield the candidates, best first; `around` are the lines around the title."""
    yield from _headed(document, (*selectors, *CATEGORY), "category", title)
    for element, selector in document.index.first(MARKED):
        if last := _namesake(document, element, title) or _last(_items(element), title):
            yield Found(last, fold(text_of(element)), f"breadcrumb:{selector}", element)
    for lines in _spelled(document, around):
        yield from _paths(lines, title)
    yield from _headed(document, HEADED, "column", title)
    yield from (Found(text, text, rule) for text, rule in structured.metas("section"))
    yield from (Found(text, text, rule) for text, rule in structured.ld("articleSection"))
    yield from _keyword(document, structured, title)
    yield from _above(around, title_line, title)


def _namesake(document: Document, path: Element, title: str) -> str | None:
    """Return the last link of a path if it leads to a column that is called as the article is."""
    for link in reversed(list(path.iter("a"))):
        text, href = fold(text_of(link)), (link.get("href") or "").strip()
        elsewhere = href and not href.startswith(("#", "javascript:")) and not document.is_own(href)
        return text if elsewhere and squash(text) == squash(title) else None
    return None


def _keyword(document: Document, structured: Structured, title: str) -> Iterator[Found]:
    """VSB writes the keywords of a page itself: the site, its column, then words of the title."""
    for text, _ in structured.metas("keywords"):
        site, _, rest = text.partition(",")
        column = fold(rest.partition(",")[0])
        head = document.tree.findtext(".//title") or ""
        if site and site in head and _fits(column, title) and squash(column) not in squash(title):
            yield Found(column, text, "meta:keywords")


def _spelled(document: Document, around: Sequence[Line]) -> Iterator[Sequence[Line]]:
    """Yield the lines in which a path may be spelled out: all there are, or of the blocks with its words."""
    if document.is_whole(around):
        yield around
        return
    for cue in _CUES:
        if cue in document.text:
            holders = _saying(document, cue)[:_MOST_HOLDERS]
            yield [line for holder in holders for line in _lines_at(document, holder)]


def _saying(document: Document, cue: str) -> list[Element]:
    """Return the elements in whose text, or right behind which, a word stands; scripts say nothing."""
    texts = ((text, text.getparent()) for text in nodes(_SAYING, document.tree, cue=cue))
    holders = {holder for text, holder in texts if text.is_tail or holder.tag not in SILENT}
    return sorted(holders, key=document.places.__getitem__)


def _lines_at(document: Document, holder: Element) -> list[Line]:
    """Return the lines of the block around an element; of a large one only what stands beside it."""
    block = block_of(holder)
    if block.tag in _CELLS and (row := block.getparent()) is not None:
        block = row
    if len(text_of(block)) < _MUCH:
        return lines_of(document, block)
    inside = {holder, *holder.iterancestors()}
    children = list(block)
    at = next((at for at, child in enumerate(children) if child in inside), 0)
    beside = takewhile(lambda child: child in inside or len(child) <= _FEW, children[at : at + _BESIDE])
    near = list(beside)
    return lines_of(document, block, near) if sum(len(text_of(child)) for child in near) < _MUCH else []


def _paths(lines: Sequence[Line], title: str) -> Iterator[Found]:
    """Yield what lines of the page spell out: after "you are here", then after the home page."""
    lines = [line for line in lines if len(line.text) <= 160]
    for at, line in enumerate(lines):
        if _SAYS_HERE.search(line.text[:24]) and (here := _HERE.search(line.text)) and here.start() <= 6:
            rest = line.text[here.end() :] or _following(lines[at + 1 : at + 8], title)
            if last := _last(_SPLIT.split(rest), title):
                yield Found(last, line.text, "you are here", line.element)
    for line in lines:
        parts = _SPLIT.split(line.text) if _SAYS_HOME.search(line.text[:48]) else []
        if len(parts) >= 2 and _HOME.match(parts[0]) and (last := _last(parts, title)):
            yield Found(last, line.text, "path from home", line.element)


def _headed(document: Document, selectors: tuple[str, ...], rule: str, title: str) -> Iterator[Found]:
    for element, selector in document.index.first(selectors):
        if _fits(text := fold(text_of(element)), title):
            yield Found(text, text, f"{rule}:{selector}", element)


def _items(element: Element) -> list[str]:
    """Return the breadcrumb's parts: its links and what stands between them."""
    return [fold(part) for text in nodes(_SEEN, element) for part in _SPLIT.split(text)]


def _last(parts: list[str], title: str) -> str | None:
    """Return the last part that may name a section."""
    cleaned = (_LEAF.sub("", _HERE.sub("", fold(text))).strip(" :：>") for text in reversed(parts))
    kind = None
    for part in cleaned:
        if _fits(part, title):
            if not _KIND.fullmatch(part):
                return part
            kind = kind or part
    return kind


def _fits(text: str, title: str) -> bool:
    if len(text) > _LONGEST or not (key := squash(text)) or key.isdigit() or _HOME.match(text):
        return False
    whole = squash(title)
    return key != whole and not (whole.startswith(key) and len(key) > 0.6 * len(whole))


def _following(lines: Sequence[Line], title: str) -> str:
    """Return what stands in the lines after a lone label, up to the article's title."""
    whole = squash(title)
    own = takewhile(lambda line: squash(line.text) != whole, lines)
    return " > ".join(line.text for line in own if len(line.text) <= _LONGEST)


def _above(lines: Sequence[Line], title_line: Line | None, title: str) -> Iterator[Found]:
    """Yield the short line right above the title: pages print the section's name there."""
    at = next((at for at, line in enumerate(lines) if line is title_line), 0)
    if (
        at
        and not _CONTROL.fullmatch(lines[at - 1].text)
        and _fits((line := lines[at - 1]).text, title)
        and len(line.text) <= 40
        and not line.linked
    ):
        yield Found(line.text, line.text, "above the title", line.element)
