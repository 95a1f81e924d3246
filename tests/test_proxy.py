"""Through a proxy: a server of our own that passes on what it is asked, on loopback as everything here."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest

from scraper.errors import AddressRefused, FetchError, Unreachable
from scraper.fetch import Request

from .fault_server import FaultServer, Talk, reply
from .fetching import fetcher
from .tls import CA, certificate

PAGE = b"<html>news</html>"


def tunnel_to(port: int) -> Talk:
    """Return what answers CONNECT: bytes go to and fro until one side ends."""

    def talk(_: FaultServer, sock: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", port)) as inner:
            sock.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            back = threading.Thread(target=_pump, args=(inner.recv, sock.sendall))
            back.start()
            _pump(sock.recv, inner.sendall)
            inner.shutdown(socket.SHUT_RDWR)
            back.join()

    return talk


def _pump(receive: Callable[[int], bytes], send: Callable[[bytes], None]) -> None:
    try:
        while data := receive(65536):
            send(data)
    except OSError:  # the other side is gone
        return


def fails(url: str, proxy: str, **limits: Any) -> FetchError:
    """Return the error a request through the proxy ends with."""
    with fetcher(proxy=proxy, **limits) as door, pytest.raises(FetchError) as caught:
        door.fetch(Request(url))
    return caught.value


def test_a_page_is_asked_of_the_proxy_which_resolves_the_name() -> None:
    site = "http://news.example.edu"
    with (
        FaultServer({f"{site}/a": reply(200, PAGE), f"{site}/robots.txt": reply(404)}) as proxy,
        fetcher(proxy=proxy.url().rstrip("/"), allow_private=False, ports=frozenset({80})) as door,
    ):
        fetched = door.fetch(Request(f"{site}/a"))
    assert (fetched.page.body, fetched.page.final_url) == (PAGE, f"{site}/a")
    assert proxy.asked == [f"{site}/robots.txt", f"{site}/a"]
    assert fetched.exchanges[-1].ip is None  # the proxy's is not the site's
    assert b"\r\nHost: news.example.edu\r\n" in fetched.exchanges[-1].request


def test_tls_goes_through_a_tunnel_of_which_the_record_holds_nothing() -> None:
    with FaultServer({"/a": reply(200, PAGE)}, certificate("good.pem")) as site:
        with (
            FaultServer({f"localhost:{site.port}": tunnel_to(site.port)}) as proxy,
            fetcher(proxy=proxy.url(), ca_file=CA) as door,
        ):
            fetched = door.fetch(Request(site.url("/a", "localhost")))
            door.close()
    assert fetched.page.body == PAGE
    assert fetched.exchanges[0].request.startswith(b"GET /robots.txt HTTP/1.1\r\n")
    assert proxy.asked == [f"localhost:{site.port}"]


def test_a_certificate_is_checked_through_the_tunnel_too() -> None:
    with FaultServer({"/a": reply(200, PAGE)}, certificate("wrong_name.pem")) as site:
        with FaultServer({f"localhost:{site.port}": tunnel_to(site.port)}) as proxy:
            error = fails(site.url("/a", "localhost"), proxy.url(), ca_file=CA)
    assert error.reason == "tls_name"
    assert site.asked == []


def test_a_proxy_that_refuses_or_is_not_there_is_told_as_the_proxy() -> None:
    with FaultServer({"news.example.edu:443": reply(403)}) as proxy:
        refused = fails("https://news.example.edu/a", proxy.url())
    gone = fails("http://news.example.edu/a", proxy.url())
    for error in (refused, gone):
        assert (type(error), error.reason, error.url.endswith("example.edu/a")) == (
            Unreachable,
            "proxy",
            True,
        )


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "0x7f.1", "10.1.2.3", "[::1]", "[::ffff:127.0.0.1]", "localhost"]
)
def test_hosts_written_as_numbers_are_judged_before_the_proxy_is_asked(host: str) -> None:
    with FaultServer({}) as proxy:
        error = fails(f"http://{host}/a", proxy.url(), allow_private=False)
    assert (type(error), error.reason) == (AddressRefused, "address")
    assert proxy.connections == 0


def test_a_redirect_to_a_private_number_is_refused_though_a_proxy_is_between() -> None:
    site = "http://news.example.edu"
    answers = {
        f"{site}/robots.txt": reply(404),
        f"{site}/a": reply(302, b"", "Location: http://169.254.169.254/"),
    }
    with FaultServer(answers) as proxy:
        error = fails(f"{site}/a", proxy.url())
    assert (type(error), error.reason) == (AddressRefused, "address")
    assert len(proxy.asked) == 2
