"""What tests of fetching share: a clock that jumps instead of sleeping, a Fetcher for loopback."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from scraper.fetch import Fetcher
from scraper.policy import Policy

AGENT = "campusnews/0.1 (+mailto:crawler@example.edu)"
NOW = datetime(2026, 9, 1, 8, 30, tzinfo=UTC)
ANY_PORT = frozenset(range(1, 65536))


class Clock:
    """Real time, and sleeps that pass at once; `naps` are the seconds asked for."""

    def __init__(self) -> None:
        self.naps: list[float] = []
        self._slept = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self._slept

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self._slept += seconds


def policy(**limits: Any) -> Policy:
    """Return a Policy for the fault server: loopback, every port, no delay."""
    return replace(Policy(AGENT, delay=0.0, allow_private=True, ports=ANY_PORT), **limits)


def fetcher(clock: Clock | None = None, **limits: Any) -> Fetcher:
    """Return a Fetcher with that Policy and a jumping clock."""
    clock = clock or Clock()
    return Fetcher(policy(**limits), now=lambda: NOW, monotonic=clock, sleep=clock.sleep)
