"""Which CMS each site of the campus runs on, and what a CMS module offers. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from scraper.demo import shtml, vsb, webplus
from scraper.demo.content import Article, Section, Site
from scraper.demo.reply import Reply, Request


class CMS(Protocol):
    """What each CMS module offers."""

    def respond(self, site: Site, request: Request) -> Reply:
        """Return the site's answer to the request."""

    def addresses(self, site: Site, article: Article) -> tuple[str, ...]:
        """Return every path of the article, the one its home section's list shows first."""

    def seed(self, section: Section) -> str:
        """Return the path of the section's first list page."""


RUNS_ON: Mapping[str, CMS] = {"szqu": webplus, "hcu": vsb, "dfu": shtml}
