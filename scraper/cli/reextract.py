"""The command that reads what is kept by the rules of now: reextract."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper.cli.options import ARCHIVE, CONFIG, JSON, config_of, day, print_json, show
from scraper.cli.result import Result, stopped_by_signals

if TYPE_CHECKING:
    from scraper.config import Config
    from scraper.pace import Progress


@click.command()
@click.argument("sites", nargs=-1, metavar="[SITE]...")
@click.option("--dry-run", is_flag=True, help="Only tell what would change, field by field; write nothing.")
@click.option(
    "--new", "unread", is_flag=True, help="Instead make articles of kept pages that were none when captured."
)
@click.option("--since", callback=day, help="Only articles released on this day or later, YYYY-MM-DD.")
@click.option("--until", callback=day, help="Only articles released on this day or earlier.")
@click.option("--only-older", is_flag=True, help="Leave out what rules of today's revision read.")
@click.option("--accept-drift", is_flag=True, help="Take also what reads worse than it did.")
@click.option(
    "--processes",
    type=click.IntRange(0, 64),
    help="Processes that read pages, 0 for one a core.  [default: the config's]",
)
@CONFIG
@ARCHIVE
@JSON
@click.pass_context
def reextract(
    context: click.Context,
    sites: tuple[str, ...],
    dry_run: bool,
    unread: bool,
    since: date | None,
    until: date | None,
    only_older: bool,
    accept_drift: bool,
    processes: int | None,
    config_path: Path | None,
    archive_path: Path | None,
    as_json: bool,
) -> None:
    """Read what is kept by the rules of now.

    Every record, or those of the sites named, is read again from its capture; nobody is asked. What reads
    otherwise becomes a version of reason `rules`, which no export, feed or diff takes for an edit. Views and
    states stay as they are. A page that the rules take for no article, or that lost its release time, section
    or most of its text, keeps the record it has and is told of. Goes on where it was interrupted or killed.

    With --new it is the other pages that are read: those kept without becoming an article, of which the rules
    of now may make one, dated by their captures. --since and --until are days of captures then, and each site
    is a run.

    Exit code 1 when so many pages of a site read worse that it is the rules that are in doubt, 4 when a
    capture is damaged.
    """
    from scraper.reextract import reextract as read_again
    from scraper.reread_report import reread_json, reread_report
    from scraper.rereads import Terms
    from scraper.thrift import settle

    if unread and (dry_run or only_older or accept_drift):
        raise click.UsageError("--new is of pages without a record: leave out --dry-run, --only-older, ...")
    if unread and processes is not None:
        raise click.UsageError("--new reads one page after the other, by their times: leave out --processes")
    settle()
    config = config_of(config_path, archive_path)
    if config_path is None and not config.sites:
        raise click.UsageError(_without_rules(config))
    if processes is not None:
        config = config.model_copy(update={"processes": processes})
    first, last = (value.isoformat() if value else None for value in (since, until))
    if unread:
        _take_unread(config, sites, first, last, as_json=as_json)
        return
    terms = Terms(first, last, accept=accept_drift, older=only_older)
    with _watched() as watch:
        result = read_again(config, sites, terms, dry=dry_run, watch=watch, stop=stopped_by_signals())
    if as_json:
        print_json(reread_json(result.run, result.sites))
    else:
        show(reread_report(result.run, result.sites))
    if any(found.counts["damaged"] for found in result.sites):
        context.exit(4)
    if any(found.drifts() for found in result.sites):
        context.exit(1)


def _without_rules(config: Config) -> str:
    """Return what to do where an archive was named and no config: how its pages are read, it does not say."""
    from storage import Archive

    with Archive.open(config.archive) as archive:
        known = ", ".join(archive.site_names()) or "none"
    return f"pages are read by the rules of a config: name it with -c; the archive's sites are {known}"


def _take_unread(
    config: Config, sites: tuple[str, ...], since: str | None, until: str | None, *, as_json: bool
) -> None:
    """Make articles of the pages without one, site by site, and tell each run."""
    from scraper.past.own import take_unread

    stop = stopped_by_signals()
    for site in config.require_sites(sites):
        with _watched() as watch:
            run = take_unread(config, site.name, since=since, until=until, watch=watch, stop=stop)
        Result.of(config, run).tell(as_json=as_json, whole=True)


def _watched() -> AbstractContextManager[Callable[[Progress], None]]:
    """Return what shows the progress of a command: bars, unless the log was asked for."""
    from scraper.progress import watching

    verbose = bool(click.get_current_context().find_root().params["verbose"])
    return watching(sys.stderr, drawn=not verbose)
