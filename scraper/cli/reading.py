"""The commands that read an archive: diff, runs, status."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper.cli.options import (
    ARCHIVE,
    CONFIG,
    JSON,
    archive_of,
    config_of,
    print_json,
    print_lines,
    show,
)

if TYPE_CHECKING:
    from storage import Archive
    from storage.records import Change


@click.command()
@click.argument("run_a", type=int, required=False, metavar="[A]")
@click.argument("run_b", type=int, required=False, metavar="[B]")
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
    run_a: int | None,
    run_b: int | None,
    site: str | None,
    html: Path | None,
    force: bool,
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
    with archive_of(config_path, archive_path) as archive:
        expect_runs(archive, run_a, run_b)
        changes = archive.changes(since_run=run_a, until_run=run_b, site=site)
        if html is not None:
            _write_page(list(changes), html, _title(run_a, run_b or archive.runs()[-1].id), force)
        elif as_json:
            print_lines(change.to_json() for change in changes)
        else:
            show(change_report(list(changes)))


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
        listed = archive.runs()
        last = listed[-1] if listed else None
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


def _title(since: int | None, until: int) -> str:
    return f"What changed in run {until}" if since is None else f"What changed from run {since} to {until}"


def _write_page(changes: list[Change], path: Path, title: str, force: bool) -> None:
    from scraper.change_page import change_page
    from storage.target import target

    with target(path, force=force) as out:
        for piece in change_page(changes, title):
            out.write(piece.encode(errors="backslashreplace"))
    click.echo(f"{len(changes):,} changes written to {path}", err=True)


def expect_runs(archive: Archive, *named: int | None) -> None:
    """Raise UsageError for a run the archive does not have; 0 is before the first."""
    known = [run.id for run in archive.runs()]
    for number in named:
        if number not in (None, 0, *known):
            there = f"runs {known[0]} to {known[-1]}" if known else "no run yet"
            raise click.UsageError(f"no run {number}: the archive has {there}; `campusnews runs` lists them")
