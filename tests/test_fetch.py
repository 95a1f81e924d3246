from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from scraper.errors import (
    AddressRefused,
    FetchError,
    HostLeftAlone,
    LeftForLater,
    RedirectRefused,
    ResponseRefused,
    RobotsDisallowed,
    RobotsUnreachable,
    Unreachable,
)
from scraper.fetch import Fetcher, Request
from scraper.fetch.heads import retry_after

from .fault_server import EMPTY, RESET, FaultServer, redirect, reply, then_close, then_hang
from .fetching import AGENT, NOW, Clock, fetcher, policy

PAGE = b"<html>\xe6\x96\xb0\xe9\x97\xbb</html>"
OK = reply(200, PAGE, "Content-Type: text/html; charset=utf-8", 'ETag: W/"7"')


def failure(server: FaultServer, path: str, clock: Clock | None = None, **limits: Any) -> FetchError:
    """Return the error that fetching the path ends with."""
    with fetcher(clock, **limits) as door, pytest.raises(FetchError) as caught:
        door.fetch(Request(server.url(path)))
    return caught.value


def test_a_page_comes_back_with_the_exchanges_that_brought_it() -> None:
    with FaultServer({"/a": OK}) as server, fetcher() as door:
        fetched = door.fetch(Request(server.url("/a")))
    assert (fetched.page.status, fetched.page.body, fetched.page.text) == (200, PAGE, PAGE.decode())
    assert (fetched.page.url, fetched.page.final_url) == (server.url("/a"), server.url("/a"))
    assert fetched.page.content_type == "text/html; charset=utf-8"
    assert fetched.page.fetched_at == NOW
    assert [exchange.url for exchange in fetched.exchanges] == [server.url("/robots.txt"), server.url("/a")]
    assert fetched.header("ETag") == 'W/"7"'
    assert fetched.header("Last-Modified") is None


def test_the_request_says_who_asks_and_carries_no_cookie() -> None:
    answer = reply(200, PAGE, "Set-Cookie: session=1")
    with FaultServer({"/a": answer}) as server, fetcher() as door:
        for _ in range(2):
            door.fetch(Request(server.url("/a")))
    request = server.requests[-1]
    assert f"User-Agent: {AGENT}\r\n".encode() in request
    assert b"Accept-Encoding: gzip, deflate\r\n" in request
    assert b"cookie" not in request.lower()


def test_a_body_is_posted_as_a_form_unless_a_header_says_otherwise() -> None:
    with FaultServer({"/count": reply(200, b"12")}) as server, fetcher() as door:
        door.fetch(Request(server.url("/count"), "POST", b"articleId=1"))
        json = (("content-type", "application/json"), ("Accept", "*/*"))
        door.fetch(Request(server.url("/count"), "POST", b"{}", json))
    form, stated = server.requests[-2:]
    assert form.startswith(b"POST /count HTTP/1.1\r\n")
    assert form.endswith(b"\r\n\r\narticleId=1")
    assert b"Content-Type: application/x-www-form-urlencoded\r\n" in form
    assert b"content-type: application/json\r\n" in stated
    assert stated.lower().count(b"accept:") == 1


def test_one_connection_serves_all_requests_to_a_host() -> None:
    with FaultServer({"/a": OK}) as server, fetcher() as door:
        for _ in range(5):
            door.fetch(Request(server.url("/a")))
    assert server.connections == 1


@pytest.mark.parametrize("status", [400, 403, 404, 410, 412, 500])
def test_an_error_status_is_an_answer_to_look_at(status: int) -> None:
    with FaultServer({"/a": reply(status, b"gone")}) as server, fetcher() as door:
        page = door.fetch(Request(server.url("/a"))).page
    assert (page.status, page.body) == (status, b"gone")
    assert server.pages_asked == ["/a"]


# Conditional requests


