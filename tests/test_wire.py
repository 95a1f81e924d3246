from __future__ import annotations

import gzip
import time
from typing import Any

import pytest

from scraper.errors import DeadlineExceeded, FetchError, ResponseRefused
from scraper.fetch import Request
from storage.records import Exchange

from .fault_server import FaultServer, drip, flood, reply, then_close, then_hang
from .fetching import NOW, fetcher

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
PAGE = b"<html>news</html>"
PACKED = gzip.compress(PAGE, mtime=0)
CORRUPT = PACKED[:-6] + b"xxxxxx"


def exchange(answer: Any, **request: Any) -> tuple[bytes, Exchange]:
    """Return the decoded body and the exchange of one fetch of the answer."""
    with FaultServer({"/a": answer}) as server, fetcher() as door:
        fetched = door.fetch(Request(server.url("/a"), **request))
        assert fetched.exchanges[-1].request == server.requests[-1]
    return fetched.page.body, fetched.exchanges[-1]


def failure(answer: Any, **limits: Any) -> FetchError:
    """Return the error that fetching the answer ends with."""
    limits = {"retries": 0} | limits
    with (
        FaultServer({"/a": answer}) as server,
        fetcher(**limits) as door,
        pytest.raises(FetchError) as caught,
    ):
        door.fetch(Request(server.url("/a")))
    return caught.value


# The record


def test_an_exchange_holds_what_went_over_the_wire() -> None:
    answer = reply(
        200, PACKED, "Content-Encoding: gzip", "Content-Type: Text/HTML; charset=x", "X-Two: 1", "x-two: 2"
    )
    body, kept = exchange(answer, method="POST", body=b"a=1")
    assert body == PAGE
    assert kept.head + kept.body == answer
    assert kept.request.startswith(b"POST /a HTTP/1.1\r\nHost: 127.0.0.1:")
    assert kept.request.endswith(b"\r\n\r\na=1")
    assert (kept.method, kept.status, kept.ip, kept.fetched_at) == ("POST", 200, "127.0.0.1", NOW)
    assert (kept.media_type, kept.truncated) == ("text/html", None)


def test_chunk_framing_goes_and_the_head_no_longer_claims_it() -> None:
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (PACKED[:9], PACKED[9:]))
    head = CHUNKED.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n")
    body, kept = exchange(head + chunks + b"0\r\n\r\n")
    assert (body, kept.body) == (PAGE, PACKED)
    assert b"\r\nX-Archive-Orig-Transfer-Encoding: chunked\r\n" in kept.head
    assert b"\r\nTransfer-Encoding" not in kept.head


def test_a_body_without_a_length_ends_with_its_connection() -> None:
    assert exchange(then_close(b"HTTP/1.0 200 OK\r\n\r\n" + PAGE))[0] == PAGE


@pytest.mark.parametrize("interim", ["100 Continue", "103 Early Hints\r\nLink: </s>"])
def test_interim_answers_are_passed_over(interim: str) -> None:
    body, kept = exchange(f"HTTP/1.1 {interim}\r\n\r\n".encode() * 2 + reply(200, PAGE))
    assert (body, kept.head) == (PAGE, reply(200, PAGE)[: -len(PAGE)])


def test_codings_in_several_headers_are_all_undone() -> None:
    answer = reply(200, gzip.compress(PACKED), "Content-Encoding: gzip", "Content-Encoding: gzip")
    assert exchange(answer)[0] == PAGE


# Damage


DAMAGED = {
    "a short body": (then_close(reply(200, b"x" * 1200, length=5000)), "truncated"),
    "no last chunk": (then_close(CHUNKED + b"5\r\nhello\r\n"), "truncated"),
    "a cut chunk": (then_close(CHUNKED + b"ff\r\nhello"), "truncated"),
    "a cut chunk of 2**60 bytes": (then_close(CHUNKED + b"1000000000000000\r\nhello"), "truncated"),
    "cut gzip": (reply(200, PACKED[:-9], "Content-Encoding: gzip"), "truncated"),
    "corrupt gzip": (reply(200, CORRUPT, "Content-Encoding: gzip"), "bad_encoding"),
    "ten codings": (reply(200, PACKED, "Content-Encoding: " + ", ".join(["gzip"] * 10)), "bad_encoding"),
    "ten coding headers": (reply(200, PACKED, *["Content-Encoding: gzip"] * 10), "bad_encoding"),
    "a coding not asked for": (reply(200, PAGE, "Content-Encoding: br"), "bad_encoding"),
    "two lengths": (reply(200, PAGE, "Content-Length: 99"), "protocol"),
    "a space in a header name": (reply(200, PAGE, "Bad Header: x"), "protocol"),
    "a chunk size that is none": (then_close(CHUNKED + b"zz\r\nhello\r\n"), "protocol"),
    "another protocol": (then_close(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), "protocol"),
    "noise": (then_close(b"\x00\xff" * 500), "protocol"),
    "an upgrade": (b"HTTP/1.1 101 Go\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", "protocol"),
}


