"""The `campusnews` command. Heavy parts are imported inside the commands: `--help` answers at once."""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from storage.errors import CampusnewsError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from scraper.config import Config
    from scraper.page import Page
    from storage import Archive

NOWHERE = "http://saved-page.invalid/"  # RFC 2606 §2: never an address of anybody

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
CONFIG = click.option(
    "-c",
    "--config",
    "config_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Config file.  [default: config.yaml here, if there is one]",
)
ARCHIVE = click.option(
    "-a",
    "--archive",
    "archive_path",
    type=click.Path(path_type=Path, file_okay=False),
    help="Archive directory.  [default: the config's]",
)


def _day(_context: click.Context, _option: click.Parameter, value: str | None) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise click.BadParameter(f"{value!r} is no day: write YYYY-MM-DD") from None


class _Group(click.Group):
    """The command group; an error of ours is one line for a person and an exit code for a program."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except CampusnewsError as error:
            for line in str(error).splitlines():
                click.echo(f"error: {line}", err=True)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("interrupted: what was fetched is kept, run the same command again to go on", err=True)
            ctx.exit(130)
        except BrokenPipeError:  # `| head` has seen enough
            sys.stdout = None
            ctx.exit(0)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="campusnews")
@click.option("-v", "--verbose", is_flag=True, help="Log what happens, one line each, to standard error.")
def main(verbose: bool) -> None:
    """Crawl university news, keep the evidence, find the edits.

    \b
    First steps:
      campusnews demo                    a whole run on a bundled sample campus, offline
      campusnews extract page.html       read one saved page, or an address
      campusnews crawl                   crawl the sites of config.yaml into the archive
      campusnews diff                    what changed between the last two runs

    \b
    Exit codes: 0 done · 1 finished, some sites failed · 2 usage or config error · 3 another run holds
    the archive · 4 archive damaged · 5 no space · 130 interrupted (state saved)
    """
    import logging

    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO if verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )


@main.command()
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

    tour(directory, _show, serve=serve)


@main.command()
@click.argument("sites", nargs=-1, metavar="[SITE]...")
@CONFIG
@ARCHIVE
@JSON
def crawl(sites: tuple[str, ...], config_path: Path | None, archive_path: Path | None, as_json: bool) -> None:
    """Crawl sites into the archive.

    All sites of the config, or only those named. A run that was interrupted or killed is gone on with.
    Exit code 1 when a site failed.
    """
    from scraper.crawl import crawl as crawl_sites
    from scraper.progress import watching
    from scraper.report import change_counts, run_report
    from storage import Archive

    config = _config(config_path, archive_path)
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):  # a stop by systemd saves as Ctrl-C does
        signal.signal(name, lambda *_: stop.set())
    with watching(sys.stderr) as watch:
        run = crawl_sites(config, sites=sites, watch=watch, stop=stop)
    with Archive.open(config.archive) as archive:
        outcomes = archive.sites(run.id)
        changes = change_counts(archive.changes(until_run=run.id))
    if as_json:
        _print_json({"run": asdict(run), "sites": [asdict(item) for item in outcomes], "changes": changes})
    else:
        _show(run_report(run, outcomes, changes))
    if any(outcome.outcome == "failed" for outcome in outcomes):
        click.get_current_context().exit(1)


@main.command()
@click.argument("run_a", type=int, required=False, metavar="[A]")
@click.argument("run_b", type=int, required=False, metavar="[B]")
@click.option("--site", help="Only this site.")
@CONFIG
@ARCHIVE
@JSON
def diff(
    run_a: int | None,
    run_b: int | None,
    site: str | None,
    config_path: Path | None,
    archive_path: Path | None,
    as_json: bool,
) -> None:
    """Print what changed between two runs.

    Without B up to the last run; without A the last run against the one before it. Views are never a change:
    see `campusnews export` for their series. With --json one change a line.
    """
    from scraper.report import change_report

    if run_a is not None and run_b is not None and run_a >= run_b:
        raise click.UsageError(f"run {run_a} is not before run {run_b}: name the older one first")
    with _archive(config_path, archive_path) as archive:
        _expect_runs(archive, run_a, run_b)
        changes = archive.changes(since_run=run_a, until_run=run_b, site=site)
        if as_json:
            _print_lines(change.to_json() for change in changes)
        else:
            _show(change_report(list(changes)))


@main.command()
@click.option(
    "--format", "form", type=click.Choice(["jsonl"]), default="jsonl", show_default=True, help="File format."
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="File to write.  [default: standard output]"
)
@click.option("--force", is_flag=True, help="Overwrite the file.")
@click.option("--site", help="Only this site.")
@click.option("--since", callback=_day, help="Only articles released on this day or later, YYYY-MM-DD.")
@click.option("--until", callback=_day, help="Only articles released on this day or earlier.")
@CONFIG
@ARCHIVE
def export(
    form: str,
    output: Path | None,
    force: bool,
    site: str | None,
    since: date | None,
    until: date | None,
    config_path: Path | None,
    archive_path: Path | None,
) -> None:
    """Write the articles as JSON Lines.

    One record a line, as the articles stand now; docs/record.schema.json describes it.
    """
    from storage.export import export as write

    with _archive(config_path, archive_path) as archive:
        count = write(archive.articles(site=site, since=since, until=until), form, output, force=force)
    if output is not None:
        click.echo(f"{count:,} articles written to {output}", err=True)


@main.command()
@click.argument("source", metavar="URL|FILE")
@click.option("--url", help="The address a saved page came from: links and counters are relative to it.")
@CONFIG
@JSON
def extract(source: str, url: str | None, config_path: Path | None, as_json: bool) -> None:
    """Read one article page.

    A saved file or an address; prints the record and the rule behind each field. Exit code 1 when the page
    is no article; the reason is printed.
    """
    from scraper.extract import read_article
    from scraper.reading import extraction_report

    extraction = read_article(_page(source, url, config_path))
    if as_json:
        counter = extraction.counter and {"url": extraction.counter.url, "method": extraction.counter.method}
        article = extraction.article and extraction.article.to_json()
        _print_json({"article": article, "problem": extraction.problem, "counter": counter})
    else:
        _show(extraction_report(extraction))
    if extraction.article is None:
        click.get_current_context().exit(1)


@main.command()
@click.argument("source", metavar="URL|FILE")
@click.option("--url", help="The address a saved page came from: links are relative to it.")
@CONFIG
@JSON
def discover(source: str, url: str | None, config_path: Path | None, as_json: bool) -> None:
    """Read one listing page.

    A saved file or an address; prints its items, its totals and its next page. Exit code 1 when it has no
    items.
    """
    from scraper.discover import read_listing
    from scraper.reading import listing_report

    listing = read_listing(_page(source, url, config_path))
    if as_json:
        _print_json(asdict(listing))
    else:
        _show(listing_report(listing))
    if not listing.items:
        click.get_current_context().exit(1)


@main.command()
@CONFIG
@ARCHIVE
@JSON
def runs(config_path: Path | None, archive_path: Path | None, as_json: bool) -> None:
    """List the runs of the archive."""
    from scraper.report import runs_table

    with _archive(config_path, archive_path) as archive:
        listed = archive.runs()
    if as_json:
        _print_lines(asdict(run) for run in listed)
    else:
        _show(runs_table(listed))


@main.command()
@CONFIG
@ARCHIVE
@JSON
def status(config_path: Path | None, archive_path: Path | None, as_json: bool) -> None:
    """Say how each site is.

    Its articles by state, and what went wrong in the last run. Exit code 1 when a site failed in it.
    """
    from scraper.report import status_report

    with _archive(config_path, archive_path) as archive:
        listed = archive.runs()
        last = listed[-1] if listed else None
        outcomes = archive.sites(last.id) if last else []
        problems = list(archive.problems(last.id)) if last else []
        states = archive.states()
    if as_json:
        found = {
            "sites": [asdict(item) for item in outcomes],
            "problems": [asdict(item) for item in problems],
        }
        _print_json({"run": last and asdict(last), "states": states, **found})
    else:
        _show(status_report(last, outcomes, problems, states))
    if any(outcome.outcome == "failed" for outcome in outcomes):
        click.get_current_context().exit(1)


@main.command()
@CONFIG
@ARCHIVE
@JSON
def verify(config_path: Path | None, archive_path: Path | None, as_json: bool) -> None:
    """Check the archive: WARC against catalogue.

    Holds both against each other and against their digests. Prints every fault with file, offset and
    record. Exit code 4 when there is one.
    """
    from scraper.report import finding_line
    from storage.verify import verify as findings_of

    findings = list(findings_of(_place(config_path, archive_path)))
    if as_json:
        _print_lines(asdict(finding) for finding in findings)
    else:
        for finding in findings:
            click.echo(finding_line(finding))
    damages = sum(finding.damage for finding in findings)
    if damages:
        click.echo(f"{damages:,} faults: keep every file; what is unharmed stays readable", err=True)
        click.get_current_context().exit(4)
    click.echo(
        "the archive is whole: every record is where the catalogue says, with the digest it had", err=True
    )


def _config(config_path: Path | None, archive_path: Path | None = None) -> Config:
    """Load the config named, else ./config.yaml, else the defaults; the archive option goes before it."""
    from scraper.config import load_config

    here = Path("config.yaml")
    config = load_config(config_path or (here if here.exists() else None))
    return config.model_copy(update={"archive": str(archive_path)}) if archive_path else config


def _place(config_path: Path | None, archive_path: Path | None) -> Path:
    """Return the archive's directory; with the option, no config is read."""
    return archive_path or Path(_config(config_path).archive)