def test_a_304_to_a_condition_is_an_answer() -> None:
    condition = (("If-None-Match", 'W/"7"'),)
    with FaultServer({"/a": b"HTTP/1.1 304 Not Modified\r\n\r\n"}) as server, fetcher() as door:
        fetched = door.fetch(Request(server.url("/a"), headers=condition))
    assert (fetched.page.status, fetched.page.body) == (304, b"")
    assert b'If-None-Match: W/"7"\r\n' in server.requests[-1]


def test_a_304_nobody_asked_for_is_an_error() -> None:
    with FaultServer({"/a": b"HTTP/1.1 304 Not Modified\r\n\r\n"}) as server:
        error = failure(server, "/a")
    assert (type(error), error.reason) == (ResponseRefused, "unasked_304")


# Redirects


def test_redirects_are_followed_hop_by_hop_and_each_is_kept() -> None:
    answers = {"/a": redirect("/b", 301), "/b": redirect("c?x=1#y", 307), "/c?x=1": OK}
    with FaultServer(answers) as server, fetcher() as door:
        fetched = door.fetch(Request(server.url("/a")))
    assert fetched.page.url == server.url("/a")
    assert fetched.page.final_url == server.url("/c?x=1")
    assert [exchange.status for exchange in fetched.exchanges] == [404, 301, 307, 200]


def test_a_location_in_raw_bytes_is_sent_back_byte_for_byte() -> None:
    answers = {
        "/a": "HTTP/1.1 302 Found\r\nLocation: /新\r\nContent-Length: 0\r\n\r\n".encode("gbk"),
        "/%D0%C2": OK,
    }
    with FaultServer(answers) as server, fetcher() as door:
        assert door.fetch(Request(server.url("/a"))).page.body == PAGE


def test_a_redirect_without_a_target_is_the_answer() -> None:
    with FaultServer({"/a": reply(302, b"moved")}) as server, fetcher() as door:
        assert door.fetch(Request(server.url("/a"))).page.status == 302


@pytest.mark.parametrize(
    ("status", "method"), [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")]
)
def test_only_307_and_308_keep_the_method_and_the_body(status: int, method: str) -> None:
    with FaultServer({"/a": redirect("/b", status), "/b": OK}) as server, fetcher() as door:
        door.fetch(Request(server.url("/a"), "POST", b"x=1"))
    assert server.requests[-1].startswith(method.encode())
    assert server.requests[-1].endswith(b"x=1") is (method == "POST")


LOOPS = {
    "to itself": ({"/a": redirect("/a")}, ["/a"]),
    "there and back": ({"/a": redirect("/b"), "/b": redirect("/a")}, ["/a", "/b"]),
}


@pytest.mark.parametrize(("answers", "asked"), LOOPS.values(), ids=LOOPS)
def test_a_redirect_loop_stops_after_each_hop_was_kept_once(
    answers: dict[str, bytes], asked: list[str]
) -> None:
    with FaultServer(answers) as server:
        error = failure(server, "/a")
    assert (type(error), error.reason) == (RedirectRefused, "redirect_loop")
    assert server.pages_asked == asked
    assert len(error.exchanges) == 1 + len(asked)


def test_endless_redirects_stop_at_the_limit() -> None:
    with FaultServer({f"/{n}": redirect(f"/{n + 1}") for n in range(50)}) as server:
        error = failure(server, "/0", max_redirects=3)
    assert (type(error), error.reason) == (RedirectRefused, "too_many_redirects")
    assert server.pages_asked == ["/0", "/1", "/2", "/3"]


def test_conditions_stay_with_their_address_and_headers_with_their_host() -> None:
    headers = (("If-None-Match", '"7"'), ("X-Requested-With", "XMLHttpRequest"))
    with FaultServer({"/c": OK}) as other:
        answers = {"/a": redirect("/b"), "/b": redirect(other.url("/c"))}
        with FaultServer(answers) as server, fetcher() as door:
            door.fetch(Request(server.url("/a"), headers=headers))
    assert b"If-None-Match" not in server.requests[-1]
    assert b"X-Requested-With" in server.requests[-1]
    assert b"X-Requested-With" not in other.requests[-1]


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("ftp://127.0.0.1/x", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("http://user@127.0.0.1/", "address"),
        ("http://169.254.169.254/latest/meta-data/", "address"),
        ("http://[::ffff:169.254.169.254]/", "address"),
        ("http://0.0.0.0/", "address"),
        ("http://127.0.0.1:22/", "port"),
    ],
)
def test_a_redirect_to_where_we_may_not_go_is_refused(target: str, reason: str) -> None:
    with FaultServer({"/a": redirect(target)}) as server:
        error = failure(server, "/a", ports=frozenset({80, server.port}))
    assert (type(error), error.reason) == (AddressRefused, reason)
    assert [exchange.status for exchange in error.exchanges] == [404, 302]


