"""What a run costs that knows a million articles: with a million addresses still to fetch, and with none.

    python benchmarks/frontier.py [--urls 1000000] [--hosts 50] [--fetch 500] [--json]

The catalogue is filled in bulk. One run goes on with a million addresses that a killed run left, fetches
some, and is stopped; another finds that nothing is new and nothing due. Both crawl hosts on loopback (those
of `hosts.py`), each in a process of its own, whose peak memory is what counts.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import hosts
import process

from scraper import discover, extract, load_config
from scraper.crawl import crawl
from scraper.extract import article_id
from scraper.frontier import Task
from scraper.recheck import line_of
from scraper.thrift import settle
from storage import Archive
from storage.kept import kept
from storage.records import canonical_json

AT_ONCE = 20_000


def fill(archive: Path, sites: list[str], urls: int, port: int) -> None:
    """Fill a catalogue with so many articles, each in its version, capture, sighting and list."""
    now = datetime.now(UTC)
    with Archive.open(archive, write=True, create=True) as made:
        run = made.begin_run(now, sites)
        made.end_run(now, "done", {})
    stamp = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    with contextlib.closing(sqlite3.connect(archive / "catalog.sqlite")) as catalog:
        catalog.execute("PRAGMA synchronous=OFF")
        for at, site in enumerate(sites):
            seed = seed_of(at, port)
            catalog.execute(
                "INSERT INTO listings (id, site, seed, whole) VALUES (?, ?, ?, 1)", (at, site, seed)
            )
            lines = {article_id(item.url): line_of(item) for item in listed(seed)}
            numbers = iter(range(hosts.PER_PAGE, hosts.PER_PAGE + urls // len(sites)))
            while some := list(islice(numbers, AT_ONCE)):
                for table, rows in _rows(at, site, some, run.id, stamp, lines, port).items():
                    _insert(catalog, table, rows)
        catalog.commit()


def seed_of(at: int, port: int) -> str:
    """Return the list of a host."""
    return f"http://{hosts.addresses(at + 1)[-1]}:{port}/news/page/1/"


def listed(seed: str) -> Iterable[object]:
    """Return what a crawl finds on the first page of a list."""
    return discover(hosts.answer("/news/page/1/").partition(b"\r\n\r\n")[2], seed).items


def _rows(
    at: int, site: str, numbers: list[int], run: int, stamp: str, lines: dict[str, object], port: int
) -> dict[str, list[dict[str, object]]]:
    """Return the rows of some articles of a site, by table."""
    made: dict[str, list[dict[str, object]]] = {
        name: [] for name in ("captures", "articles", "versions", "sightings", "listed")
    }
    read = extract(hosts.answer("/news/1/").partition(b"\r\n\r\n")[2], seed_of(at, port)).article
    assert read is not None
    record = kept(replace(read, site=site))
    root = seed_of(at, port).removesuffix("page/1/")
    for number in numbers:
        url, day = f"{root}{number}/", hosts.day(number)
        key, capture = article_id(url), at * 10_000_000 + number
        live = {"standing": "live", "state": "live", "version": 1}
        made["captures"].append(
            {
                "id": capture, "run_id": run, "last_run": run, "url": url, "status": 200,
                "media_type": "text/html", "fetched_at": stamp, "warc": "1.warc.gz", "offset": 0, "length": 1,
                "record_id": f"urn:{capture}", "payload_digest": f"sha256:{capture:064}",
            }
        )  # fmt: skip
        made["articles"].append(
            live
            | {
                "id": key, "site": site, "url": url, "section": None, "release_time": day,
                "standing_run": run, "first_seen": stamp, "last_seen": stamp, "last_changed": stamp,
                "looked_at": stamp, "last_run": run,
            }
        )  # fmt: skip
        made["versions"].append(
            {
                "article_id": key, "number": 1, "run_id": run, "created_at": stamp, "reason": "new",
                "content_digest": key, "field_digests": "{}", "extractor": "wordpress/2",
                "record": canonical_json(record | {"id": key, "url": url}).decode(), "capture_id": capture,
            }
        )  # fmt: skip
        made["sightings"].append(
            live | {"article_id": key, "run_id": run, "observed_at": stamp, "reason": "new", "moved": 1}
        )
        line = lines.get(key)
        made["listed"].append(
            {
                "article_id": key, "listing_id": at, "run_id": run, "released": day,
                "line": line.digest if line else key[:16],
            }
        )  # fmt: skip
    return made


def leave(archive: Path, sites: list[str], urls: int, port: int) -> None:
    """Leave so many addresses to fetch, as a killed run does."""
    with Archive.open(archive, write=True) as opened:
        run = opened.begin_run(datetime.now(UTC), sites)
        opened.commit()
    numbers = iter(range(urls // len(sites)))
    with contextlib.closing(sqlite3.connect(archive / "catalog.sqlite")) as catalog:
        catalog.execute("PRAGMA synchronous=OFF")
        while some := list(islice(numbers, AT_ONCE // len(sites))):
            _insert(catalog, "frontier", _tasks(sites, some, run.id, port))
        catalog.commit()


def _tasks(sites: list[str], numbers: list[int], run: int, port: int) -> Iterator[dict[str, object]]:
    for number in numbers:
        for at, site in enumerate(sites):
            seed = seed_of(at, port)
            url = f"{seed.removesuffix('page/1/')}{number + 10_000_000}/"
            row = Task(
                site, "article", url, seed, title=f"Workshop {number}", release_time="2026-09-01"
            ).to_row()
            yield {
                "run_id": run, "url": url, "host": row.host, "site": site, "kind": row.kind,
                "detail": json.dumps(row.detail), "state": "pending", "place": number * len(sites) + at + 1,
            }  # fmt: skip


def _insert(catalog: sqlite3.Connection, table: str, rows: Iterable[dict[str, object]]) -> None:
    rows = list(rows)
    names = list(rows[0])
    holes = ", ".join("?" * len(names))
    sql = "INSERT INTO {} ({}) VALUES ({})".format(table, ", ".join(f'"{name}"' for name in names), holes)
    catalog.executemany(sql, [tuple(row.values()) for row in rows])


def run(config: Path, fetch: int) -> None:
    """Crawl in this process until so many pages are taken in, if there are as many, and tell what it cost."""
    settle()
    stop, begun = threading.Event(), time.monotonic()
    first: list[float] = []
    done = 0

    def watch(progress: object) -> None:
        nonlocal done
        done += 1
        first.append(time.monotonic() - begun) if not first else None
        if done >= fetch:
            stop.set()

    with contextlib.suppress(KeyboardInterrupt):
        crawl(load_config(config), stop=stop, watch=watch)
    spent = time.monotonic() - begun
    print(json.dumps({"mb": process.peak(), "first_page_s": first[0], "pages": done, "s": spent}))


def measured(urls: int, count: int, fetch: int, port: int) -> dict[str, float]:
    """Run both and return the figures."""
    me, pipe = [sys.executable, __file__], subprocess.PIPE
    found: dict[str, float] = {"urls": urls}
    with tempfile.TemporaryDirectory() as place:
        config, archive = Path(place, "config.yaml"), Path(place, "archive")
        config.write_text(hosts.config(count, 0.1, port), "utf-8")
        sites = [site.name for site in load_config(config).sites]
        fill(archive, sites, urls, port)
        found["catalog_gb"] = (archive / "catalog.sqlite").stat().st_size / 1e9
        with subprocess.Popen(
            [sys.executable, hosts.__file__, "--serve", str(port)], stdin=pipe, stdout=subprocess.DEVNULL
        ) as server:
            for name in ("nothing_due", "frontier_1m"):
                if name == "frontier_1m":
                    leave(archive, sites, urls, port)
                command = [
                    *me,
                    "--run",
                    str(config),
                    "--fetch",
                    str(fetch if name == "frontier_1m" else urls),
                ]
                ran = subprocess.run(command, stdout=pipe, check=True)
                found |= {f"{name}_{key}": value for key, value in json.loads(ran.stdout).items()}
            server.communicate()
        shutil.rmtree(archive)
    return found


def main() -> None:
    """Print the figures of both runs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--urls", type=int, default=1_000_000)
    parser.add_argument("--hosts", type=int, default=50)
    parser.add_argument("--fetch", type=int, default=500)
    parser.add_argument("--port", type=int, default=8978)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--run", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run:
        run(given.run, given.fetch)
        return
    found = measured(given.urls, given.hosts, given.fetch, given.port)
    told = (f"{name:>26}  {value:,.3f}".rstrip("0").rstrip(".") for name, value in found.items())
    print(json.dumps(found) if given.json else "\n".join(told))


if __name__ == "__main__":
    main()
