"""What an archive grows by: a first crawl, runs in which nothing changed, a run in which all views moved.

A generated campus (`campus.py`) is crawled as it comes, at an invented clock: once, a day later when nothing
is due, a month later when everything is and nothing changed, and another month later when every page prints
other views. That is the dearest way in which views can move: each page is other bytes, and is kept.
"""

from __future__ import annotations

import json
import re
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import campus
import server

from scraper.config import load_config
from scraper.crawl import crawl

HOSTS = 4
START = datetime(2027, 3, 1, 1, 30, tzinfo=UTC)  # every article is older than a month by then
RUNS = (("first", 0), ("nothing_due", 1), ("unchanged", 31), ("views", 31))
_VIEWS = re.compile("((?:浏览次数|点击|浏览)：)([0-9]+)")


def measure(articles: int) -> dict[str, float]:
    """Return bytes by page and by article of each run."""
    with tempfile.TemporaryDirectory(prefix="campusnews-") as place:
        root, port, made = Path(place), server.free_port(), campus.hosts(HOSTS)
        each = max(campus.PER_PAGE, min(articles, 5000) // HOSTS // len(campus.SECTIONS))
        for host in made:
            campus.write(root, host, each)
        config = root / "config.yaml"
        config.write_text(_config(root / "archive", made, port), "utf-8")
        told = [asdict(host) | {"name": host.name} for host in made]
        with server.serving(root, told, port):  # type: ignore[arg-type]
            return _figures(config, root, made)


def _figures(config: Path, root: Path, made: list[campus.Host]) -> dict[str, float]:
    found: dict[str, float] = {"growth_page_bytes": _page(root, made)}
    now, warc, catalog, settings = START, 0, 0, load_config(config)
    for name, days in RUNS:
        now += timedelta(days=days)
        moment = now
        if name == "views":
            _move_views(root, made)
        run = crawl(settings, now=lambda at=moment: at)
        grown = (_size(root / "archive" / "warc") - warc, _size(root / "archive") - warc - catalog)
        warc, catalog = warc + grown[0], catalog + grown[1] - grown[0]
        articles = run.counts.get("articles", 0) if name == "first" else found["growth_articles"]
        if name == "first":
            pages = run.counts["requests"] - HOSTS
            found |= {"growth_articles": articles, "bytes_per_page": round(grown[1] / pages)}
        found[f"growth_{name}_warc_bytes_per_article"] = round(grown[0] / articles)
        found[f"growth_{name}_catalog_bytes_per_article"] = round((grown[1] - grown[0]) / articles)
        found[f"growth_{name}_bytes"] = grown[1]
    return found


def _config(archive: Path, made: list[campus.Host], port: int) -> str:
    common = {"timezone": "Asia/Shanghai", "allow_private": True, "delay": 0, "ports": [port]}
    sites = [common | {"name": host.name, "seeds": host.seeds(port)} for host in made]
    return json.dumps({"archive": str(archive), "sites": sites})  # JSON is YAML


def _move_views(root: Path, made: list[campus.Host]) -> None:
    """Let every page print one more visit."""
    for host in made:
        for file in (root / host.name).rglob("*.htm*"):
            if file.suffix != ".gz":
                text = file.read_text(host.encoding)
                text = _VIEWS.sub(lambda found: f"{found[1]}{int(found[2]) + 1}", text)
                file.write_text(text, host.encoding)
                file.with_name(file.name + ".gz").unlink(missing_ok=True)


def _page(root: Path, made: list[campus.Host]) -> int:
    """Return the mean size of a page as its server has it, before any compression."""
    sizes = [
        file.stat().st_size
        for host in made
        for file in (root / host.name).rglob("*")
        if file.suffix in (".htm", ".html", ".shtml")
    ]
    return round(sum(sizes) / len(sizes))


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
