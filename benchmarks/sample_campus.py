"""Pages per second and CPU per page of a whole crawl of the sample campus, served from another process.

    python benchmarks/sample_campus.py [--runs N] [--json]

Everything is on: robots.txt, extraction, counters, attachments, WARC, catalogue, fsync; delays are zero.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import statistics
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

from scraper.config import load_config
from scraper.crawl import crawl
from scraper.demo.campus import Campus


def serve(pipe: Connection) -> None:
    """Serve the campus until the other end closes."""
    with Campus() as campus:
        pipe.send(campus.config("archive"))
        while True:
            try:
                pipe.recv()
            except EOFError:
                return


def measure(settings: str) -> dict[str, float]:
    """Crawl once into an empty archive; a page is any response but robots.txt."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place, "config.yaml")
        path.write_text(settings, "utf-8")
        config = load_config(path)
        wall, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
        run = crawl(config)
        took, after = time.perf_counter() - wall, resource.getrusage(resource.RUSAGE_SELF)
    pages = run.counts["requests"] - len(config.sites)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "pages_per_second": pages / took,
        "cpu_ms_per_page": 1000 * cpu / pages,
        "seconds": took,
        "pages": pages,
    }


def main() -> None:
    """Print the median of several crawls, the first left out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    settings = ours.recv()
    runs = [measure(settings) for _ in range(arguments.runs + 1)][1:]
    found = {name: round(statistics.median(run[name] for run in runs), 2) for name in runs[0]}
    found["memory_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
    print(
        json.dumps(found)
        if arguments.json
        else "\n".join(f"{name:<20}{value:>10}" for name, value in found.items())
    )
    server.kill()


if __name__ == "__main__":
    main()
