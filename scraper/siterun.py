"""What a run knows of one site so far: listings, articles seen, failures, and how they add up. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from scraper.config import Site
from scraper.visit import Failure
from storage.records import SiteOutcome


@dataclass(slots=True)
class SiteRun:
    """One site of one run.

    `open` counts tasks found and not yet taken in, `seen` holds article ids, `items` the ids of each seed's
    listing, `broken` why a listing could not be read, `cut` why one was not walked to its end.
    """

    site: Site
    open: int = 0
    looked: bool = False
    seen: set[str] = field(default_factory=set)
    items: dict[str, set[str]] = field(default_factory=dict)
    broken: dict[str, Failure] = field(default_factory=dict)
    cut: dict[str, Failure] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def whole(self) -> list[str]:
        """Return the seeds whose listing was walked to its end."""
        return [seed for seed in self.items if seed not in self.broken and seed not in self.cut]

    def lists(self, article_id: str) -> bool:
        """Tell whether a listing showed the article in this run."""
        return any(article_id in ids for ids in self.items.values())

    def outcome(self, *, ended: bool) -> SiteOutcome:
        """Return how the site went, or goes so far."""
        told = next((why.detail for why in (*self.broken.values(), *self.cut.values())), None)
        done: Literal["done"] | None = "done" if ended else None
        return SiteOutcome(self.site.name, "failed" if self.broken else done, told, dict(self.counts))