# Where a crawl may go


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "0.0.0.0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "１２７.0.0.1",
    ],
)
def test_no_connection_is_made_to_loopback_unless_allowed(host: str) -> None:
    with (
        FaultServer({"/a": OK}) as server,
        fetcher(allow_private=False) as door,
        pytest.raises(AddressRefused) as caught,
    ):
        door.fetch(Request(server.url("/a", host)))
    assert caught.value.reason == "address"
    assert caught.value.url.endswith("/a")
    assert server.connections == 0


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://127.0.0.1/", "scheme"),
        ("news.example.edu", "scheme"),
        ("http://news.example.edu@127.0.0.1:{port}/", "address"),
        ("http://127.0.0.1:{port}/", "port"),
    ],
)
def test_scheme_user_name_and_port_are_refused_before_any_connection(url: str, reason: str) -> None:
    with (
        FaultServer({}) as server,
        fetcher(ports=frozenset({80, 443})) as door,
        pytest.raises(AddressRefused) as caught,
    ):
        door.fetch(Request(url.format(port=server.port)))
    assert caught.value.reason == reason
    assert server.connections == 0


class Resolver:
    """Stands in for the network's DNS: every name is at the next of these addresses."""

    def __init__(self, *addresses: str) -> None:
        self.asked: list[str] = []
        self._addresses = addresses
        self._real = socket.getaddrinfo

    def __call__(self, host: str, port: int, *rest: Any, **more: Any) -> Any:
        if host.replace(".", "").isdigit():
            return self._real(host, port, *rest, **more)
        address = self._addresses[min(len(self.asked), len(self._addresses) - 1)]
        self.asked.append(host)
        return self._real(address, port, *rest, **more)


def test_a_name_that_resolves_to_loopback_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", Resolver("127.0.0.1"))
    with (
        FaultServer({"/a": OK}) as server,
        fetcher(allow_private=False) as door,
        pytest.raises(AddressRefused),
    ):
        door.fetch(Request(server.url("/a", "127-0-0-1.news.example")))
    assert server.connections == 0


def test_the_judged_address_is_the_one_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    resolver = Resolver("127.0.0.1", "169.254.169.254")
    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    with FaultServer({"/a": OK}) as server, fetcher() as door:
        fetched = door.fetch(Request(server.url("/a", "news.example")))
    assert resolver.asked == ["news.example"]
    assert f"Host: news.example:{server.port}\r\n".encode() in server.requests[-1]
    assert fetched.exchanges[-1].ip == "127.0.0.1"


def test_an_address_that_refuses_is_followed_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultServer({"/a": OK}) as server, fetcher() as door:
        family = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        names = {"news.example": [(*family, (f"127.0.0.{n}", server.port)) for n in (2, 1)]}
        real = socket.getaddrinfo
        monkeypatch.setattr(
            socket, "getaddrinfo", lambda host, *a, **k: names.get(host) or real(host, *a, **k)
        )
        fetched = door.fetch(Request(server.url("/a", "news.example")))
    assert fetched.exchanges[-1].ip == "127.0.0.1"


