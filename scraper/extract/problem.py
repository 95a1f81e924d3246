"""Why a page is no article: challenges, logins, notices, redirects, error texts. Pure; one table decides.

`LOOKS` says what each problem tells of the article that stood at the address: `gone`, `blocked` or `error`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import dropwhile
from typing import NamedTuple

from scraper.extract.dateline import is_byline
from scraper.extract.document import Document, text_of
from scraper.index import Element
from scraper.normalize.text import fold
from scraper.page import Page
from scraper.presets.preset import Preset
from scraper.states import ANSWERED, STATES, Told

LOOKS: dict[str, Told] = {
    name: state.look
    for name, state in sorted({**ANSWERED, "too_large": STATES["too_large"]}.items())
    if state.look is not None
}

_STATUSES = {
    401: "login_wall",
    403: "forbidden",
    404: "not_found",
    407: "forbidden",
    410: "gone",
    412: "js_challenge",
    429: "too_many_requests",
    451: "forbidden",
}
_WALLS = ("captcha", "intranet_only", "js_challenge", "login_wall")  # what stands before pages
_MAGIC = {
    b"%PDF-": "pdf_bytes",
    b"PK\x03\x04": "not_html",
    b"\x89PNG": "not_html",
    b"\xff\xd8\xff": "not_html",
    b"GIF8": "not_html",
    b"\xd0\xcf\x11\xe0": "not_html",
    b"Rar!": "not_html",
    b"\x1f\x8b": "not_html",
}
_MUCH_TEXT = 400  # characters of visible text that a notice does not have
_FEW = 60  # characters of visible text that a page which only leads elsewhere has at most
_SPEAKING = ("a", "dd", "div", "h1", "h2", "h3", "li", "p", "span", "td")
_SEEN = ("img", "video", "iframe", "embed", "object")  # a page without a word may be a picture or a film


class _Sign(NamedTuple):
    """A pattern, and words in small letters of which a text has one wherever the pattern matches."""

    cues: tuple[str, ...]
    pattern: re.Pattern[str]


_Table = tuple[tuple[str, _Sign], ...]


def _sign(cues: str, *patterns: str) -> _Sign:
    return _Sign(tuple(cues.split("|")), re.compile("|".join(patterns), re.IGNORECASE))


# Over the source of a short page: these scripts stand in real pages too. Gaps are bounded: pages are hostile.
_IN_SOURCE = (
    (
        "js_challenge",
        _sign(
            "$_ts|_cf_chl_|cf-browser|__jsl_cl|aliyun_waf|acw_sc__v2|challenge-platform",
            r"\$_ts\s{0,9}=\s{0,9}window\[|_cf_chl_|cf-browser-verification",
            r"__jsl_clearance|aliyun_waf|acw_sc__v2|challenge-platform",
        ),
    ),
    ("js_challenge", _sign("r=m|r='m|r=\"m", r"<meta[^<>]{1,2000}\br=['\"]?m\b")),
    (
        "captcha",
        _sign(
            "createimage.jsp|captcha|codeimg",
            r"createimage\.jsp|g-recaptcha|hcaptcha|captcha(?:img|image|\.jpg|\.jsp)|codeimg",
        ),
    ),
    ("login_wall", _sign("password", r"<input[^<>]{1,300}type\s{0,9}=\s{0,9}['\"]?password")),
    ("forbidden", _sign("no permission", r"<!--\s{0,9}No Permission")),
)
# Over the visible text and the title of a short page.
_IN_TEXT = (
    (
        "captcha",
        _sign(
            "验证|security check|human",
            r"请?输入验证码|security check|verify (?:that )?you are (?:a )?human|安全验证|人机验证",
        ),
    ),
    (
        "intranet_only",
        _sign(
            "校内|内网|校园网|本校|校外|campus|intranet",
            r"(?:仅|只)(?:限|能|允许|供|对)?.{0,6}(?:校内|内网|校园网|本校).{0,8}(?:访问|浏览|查看|用户)",
            r"校外.{0,12}(?:无法|不能|禁止|拒绝|不允许)|校外用户|内部信息.{0,6}校内",
            r"only (?:be )?(?:accessible|available) (?:from|on|within) (?:the )?(?:campus|intranet)",
            r"campus network only|off-campus access",
        ),
    ),
    (
        "login_wall",
        _sign(
            "身份认证|登录|please |login|sign-on",
            r"统一身份认证|请先?登录|用户登录|您?(?:尚未|还没有)登录",
            r"please (?:log|sign) ?in|login required|single sign-on",
        ),
    ),
    (
        "soft_error",
        _sign(
            "不存在|删除|已下线|已撤|找到|找不到|无效|过期|不可用|非法请求|参数错误|权限|访问|404|found|exist"
            "|available|has been |禁用|停用|关闭|失效|尚未|暂未|暂不|为空|系统提示| find ",
            r"(?:页面|网页|文章|信息|内容|资源|栏目|地址|新闻).{0,8}(?:不存在|已(?:被)?删除|已下线|已撤|找不到)",
            r"(?:页面|网页|文章|信息|内容|资源|栏目|地址|新闻).{0,8}(?:无法找到|无效|未找到|已过期|不可用)",
            r"(?:找不到|无法找到|没有找到|未找到).{0,14}(?:页面|网页|文章|内容|资源|栏目|信息)",
            r"访问地址无效|无效的文章参数|非法请求|参数错误|没有(?:访问)?权限|无权访问",
            # no count of readers
            r"(?<![数量率次气][:：])(?<![数量率次气][:：]\s)(?<!views[:：])(?<!views:\s)"
            r"\b404\b(?!\s?(?:times|views|hits|reads|次|人))",
            r"page (?:you .{0,40})?(?:was |is |could |can)?\s?not? ?be? ?found|page not found",
            r"not found on this server|(?:no longer|not) (?:exists?|available)|has been (?:removed|deleted)",
            r"(?:应用|页面|栏目|站点|网站|链接).{0,6}(?:禁用|停用|关闭|失效)|(?:不能|无法)访问",
            r"(?:系统|网站|功能|服务|页面|栏目).{0,6}(?:尚未|暂未|暂不)(?:开通|开放|启用|上线)",
            r"(?:编号|参数|ID).{0,6}(?:不允许|不能|不可)为空|系统提示(?:页面|信息)",
            r"does ?n[o']t exist|could(?: not|n[o']t) find (?:what|the page|that page)",
        ),
    ),
)
# Over the source of a page with next to no text.
_ELSEWHERE = (
    (
        "meta_refresh",
        _sign(
            "refresh",
            r"<meta[^<>]{1,300}http-equiv\s{0,9}=\s{0,9}['\"]?refresh['\"]?[^<>]{1,300}url\s{0,9}=",
        ),
    ),
    (
        "js_redirect",
        _sign(
            "location",
            r"\blocation(?:\.href)?\s{0,9}=\s{0,9}['\"]|location\.(?:replace|assign)\(",
        ),
    ),
)


def refuse(
    page: Page, preset: Preset, document: Document | None = None, body: Element | None = None
) -> str | None:
    """Return the name of what makes the page no article, or None; `LOOKS` has all names.

    `document` is the page's, if it is at hand; `body` the element the preset names as the article's.
    """
    if page.status >= 400 or page.status in (204, 205):
        return _wall(page) or _status_problem(page.status)
    if magic := next((name for magic, name in _MAGIC.items() if page.body.startswith(magic)), None):
        return magic
    if not page.text or page.text.isspace():
        return "empty"
    for selector, problem in preset.article.problems:
        if selector in page.index:
            return problem
    if body is not None and (_is_long(body) or _is_long(page.tree)):
        return None
    document = document or Document(page)
    text = _opening(document)
    return _short_page_problem(page, document, text) if len(text) <= _MUCH_TEXT else None


def says(text: str, problem: str) -> bool:
    """Tell whether a text speaks of one of the problems that are told by words."""
    return problem in _told(_IN_TEXT, text)


def _wall(page: Page) -> str | None:
    """Return what a refusal says it is: walls answer with 403, 503, 521 and others at will."""
    if page.status in (404, 410) or not page.text:
        return None
    text = _opening(Document(page))
    if len(text) > _MUCH_TEXT:
        return None
    told = _first(_IN_SOURCE, page.text) or _first(_IN_TEXT, text)
    return told if told in _WALLS else None


def _status_problem(status: int) -> str:
    if status >= 500:
        return "server_error"
    return "empty" if status < 300 else _STATUSES.get(status, "unexpected_status")


def _short_page_problem(page: Page, document: Document, text: str) -> str | None:
    title = page.tree.find(".//title")
    spoken = f"{fold(text_of(title)) if title is not None else ''} {text}"
    if problem := _first(_IN_SOURCE, page.text):
        return problem
    problem = _first(_IN_TEXT, spoken)
    if problem and not (problem == "login_wall" and _is_only_invited(document)):
        return problem
    if len(text) > _FEW or next(page.tree.iter(*_SEEN), None) is not None or "[pdfsrc]" in page.index:
        return None
    return _first(_ELSEWHERE, page.text) or (None if text else "empty")


def _is_only_invited(document: Document) -> bool:
    """Tell whether the words on logging in stand above a byline: there they are the site's, no wall."""
    article = dropwhile(lambda line: not is_byline(line.raw), document.lines)
    text = " ".join(line.text for line in article)
    return bool(text) and not says(text, "login_wall")


def _first(table: _Table, text: str) -> str | None:
    return next(_told(table, text), None)


def _told(table: _Table, text: str) -> Iterator[str]:
    """Yield the problems that a text tells of, in the order of the table."""
    lowered = text.lower()
    for problem, (cues, pattern) in table:
        if any(cue in lowered for cue in cues) and pattern.search(text):
            yield problem


def _is_long(element: Element) -> bool:
    """Tell quickly whether an element has more text than any notice."""
    length = 0
    for speaking in element.iter(*_SPEAKING):
        length += len((speaking.text or "").strip())
        if length > _MUCH_TEXT:
            return True
    return False


def _opening(document: Document) -> str:
    """Return the text of the page, scripts and styles left out; of a long page only as much as tells so."""
    texts: list[str] = []
    length = 0
    for line in document.lines:
        texts.append(line.text)
        length += len(line.text)
        if length > _MUCH_TEXT:
            break
    return " ".join(texts)
