"""The demo: the whole job on the sample campus, offline, told step by step. Does everything a user would do."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from rich.console import RenderableType
from rich.text import Text

from scraper.config import Config, load_config
from scraper.crawl import crawl
from scraper.demo.campus import Campus
from scraper.errors import UsageError
from scraper.report import article_lines, change_counts, change_report, run_report
from storage import Archive
from storage.records import Article, Run

PORTS = (8701, 8702, 8703)
SHOWN = 3  # articles
_MARK = ".campusnews-demo"  # what a directory holds that a demo made, and may replace

Show = Callable[[RenderableType], None]


def tour(directory: Path, show: Show, *, serve: bool = False) -> None:
    """Crawl the campus in both editions into `directory` and show what a person would want to see of it.

    Replaces an earlier demo there and nothing else: raises UsageError for a directory it did not make.
    """
    _clear(directory)
    with _campus() as campus:
        path = directory / "config.yaml"
        path.write_text(campus.config("archive"), encoding="utf-8")
        config = load_config(path)
        _step(show, "Day one: crawling three small university sites, served on this machine")
        first = crawl(config)
        _show_run(config, first, show)
        _step(show, f"The first {SHOWN} articles, as a person would read them")
        _show_articles(config, show)
        campus.edition = 2
        _step(show, "Day two: the sites have moved on, crawling again")
        second = crawl(config)
        _show_run(config, second, show)
        _step(show, "What changed between the two days (views moved everywhere: that is no change)")
        with Archive.open(config.archive) as archive:
            show(change_report(list(archive.changes(until_run=second.id))))
        _close(directory, campus, show)
        if serve:
            _serve(campus, directory, show)


def _clear(directory: Path) -> None:
    if directory.exists() and any(directory.iterdir()):
        if not (directory / _MARK).exists():
            raise UsageError(f"{directory} holds something that no demo made: name another --directory")
        shutil.rmtree(directory)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / _MARK).touch()


def _campus() -> Campus:
    """Return the campus at its usual ports, where a later crawl finds it again, else at free ones."""
    campus = Campus(ports=PORTS)
    try:
        with campus:
            return Campus(ports=PORTS)
    except OSError:
        return Campus()


def _step(show: Show, text: str) -> None:
    show(Text(f"\n── {text}\n", "bold"))


def _show_run(config: Config, run: Run, show: Show) -> None:
    with Archive.open(config.archive) as archive:
        show(run_report(run, archive.sites(run.id), change_counts(archive.changes(until_run=run.id))))


def _show_articles(config: Config, show: Show) -> None:
    with Archive.open(config.archive) as archive:
        for article in islice(sorted(archive.articles(), key=_newest, reverse=True), SHOWN):
            show(article_lines(article))
            show("")


def _newest(article: Article) -> str:
    return article.release_time or ""


def _close(directory: Path, campus: Campus, show: Show) -> None:
    """Say where everything is, that no beacon was hit, and what to try next."""
    beacons = len(campus.beacons_hit)
    _step(show, "Done, offline")
    show(f"{len(campus.requests):,} requests, {beacons} of them to beacons (addresses that would count a visit)")
    show(f"Evidence: {directory}/archive/warc/*.warc.gz    Records: {directory}/archive/catalog.sqlite\n")
    show("Try next:")
    for command, meaning in (
        (f"campusnews export -a {directory}/archive -o news.jsonl", "the records, one JSON object a line"),
        (f"campusnews verify -a {directory}/archive", "every record against its evidence"),
        ("campusnews extract SAVED-PAGE.html", "read an article page of your own university"),
    ):
        show(f"  {command.ljust(58)}  {meaning}")


def _serve(campus: Campus, directory: Path, show: Show) -> None:
    """Go on serving until Ctrl-C."""
    show("\nThe campus stays open (Ctrl-C closes it):")
    for base in campus.sites.values():
        show(f"  {base}/")
    show(f"  crawl it yourself: campusnews crawl -c {directory}/config.yaml")
    threading.Event().wait()
