"""What `compact` makes of a site of 5,000 pages, through the real archive: bytes, CPU time, and the way back.

The pages are those of a host of `campus.py`, read and put as a crawl does, so that the WARC holds all that
one leaves: responses, requests and whatever the archive adds. Once as a server sends them that does not
compress, once packed as most do (zlib, level 6); `compacted_vs_gzip` is the worse of the two, of the whole
file with its dictionary. Times are CPU seconds, so that a busy machine tells the same.
"""

from __future__ import annotations

import gzip
import hashlib
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import campus

from scraper.extract import extract
from storage import Archive
from storage.compact import compact, undo
from storage.records import Capture, Exchange
from storage.verify import verify
from storage.warc import read_captured

PAGES = 5_000
NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)
READS = 500


def measure(articles: int) -> dict[str, float]:
    """Return the figures of a site of so many pages, 5,000 at most."""
    found: dict[str, float] = {}
    for name, packed in {"plain": False, "packed": True}.items():
        with tempfile.TemporaryDirectory(prefix="campusnews-") as place:
            figures = _site(Path(place, "archive"), min(articles, PAGES), packed)
        found |= {f"compact_{name}_{key}": value for key, value in figures.items()}
    worse = max(found["compact_plain_ratio"], found["compact_packed_ratio"])
    exact = found["compact_plain_undo_exact"] and found["compact_packed_undo_exact"]
    return {"compacted_vs_gzip": worse, "undo_exact": exact, **found}


def _site(path: Path, pages: int, packed: bool) -> dict[str, float]:
    captures = _fill(path, pages, packed)
    before, gz = _digests(path), _bytes(path)
    read = {"gzip": _read(path, captures)}
    with Archive.open(path, write=True) as archive:
        took = _cpu(lambda: list(compact(archive)))
        places = [found.capture for found in archive.articles() if found.capture]
    small, read["zstd"] = _bytes(path), _read(path, places)
    checked = _cpu(lambda: list(verify(path)))
    with Archive.open(path, write=True) as archive:
        back = _cpu(lambda: list(undo(archive)))
    return {
        "ratio": round(small / gz, 4),
        "page_bytes_gzip": round(gz / pages),
        "page_bytes": round(small / pages),
        "seconds": round(took, 1),
        "undo_seconds": round(back, 1),
        "verify_seconds": round(checked, 1),
        "read_us_gzip": round(read["gzip"]),
        "read_us": round(read["zstd"]),
        "undo_exact": _digests(path) == before and not list(verify(path)),
    }


def _fill(path: Path, pages: int, packed: bool) -> list[Capture]:
    """Put the pages of one host, lists and articles, into an archive."""
    host = campus.Host(0, "webplus", "127.0.1.1", packed)
    left, kept = pages, []
    with Archive.open(path, write=True, create=True) as archive:
        archive.begin_run(NOW, [host.name])
        for address, text in campus.pages(host, 1 + pages // len(campus.SECTIONS)):
            exchange = _exchange(host, address, text)
            capture = archive.capture(exchange)
            kept.append(capture)
            article = extract(text.encode(host.encoding), exchange.url).article
            if article is not None:
                archive.put(article, capture, now=NOW)
            if not (left := left - 1):
                break
        archive.end_run(NOW, "done", {})
    return kept


def _exchange(host: campus.Host, path: str, text: str) -> Exchange:
    body, coding = text.encode(host.encoding), b""
    if host.packed:
        body, coding = gzip.compress(body, 6, mtime=0), b"Content-Encoding: gzip\r\n"
    head = (
        b"HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Tue, 01 Sep 2026 08:00:00 GMT\r\n"
        b"Connection: keep-alive\r\nContent-Type: text/html\r\n%sContent-Length: %d\r\n\r\n"
    )
    head %= (coding, len(body))
    asked = f"GET {path} HTTP/1.1\r\nHost: {host.address}\r\nUser-Agent: campusnews (news@example.edu)\r\n"
    request = f"{asked}Accept-Encoding: gzip, deflate\r\n\r\n".encode()
    return Exchange(f"http://{host.address}{path}", "GET", request, head, body, 200, NOW)


def _read(path: Path, captures: list[Capture]) -> float:
    """Return microseconds of CPU for a random read, dictionary included."""
    chosen = captures[:: max(1, len(captures) // READS)]
    return _cpu(lambda: [read_captured(path / each.warc, each) for each in chosen]) / len(chosen) * 1e6


def _cpu(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def _bytes(path: Path) -> int:
    return sum(file.stat().st_size for file in (path / "warc").iterdir())


def _digests(path: Path) -> dict[str, str]:
    files = sorted((path / "warc").iterdir())
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


if __name__ == "__main__":
    print(measure(int(sys.argv[1]) if len(sys.argv) > 1 else PAGES))
