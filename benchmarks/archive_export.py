"""How fast each format is written, and the change stream read, each in a process of its own.

The archive is made for it: invented news of about a thousand characters, a tenth of them edited in a second
run, the views of half of them moved. Rates are records by CPU second, so that a busy machine tells the same.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path

import process
from million import WORDS

from storage import Archive
from storage.export import FORMATS
from storage.records import Article, Exchange, Extractor, Image

START = datetime(2026, 1, 1, tzinfo=UTC)
_TEXT = (*WORDS, "，", "。", "，", "。\n\n")


def measure(articles: int) -> dict[str, float]:
    """Return the rates, the memory and the bytes a record of each format."""
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="campusnews-") as place:
        archive = Path(place, "archive")
        _fill(archive, articles)
        idle = _run(["runs", "-a", str(archive)])
        for form in FORMATS:
            out = Path(place, f"out.{form}")
            more = ["--limit", str(2 * articles)] if FORMATS[form].takes == "news" else []
            cost = _run(["export", "-a", str(archive), "--format", form, "-o", str(out), *more])
            count = articles * 1.1 if more else articles
            found[f"{form}_records_per_s"] = round(count / (cost.cpu - idle.cpu))
            found[f"{form}_mb"] = round(cost.memory)
            found[f"{form}_bytes_per_record"] = round(out.stat().st_size / count)
            out.unlink()
        cost = _run(["changes", "-a", str(archive)], quiet=True)
        found["changes_events_per_s"] = round(articles * 1.1 / (cost.cpu - idle.cpu))
        found["changes_mb"] = round(cost.memory)
    return {"export_records_per_s": found["jsonl_records_per_s"], "export_articles": articles, **found}


def _run(arguments: list[str], *, quiet: bool = False) -> process.Cost:
    code = "import sys; from scraper.cli import main; main(sys.argv[1:])"
    if quiet:
        code = f"import os, sys; os.dup2(os.open(os.devnull, os.O_WRONLY), 1); {code[12:]}"
    return process.run([sys.executable, "-c", code, *arguments], sorted(os.sched_getaffinity(0)))


def _fill(path: Path, articles: int) -> None:
    with Archive.open(path, write=True, create=True) as archive:
        for day in range(2):
            now = START + timedelta(days=day)
            archive.begin_run(now, ["campus"])
            for number in range(articles):
                if day == 0 or number % 2 == 0:
                    _see(archive, _article(number, day), now)
            archive.end_run(now, "done", {})


def _see(archive: Archive, article: Article, now: datetime) -> None:
    request = f"GET {article.url} HTTP/1.1\r\n\r\n".encode()
    body = article.body_html.encode()
    exchange = Exchange(article.url, "GET", request, b"HTTP/1.1 200 OK\r\n\r\n", body, 200, now)
    archive.put(article, archive.capture(exchange), now=now)


def _article(number: int, day: int) -> Article:
    pick = random.Random(number)
    body = "".join(pick.choices(_TEXT, k=550)).strip()
    article = Article(
        id=f"a{number:07}",
        url=f"http://news.example.edu/info/{number}.htm",
        site="campus",
        title="".join(pick.choices(WORDS[:30], k=9)),
        extractor=Extractor("webplus", 3),
        section="新闻",
        release_time=f"{2006 + number % 20}-03-{number % 28 + 1:02}",
        views=number % 977 + day,
        views_source="counter",
        body=body,
        body_html="".join(f"<p>{escape(part)}</p>" for part in body.split("\n\n")),
        source="宣传部",
        images=(Image(f"http://news.example.edu/{number}.jpg"),) * (number % 3),
        provenance={"title": "webplus.title", "body": "webplus.body", "views": "counter"},
    )
    return article if day == 0 or number % 10 else replace(article, body=body + "（更新）")


if __name__ == "__main__":
    print(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 2000))
