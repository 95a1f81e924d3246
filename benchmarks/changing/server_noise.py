"""Noise of servers and template engines: counters, sessions, tokens, encodings, addresses, greetings. Pure.

Every kind is a function (page, chance) -> source, None where a page gives no occasion.
"""

from __future__ import annotations

import random
import re

from lxml import html

from changing.pages import Base
from changing.work import Work

_VALUE = r"""(?:"[^"]*"|'[^']*'|[^\s"'>]+)"""
_TAG = re.compile(rf"<([a-zA-Z][\w:-]*)((?:\s+[\w:.-]+(?:\s*=\s*{_VALUE})?)*)(\s*/?)>")
_ATTRIBUTE = re.compile(rf"[\w:.-]+(?:\s*=\s*{_VALUE})?")
_VIEWS = re.compile(
    r"((?:浏览次数|浏览量|阅读|点击数?|人气|访问量|Views)\s*[:：]?\s*(?:<[^>]{0,200}>)*\s*)(\d+)"
)
_SOURCE = re.compile(
    r"(<(?:img|script|link)\b[^>]*?\s(?:src|href)=[\"'])([^\"'?#]+)(\?[^\"'#]*)?([\"'])", re.IGNORECASE
)
_BETWEEN = re.compile(r">\s+<")


def views(base: Base, chance: random.Random) -> str | None:
    """More people have read it."""
    new, count = _VIEWS.subn(lambda m: m[1] + str(int(m[2]) + chance.randint(1, 400)), base.text)
    return new if count else None


def counter_ids(base: Base, chance: random.Random) -> str | None:
    """The scripts and hidden images that count carry another number each time."""
    one, two = chance.randint(1, 10**6), chance.randint(1, 10**6)
    tail = f'<script>var _c={one};_hit({two});</script><img src="/hit?{one}" width="0" height="0">'
    return before(base.text, "</body>", tail)


def session_ids(base: Base, chance: random.Random) -> str | None:
    """The server writes the visitor's session into every link and picture of its own."""
    token = f"{chance.getrandbits(64):016X}"

    def with_session(match: re.Match[str]) -> str:
        address, query = match[2].partition("?")[::2]
        return f"{match[1]}{address};jsessionid={token}{'?' + query if query else ''}{match[3]}"

    new, count = re.subn(
        r"((?:href|src)=\")((?!https?:|javascript|#|mailto)[^\"#]+\.(?!asp|php)\w{2,5}(?:\?[^\"#]*)?)(\")",
        with_session,
        base.text,
    )
    return new if count else None


def visitor_tokens(base: Base, chance: random.Random) -> str | None:
    """Links of the page carry a parameter of the visit."""
    new, count = re.subn(
        r"(href=\"(?!javascript|#|mailto)[^\"#?]+)(\")",
        rf"\1?PHPSESSID={chance.getrandbits(64):016x}\2",
        base.text,
    )
    return new if count else None


def cache_busting(base: Base, chance: random.Random) -> str | None:
    """Pictures, scripts and styles get another ?v=."""
    new, count = _SOURCE.subn(rf"\g<1>\g<2>?v={chance.randint(1, 10**9)}\g<4>", base.text)
    return new if count else None


def csrf_fields(base: Base, chance: random.Random) -> str | None:
    """A form has a hidden field of its own for every answer."""
    field = f'<input type="hidden" name="__RequestVerificationToken" value="{chance.getrandbits(128):x}">'
    new, count = re.subn(r"(<form\b[^>]*>)", rf"\1{field}", base.text, flags=re.IGNORECASE)
    return new if count else None


def csrf_meta(base: Base, chance: random.Random) -> str | None:
    """The head states a token."""
    return before(base.text, "</head>", f'<meta name="csrf-token" content="{chance.getrandbits(128):x}">')


def attribute_order(base: Base, chance: random.Random) -> str | None:
    """The template engine writes attributes in another order."""

    def turned(match: re.Match[str]) -> str:
        parts = _ATTRIBUTE.findall(match[2])
        if match[1].lower() in ("script", "meta"):
            return match[0]
        return f"<{match[1]}{''.join(' ' + part for part in reversed(parts))}{match[3]}>"

    return _TAG.sub(turned, base.text)


def minified(base: Base, chance: random.Random) -> str | None:
    """No white space between tags."""
    return _BETWEEN.sub("><", base.text)


