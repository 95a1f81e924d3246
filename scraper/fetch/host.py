"""One host: its connection, its retries, its failures; a Request in, the exchange and its decoded body out.

What may be better in a moment is tried again: a reset, a cut body, a busy answer. Retry-After says when. A
host whose last request failed has the next one tried once only, and one that failed `give_up_after` times in
a row is left alone for the rest of the run. A busy answer is a quarter of a failure: it may be one section
that is down and not the host.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

from tenacity import RetryCallState, Retrying, retry_if_exception, retry_if_result

from scraper.codings import CodingError, decode
from scraper.errors import (
    AddressRefused,
    DeadlineExceeded,
    FetchError,
    HostLeftAlone,
    LeftForLater,
    ResponseRefused,
    Unreachable,
)
from scraper.fetch import guard
from scraper.fetch.allowance import Allowance
from scraper.fetch.heads import header, retry_after, values
from scraper.fetch.server import Pace, Server, Servers
from scraper.fetch.wire import Wire
from scraper.policy import Headers, Policy, Request
from scraper.urls import DEFAULT_PORTS, absolute
from storage.records import Exchange

Answer = tuple[Exchange, bytes]

ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
CONDITIONS = frozenset({"if-modified-since", "if-none-match"})
BUSY_WEIGHS = 0.25  # of a failure
_BUSY = frozenset({429, 502, 503, 504})
_TRANSIENT = frozenset({"reset", "timeout", "truncated"})
_DAMAGED = frozenset(
    {"truncated", "protocol"}
)  # a damaged answer is the host's fault, a large one the page's


class Host:
    """One host; safe to share between threads, which then take turns."""

    def __init__(
        self,
        policy: Policy,
        servers: Servers,
        allowance: Allowance,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self.policy = policy
        self.pace = Pace(policy.delay, policy.max_wait)
        self._servers, self._allowance = servers, allowance
        self._now, self._monotonic = now, monotonic
        self._wire = Wire(policy, now, monotonic, self._addresses)
        self._lock = threading.Lock()
        self._server: Server | None = None
        self._found: list[str] = []
        self._failed: list[
            tuple[str, float]
        ] = []  # since a request went well: how each failed, what it weighs
        self._headers: Headers = (
            ("User-Agent", policy.user_agent),
            ("Accept", ACCEPT),
            ("Accept-Encoding", "gzip, deflate"),
        )
        self._retrying = Retrying(
            stop=self._is_enough,
            retry=retry_if_exception(_is_transient) | retry_if_result(_is_busy),
            wait=self._back_off,
            sleep=self._rest,
            retry_error_callback=_last_outcome,
        )

    def exchange(self, hop: Request, trail: list[Exchange], *, cut: int | None = None) -> Answer:
        """Return the last exchange and its decoded body; raises FetchError. `trail` gets every exchange.

        An answer that stays busy (429, 503, …) is returned; `cut` as for `Wire.exchange`.
        """
        try:
            answer: Answer = self._retrying(self._try, hop, trail, cut)
        except FetchError as error:
            self._note(error)
            raise
        if _is_busy(answer):
            self._failed.append((f"status {answer[0].status}", BUSY_WEIGHS))
            self._rest(min(self._asked_for(answer) or 0.0, self.policy.max_wait))
        else:
            self._failed.clear()
        return answer

    def expect_alive(self, url: str) -> None:
        """Raise HostLeftAlone, which names the host and not the page, once too many requests failed."""
        if sum(weight for _, weight in self._failed) >= self.policy.give_up_after:
            told = (
                f"{len(self._failed)} requests in a row failed, the last by {self._failed[-1][0]}: left alone"
            )
            raise HostLeftAlone("host_left_alone", absolute("/", url), f"{told} for the rest of this run")

    @property
    def rested_at(self) -> float:
        """From when on a request has not to wait; one to a host left alone fails at once."""
        if self._server is None or len(self._failed) >= self.policy.give_up_after:
            return -math.inf
        return self._server.rested_at(self.pace)

    def slow_down(self, seconds: float | None) -> None:
        """Keep to the Crawl-delay of the host, within `max_wait`."""
        most = self.policy.max_wait
        self.pace = Pace(max(self.policy.delay, min(seconds or 0.0, most)), most)

    def close(self) -> None:
        """Close the connection."""
        self._wire.close()

    def close_if_idle(self) -> None:
        """Close the connection unless the server is being asked."""
        if self._server is not None:
            self._server.close_if_idle(self._wire)

    def _try(self, hop: Request, trail: list[Exchange], cut: int | None) -> Answer:
        server = self.server_at(hop.url)
        with server.turn(self._wire, self.pace):
            self._allowance.take(hop.url)
            exchange = self._send(server, hop, cut)
        trail.append(exchange)
        if exchange.status == 304 and not any(name.lower() in CONDITIONS for name, _ in hop.headers):
            raise ResponseRefused("unasked_304", hop.url, "304 Not Modified to a request without a condition")
        coding = ",".join(values(exchange, "content-encoding"))
        try:
            return exchange, decode(exchange.body, coding, self.policy.max_decoded, self.policy.max_ratio)
        except CodingError as error:
            raise ResponseRefused(error.reason, hop.url, str(error)) from error

    def _send(self, server: Server, hop: Request, cut: int | None) -> Exchange:
        """Make one exchange and let the server learn how it went; a broken one counts as busy."""
        begun, busy = self._monotonic(), False
        try:
            exchange = self._wire.exchange(
                hop.method, hop.url, self._with_ours(hop), hop.body, cut=cut, most=hop.most
            )
            busy = exchange.status in _BUSY
        except FetchError as error:
            busy = error.reason in _TRANSIENT
            raise
        finally:
            server.learn(self._monotonic() - begun, self.pace, busy=busy)
        return exchange

    def _with_ours(self, hop: Request) -> Headers:
        if not hop.headers and not hop.body:
            return self._headers
        given = {name.lower() for name, _ in hop.headers}
        ours = tuple(pair for pair in self._headers if pair[0].lower() not in given)
        if hop.body and "content-type" not in given:
            ours += (("Content-Type", "application/x-www-form-urlencoded"),)
        return ours + hop.headers

    def server_at(self, url: str) -> Server:
        """Return the server of this host, asking the DNS once; raises Unreachable or AddressRefused."""
        if self._server is None:
            with self._lock:
                if self._server is None:
                    self._server = self._found_server(url)
        return self._server

    def _found_server(self, url: str) -> Server:
        parts = urlsplit(url)
        name, port = parts.hostname or "", parts.port or DEFAULT_PORTS[parts.scheme]
        if self.policy.proxy is None:
            self._found = guard.addresses(name, port, url, allow_private=self.policy.allow_private)
            return self._servers.at(self._found, port)
        guard.judge_unresolved(name, url, allow_private=self.policy.allow_private)
        return self._servers.at([name], port)

    def _addresses(self, name: str, port: int, url: str) -> list[str]:
        """Return where to connect to: what was judged a moment ago, or judged anew; a proxy is not judged."""
        if self.policy.proxy is not None:
            try:
                return guard.resolved(name, port, url)
            except Unreachable as error:
                raise Unreachable("proxy", url, f"no proxy: {error.detail}") from error
        found, self._found = self._found, []
        return found or guard.addresses(name, port, url, allow_private=self.policy.allow_private)

    def _note(self, error: FetchError) -> None:
        """Count a failure that was the host's."""
        if isinstance(error, Unreachable | DeadlineExceeded) or error.reason in _DAMAGED:
            self._failed.append((error.reason, 1.0))
        elif not isinstance(error, AddressRefused | LeftForLater):
            self._failed.clear()

    def _rest(self, seconds: float) -> None:
        """Let the server rest before its next request, whoever makes it; the next turn does the sleeping."""
        if self._server is not None:
            self._server.rest(seconds)

    def _is_enough(self, state: RetryCallState) -> bool:
        return state.attempt_number > (0 if self._failed else self.policy.retries)

    def _back_off(self, state: RetryCallState) -> float:
        """Return the seconds Retry-After asks for, else 1, 2, 4 …; never more than `max_wait`."""
        asked = None
        if state.outcome and not state.outcome.failed:
            asked = self._asked_for(state.outcome.result())
        return min(2.0 ** (state.attempt_number - 1) if asked is None else asked, self.policy.max_wait)

    def _asked_for(self, answer: Answer) -> float | None:
        return retry_after(header(answer[0], "retry-after"), self._now())


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
