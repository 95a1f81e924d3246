"""The commands that read an archive: diff, runs, status."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper.cli.options import (
    ARCHIVE,
    CONFIG,
    JSON,
    archive_of,
    config_of,
    moment,
    print_json,
    print_lines,
    show,
    show_each,
)

if TYPE_CHECKING:
    from storage import Archive
    from storage.records import Change


@click.command()
@click.argument("since", callback=moment, required=False, metavar="[A]")
@click.argument("until", callback=moment, required=False, metavar="[B]")
@click.option("--site", help="Only this site.")
@click.option(
    "--html",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write the changes to, side by side, as one page for a browser or a printer.",
)
@click.option("--force", is_flag=True, help="Overwrite that file.")
@CONFIG
@ARCHIVE
@JSON
def diff(
    since: int | date | None,
    until: int | date | None,
    site: str | None,
    html: Path | None,
    force: bool,
    config_path: Path | None,
    archive_path: Path | None,
    as_json: bool,
) -> None:
    """Print what changed between two runs, or two days.

    A and B are numbers of runs, or days (YYYY-MM-DD): then of the last run that had finished by the end of
    the day, UTC. Without B up to the last run. Without both, the last run that asked the site for
    something (`reextract` does not) against the run before it. Views are never a change: see `campusnews
    export` for their series. With --json one change a line.
    """
    with archive_of(config_path, archive_path) as archive:
        expect_site(archive, site)
        first, last = _compared(archive, since, until, site)
        changes = archive.changes(since_run=first, until_run=last, site=site)
        between = _between(first, last, site, {})
        if isinstance(since, date) or isinstance(until, date):
            click.echo(f"What changed{between}", err=True)
        if html is not None:
            days = {run.id: f" ({run.started_at[:10]})" for run in archive.runs()}
            title = f"What changed{_between(first, last, site, days)}"
            _write_page(list(changes), html, title, force)
        elif as_json:
            print_lines(change.to_json() for change in changes)
        else:
            from scraper.report import change_parts  # programs need not wait for what draws

            show_each(change_parts(changes, between))


@click.command()
@CONFIG
@ARCHIVE
@JSON
def runs(config_path: Path | None, archive_path: Path | None, as_json: bool) -> None:
    """List the runs of the archive."""
    from scraper.run_report import runs_table

    with archive_of(config_path, archive_path) as archive:
        listed = archive.runs()
    if as_json:
        print_lines(asdict(run) for run in listed)
    else:
        show(runs_table(listed))


@click.command()
@CONFIG
@ARCHIVE
@JSON
def status(config_path: Path | None, archive_path: Path | None, as_json: bool) -> None:
    """Say how each site is.

    Its articles by state, when it last went well, and what went wrong in its newest run, by reason. Exit
    code 1 when a site failed or drifted in that: drifted are pages that answer, but no longer read as they
    did. With a config only the sites that still stand in it are told, and how many known articles are due to
    be looked at in the next run.
    """
    from scraper.recheck import bands
    from scraper.run_report import WRONG
    from scraper.status_report import status_json, status_report

    sites = {} if archive_path else {site.name: site for site in config_of(config_path).sites}
    now = datetime.now(UTC)
    with archive_of(config_path, archive_path) as archive:
        last = archive.last_visit()
        standings = [each for each in archive.standings() if not sites or each.outcome.site in sites]
        problems = list(archive.problems(last.id)) if last else []
        rulings = archive.rulings(last.id) if last else []
        lost = archive.lost()
        due = {
            name: sum(1 for _ in archive.due(name, bands(site.recheck, now), now, run=0))
            for name, site in sites.items()
        }
    if as_json:
        print_json(status_json(last, standings, problems, due, rulings, lost))
    else:
        show(status_report(last, standings, problems, due, lost))
    if any(standing.outcome.outcome in WRONG for standing in standings):
        click.get_current_context().exit(1)


def _compared(
    archive: Archive, since: int | date | None, until: int | date | None, site: str | None
) -> tuple[int, int]:
    """Return the two runs that are meant; raises UsageError unless the older one is named first."""
    first, last = archive.compared(since, until, site)
    alike = isinstance(since, date) == isinstance(until, date) and str(since) >= str(until)
    if since is not None and until is not None and (first > last or (first == last and alike)):
        raise click.UsageError(f"{since} is not before {until}: name the older one first")
    return first, last


def _between(first: int, last: int, site: str | None, days: Mapping[int, str]) -> str:
    """Return in words which two runs were compared, with their days where these are given."""
    at = f" at {site}" if site else ""
    begin = f" from run {first}{days.get(first, '')} to" if first else " up to"
    return f"{at}{begin} run {last}{days.get(last, '')}" if last else f"{at}: there is no run yet"


def _write_page(changes: list[Change], path: Path, title: str, force: bool) -> None:
    from scraper.change_page import change_page
    from storage.target import target

    with target(path, force=force) as out:
        for piece in change_page(changes, title):
            out.write(piece.encode(errors="backslashreplace"))
    click.echo(f"{len(changes):,} changes written to {path}", err=True)


def expect_site(archive: Archive, site: str | None) -> None:
    """Raise UsageError for a site the archive never met: a slip of the pen would read as no news."""
    if site is not None and not archive.has_site(site):
        names = archive.site_names()
        near = get_close_matches(site, names, n=1)
        hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(names[:10]) or 'none yet'}"
        raise click.UsageError(f"no site {site} in the archive: {hint}")


def expect_runs(archive: Archive, *named: int | None) -> None:
    """Raise UsageError for a run the archive does not have; 0 is before the first."""
    known = [run.id for run in archive.runs()]
    for number in named:
        if number not in (None, 0, *known):
            there = f"runs {known[0]} to {known[-1]}" if known else "no run yet"
            raise click.UsageError(f"no run {number}: the archive has {there}; `campusnews runs` lists them")
