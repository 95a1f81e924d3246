"""One request over the wire, one Exchange back, within the host's limits. The only module that imports httpx.

    connect   the guard names the addresses, and exactly these are connected to; Host and SNI keep the name
    time      one deadline from connecting to the last byte: every socket call gets only what is left of it
    size      a declared length is refused before reading, an undeclared one when it passes the cap
    record    the request as written; the response head in its own spelling, the body in its content coding

httpx's transport is used without its client: no cookie jar, no redirects, no environment; a proxy only where
the policy names one.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import cache
from typing import Any, Literal

import httpcore
import httpx

from scraper.errors import AddressRefused, DeadlineExceeded, FetchError, ResponseRefused, Unreachable
from scraper.fetch.line import Line, Resolve
from scraper.policy import Policy
from storage.records import Exchange

MAX_HEADERS = 512
_KEPT_ALIVE = 30.0  # seconds; a polite delay must not cost a new connection every time
# OpenSSL's X509_V_ERR_ codes: not yet valid, expired; host name, IP address; keys and digests too weak.
_VERIFY: dict[int, Literal["tls_expired", "tls_name", "tls_old"]] = {
    **dict.fromkeys((9, 10), "tls_expired"),
    **dict.fromkeys((62, 64), "tls_name"),
    **dict.fromkeys((66, 67, 68), "tls_old"),
}
# OpenSSL's reasons why nothing safe could be agreed on: versions, ciphers, keys, renegotiation.
_OLD = re.compile(
    r"UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION|HANDSHAKE_FAILURE|INSUFFICIENT_SECURITY|INAPPROPRIATE_FALLBACK"
    r"|KEY_TOO_SMALL|MD_TOO_WEAK|DH_KEY|UNSAFE_LEGACY|WRONG_SIGNATURE_TYPE|NO_SHARED|WRONG_CIPHER|LEGACY_SIG"
)
_UNSAFE_RENEGOTIATION = 0x4  # SSL_OP_LEGACY_SERVER_CONNECT; the ssl module names it from Python 3.12 on

# The first row with the type of the error or of one of its causes names it.
_NAMES: tuple[tuple[type[BaseException], type[FetchError], str, str], ...] = (
    (ssl.SSLError, Unreachable, "tls", "TLS failed"),
    (httpx.ProxyError, Unreachable, "proxy", "the proxy refused the connection"),
    (ConnectionRefusedError, Unreachable, "refused", "the connection was refused"),
    (ConnectionError, Unreachable, "reset", "the connection was reset"),
    (httpx.ConnectTimeout, Unreachable, "timeout", "no connection in `connect_timeout` seconds"),
    (httpx.TimeoutException, DeadlineExceeded, "deadline", "no whole response in `deadline` seconds"),
    (httpx.ConnectError, Unreachable, "refused", "no way to the host"),
    (httpx.NetworkError, Unreachable, "reset", "the connection broke"),
    (httpx.InvalidURL, AddressRefused, "address", "not an address"),
    (httpx.ProtocolError, ResponseRefused, "protocol", "this is not HTTP"),
)


class Wire:
    """One kept-alive HTTP/1.1 connection to one host, for one thread at a time; may be used after `close`."""

    def __init__(
        self,
        policy: Policy,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        resolve: Resolve,
    ) -> None:
        self._policy = policy
        self._now = now
        self._line = Line(policy, monotonic, resolve)
        self._transport = _Transport(self._line, policy)

    def exchange(
        self,
        method: str,
        url: str,
        headers: Iterable[tuple[str, str]],
        body: bytes = b"",
        *,
        cut: int | None = None,
        most: int | None = None,
    ) -> Exchange:
        """Send one request and read its whole response; raises FetchError, and then nothing was kept.

        `cut` ends the reading after so many bytes and keeps these; without it, more than `max_bytes` or
        `most` is refused.
        """
        self._line.begin(url)
        fetched_at = self._now()
        response = None
        try:
            request = httpx.Request(
                method, url, headers=list(headers), content=body or None, extensions=self._timeouts
            )
            response = self._transport.handle_request(request)
            limit = min(self._policy.max_bytes, self._policy.max_bytes if most is None else most)
            self._check(response, method, url, limit if cut is None else None)
            content, cut_off = self._read(response, url, limit, cut)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise self._named(error, url, response is not None) from error
        finally:
            if response is not None:
                response.close()
        return Exchange(
            url=url,
            method=method,
            request=b"".join(self._line.written),
            head=_head(response),
            body=content,
            status=response.status_code,
            fetched_at=fetched_at,
            ip=self._line.peer,
            media_type=_media_type(response),
            truncated="length" if cut_off else None,
        )

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()

    @property
    def _timeouts(self) -> dict[str, dict[str, float]]:
        return {"timeout": {"connect": self._policy.connect_timeout}}

    def _check(self, response: httpx.Response, method: str, url: str, limit: int | None) -> None:
        if len(response.headers.raw) > MAX_HEADERS:
            raise ResponseRefused("headers_too_large", url, f"more than {MAX_HEADERS} headers")
        if response.status_code < 200:
            raise ResponseRefused("protocol", url, "the server switched to another protocol")
        declared = response.headers.get("content-length", "")
        if limit is not None and method != "HEAD" and declared.isdigit() and float(declared) > limit:
            raise self._too_large(url, limit)

    def _read(self, response: httpx.Response, url: str, limit: int, cut: int | None) -> tuple[bytes, bool]:
        limit = limit if cut is None else cut
        chunks: list[bytes] = []
        size = 0
        for chunk in response.iter_raw():
            chunks.append(chunk)
            size += len(chunk)
            if size > limit and cut is None:
                raise self._too_large(url, limit)
            if size > limit:
                break
        return b"".join(chunks)[:limit], size > limit

    def _too_large(self, url: str, limit: int) -> ResponseRefused:
        name = "`max_bytes`"
        if limit < self._policy.max_bytes:
            name = "what `max_asset_bytes` and `max_article_asset_bytes` leave"
        return ResponseRefused("too_large", url, f"larger than {name} ({limit})")

    def _named(self, error: Exception, url: str, answered: bool) -> FetchError:
        """Return the FetchError of a failed exchange."""
        causes = list(_causes(error))
        for cause in causes:
            if isinstance(cause, ssl.SSLCertVerificationError):
                reason = _VERIFY.get(cause.verify_code, "tls_untrusted")
                return Unreachable(reason, url, f"certificate not trusted: {cause.verify_message}")
            if isinstance(cause, ssl.SSLError) and _OLD.search(cause.reason or ""):
                told = f"no safe version, cipher or key of TLS in common: {cause.reason}"
                return Unreachable("tls_old", url, told)
            if getattr(cause, "error_status_hint", 0) == 431:
                return ResponseRefused("headers_too_large", url, "the response head is too large")
        if isinstance(error, httpx.RemoteProtocolError) and self._line.ended:
            if answered:
                return ResponseRefused("truncated", url, "the connection ended before the response did")
            return Unreachable("reset", url, "the connection ended without a response")
        for kind, raised, reason, detail in _NAMES:
            if any(isinstance(cause, kind) for cause in causes):
                return raised(reason, url, f"{detail}: {causes[-1]}")
        raise error


class _Transport(httpx.HTTPTransport):
    """httpx's transport over our own line, one connection at a time."""

    def __init__(self, line: Line, policy: Policy) -> None:
        tls = _tls(policy.ca_file, policy.legacy_tls)
        super().__init__(verify=tls, trust_env=False)
        self._pool = _pool(policy.proxy, tls, line)