@pytest.mark.parametrize(("answer", "reason"), DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_response_is_refused_by_name(answer: Any, reason: str) -> None:
    error = failure(answer)
    assert (type(error), error.reason) == (ResponseRefused, reason)


def test_a_body_that_is_cut_every_time_is_tried_again_and_then_refused() -> None:
    with (
        FaultServer({"/a": reply(200, PACKED[:-9], "Content-Encoding: gzip")}) as server,
        fetcher() as door,
        pytest.raises(ResponseRefused),
    ):
        door.fetch(Request(server.url("/a")))
    assert server.pages_asked == ["/a"] * 4


def test_a_whole_response_with_a_bad_coding_stays_as_evidence() -> None:
    error = failure(reply(200, CORRUPT, "Content-Encoding: gzip"))
    assert error.exchanges[-1].body == CORRUPT


def test_after_a_refusal_the_host_can_be_asked_again() -> None:
    answers = {"/bad": flood(CHUNKED, b"4\r\nabcd\r\n" * 1000), "/good": reply(200, PAGE)}
    with FaultServer(answers) as server, fetcher(max_bytes=10_000) as door:
        with pytest.raises(ResponseRefused):
            door.fetch(Request(server.url("/bad")))
        assert door.fetch(Request(server.url("/good"))).page.body == PAGE


# Size


BOMB = gzip.compress(b"\0" * 4_000_000, mtime=0)
HUGE = {
    "10 TB declared": (then_hang(reply(200, length=10**13)), "too_large"),
    "one byte more declared": (then_hang(reply(200, length=20_001)), "too_large"),
    "endless chunks": (flood(CHUNKED, b"3e8\r\n" + b"x" * 1000 + b"\r\n"), "too_large"),
    "a chunk of 2**60 bytes": (flood(CHUNKED + b"1000000000000000\r\n", b"x" * 1000), "too_large"),
    "no length and no end": (flood(b"HTTP/1.0 200 OK\r\n\r\n", b"x" * 1000), "too_large"),
    "a gzip bomb": (reply(200, BOMB, "Content-Encoding: gzip"), "too_large"),
    "20,000 headers": (reply(200, PAGE, *[f"X-{n}: 1" for n in range(20_000)]), "headers_too_large"),
    "600 headers": (reply(200, PAGE, *[f"X-{n}: 1" for n in range(600)]), "headers_too_large"),
    "a header of 1 MiB": (reply(200, PAGE, "X-Long: " + "x" * 1024 * 1024), "headers_too_large"),
    "endless headers": (flood(b"HTTP/1.1 200 OK\r\n", b"X-Endless: 1\r\n" * 100), "headers_too_large"),
}


@pytest.mark.parametrize(("answer", "reason"), HUGE.values(), ids=HUGE)
def test_what_is_too_large_is_refused_without_being_held(answer: Any, reason: str) -> None:
    error = failure(answer, max_bytes=20_000, max_decoded=2_000_000)
    assert (type(error), error.reason) == (ResponseRefused, reason)


def test_a_body_of_just_the_cap_is_taken() -> None:
    with FaultServer({"/a": reply(200, b"x" * 20_000)}) as server, fetcher(max_bytes=20_000) as door:
        assert len(door.fetch(Request(server.url("/a"))).page.body) == 20_000


# Time


SLOW = {
    "nothing": then_hang(b""),
    "half a body": then_hang(reply(200, b"half", length=99)),
    "trickling headers": drip(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x"),
    "endless interim answers": drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a trickling body": drip(reply(200, length=10_000), b"x"),
    "trickling chunks": drip(CHUNKED, b"1\r\nx\r\n"),
    "a trickling chunk size": drip(CHUNKED + b"1;ext=", b"x"),
}


@pytest.mark.parametrize("answer", SLOW.values(), ids=SLOW)
def test_a_host_that_stalls_or_trickles_is_left_at_the_deadline(answer: Any) -> None:
    begun = time.monotonic()
    error = failure(answer, deadline=0.2, retries=3)
    assert (type(error), error.reason) == (DeadlineExceeded, "deadline")
    assert time.monotonic() - begun < 2
