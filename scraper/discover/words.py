"""The words and shapes by which a listing is told from its surroundings. Tables only."""

from __future__ import annotations

import re

# Labels of what can be pressed in a pager, case folded and without arrows.
NEXT = frozenset((
    "下一页", "下页", "下一頁", "下頁", "后一页", "后页", "向后翻页", "次页", "次頁",
    "next", "next page", "nextpage", "go to next page",
    "older", "older posts", "older entries", "older news",
    "next posts", "next entries", "next articles", "older stories", "older articles", "earlier news",
    "次へ", "次のページ", "次ページ", "다음", "다음 페이지", "다음페이지", "다음 목록",
    "次の頁", "次のページへ", "次へ進む", "翻到下一页", "下一頁面",
    "suivant", "suivante", "suivants", "page suivante", "aller à la page suivante", "weiter", "nächste",
    "nächste seite", "zur nächsten seite", "vorwärts", "weiterblättern", "ältere beiträge",
    "articles plus anciens", "plus anciens",
    "siguiente", "página siguiente", "próxima", "próximo", "próxima página", "seguinte",
    "successivo", "successiva", "pagina successiva", "avanti", "volgende", "volgende pagina",
    "следующая", "следующая страница", "вперед", "вперёд", "nästa", "næste", "neste", "seuraava", "následna",
    "další", "következő", "sonraki", "التالي", "ถัดไป", "trang sau", "berikutnya", "selanjutnya",
))  # fmt: skip
# Labels of what adds more items below, with the words that may follow.
MORE = re.compile(
    r"(?:load|show|view|see) (?:more|older)(?: (?:news|posts|articles|stories|items|results|events|entries))?"
    r"|more (?:posts|articles|stories|results)|(?:mehr|weitere) (?:laden|anzeigen)"
    r"|(?:charger|afficher|voir) (?:plus|la suite)|(?:点击)?加载更多|더 ?보기|もっと読み込む|さらに表示"
)
# Labels that lead on where the link goes to another page of this very list.
MORE_OF_THESE = re.compile(
    r"(?:more|older|weitere|ältere|plus d|further)\b.{0,20}|(?:查看)?更多.{0,6}|더 ?보기|もっと見る"
)
OWN_PAGE = re.compile(r"[?&](?:p|pg|page\w{0,8}|paged|start|offset)=\d{1,6}(?:&|$)", re.IGNORECASE)
# `next 10`, `次の10件`.
NEXT_FEW = re.compile(r"(?:next|次の|下) ?\d{1,3} ?(?:件|条|篇|页|results|items|articles|news|posts)?")
PREVIOUS = frozenset((
    "上一页", "上页", "上一頁", "上頁", "前一页", "前页", "previous", "prev", "previous page", "previouspage",
    "newer",
    "newer posts", "前へ", "前のページ", "이전", "이전 페이지", "précédent", "précédente", "zurück",
    "vorherige", "anterior", "precedente", "vorige", "предыдущая", "назад", "föregående", "forrige", "السابق",
))  # fmt: skip
LAST = frozenset((
    "尾页", "尾頁", "末页", "末頁", "最后一页", "最后页", "最末页", "最後", "最後頁", "最後へ",
    "last", "last page", "lastpage", "endpage",
    "go to last page", "마지막", "마지막 페이지", "맨끝", "끝",
    "dernier", "dernière", "dernière page", "letzte", "letzte seite", "última", "último", "ultima", "ultimo",
    "laatste", "последняя", "sista", "sidste", "siste",
))  # fmt: skip
FIRST = frozenset((
    "首页", "第一页", "首頁", "first", "first page", "firstpage",
    "最初", "最初へ", "처음", "premier", "première", "erste",
))  # fmt: skip
# Arrows mean something in a pager only; a doubled one leads to the last page where a single one stands by.
ARROWS = {"›": "arrow", ">": "arrow", "→": "arrow", "▶": "arrow", "»": "double", ">>": "double"}
EDGE = " \t\r\n<>«»‹›→←▶◀|[]()（）【】…·:："

# Labels of links that lead to an article without being its title.
WEAK = frozenset((
    "更多", "查看更多", "more", "查看详情", "详情", "详细", "详细内容", "查看详细", "了解更多", "了解详情",
    "阅读全文", "阅读更多", "查看全文", "点击查看", "查看", "全文", "继续阅读", "立即查看", "进入", "下载",
    "閱讀更多", "詳細", "続きを読む", "もっと見る", "자세히 보기", "더보기", "자세히",
    "read more", "read article", "read full article", "read full story", "read the full story", "read story",
    "read on", "learn more", "find out more", "view more", "see more", "continue reading", "more info",
    "details", "view details", "view", "full story", "more details", "read", "download",
    "lire la suite", "en savoir plus", "mehr", "mehr lesen", "mehr erfahren", "weiterlesen", "leer más",
    "ver más", "saiba mais", "leggi tutto", "lees meer", "подробнее", "читать далее", "läs mer", "les mer",
))  # fmt: skip

# Words of a class or id that say an area is not the content, and what a list in it is worth.
AREAS = (
    (re.compile(r"nav|menu|foot|bread|crumb|copyright|login|toolbar|submenu|sitemap|topbar"), 0.1),
    (re.compile(r"header|banner|search|share|social|friend|lang|tags?$|pager|paging|pagination"), 0.2),
    (re.compile(r"side|aside|hot|rank|related|recommend|popular|widget|promo$|slide|carousel|swiper"), 0.4),
)
AREA_TAGS = {"nav": 0.1, "footer": 0.1, "aside": 0.3}
SILENT = frozenset((
    "script", "style", "noscript", "template", "head", "iframe", "object", "svg", "canvas", "select",
    "button",
))  # fmt: skip

# Class words that tell neighbours in one list apart and say nothing of what they are.
STATE = frozenset((
    "first", "last", "odd", "even", "active", "current", "cur", "on", "hover", "alt", "new", "red",
    "clearfix", "clear", "cleafix", "cf", "fix", "wow", "fadein", "fadeinup", "animated", "no-border",
    "noborder", "nobg", "bg", "selected", "sticky", "pinned", "clr",
))  # fmt: skip
# These tell rows apart as well, but say which place a place is.
SIDES = frozenset(("left", "right", "fl", "fr", "top", "hot"))
# Columns of a grid differ only in their number, and are different places.
GRID = re.compile(r"(?:^|[-_])(?:col|span|grid|column|g|u|xs|sm|md|lg|xl|small|medium|large)[-_]?\d+$")

# Addresses that an article, and hardly a section, has; and the reverse.
ARTICLE_URL = re.compile(
    r"/c\d+a\d+/page|/info/\d+/\d+|content\.jsp|/_redirect\?|/t\d{8}_\d+"
    r"|/(?:19|20)\d\d[-/_]?\d\d?(?:[-/_]?\d\d)?/|[?&](?:\w{0,12}id|n|article)=\d+"
    r"|\d{4,}(?:[-_]\w{1,6})?(?:\.s?html?|/)?$|mp\.weixin\.qq\.com/s"
    r"|/[^/-]+-[^/-]+-[^/-]+-[^/]+/?$|\.(?:pdf|docx?|xlsx?)$",
    re.IGNORECASE,
)
SECTION_URL = re.compile(
    r"/(?:list|main|index)\d*\.(?:html?|psp|jsp|shtml|aspx?)$|/(?:category|tag|author)/", re.IGNORECASE
)