def test_each_host_is_under_its_own_policy() -> None:
    with (
        FaultServer({"/secret": OK}) as inside,
        FaultServer({"/a": redirect(inside.url("/secret"))}) as outside,
    ):
        policies = {f"127.0.0.1:{outside.port}": policy()}
        closed = policy(allow_private=False)
        door = Fetcher(lambda host: policies.get(host, closed), now=lambda: NOW, sleep=Clock().sleep)
        with door, pytest.raises(AddressRefused):
            door.fetch(Request(outside.url("/a")))
    assert outside.pages_asked == ["/a"]
    assert inside.connections == 0


def test_the_environment_names_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultServer({}) as proxy, FaultServer({"/a": OK}) as server, fetcher() as door:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url())
        door.fetch(Request(server.url("/a")))
    assert proxy.connections == 0


@pytest.mark.parametrize("path", ["/_visitcount?siteId=1", "/%5Fvisitcount?siteId=1", "/jump"])
def test_a_beacon_is_never_fetched_not_even_as_a_redirect(path: str) -> None:
    with FaultServer({"/jump": redirect("/_visitcount?siteId=1")}) as server:
        error = failure(server, path, beacons=(r"/_visitcount\?", r"/addclicktimes\.jsp"))
    assert error.reason == "beacon"
    assert not any("visitcount" in asked.lower() for asked in server.asked)


# robots.txt


def robots(rules: bytes) -> bytes:
    return reply(200, rules, "Content-Type: text/plain")


def test_what_robots_txt_forbids_is_not_asked_for() -> None:
    answers = {"/robots.txt": robots(b"User-agent: *\nDisallow: /x\n"), "/a": OK, "/jump": redirect("/x/1")}
    with FaultServer(answers) as server, fetcher() as door:
        assert door.fetch(Request(server.url("/a"))).page.status == 200
        for path in ("/x/1", "/jump"):
            with pytest.raises(RobotsDisallowed) as caught:
                door.fetch(Request(server.url(path)))
            assert caught.value.reason == "robots"
    assert server.asked == ["/robots.txt", "/a", "/jump"]


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_robots_txt_that_is_not_there_allows_all(status: int) -> None:
    with FaultServer({"/robots.txt": reply(status), "/a": OK}) as server, fetcher() as door:
        assert door.fetch(Request(server.url("/a"))).page.status == 200


UNREADABLE = {
    "429": reply(429),
    "500": reply(500),
    "503": reply(503),
    "silence": then_hang(b""),
    "a cut body": then_close(reply(200, b"x", length=9)),
}


@pytest.mark.parametrize("answer", UNREADABLE.values(), ids=UNREADABLE)
def test_a_robots_txt_that_cannot_be_read_forbids_all(answer: Any) -> None:
    with FaultServer({"/robots.txt": answer, "/a": OK}) as server:
        error = failure(server, "/a", deadline=0.2)
    assert (type(error), error.look) == (RobotsUnreachable, "error")
    assert error.url == server.url("/a")
    assert server.pages_asked == []


def test_robots_redirects_are_followed_five_times_and_then_mean_unavailable() -> None:
    hops = {f"/r{n}": redirect(f"/r{n + 1}") for n in range(1, 9)}
    with FaultServer({"/robots.txt": redirect("/r1"), "/a": OK, **hops}) as server, fetcher() as door:
        assert door.fetch(Request(server.url("/a"))).page.status == 200
    assert server.asked == ["/robots.txt", "/r1", "/r2", "/r3", "/r4", "/r5", "/a"]
    answers = {"/robots.txt": redirect("/r1"), "/r1": robots(b"User-agent: *\nDisallow: /"), "/a": OK}
    with FaultServer(answers) as server:
        assert failure(server, "/a").reason == "robots"


