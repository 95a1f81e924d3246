"""From a page to an article: each field the first of its candidates, with the rule that found it. Pure.

page -> detect preset -> problem? -> Reading: body, headline, byline, section, media -> Article
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

from scraper.extract.counter import Counter, find_counter
from scraper.extract.dateline import bare_day, is_byline
from scraper.extract.document import Line
from scraper.extract.found import Found
from scraper.extract.headline import Headline
from scraper.extract.media import VIEWERS, attachments, images, links
from scraper.extract.names import is_signed
from scraper.extract.parts import next_part
from scraper.extract.prose import prose
from scraper.extract.reading import Reading
from scraper.extract.sanitise import sanitised
from scraper.index import Element
from scraper.normalize.credits import credits
from scraper.page import Page
from scraper.presets import article_key, detect
from scraper.presets.preset import Preset
from scraper.urls import BadURL, canonical, hostname, key_of
from storage.records import Article, Attachment, Extractor, Image, Link
from storage.sameness import target_of

__all__ = ["Counter", "Extraction", "article_id", "article_of", "extract", "read_article"]


_PEOPLE = ("author", "source", "editor")


@dataclass(frozen=True, slots=True)
class Extraction:
    """What a page gave: an article, or the named problem why it is none; and its counter, if it has one.

    `next_part` is the address of the page on which the article goes on.
    """

    article: Article | None
    problem: str | None
    counter: Counter | None
    preset: str
    next_part: str | None = None


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
    day_first: bool | None = None,
    first: str | None = None,
    number: int = 1,
) -> Extraction:
    """Extract the article from a page; what is known of the site goes before what the page suggests.

    Where the page is the `number`-th part of an article, `first` is the address of its first one.
    """
    preset = preset or detect(page)
    reading = Reading(
        page, preset, section=section, timezone=timezone, language=language, day_first=day_first
    )
    if reading.problem or reading.headline is None:
        return Extraction(None, reading.problem, None, preset.name)
    article = article_of(reading, site or hostname(page.base_url))
    following = None
    if reading.body is not None:
        index, rules = reading.document.index, preset.article.next_page
        following = next_part(index, _around(reading.body), rules, first or page.base_url, number)
    return Extraction(article, None, find_counter(page, preset), preset.name, following)


def article_of(reading: Reading, site: str) -> Article:
    """Put the first candidate of every field into one record, and the rules into its provenance."""
    headline, found = reading.headline, reading.found
    if headline is None:
        raise ValueError("a page without a title is no article: ask `reading.problem` first")
    section = next(reading.candidates("section"), None)
    time, views = found["release_time"], found["views"]
    page, base = reading.page, base_of(reading.page)
    url, identity = _named(page.base_url)
    lines, files = _lines(reading), _attachments(reading, base)
    return Article(
        id=identity,
        url=url,
        site=site,
        section=_value(section),
        title=headline.text,
        release_time=_value(time),
        release_time_raw=time.raw if time else None,
        views=int(views.value) if views else None,
        views_source="static" if views else None,
        views_observed_at=_utc(page.fetched_at) if views and page.fetched_at else None,
        body=prose(lines),
        body_html=sanitised(reading.body, base, reading.skip) if reading.body is not None else "",
        author=_value(found["author"]),
        source=_value(found["source"]),
        editor=_value(found["editor"]),
        language=reading.language,
        images=_images(reading, base),
        attachments=files,
        links=_links(reading, base, lines, files),
        extractor=Extractor(reading.preset.name, reading.preset.revision),
        provenance=_provenance(reading, headline, found | {"section": section}),
    )


def _provenance(reading: Reading, headline: Headline, found: dict[str, Found | None]) -> dict[str, str]:
    rules = {"title": headline.rule, "encoding": reading.page.decoded.decision}
    rules |= {"body": reading.body_rule} if reading.body_rule else {}
    rules |= {"document": f"unclosed {unclosed}"} if (unclosed := reading.page.unclosed) else {}
    return rules | {field: item.rule for field, item in found.items() if item}


def _lines(reading: Reading) -> tuple[Line, ...]:
    """Return the lines of the body, without the byline at its top and the credits at its end."""
    lines = reading.passage.lines
    time, views = reading.found["release_time"], reading.found["views"]
    taken = {item.value[:10] if item is time else item.value for item in (time, views) if item}
    while len(lines) > 1 and (is_byline(lines[0].raw, taken) or _is_named(lines[0].text, reading)):
        lines = lines[1:]
    while len(lines) > 1 and _is_told(lines[-1], reading):
        lines = lines[:-1]
    return lines


def _is_named(text: str, reading: Reading) -> bool:
    """Tell whether a line says nothing but the day of the release or the author's name."""
    time, author = reading.found["release_time"], reading.found["author"]
    if time is not None and bare_day(text) == time.value[:10]:
        return True
    return author is not None and author.value in text and is_signed(text)


