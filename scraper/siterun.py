"""What a run knows of one site so far: listings, articles seen, failures, and how they add up. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Literal

from scraper.config import Site
from scraper.drift import Coverage, Tally, drifts, is_spread
from scraper.visit import Failure
from storage.records import SiteOutcome


@dataclass(slots=True)
class SiteRun:
    """One site of one run.

    `open` counts tasks found and not yet taken in, `seen` holds article ids, `items` the ids of each seed's
    listing, `broken` why a listing could not be read, `cut` why one was not walked to its end. `tallies` say
    how each seed's articles read, `before` how they read in earlier runs, `drifted` by name how they fell.
    `known` counts the articles read that the archive knew, by seed, `unread` those of them that were answered
    with a page that could not be read, by the reason.
    """

    site: Site
    open: int = 0
    looked: bool = False
    seen: set[str] = field(default_factory=set)
    items: dict[str, set[str]] = field(default_factory=dict)
    broken: dict[str, Failure] = field(default_factory=dict)
    cut: dict[str, Failure] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    tallies: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    before: dict[str, Coverage] = field(default_factory=dict)
    drifted: dict[str, str] = field(default_factory=dict)
    known: Counter[str] = field(default_factory=Counter)
    unread: Counter[str] = field(default_factory=Counter)

    def whole(self) -> list[str]:
        """Return the seeds whose listing was walked to its end."""
        return [seed for seed in self.items if seed not in self.broken and seed not in self.cut]

    def lists(self, article_id: str) -> bool:
        """Tell whether a listing showed the article in this run."""
        return any(article_id in ids for ids in self.items.values())

    def hold_against_before(self) -> None:
        """Name the drifts: in what the lists and articles of each seed read less well than they did."""
        for seed, tally in self.tallies.items():
            for name, told in drifts(self.before.get(seed, {}), tally.coverage()):
                self.drifted.setdefault(name, f"{told} ({seed})")
        known = self.known.total() + self.unread.total()
        for reason, count in self.unread.items():
            if is_spread(count, known):
                self.drifted[f"unreadable:{reason}"] = f"{count} of {known} known articles"

    def outcome(self, *, ended: bool) -> SiteOutcome:
        """Return how the site went, or goes so far."""
        told = [why.detail for why in self.broken.values()]
        told += ["; ".join(f"{name}: {why}" for name, why in self.drifted.items())] if self.drifted else []
        told += [why.detail for why in self.cut.values()]
        went: Literal["done", "drifted"] | None = ("drifted" if self.drifted else "done") if ended else None
        coverage = {seed: tally.coverage() for seed, tally in self.tallies.items()}
        return SiteOutcome(
            self.site.name,
            "failed" if self.broken else went,
            next(iter(told), None),
            dict(self.counts),
            tuple(self.drifted),
            coverage,
        )