def test_only_the_first_500_kib_of_a_robots_txt_are_read() -> None:
    rules = b"User-agent: *\nDisallow: /x\n" + b"# filling\n" * 100_000
    with FaultServer({"/robots.txt": robots(rules), "/a": OK}) as server, fetcher(max_bytes=600_000) as door:
        exchanges = door.fetch(Request(server.url("/a"))).exchanges
        with pytest.raises(RobotsDisallowed):
            door.fetch(Request(server.url("/x")))
    assert (len(exchanges[0].body), exchanges[0].truncated) == (500 * 1024, "length")


def test_robots_txt_is_read_once_a_day_and_a_failed_one_again_after_ten_minutes() -> None:
    clock = Clock()
    with FaultServer({"/robots.txt": [reply(500), reply(404)], "/a": OK}) as server, fetcher(clock) as door:
        for pause, asked in ((0, 1), (500, 1), (200, 2), (23 * 3600, 2), (2 * 3600, 3)):
            clock.sleep(pause)
            try:
                door.fetch(Request(server.url("/a")))
            except RobotsDisallowed:
                assert asked == 1
            assert server.asked.count("/robots.txt") == asked


def test_every_host_of_a_redirect_has_its_own_robots_txt() -> None:
    with (
        FaultServer({"/robots.txt": robots(b"User-agent: *\nDisallow: /"), "/b": OK}) as other,
        FaultServer({"/a": redirect(other.url("/b"))}) as server,
    ):
        error = failure(server, "/a")
    assert (error.reason, error.url) == ("robots", other.url("/b"))
    assert other.asked == ["/robots.txt"]


def test_a_host_that_is_down_is_reported_as_down_and_not_as_forbidding() -> None:
    with FaultServer({}) as server:
        pass
    error = failure(server, "/a")
    assert (type(error), error.reason, error.url) == (Unreachable, "refused", server.url("/a"))


# Politeness


def test_the_delay_counts_from_the_end_of_a_response() -> None:
    clock = Clock()
    with FaultServer({"/a": OK}) as server, fetcher(clock, delay=2.0) as door:
        door.fetch(Request(server.url("/a")))
        door.fetch(Request(server.url("/a")))
    assert clock.naps == pytest.approx([2.0, 2.0], abs=0.2)


def test_time_spent_elsewhere_counts_as_rest() -> None:
    clock = Clock()
    with FaultServer({"/a": OK}) as server, fetcher(clock, delay=2.0) as door:
        door.fetch(Request(server.url("/a")))
        clock.sleep(60)
        door.fetch(Request(server.url("/a")))
    assert clock.naps == pytest.approx([2.0, 60.0], abs=0.2)


@pytest.mark.parametrize(("asked", "kept"), [(b"3", 3.0), (b"86400", 60.0), (b"0.1", 1.0)])
def test_crawl_delay_is_honoured_within_bounds(asked: bytes, kept: float) -> None:
    clock = Clock()
    answers = {"/robots.txt": robots(b"User-agent: *\nCrawl-delay: " + asked), "/a": OK}
    with FaultServer(answers) as server, fetcher(clock, delay=1.0) as door:
        door.fetch(Request(server.url("/a")))
        door.fetch(Request(server.url("/a")))
    assert clock.naps[-1] == pytest.approx(kept, abs=0.2)


def test_a_slow_host_is_asked_more_slowly() -> None:
    clock = Clock()

    def slowly(server: FaultServer, sock: socket.socket) -> None:
        clock.sleep(5)
        sock.sendall(OK)

    with FaultServer({"/a": slowly, "/b": OK}) as server, fetcher(clock, delay=0.01) as door:
        door.fetch(Request(server.url("/a")))
        door.fetch(Request(server.url("/b")))
    assert [nap for nap in clock.naps if nap > 4] == pytest.approx([5, 5], abs=0.2)  # the server's and ours


