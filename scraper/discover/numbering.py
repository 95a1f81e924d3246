"""The numbers a listing prints or its scripts are called with in, totals and next page out. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin

_ITEM = "(?:条|條|篇|則|则|筆|笔|记录|記錄|纪录)(?!评论|留言|回复)"
_NUMBERS = {"<C>": r"\s{0,3}(?P<c>\d{1,6})\s{0,3}", "<T>": r"\s{0,3}(?P<t>\d{1,6})\s{0,3}", "<I>": _ITEM}


def _form(pattern: str) -> re.Pattern[str]:
    for name, expression in _NUMBERS.items():
        pattern = pattern.replace(name, expression)
    return re.compile(pattern, re.IGNORECASE)


# <C> the current page, <T> the total.
_PAGES = tuple(map(_form, (
    r"共\s{0,3}\d{1,7}\s{0,3}<I>\S{0,4}\s{1,5}<C>/<T>(?![\d/-])",
    r"(?:页码|页次|頁次|当前页|第)\s?[:：]?<C>页?\s?/\s?(?:共|总)?<T>页?",
    r"第<C>[页頁][\s,，/|·]{0,4}(?:共|总)<T>[页頁]",
    r"(?<![\d/])<C>/<T>[页頁](?!面)",
    r"(?:共|总页数|總頁數|共计|合计)\s?[:：]?<T>[页頁](?!面)",
    r"总页数\s?[:：]?<T>",
    r"\b(?:page|seite|página|pagina)<C>(?:of|von|sur|de|di|van|/)<T>(?!\w)",
    r"(?<![\d/])<C>/<T>(?:ページ|페이지|pages?\b)",
    r"(?:全|총|總)<T>(?:ページ|페이지|頁)",
    r"(?:上一?页|previous|prev)\s?<C>/<T>(?:下一?页|next)",
    r"\b(?:total|of)\s?:?<T>pages?\b",
)))  # fmt: skip
_ITEMS = tuple(map(_form, (
    r"(?:总共|共计|共有|共|合计|总计)\s?[:：]?<T><I>",
    r"(?:总记录数|总条数|记录总数|信息总数|總筆數)\s?[:：]?<T>",
    r"(?:全|총|總共?)<T>(?:件|건|筆|개)",
    r"\bof\s{1,3}(?P<t>(?:\d{1,3},)?\d{1,6})\s(?:results?|items?|entries|records|articles|news|posts)\b",
    r"\btotal\s?:?<T>(?:records?|items?|entries|articles|news)\b",
    r"\b(?P<t>\d{1,6})\s(?:results|articles|news items|entries)\s(?:found\b)",
)))  # fmt: skip

_VSB_CALL = re.compile(r"_simple_list_gotopage_fun\(\s{0,3}(?P<t>\d{1,6})\s{0,3},")
_VSB_QUERY = re.compile(r"[?&;]totalpage=(?P<t>\d{1,6})", re.IGNORECASE)
_VSB_ADDRESS = re.compile(r"(?P<list>[^?]+?)(?:/(?P<page>\d{1,6}))?\.htm")
# createPageHTML(total, current from 0, "index", "shtml"), or the id of an element first and current from 1.
_TRS_CALL = re.compile(
    r"""createPageHTML\(\s{0,9}(?P<id>['"][^'"]{0,99}['"]\s{0,9},\s{0,9})?(?P<t>\d{1,6})\s{0,9},"""
    r"""\s{0,9}(?P<c>\d{1,6})\s{0,9},\s{0,9}['"](?P<prefix>[^'"]{1,99})['"]\s{0,9},\s{0,9}['"](?P<ext>\w{1,9})['"]""",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many pages and items a listing has, which page this is, counted from 1, and what says so."""

    pages: int | None = None
    current: int | None = None
    items: int | None = None
    rule: str = ""


def printed(text: str) -> Numbers:
    """Return the totals a page prints, such as `共161条 13/17` or `Page 1 of 14`."""
    items = next((int(match["t"].replace(",", "")) for form in _ITEMS if (match := form.search(text))), None)
    for form in _PAGES:
        for match in form.finditer(text):
            current = int(match.groupdict().get("c") or 0)
            if current <= int(match["t"]):
                return Numbers(int(match["t"]), current or None, items, "printed")
    return Numbers(items=items)


def scripted(source: str) -> Numbers:
    """Return the totals that the script of a CMS is called with."""
    if match := _VSB_CALL.search(source) or _VSB_QUERY.search(source):
        return Numbers(pages=int(match["t"]), rule="script:vsb")
    if match := _TRS_CALL.search(source):
        return Numbers(int(match["t"]), int(match["c"]) + (not match["id"]), rule="script:trs")
    return Numbers()


def next_by_script(source: str, url: str) -> tuple[str | None, str]:
    """Return the next page where a CMS writes its links by script, and the rule; None on the last page."""
    for rule, follow in _FOLLOW.items():
        if address := follow(source, url):
            return address, rule
    return None, ""


def _next_trs(source: str, url: str) -> str | None:
    """Page k is `prefix_(k-1).ext`, or `prefix_k.ext` where the script counts from 1."""
    match = _TRS_CALL.search(source)
    if not match or int(match["c"]) + (not match["id"]) >= int(match["t"]):
        return None
    return urljoin(url, f"{match['prefix']}_{int(match['c']) + 1}.{match['ext']}")


def _next_vsb(source: str, url: str) -> str | None:
    """`x.htm` is page 1 of T, `x/(T-1).htm` page 2, `x/1.htm` the last: VSB counts backwards."""
    total, page = _VSB_CALL.search(source), _VSB_ADDRESS.fullmatch(url)
    if not total or not page:
        return None
    number = int(page["page"] or total["t"]) - 1
    return f"{page['list']}/{number}.htm" if number >= 1 else None


_FOLLOW: dict[str, Callable[[str, str], str | None]] = {"script:trs": _next_trs, "script:vsb": _next_vsb}
