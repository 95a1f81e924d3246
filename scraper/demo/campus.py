"""The campus, open to visitors: serves three sites on loopback, counts visits, keeps what was asked."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from threading import Lock
from types import MappingProxyType, TracebackType
from urllib.parse import urlsplit

from scraper.demo import gold
from scraper.demo.cms import RUNS_ON
from scraper.demo.content import EDITIONS, SITES, Site, load
from scraper.demo.gold import Expected, Gold
from scraper.demo.reply import Reply, Request
from scraper.demo.server import Server


class Campus:
    """The sample campus as a context manager; assign `edition` while it is open to turn the day.

    `ports` are those of szqu, hcu and dfu, 0 for a free one. `requests` are (site, method, path and query);
    `beacons_hit` are the URLs of requests that counted a visit, which a polite crawler never makes.
    """

    def __init__(self, edition: int = 1, ports: tuple[int, int, int] = (0, 0, 0)) -> None:
        self.edition = edition
        self.requests: list[tuple[str, str, str]] = []
        self.beacons_hit: list[str] = []
        self._ports = dict(zip(SITES, ports, strict=True))
        self._bases: dict[str, str] = {}
        self._visits: dict[str, Counter[int]] = {key: Counter() for key in SITES}
        self._lock = Lock()
        self._open = ExitStack()

    @property
    def edition(self) -> int:
        """The edition being served, 1 or 2."""
        return self._edition

    @edition.setter
    def edition(self, number: int) -> None:
        if number not in EDITIONS:
            raise ValueError(f"the campus has the editions {EDITIONS}, not {number!r}")
        self._edition = number

    @property
    def sites(self) -> Mapping[str, str]:
        """The base URL of each site, without a trailing slash; known once the campus is open."""
        return MappingProxyType(self._bases)

    def __enter__(self) -> Campus:
        with ExitStack() as opening:
            for key, port in self._ports.items():
                server = Server(port, partial(self._respond, key), load(key, self.edition).serves)
                self._bases[key] = opening.enter_context(server).base
            self._open = opening.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def _respond(self, key: str, request: Request, target: str) -> Reply:
        reply = RUNS_ON[key].respond(self.site(key), request)
        with self._lock:
            self.requests.append((key, request.method, target))
            if reply.visit is not None:
                self.beacons_hit.append(self._bases[key] + target)
                self._visits[key][reply.visit] += 1
        return reply

    def site(self, key: str, edition: int | None = None) -> Site:
        """Return a site as it is served in the edition, by default the present one."""
        return replace(load(key, edition or self.edition), bases=self._bases, visits=self._visits[key])

    def seeds(self) -> Iterator[tuple[str, str, str]]:
        """Yield (site, section, URL of its first list page)."""
        for key in SITES:
            for section in load(key, self.edition).sections.values():
                yield key, section.name, self._bases[key] + RUNS_ON[key].seed(section)

    def manifest(self, edition: int | None = None) -> tuple[Gold, ...]:
        """Return the gold of every article that can be read in the edition, by default the present one."""
        return tuple(each for key in SITES for each in gold.manifest(self.site(key, edition)))

    def expected_changes(self) -> tuple[Expected, ...]:
        """Return what a first look at edition two finds against edition one."""
        days = ((self.site(key, 1), self.site(key, 2)) for key in SITES)
        return tuple(change for before, after in days for change in gold.expected_changes(before, after))

    def config(self, archive: str) -> str:
        """Return the text of a config.yaml that crawls the whole campus without delay into `archive`."""
        return f"archive: {json.dumps(archive)}\nsites:\n" + "".join(self._site_config(key) for key in SITES)

    def _site_config(self, key: str) -> str:
        """Return one site's entry; section names are left to the pages."""
        seeds = "".join(f"      - {url}\n" for site, _, url in self.seeds() if site == key)
        return (
            f"  - name: {key}\n"
            "    timezone: Asia/Shanghai\n"
            "    allow_private: true\n"
            f"    ports: [{urlsplit(self._bases[key]).port}]\n"
            "    delay: 0\n"
            "    retries: 1\n"
            "    max_wait: 0.1\n"  # one section answers 503 with Retry-After: 1
            "    recheck: [{every: 0}]  # the next day comes at once here: look at every article again\n"
            f"    seeds:\n{seeds}"
        )
