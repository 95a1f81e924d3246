"""Noise of templates: menus, lists, neighbours, footers, buttons, advertisements, a redesign. Pure."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from lxml import etree, html

from changing.pages import Base
from changing.server_noise import before
from changing.things import DOCUMENT
from changing.work import Node, Work, source
from scraper.presets import PRESETS

_YEAR = re.compile(r"((?:©|&copy;|版权所有|Copyright)[^<]{0,30}?)(20\d\d)")
_MARKERS = frozenset(
    re.findall(
        r"[\w-]+", " ".join(str(preset.article) + " ".join(preset.marks) for preset in PRESETS.values())
    )
)


def menu(base: Base, chance: random.Random) -> str | None:
    """The menu has another entry."""
    return _lists(
        base,
        chance,
        lambda links: len(links) >= 4 and all(len(link.text_content()) < 12 for link in links),
        1,
    )


def latest(base: Base, chance: random.Random) -> str | None:
    """The lists beside the article show other articles."""
    return _lists(
        base,
        chance,
        lambda links: len(links) >= 2 and sum(len(link.text_content()) for link in links) > 24,
        99,
    )


def _lists(base: Base, chance: random.Random, wanted: Callable[[list[Node]], bool], most: int) -> str | None:
    work = Work(base, chance)
    inside = work.container()
    within = set() if inside is None else {inside, *inside.iterancestors(), *inside.iter()}
    found = 0
    words = "学校召开工作会议" if work.zh else "News item"
    words = words if most > 1 else words[:4]
    for parent in work.tree.iter("ul", "table"):
        links = [link for link in parent.iter("a") if (link.text or "").strip()]
        if (
            parent in within
            or not wanted(links)
            or any(
                DOCUMENT.search(link.get("href", "")) or "ownload" in link.get("href", "") for link in links
            )
        ):
            continue
        for link in links[: most if most > 1 else 1]:
            link.text = f"{words} {chance.randint(100, 999)}"
            link.set("href", f"/news/{chance.randint(1, 9999)}.htm")
            if link.get("title"):
                link.set("title", link.text)
        found += 1
    return source(work) if found else None


def footer_year(base: Base, chance: random.Random) -> str | None:
    """A new year in the foot of the page."""
    new, count = _YEAR.subn(lambda m: m[1] + str(int(m[2]) + 1), base.text)
    return new if count else None


def neighbours(base: Base, chance: random.Random) -> str | None:
    """Another article comes before or after this one."""
    work = Work(base, chance)
    found = 0
    for link in work.tree.iter("a"):
        around = (link.getparent().text_content() or "").strip()
        if link.text and re.match(r"上一[篇条]|下一[篇条]|Previous:|Next:", around) and len(around) < 80:
            link.text = "学校召开安全工作会议" if work.zh else "Bridge closed for a week"
            link.set("href", "/news/next.htm")
            found += 1
    return source(work) if found else None


def comments(base: Base, chance: random.Random) -> str | None:
    """The comments below have other ids, and there is one more."""
    one = f'<li id="comment-{chance.randint(1, 9999)}"><p>写得好！</p></li>'
    said = f'<div id="comments"><h3>评论</h3><ol>{one}</ol></div>'
    return before(base.text, "</body>", said)


def picture_size(base: Base, chance: random.Random) -> str | None:
    """Pictures are shown in another size, and loaded late."""
    new, count = re.subn(
        r"<img\b(?![^>]*(?:icon|logo|dot|width=\"?\d\b))([^>]*?)(?:\s+width=\"\d+\")?(?:\s+height=\"\d+\")?(\s*/?)>",
        r'<img loading="lazy" style="max-width:100%;width:640px" width="640" height="480"\1\2>',
        base.text,
    )
    return new if count else None


def lazy_pictures(base: Base, chance: random.Random) -> str | None:
    """A script loads the pictures: their address stands in data-original."""
    new, count = re.subn(
        r"(<img\b[^>]*?)\ssrc=(\"[^\"]+\.(?:jpg|png)\")",
        r'\1 src="/images/blank.gif" data-original=\2',
        base.text,
    )
    return new if count else None


def redesign(base: Base, chance: random.Random) -> str | None:
    """Another template around the same markers of the CMS: other classes, more wrappers."""
    work = Work(base, chance)
    for node in work.tree.iter():
        if not isinstance(node.tag, str):
            continue
        if node.get("class"):
            kept = [
                name
                for name in node.get("class").split()
                if name in _MARKERS
                or name.startswith(("field-", "node-", "v_", "arti_", "wp_", "entry", "TRS"))
            ]
            node.set("class", " ".join([*kept, f"c{chance.randint(10, 99)}"]))
    for node in list(work.tree.iter("div"))[:3]:
        inner = etree.SubElement(node, "div", {"class": "row-fluid"})
        for child in [each for each in node if each is not inner]:
            inner.append(child)
        inner.text, node.text = node.text, None
    return source(work)


def share_buttons(base: Base, chance: random.Random) -> str | None:
    """Buttons to share the page after the text."""
    work = Work(base, chance)
    around = work.container()
    if around is None or around.tag not in ("div", "td", "form", "article"):
        return None
    word = ("分享到：", "微信", "微博") if work.zh else ("Share this:", "Facebook", "X")
    around.addnext(
        html.fragment_fromstring(
            f'<div class="share bdsharebuttonbox">{word[0]}<a href="#">{word[1]}</a> '
            f'<a href="#">{word[2]}</a></div>'
        )
    )
    return source(work)


def print_link(base: Base, chance: random.Random) -> str | None:
    """Links to print or close the page after the text."""
    work = Work(base, chance)
    around = work.container()
    if around is None or around.tag not in ("div", "td"):
        return None
    words = "【打印本页】 【关闭窗口】" if work.zh else "Print this page"
    around.addnext(
        html.fragment_fromstring(f'<div class="print"><a href="javascript:window.print()">{words}</a></div>')
    )
    return source(work)


def advertisement(base: Base, chance: random.Random) -> str | None:
    """A banner above and one below."""
    number = chance.randint(1, 99)
    picture = f'<img src="/ad/{number}.gif" width="960" height="90" alt="ad">'
    banner = f'<div class="ad banner"><a href="/ad/{number}">{picture}</a></div>'
    above = re.sub(r"(<body\b[^>]*>)", rf"\1{banner}", base.text, count=1, flags=re.IGNORECASE)
    return before(above, "</body>", banner)
