"""The commands that look after an archive: verify, repair, reextract."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict
from datetime import UTC, date, datetime
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper.cli.options import ARCHIVE, CONFIG, JSON, config_of, day, place, print_json, show
from scraper.cli.result import Result, stopped_by_signals

if TYPE_CHECKING:
    from scraper.config import Config
    from scraper.pace import Progress
    from storage.findings import Finding


@click.command()
@CONFIG
@ARCHIVE
@JSON
def verify(config_path: Path | None, archive_path: Path | None, as_json: bool) -> None:
    """Check the archive: WARC against catalogue.

    Holds both against each other and against their digests. Prints every fault with file, offset and
    record. Exit code 4 when there is one.
    """
    _check(place(config_path, archive_path), as_json=as_json)


@click.command()
@CONFIG
@ARCHIVE
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@JSON
def repair(config_path: Path | None, archive_path: Path | None, dry_run: bool, as_json: bool) -> None:
    """Mend what can be mended of an archive, mark what is lost.

    Says each step before it is taken, keeps what it cuts off or replaces beside it, and checks the archive at
    its end. What is lost is fetched again by the next crawl. Exit code 4 when something is left to do.
    """
    from scraper.report import act_line
    from storage.repair import repair as acts_of

    root = place(config_path, archive_path)
    count = 0
    for act in acts_of(root, now=datetime.now(UTC), dry_run=dry_run):
        count += 1
        click.echo(json.dumps(asdict(act)) if as_json else act_line(act))
    if dry_run:
        click.echo(f"{count:,} steps would be taken: nothing was changed", err=True)
        return
    click.echo(
        f"{count:,} steps taken, told in {Path(root) / 'repairs.jsonl'}" if count else "nothing to mend",
        err=True,
    )
    _check(root, as_json=as_json)


def _check(root: PathLike[str], *, as_json: bool) -> None:
    """Print what is wrong with an archive, and what to do about it; exit code 4 for damage."""
    from scraper.report import finding_line
    from storage.findings import remedies
    from storage.verify import verify as findings_of

    damages: list[Finding] = []
    told = 0
    for finding in findings_of(root):
        click.echo(json.dumps(asdict(finding)) if as_json else finding_line(finding))
        told += not finding.damage
        damages += [finding] if finding.damage else []
    if damages:
        click.echo(f"{len(damages):,} faults: keep every file; what is unharmed stays readable", err=True)
        for line in remedies(damages):
            click.echo(f"do: {line}", err=True)
        click.get_current_context().exit(4)
    whole = "the archive is whole: every record is where the catalogue says, with the digest it had"
    known = "nothing new: what is told above is known and needs nothing done"
    click.echo(known if told else whole, err=True)


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
    settle()
    config = config_of(config_path, archive_path)
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