def test_threads_take_turns_at_one_host_and_not_at_two() -> None:
    meeting = threading.Barrier(2, timeout=10)

    def together(_: FaultServer, sock: socket.socket) -> None:
        meeting.wait()
        sock.sendall(OK)

    with ExitStack() as stack:
        one, two = (stack.enter_context(FaultServer({"/a": OK, "/both": together})) for _ in range(2))
        door = stack.enter_context(fetcher())
        pool = stack.enter_context(ThreadPoolExecutor(26))
        urls = [one.url("/a")] * 24 + [one.url("/both"), two.url("/both")]
        assert [page.page.status for page in pool.map(door.fetch, map(Request, urls))] == [200] * 26
    assert one.most_in_flight == 1
    assert one.asked.count("/robots.txt") == 1


def test_names_of_one_server_share_its_pace_and_its_one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", Resolver("127.0.0.1"))
    clock = Clock()
    with FaultServer({"/a": OK}) as server, fetcher(clock, delay=2.0) as door:
        for name in ("one.example", "two.example", "one.example"):
            door.fetch(Request(server.url("/a", name)))
        assert server.connections == 3  # the one is closed before another is opened
    assert clock.naps == pytest.approx([2.0] * 4, abs=0.2)  # two robots.txt and three pages
    assert server.asked == ["/robots.txt", "/a", "/robots.txt", "/a", "/a"]


def test_threads_that_ask_names_of_one_server_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", Resolver("127.0.0.1"))
    with FaultServer({"/a": OK}) as server, fetcher() as door, ThreadPoolExecutor(12) as pool:
        urls = [server.url("/a", f"name{n % 6}.example") for n in range(36)]
        assert {page.page.status for page in pool.map(door.fetch, map(Request, urls))} == {200}
    assert (server.most_in_flight, server.asked.count("/robots.txt")) == (1, 6)


def test_what_a_site_lets_a_run_do_is_counted_over_all_its_hosts() -> None:
    with FaultServer({"/a": OK}) as one, FaultServer({"/a": OK}) as two:
        with fetcher(site="campus", max_requests=3) as door:
            door.fetch(Request(one.url("/a")))
            with pytest.raises(LeftForLater) as caught:
                door.fetch(Request(two.url("/a")))
    assert (caught.value.reason, caught.value.look) == ("request_limit", None)
    assert caught.value.url == two.url("/")
    assert (one.asked, two.asked) == (["/robots.txt", "/a"], ["/robots.txt"])


# A host that fails


def test_a_host_that_fails_again_and_again_is_left_alone_at_once_and_by_name() -> None:
    clock = Clock()
    pages = {"/robots.txt": reply(404), **{f"/{n}": RESET for n in range(9)}}
    with FaultServer(pages) as server, fetcher(clock, give_up_after=3, retries=2) as door:
        errors = []
        for n in range(9):
            with pytest.raises(FetchError) as caught:
                door.fetch(Request(server.url(f"/{n}")))
            errors.append(caught.value)
    assert [error.reason for error in errors] == ["reset"] * 3 + ["host_left_alone"] * 6
    assert server.pages_asked == ["/0"] * 3 + ["/1", "/2"]  # while it fails nothing is tried again
    assert {(error.url, error.look) for error in errors[3:]} == {(server.url("/"), None)}
    assert "3 requests in a row failed, the last by reset" in str(errors[-1])
    assert sum(clock.naps) < 5


def test_a_page_that_is_read_makes_the_failures_before_it_forgotten() -> None:
    pages = {"/good": OK, "/bad": RESET}
    with FaultServer(pages) as server, fetcher(give_up_after=2, retries=0) as door:
        for _ in range(4):
            with pytest.raises(Unreachable):
                door.fetch(Request(server.url("/bad")))
            assert door.fetch(Request(server.url("/good"))).page.status == 200


def test_four_busy_answers_weigh_as_much_as_one_failure() -> None:
    with FaultServer({"/a": reply(503)}) as server, fetcher(give_up_after=2, retries=0) as door:
        for _ in range(8):
            assert door.fetch(Request(server.url("/a"))).page.status == 503
        with pytest.raises(HostLeftAlone):
            door.fetch(Request(server.url("/a")))


