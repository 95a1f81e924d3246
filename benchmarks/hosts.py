"""Many hosts at a polite delay in one process: does a crawl keep up with the delays, and keep to them?

    python benchmarks/hosts.py [--hosts 200] [--delay 1] [--seconds 300] [--json]

A server in a process of its own is a host at each of so many loopback addresses. It answers after 50 to 400
ms, the same at one host, and writes down when every request came and was answered: what is told of gaps and
lateness is what hosts see. The crawl is the whole job (fetch, read, WARC, catalogue).

lists_s   seconds until the last list of a host was walked: the burst of a first run, in which a page gives 50
          addresses and the writer, not the delay, says how long it takes; what follows counts after that
late_*    seconds from the moment a host had rested (its last answer and the delay) to its next request
of_ideal  requests, of those there had been if none had been late
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import math
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import process

PER_PAGE = 50  # addresses on a page of a list
_CONFIG = """\
contact: somebody@campus.example
archive: archive
delay: {delay}
sites:
"""
_SITE = """\
  - name: h{number}
    allow_private: true
    ports: [{port}]
    seeds:
      - url: http://{address}:{port}/news/page/1/
"""
_FRAME = (
    "<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>{title}</title>"
    "<link rel='stylesheet' href='/wp-content/themes/campus/style.css'>"
    "<script src='/wp-includes/js/embed.js'></script></head><body><nav><a href='/'>Home</a></nav>"
    "<main>{main}</main><footer>University of Samples</footer></body></html>"
)
_LINE = (
    "<article class='post'><h2 class='entry-title'><a href='/news/{n}/'>The faculty opens its workshop "
    "number {n} to guests</a></h2><time class='entry-date published'>{day}</time></article>"
)
_ARTICLE = (
    "<article class='post'><h1 class='entry-title'>The faculty opens its workshop number {n} to guests</h1>"
    "<time class='entry-date published'>{day}</time><div class='entry-content'>{body}</div></article>"
)
_NEXT = "<div class='nav-links'><a class='next' rel='next' href='/news/page/{page}/'>Next</a></div>"
_TEXT = "<p>In workshop {n} students of {at} subjects build what they planned, and explain it to guests.</p>"


def addresses(count: int) -> list[str]:
    """Return so many addresses of this machine."""
    return [f"127.0.{1 + n // 250}.{1 + n % 250}" for n in range(count)]


def config(count: int, delay: float, port: int) -> str:
    """Return a config with a site at each of so many hosts."""
    sites = enumerate(addresses(count))
    made = "".join(_SITE.format(number=at, address=address, port=port) for at, address in sites)
    return _CONFIG.format(delay=delay) + made


def wait_of(address: str) -> float:
    """Return the seconds a host takes for an answer."""
    return 0.05 + zlib.crc32(address.encode()) % 350 / 1000


Turn = tuple[str, float, float]
"""One request: its path, when it came and when it was answered."""

MET: defaultdict[str, list[Turn]] = defaultdict(list)


class Host(asyncio.Protocol):
    """One connection to one of the hosts."""

    pages = 1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note which host is spoken to."""
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._asked = transport, b""
        self._address = transport.get_extra_info("sockname")[0]

    def data_received(self, data: bytes) -> None:
        """Answer each whole request in a while."""
        self._asked += data
        if self._asked.endswith(b"\r\n\r\n"):
            path, self._asked = self._asked.split(b" ", 2)[1].decode(), b""
            later = asyncio.get_running_loop().call_later
            later(wait_of(self._address), self._answer, path, time.monotonic())

    def _answer(self, path: str, came: float) -> None:
        MET[self._address].append(
            (path, came, time.monotonic())
        )  # first: who asked may run before we do again
        self._transport.write(answer(path, self.pages))


def answer(path: str, pages: int = 1) -> bytes:
    """Return the answer of any host to the request for a path."""
    kind, _, rest = path.strip("/").partition("/")
    if kind != "news":
        return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    if rest.startswith("page/"):
        page = int(rest.removeprefix("page/"))
        lines = "".join(map(line, range(page * PER_PAGE, (page + 1) * PER_PAGE)))
        more = _NEXT.format(page=page + 1) if page < pages else ""
        body = _FRAME.format(title="News", main=lines + more)
    else:
        text = "".join(_TEXT.format(n=rest, at=at) for at in range(12))
        body = _FRAME.format(title="News", main=_ARTICLE.format(n=rest, day=day(int(rest)), body=text))
    data = body.encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(data), data)


