"""The command that brings in what lies before, by a site's lists or from what others kept: backfill."""

from __future__ import annotations

import sys
from datetime import date
from functools import partial
from pathlib import Path

import click

from scraper.cli.options import ARCHIVE, CONFIG, JSON, config_of, day
from scraper.cli.result import Result, stopped_by_signals, waiting


@click.command()
@click.argument("site")
@click.option("--since", callback=day, help="Stop where the lists are older than this day, YYYY-MM-DD.")
@click.option("--until", callback=day, help="Take only what is listed with this day or an earlier one.")
@click.option("--section", help="Only the seed of this section (its name, or its address).")
@click.option(
    "--max-pages", type=click.IntRange(min=1), help="Listing pages of a seed.  [default: all there are]"
)
@click.option(
    "--from-warc",
    "warcs",
    type=click.Path(path_type=Path, dir_okay=False),
    multiple=True,
    metavar="FILE",
    help="Read the site from this WARC file instead; may be given again.",
)
@click.option(
    "--from-wayback",
    "wayback",
    metavar="URL",
    help="Read the site from what a service kept: a pywb collection, or one like the Wayback Machine.",
)
@CONFIG
@ARCHIVE
@JSON
@click.pass_context
def backfill(
    context: click.Context,
    site: str,
    since: date | None,
    until: date | None,
    section: str | None,
    max_pages: int | None,
    warcs: tuple[Path, ...],
    wayback: str | None,
    config_path: Path | None,
    archive_path: Path | None,
    as_json: bool,
) -> None:
    """Walk the lists of a site to their end, or back to a day.

    Takes every article that is not kept yet, and leaves known ones to `campusnews crawl`. A list that changes
    while it is walked is walked again, so that nothing is skipped, and what was met of it is held against the
    number of items it claims to have. Goes on where it was interrupted or killed.

    With --from-warc the network is not asked, with --from-wayback only the service: the pages they kept are
    taken as if they had been crawled when they were captured, and --since and --until are days of captures.
    """
    from scraper.crawl import backfill as fill
    from scraper.progress import watching
    from scraper.thrift import settle

    if warcs and wayback:
        raise click.UsageError("--from-warc or --from-wayback: one after the other, the older one first")
    if (warcs or wayback) and (section or max_pages):
        raise click.UsageError("--section and --max-pages are of lists that are walked: leave them out here")
    settle()
    config = config_of(config_path, archive_path)
    stop = stopped_by_signals()
    first, last = (value.isoformat() if value else None for value in (since, until))
    verbose = bool(context.find_root().params["verbose"])
    with watching(sys.stderr, drawn=not verbose) as watch:
        start = partial(
            fill,
            config,
            site,
            since=first,
            until=last,
            section=section,
            max_pages=max_pages,
            warcs=warcs,
            wayback=wayback,
            watch=watch,
            stop=stop,
        )
        run = waiting(start, 0.0, stop)
    result = Result.of(config, run)
    result.tell(as_json=as_json, whole=True)
    if result.wrong:
        context.exit(1)
