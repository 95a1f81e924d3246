"""What a run is for: a crawl of what is new and due, a backfill of what lies before, what is kept. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from scraper.config import Config, Site
from scraper.errors import ConfigError
from storage.choice import Choice

_WEB_BEGAN = "1991-01-01"
MOST_PAGES = 100_000  # listing pages of a seed, for a list that never ends


@dataclass(frozen=True, slots=True)
class Aim:
    """What is wanted of a run.

    `accept` takes the sites as they read now; `whole` walks every listing to its end. Of a backfill, `since`
    and `until` are the days (ISO 8601, inclusive) between which listed articles are taken. Raises
    InvalidChoice where there are none between them.
    """

    kind: Literal["crawl", "backfill", "reextract"] = "crawl"
    accept: bool = False
    whole: bool = False
    since: str | None = None
    until: str | None = None

    def __post_init__(self) -> None:
        Choice(since=self.since, until=self.until)  # which knows what days can be chosen

    @property
    def fills(self) -> bool:
        """Whether articles that are known are left alone."""
        return self.kind == "backfill"

    @property
    def judges(self) -> bool:
        """Whether what reads worse than before is held back: old pages prove nothing of those of now."""
        return self.kind == "crawl" and not self.accept

    def holds(self, day: str | None) -> bool:
        """Tell whether an article listed with this day is wanted; one without a day may be."""
        if day is None:
            return True
        since, until = self.since or "", self.until or "9999"
        return since <= day[: len(since)] and day[: len(until)] <= until

    def span(self, now: datetime) -> tuple[datetime, datetime]:
        """Return the first and the last second of the days, else of the web up to now."""
        first, last = self.since or _WEB_BEGAN, self.until or now.astimezone(UTC).date().isoformat()
        return datetime.fromisoformat(f"{first}T00:00:00Z"), datetime.fromisoformat(f"{last}T23:59:59Z")


def narrowed(config: Config, name: str, section: str | None, max_pages: int | None) -> tuple[Config, Site]:
    """Return the config with the one site as a backfill walks it; raises ConfigError for an unknown section.

    A list is walked to its end, whatever `max_pages` of the site says for its nightly crawls.
    """
    (site,) = config.require_sites([name])
    seeds = tuple(seed for seed in site.seeds if section in (None, seed.section, seed.url))
    if not seeds:
        known = ", ".join(sorted({seed.section or seed.url for seed in site.seeds}))
        raise ConfigError([f"{name} has no section {section!r} among its seeds: it has {known}"])
    walked = site.model_copy(update={"seeds": seeds, "max_pages": max_pages or MOST_PAGES})
    sites = tuple(walked if each.name == name else each for each in config.sites)
    return config.model_copy(update={"sites": sites}), walked
