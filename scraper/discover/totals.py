"""A pager in, the totals of its listing out: by words, by named elements, by a box to jump. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, starmap
from typing import NamedTuple

from scraper.index import Element

_ITEM = r"(?:条|條|篇|則|则|筆|笔|记录|记錄|記錄|纪录)(?!评论|留言|回复|\S{0,3}\s?/\s?[每页頁])"
_NUMBERS = {"<C>": r"\s{0,3}(?P<c>\d{1,6})\s{0,3}", "<T>": r"\s{0,3}(?P<t>\d{1,6})\s{0,3}", "<I>": _ITEM}
_NUMBERS |= {"<A>": r"\s{0,3}(?P<a>\d{1,6})\s{0,3}", "<B>": r"\s{0,3}(?P<b>\d{1,6})\s{0,3}"}
_NUMBERS |= {"<N>": r"\s{0,3}(?P<t>(?:\d{1,3},)?\d{1,6})\s{0,3}"}


class _Form(NamedTuple):
    """A pattern, and words in small letters of which a text has one wherever the pattern matches."""

    cues: tuple[str, ...]
    pattern: re.Pattern[str]


def _form(cues: str, pattern: str) -> _Form:
    for name, expression in _NUMBERS.items():
        pattern = pattern.replace(name, expression)
    return _Form(tuple(cues.split()), re.compile(pattern, re.IGNORECASE))


# Cues, and a pattern: <C> the current page, <T> the total, <N> a total that may have a comma.
_PAGES = tuple(starmap(_form, (
    ("共", r"共\s{0,3}\d{1,7}\s{0,3}<I>\S{0,4}\s{1,5}<C>/<T>(?![\d/-])"),
    ("/", r"(?:页码|页次|頁次|当前页|第)\s?[:：]?<C>页?\s?/\s?(?:共|总)?<T>页?"),
    ("第", r"第<C>[页頁][\s,，/|·]{0,4}(?:总?共|总)<T>[页頁]"),
    ("/", r"(?<![\d/])<C>/<T>[页頁](?!面)"),
    ("共 总页数 總頁數 合计", r"(?:共|总页数|總頁數|共计|合计)\s?[:：]?<T>[页頁](?!面)"),
    ("总页数", r"总页数\s?[:：]?<T>"),
    (
        "page seite página pagina strona sida",
        r"\b(?:page|seite|página|pagina|pagina|strona|sida)<C>(?:of|von|sur|de|di|van|av|z|/)<T>(?!\w)",
    ),
    ("ページ 페이지 page", r"(?<![\d/])<C>/<T>(?:ページ|페이지|pages?\b)"),
    ("ページ 페이지 頁", r"(?:全|총|总|總)<T>(?:ページ|페이지|頁)"),
    ("/", r"(?:上一?页|previous|prev)\s?<C>/<T>(?:下一?页|next)"),
    ("page", r"\b(?:total|of)\s?:?<T>pages?\b"),
    ("/", r"\d<I>\s?/<T>[页頁]"),
)))  # fmt: skip
_ITEMS = tuple(starmap(_form, (
    ("共 合计 总计", r"(?:总共|共计|共有|共|合计|总计)\s?[:：]?<T><I>"),
    ("数 數", r"(?:总记录数|总条数|记录总数|信息总数|總筆數)\s?[:：]?<T>"),
    ("条记录", r"(?<![\d每])<T>条记录"),
    ("页 頁", r"(?<!每)[页頁][\s,，/|]{0,3}共?<T><I>"),
    ("全 총 전체 總", r"(?:全|총|전체|總共?)<N>(?:件|건|筆|개)"),
    ("of", r"\bof<N>(?:results?|items?|entries|records|articles|news|posts|stories|events)\b"),
    ("total", r"\btotal\s?:?<T>(?:records?|items?|entries|articles|news)\b"),
    ("found", r"\b(?P<t>\d{1,6})\s(?:results|articles|news items|entries)\s(?:found\b)"),
)))  # fmt: skip
# <A> to <B> of the total are on this page.
_RANGES = tuple(starmap(_form, (
    (
        "- – — to bis à a",
        r"(?<![\d.-])<A>(?:-|–|—|to|bis|à|a|al)<B>(?:of|von|sur|de|di|/)<N>(?!\w)(?![-/.]\d)",
    ),
    (
        "of",
        r"(?<![\d.-])<A>(?:-|–|—|to)<B>of<N>(?:results?|items?|entries|records|articles|news|posts|stories"
        r"|events)\b",
    ),
    ("件", r"全?<N>件(?:中|のうち)[、,]?<A>(?:-|–|~|～|〜|から)<B>件"),
    ("共 总计", r"第?<A>(?:-|–|~|到|至)第?<B><I>\S{0,3}[\s,，/]{0,3}(?:总?共|总计)<T><I>"),
)))  # fmt: skip
_PER_PAGE = _form("每 /", r"每[页頁](?:显示)?<C><I>|(?<!\d)<T><I>\S{0,3}/[页頁]")
# In the pager itself a number says what it is by its place.
_PAGES_NEAR = (_form("/", r"(?<![\d/.-])<C>/<T>(?![\d/.-])"),)
_ITEMS_NEAR = (
    _form("条 條 篇 則 则 筆 笔 记录 记錄 記錄 纪录", r"(?<![\d每下上前后])<T><I>"),
    _form("건 件", r"(?<![\d次前]の)(?<!\d)<T>(?:건|件)"),
)

# Words of a class or an id whose element holds a bare number, without `_` and `-`.
_NAMED = {
    "pages": re.compile(r"^(?:tot(?:al)?|all|max|last)(?:pages?|pagenum|pagecount)$|^pages?(?:count|total)$"),
    "current": re.compile(r"^(?:cur|curr|current|now)page(?:num|no)?$|^pagecur(?:rent)?$"),
    "items": re.compile(
        r"^(?:all|total|record|item)s?count$|^tot(?:al)?(?:items?|records?|num|rows?)$|^count(?:all|total)$"
    ),
}
_MOST_NAMED, _MOST_OPTIONS = 200, 2000


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many pages and items a listing has, which page this is, counted from 1, and what says so."""

    pages: int | None = None
    current: int | None = None
    items: int | None = None
    rule: str = ""

    def over(self, other: Numbers) -> Numbers:
        """Return these numbers, completed by others where they are silent."""
        first = self if self.pages else other
        items = self.items if self.items is not None else other.items
        return Numbers(first.pages, first.current or self.current or other.current, items, first.rule)


