"""What a crawl of the sample campus asks for: first, when nothing changed, when all is due, when it changed.

    python benchmarks/economy.py [--json]

The ideal counts each thing once: robots.txt of a host, the pages of the lists (all in the first run, then the
first of each), the articles on them, their counters, their files. The clock is invented.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from scraper.config import Config, load_config
from scraper.crawl import crawl
from scraper.demo.campus import Campus
from scraper.settings import RECHECK
from storage import Archive

START = datetime(2027, 3, 1, 1, 30, tzinfo=UTC)  # every article of the campus is older than a month by then
# name of the run, days since the one before, edition of the campus
RUNS = (("first", 0, 1), ("nothing changed", 1, 1), ("all is due", 31, 1), ("changed and due", 31, 2))


def crawled(campus: Campus, config: Config) -> Iterator[tuple[str, dict[str, int], Counter[str]]]:
    """Yield for each run its name, its counts, and how often each address was asked for."""
    now = START
    for name, days, edition in RUNS:
        now += timedelta(days=days)
        campus.edition = edition
        campus.requests.clear()
        moment = now
        run = crawl(config, now=lambda at=moment: at)
        yield name, run.counts, Counter(campus.sites[key] + target for key, _, target in campus.requests)


def ideal(campus: Campus, config: Config, name: str) -> int:
    """Return how many requests would do, counted in what the campus is made of and not in what was asked.

    The pages of its lists, all of them or the first of each; the articles on them; a counter for each whose
    views the pages do not print; the files. The two addresses of an article are one, and nothing is busy.
    """
    sites = [campus.site(key) for key in campus.sites]
    lists = [
        (site.listed(section.key), section.per_page) for site in sites for section in site.sections.values()
    ]
    first, every = len(lists), sum(-(-len(articles) // size) for articles, size in lists)
    if name == "nothing changed":
        return len(sites) + first
    listed = [gold for gold in campus.manifest() if gold.listed]
    files = {url for gold in listed for url in gold.attachments}
    with Archive.open(config.archive) as archive:
        counters = sum(article.views_source == "counter" for article in archive.articles())
    return len(sites) + (every if name == "first" else first) + len(listed) + counters + len(files)


def main() -> None:
    """Print requests by purpose beside the ideal."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    found = {}
    with Campus() as campus, tempfile.TemporaryDirectory() as place:
        path = Path(place, "config.yaml")
        path.write_text(campus.config("archive"), "utf-8")
        loaded = load_config(path)
        sites = tuple(site.model_copy(update={"recheck": RECHECK}) for site in loaded.sites)
        config = loaded.model_copy(update={"sites": sites})
        for name, counts, asked in crawled(campus, config):
            figures = {key: counts.get(key, 0) for key in ("requests", "not_modified", "bytes")}
            figures |= {"ideal": ideal(campus, config, name), "twice": sum(asked.values()) - len(asked)}
            figures |= {key: count for key, count in counts.items() if key.startswith("for_")}
            found[name.replace(" ", "_")] = figures
    if arguments.json:
        print(json.dumps(found))
        return
    for name, figures in found.items():
        print(f"{name:<17}" + " · ".join(f"{count:,} {key}" for key, count in figures.items()))


if __name__ == "__main__":
    main()
