"""What is asked of a host, and within which limits, as values: Request and Policy. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from scraper.hours import Hours

Headers = tuple[tuple[str, str], ...]

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """What to fetch. `headers` replace ours of the same name; a body without a Content-Type is a form.

    `most` is how many bytes on the wire are taken for this, where that is less than for a page.
    """

    url: str
    method: str = "GET"
    body: bytes = b""
    headers: Headers = ()
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """Politeness and limits towards one host; times in seconds, sizes in bytes.

    `user_agent` begins with the product token that robots.txt may name, and holds a contact. `delay` counts
    from the end of a response; 0 also turns the adaptation to the response time off. `deadline` is for one
    request, from connecting to its last byte, `connect_timeout` for TCP, and TLS, of it. `max_bytes` counts
    on the wire, `max_decoded` and `max_ratio` after the content coding. `max_wait` clamps Retry-After and
    Crawl-delay. `allow_private` adds loopback and private addresses; `ca_file` replaces the public
    certificate authorities. `beacons` are regular expressions searched in an address: what matches is never
    fetched.

    `give_up_after` so many failures in a row a host is left alone for the life of the Fetcher. `hours` are
    those in which it may be asked, `max_requests` how often, over all hosts with the same `site`.
    `legacy_tls` takes versions and ciphers of TLS that are not safe any more. `proxy` is the http or https
    address of the proxy to go through; it resolves the names then, so that the address guard sees only hosts
    written as numbers.
    """

    user_agent: str
    delay: float = 1.0
    deadline: float = 60.0
    connect_timeout: float = 10.0
    max_bytes: int = 20 * MIB
    max_decoded: int = 50 * MIB
    max_ratio: int = 200
    max_redirects: int = 5
    retries: int = 3
    max_wait: float = 60.0
    allow_private: bool = False
    ports: frozenset[int] = frozenset({80, 443})
    ca_file: str | None = None
    beacons: tuple[str, ...] = ()
    site: str = ""
    give_up_after: int = 5
    hours: Hours | None = None
    max_requests: int | None = None
    legacy_tls: bool = False
    proxy: str | None = None