def printed(text: str, *, near: bool = False) -> Numbers:
    """Return the totals a text prints, such as `共161条 13/17` or `Page 1 of 14`.

    `near` says that the text is the pager's own, where bare numbers count too.
    """
    items = _first(_ITEMS, text)
    if items is None and near:
        items = _first(_ITEMS_NEAR, text)
    for pattern in _likely((*_PAGES, *_PAGES_NEAR) if near else _PAGES, text):
        for match in pattern.finditer(text):
            current = int(match.groupdict().get("c") or 0)
            if current <= int(match["t"]):
                return Numbers(int(match["t"]), current or None, items, "printed")
    return _counted(text, items)


def named(box: Element) -> Numbers:
    """Return the numbers in elements that are named for them: `<em class="all_pages">20</em>`."""
    found: dict[str, int] = {}
    for element in islice(box.iter("span", "em", "b", "i", "strong", "input"), _MOST_NAMED):
        text = (element.get("value", "") if element.tag == "input" else element.text or "").strip()
        if text.isascii() and text.isdigit() and len(text) <= 6:
            for name in _names(element):
                found |= {kind: int(text) for kind, words in _NAMED.items() if words.match(name)}
    return Numbers(found.get("pages"), found.get("current"), found.get("items"), "named")


def jumps(box: Element) -> Numbers:
    """Return as many pages as a box to choose one from has, where it counts from 1 without a gap."""
    for select in islice(box.iter("select"), 3):
        numbers = [
            re.sub(r"\D", "", "".join(map(str, option.itertext())))[:6]
            for option in islice(select.iter("option"), _MOST_OPTIONS)
        ]
        if len(numbers) > 1 and numbers == [str(number) for number in range(1, len(numbers) + 1)]:
            return Numbers(pages=len(numbers), rule="select")
    return Numbers()


def _likely(forms: tuple[_Form, ...], text: str) -> Iterator[re.Pattern[str]]:
    """Yield the patterns that may match: most texts have no word of most of them."""
    lowered = text.lower()
    return (form.pattern for form in forms if any(cue in lowered for cue in form.cues))


def _first(forms: tuple[_Form, ...], text: str) -> int | None:
    found = (pattern.search(text) for pattern in _likely(forms, text))
    return next((_int(match["t"]) for match in found if match), None)


def _counted(text: str, items: int | None) -> Numbers:
    """Return how many pages the items make: by how many a page has, or which of all are on this one."""
    for pattern in _likely(_RANGES, text):
        if match := pattern.search(text):
            first, last, total = int(match["a"]), int(match["b"]), _int(match["t"])
            size = last - first + 1
            if 0 < first <= last < total and (first - 1) % size == 0:
                return Numbers(-(-total // size), (first - 1) // size + 1, total, "counted")
            if 1 <= first <= last == total:
                return Numbers(1 if first == 1 else None, None, total, "counted" if first == 1 else "")
    if items and (match := _PER_PAGE.pattern.search(text)) and (size := int(match["c"] or match["t"])):
        return Numbers(-(-items // size), None, items, "counted")
    return Numbers(items=items)


def _names(element: Element) -> Iterator[str]:
    words = f"{element.get('class', '')} {element.get('id', '')} {element.get('name', '')}"
    return (word.replace("_", "").replace("-", "") for word in words.casefold().split())


def _int(digits: str) -> int:
    return int(digits.replace(",", ""))