def _archive(config_path: Path | None, archive_path: Path | None) -> Archive:
    from storage import Archive

    return Archive.open(_place(config_path, archive_path))


def _expect_runs(archive: Archive, *named: int | None) -> None:
    known = [run.id for run in archive.runs()]
    for number in named:
        if number not in (None, 0, *known):
            there = f"runs {known[0]} to {known[-1]}" if known else "no run yet"
            raise click.UsageError(f"no run {number}: the archive has {there}; `campusnews runs` lists them")


def _page(source: str, url: str | None, config_path: Path | None) -> Page:
    """Read a saved page, or fetch an address with the config's politeness."""
    from scraper.page import Page, saved_from

    if not source.lower().startswith(("http://", "https://")):
        path = Path(source)
        if not path.is_file():
            raise click.UsageError(f"no such file: {source}; an address begins with http:// or https://")
        body = path.read_bytes()
        address = url or saved_from(body)
        if address is None:
            click.echo(f"links are relative to {NOWHERE}: name the page's own address with --url", err=True)
        return Page(url=address or NOWHERE, body=body)
    from scraper.manners import fetch_one

    return fetch_one(_config(config_path), source)


def _show(what: RenderableType) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    with console.capture() as text:  # rich would turn a closed pipe into exit code 1
        console.print(what, soft_wrap=True)
    click.echo(text.get(), nl=False, color=True)


def _print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _print_lines(values: Iterable[object]) -> None:
    for value in values:
        click.echo(json.dumps(value, ensure_ascii=False))
