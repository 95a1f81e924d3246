"""What a run knows of one site so far: listings, articles seen, failures, and how they add up. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal

from scraper.config import Site
from scraper.drift import Coverage, Tally, drifts, is_spread
from scraper.gather import Failure
from scraper.walk import Walk
from storage.records import Proof, SiteOutcome

TRIES = {"article": 5, "listing": 1}  # pages of a run after which a rule that matched none is wrong


@dataclass(slots=True)
class SiteRun:
    """One site of one run.

    `open` counts tasks found and not yet taken in, `walks` are the listings by seed, `torn` those of which an
    earlier run left pages: walked in two parts, they prove no absence. `broken` says why a listing could not
    be read, `cut` why one was not walked to its end. `tallies` say how each seed's articles read, `before`
    how they read in earlier runs, `drifted` by name how they fell. `known` counts the articles read that the
    archive knew, by seed, `unread` those of them that were answered with a page that could not be read, by
    the reason.
    """

    site: Site
    open: int = 0
    looked: bool = False
    walks: dict[str, Walk] = field(default_factory=dict)
    torn: set[str] = field(default_factory=set)
    broken: dict[str, Failure] = field(default_factory=dict)
    cut: dict[str, Failure] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    tallies: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    before: dict[str, Coverage] = field(default_factory=dict)
    drifted: dict[str, str] = field(default_factory=dict)
    known: Counter[str] = field(default_factory=Counter)
    unread: Counter[str] = field(default_factory=Counter)
    idle: Counter[str] = field(default_factory=Counter)
    tried: Counter[str] = field(default_factory=Counter)

    def try_rules(self, part: str, idle: Collection[str]) -> None:
        """Count a page read by rules of the config, and those of its places that the page does not have."""
        self.tried[part] += 1
        self.idle.update(idle)

    def walked(self) -> dict[str, Proof]:
        """Return the seeds whose listing proves absence: "" for all of it, else down to which day or rank."""
        sound = {seed: walk for seed, walk in self.walks.items() if seed not in self.broken | self.cut}
        proofs = {seed: walk.proof() for seed, walk in sound.items()}
        return {seed: proof for seed, proof in proofs.items() if proof is not None}

    def whole(self) -> list[str]:
        """Return the seeds whose listing was walked to its end."""
        left = self.broken | self.cut
        return [seed for seed, walk in self.walks.items() if walk.whole and seed not in left]

    def hold_against_before(self) -> None:
        """Name the drifts: in what the lists and articles of each seed read less well than they did."""
        for seed, tally in self.tallies.items():
            for name, told in drifts(self.before.get(seed, {}), tally.coverage()):
                self.drifted.setdefault(name, f"{told} ({seed})")
        known = self.known.total() + self.unread.total()
        for reason, count in self.unread.items():
            if is_spread(count, known):
                self.drifted[f"unreadable:{reason}"] = f"{count} of {known} known articles"
        for name, count in self.idle.items():
            part = name.partition(".")[0]
            if count == self.tried[part] >= TRIES[part]:
                self.drifted[f"rule_idle:{name}"] = f"matches nothing on {count} pages: mend it in `rules`"

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
