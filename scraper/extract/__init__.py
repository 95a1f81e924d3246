"""From a page to an article: each field the first of its candidates, with the rule that found it. Pure.

    page -> detect preset -> problem? -> body -> headline -> byline, section, media -> Article
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urljoin, urlsplit

import nh3
from lxml import html

from scraper.extract.body import asides, body_lines, find_body
from scraper.extract.byline import Byline, Found, byline_of, is_byline
from scraper.extract.counter import Counter, find_counter
from scraper.extract.document import Document
from scraper.extract.headline import Headline, find_headline
from scraper.extract.media import attachments, images
from scraper.extract.problem import refuse
from scraper.extract.section import sections
from scraper.extract.structured import Structured
from scraper.normalize.dates import day_first_of, zone_of
from scraper.normalize.text import cjk_share, squash
from scraper.page import Page
from scraper.presets import article_key, detect
from scraper.presets.preset import Preset
from scraper.urls import BadURL, canonical, urlkey
from storage.records import Article, Attachment, Extractor

__all__ = ["Counter", "Extraction", "extract", "read_article"]


@dataclass(frozen=True, slots=True)
class Extraction:
    """What a page gave: an article, or the named problem why it is none; and its counter, if it has one."""

    article: Article | None
    problem: str | None
    counter: Counter | None
    preset: str


def extract(body: bytes, url: str, *, content_type: str | None = None) -> Extraction:
    """Extract the article from a response's bytes; the address resolves links and tells site and country.

    Never raises on what a page contains: `.article` is None then, and `.problem` names why.
    """
    return read_article(Page(url=url, body=body, content_type=content_type))


def read_article(
    page: Page,
    preset: Preset | None = None,
    *,
    site: str | None = None,
    section: str | None = None,
    timezone: str | None = None,
    language: str | None = None,
) -> Extraction:
    """Extract the article from a page; what the config knows of the site goes before what the page suggests."""
    preset = preset or detect(page)
    if problem := refuse(page, preset):
        return Extraction(None, problem, None, preset.name)
    reading = _Reading(page, preset, timezone, language)
    if reading.headline is None:
        return Extraction(None, "no_content", None, preset.name)
    article = reading.article(site or urlsplit(page.base_url).hostname or "", section)
    return Extraction(article, None, find_counter(page, preset), preset.name)


class _Reading:
    """One page being read: the parts that several fields need, found once."""

    def __init__(self, page: Page, preset: Preset, timezone: str | None, language: str | None) -> None:
        rules = preset.article
        host = urlsplit(page.base_url).hostname or ""
        self.page, self.preset = page, preset
        self.base = _base(page)
        self.document = Document(page.tree)
        self.structured = Structured(page.tree)
        self.body = find_body(self.document, rules.body)
        element = self.body[0] if self.body else None
        before = self.document.place(element) if element is not None else len(self.document)
        self.headline: Headline | None = find_headline(self.document, self.structured, rules.title, before)
        self.language = language or _language(page, self.structured)
        self.byline: Byline = byline_of(
            self.document,
            self.structured,
            self.headline.line if self.headline else None,
            element,
            metas=rules.meta,
            zone=timezone or zone_of(host),
            day_first=day_first_of(self.language, host),
        )

    def article(self, site: str, section: str | None) -> Article:
        """Put the first candidate of every field into one record, and the rules into its provenance."""
        assert self.headline is not None
        title = self.headline.text
        provenance = {"title": self.headline.rule, "encoding": f"{self.page.encoding_rule}:{self.page.encoding}"}
        if self.body:
            provenance["body"] = self.body[1]
        time = next(self.byline.release_times(), None)
        views = next(self.byline.views(), None)
        names = {field: next(self.byline.names(field), None) for field in ("author", "source", "editor")}
        found = {"release_time": time, "views": views, **names}
        provenance |= {field: item.rule for field, item in found.items() if item}
        named = next(sections(self.document, self.structured, title, self.headline.line, self.preset.article.section), None)
        if named:
            provenance["section"] = named[1]
        elif section:
            provenance["section"] = "config"
        text, sanitised, skip = self._text(title)
        url = _address(self.page.base_url)
        return Article(
            id=article_id(url),
            url=url,
            site=site,
            section=named[0] if named else section,
            title=title,
            release_time=time.value if time else None,
            release_time_raw=time.raw if time else None,
            views=int(views.value) if views else None,
            views_source="static" if views else None,
            views_observed_at=_utc(self.page.fetched_at) if views and self.page.fetched_at else None,
            body=text,
            body_html=sanitised,
            author=_value(names["author"]),
            source=_value(names["source"]),
            editor=_value(names["editor"]),
            language=self.language,
            images=images([self.body[0]] if self.body else [], skip, self.base),
            attachments=self._attachments(),
            extractor=Extractor(self.preset.name, self.preset.revision),
            provenance=provenance,
        )

    def _text(self, title: str) -> tuple[str, str, frozenset[html.HtmlElement]]:
        """Return the body as text, as sanitised HTML, and the elements left out of both."""
        if self.body is None:
            return "", "", frozenset()
        element = self.body[0]
        skip = asides(self.document, element, self.preset.article.drop)
        lines = list(body_lines(self.document, element, skip, title, self.body[1]))
        while lines and (is_byline(lines[0].raw) or squash(lines[0].text) == squash(title)):
            lines.pop(0)
        return "\n\n".join(line.text for line in lines), _sanitised(element, self.base), skip

    def _attachments(self) -> tuple[Attachment, ...]:
        """Files stand in the body, or beside it in the block that holds title and body together."""
        if self.body is None:
            return ()
        element, rules = self.body[0], self.preset.article
        if self.body[1].startswith("preset:"):
            parent = _around(element)
            return attachments([parent], rules.attachments, self.base)
        return attachments([element], rules.attachments, self.base)


def _value(found: Found | None) -> str | None:
    return found.value if found else None


def _around(element: html.HtmlElement) -> html.HtmlElement:
    """Return the form or block around a body in which a CMS lists the files; never the whole page."""
    for ancestor in element.iterancestors():
        if ancestor.tag in ("form", "article"):
            return ancestor
        if ancestor.tag == "body":
            break
    parent = element.getparent()
    return parent if parent is not None and parent.tag not in ("body", "html") else element


def article_id(url: str) -> str:
    """Return the stable id of the article at an address: hex of the digest of its article key."""
    try:
        key = article_key(urlkey(url))
    except BadURL:
        key = url
    return hashlib.sha256(key.encode()).hexdigest()[:20]


def _address(url: str) -> str:
    """Return the canonical address; one that is no address at all stays what the caller called it."""
    try:
        return canonical(url)
    except BadURL:
        return url


def _base(page: Page) -> str:
    """Return what links are relative to: `<base href>` where it is http(s), else the page's address."""
    base = page.tree.find(".//base")
    href = (base.get("href") or "").strip() if base is not None else ""
    try:
        joined = urljoin(page.base_url, href)
        return joined if urlsplit(joined).scheme in ("http", "https") else page.base_url
    except ValueError:
        return page.base_url


