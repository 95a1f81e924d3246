"""The files of an article: which of them a visit asks for, and how much they may weigh.

article known and as it was    attachments on the condition that they changed, where they can be asked for so;
                               images and styles that were never asked for
article new or changed         everything, on that condition where it is kept
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from scraper.baseline import with_details
from scraper.config import Site
from scraper.extract import base_of
from scraper.extract.media import source_of
from scraper.gather import Failure, Gathering
from scraper.index import Element
from scraper.page import Page
from scraper.urls import BadURL, absolute, same_site
from storage.records import Article, Attachment


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
        for url in dict.fromkeys((*pictures, *dressing(page))):
            if gathered.memory is None or gathered.memory.wants(url, same=same):
                room.all -= gathered.keep(url, room.most) if _fits(url, room, gathered) else 0
    return replace(article, attachments=files)


def dressing(page: Page) -> Iterator[str]:
    """Yield the stylesheets and pictures of the page's own site that make it look as it does."""
    base = base_of(page)
    for element in page.tree.iter("link", "img"):
        url = _style(element, base) if element.tag == "link" else source_of(element, base)
        if url is not None and _is_ours(url, page):
            yield url


def _style(link: Element, base: str) -> str | None:
    address = link.get("href")
    if address is None or "stylesheet" not in (link.get("rel") or "").lower().split():
        return None
    try:
        return absolute(address, base)
    except BadURL:
        return None


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
