"""What counts readers inside a text: lines that say nothing else, and counts beside the name of a file. Pure.

They move with every visit; the article's own views are read elsewhere.
"""

from __future__ import annotations

import re

_LONGEST = 30  # characters of a line that is nothing but a count
_OPEN, _CLOSE = r"[\s:：(（\[【|/·]*", r"[\s)）\]】|/·]*"
_NUMBER = r"\d[\d,.]*\s*[万千kKmM]?\+?"
_ZH = "阅读|浏览|点击|点赞|访问|收藏|评论|留言|转发|分享|下载|在看|喜欢|人气"
_EN = "views?|reads?|hits?|likes?|shares?|comments?|downloads?|visits?|favou?rites?"
_ONE = (
    rf"(?:本文|已|共|总)?(?:被)?(?:{_ZH})(?:次数|人数|总数|量|数)?{_OPEN}{_NUMBER}\s*[次人条]?{_CLOSE}"
    rf"|{_NUMBER}\s*(?:次|人|条)?(?:{_ZH}){_CLOSE}"
    rf"|(?:{_EN})\b{_OPEN}{_NUMBER}{_CLOSE}|{_NUMBER}\s*(?:{_EN})\b{_CLOSE}"
)
_COUNTS = re.compile(rf"{_OPEN}(?:{_ONE})+", re.IGNORECASE)
_OF_A_FILE = re.compile(
    r"\s*[（(\[【]?\s*(?:已?下载(?:次数|量)?\s*[:：]?\s*\d+\s*次?|downloads?\s*:\s*\d+|downloaded \d+ times)"
    r"\s*[)）\]】]?$",
    re.IGNORECASE,
)


def is_tally(text: str) -> bool:
    """Tell whether a line says nothing but how many read, liked, shared or fetched the article."""
    return len(text) <= _LONGEST and _COUNTS.fullmatch(text) is not None


def without_tally(text: str) -> str:
    """Return the words of a link to a file without how often it was fetched."""
    return _OF_A_FILE.sub("", text)
