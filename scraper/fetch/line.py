"""The TCP and TLS line to one host: guarded addresses, one deadline per request, a record of what was sent.

httpx and httpcore count a timeout anew for every read, so a host that trickles bytes would hold a worker for
ever. Here each socket call gets only what is left of the request's time, the TLS handshake included.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable
from typing import Any

import httpcore

from scraper.errors import Unreachable
from scraper.policy import Policy

Resolve = Callable[[str, int, str], list[str]]  # host, port, the address asked for: where to connect to


class Line(httpcore.NetworkBackend):
    """The way to one host. `written`, `ended` and `peer` tell about the request begun last.

    Behind a proxy the address of the host is not known, and `peer` is null.
    """

    def __init__(self, policy: Policy, monotonic: Callable[[], float], resolve: Resolve) -> None:
        self._policy = policy
        self._resolve = resolve
        self._monotonic = monotonic
        self._sockets = httpcore.SyncBackend()
        self._url = ""
        self._until = 0.0
        self.peer: str | None = None
        self.written: list[bytes] = []
        self.ended = False

    def begin(self, url: str) -> None:
        """Start the clock of one request."""
        self._url = url
        self._until = self._monotonic() + self._policy.deadline
        self.written = []
        self.ended = False

    def left(self) -> float:
        """Return the seconds left to the deadline; raises when there are none."""
        left = self._until - self._monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the deadline has passed")
        return left

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first permitted address that answers."""
        failure: Exception = httpcore.ConnectError("the name has no address")
        for address in self._resolve(host, port, self._url):
            patience = min(self._policy.connect_timeout, self.left())
            try:
                stream = self._sockets.connect_tcp(address, port, patience, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
                continue
            self.peer = None if self._policy.proxy else address
            return _Stream(stream, self)
        if self._policy.proxy:
            raise Unreachable("proxy", self._url, f"the proxy does not answer: {failure}")
        raise failure


class _Stream(httpcore.NetworkStream):
    """A socket on which every call has only the time that is left of the request."""

    def __init__(self, stream: httpcore.NetworkStream, line: Line) -> None:
        self._stream = stream
        self._line = line

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._stream.read(max_bytes, self._line.left())
        self._line.ended = not data
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._line.written.append(buffer)
        self._stream.write(buffer, self._line.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        self._line.written.clear()  # how a proxy was asked for the line is not part of the request
        left = self._line.left()
        patience = left if timeout is None else min(timeout, left)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, patience), self._line)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
