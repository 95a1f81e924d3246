"""The `campusnews` command. Heavy parts are imported inside the commands, so that `--help` answers at once."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from storage.errors import CampusnewsError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from scraper.config import Config
    from scraper.page import Page
    from storage import Archive

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
            sys.stdout = None  # type: ignore[assignment]
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
    """Show the whole job on a bundled sample campus, offline.

    Serves three small university sites on loopback, crawls them, turns to the next day's edition, crawls again
    and prints what changed. Everything stays in the directory, to try the other commands on.
    """
    from scraper.demo.tour import tour

    tour(directory, _show, serve=serve)


@main.command()
@click.argument("sites", nargs=-1, metavar="[SITE]...")
@CONFIG
@ARCHIVE
@JSON
def crawl(sites: tuple[str, ...], config_path: Path | None, archive_path: Path | None, as_json: bool) -> None:
    """Crawl the sites of the config, or only those named, into the archive.

    A run that was interrupted or killed is gone on with. Exit code 1 when a site failed.
    """
    from scraper.crawl import crawl as crawl_sites
    from scraper.progress import watching
    from scraper.report import change_counts, run_report

    config = _config(config_path, archive_path)
    with watching(sys.stderr) as watch, _terminating():
        run = crawl_sites(config, sites=sites, watch=watch)
    with _archive(config_path, archive_path) as archive:
        outcomes = archive.sites(run.id)
        changes = change_counts(archive.changes(since_run=run.id - 1, until_run=run.id))
    if as_json:
        _print_json({"run": run.to_json(), "sites": [item.to_json() for item in outcomes], "changes": changes})
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
    """Print what changed between run A and run B.

    Without B up to the last run; without A the last run against the one before it. Views are never a change:
    see `campusnews export` for their series. With --json one change a line.
    """
    from scraper.report import change_report

    with _archive(config_path, archive_path) as archive:
        changes = archive.changes(since_run=run_a, until_run=run_b, site=site)
        if as_json:
            _print_lines(change.to_json() for change in changes)
        else:
            _show(change_report(list(changes)))
