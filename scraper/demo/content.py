"""The campus as data: articles/*.toml in, one site in one edition out. Reads its own package files only.

An article's `[article.next]` table says what edition two changes; `since = 2` makes an article of the second
day. Bodies are the small markup of `scraper.demo.markup`.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any, Literal

EDITIONS = (1, 2)
SITES = ("szqu", "hcu", "dfu")

State = Literal["live", "hidden", "withdrawn", "soft_404"]


@dataclass(frozen=True, slots=True)
class File:
    """An attachment: its path on the site, the name shown, and the words it holds."""

    path: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """One listing of a site; `number` is its column or tree, `style` its look; `closed` answers 503."""

    key: str
    name: str
    number: int
    per_page: int
    style: str
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Article:
    """One article in one edition.

    `sections` are keys, home section first. `released` is what an extractor should give: ISO 8601, as precise
    as the page; `filed` is the release first given, which addresses keep. `link` makes it a link article:
    where it leads, with `{site}` for another site's base. `markup` is the body's source.
    """

    id: int
    sections: tuple[str, ...]
    title: str
    released: str
    filed: str
    views: int
    markup: str = ""
    author: str = ""
    source: str = ""
    editor: str = ""
    link: str = ""
    style: str = ""
    files: tuple[File, ...] = ()
    state: State = "live"


@dataclass(frozen=True, slots=True)
class Site:
    """One site in one edition; `bases` are all sites' addresses, `visits` what beacons added to views."""

    key: str
    name: str
    number: int
    robots: str
    serves: tuple[str, ...]
    sections: Mapping[str, Section]
    articles: Mapping[int, Article]
    bases: Mapping[str, str] = field(default_factory=dict)
    visits: Mapping[int, int] = field(default_factory=Counter)

    def listed(self, section: str) -> list[Article]:
        """Return what the section's lists show, newest first."""
        shown = (a for a in self.articles.values() if a.state == "live" and section in a.sections)
        return sorted(shown, key=lambda article: (article.released[:10], article.id), reverse=True)

    def views(self, article: Article) -> int:
        """Return the count the site shows now."""
        return article.views + self.visits.get(article.id, 0)

    def standing(self, article: Article) -> bool:
        """Tell whether the article can be read at its addresses when its section is open."""
        return article.state in ("live", "hidden") and not article.link

    def closed(self, article: Article) -> bool:
        """Tell whether the article's home section answers 503 in this edition."""
        return self.sections[article.sections[0]].closed


@cache
def load(key: str, edition: int) -> Site:
    """Return the site as it stands in the edition, not yet served anywhere."""
    raw = _source(key)
    sections = {row["key"]: _section(row, edition) for row in raw["section"]}
    articles = {row["id"]: _article(row, edition) for row in raw["article"] if row.get("since", 1) <= edition}
    return Site(key, raw["name"], raw["number"], raw["robots"], tuple(raw["serves"]), sections, articles)


@cache
def _source(key: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("articles", f"{key}.toml").read_text("utf-8"))


def _section(row: Mapping[str, Any], edition: int) -> Section:
    values = {name: value for name, value in row.items() if name != "closed_in"}
    return Section(**values, closed=edition in row.get("closed_in", ()))


def _article(row: Mapping[str, Any], edition: int) -> Article:
    """Build the article of edition one, then lay `next` over it where the day has come."""
    plain = {
        name: value for name, value in row.items() if name not in ("since", "next", "body", "files", "views")
    }
    article = Article(
        **plain | {"sections": tuple(row["sections"])},
        filed=row["released"],
        views=row["views"][edition - 1],
        markup=row.get("body", ""),
        files=tuple(File(**file) for file in row.get("files", ())),
    )
    return _moved_on(article, row.get("next", {})) if edition == 2 else article


def _moved_on(article: Article, following: Mapping[str, Any]) -> Article:
    values = dict(following)
    markup = article.markup
    for old, new in values.pop("edits", ()):
        if old not in markup:
            raise ValueError(f"article {article.id}: its body has no {old!r} to edit")
        markup = markup.replace(old, new)
    texts = values.pop("files", {})
    held = tuple(replace(file, text=texts.get(file.name, file.text)) for file in article.files)
    return replace(article, markup=markup, files=held, **values)
