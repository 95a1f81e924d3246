"""A small archive written by hand, a run a day: what the tests of exports and of the change stream read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from storage import Archive
from storage.ladder import Look
from storage.records import Article, Exchange, Extractor

START = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
Seen = Article | tuple[str, Look] | tuple[Article, Look]


def article(number: int = 1, **fields: Any) -> Article:
    plain = Article(
        id=f"a{number}",
        url=f"http://news.example.edu/{number}.htm",
        site="campus",
        title=f"Notice {number}",
        extractor=Extractor("generic", 1),
        release_time="2026-08-30",
        views=10,
        views_source="counter",
        body=f"Body of notice {number}.",
        provenance={"title": "h1"},
    )
    return replace(plain, **fields)


class Days:
    """An archive and the day it is; each `run` is a day later."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.now = START

    def run(self, *looks: Seen, sites: Iterable[str] = ("campus",)) -> int:
        """Write a run that had these looks, committing after each, and return its number."""
        self.now += timedelta(days=1)
        with Archive.open(self.path, write=True, create=True) as archive:
            run = archive.begin_run(self.now, list(sites))
            for look in looks:
                self.see(archive, look)
                archive.commit()
            archive.end_run(self.now, "done", {"articles": len(looks)})
            return run.id

    def see(self, archive: Archive, seen: Seen) -> None:
        what, look = seen if isinstance(seen, tuple) else (seen, "seen")
        if isinstance(what, str):
            archive.look(what, look, now=self.now, reason=f"http_{look}")
            return
        request = f"GET {what.url} HTTP/1.1\r\n\r\n".encode()
        body = what.body.encode()
        head = b"HTTP/1.1 200 OK\r\n\r\n"
        exchange = Exchange(what.url, "GET", request, head, body, 200, self.now, "192.0.2.1")
        archive.put(what, archive.capture(exchange), now=self.now, look=look)

    def open(self) -> Archive:
        return Archive.open(self.path)
