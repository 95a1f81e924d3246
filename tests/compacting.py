"""An invented archive to compact: pages of two sites, some packed by their server, a picture, a revisit."""

from __future__ import annotations

import gzip
import hashlib
import random
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from storage import Archive
from storage.records import Article, Capture, Exchange, Extractor

NOW = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
MENU = "".join(f'<li><a href="/column{at}/list.htm">Column {at}</a></li>\n' for at in range(60))
WORDS = [
    "campus",
    "library",
    "lecture",
    "student",
    "teacher",
    "river",
    "autumn",
    "garden",
    "result",
    "visit",
    "plan",
    "report",
]
PICTURE = random.Random(5).randbytes(20_000)


def page(site: str, number: int) -> bytes:
    """Return a page in the frame of its site."""
    text = " ".join(random.Random(f"{site} {number}").choices(WORDS, k=80))
    menu = MENU if site == "news" else MENU.replace("column", "spalte")
    return f"<html><body><ul>{menu}</ul><h1>Story {number}</h1><p>{text}</p></body></html>".encode()


def exchange(site: str, number: int, *, packed: bool = False) -> Exchange:
    """Return what a site gave for a story, as it is or packed by zlib."""
    url, body = f"http://{site}.example.edu/{number}.htm", page(site, number)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
    if packed:
        body, head = gzip.compress(body, 6, mtime=0), head + b"Content-Encoding: gzip\r\n"
    head += b"Content-Length: %d\r\n\r\n" % len(body)
    request = f"GET /{number}.htm HTTP/1.1\r\nHost: {site}.example.edu\r\n\r\n".encode()
    return Exchange(url, "GET", request, head, body, 200, NOW)


def picture(number: int) -> Exchange:
    """Return what no dictionary makes smaller."""
    url = f"http://news.example.edu/{number}.png"
    head = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n"
    return Exchange(url, "GET", b"GET / HTTP/1.1\r\n\r\n", head, PICTURE + bytes([number]), 200, NOW)


def everything() -> list[Exchange]:
    """Return thirty stories and a picture."""
    stories = [
        exchange(site, number, packed=number % 3 == 0) for number in range(15) for site in ("news", "dep")
    ]
    return [*stories, picture(1)]


def archive_of(path: Path, *runs: Sequence[Exchange]) -> Path:
    """Make an archive of runs; every exchange of HTML is an article's."""
    for number, run in enumerate(runs, 1):
        with Archive.open(path, write=True, create=True) as archive:
            archive.begin_run(NOW, ["campus"], resume=False)
            for each in run:
                keep(archive, each, number)
            archive.end_run(NOW, "done", {})
    return path


def keep(archive: Archive, each: Exchange, run: int = 1) -> None:
    """Keep an exchange, and the article in it."""
    capture = archive.capture(each)
    if each.url.endswith(".htm"):
        name = hashlib.sha256(each.url.encode()).hexdigest()[:8]
        article = Article(name, each.url, "campus", f"Story of run {run}", Extractor("generic", 1), body="B")
        archive.put(article, capture, now=NOW)


def captures(archive: Archive) -> dict[str, Capture]:
    """Return the capture of each article, by its address."""
    return {found.url: found.capture for found in archive.articles() if found.capture}


def payloads(path: Path) -> dict[str, tuple[bytes, bytes]]:
    """Return head and body of each article's page."""
    with Archive.open(path) as archive:
        return {url: archive.payload(capture) for url, capture in captures(archive).items()}


def files(path: Path) -> dict[str, str]:
    """Return the digest of each file in `warc/`."""
    return {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted((path / "warc").iterdir())
    }
