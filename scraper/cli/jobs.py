"""The commands that do the work: demo, crawl."""

from __future__ import annotations

import signal
import sys
import threading
from dataclasses import asdict
from pathlib import Path

import click

from scraper.cli.options import ARCHIVE, CONFIG, JSON, config_of, print_json, show


@click.command()
@click.option(
    "-d",
    "--directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("campusnews-demo"),
    show_default=True,
    help="Where the demo's config and archive go; an earlier demo there is replaced.",
)
@click.option("--serve", is_flag=True, help="Afterwards go on serving the campus, to crawl it yourself.")
def demo(directory: Path, serve: bool) -> None:
    """Show the whole job on a sample campus.

    Works offline: serves three small university sites on loopback, crawls them, turns to the next day's
    edition, crawls again and prints what changed. Everything stays in the directory, to try the other
    commands on.
    """
    from scraper.demo.tour import tour

    tour(directory, show, serve=serve)


@click.command()
@click.argument("sites", nargs=-1, metavar="[SITE]...")
@CONFIG
@ARCHIVE
@JSON
@click.option(
    "--accept-drift", is_flag=True, help="Take the sites as they read now, be it worse than before."
)
@click.option("--whole", is_flag=True, help="Walk every list to its end, not only down to what is known.")
def crawl(
    sites: tuple[str, ...],
    config_path: Path | None,
    archive_path: Path | None,
    as_json: bool,
    accept_drift: bool,
    whole: bool,
) -> None:
    """Crawl sites into the archive.

    All sites of the config, or only those named. A run that was interrupted or killed is gone on with.

    A run asks for the first pages of each list down to what is known, for what is new there, and for known
    articles as `recheck` has it, the young ones most often. `--whole`, once in a month perhaps, also finds
    what left or came back far down a list.

    Exit code 1 when a site failed or drifted: a site whose pages suddenly read worse keeps its records as
    they were. When you looked and the site is right, `--accept-drift` takes it as it reads now.
    """
    from scraper.crawl import crawl as crawl_sites
    from scraper.progress import watching
    from scraper.report import change_counts, run_report
    from storage import Archive

    config = config_of(config_path, archive_path)
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):  # a stop by systemd saves as Ctrl-C does
        signal.signal(name, lambda *_: stop.set())
    with watching(sys.stderr) as watch:
        run = crawl_sites(config, sites=sites, watch=watch, stop=stop, accept=accept_drift, whole=whole)
    with Archive.open(config.archive) as archive:
        outcomes = archive.sites(run.id)
        changes = change_counts(archive.changes(until_run=run.id))
    if as_json:
        print_json({"run": asdict(run), "sites": [asdict(item) for item in outcomes], "changes": changes})
    else:
        show(run_report(run, outcomes, changes))
    if any(outcome.outcome in ("failed", "drifted") for outcome in outcomes):
        click.get_current_context().exit(1)
