"""The pages the change benchmark edits: the sample campus, made ones, or saved ones. Reads files.

campus()      every article of the demo: WebPlus, VSB, a portal of the GBK years
made(seed)    the structures of TRS, DedeCMS, phpcms, ThinkPHP, ASP, WordPress, Drupal, Omni, and of no CMS
saved(DIR)    labelled pages of a folder with a manifest.jsonl
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pages

from changing import words
from changing.templates import CREDITS, DAY_ONLY, NO_VIEWS, PEOPLE, TEMPLATES, story
from scraper.demo.campus import Campus
from scraper.demo.cms import RUNS_ON
from scraper.demo.markup import blocks
from scraper.demo.reply import Request
from scraper.page import Page


@dataclass(frozen=True, slots=True)
class Base:
    """One page and what is known of it: the lines of its text, and what its fields are printed as."""

    name: str
    cms: str
    url: str
    body: bytes
    title: str
    lines: tuple[str, ...]
    day: str | None = None  # ISO, as precise as the page
    views: int | None = None
    author: str | None = None
    source: str | None = None
    editor: str | None = None
    section: str | None = None
    images: int | None = None  # how many stand in the text, where that is known
    files: int | None = None

    @property
    def text(self) -> str:
        """The page decoded."""
        return Page(self.url, self.body).text


def campus() -> Iterator[Base]:
    """Yield every article page of the sample campus."""
    with Campus() as open_campus:
        for gold in open_campus.manifest():
            site = open_campus.site(gold.site)
            path = gold.url.removeprefix(site.bases[gold.site])
            reply = RUNS_ON[gold.site].respond(site, Request("GET", path))
            known = {name: getattr(gold, name) for name in ("author", "source", "editor", "section", "views")}
            number = int(re.findall(r"\d+", path)[-1])
            yield Base(
                f"{gold.site}{path}",
                RUNS_ON[gold.site].__name__.rpartition(".")[2],
                f"http://{gold.site}.example.edu.cn{path}",
                reply.body,
                gold.title,
                tuple(_lines(site.articles[number].markup)),
                gold.release_time,
                **known,
            )


def _lines(markup: str) -> Iterator[str]:
    """Yield the lines of a sample article: those of lists, tables, captions and signatures too."""
    for block in blocks(markup):
        for line in block.splitlines():
            yield from re.split(r"\s*\|\s*", re.sub(r"^(?:[#>-] |\| )|\]\(.*$|^!\[|\s*\|$", "", line))


def saved(folder: Path) -> Iterator[Base]:
    """Yield the labelled articles of a folder; of its labels only those that stand in the page help."""
    for page in pages.saved(folder):
        gold = page.gold
        if page.kind == "article" and gold.get("title"):
            known: dict[str, Any] = {name: gold.get(name) for name in ("author", "source", "editor")}
            known |= {"images": gold.get("images"), "files": len(gold.get("attachments") or ())}
            lines = tuple(line for line in (gold.get("body_text") or "").split("\n") if line.strip())
            day = gold.get("published")
            url = page.url if re.fullmatch(r"[!-~]+", page.url) else f"http://{page.name}.example/1.htm"
            yield Base(page.name, page.cms, url, page.body, gold["title"], lines, day, **known)


def made(seed: int, each: int = 3) -> Iterator[Base]:
    """Yield `each` pages of every template."""
    chance = random.Random(seed)
    for number in range(each * len(TEMPLATES)):
        name = list(TEMPLATES)[number % len(TEMPLATES)]
        language, url, encoding, write = TEMPLATES[name]
        told = story(chance, number + 1, language)
        page = write(told).encode(encoding, "xmlcharrefreplace")
        yield Base(
            f"{name}-{told.number}",
            name,
            url.format(n=told.number, day=told.day[:10].replace("-", "")),
            page,
            told.title,
            (*told.paragraphs, *told.items, *(cell for row in told.cells for cell in row), told.caption),
            told.day if name not in DAY_ONLY else told.day[:10],
            told.views if name not in NO_VIEWS else None,
            **{field: getattr(told, field) if field in CREDITS[name] else None for field in PEOPLE},
            section=words.SECTION[language],
        )
