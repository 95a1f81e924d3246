"""The scripts of a listing in, its totals and its next page out, where they write its pager. Pure.

How a CMS counts and names its pages is one row of `_SCRIPTS`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scraper.discover.links import resolve
from scraper.discover.totals import Numbers

_GAP = r"\s{0,9}"
_COMMA = rf"{_GAP},{_GAP}"
_TEXT = r"""['"](?P<prefix>[^'"]{1,99})['"]""" + _COMMA + r"""['"](?P<ext>\w{1,9})['"]"""
_OPTIONS = r"\(\s{0,9}\{[^{}]{0,600}?\b"


@dataclass(frozen=True, slots=True)
class Script:
    """How a CMS counts and names the pages of a listing in its script.

    `mark` is a piece of the source that tells quickly. All `calls` are found in it; their groups are `t` the
    pages, `c` the current page as the script counts it (the first is `first`), `i` the items, `size` a page.
    `own` reads the page's address: `list`,
    and `n`, the number of a page that is counted backwards. `address` is the next page, relative to this one,
    made of these groups, `up` (the current page of the script and one) and `down` (the pages that follow).
    """

    name: str
    mark: str
    calls: tuple[str, ...]
    address: str = ""
    first: int = 1
    own: str = ""


_SCRIPTS = (
    # x.htm is page 1 of T, x/(T-1).htm page 2, x/1.htm the last.
    Script(
        "vsb",
        "_simple_list_gotopage_fun(",
        (rf"_simple_list_gotopage_fun\({_GAP}(?P<t>\d{{1,6}}){_GAP},",),
        "{list}/{down}.htm",
        own=r"(?P<list>[^?]+?)(?:/(?P<n>\d{1,6}))?\.htm",
    ),
    Script("vsb", "totalpage=", (r"[?&;]totalpage=(?P<t>\d{1,6})",)),
    # createPageHTML(total, current from 0, "index", "html"): page k is index_(k-1).html.
    Script(
        "trs",
        "createPageHTML(",
        (rf"createPageHTML\({_GAP}(?P<t>\d{{1,6}}){_COMMA}(?P<c>\d{{1,6}}){_COMMA}{_TEXT}",),
        "{prefix}_{up}.{ext}",
        first=0,
    ),
    # createPageHTML("element", total, current from 1, "index", "html"): page k is index_k.html.
    Script(
        "trs",
        "createPageHTML(",
        (
            rf"""createPageHTML\({_GAP}['"][^'"]{{0,99}}['"]{_COMMA}(?P<t>\d{{1,6}}){_COMMA}(?P<c>\d{{1,6}})"""
            rf"{_COMMA}{_TEXT}",
        ),
        "{prefix}_{up}.{ext}",
    ),
    # The same with the numbers in variables, and with the links written out.
    *(
        Script(
            "trs",
            "countPage",
            (
                rf"\bcountPage{_GAP}={_GAP}(?P<t>\d{{1,6}})",
                rf"\bcurrentPage{_GAP}={_GAP}(?P<c>\d{{1,6}})",
                names,
            ),
            "{prefix}_{up}.{ext}",
            first=0,
        )
        for names in (
            rf"createPageHTML\({_GAP}countPage{_COMMA}currentPage{_COMMA}{_TEXT}",
            rf"""(?P<prefix>\w{{1,40}})_\\?['"]{_GAP}\+{_GAP}nextPage{_GAP}\+{_GAP}\\?['"]\.(?P<ext>\w{{1,9}})""",
        )
    ),
    # Pagers of jQuery and layui: their links are made by a function nobody can read, their numbers are not.
    Script(
        "pager",
        "laypage",
        (
            rf"laypage(?:\.render)?{_OPTIONS}count{_GAP}:{_GAP}['\"]?(?P<i>\d{{1,6}})",
            rf"laypage(?:\.render)?{_OPTIONS}limit{_GAP}:{_GAP}['\"]?(?P<size>\d{{1,4}})",
        ),
    ),
    *(
        Script(
            "pager",
            f"{plugin}(",
            (rf"{plugin}{_OPTIONS}(?:totalPages?|pageCount|pages){_GAP}:{_GAP}['\"]?(?P<t>\d{{1,6}})",),
        )
        for plugin in ("laypage", "Paginator", "pagination", "Pager", "pager")
    ),
)
_COMPILED = tuple(
    (script, tuple(re.compile(call) for call in script.calls), re.compile(script.own)) for script in _SCRIPTS
)


def scripted(source: str, url: str = "") -> Numbers:
    """Return the totals that the script of a CMS is called with."""
    for script, facts in _found(source, url):
        pages, items = _pages(facts), facts.get("i")
        if pages:
            return Numbers(
                pages, _current(script, facts), int(items) if items else None, f"script:{script.name}"
            )
    return Numbers()


def next_by_script(source: str, url: str) -> tuple[str | None, str]:
    """Return the next page where a CMS writes its links by script, and the rule; None on the last page."""
    for script, facts in _found(source, url):
        current, pages = _current(script, facts), _pages(facts)
        if not script.address or current is None or (script.own and not facts.get("list")):
            continue
        if current >= pages:
            return None, ""
        numbers = {"up": current + script.first, "down": pages - current}
        return resolve(url, script.address.format(**facts, **numbers)), f"script:{script.name}"
    return None, ""


def _found(source: str, url: str) -> Iterator[tuple[Script, dict[str, str]]]:
    """Yield the scripts that a page has, with the groups of their patterns."""
    for script, calls, own in _COMPILED:
        facts: dict[str, str] = {}
        if script.mark not in source:
            continue
        for call in calls:
            match = call.search(source)
            if match is None:
                break
            facts |= match.groupdict()
        else:
            yield script, facts | (_address(own, url, _pages(facts)) if script.own else {})


def _address(own: re.Pattern[str], url: str, pages: int) -> dict[str, str]:
    """Return the parts of the page's own address; a number past the last page is a name."""
    match = own.fullmatch(url)
    if match is None:
        return {}
    facts = {name: value for name, value in match.groupdict().items() if value}
    if int(facts.get("n", 0)) > pages:
        return {"list": f"{facts['list']}/{facts['n']}"}
    return facts


def _pages(facts: dict[str, str]) -> int:
    if "t" in facts:
        return int(facts["t"])
    size = int(facts.get("size", 0))
    return -(-int(facts["i"]) // size) if size else 0


def _current(script: Script, facts: dict[str, str]) -> int | None:
    """Return the current page counted from 1, where script or address name it."""
    if "c" in facts:
        return int(facts["c"]) - script.first + 1
    if "list" in facts:
        return _pages(facts) + 1 - int(facts["n"]) if facts.get("n") else 1
    return None
