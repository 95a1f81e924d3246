"""What a network does to a request: each case of FAULTS.md's section `network`, and others of its kind.

A row is a server, what the request ends with, and how often it was asked. Nothing half is ever kept.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from scraper.errors import FetchError
from scraper.fetch import Request

from .fault_server import EMPTY, RESET, FaultServer, flood, reply, then_close, then_hang
from .fetching import Clock, fetcher
from .tls import CA, certificate, only_tls_1_0, weak_key

PAGE = b"<html>news</html>"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@dataclass(frozen=True)
class Case:
    """A fault: the answer, the name it ends with, how often the page is asked for, limits."""

    answer: Any
    reason: str
    asked: int = 4
    limits: dict[str, Any] = field(default_factory=dict)


CASES = {
    "/n/rst": Case(RESET, "reset"),
    "/n/short-body": Case(then_close(reply(200, b"x" * 1200, length=5000)), "truncated"),
    "/n/chunk-cut": Case(then_close(CHUNKED + b"5\r\nhello\r\n"), "truncated"),
    "/n/chunk-huge-size": Case(flood(CHUNKED + b"1000000000000000\r\n", b"x" * 1000), "too_large", 1),
    "/n/empty": Case(EMPTY, "reset"),
    "silence": Case(then_hang(b""), "deadline", 1, {"deadline": 0.2}),
    "half a head": Case(then_close(b"HTTP/1.1 200 OK\r\nContent-"), "reset"),
    "half a body, then silence": Case(
        then_hang(reply(200, b"x", length=9)), "deadline", 1, {"deadline": 0.2}
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_broken_exchange_ends_with_its_name_and_nothing_half_is_kept(case: Case) -> None:
    limits = {"max_bytes": 100_000} | case.limits
    with FaultServer({"/a": case.answer}) as server, fetcher(**limits) as door:
        with pytest.raises(FetchError) as caught:
            door.fetch(Request(server.url("/a")))
    assert (caught.value.reason, caught.value.look) == (case.reason, "error")
    assert server.pages_asked == ["/a"] * case.asked
    assert [exchange.url for exchange in caught.value.exchanges] == [server.url("/robots.txt")]


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.asked > 1])
def test_what_passes_is_survived(name: str) -> None:
    clock = Clock()
    with FaultServer({"/a": [CASES[name].answer, reply(200, PAGE)]}) as server, fetcher(clock) as door:
        assert door.fetch(Request(server.url("/a"))).page.body == PAGE
    assert clock.naps == pytest.approx([1], abs=0.2)


# TLS: a certificate or a context of the server, and what a request ends with


def untrusted(directory: Path) -> tuple[ssl.SSLContext, dict[str, Any]]:
    return certificate("good.pem"), {}


def signed(name: str) -> Callable[[Path], tuple[ssl.SSLContext, dict[str, Any]]]:
    return lambda _: (certificate(name), {"ca_file": CA})


def weak(ciphers: str) -> Callable[[Path], tuple[ssl.SSLContext, dict[str, Any]]]:
    return lambda _: (certificate("good.pem", ciphers), {"ca_file": CA})


def old(directory: Path) -> tuple[ssl.SSLContext, dict[str, Any]]:
    return only_tls_1_0(), {"ca_file": CA}


def small_key(directory: Path) -> tuple[ssl.SSLContext, dict[str, Any]]:
    made = weak_key(directory)
    return certificate(made, "ALL:@SECLEVEL=0"), {"ca_file": str(made)}


TLS_CASES = {
    "https://localhost (good)": (signed("good.pem"), None),
    "https://localhost (wrong-host)": (signed("wrong_name.pem"), "tls_name"),
    "https://localhost (self-signed)": (untrusted, "tls_untrusted"),
    "expired": (signed("expired.pem"), "tls_expired"),
    "TLS 1.0 only": (old, "tls_old"),
    "ciphers of SHA-1 only": (weak("ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0"), "tls_old"),
    "a key of 1024 bits": (small_key, "tls_old"),
}


def ends(context: ssl.SSLContext, **limits: Any) -> str | None:
    """Return the reason a request to a server with this context ends with, None for a page."""
    with FaultServer({"/a": reply(200, PAGE)}, context) as server, fetcher(**limits) as door:
        try:
            assert door.fetch(Request(server.url("/a", "localhost"))).page.body == PAGE
        except FetchError as error:
            assert server.asked == []
            return error.reason
    return None


@pytest.mark.parametrize(("made", "reason"), TLS_CASES.values(), ids=TLS_CASES)
def test_a_tls_that_does_not_hold_is_told_by_name(made: Any, reason: str | None, tmp_path: Path) -> None:
    context, limits = made(tmp_path)
    assert ends(context, **limits) == reason


@pytest.mark.parametrize("name", [name for name, (_, reason) in TLS_CASES.items() if reason == "tls_old"])
def test_legacy_tls_reads_what_is_too_old_and_nothing_that_is_not_trusted(name: str, tmp_path: Path) -> None:
    context, limits = TLS_CASES[name][0](tmp_path)
    assert ends(context, **limits, legacy_tls=True) is None
    assert ends(context, legacy_tls=True) == "tls_untrusted"


@pytest.mark.parametrize("name", ["wrong_name.pem", "expired.pem"])
def test_legacy_tls_still_checks_certificates(name: str) -> None:
    assert ends(certificate(name), ca_file=CA, legacy_tls=True) in ("tls_name", "tls_expired")


def test_a_handshake_that_is_never_answered_is_a_timeout() -> None:  # https://localhost (stall)
    begun = time.monotonic()
    with FaultServer({}) as server, fetcher(connect_timeout=0.1, retries=1) as door:
        with pytest.raises(FetchError) as caught:
            door.fetch(Request(server.url("/a").replace("http:", "https:")))
    assert (caught.value.reason, time.monotonic() - begun < 2) == ("timeout", True)


def test_plain_http_on_a_tls_port_is_an_error_and_no_downgrade() -> None:  # https://localhost (plain)
    with FaultServer({}, greeting=reply(400, b"speak up")) as server, fetcher() as door:
        with pytest.raises(FetchError) as caught:
            door.fetch(Request(server.url("/a").replace("http:", "https:")))
    assert (caught.value.reason, server.asked) == ("tls", [])


def test_a_closed_port_is_refused() -> None:
    with FaultServer({}) as server:
        pass
    with fetcher() as door, pytest.raises(FetchError) as caught:
        door.fetch(Request(server.url("/a")))
    assert caught.value.reason == "refused"


def test_a_name_that_does_not_resolve_is_dns(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with fetcher() as door, pytest.raises(FetchError) as caught:
        door.fetch(Request("http://news.example.edu/a"))
    assert (caught.value.reason, caught.value.url) == ("dns", "http://news.example.edu/a")
