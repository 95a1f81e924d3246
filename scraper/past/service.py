"""How a service of old captures is asked: as the site is, but at the address the operator named."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from scraper.config import Config, Site
from scraper.errors import UsageError
from scraper.fetch import Fetcher
from scraper.manners import policies, user_agent
from scraper.memory import Memory
from scraper.policy import Policy
from scraper.urls import BadURL, host_of, hostname


class Stopped(Exception):
    """The run was asked to stop while it waited for its turn."""


@contextmanager
def service_fetcher(
    config: Config, site: Site, base: str, now: Callable[[], datetime], stop: threading.Event
) -> Iterator[Fetcher]:
    """Give a Fetcher for a service, which raises Stopped in a pause; raises UsageError for no address."""

    def sleep(seconds: float) -> None:
        if stop.wait(seconds):
            raise Stopped

    try:
        policy_of = _policies(config, site, base)
    except BadURL as error:
        raise UsageError(f"--from-wayback {base}: {error}: name it like http://host/collection") from error
    memory = Memory(config.archive, now)
    try:
        with Fetcher(policy_of, now=now, sleep=sleep, recall=memory.ruling) as fetcher:
            yield fetcher
    finally:
        memory.close()


def _policies(config: Config, site: Site, base: str) -> Callable[[str], Policy]:
    """Return the site's manners for the service's host, its port beside the usual ones, and no other host.

    The site's windows and limits of a run are about its own server; addresses of beacons are only names here.
    """
    name, port = hostname(f"http://{host_of(base)}/"), int(host_of(base).rpartition(":")[2])
    of_site = policies(config, [site], user_agent(config, [site]))(host_of(site.seeds[0].url))
    asked = replace(of_site, ports=frozenset({port, 80, 443}), hours=None, max_requests=None, beacons=())
    nowhere = replace(asked, ports=frozenset())
    return lambda host: asked if hostname(f"http://{host}/") == name else nowhere
