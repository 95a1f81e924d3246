"""Which two texts, and which two addresses, say the same, so that nobody edited anything. Pure.

What is left out here is what a CMS, a server or an encoding moves on its own. The tables decide; no rule
knows a site.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
# The same sign in another width or shape. NFKC would go too far: to it 10² is 102.
_SHAPES = {
    **dict.fromkeys("“”„‟«»「」『』〝〞＂", '"'),
    **dict.fromkeys("‘’‚‛`´′", "'"),
    **dict.fromkeys("‐‑‒–—―−─﹣", "-"),
    **dict.fromkeys("•・∙⋅●", "·"),
    **dict.fromkeys("。｡﹒", "."),
    **dict.fromkeys("、､﹑﹐", ","),
    **dict.fromkeys("〜∼﹏", "~"),
    **dict.fromkeys("〔【［", "["),
    **dict.fromkeys("〕】］", "]"),
    **dict.fromkeys("〈《‹", "<"),
    **dict.fromkeys("〉》›", ">"),
    "…": "...",
}
_UNSEEN = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff"
_FORMS = str.maketrans(_SHAPES) | _WIDE
_INVISIBLE = re.compile(f"[{_UNSEEN}\\u007f-\\u0084\\u0086-\\u009f]")
_RUNS = (  # …… and … are one, and —— and —
    (re.compile(r"\.{2,}"), "..."),
    (re.compile(r"-{2,}"), "-"),
)
CJK = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# White space parts words only between letters and digits that are written apart.
_PARTS_NOTHING = re.compile(rf"(?<![^\W{CJK}]) | (?![^\W{CJK}])")
_BLANK_LINES = re.compile(r"\s*\n\s*")

# Parameters that name a visit or a moment and not a thing, and those that scale a picture.
_OF_THE_VISIT = re.compile(
    r"(?:j|php|asp)?sess(?:ion)?(?:_?id)?|jsessionid|aspsessionid\w*|sid|s_?token|(?:csrf|xsrf|access)?_?token"
    r"|csrf\w*|__?(?:hs\w*|ga|gl)|utm_\w+|spm|gclid|fbclid|msclkid|mc_[ce]id|from|isappinstalled"
    r"|v|ver|version|t|ts|timestamp|time|_|rnd|rand(?:om)?(?:id)?|nocache|no_cache|cache|cb|itok"
    r"|x-oss-process|imageview2.*|w|h|width|height|quality|q",
    re.IGNORECASE,
)
_OF_A_LINK = re.compile(
    r"(?:j|php|asp)?sess(?:ion)?_?id|jsessionid|aspsessionid\w*|sid|(?:csrf|xsrf)?_?token|csrf\w*"
    r"|__?(?:hs\w*|ga|gl)|utm_\w+|spm|gclid|fbclid|msclkid|mc_[ce]id|isappinstalled|_|timestamp|rand(?:om)?",
    re.IGNORECASE,
)
_IN_PATH = re.compile(r";j?session(?:id)?=[^/?#;]*", re.IGNORECASE)
_STATIC = re.compile(
    r"\.(?:jpe?g|png|gif|webp|avif|bmp|svg|pdf|docx?|xlsx?|pptx?|wps|et|zip|rar|7z|gz|csv|txt|mp[34])$",
    re.IGNORECASE,
)
# One picture in the sizes a CMS keeps it in: WordPress, Drupal, Wikimedia.
_RENDITIONS = (
    (re.compile(r"-\d{2,4}x\d{2,4}(?=\.\w{3,4}$)"), ""),
    (re.compile(r"/styles/\w+/(?:public|private)/"), "/"),
    (re.compile(r"(\.(?:jpe?g|png|gif))\.webp$", re.IGNORECASE), r"\1"),
)
_SECOND_LEVEL = frozenset(("ac", "co", "com", "edu", "gov", "net", "org"))


def plain(text: str) -> str:
    """Return the text without what no editor writes: idle white space, widths and shapes of signs.

    Line breaks stay, one for each run of them. Two texts are the same when this is; 1 5 is not 15.
    """
    text = _INVISIBLE.sub("", unicodedata.normalize("NFC", text).translate(_FORMS))
    for signs, one in _RUNS:
        text = signs.sub(one, text)
    lines = _BLANK_LINES.sub("\n", text.strip()).split("\n")
    return "\n".join(_PARTS_NOTHING.sub("", " ".join(line.split())) for line in lines)


def letters(text: str) -> str:
    """Return what is left of the plain text when spaces, line breaks and case go too.

    The space between two digits stays: 1 5 is not 15.
    """
    return re.sub(r"(?<!\d)\s|\s(?!\d)", "", plain(text)).casefold()


@lru_cache(maxsize=1024)
def file_of(url: str) -> str:
    """Return what an address of a picture or file names: without scheme, host's name, session, size, cache.

    Sites serve a file by any of their hosts; one of another domain is another file.
    """
    parts = _split(url)
    path = _path(parts)
    for sizes, one in _RENDITIONS:
        path = sizes.sub(one, path)
    query = "" if _STATIC.search(path) else _query(parts, _OF_THE_VISIT)
    return f"{_domain(parts.hostname or '')}{path}?{query}"


@lru_cache(maxsize=1024)
def target_of(url: str) -> str:
    """Return where a link leads: without scheme, session and what tracks visitors."""
    parts = _split(url)
    host = (parts.hostname or "").removeprefix("www.")
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    return f"{host}{port}{_path(parts).rstrip('/')}?{_query(parts, _OF_A_LINK)}#{parts.fragment}"


def name_of(url: str) -> str:
    """Return the last part of an address's path, decoded: how a file is called on its server."""
    return _path(_split(url)).rstrip("/").rpartition("/")[2]


def domain_of(url: str) -> str:
    """Return the domain an address belongs to, as one university's hosts share it."""
    return _domain(_split(url).hostname or "")


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:  # an address that is none is only itself
        return SplitResult("", "", url, "", "")
    return parts


def _path(parts: SplitResult) -> str:
    return re.sub("/{2,}", "/", unquote(_IN_PATH.sub("", parts.path)))


def _query(parts: SplitResult, weightless: re.Pattern[str]) -> str:
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    return "&".join(sorted(f"{name}={value}" for name, value in pairs if not weightless.fullmatch(name)))


def _domain(host: str) -> str:
    labels = host.rstrip(".").split(".")
    if host.replace(".", "").isdigit():
        return host
    wide = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL
    return ".".join(labels[-3 if wide else -2 :])
