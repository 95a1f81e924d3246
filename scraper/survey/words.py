"""The words by which links to lists of news are told, in labels and in addresses. Tables only."""

from __future__ import annotations

import re


def _any(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(words), re.IGNORECASE)


# (what a label holds, what that says for it); of each row one word is enough, and rows add up.
LABELS: tuple[tuple[re.Pattern[str], float], ...] = (
    (
        _any(
            r"新闻|新聞|要闻|要聞|快讯|快訊|头条|最新消息|校园资讯|通知|公告|公示|通告",
            r"\bnews(?:room)?\b|\bannouncements?\b|\bnotices?\b|\bpress releases?\b|\bbulletins?\b",
            r"뉴스|공지|소식|ニュース|お知らせ|新着|トピックス|プレスリリース",
            r"actualit|nachricht|aktuell|meldungen|noticias|notícias|notizie|nieuws|nyhet|uutis",
            r"новост|aktualności",
        ),
        4.0,
    ),
    (
        _any(
            r"动态|動態|学术|學術|讲座|講座|媒体|媒體|活动|活動|要事|简讯|简报|报道|報導|预告|速递|看点|风采",
            r"\bevents?\b|\bmedia\b|\bpress\b|\bstor(?:y|ies)\b|\blectures?\b|\bseminars?\b|\bcampus life\b",
            r"행사|보도|학술|イベント|講演|プレス",
            r"presse|veranstaltung|événement|evenement|agenda|eventos|eventi|evenement|событи|мероприят",
        ),
        3.0,
    ),
    (
        _any(
            r"登录|登入|邮箱|信箱|搜索|检索|首页|主页|简介|概况|领导|联系|地图|版权|关于|校历|电话|下载|图书馆|平台|系统",
            r"\blog ?in\b|\bsign in\b|\bsearch\b|\bhome\b|\babout\b|\bcontacts?\b|\bsite ?map\b|\bsubscri",
            r"\bnewsletter|\bprivacy\b|\bsocial media\b|\bsubmit\b|\bcalendar\b",
            r"\bcookies?\b|\bjobs?\b|\bapply\b|\blibrary\b|\brss\b|\bfeeds?\b",
        ),
        -4.0,
    ),
)
# Pieces of a path, English or the first letters of the Chinese: xw 新闻, tzgg 通知公告, jzyg 讲座预告 …
PATHS = re.compile(
    r"(?:^|[/_.-])(?:news|notices?|events?|press|media|announcements?|stories|actualites?|aktuelles?"
    r"|nachrichten|noticias|blog|[a-z]{0,3}(?:xw|yw|dt|gg|tz|gs|jz|bd|kx)[a-z]{0,2})(?:[/_.-]|\d*\.|$)",
    re.IGNORECASE,
)
FILES = re.compile(
    r"\.(?:pdf|docx?|xlsx?|pptx?|zip|rar|7z|jpe?g|png|gif|mp[34]|css|js|xml|ico)$", re.IGNORECASE
)
HOMES = re.compile(r"/(?:(?:index|main|default|home)\.(?:s?html?|php|jsp|aspx?|psp))?", re.IGNORECASE)
FEEDS = frozenset(("application/rss+xml", "application/atom+xml", "application/feed+json"))
# The language alone tells the clock where one country speaks it, or all of its universities keep one time.
ZONES = {"zh": "Asia/Shanghai", "ja": "Asia/Tokyo", "ko": "Asia/Seoul"}
# How the parts of a <title> are set off: the section comes first, the site last.
TITLE_SPLIT = re.compile(r"\s*(?:[|_«»‹›]|-{1,2}|–|—|::|>>?)\s*")
ADVICE: dict[str, str] = {
    "captcha": "it asks for a captcha, which keeps programs out: ask its operators for access",
    "empty": "there is no text in it; what a browser shows is made by JavaScript, which campusnews"
    " does not run",
    "forbidden": "it refuses us: ask its operators for access, or try from inside the campus",
    "gone": "there is nothing at this address any more: check it in a browser",
    "intranet_only": "it is shown only inside the campus network: run campusnews there",
    "js_challenge": "it answered with a JavaScript challenge, which keeps programs out: ask its operators for"
    " access, or try from inside the campus",
    "js_redirect": "it only leads elsewhere: open it in a browser and give the address it ends at",
    "login_wall": "it asks for a login: give a page that everybody can see",
    "meta_refresh": "it only leads elsewhere: open it in a browser and give the address it ends at",
    "not_found": "there is nothing at this address: check it in a browser",
    "pdf_bytes": "it is a PDF, not a page: give the list of articles",
    "not_html": "it is a file, not a page: give the list of articles",
    "server_error": "the server answered with an error: try again later",
    "soft_error": "the site says that there is no such page: check the address in a browser",
    "too_many_requests": "it asks for less at the moment: try again later, with a longer `delay`",
}