@pytest.mark.parametrize("answer", [reply(404), reply(500), reply(403), reply(200, b"x" * 2000)])
def test_answers_about_a_page_are_no_failures_of_its_host(answer: bytes) -> None:
    with FaultServer({"/a": answer}) as server, fetcher(give_up_after=1, max_bytes=1000, retries=0) as door:
        for _ in range(5):
            with suppress(ResponseRefused):
                door.fetch(Request(server.url("/a")))
    assert server.pages_asked == ["/a"] * 5


# Trying again


PASSING = {
    "a reset": RESET,
    "an empty answer": EMPTY,
    "a cut body": then_close(reply(200, PAGE[:5], length=999)),
    "503": reply(503),
    "429": reply(429),
}


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_what_may_be_better_in_a_moment_is_tried_again(fault: Any) -> None:
    clock = Clock()
    with FaultServer({"/a": [fault, fault, OK]}) as server, fetcher(clock) as door:
        fetched = door.fetch(Request(server.url("/a")))
    assert fetched.page.body == PAGE
    assert server.pages_asked == ["/a"] * 3
    assert clock.naps == pytest.approx([1, 2], abs=0.2)
    tries = 2 if isinstance(fault, bytes) else 0
    assert len(fetched.exchanges) == 2 + tries


@pytest.mark.parametrize("fault", [RESET, EMPTY])
def test_a_broken_connection_is_an_error_in_the_end_and_nothing_half_is_kept(fault: Any) -> None:
    with FaultServer({"/a": fault}) as server:
        error = failure(server, "/a")
    assert (type(error), error.reason) == (Unreachable, "reset")
    assert server.pages_asked == ["/a"] * 4
    assert [exchange.url for exchange in error.exchanges] == [server.url("/robots.txt")]


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_host_that_stays_busy_has_its_last_answer_returned(status: int) -> None:
    with FaultServer({"/a": reply(status, b"busy")}) as server, fetcher(retries=2) as door:
        fetched = door.fetch(Request(server.url("/a")))
    assert (fetched.page.status, fetched.page.body) == (status, b"busy")
    assert [exchange.status for exchange in fetched.exchanges] == [404, status, status, status]


@pytest.mark.parametrize(
    ("value", "nap"),
    [
        ("7", 7.0),
        ("0", None),
        ("99999999999", 60.0),
        ("9" * 400, 60.0),
        (format_datetime(NOW + timedelta(seconds=9), usegmt=True), 9.0),
        (format_datetime(NOW - timedelta(days=9), usegmt=True), None),
        (format_datetime(NOW + timedelta(days=9), usegmt=True), 60.0),
        ("Fri, 31 Dec 99999999999 23:59:59 GMT", 1.0),
        ("-5", 1.0),
        ("soon", 1.0),
        ("1e3", 1.0),
        ("", 1.0),
    ],
)
def test_retry_after_is_honoured_within_bounds_whatever_it_says(value: str, nap: float | None) -> None:
    clock = Clock()
    answers = {"/a": [reply(503, b"", f"Retry-After: {value}"), OK]}
    with FaultServer(answers) as server, fetcher(clock) as door:
        assert door.fetch(Request(server.url("/a"))).page.status == 200
    assert clock.naps == pytest.approx([] if nap is None else [nap], abs=0.2)


def test_a_date_without_a_zone_is_read_as_utc() -> None:
    assert retry_after("Tue, 01 Sep 2026 08:31:00 -0000", NOW) == 60.0


def test_a_fetcher_closes_idle_connections_of_many_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scraper.fetch.MAX_OPEN", 2)
    with ExitStack() as stack:
        servers = [stack.enter_context(FaultServer({"/a": OK})) for _ in range(3)]
        door = stack.enter_context(fetcher())
        for server in [*servers, servers[0]]:
            door.fetch(Request(server.url("/a")))
    assert [server.connections for server in servers] == [2, 1, 1]
