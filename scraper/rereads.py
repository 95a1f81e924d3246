"""What reading kept records again is asked for, and what comes of it: by record, and by site. Pure."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from scraper import drift
from scraper.config import Site
from scraper.presets import PRESETS
from storage.choice import Choice
from storage.records import Article

Came = Literal["same", "rules", "refreshed", "drift", "refused", "damaged", "current"]
EXAMPLES = 3  # of each field that moved, of each reason why records stay
_LASTING = ("counts", "moved", "lost", "stays", "urls")  # what of a site is known beyond a kill


@dataclass(frozen=True, slots=True)
class Terms:
    """What is wanted: articles released between two days (ISO 8601, inclusive), or all.

    `accept` takes also what reads worse than it did; `older` leaves out what rules of today's revision read.
    Raises InvalidChoice where there are no days between the two.
    """

    since: str | None = None
    until: str | None = None
    accept: bool = False
    older: bool = False

    def __post_init__(self) -> None:
        Choice(since=self.since, until=self.until)  # which knows what days can be chosen

    def mark(self, site: Site) -> str:
        """Return what tells these terms, over the rules as far as they are stated, from others."""
        rules = [site.model_dump_json(), {name: preset.revision for name, preset in PRESETS.items()}]
        text = json.dumps([asdict(self), rules], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Reread:
    """What came of one record: the `same`, another version by `rules`, details `refreshed`; or it stays.

    It stays where it reads worse (`drift`), where the rules take its page for no article (`refused`, also
    where a page of it was never kept), where its capture is `damaged`, and where it is `current`, which is
    not read. `before` has the fields that moved, as they are in the kept record; `article` is the new one,
    `lost` what it reads worse in, `reason` the name of why it stays.
    """

    article_id: str
    url: str
    came: Came
    article: Article | None = None
    before: Mapping[str, Any] = field(default_factory=dict)
    lost: frozenset[str] = frozenset()
    reason: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """One record in which a field moved: its value before, and the record as it reads now."""

    url: str
    before: Any
    article: Article


@dataclass(slots=True)
class Found:
    """What came of one site: how many records were `read` and what came of them, with examples.

    `moved` counts the fields that moved, `lost` those that read worse, `stays` why records stay, `urls` has
    the first of these. They go over all parts of a run that was interrupted, `examples` over its last.
    """

    site: str
    counts: Counter[str] = field(default_factory=Counter)
    moved: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    stays: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[Example]] = field(default_factory=dict)
    urls: dict[str, list[str]] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """Return what whoever goes on with the run has to know, as JSON values."""
        return {name: dict(getattr(self, name)) for name in _LASTING}

    def go_on(self, told: Mapping[str, Any]) -> None:
        """Take up what `told` said of the parts before."""
        for name in _LASTING:
            getattr(self, name).update(told.get(name, {}))

    def take(self, came: Reread) -> None:
        """Take in what came of one record."""
        self.counts[came.came] += 1
        self.counts["read"] += came.came != "current"
        self.lost.update(came.lost)
        self.moved.update(came.before.keys())
        if came.reason is not None:
            self.stays[came.reason] += 1
            _add(self.urls, came.reason, came.url)
        if came.article is not None:
            for name, before in came.before.items():
                _add(self.examples, name, Example(came.url, before, came.article))

    def drifts(self) -> dict[str, str]:
        """Return by name the ways in which so many records read worse that the rules are in doubt."""
        read = self.counts["read"]
        worse = {drift.name_of(name): count for name, count in self.lost.items()}
        worse |= {
            f"unreadable:{reason}": count
            for reason, count in self.stays.items()
            if reason not in ("drift", "damaged")
        }
        return {
            name: f"{count:,} of {read:,} records"
            for name, count in worse.items()
            if drift.is_spread(count, read)
        }


def _add(lists: dict[str, list[Any]], name: str, item: Any) -> None:
    known = lists.setdefault(name, [])
    if len(known) < EXAMPLES:
        known.append(item)
