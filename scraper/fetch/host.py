"""One host: its pace, its retries, its robots rules; a Request in, the exchange and its decoded body out.

Between the end of a response and the next request lies the delay, no shorter than the response took. What
may be better in a moment is tried again: a reset, a cut body, a busy answer. Retry-After says when.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from urllib.parse import quote

from tenacity import RetryCallState, Retrying, retry_if_exception, retry_if_result, stop_after_attempt

from scraper import robots
from scraper.codings import CodingError, decode
from scraper.errors import FetchError, ResponseRefused
from scraper.fetch.wire import Wire
from scraper.policy import Headers, Policy, Request
from storage.records import Exchange

Answer = tuple[Exchange, bytes]

ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
CONDITIONS = frozenset({"if-modified-since", "if-none-match"})

_BUSY = frozenset({429, 502, 503, 504})
_TRANSIENT = frozenset({"reset", "timeout", "truncated"})
_SECONDS = re.compile(r"\s*([0-9]+)\s*")
_ASCII = "".join(map(chr, range(0x20, 0x7F)))


class Host:
    """One host; safe to share between threads, which then take turns."""

    def __init__(
        self,
        policy: Policy,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        sleep: Callable[[float], object],
    ) -> None:
        self.policy = policy
        self.robots = robots.UNREACHABLE
        self.robots_failure: FetchError | None = None
        self.robots_until = float("-inf")
        self.robots_lock = threading.Lock()
        self._wire = Wire(policy, now, monotonic)
        self._lock = threading.Lock()
        self._now, self._monotonic, self._sleep = now, monotonic, sleep
        self._delay = policy.delay
        self._ready_at = float("-inf")
        self._headers: Headers = (
            ("User-Agent", policy.user_agent),
            ("Accept", ACCEPT),
            ("Accept-Encoding", "gzip, deflate"),
        )
        self._retrying = Retrying(
            stop=stop_after_attempt(policy.retries + 1),
            retry=retry_if_exception(_is_transient) | retry_if_result(_is_busy),
            wait=self._back_off,
            sleep=self._rest,
            retry_error_callback=_last_outcome,
        )

    def exchange(self, hop: Request, trail: list[Exchange], *, cut: int | None = None) -> Answer:
        """Return the last exchange and its decoded body; raises FetchError. `trail` gets every exchange.

        An answer that stays busy (429, 503, …) is returned; `cut` as for `Wire.exchange`.
        """
        answer: Answer = self._retrying(self._try, hop, trail, cut)
        return answer

    def slow_down(self, seconds: float | None) -> None:
        """Keep to the Crawl-delay of the host, within `max_wait`."""
        self._delay = max(self.policy.delay, min(seconds or 0.0, self.policy.max_wait))

    def close(self) -> None:
        """Close the connection."""
        self._wire.close()

    def close_if_idle(self) -> None:
        """Close the connection unless a request is on it."""
        if self._lock.acquire(blocking=False):
            self.close()
            self._lock.release()

    def _try(self, hop: Request, trail: list[Exchange], cut: int | None) -> Answer:
        with self._turn():
            exchange = self._wire.exchange(hop.method, hop.url, self._with_ours(hop), hop.body, cut=cut)
        trail.append(exchange)
        if exchange.status == 304 and not any(name.lower() in CONDITIONS for name, _ in hop.headers):
            raise ResponseRefused("unasked_304", hop.url, "304 Not Modified to a request without a condition")
        coding = ",".join(_values(exchange, "content-encoding"))
        try:
            return exchange, decode(exchange.body, coding, self.policy.max_decoded, self.policy.max_ratio)
        except CodingError as error:
            raise ResponseRefused(error.reason, hop.url, str(error)) from error

    def _with_ours(self, hop: Request) -> Headers:
        if not hop.headers and not hop.body:
            return self._headers
        given = {name.lower() for name, _ in hop.headers}
        ours = tuple(pair for pair in self._headers if pair[0].lower() not in given)
        if hop.body and "content-type" not in given:
            ours += (("Content-Type", "application/x-www-form-urlencoded"),)
        return ours + hop.headers

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait until this host is free and rested; afterwards let it rest, the longer the slower it was."""
        with self._lock:
            if (wait := self._ready_at - self._monotonic()) > 0:
                self._sleep(wait)
            begun = self._monotonic()
            try:
                yield
            finally:
                ended = self._monotonic()
                took = min(ended - begun, self.policy.max_wait) if self.policy.delay else 0.0
                self._ready_at = ended + max(self._delay, took)

    def _rest(self, seconds: float) -> None:
        """Let the host rest before its next request, whoever makes it; `_turn` does the sleeping."""
        with self._lock:
            self._ready_at = max(self._ready_at, self._monotonic() + seconds)

    def _back_off(self, state: RetryCallState) -> float:
        """Return the seconds Retry-After asks for, else 1, 2, 4 …; never more than `max_wait`."""
        asked = None
        if state.outcome and not state.outcome.failed:
            asked = retry_after(header(state.outcome.result()[0], "retry-after"), self._now())
        return min(2.0 ** (state.attempt_number - 1) if asked is None else asked, self.policy.max_wait)


def header(exchange: Exchange, name: str) -> str | None:
    """Return the first response header of that name."""
    return next(iter(_values(exchange, name)), None)


def location(exchange: Exchange) -> str | None:
    """Return the Location header; bytes past ASCII come percent-encoded, as browsers send them back."""
    value = header(exchange, "location")
    return None if value is None else quote(value.encode("latin-1"), safe=_ASCII)


def retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds a Retry-After asks for (RFC 9110 §10.2.3), or None where it says nothing."""
    if value is None:
        return None
    if match := _SECONDS.fullmatch(value):
        return float(match[1])
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return max(0.0, ((when if when.tzinfo else when.replace(tzinfo=UTC)) - now).total_seconds())


def _values(exchange: Exchange, name: str) -> list[str]:
    return [value.decode("latin-1").strip() for value in _line_of(name).findall(exchange.head)]


@lru_cache(maxsize=64)
def _line_of(name: str) -> re.Pattern[bytes]:
    return re.compile(rb"^%s:([^\r\n]*)" % re.escape(name.encode()), re.IGNORECASE | re.MULTILINE)


def _is_transient(error: BaseException) -> bool:
    return isinstance(error, FetchError) and error.reason in _TRANSIENT


def _is_busy(answer: Answer) -> bool:
    return answer[0].status in _BUSY


def _last_outcome(state: RetryCallState) -> Answer:
    """Return the last answer, or raise the last error."""
    if state.outcome is None:
        raise AssertionError("tenacity gave up before the first try")
    answer: Answer = state.outcome.result()
    return answer
