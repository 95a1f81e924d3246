"""The tools campusnews is measured against, each as one function (page, text) -> what it found.

    pip install "trafilatura>=2" gne newspaper4k readability-lxml lxml_html_clean

They are needed here only; one that is not installed is an error that names this line.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable
from types import ModuleType

from lxml import html
from pages import Saved

from scraper import Extraction, extract
from scraper.extract import read_article
from scraper.page import Page
from scraper.presets.generic import GENERIC

INSTALL = 'pip install "trafilatura>=2" gne newspaper4k readability-lxml lxml_html_clean'
Answer = dict[str, str]  # title, published, body: what is missing was not found
Tool = Callable[[Saved], Answer]
_BLOCKS = ("blockquote", "br", "div", "figcaption", "h1", "h2", "h3", "h4", "h5", "li", "p", "pre", "td")


def need(module: str) -> ModuleType:
    """Return a rival's module, or end with the line that installs it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise SystemExit(
            f"{module} is missing ({error}); the benchmark compares with it: {INSTALL}"
        ) from error


def ours(page: Saved) -> Answer:
    """Read a page with campusnews."""
    return _answer(extract(page.body, page.url))


def generic(page: Saved) -> Answer:
    """Read a page with campusnews as if its CMS were unknown."""
    return _answer(read_article(Page(url=page.url, body=page.body), GENERIC))


def _answer(extraction: Extraction) -> Answer:
    article = extraction.article
    if article is None:
        return {}
    return {"title": article.title, "published": article.release_time or "", "body": article.body}


def trafilatura(page: Saved) -> Answer:
    """Read a page with trafilatura, its metadata asked for."""
    found = need("trafilatura").bare_extraction(page.body, url=page.url, with_metadata=True)
    if found is None:
        return {}
    return {"title": found.title or "", "published": found.date or "", "body": found.text or ""}


def gne(page: Saved) -> Answer:
    """Read a page with GNE; it takes text, so it is given our decoding."""
    found = need("gne").GeneralNewsExtractor().extract(_text(page))
    return {"title": found["title"], "published": found["publish_time"], "body": found["content"]}


def newspaper4k(page: Saved) -> Answer:
    """Read a page with newspaper4k; it takes text, so it is given our decoding."""
    article = need("newspaper").Article(page.url, fetch_images=False)
    article.download(input_html=_text(page))
    article.parse()
    published = article.publish_date
    day = published.strftime("%Y-%m-%d") if hasattr(published, "strftime") else str(published or "")
    return {"title": article.title or "", "published": day, "body": article.text or ""}


def readability(page: Saved) -> Answer:
    """Read a page with readability-lxml, which has no dates; its HTML is turned into lines here."""
    document = need("readability").Document(_text(page))
    return {"title": document.short_title() or "", "body": _lines(document.summary(html_partial=True))}


TOOLS: dict[str, Tool] = {
    "campusnews": ours,
    "no presets": generic,
    "trafilatura": trafilatura,
    "newspaper4k": newspaper4k,
    "gne": gne,
    "readability": readability,
}
_OURS = ("campusnews", "no presets")
_MODULES = {"newspaper4k": "newspaper"}


def check(names: list[str]) -> None:
    """End with the line that installs it if one of the named tools is missing."""
    for name in names:
        if name not in TOOLS:
            raise SystemExit(f"{name} is none of {', '.join(TOOLS)}")
        if name not in _OURS:
            need(_MODULES.get(name, name))
    warnings.simplefilter("ignore")  # theirs


def _text(page: Saved) -> str:
    return Page(url=page.url, body=page.body).text


def _lines(source: str) -> str:
    tree = html.fromstring(source)
    for element in tree.iter(*_BLOCKS):
        element.tail = "\n" + (element.tail or "")
    return str(tree.text_content())
