"""The commands that hand an archive's data on: export, changes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scraper.cli.options import ARCHIVE, CONFIG, archive_of, day, moment
from scraper.cli.reading import expect_runs, expect_site
from storage.export import FORMATS, IN_DATASET, TABLES

if TYPE_CHECKING:
    from storage import Archive
    from storage.choice import Choice

# What an export counts, where that is no article.
_COUNTED = {"news": "entries", "records": "captures", "replay": "pages"}


@click.command()
@click.option(
    "--format",
    "forms",
    type=click.Choice(list(FORMATS)),
    multiple=True,
    help="File format; with --dataset several.  [default: jsonl; of a dataset jsonl and csv]",
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="File to write.  [default: standard output]"
)
@click.option(
    "--dataset",
    type=click.Path(path_type=Path),
    help="Directory to write: data files, datapackage.json and a card that describe them.",
)
@click.option("--force", is_flag=True, help="Overwrite the file, or the dataset's own files.")
@click.option("--site", help="Only this site.")
@click.option("--since", callback=day, help="Only articles released on this day or later, YYYY-MM-DD.")
@click.option("--until", callback=day, help="Only articles released on this day or earlier.")
@click.option(
    "--since-run", type=int, help="Only articles that are new, edited or of another state after this run."
)
@click.option(
    "--as-of",
    callback=moment,
    metavar="DATE|RUN",
    help="The archive as it stood after that run, or at the end of that day (UTC).",
)
@click.option(
    "--table",
    type=click.Choice(TABLES),
    default="articles",
    show_default=True,
    help="Of jsonl, csv, parquet.",
)
@click.option("--limit", type=click.IntRange(1), help="Entries of a feed, the newest.  [default: 100]")
@click.option("--feed-url", help="Where a feed will be published; it names itself by it.")
@CONFIG
@ARCHIVE
def export(
    forms: tuple[str, ...],
    output: Path | None,
    dataset: Path | None,
    force: bool,
    site: str | None,
    since: date | None,
    until: date | None,
    since_run: int | None,
    as_of: int | date | None,
    table: str,
    limit: int | None,
    feed_url: str | None,
    config_path: Path | None,
    archive_path: Path | None,
) -> None:
    """Write the articles as a file, or as a dataset.

    \b
    jsonl      the records as they are, one a line, sorted: loses nothing (docs/record.schema.json)
    csv        for spreadsheets; texts that begin like a formula are made inert
    parquet    for analysis; needs `pip install 'campusnews[parquet]'`
    sqlite     articles, versions, views, changes, runs and a full-text index, for Datasette
    jsonld     schema.org NewsArticle
    atom, jsonfeed   feeds of what is new and of edits, with what changed inside
    wacz       the pages themselves, with their files, for ReplayWeb.page
    cdxj       an index of the archive's WARC files, for pywb
    """
    from storage.choice import Choice
    from storage.export import export_archive
    from storage.export.dataset import write_dataset

    chosen = forms or (IN_DATASET if dataset else ("jsonl",))
    _expect_to_fit(chosen, output, dataset, table, limit or feed_url)
    choice = Choice(site=site, since=since, until=until, since_run=since_run, as_of=as_of)
    with archive_of(config_path, archive_path) as archive:
        expect_runs(archive, since_run)
        expect_site(archive, site)
        how: dict[str, Any] = {
            "choice": choice,
            "limit": limit,
            "url": feed_url,
            "shown": _shown,
            "force": force,
        }
        if dataset:
            count = write_dataset(archive, dataset, chosen, **how)
        else:
            count = export_archive(archive, chosen[0], output, table=table, **how)
    if output or dataset:
        takes = "articles" if dataset else FORMATS[chosen[0]].takes
        what = _COUNTED.get(takes, "articles" if table == "articles" else "rows")
        click.echo(f"{count:,} {what} written to {output or dataset}", err=True)


def _shown(url: str, head: bytes, body: bytes) -> Iterator[str]:
    """Yield what a kept page needs to be looked at; only a choice of its records asks."""
    from scraper.assets import shown

    return shown(url, head, body)


def _expect_to_fit(
    forms: tuple[str, ...], output: Path | None, dataset: Path | None, table: str, of_feeds: object
) -> None:
    """Raise UsageError for options that do not go together."""
    takes = {FORMATS[form].takes for form in forms}
    if dataset and (output or table != "articles"):
        raise click.UsageError("--dataset is a directory of its own: leave out --output and --table")
    if len(forms) > 1 and not dataset:
        raise click.UsageError("one file has one --format: name one, or write a --dataset")
    if table != "articles" and takes != {"rows"}:
        raise click.UsageError(
            f"--table is for formats of rows, which {forms[0]} is not: name another --format"
        )
    if FORMATS[forms[0]].is_binary and not (dataset or output) and sys.stdout.isatty():
        raise click.UsageError(f"a terminal cannot show {forms[0]}: name a file with --output")
    if of_feeds and "news" not in takes:
        raise click.UsageError("--limit and --feed-url are for feeds: name --format atom or jsonfeed")


@click.command()
@click.option(
    "--after", type=int, default=0, show_default=True, help="Go on after this cursor; 0 is the beginning."
)
@click.option("--site", help="Only this site.")
@click.option("--limit", type=click.IntRange(1), help="At most so many events at a time.")
@click.option("--views", is_flag=True, help="Tell also where only the views moved.")
@click.option("--follow", is_flag=True, help="Wait for more, until interrupted.")
@click.option(
    "--every",
    type=click.FloatRange(0, min_open=True),
    default=10.0,
    show_default=True,
    help="Seconds between two looks of --follow.",
)
@CONFIG
@ARCHIVE
def changes(
    after: int,
    site: str | None,
    limit: int | None,
    views: bool,
    follow: bool,
    every: float,
    config_path: Path | None,
    archive_path: Path | None,
) -> None:
    """Print what happened after a cursor, one event a line.

    Each has the record as it stood then (docs/event.schema.json) and says by `tombstone` that the article was
    withdrawn or hidden. The last line is {"next_cursor": N, "more": false}: name N with --after the next
    time, and nothing comes twice or is left out, also while a crawl writes.
    """
    from threading import Event

    from storage.choice import Choice

    choice, never = Choice(site=site), Event()
    with archive_of(config_path, archive_path) as archive:
        expect_site(archive, site)
        after = _print(archive, after, choice, views, limit)
        while follow:
            archive.refresh()  # nothing is held open while it waits
            never.wait(every)
            after = _print(archive, after, choice, views, limit, quiet=True)


def _print(
    archive: Archive, after: int, choice: Choice, views: bool, limit: int | None, *, quiet: bool = False
) -> int:
    """Print the events, then, unless quiet about nothing, where the next reading goes on; return that."""
    from storage.export.signs import json_line
    from storage.target import target

    events, told = archive.events(after, choice, views=views), after
    with target(None) as out:
        for event in islice(events, limit):
            out.write(json_line(event.to_json()))
            told = event.cursor
        more = next(events, None) is not None
        goes_on = told if more else archive.cursor()
        if told > after or not quiet:
            out.write(json_line({"next_cursor": goes_on, "more": more}))
    return goes_on
