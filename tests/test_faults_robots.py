"""What a robots.txt can be: each case of FAULTS.md's section `robots`, and others of its kind.

The answer to /robots.txt, whether the host may then be asked, and by which name it may not.
"""

from __future__ import annotations

import time
from typing import Any

import pytest

from scraper.errors import FetchError
from scraper.fetch import Request
from scraper.robots import MAX_BYTES

from .fault_server import EMPTY, RESET, FaultServer, Talk, drip, redirect, reply, then_close, then_hang
from .fetching import Clock, fetcher

PLAIN = "Content-Type: text/plain"
ALL = b"User-agent: *\nDisallow: /\n"
PART = b"User-agent: *\nDisallow: /x\n"
REDIRECTS = {f"/r{n}": redirect(f"/r{n + 1}") for n in range(9)}
GO, NO, STOP = None, "robots", "robots_unreachable"

CASES: dict[str, tuple[bytes | Talk, str | None]] = {
    "/__robots?403": (reply(403, ALL), GO),
    "401": (reply(401, ALL), GO),
    "404": (reply(404, ALL), GO),
    "410": (reply(410, ALL), GO),
    "418": (reply(418, ALL), GO),
    "/__robots?429": (reply(429, ALL), STOP),
    "/__robots?500": (reply(500, ALL), STOP),
    "/__robots?503": (reply(503, b"", "Retry-After: 1"), STOP),
    "599": (reply(599), STOP),
    "/__robots?hang": (then_hang(b""), STOP),
    "/__robots?hang (after the head)": (then_hang(reply(200, b"", PLAIN, length=99)), STOP),
    "a body that trickles": (drip(reply(200, b"", PLAIN, length=10**6), b"#"), STOP),
    "a reset": (RESET, "reset"),
    "an empty answer": (EMPTY, "reset"),
    "a cut body": (then_close(reply(200, PART, PLAIN, length=999)), STOP),
    "a damaged coding": (reply(200, b"\x1f\x8bxx", "Content-Encoding: gzip"), STOP),
    "no HTTP": (then_close(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), STOP),
    "/__robots?redir6": (redirect("/r0"), GO),
    "a redirect in a circle": (redirect("/robots.txt"), GO),
    "a redirect to a file on disk": (redirect("file:///etc/passwd"), STOP),
    "five redirects to rules": (redirect("/r5"), NO),
    "/__robots?html": (reply(200, b"<!DOCTYPE html><title>404</title>" + ALL, "Content-Type: text/html"), GO),
    "/__robots?bom": (reply(200, b"\xef\xbb\xbf" + ALL, PLAIN), NO),
    "/__robots?nul": (reply(200, b"User-agent: *\0\nDis\0allow: /\n", PLAIN), NO),
    "/__robots?empty": (reply(200, b"", PLAIN), GO),
    "no content": (reply(204), GO),
    "noise": (reply(200, bytes(range(256)) * 40, PLAIN), GO),
    "carriage returns": (reply(200, ALL.replace(b"\n", b"\r"), PLAIN), NO),
    "all of it": (reply(200, ALL, PLAIN), NO),
    "another path": (reply(200, PART, PLAIN), GO),
    "another crawler": (reply(200, b"User-agent: other\nDisallow: /\n", PLAIN), GO),
    "/__robots?redos": (reply(200, b"User-agent: *\nDisallow: /" + b"*a" * 200 + b"b$\n", PLAIN), GO),
    "600 KiB of comments before the rules": (reply(200, b"# filling\n" * 60_000 + ALL, PLAIN), GO),
    "rules before 600 KiB of comments": (reply(200, ALL + b"# filling\n" * 60_000, PLAIN), NO),
    "a line of 600 KiB": (reply(200, b"Disallow: /" + b"x" * 600_000, PLAIN), GO),
}
EXTRA = REDIRECTS | {"/r9": reply(200, ALL, PLAIN)}


@pytest.mark.parametrize(("answer", "reason"), CASES.values(), ids=CASES)
def test_a_robots_txt_decides_whether_its_host_is_asked(answer: Any, reason: str | None) -> None:
    pages = EXTRA | {"/robots.txt": answer, "/" + "a" * 2000: reply(200, b"page")}
    with FaultServer(pages) as server, fetcher(deadline=2, retries=0) as door:
        begun = time.process_time()
        try:
            assert door.fetch(Request(server.url("/" + "a" * 2000))).page.body == b"page"
            told = GO
        except FetchError as error:
            told = error.reason
        assert time.process_time() - begun < 2
    assert told == reason
    asked = [path for path in server.asked if path.startswith("/a")]
    assert len(asked) == (reason is GO)


def test_no_more_than_500_kib_of_a_robots_txt_are_read_and_kept() -> None:
    rules = ALL + b"# filling\n" * 100_000
    with FaultServer({"/robots.txt": reply(200, rules, PLAIN)}) as server, fetcher() as door:
        with pytest.raises(FetchError) as caught:
            door.fetch(Request(server.url("/a")))
    (exchange,) = caught.value.exchanges
    assert (len(exchange.body), exchange.truncated) == (MAX_BYTES, "length")


def test_503_is_asked_again_after_a_while_and_the_host_then_goes_on() -> None:
    clock = Clock()
    pages = {"/robots.txt": [reply(503), reply(200, PART, PLAIN)], "/a": reply(200, b"page")}
    with FaultServer(pages) as server, fetcher(clock, retries=0) as door:
        with pytest.raises(FetchError):
            door.fetch(Request(server.url("/a")))
        clock.sleep(601)
        assert door.fetch(Request(server.url("/a"))).page.body == b"page"


@pytest.mark.parametrize(
    ("asked", "kept"),
    [("7", 7.0), ("99999999", 60.0), ("1e9", 60.0), ("-5", 1.0), ("nan", 1.0), ("inf", 1.0)],
)
def test_a_crawl_delay_is_kept_to_within_bounds_and_told(asked: str, kept: float) -> None:
    clock = Clock()
    rules = reply(200, f"User-agent: *\nCrawl-delay: {asked}\n".encode(), PLAIN)
    with FaultServer({"/robots.txt": rules, "/a": reply(200, b"page")}) as server:
        with fetcher(clock, delay=1.0) as door:
            (ruling,) = door.fetch(Request(server.url("/a"))).rulings
            assert door.fetch(Request(server.url("/a"))).rulings == ()
    assert clock.naps == pytest.approx([kept, kept], abs=0.2)
    assert (ruling.decision, ruling.status, ruling.delay) == ("rules", 200, kept)
    assert ruling.host == f"127.0.0.1:{server.port}"


def test_what_was_ruled_on_a_host_that_may_not_be_asked_is_told_with_the_error() -> None:
    with FaultServer({"/robots.txt": reply(500)}) as server, fetcher(retries=0) as door:
        with pytest.raises(FetchError) as caught:
            door.fetch(Request(server.url("/a")))
    (ruling,) = caught.value.rulings
    assert (ruling.decision, ruling.status) == ("unreachable", 500)
