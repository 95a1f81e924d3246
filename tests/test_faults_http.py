"""What a server answers: each case of FAULTS.md's section `http`, and others of its kind.

The first part fetches one answer; the second crawls a site whose one article answers so on its second day.
"""

from __future__ import annotations

import gzip
import zlib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from scraper.config import Config
from scraper.crawl import crawl
from scraper.errors import FetchError
from scraper.fetch import Fetched, Request
from storage import Archive
from storage.records import Article, Problem

from .fault_server import Answer, FaultServer, redirect, reply, then_close, then_hang
from .fetching import NOW, Clock, fetcher

PAGE = b"<html>news</html>"
PACKED = gzip.compress(PAGE, mtime=0)
DAYS = timedelta(days=1)


def fetched(answer: Answer, clock: Clock | None = None, **limits: Any) -> Fetched | FetchError:
    """Return what a fetch of the answer came to."""
    pages = {"/a": answer} if not isinstance(answer, dict) else answer
    with FaultServer(pages) as server, fetcher(clock, **limits) as door:
        try:
            return door.fetch(Request(server.url("/a")))
        except FetchError as error:
            return error


REFUSED = {
    "/h/huge-cl": (then_hang(reply(200, length=10**13)), "too_large"),
    "/h/gzip-x10": (reply(200, PACKED, "Content-Encoding: " + ", ".join(["gzip"] * 10)), "bad_encoding"),
    "/h/gzip-corrupt": (reply(200, PACKED[:-6] + b"xxxxxx", "Content-Encoding: gzip"), "bad_encoding"),
    "/h/redirect-self": ({"/a": redirect("/a")}, "redirect_loop"),
    "/h/redirect-loop": ({"/a": redirect("/b"), "/b": redirect("/a")}, "redirect_loop"),
    "/h/redirect-inf": (
        {"/a": redirect("/0")} | {f"/{n}": redirect(f"/{n + 1}") for n in range(50)},
        "too_many_redirects",
    ),
    "/h/304-unasked": (b"HTTP/1.1 304 Not Modified\r\n\r\n", "unasked_304"),
    "/h/many-headers": (reply(200, PAGE, *[f"X-{n}: 1" for n in range(20_000)]), "headers_too_large"),
    "/h/long-header": (reply(200, PAGE, "X-Long: " + "x" * 1024 * 1024), "headers_too_large"),
    "/h/dup-cl": (reply(200, PAGE, "Content-Length: 99"), "protocol"),
    "a length that is no number": (reply(200, PAGE, "Content-Length: many"), "protocol"),
    "a negative length": (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "protocol"),
    "a redirect to nowhere": (redirect("http://"), "address"),
    "a redirect to a script": (redirect("javascript:alert(1)"), "scheme"),
}


@pytest.mark.parametrize(("answer", "reason"), REFUSED.values(), ids=REFUSED)
def test_an_answer_that_cannot_be_used_ends_with_its_name(answer: Any, reason: str) -> None:
    error = fetched(answer, retries=0)
    assert isinstance(error, FetchError)
    assert error.reason == reason
    addresses = [exchange.url for exchange in error.exchanges]
    assert len(addresses) == len(set(addresses))  # each hop is kept once
    assert len(addresses) <= 12


TAKEN = {
    "/h/gzip-lie": reply(200, PAGE, "Content-Encoding: gzip"),
    "/h/deflate-raw (zlib)": reply(200, zlib.compress(PAGE), "Content-Encoding: deflate"),
    "/h/deflate-raw (raw)": reply(200, zlib.compress(PAGE, wbits=-15), "Content-Encoding: deflate"),
    "/h/1xx (100)": b"HTTP/1.1 100 Continue\r\n\r\n" + reply(200, PAGE),
    "/h/1xx (103)": b"HTTP/1.1 103 Early Hints\r\nLink: </s>\r\n\r\n" + reply(200, PAGE),
    "the same length twice": reply(200, PAGE, f"Content-Length: {len(PAGE)}"),
    "no length at all": then_close(b"HTTP/1.0 200 OK\r\n\r\n" + PAGE),
}


@pytest.mark.parametrize("answer", TAKEN.values(), ids=TAKEN)
def test_an_answer_that_is_odd_and_whole_is_taken(answer: Answer) -> None:
    page = fetched(answer)
    assert isinstance(page, Fetched)
    assert (page.page.status, page.page.body) == (200, PAGE)