def _is_told(line: Line, reading: Reading) -> bool:
    """Tell whether all that a line says is in the record's fields: who took the pictures is in none."""
    credited = credits(line.text)
    values = {field: item.value for field in _PEOPLE if (item := reading.found[field])}
    return bool(credited) and all(values.get(item.field) == item.value for item in credited or ())


def _images(reading: Reading, base: str) -> tuple[Image, ...]:
    return images(_inside(reading, "img"), base)


def _inside(reading: Reading, *tags: str) -> Iterator[Element]:
    """Yield the elements of the body that stand with its text, asides left out."""
    if reading.body is None:
        return
    places, skip = reading.document.places, reading.skip
    start, stop = reading.passage.start, reading.passage.stop
    for element in reading.body.iter(*tags):
        if start <= places[element] < stop and not (
            skip and any(up in skip for up in (element, *element.iterancestors()))
        ):
            yield element


def _attachments(reading: Reading, base: str) -> tuple[Attachment, ...]:
    """Files stand in the body, or beside it in the block that holds title and body together."""
    if reading.body is None:
        return ()
    index, selectors = reading.document.index, reading.preset.article.attachments
    trusted = reading.body_rule.startswith("preset:")
    tags = ("*",) if index.select("[pdfsrc]") else ("a", *VIEWERS)
    elements = _around(reading.body).iter(*tags) if trusted else _inside(reading, *tags)
    named = frozenset(element for element, _ in index.first(selectors))
    return attachments(elements, named, base)


def _links(
    reading: Reading, base: str, lines: Sequence[Line], files: Sequence[Attachment]
) -> tuple[Link, ...]:
    """Links stand in the lines of the text; those to the files the article offers are told there."""
    if reading.body is None or not any(line.linked for line in lines):
        return ()
    document = reading.document
    starts = sorted({line.place for line in (*reading.lines, *lines)})
    shown = {line.place for line in lines}
    inside = (
        element
        for element in reading.body.iter("a")
        # the last element in a link stands in the same line, the first may be just before it
        if (at := bisect_right(starts, document.end(element) - 1)) and starts[at - 1] in shown
    )
    known = {target_of(url) for url in (reading.page.base_url, *(file.url for file in files))}
    return links(inside, base, known)


def _value(found: Found | None) -> str | None:
    return found.value if found else None


def _around(element: Element) -> Element:
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
    return _named(url)[1]


@lru_cache(maxsize=4096)  # on its list, in its task, on its page
def _named(url: str) -> tuple[str, str]:
    """Return the canonical address and the id; what is no address at all stays what the caller called it."""
    try:
        url = canonical(url)
        key = article_key(key_of(url))
    except BadURL:
        key = url
    return url, hashlib.sha256(key.encode(errors="replace")).hexdigest()[:20]


def base_of(page: Page) -> str:
    """Return what links are relative to: `<base href>` where it is http(s), else the page's address."""
    base = page.tree.find("head/base")
    if base is None and page.base_url.startswith(("http://", "https://")):
        return page.base_url
    href = (base.get("href") or "").strip() if base is not None else ""
    try:
        joined = urljoin(page.base_url, href)
        return joined if urlsplit(joined).scheme in ("http", "https") else page.base_url
    except ValueError:
        return page.base_url


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
