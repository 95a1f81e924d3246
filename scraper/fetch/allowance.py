"""What one site allows of a run: the hours in which it may be asked, and how many requests."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from scraper.errors import LeftForLater
from scraper.policy import Policy
from scraper.urls import absolute


class Allowance:
    """The hours and the requests left of one site, over all its hosts; safe to share between threads."""

    def __init__(self, policy: Policy, now: Callable[[], datetime]) -> None:
        self._hours, self._most = policy.hours, policy.max_requests
        self._now = now
        self._spent = 0
        self._lock = threading.Lock()

    def take(self, url: str) -> None:
        """Count one request; raises LeftForLater, naming the host and not the page, where there is none."""
        if self._hours is not None and not self._hours.is_open(now := self._now()):
            opens = self._hours.turns(now)
            when = f" until {opens:%a %H:%M} {self._hours.zone}" if opens else ""
            raise LeftForLater(
                "outside_window", absolute("/", url), f"outside the `windows` of its site{when}"
            )
        with self._lock:
            if self._most is not None and self._spent >= self._most:
                told = "the requests that `max_requests` allows a run are spent"
                raise LeftForLater("request_limit", absolute("/", url), told)
            self._spent += 1