def _language(page: Page, structured: Structured) -> str | None:
    """Return the language as a BCP 47 tag: what the letters prove first, then what the page says."""
    stated = (page.tree.get("lang") or next(structured.metas("language"), ("", ""))[0]).replace("_", "-") or None
    title = page.tree.find(".//title")
    sample = (title.text_content() if title is not None else "") + page.tree.text_content()[:20000]
    chinese = cjk_share(sample) > 0.2
    if chinese and (stated is None or not stated.lower().startswith(("zh", "ja", "ko"))):
        return "zh"
    if not chinese and stated and stated.lower().startswith("zh"):
        return "en"  # the English site of a Chinese CMS keeps the template's lang="zh-CN"
    return stated


def _sanitised(element: html.HtmlElement, base: str) -> str:
    """Return the element's HTML without scripts, styles and handlers, links made absolute (nh3's allow list)."""
    source = html.tostring(element, encoding="unicode", with_tail=False)
    return nh3.clean(source, url_schemes={"http", "https", "mailto", "tel"}, attribute_filter=_absolute(base)).strip()


def _absolute(base: str) -> Callable[[str, str, str], str | None]:
    def resolve(tag: str, name: str, value: str) -> str | None:
        if name not in ("href", "src", "cite"):
            return value
        try:
            return urljoin(base, value.strip())
        except ValueError:
            return None

    return resolve


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
