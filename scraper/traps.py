"""Addresses that a site makes without end, told by their form. Pure.

/a/b/a/b/a/b/list.htm      path_loop: relative links that lead deeper with each page
/2011/11/11/11.htm         a date, and no trap: folders of digits alone may repeat
"""

from __future__ import annotations

from urllib.parse import urlsplit

TRAPS = {
    "path_loop": "the same folders again and again: relative links that lead ever deeper",
    "endless_address": "an address longer or deeper than any page has",
}
_LONGEST = 2_000  # letters; sitemaps.org and most servers end there too
_DEEPEST = 40  # folders


def trap(url: str) -> str | None:
    """Return the name of the trap that an address seems to lead into."""
    path = urlsplit(url).path
    if len(url) > _LONGEST or path.count("/") > _DEEPEST:
        return "endless_address"
    return "path_loop" if _repeats(path.split("/")[1:-1]) else None


def _repeats(folders: list[str]) -> bool:
    """Tell whether one to four folders in a row, not all of them numbers, stand there three times."""
    for width in range(1, 5):
        for start in range(len(folders) - 3 * width + 1):
            group = folders[start : start + width]
            if group * 3 == folders[start : start + 3 * width] and not all(map(str.isdigit, group)):
                return True
    return False