WAITS = {
    "/h/retry-huge": ("99999999999999999999", 60.0),
    "/h/retry-huge (a date)": (format_datetime(NOW + timedelta(days=9000), usegmt=True), 60.0),
    "/h/retry-huge (a year past all clocks)": ("Fri, 31 Dec 99999999999 23:59:59 GMT", 1.0),
    "/h/retry-past": (format_datetime(NOW - timedelta(days=900), usegmt=True), 0.0),
    "/h/retry-past (negative)": ("-60", 1.0),
    "seconds": ("7", 7.0),
    "a date": (format_datetime(NOW + timedelta(seconds=9), usegmt=True), 9.0),
    "words": ("in a minute", 1.0),
}


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(("value", "seconds"), WAITS.values(), ids=WAITS)
def test_retry_after_is_kept_to_within_bounds(value: str, seconds: float, status: int) -> None:
    clock = Clock()
    page = fetched([reply(status, b"", f"Retry-After: {value}"), reply(200, PAGE)], clock, retries=1)
    assert isinstance(page, Fetched)
    assert page.page.body == PAGE
    assert sum(clock.naps) == pytest.approx(seconds, abs=0.2)


def test_retry_after_holds_for_the_next_page_of_the_host_too() -> None:
    clock = Clock()
    pages = {"/a": reply(503, b"", "Retry-After: 30"), "/b": reply(200, PAGE)}
    with FaultServer(pages) as server, fetcher(clock, retries=0) as door:
        assert door.fetch(Request(server.url("/a"))).page.status == 503
        door.fetch(Request(server.url("/b")))
    assert clock.naps == pytest.approx([30], abs=0.2)


# A site whose second article answers with the fault from the second day on


def article(n: int, *headers: str, more: str = "") -> bytes:
    text = f"<p>Paragraph one of story {n}, long enough to be a body of text.</p><p>The second, {n}.</p>" * 3
    title = f"A story of some length, number {n}"
    body = (
        f"<html><head><title>{title}</title></head><body><h1>{title}</h1>"
        f"<p class='date'>2026-11-0{n}</p><div class='article'>{text}{more}</div></body></html>"
    )
    return reply(200, body.encode(), "Content-Type: text/html; charset=utf-8", *headers)


class Site:
    """A site of three articles; `days` are the answers of the second, one for each run."""

    def __init__(self, place: Path, *days: Answer) -> None:
        self.place = place
        rows = "".join(
            f"<li><a href='/{n}.htm'>A story of some length, number {n}</a></li>" for n in (1, 2, 3)
        )
        listing = reply(200, f"<ul class='news_list'>{rows}</ul>".encode(), "Content-Type: text/html")
        pages: dict[str, Answer] = {"/list.htm": listing, "/1.htm": article(1), "/3.htm": article(3)}
        self.server = FaultServer(pages | {"/2.htm": list(days)})  # type: ignore[list-item]
        self.runs = len(days)

    def crawl(self) -> list[Article | None]:
        """Crawl once a day and return the second article as it stood after each run."""
        site = {"name": "s", "seeds": (self.server.url("/list.htm"),), "recheck": ({"every": 0},)}
        site |= {"allow_private": True, "ports": (self.server.port,), "delay": 0, "retries": 0}
        config = Config.model_validate({"archive": str(self.place), "sites": (site,)})
        stood = []
        with self.server:
            for day in range(self.runs):
                now = datetime(2026, 12, 20, 1, tzinfo=UTC) + day * DAYS
                self.run = crawl(config, now=lambda now=now: now)  # type: ignore[misc]
                with Archive.open(self.place) as archive:
                    stood.append(archive.find(self.server.url("/2.htm")))
        return stood

    def problems(self) -> list[Problem]:
        with Archive.open(self.place) as archive:
            return list(archive.problems(self.run.id))

    def records(self, kind: str) -> list[Any]:
        """Return the WARC headers of the records of a type for the second article."""
        found = []
        for path in sorted((self.place / "warc").iterdir()):
            with path.open("rb") as stream:
                for record in ArchiveIterator(stream):
                    headers = record.rec_headers
                    if record.rec_type == kind and headers["WARC-Target-URI"].endswith("/2.htm"):
                        found.append((headers, record.content_stream().read()))
        return found


