"""Why a page is no article: challenges, logins, notices, redirects, error texts. Pure; one table decides.

`LOOKS` says what each problem tells of the article that stood at the address: `gone`, `blocked` or `error`.
"""

from __future__ import annotations

import re
from typing import Literal

from scraper.normalize.text import fold
from scraper.page import Page
from scraper.presets.preset import Preset

LOOKS: dict[str, Literal["gone", "blocked", "error"]] = {
    "captcha": "blocked",
    "empty": "error",
    "forbidden": "blocked",
    "gone": "gone",
    "home_page": "gone",
    "intranet_only": "blocked",
    "js_challenge": "blocked",
    "js_redirect": "error",
    "login_wall": "blocked",
    "meta_refresh": "error",
    "no_content": "error",
    "not_found": "gone",
    "not_html": "error",
    "pdf_bytes": "error",
    "server_error": "error",
    "soft_error": "gone",
    "too_many_requests": "error",
    "unexpected_status": "error",
}

_STATUSES = {401: "login_wall", 403: "forbidden", 404: "not_found", 407: "forbidden", 410: "gone", 412: "js_challenge", 429: "too_many_requests", 451: "forbidden"}
_MAGIC = (
    (b"%PDF-", "pdf_bytes"), (b"PK\x03\x04", "not_html"), (b"\x89PNG", "not_html"), (b"\xff\xd8\xff", "not_html"),
    (b"GIF8", "not_html"), (b"\xd0\xcf\x11\xe0", "not_html"), (b"Rar!", "not_html"), (b"\x1f\x8b", "not_html"),
)  # fmt: skip
_MUCH_TEXT = 400  # characters of visible text that a notice does not have

# Over the source, whatever the text: these scripts stand in real pages too, so the text must be short as well.
_IN_SOURCE = (
    ("js_challenge", re.compile(r"\$_ts\s*=\s*window\[|<meta[^>]+\br=['\"]?m\b|_cf_chl_|cf-browser-verification|__jsl_clearance|aliyun_waf|acw_sc__v2|challenge-platform", re.I)),
    ("captcha", re.compile(r"createimage\.jsp|g-recaptcha|hcaptcha|captcha(?:img|image|\.jpg|\.jsp)|codeimg", re.I)),
    ("login_wall", re.compile(r"<input[^>]+type\s*=\s*['\"]?password", re.I)),
    ("meta_refresh", re.compile(r"<meta[^>]+http-equiv\s*=\s*['\"]?refresh['\"]?[^>]+url\s*=", re.I)),
    ("js_redirect", re.compile(r"(?:window|self|top|document|parent)?\.?location(?:\.href)?\s*=\s*['\"]|location\.(?:replace|assign)\(", re.I)),
)  # fmt: skip
# Over the visible text and the title of a short page.
_IN_TEXT = (
    ("captcha", re.compile(r"请?输入验证码|security check|verify (?:that )?you are (?:a )?human|安全验证|人机验证", re.I)),
    ("intranet_only", re.compile(r"(?:仅|只)(?:限|能|允许|供|对)?.{0,6}(?:校内|内网|校园网|本校).{0,8}(?:访问|浏览|查看|用户)|校外.{0,12}(?:无法|不能|禁止|拒绝|不允许)|校外用户|内部信息.{0,6}校内|only (?:be )?(?:accessible|available) (?:from|on|within) (?:the )?(?:campus|intranet)|campus network only|off-campus access", re.I)),
    ("login_wall", re.compile(r"统一身份认证|请先?登录|用户登录|您?(?:尚未|还没有)登录|please (?:log|sign) ?in|login required|single sign-on", re.I)),
    ("soft_error", re.compile(
        r"(?:页面|网页|文章|信息|内容|资源|栏目|地址|新闻).{0,8}(?:不存在|已(?:被)?删除|已下线|已撤|找不到|无法找到|无效|未找到|已过期|不可用)|"
        r"(?:找不到|无法找到|没有找到|未找到).{0,14}(?:页面|网页|文章|内容|资源|栏目|信息)|访问地址无效|无效的文章参数|非法请求|参数错误|没有(?:访问)?权限|无权访问|"
        r"\b404\b|page (?:you .{0,40})?(?:was |is |could |can)?\s?not? ?be? ?found|page not found|not found on this server|"
        r"(?:no longer|not) (?:exists?|available)|has been (?:removed|deleted)|does ?n[o']t exist", re.I)),
)  # fmt: skip


def refuse(page: Page, preset: Preset) -> str | None:
    """Return the name of what makes the page no article, or None; `LOOKS` has all names."""
    if page.status >= 400 or page.status in (204, 205):
        return _status_problem(page.status)
    if magic := next((name for magic, name in _MAGIC if page.body.startswith(magic)), None):
        return magic
    if not page.text.strip():
        return "empty"
    for selector, problem in preset.article.problems:
        if page.tree.cssselect(selector):
            return problem
    text = visible_text(page)
    if len(text) <= _MUCH_TEXT:
        return _short_page_problem(page, text)
    return None


def _status_problem(status: int) -> str:
    if status >= 500:
        return "server_error"
    return "empty" if status < 300 else _STATUSES.get(status, "unexpected_status")


def _short_page_problem(page: Page, text: str) -> str | None:
    title = page.tree.find(".//title")
    spoken = f"{fold(title.text_content()) if title is not None else ''} {text}"
    for problem, pattern in _IN_SOURCE[:3]:
        if pattern.search(page.text):
            return problem
    for problem, pattern in _IN_TEXT:
        if pattern.search(spoken):
            return problem
    if not text:
        return next((problem for problem, pattern in _IN_SOURCE[3:] if pattern.search(page.text)), None) or _nothing(page)
    return None


def _nothing(page: Page) -> str | None:
    """A page without a word may still be a picture, a film or an embedded document."""
    return None if page.tree.cssselect("img, video, iframe, embed, object, [pdfsrc]") else "empty"


def visible_text(page: Page) -> str:
    """Return the text a reader sees, scripts and styles left out."""
    parts = page.tree.xpath("//body//text()[not(ancestor::script or ancestor::style or ancestor::noscript)]")
    return fold(" ".join(str(part) for part in parts))
