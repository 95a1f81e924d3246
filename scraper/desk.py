"""What waits of one site while a run reads it: pages to learn from, articles in doubt. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from scraper import drift
from scraper.frontier import Task
from scraper.learned import Layout
from scraper.normalize.text import squash
from scraper.page import Page
from scraper.presets.preset import Preset
from storage.ladder import Look
from storage.records import Article, Capture

ENOUGH = 5  # pages no layout fits, from which one is learned at once; articles that show a list reads well

FEW = 3  # articles with one title: it is not that of an article
LATELY = 500  # titles of a site remembered: what a page shows in place of titles comes again before that


@dataclass(frozen=True, slots=True)
class Held:
    """One article on its way: `page` is let go once nothing more can be learned from it.

    `at` is when its page was captured, where that was not in this run.
    """

    task: Task
    look: Look
    article: Article
    capture: Capture
    page: Page | None
    preset: Preset
    unfit: bool = False
    misfit: str | None = None
    lost: frozenset[str] = frozenset()
    known: bool = False
    moved: bool = False
    at: datetime | None = None


@dataclass(slots=True)
class Desk:
    """What waits of one site: pages to learn from and articles in doubt, by seed.

    `titles` are those met lately, each with up to `FEW` articles that have it.
    """

    studies: dict[str, list[Held]] = field(default_factory=lambda: defaultdict(list))
    learned: dict[str, Layout | None] = field(default_factory=dict)
    doubts: dict[str, list[Held]] = field(default_factory=lambda: defaultdict(list))
    titles: dict[str, frozenset[str]] = field(default_factory=dict)

    def meet(self, article: Article) -> None:
        """Take note of an article's title."""
        title = squash(article.title)
        have = self.titles.pop(title, frozenset())
        self.titles[title] = have if len(have) >= FEW else have | {article.id}
        if len(self.titles) > LATELY:
            del self.titles[next(iter(self.titles))]

    def alike(self, article: Article) -> int:
        """Return how many articles met lately have the title of this one; it may be among them."""
        return len(self.titles.get(squash(article.title), ()))

    def lost(self, held: Held, known: int) -> frozenset[str]:
        """Return what an article lost: a title that changed only where several articles have it now."""
        shared = self.alike(held.article) >= max(2, min(FEW, known))
        return held.lost if shared else held.lost - {"title"}

    def is_sound(self, seed: str, known: int) -> bool:
        """Tell whether enough of a list's known articles were read, and most as well as before."""
        cases = [held.lost for held in self.doubts[seed] if held.known]
        return known >= ENOUGH and not drift.spread(cases, known)
