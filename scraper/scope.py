"""Which site of the config an address belongs to. Pure."""

from __future__ import annotations

from collections import defaultdict

from scraper.config import Config, Site
from scraper.urls import BadURL, host_of, same_site


class Scope:
    """A host with seeds belongs to the sites that have them; any other host to the sites of its domain."""

    def __init__(self, config: Config) -> None:
        self._sites = config.sites
        self._names = frozenset(site.name for site in config.sites)
        self._owners: dict[str, set[str]] = defaultdict(set)
        for site in config.sites:
            for seed in site.seeds:
                self._owners[host_of(seed.url)].add(site.name)

    def site_of(self, url: str) -> Site | None:
        """Return the first site of the config that the address may be crawled for."""
        return next((site for site in self._sites if self.holds(url, site)), None)

    def knows(self, name: str) -> bool:
        """Tell whether the config has a site of this name."""
        return name in self._names

    def holds(self, url: str, site: Site) -> bool:
        """Tell whether the address may be crawled for the site."""
        try:
            owners = self._owners.get(host_of(url))
            return site.name in owners if owners else any(same_site(url, seed.url) for seed in site.seeds)
        except BadURL:
            return False
