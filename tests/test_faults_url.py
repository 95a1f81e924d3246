"""Where a crawl may go: each case of FAULTS.md's section `url & ssrf`, by each way an address can come.

Nothing leaves: connecting is stopped in the socket itself, and every attempt is noted.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest

from scraper.errors import AddressRefused, FetchError
from scraper.fetch import Fetcher, Request

from .fault_server import FaultServer, redirect, reply
from .fetching import NOW, Clock, fetcher, policy

# The address, as it may stand in a page; {port} is that of a server which must not be asked.
REFUSED = {
    "/s/ftp": ("ftp://news.example.edu/", "scheme"),
    "/s/loopback": ("http://127.0.0.1:{port}/a", "address"),
    "/s/loopback (a name)": ("http://localhost:{port}/a", "address"),
    "/s/loopback (another of its net)": ("http://127.8.8.8:{port}/a", "address"),
    "/s/loopback-dec": ("http://2130706433:{port}/a", "address"),
    "/s/loopback-hex": ("http://0x7f000001:{port}/a", "address"),
    "/s/loopback-hex (parts)": ("http://0x7f.0x0.0x0.0x1:{port}/a", "address"),
    "octal": ("http://0177.0.0.1:{port}/a", "address"),
    "short": ("http://127.1:{port}/a", "address"),
    "full-width digits": ("http://１２７.0.0.1:{port}/a", "address"),
    "a dot at the end": ("http://127.0.0.1.:{port}/a", "address"),
    "/s/loopback6": ("http://[::1]:{port}/a", "address"),
    "/s/loopback6 (in full)": ("http://[0:0:0:0:0:0:0:1]:{port}/a", "address"),
    "/s/mapped6": ("http://[::ffff:127.0.0.1]:{port}/a", "address"),
    "/s/mapped6 (hex)": ("http://[::ffff:7f00:1]:{port}/a", "address"),
    "6to4": ("http://[2002:7f00:1::1]:{port}/a", "address"),
    "NAT64": ("http://[64:ff9b::7f00:1]:{port}/a", "address"),
    "/s/zero": ("http://0.0.0.0:{port}/a", "address"),
    "/s/zero (0)": ("http://0:{port}/a", "address"),
    "/s/zero (::)": ("http://[::]:{port}/a", "address"),
    "private": ("http://10.0.0.1:{port}/a", "address"),
    "metadata": ("http://169.254.169.254/latest/meta-data/", "address"),
    "/s/userinfo": ("http://news.edu.cn@127.0.0.1:{port}/a", "address"),
    "/s/userinfo (with a password)": ("http://news.edu.cn:80@127.0.0.1:{port}/a", "address"),
    "/s/backslash": ("http://127.0.0.1:{port}\\@news.edu.cn/a", "address"),
    "/s/backslash (before a host)": ("http:\\\\127.0.0.1:{port}\\a", "address"),
    "/s/nip": ("http://127-0-0-1.nip.example:{port}/a", "address"),
    "/s/nip (private)": ("http://10-1-1-1.nip.example:{port}/a", "address"),
    "/s/port": ("http://1.2.4.8:22/", "port"),
    "/s/port (of a mail server)": ("http://1.2.4.8:25/", "port"),
    "file": ("file:///etc/passwd", "scheme"),
    "gopher": ("gopher://127.0.0.1:{port}/_x", "scheme"),
    "data": ("data:text/html,x", "scheme"),
    "a script": ("javascript:alert(1)", "scheme"),
    "a line break in the host": ("http://127.0.0.1\r\n:{port}/a", "address"),
    "nothing": ("http://", "address"),
}
NAMES = {
    "127-0-0-1.nip.example": "127.0.0.1",
    "10-1-1-1.nip.example": "10.1.1.1",
    "public.example": "1.2.4.8",
}

Connected = list[tuple[str, int]]


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> Connected:
    """Give the addresses that were connected to; only those of servers of the test are let through."""
    real_connect, real_lookup = socket.socket.connect, socket.getaddrinfo
    tried: Connected = []

    def connect(sock: socket.socket, address: Any) -> None:
        tried.append(address[:2])
        if address[0] != "127.0.0.1":
            raise ConnectionRefusedError("stopped by the test: nothing leaves this machine")
        real_connect(sock, address)

    def lookup(host: str, *rest: Any, **more: Any) -> Any:
        return real_lookup(NAMES.get(host, host), *rest, **more)

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    return tried


def directly(url: str, door: FaultServer) -> str:
    return url


def by_redirect(url: str, door: FaultServer) -> str:
    door.answers["/jump"] = redirect(url.replace("\r\n", "%0d%0a"))
    return door.url("/jump")


@pytest.mark.parametrize("way", [directly, by_redirect])
@pytest.mark.parametrize(("url", "reason"), REFUSED.values(), ids=REFUSED)
def test_no_connection_is_made_to_where_a_crawl_may_not_go(
    way: Callable[[str, FaultServer], str], url: str, reason: str, connected: Connected
) -> None:
    with FaultServer({"/a": reply(200, b"secret")}) as inside, FaultServer({}) as outside:
        asked = way(url.format(port=inside.port), outside)
        open_to = {f"127.0.0.1:{outside.port}"} if way is by_redirect else set()
        with strict(open_to, inside.port, outside.port) as door, pytest.raises(FetchError) as caught:
            door.fetch(Request(asked))
    assert isinstance(caught.value, AddressRefused)
    assert caught.value.reason == reason
    assert inside.connections == 0
    assert {port for _, port in connected} <= {outside.port, inside.port}  # servers are stopped by connecting


def strict(open_to: set[str], *ports: int) -> Fetcher:
    """Return a Fetcher that may go to public addresses and to these hosts of the test."""
    allowed = frozenset({80, 443, *ports})
    clock = Clock()
    return Fetcher(
        lambda host: policy(allow_private=host in open_to, ports=allowed, retries=0),
        now=lambda: NOW,
        monotonic=clock,
        sleep=clock.sleep,
    )


def test_a_robots_txt_that_redirects_to_a_private_address_is_not_followed(connected: Connected) -> None:
    with FaultServer({"/a": reply(200, b"secret")}) as inside:
        with FaultServer({"/robots.txt": redirect(inside.url("/a")), "/a": reply(200, b"x")}) as outside:
            with strict({f"127.0.0.1:{outside.port}"}, inside.port, outside.port) as door:
                with pytest.raises(FetchError) as caught:
                    door.fetch(Request(outside.url("/a")))
    assert caught.value.reason == "robots_unreachable"
    assert (inside.asked, outside.asked) == ([], ["/robots.txt"])


def test_the_address_that_was_judged_is_the_one_connected_to(
    connected: Connected, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that is public when it is judged and private a moment later: DNS rebinding."""
    real, asked = socket.getaddrinfo, list[str]()

    def rebinding(host: str, *rest: Any, **more: Any) -> Any:
        if host == "rebinding.example":
            asked.append(host)
            host = "1.2.4.8" if len(asked) == 1 else "127.0.0.1"
        return real(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    with FaultServer({}) as inside, strict(set(), inside.port) as door, pytest.raises(FetchError) as caught:
        door.fetch(Request(inside.url("/a", "rebinding.example")))
    assert caught.value.reason == "refused"
    assert connected[0] == ("1.2.4.8", inside.port)
    assert len(asked) == 1
    assert inside.asked == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433"])
def test_allow_private_opens_what_it_says(host: str, connected: Connected) -> None:
    with FaultServer({"/a": reply(200, b"ours")}) as server, fetcher() as door:
        assert door.fetch(Request(server.url("/a", host))).page.body == b"ours"
