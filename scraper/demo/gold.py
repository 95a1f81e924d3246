"""The right answers about the campus: sites as values in, what a crawler should find out. Pure.

Read from the same data the pages are made of, so the two cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scraper.demo import files
from scraper.demo.cms import RUNS_ON
from scraper.demo.content import Article, Site
from scraper.demo.markup import paragraphs, pictures

# state of an article in edition two -> the kind of change a first look gives it
_KINDS = {"hidden": "hidden", "withdrawn": "missing", "soft_404": "missing"}


@dataclass(frozen=True, slots=True)
class Gold:
    """What a right extraction of one article gives; fields named as in the record.

    `url` is the address in its home section's list, `alternates` are its others. `paragraphs` are the running
    text, `images` the pictures' file names, `attachments` the files' URLs; `listed`: a list shows it.
    """

    site: str
    url: str
    alternates: tuple[str, ...]
    section: str
    title: str
    release_time: str
    views: int
    paragraphs: tuple[str, ...]
    images: tuple[str, ...]
    attachments: tuple[str, ...]
    author: str | None
    source: str | None
    editor: str | None
    listed: bool


@dataclass(frozen=True, slots=True)
class Expected:
    """One change edition two makes; `kind` is that of a first look, `fields` those that differ."""

    kind: str
    site: str
    url: str
    title: str
    fields: tuple[str, ...] = ()
    release_time_moved_back: bool = False


def manifest(site: Site) -> Iterator[Gold]:
    """Yield the gold of every article that can be read on the site, link articles aside."""
    for article in site.articles.values():
        if site.standing(article) and not site.closed(article):
            yield _gold(site, article)


def expected_changes(before: Site, after: Site) -> Iterator[Expected]:
    """Yield what a first look at `after` finds against `before`; views and link articles do not count."""
    for article in after.articles.values():
        old = before.articles.get(article.id)
        kind, fields = _kind(after, old, article)
        if kind and not article.link:
            back = old is not None and article.released < old.released
            yield Expected(kind, after.key, _urls(after, article)[0], article.title, fields, back)


def _urls(site: Site, article: Article) -> list[str]:
    return [site.bases[site.key] + path for path in RUNS_ON[site.key].addresses(site, article)]


def _gold(site: Site, article: Article) -> Gold:
    url, *alternates = _urls(site, article)
    return Gold(
        site=site.key,
        url=url,
        alternates=tuple(alternates),
        section=site.sections[article.sections[0]].name,
        title=article.title,
        release_time=article.released,
        views=site.views(article),
        paragraphs=paragraphs(article.markup),
        images=pictures(article.markup),
        attachments=tuple(site.bases[site.key] + file.path for file in article.files),
        author=article.author or None,
        source=article.source or None,
        editor=article.editor or None,
        listed=article.state == "live",
    )


def _kind(after: Site, old: Article | None, new: Article) -> tuple[str | None, tuple[str, ...]]:
    if old is None:
        return "new", ()
    if after.closed(new):
        return "error", ()
    if new.state != "live":
        return _KINDS[new.state], ()
    then, now = _compared(old), _compared(new)
    fields = tuple(name for name in now if then[name] != now[name])
    return ("changed", fields) if fields else (None, ())


def _compared(article: Article) -> dict[str, object]:
    """Return what the content digest of the record covers."""
    return {
        "title": article.title,
        "release_time": article.released,
        "body": article.markup,
        "images": pictures(article.markup),
        "attachments": [(file.path, file.name, files.make(file.name, file.text)) for file in article.files],
    }
