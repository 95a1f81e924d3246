"""The demo: the whole job on the sample campus, offline, told step by step."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from rich.console import RenderableType
from rich.text import Text

from scraper.config import Config, load_config
from scraper.crawl import crawl
from scraper.demo.campus import Campus
from scraper.errors import UsageError
from scraper.page import from_capture
from scraper.report import article_lines, change_counts, change_report
from scraper.run_report import run_report
from storage import Archive
from storage.records import Article, Run

PORTS = (8701, 8702, 8703)
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
        config = config.model_copy(update={"archive": config.archive.at_home()})
        _step(show, "Day one: crawling three small university sites, served on this machine")
        first = crawl(config)
        _show_run(config, first, show)
        _step(show, "The newest article of each, as a person would read it")
        _show_articles(config, show)
        _save_pages(config, directory)
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
        show(run_report(run, archive.sites(run.id), change_counts(archive.changes(until_run=run.id)), {}))


def _show_articles(config: Config, show: Show) -> None:
    """Show the newest article of each site and language."""
    with Archive.open(config.archive) as archive:
        newest: dict[tuple[str, str | None], Article] = {}
        for article in sorted(archive.articles(), key=lambda article: article.release_time or ""):
            newest[article.site, article.language] = article
    for article in newest.values():
        show(article_lines(article))
        show("")


def _save_pages(config: Config, directory: Path) -> None:
    """Write an article and a listing as a browser saves them, to try `extract` and `discover` on."""
    with Archive.open(config.archive) as archive:
        article = next(archive.articles(site="szqu", text="2023 International Work Conference"))
        seed = config.sites[0].seeds[0].url
        for name, url, capture in (
            ("article.html", article.url, article.capture),
            ("listing.html", seed, archive.kept(seed)),
        ):
            if capture is not None:
                page = from_capture(url, *archive.payload(capture))
                mark = f"<!-- saved from url=({len(url):04}){url} -->\n"  # what browsers write
                (directory / name).write_bytes(mark.encode() + page.body)


def _close(directory: Path, campus: Campus, show: Show) -> None:
    """Say where everything is, that no beacon was hit, and what to try next."""
    beacons = len(campus.beacons_hit)
    _step(show, "Done, offline")
    show(f"{len(campus.requests):,} requests, {beacons} to beacons (addresses that count a visit)")
    show(f"Evidence: {directory}/archive/warc/*.warc.gz    Records: {directory}/archive/catalog.sqlite\n")
    show("Try next:")
    trials = (
        (f"extract {directory}/article.html", "a saved page, and the rule behind each field"),
        (f"export -a {directory}/archive -o news.jsonl", "the records, one JSON object a line"),
        (f"verify -a {directory}/archive", "every record held against its evidence"),
    )
    width = max(len(arguments) for arguments, _ in trials)
    for arguments, meaning in trials:
        show(Text.assemble(f"  {_command()} {arguments:{width}}", (f"   # {meaning}", "dim")))


def _command() -> str:
    """Return how this person calls the command: by name where it is on the path."""
    called, here = Path(sys.argv[0]), Path.cwd()
    on_path = shutil.which("campusnews")
    if on_path and called.exists() and Path(on_path).samefile(called):
        return "campusnews"
    return str(called.relative_to(here) if called.is_relative_to(here) else called)


def _serve(campus: Campus, directory: Path, show: Show) -> None:
    """Go on serving until Ctrl-C."""
    show("\nThe campus stays open (Ctrl-C closes it):")
    for base in campus.sites.values():
        show(f"  {base}/")
    show(f"  crawl it yourself: campusnews crawl -c {directory}/config.yaml")
    threading.Event().wait()