def day(number: int) -> str:
    """Return the day an article came out; those with small numbers are the newest."""
    return f"{2026 - number // 300}-{12 - number % 300 // 25:02}-{25 - number % 25:02}"


def line(number: int) -> str:
    """Return an article's line in the list."""
    return _LINE.format(n=number, day=day(number))


async def serve(port: int, pages: int) -> None:
    """Be all hosts, each with a list of so many pages, until standard input ends; then tell what was met."""
    Host.pages = pages
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Host, "0.0.0.0", port, backlog=4096)
    print("ready", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()
    json.dump(MET, sys.stdout)


def crawl(path: Path, seconds: float) -> None:
    """Crawl for so long in this process, and tell what it cost."""
    from scraper import load_config
    from scraper.crawl import crawl as run
    from scraper.thrift import settle

    settle()
    stop = threading.Event()
    loaded = load_config(path)
    most = 0

    def end() -> None:
        nonlocal most
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(0.5)
            most = max(most, threading.active_count())
        stop.set()

    threading.Thread(target=end, daemon=True).start()
    cpu, begun = time.process_time(), time.monotonic()
    with contextlib.suppress(KeyboardInterrupt):
        run(loaded, stop=stop)
    spent = time.monotonic() - begun
    used = (time.process_time() - cpu) / spent
    print(json.dumps({"cpu": used, "peak_mb": process.peak(), "threads": most}))


def measured(count: int, delay: float, seconds: float, port: int) -> dict[str, float]:
    """Crawl so many hosts and return the figures."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place, "config.yaml")
        path.write_text(config(count, delay, port), "utf-8")
        pages = 1 + math.ceil(seconds / delay / PER_PAGE)  # more articles than there is time for
        me, pipe = [sys.executable, __file__], subprocess.PIPE
        with subprocess.Popen(
            [*me, "--serve", str(port), "--pages", str(pages)], stdin=pipe, stdout=pipe, text=True
        ) as server:
            assert server.stdout is not None
            server.stdout.readline()
            ran = subprocess.run(
                [*me, "--crawl", str(path), "--seconds", str(seconds)], stdout=pipe, check=True
            )
            met = json.loads(server.communicate()[0])
    return {"hosts": count, "delay": delay, "seconds": seconds} | figures(met, delay) | json.loads(ran.stdout)


def figures(met: dict[str, list[Turn]], delay: float) -> dict[str, float]:
    """Return what the hosts saw."""
    begun = min(turns[0][1] for turns in met.values())
    ended = max(turns[-1][2] for turns in met.values())
    walked = max(answered for turns in met.values() for path, _, answered in turns if "/page/" in path)
    late, made, ideal, least = [], 0, 0, math.inf
    for address, turns in met.items():
        gaps = [(later[1] - earlier[2], earlier[2]) for earlier, later in pairwise(turns)]
        least = min(least, *(gap for gap, _ in gaps))
        late += [gap - delay for gap, answered in gaps if answered > walked]
        made += sum(came > walked for _, came, _ in turns)
        ideal += math.floor((ended - walked) / (delay + wait_of(address)))
    if not made:
        raise SystemExit("the lists of the hosts took all the time: give the crawl more --seconds")
    late.sort()
    return {
        "met": len(met),
        "requests": sum(map(len, met.values())),
        "lists_s": walked - begun,
        "articles_s": ended - walked,
        "of_ideal": made / ideal,
        "least_gap": least,
        "late_p50": statistics.median(late),
        "late_p99": late[int(len(late) * 0.99)],
        "late_max": late[-1],
    }


def main() -> None:
    """Print the figures of one crawl."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hosts", type=int, default=200)
    parser.add_argument("--delay", type=float, default=1.0, help="seconds")
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--port", type=int, default=8977)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--pages", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--crawl", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        asyncio.run(serve(given.serve, given.pages))
    elif given.crawl:
        crawl(given.crawl, given.seconds)
    else:
        found = measured(given.hosts, given.delay, given.seconds, given.port)
        told = (f"{name:>10}  {value:,.3f}".rstrip("0").rstrip(".") for name, value in found.items())
        print(json.dumps(found) if given.json else "\n".join(told))


if __name__ == "__main__":
    main()