def pretty(base: Base, chance: random.Random) -> str | None:
    """Every block on a line of its own."""
    return re.sub(
        r"(</?(?:div|p|ul|li|table|tbody|tr|td|h1|h2|h3|article|header|footer)\b[^>]*>)",
        r"\n    \1\n    ",
        base.text,
        flags=re.IGNORECASE,
    )


def as_gbk(base: Base, chance: random.Random) -> tuple[str, str] | None:
    """The page comes in GBK, and says so; what that lacks are character references."""
    return (declared(base.text, "gbk"), "gbk") if re.search("[\u4e00-\u9fff]", base.title) else None


def as_utf8(base: Base, chance: random.Random) -> tuple[str, str] | None:
    """The page comes in UTF-8, and says so."""
    return declared(base.text, "utf-8"), "utf-8"


def as_gb18030(base: Base, chance: random.Random) -> tuple[str, str] | None:
    """The page comes in GB18030 and says GB2312."""
    return (declared(base.text, "gb2312"), "gb18030") if re.search("[\u4e00-\u9fff]", base.title) else None


def declared(text: str, encoding: str) -> str:
    """Return the page with the encoding it states, and no other."""
    text = re.sub(r"<meta\b[^>]*charset[^>]*>", "", text, flags=re.IGNORECASE)
    return re.sub(
        r"(<head\b[^>]*>)",
        rf'\1<meta http-equiv="Content-Type" content="text/html; charset={encoding}">',
        text,
        count=1,
        flags=re.IGNORECASE,
    )


def references(base: Base, chance: random.Random) -> str | None:
    """Characters are written as references."""
    work = Work(base, chance)
    return html.tostring(work.tree, encoding="ascii", doctype="<!DOCTYPE html>").decode("ascii")


def entities(base: Base, chance: random.Random) -> str | None:
    """Quotes and dashes are written as named entities."""
    text = base.text
    for sign, entity in (
        ("“", "&ldquo;"),
        ("”", "&rdquo;"),
        ("—", "&mdash;"),
        ("·", "&middot;"),
        ("…", "&hellip;"),
        ("©", "&copy;"),
    ):
        text = text.replace(sign, entity)
    return text if text != base.text else None


def https_pictures(base: Base, chance: random.Random) -> str | None:
    """The site's own pictures and files are addressed by https, in full."""
    return _addressed(base, "https://{host}")


def other_host(base: Base, chance: random.Random) -> str | None:
    """Pictures come from another host of the site."""
    return _addressed(base, "//static2.{domain}")


def absolute(base: Base, chance: random.Random) -> str | None:
    """Links are written in full."""
    return _addressed(base, "{scheme}://{host}", "href|src")


def _addressed(base: Base, form: str, names: str = "src") -> str | None:
    scheme, _, rest = base.url.partition("://")
    host = rest.partition("/")[0]
    origin = form.format(
        scheme=scheme, host=host, domain=host.partition(".")[2] if host.count(".") > 2 else host
    )
    new, count = re.subn(rf"(\b(?:{names})=[\"'])(/(?!/)[^\"']*)", rf"\1{origin}\2", base.text)
    return new if count else None


def today(base: Base, chance: random.Random) -> str | None:
    """The date of the visit in the head of the page."""
    said = (
        f"今天是2026年11月{chance.randint(10, 29)}日 星期三"
        if re.search("[\u4e00-\u9fff]", base.title)
        else f"Wednesday, November {chance.randint(10, 29)}, 2026"
    )
    return re.sub(
        r"(<body\b[^>]*>)", rf'\1<div class="today">{said}</div>', base.text, count=1, flags=re.IGNORECASE
    )


def greeting(base: Base, chance: random.Random) -> str | None:
    """The visitor is greeted."""
    number = chance.randint(1000, 9999)
    said = (
        f"您好，欢迎访问！您是第 {number} 位访客"
        if re.search("[\u4e00-\u9fff]", base.title)
        else f"Welcome, guest {number}"
    )
    return re.sub(
        r"(<body\b[^>]*>)",
        rf'\1<div class="hello"><span>{said}</span> <a href="/login">Login</a></div>',
        base.text,
        count=1,
        flags=re.IGNORECASE,
    )


def before(text: str, mark: str, addition: str) -> str | None:
    """Return the text with something put before the last of a mark."""
    at = text.lower().rfind(mark)
    return text[:at] + addition + "\n" + text[at:] if at >= 0 else None