def as_kept(stood: list[Article | None], state: str) -> bool:
    """Tell whether only the state shown changed from the first day to the last."""
    first, last = stood[0], stood[-1]
    assert first is not None
    assert last is not None
    same = (first.version, first.content_digest, first.capture) == (
        last.version,
        last.content_digest,
        last.capture,
    )
    return same and last.state == state


def test_304_ok_leaves_the_record_is_looked_at_and_kept_as_a_revisit(tmp_path: Path) -> None:
    site = Site(tmp_path / "a", article(2, 'ETag: "7"'), b'HTTP/1.1 304 Not Modified\r\nETag: "7"\r\n\r\n')
    stood = site.crawl()
    assert as_kept(stood, "live")
    assert [article and article.last_seen for article in stood] == [
        "2026-12-20T01:00:00+00:00",
        "2026-12-21T01:00:00+00:00",
    ]
    ((headers, _),) = site.records("revisit")
    assert headers["WARC-Profile"].endswith("/revisit/server-not-modified")
    assert site.run.counts["not_modified"] == 1


@pytest.mark.parametrize("etag", ['W/"7"', '"7"', "unquoted", '"with \\"odd\\" signs"'])
def test_etag_weak_and_every_other_is_sent_back_verbatim(tmp_path: Path, etag: str) -> None:
    site = Site(tmp_path / "a", article(2, f"ETag: {etag}"), b"HTTP/1.1 304 Not Modified\r\n\r\n")
    site.crawl()
    asked = next(request for request in reversed(site.server.requests) if b"GET /2.htm" in request)
    assert f"\r\nIf-None-Match: {etag}\r\n".encode() in asked


def test_304_unasked_is_an_error_and_not_unchanged(tmp_path: Path) -> None:
    site = Site(tmp_path / "a", article(2), b"HTTP/1.1 304 Not Modified\r\n\r\n")
    assert as_kept(site.crawl(), "error")
    assert [problem.reason for problem in site.problems()] == ["unasked_304"]


def test_gzip_corrupt_is_kept_as_evidence_and_the_record_stays(tmp_path: Path) -> None:
    damaged = PACKED[:-6] + b"xxxxxx"
    site = Site(tmp_path / "a", article(2), reply(200, damaged, "Content-Encoding: gzip"))
    assert as_kept(site.crawl(), "error")
    assert [problem.reason for problem in site.problems()] == ["bad_encoding"]
    assert site.records("response")[-1][1] == damaged


NOTICES = {
    "/h/soft-404": ("<h1>Page not found</h1>", 200, "soft_error", "missing"),
    "/h/soft-404 (Chinese)": ("<p>您访问的页面不存在或已被删除</p>", 200, "soft_error", "missing"),
    "/h/captcha": ("<p>请输入验证码</p><img src='/codeimg.jsp'>", 200, "captcha", "blocked"),
    "/h/captcha (a challenge)": ("<script>$_ts=window['$_ts'];</script>", 200, "js_challenge", "blocked"),
    "/h/410": ("gone", 410, "gone", "missing"),
    "/h/410 (404)": ("not here", 404, "not_found", "missing"),
}


@pytest.mark.parametrize(("body", "status", "reason", "state"), NOTICES.values(), ids=NOTICES)
def test_a_notice_is_flagged_and_the_version_before_it_stays(
    tmp_path: Path, body: str, status: int, reason: str, state: str
) -> None:
    notice = reply(status, body.encode(), "Content-Type: text/html; charset=utf-8")
    site = Site(tmp_path / "a", article(2), notice)
    assert as_kept(site.crawl(), state)
    assert [problem.reason for problem in site.problems()] == [reason]
    assert site.run.outcome == "done"


def test_410_in_two_runs_withdraws_the_article_and_its_return_restores_it(tmp_path: Path) -> None:
    site = Site(tmp_path / "a", article(2), reply(410), reply(410), article(2, more="<p>And more.</p>"))
    stood = site.crawl()
    states = [article.state for article in stood if article is not None]
    assert states == ["live", "missing", "withdrawn", "restored"]
    with Archive.open(site.place) as archive:
        assert stood[-1] is not None
        versions = [version.number for version in archive.versions(stood[-1].id)]
    assert versions == [1, 2]
