"""What other tools compare of a page: all its text, or what trafilatura takes for the article. Pure."""

from __future__ import annotations

import hashlib
import importlib.util

from lxml import html

from scraper.page import Page


def page_text(page: bytes, url: str) -> str:
    """Return all text of a page, as a monitor of pages hashes it."""
    tree = html.document_fromstring(Page(url, page).text)
    for silent in tree.xpath("//script|//style|//noscript|//head"):
        silent.drop_tree()
    return hashlib.sha256(" ".join(tree.text_content().split()).encode()).hexdigest()


def main_text(page: bytes, url: str) -> str:
    """Return what trafilatura takes for the article."""
    import trafilatura

    return str(trafilatura.extract(Page(url, page).text, url=url, include_tables=True) or "")


PEERS = {"page text": page_text} | (
    {"trafilatura": main_text} if importlib.util.find_spec("trafilatura") else {}
)
