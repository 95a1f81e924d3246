"""The files of an article: which of them a visit asks for, and how much they may weigh.

article known and as it was    attachments on the condition that they changed, where they can be asked for so;
                               images and styles that were never asked for
article new or changed         everything, on that condition where it is kept

Of a stylesheet that was asked for, what it names is asked for too; nothing of what that names in its turn.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from scraper.baseline import with_details
from scraper.codings import CodingError
from scraper.config import Site
from scraper.extract import base_of
from scraper.extract.media import source_of
from scraper.gather import Failure, Gathering
from scraper.page import Page, from_capture
from scraper.urls import BadURL, absolute, same_site
from storage.records import Article, Attachment
from storage.warc import header

# CSS Syntax 3: a token `url(…)`, bare or quoted, and the text after `@import`.
_NAMED = re.compile(
    r"url\(\s*(?P<quote>[\"']?)(?P<url>[^\"'()\s]{1,2000})(?P=quote)\s*\)"
    r"|@import\s+[\"'](?P<path>[^\"']{1,2000})[\"']",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Room:
    """What the files of one article may still weigh: each and all together, in bytes."""

    each: int
    all: int

    @property
    def most(self) -> int:
        """What the next file may weigh."""
        return min(self.each, self.all)


def with_files(article: Article, page: Page, site: Site, gathered: Gathering) -> Article:
    """Return the article with what its attachments are, and fetch what is to be kept with it."""
    if site.assets == "none":
        return article
    before = gathered.memory.article(article.id) if gathered.memory is not None else None
    same = before is not None and _shown(before) == _shown(article)
    room = Room(site.max_asset_bytes, site.max_article_asset_bytes)
    files = article.attachments
    if before is not None and same:
        files = with_details(files, before.attachments)
    files = tuple(_fetched(item, room, gathered) for item in files)
    if site.assets == "all":
        pictures = [image.url for image in article.images]
        named = _keep((*pictures, *dressing(page)), room, gathered, same=same)
        _keep(named, room, gathered, same=same)
    return replace(article, attachments=files)


def _keep(urls: Iterable[str], room: Room, gathered: Gathering, *, same: bool) -> list[str]:
    """Fetch what is to be kept, each once, and return what the stylesheets among it name."""
    named: list[str] = []
    for url in dict.fromkeys(urls):
        wanted = gathered.memory is None or gathered.memory.wants(url, same=same)
        if wanted and _fits(url, room, gathered) and (page := gathered.keep(url, room.most)) is not None:
            room.all -= len(page.body)
            named += styled(page.text, page.base_url, page) if is_style(page) else ()
    return named


def shown(url: str, head: bytes, body: bytes) -> Iterator[str]:
    """Yield what a kept response needs to be looked at: where it leads, or what it is dressed in."""
    try:
        page = from_capture(url, head, body)
    except CodingError:
        return
    if 300 <= page.status < 400:
        yield from _absolute([header(head, "location") or ""], url)
    elif is_style(page):
        yield from styled(page.text, url, page)
    elif "html" in (page.content_type or "html"):
        yield from dressing(page)


def dressing(page: Page) -> Iterator[str]:
    """Yield the stylesheets and pictures of the page's own site that make it look as it does."""
    base = base_of(page)
    for element in page.tree.iter("*"):
        if element.tag == "img":
            yield from _own([source_of(element, base) or ""], base, page)
        elif element.tag == "link" and "stylesheet" in (element.get("rel") or "").lower().split():
            yield from _own([element.get("href") or ""], base, page)
        elif element.tag == "style":
            yield from styled(element.text or "", base, page)
        yield from _own([element.get("background") or ""], base, page)
        yield from styled(element.get("style") or "", base, page)


def styled(css: str, base: str, page: Page) -> Iterator[str]:
    """Yield what a stylesheet names of the page's own site: pictures, letters, further stylesheets."""
    named = (found["url"] or found["path"] or "" for found in _NAMED.finditer(css)) if css else ()
    return _own(named, base, page)


def is_style(page: Page) -> bool:
    """Tell whether an answer is a stylesheet."""
    return page.status == 200 and (page.content_type or "").lower().startswith("text/css")


def _own(addresses: Iterable[str], base: str, page: Page) -> Iterator[str]:
    return (url for url in _absolute(addresses, base) if _is_ours(url, page))


def _absolute(addresses: Iterable[str], base: str) -> Iterator[str]:
    for address in addresses:
        if address and not address.lstrip().lower().startswith(("data:", "#")):
            try:
                yield absolute(address, base)
            except BadURL:
                continue


def _is_ours(url: str, page: Page) -> bool:
    try:
        return same_site(url, page.base_url)
    except BadURL:
        return False


def _shown(article: Article) -> tuple[object, ...]:
    """Return what of an article has to be as it was for its files to be taken as they were."""
    files = [(item.url, item.name) for item in article.attachments]
    return article.title, article.body, article.images, files


def _fetched(item: Attachment, room: Room, gathered: Gathering) -> Attachment:
    if not _fits(item.url, room, gathered):
        return item
    file = gathered.file(item, room.most)
    room.all -= file.size or 0
    return file


def _fits(url: str, room: Room, gathered: Gathering) -> bool:
    """Tell whether there is room for one more file; that there is none is told."""
    if room.all > 0:
        return True
    told = f"{url}: not asked for: the files of its article weigh more than `max_article_asset_bytes`"
    gathered.failures.append(Failure(url, "too_large", told))
    return False