def _pool(proxy: str | None, tls: ssl.SSLContext, line: Line) -> httpcore.ConnectionPool:
    """Return a pool of one connection, to the site or to its proxy."""
    alike: dict[str, Any] = {"max_connections": 1, "keepalive_expiry": _KEPT_ALIVE, "network_backend": line}
    if proxy is None:
        return httpcore.ConnectionPool(ssl_context=tls, **alike)
    to_proxy = _tls(None, False) if proxy.startswith("https:") else None
    return httpcore.HTTPProxy(proxy, ssl_context=tls, proxy_ssl_context=to_proxy, **alike)


@cache
def _tls(ca_file: str | None, legacy: bool) -> ssl.SSLContext:
    """Return a verifying context; shared, since loading the authorities takes 20 ms.

    `legacy` takes all that OpenSSL still can, where certificates are checked all the same.
    """
    tls = ssl.create_default_context(cafile=ca_file) if ca_file else httpx.create_ssl_context(trust_env=False)
    if legacy:
        tls.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        tls.set_ciphers("DEFAULT:@SECLEVEL=0")
        tls.options |= _UNSAFE_RENEGOTIATION
    return tls


def _head(response: httpx.Response) -> bytes:
    """Return status line and headers in the server's spelling and order, without claiming a transfer coding.

    The body has none left, and readers of a WARC would take a kept `Transfer-Encoding` at its word.
    """
    version, phrase = response.extensions["http_version"], response.extensions["reason_phrase"]
    lines = [b"%s %d %s\r\n" % (version, response.status_code, phrase)]
    for name, value in response.headers.raw:
        kept = b"X-Archive-Orig-Transfer-Encoding" if name.lower() == b"transfer-encoding" else name
        lines.append(b"%s: %s\r\n" % (kept, value))
    return b"".join(lines) + b"\r\n"


def _media_type(response: httpx.Response) -> str | None:
    return response.headers.get("content-type", "").partition(";")[0].strip().lower() or None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
