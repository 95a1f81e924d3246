"""The robots.txt of one host: read once a day, also over several runs, and asked before every page.

A rule that holds is used for 24 hours from when it was read, in this run or an earlier one (RFC 9309 §2.4);
a robots.txt that could not be read is asked for again after ten minutes, and by the next run.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from scraper import robots
from scraper.errors import (
    AddressRefused,
    FetchError,
    HostLeftAlone,
    LeftForLater,
    RedirectRefused,
    RobotsDisallowed,
    RobotsUnreachable,
    Unreachable,
)
from scraper.fetch.host import Host
from scraper.fetch.trail import Trail
from scraper.policy import Request
from scraper.robots import Robots
from scraper.urls import absolute
from storage.records import Ruling

KEPT = 24 * 3600.0  # seconds; RFC 9309 §2.4
RETRY = 600.0  # seconds until a robots.txt that could not be read is asked for again

Recall = Callable[[str], tuple[Ruling, bytes] | None]
"""Host in, the newest ruling on it that is kept and the body it rests on out."""
Follow = Callable[[Request, Trail], bytes]
"""Fetches a robots.txt through its redirects, putting the exchanges on the trail."""


class Gate:
    """What one host allows; safe to share between threads, of which one reads and the others wait."""

    def __init__(self, name: str, host: Host, now: Callable[[], datetime], monotonic: Callable[[], float]):
        self._name, self._host = name, host
        self._now, self._monotonic = now, monotonic
        self._lock = threading.Lock()
        self._rules = robots.UNREACHABLE
        self._failure: FetchError | None = None
        self._until = float("-inf")

    def expect_allowed(self, url: str, trail: Trail, follow: Follow, recall: Recall) -> None:
        """Raise RobotsDisallowed unless the host allows the address; reads its robots.txt where it must."""
        source = absolute("/robots.txt", url)
        with self._lock:
            if self._monotonic() >= self._until and not self._recalled(recall, trail):
                self._read(source, trail, follow)
            rules, failure = self._rules, self._failure
        if rules.allows(url, self._host.policy.user_agent):
            return
        if isinstance(failure, AddressRefused | Unreachable) and failure.url == source:
            raise type(failure)(failure.reason, url, failure.detail)  # the host itself, not its robots.txt
        if rules.unreachable:
            why = failure.detail if failure else "the server answered with an error"
            raise RobotsUnreachable("robots_unreachable", url, f"its robots.txt could not be read: {why}")
        raise RobotsDisallowed("robots", url, "robots.txt of the host forbids it")

    def _recalled(self, recall: Recall, trail: Trail) -> bool:
        """Take the ruling of an earlier run, if there is one and it is not a day old."""
        found = recall(self._name)
        if found is None:
            return False
        ruling, body = found
        age = self._now() - datetime.fromisoformat(ruling.read_at)
        if ruling.decision == "unreachable" or not timedelta(0) <= age < timedelta(seconds=KEPT):
            return False
        self._take(Robots.from_response(ruling.status, body), KEPT - age.total_seconds())
        trail.rulings.append(self._ruling(ruling.url, ruling.status, ruling.read_at))
        return True

    def _read(self, source: str, trail: Trail, follow: Follow) -> None:
        """Fetch the rules of the host and keep them, or keep why there are none."""
        self._failure, status, read_at = None, None, self._now().isoformat(timespec="seconds")
        before = len(trail.exchanges)
        try:
            body = follow(Request(source), trail)
            status = trail.exchanges[-1].status
            rules = Robots.from_response(status, body)
        except RedirectRefused:
            rules, status = robots.ALLOW_ALL, trail.exchanges[-1].status
        except (LeftForLater, HostLeftAlone):
            raise  # says nothing of the robots.txt
        except FetchError as error:
            rules, self._failure = robots.UNREACHABLE, error
        self._take(rules, RETRY if rules.unreachable else KEPT)
        url = trail.exchanges[-1].url if len(trail.exchanges) > before else None
        trail.rulings.append(self._ruling(url, status, read_at))

    def _take(self, rules: Robots, seconds: float) -> None:
        self._rules, self._until = rules, self._monotonic() + seconds
        self._host.slow_down(rules.crawl_delay(self._host.policy.user_agent))

    def _ruling(self, url: str | None, status: int | None, read_at: str) -> Ruling:
        rules, host = self._rules, self._host
        asked = rules.crawl_delay(host.policy.user_agent)
        return Ruling(self._name, rules.decision, url, status, read_at, asked, host.pace.delay)
