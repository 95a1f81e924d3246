"""How the config has each host treated: the User-Agent, the policy of a host, one page asked for by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version

from scraper.config import Config, Site
from scraper.errors import ConfigError
from scraper.fetch import Fetcher, Request
from scraper.hours import Hours, window
from scraper.normalize.dates import zone_of
from scraper.page import Page
from scraper.policy import Policy
from scraper.politeness import Politeness
from scraper.presets import BEACONS
from scraper.urls import host_of, hostname, same_site


def fetch_one(config: Config, url: str) -> Page:
    """Fetch one address with the manners its site has in the config, and keep nothing; raises FetchError."""
    policy_of = by_hand(policies(config, config.sites, _name(config)))
    with Fetcher(policy_of, now=lambda: datetime.now(UTC)) as fetcher:
        return fetcher.fetch(Request(url)).page


def user_agent(config: Config, sites: Sequence[Site]) -> str:
    """Return a User-Agent that tells whom to write to; public sites are not asked without one."""
    if config.contact is None and not all(site.allow_private for site in sites):
        raise ConfigError(
            ["set `contact` in config.yaml to your mail address or page: a campus must be able to reach you"]
        )
    return _name(config)


def _name(config: Config) -> str:
    name = f"campusnews/{version('campusnews')}"
    return f"{name} (+{config.contact})" if config.contact else name


def by_hand(policy_of: Callable[[str], Policy]) -> Callable[[str], Policy]:
    """Return the same policies without windows and limits of a run: a person is waiting."""
    return lambda host: replace(policy_of(host), hours=None, max_requests=None)


def with_left(site: Site, spent: int) -> Site:
    """Return the site with what its `max_requests` leaves a run that has spent so many already."""
    if site.max_requests is None:
        return site
    return site.model_copy(update={"max_requests": max(0, site.max_requests - spent)})


def policies(config: Config, sites: Sequence[Site], agent: str) -> Callable[[str], Policy]:
    """Return what gives the policy of a `host:port`: the site with a seed there, else one of its domain."""
    seeds = {host_of(seed.url): site for site in sites for seed in site.seeds}

    def policy_of(host: str) -> Policy:
        near = next(
            (site for known, site in seeds.items() if same_site(f"http://{known}/", f"http://{host}/")), None
        )
        return _policy(config, seeds.get(host) or near, agent)

    return policy_of


def _policy(config: Config, site: Site | None, agent: str) -> Policy:
    common = {name: getattr(site or config, name) for name in Politeness.model_fields}
    windows = tuple(map(window, common.pop("windows")))
    policy = Policy(agent, beacons=BEACONS, **common)
    if site is None:
        return policy
    return replace(
        policy,
        site=site.name,
        allow_private=site.allow_private,
        ports=frozenset(site.ports),
        legacy_tls=site.legacy_tls,
        hours=Hours(windows, _zone(site)) if windows else None,
    )


def _zone(site: Site) -> str:
    """Return the zone whose clock the windows are on, that of the printed times."""
    return site.timezone or zone_of(hostname(site.seeds[0].url)) or "UTC"
