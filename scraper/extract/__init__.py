"""From a page to an article: each field the first of its candidates, with the rule that found it. Pure.

page -> detect preset -> problem? -> body -> headline -> byline, section, media -> Article
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urljoin, urlsplit

from lxml import html

from scraper.extract.body import asides, find_body
from scraper.extract.byline import Byline, Found, byline_of, is_byline
from scraper.extract.counter import Counter, find_counter
from scraper.extract.document import Document, Line
from scraper.extract.headline import Headline, find_headline
from scraper.extract.media import attachments, images
from scraper.extract.passage import Passage, passage_of
from scraper.extract.problem import refuse
from scraper.extract.sanitise import sanitised
from scraper.extract.section import sections
from scraper.extract.structured import Structured
from scraper.normalize.dates import day_first_of, zone_of
from scraper.normalize.text import language_of
from scraper.page import Page
from scraper.presets import article_key, detect
from scraper.presets.preset import Preset
from scraper.urls import BadURL, canonical, urlkey
from storage.records import Article, Attachment, Extractor

__all__ = ["Counter", "Extraction", "article_id", "extract", "read_article"]

_SAMPLE = 20_000  # characters that tell a language


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
    """Extract the article from a page; what is known of the site goes before what the page suggests."""
    preset = preset or detect(page)
    if problem := refuse(page, preset):
        return Extraction(None, problem, None, preset.name)
    document = Document(page.tree)
    if document.is_cut():
        return Extraction(None, "too_deep", None, preset.name)
    reading = _Reading(page, document, preset, timezone, language)
    if reading.headline is None:
        return Extraction(None, "no_content", None, preset.name)
    article = reading.article(reading.headline, site or _host(page.base_url), section)
    return Extraction(article, None, find_counter(page, preset), preset.name)


class _Reading:
    """One page being read: the parts that several fields need, found once."""

    def __init__(
        self, page: Page, document: Document, preset: Preset, timezone: str | None, language: str | None
    ) -> None:
        rules, host = preset.article, _host(page.base_url)
        self.page, self.document, self.preset = page, document, preset
        self.base = _base(page)
        self.structured = Structured(page.tree)
        found = find_body(document, rules.body)
        self.body: html.HtmlElement | None = found[0] if found else None
        self.rule = found[1] if found else ""
        before = len(document) if self.body is None else document.place(self.body)
        self.headline = find_headline(document, self.structured, rules.title, before)
        line = self.headline.line if self.headline else None
        self.skip = asides(document, self.body, rules.drop) if self.body is not None else frozenset()
        self.passage = Passage((), len(document), len(document))
        if self.body is not None:
            self.passage = passage_of(document, self.body, self.skip, line, self.rule)
        self.language = language or self._language()
        self.byline: Byline = byline_of(
            document,
            self.structured,
            line,
            self.body,
            self.passage.stop,
            metas=rules.meta,
            zone=timezone or zone_of(host),
            day_first=day_first_of(self.language, host),
        )

    def article(self, headline: Headline, site: str, section: str | None) -> Article:
        """Put the first candidate of every field into one record, and the rules into its provenance."""
        found = self._found()
        time, views = found["release_time"], found["views"]
        named = self._section(headline, section)
        url = _address(self.page.base_url)
        return Article(
            id=article_id(url),
            url=url,
            site=site,
            section=named[0] if named else None,
            title=headline.text,
            release_time=time.value if time else None,
            release_time_raw=time.raw if time else None,
            views=int(views.value) if views else None,
            views_source="static" if views else None,
            views_observed_at=_utc(self.page.fetched_at) if views and self.page.fetched_at else None,
            body="\n\n".join(line.text for line in self._lines(headline, time, views)),
            body_html=sanitised(self.body, self.base) if self.body is not None else "",
            author=_value(found["author"]),
            source=_value(found["source"]),
            editor=_value(found["editor"]),
            language=self.language,
            images=images(self._inside(), self.base),
            attachments=self._attachments(),
            extractor=Extractor(self.preset.name, self.preset.revision),
            provenance=self._provenance(headline, found, named),
        )

    def _found(self) -> dict[str, Found | None]:
        """Return what the lines around the body say, by field."""
        return {
            "release_time": next(self.byline.release_times(), None),
            "views": next(self.byline.views(), None),
            **{field: next(self.byline.names(field), None) for field in ("author", "source", "editor")},
        }

    def _section(self, headline: Headline, known: str | None) -> tuple[str, str] | None:
        selectors = self.preset.article.section
        printed = sections(self.document, self.structured, headline.text, headline.line, selectors)
        return next(printed, (known, "config") if known else None)

    def _provenance(
        self, headline: Headline, found: dict[str, Found | None], section: tuple[str, str] | None
    ) -> dict[str, str]:
        rules = {"title": headline.rule, "encoding": f"{self.page.encoding_rule}:{self.page.encoding}"}
        rules |= {"body": self.rule} if self.rule else {}
        rules |= {field: item.rule for field, item in found.items() if item}
        return rules | ({"section": section[1]} if section else {})

    def _lines(self, headline: Headline, time: Found | None, views: Found | None) -> tuple[Line, ...]:
        """Return the lines of the body, without those at its top that only repeat the title or the byline."""
        lines = self.passage.lines
        taken = {item.value[:10] if item is time else item.value for item in (time, views) if item}
        while len(lines) > 1 and is_byline(lines[0].raw, taken):
            lines = lines[1:]
        return lines

    def _inside(self) -> Iterator[html.HtmlElement]:
        """Yield the elements of the body that stand with its text, asides left out."""
        elements = self.document.elements
        for element in elements[self.passage.start : self.passage.stop]:
            if not self.skip or not any(up in self.skip for up in (element, *element.iterancestors())):
                yield element

    def _attachments(self) -> tuple[Attachment, ...]:
        """Files stand in the body, or beside it in the block that holds title and body together."""
        if self.body is None:
            return ()
        trusted = self.rule.startswith("preset:")
        elements = _around(self.body).iter(html.etree.Element) if trusted else self._inside()
        return attachments(elements, self.preset.article.attachments, self.base)

    def _language(self) -> str | None:
        """Return what the title and the body are written in."""
        stated = self.page.tree.get("lang") or next(self.structured.metas("language"), ("", ""))[0]
        lines = self.passage.lines or self.document.lines
        title = self.headline.text if self.headline else ""
        return language_of(" ".join([title, *(line.text for line in lines)])[:_SAMPLE], stated)


def _value(found: Found | None) -> str | None:
    return found.value if found else None


def _host(url: str) -> str:
    """Return the host of an address, or nothing where it is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


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
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()[:20]


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


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
