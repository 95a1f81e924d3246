"""The commands that do the work: demo, crawl."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import click

from scraper.cli.options import ARCHIVE, CONFIG, JSON, config_of, show
from scraper.cli.result import Result, scored, stopped_by_signals, waiting


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
@click.option("-q", "--quiet", is_flag=True, help="Print nothing unless something is wrong: for cron.")
@click.option(
    "--wait",
    type=click.FloatRange(min=0),
    default=0.0,
    metavar="SECONDS",
    help="Wait so long for another run to end, before it is exit code 3.  [default: not at all]",
)
@click.option(
    "--metrics",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write the run's metrics to, for node_exporter's textfile collector.",
)
@click.option("--whole", is_flag=True, help="Walk every list to its end, not only down to what is known.")
@click.option(
    "--accept-drift", is_flag=True, help="Take the sites as they read now, be it worse than before."
)
@click.option(
    "--processes",
    type=click.IntRange(0, 64),
    help="Processes that fetch and read pages, 0 for one a core.  [default: the config's]",
)
@click.pass_context
def crawl(
    context: click.Context,
    sites: tuple[str, ...],
    config_path: Path | None,
    archive_path: Path | None,
    as_json: bool,
    quiet: bool,
    wait: float,
    metrics: Path | None,
    whole: bool,
    accept_drift: bool,
    processes: int | None,
) -> None:
    """Crawl sites into the archive.

    All sites of the config, or only those named. A run that was interrupted or killed is gone on with.

    A run asks for the first pages of each list down to what is known, for what is new there, and for known
    articles as `recheck` has it, the young ones most often. `--whole`, once in a month perhaps, also finds
    what left or came back far down a list.

    Exit code 1 when a site failed or drifted: a site whose pages suddenly read worse keeps its records as
    they were. When you looked and the site is right, `--accept-drift` takes it as it reads now.

    On a terminal each site is told; elsewhere it is one line for a run, and on standard error one for each
    site that failed or drifted. docs/scheduling.md has cron lines, systemd units and alerts.
    """
    from scraper.crawl import crawl as crawl_sites
    from scraper.progress import watching
    from scraper.thrift import settle

    settle()
    config = config_of(config_path, archive_path)
    if processes is not None:
        config = config.model_copy(update={"processes": processes})
    verbose = bool(context.find_root().params["verbose"])
    stop = stopped_by_signals()
    with scored(config, metrics), watching(sys.stderr, drawn=not (quiet or verbose)) as watch:
        start = partial(
            crawl_sites, config, sites=sites, watch=watch, stop=stop, accept=accept_drift, whole=whole
        )
        run = waiting(start, wait, stop)
    result = Result.of(config, run)
    if result.wrong or not quiet:
        result.tell(as_json=as_json, whole=sys.stdout.isatty())
    if result.wrong:
        context.exit(1)
