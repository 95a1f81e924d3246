"""The images, attachments and links of an article. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import lru_cache
from urllib.parse import urldefrag, urljoin, urlsplit

from scraper.extract.document import text_of
from scraper.index import Element
from scraper.normalize.text import fold
from storage.records import Attachment, Image, Link
from storage.sameness import name_of, target_of

# Where lazy-loading scripts keep an image's real address, most telling first.
_SOURCES = (
    "data-original",
    "data-src",
    "data-lazy-src",
    "data-lazyload",
    "orisrc",
    "data-echo",
    "original-src",
)
_FILES = r"pdf|docx?|xlsx?|pptx?|wps|et|zip|rar|7z|tar|gz|csv|txt|rtf|od[tsp]|epub|ofd|caj|mp[34]|wav|apk"
_FILE = re.compile(rf"\.(?:{_FILES})$", re.IGNORECASE)
_NAMED_FILE = re.compile(rf"\.(?:{_FILES})\s*[】\])）]?$", re.IGNORECASE)
_ICON = re.compile(
    r"/_ueditor/|fileTypeImages|/icons?/|icon_\w+\.gif|/emoji/|smil(?:ey|ies)|spacer\.|blank\.gif|/loading",
    re.IGNORECASE,
)
# What shows a file inside the page, where the file's own address only stands in its query or nowhere.
_VIEWER = re.compile(r"(?:^|[/_-])(?:pdf[_-]?view(?:er)?|view(?:er)?[_-]?pdf)\b", re.IGNORECASE)
VIEWERS = ("iframe", "embed", "object")
_PICTURE = re.compile(r"^[^\s,]+\.(?:jpe?g|png|gif|webp|avif|bmp)(?:[?;][^\s,]*)?$", re.IGNORECASE)
_SUDY_NAME = re.compile(r"['\"]title['\"]\s*:\s*['\"](?P<name>[^'\"]+)['\"]")
_LONGEST_NAME = 200  # characters; a longer link is a sentence about a file
_TINY = 24  # pixels: smaller is an icon or a spacer


def images(elements: Iterable[Element], base: str) -> tuple[Image, ...]:
    """Return the images among the elements in order, each once; no icons, no spacers, no data URIs."""
    found: dict[str, Image] = {}
    for element in elements:
        if element.tag == "img" and (url := source_of(element, base)) and not _is_icon(element, url):
            found.setdefault(url, Image(url, fold(element.get("alt") or "") or None))
    return tuple(found.values())


def attachments(elements: Iterable[Element], named: frozenset[Element], base: str) -> tuple[Attachment, ...]:
    """Return the files offered: links named by the preset, ending or called like a file, embedded viewers."""
    found: dict[str, Attachment] = {}
    for element in elements:
        address = _offered(element, element in named)
        if address and (url := _absolute(base, address)):
            found.setdefault(url, Attachment(url, _name(element, url)))
    return tuple(found.values())


def links(elements: Iterable[Element], base: str, known: Collection[str]) -> tuple[Link, ...]:
    """Return where the elements lead, in order; not to pictures, nor to targets already `known`."""
    found = list[Link]()
    for element in elements:
        address = (element.get("href") or "").strip()
        if not address or address.startswith("#") or not (url := _absolute(base, address)):
            continue
        if target_of(urldefrag(url)[0]) not in known and not _PICTURE.match(address):
            found.append(Link(url, fold(text_of(element)) or None))
    return tuple(found)


def _offered(element: Element, is_named: bool) -> str | None:
    """Return the address of the file that an element offers or shows, None where it does neither."""
    if viewer := element.get("pdfsrc"):
        return viewer
    if element.tag in VIEWERS:
        return shows_file(element)
    address = element.get("href") if element.tag == "a" else None
    if not address or address.lstrip().startswith("#"):
        return None
    return address if is_named or _is_file(address) or _is_called_file(element) else None


def shows_file(viewer: Element) -> str | None:
    """Return the address of the file that a frame or an embedded object shows, None where it is no file."""
    shown = viewer.get("src") or viewer.get("data") or ""
    return shown if _is_file(shown) or _VIEWER.search(shown) else None


def _is_called_file(link: Element) -> bool:
    """Tell whether a link's text is a file's name: some servers give files addresses without one."""
    text = fold(text_of(link))
    return len(text) <= _LONGEST_NAME and bool(_NAMED_FILE.search(text))


def source_of(element: Element, base: str) -> str | None:
    """Return the real address of an image: where a lazy-loading script keeps it, else its `src`."""
    said = {str(name): str(value) for name, value in element.items()}
    named = [said[name] for name in _SOURCES if name in said]
    kept = [value for name, value in said.items() if name.startswith("data-") and _PICTURE.search(value)]
    for value in (*named, *kept, said.get("src", "")):
        if (address := value.strip()) and not address.startswith("data:"):
            return _absolute(base, address)
    return None


def _is_icon(element: Element, url: str) -> bool:
    sizes = [(element.get(name) or "").removesuffix("px") for name in ("width", "height")]
    known = [int(size) for size in sizes if re.fullmatch(r"[0-9]{1,5}", size)]
    return bool(_ICON.search(url)) or min(known, default=_TINY) < _TINY


def _is_file(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return bool(_FILE.search(parts.path) or _FILE.search(parts.query))


def _absolute(base: str, address: str) -> str | None:
    url, scheme = resolved(base, address.strip())
    return url if scheme in ("http", "https") else None


@lru_cache(maxsize=64)  # a picture's address is asked for twice
def resolved(base: str, address: str) -> tuple[str, str]:
    """Return an address relative to `base` as a whole one, and its scheme; of what is none both are empty."""
    try:
        url = urljoin(base, address)
        return url, urlsplit(url).scheme
    except ValueError:
        return "", ""


def _name(element: Element, url: str) -> str | None:
    """Return the file's own name: WebPlus keeps it in `sudyfile-attr`, others in the link's text or title."""
    if match := _SUDY_NAME.search(element.get("sudyfile-attr") or ""):
        return fold(match["name"])
    text = fold(text_of(element))
    for name in (text, fold(element.get("title") or ""), fold(element.get("download") or "")):
        if name and _NAMED_FILE.search(name):
            return name
    return text or fold(name_of(url)) or None
