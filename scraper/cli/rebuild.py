"""The command that makes the catalogue anew from the WARC files: rebuild."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import click

from scraper.cli.options import ARCHIVE, CONFIG, JSON, place, print_json


@click.command()
@click.option("--force", is_flag=True, help="Also where the catalogue is sound.")
@click.option(
    "--torn", is_flag=True, help="Take in what was cut off files (.torn) though it had been committed."
)
@click.option(
    "--to",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the new catalogue to this file and leave the archive as it is.",
)
@CONFIG
@ARCHIVE
@JSON
def rebuild(
    force: bool,
    torn: bool,
    to: Path | None,
    config_path: Path | None,
    archive_path: Path | None,
    as_json: bool,
) -> None:
    """Make the catalogue anew from the WARC files.

    For an archive whose catalogue is lost or damaged. The new one takes the place of the old when it is
    whole; the old one is kept. What of the files is missing or damaged is named, all else taken in. Exit code
    4 when something is missing.
    """
    from scraper.progress import measured
    from scraper.rebuild_report import gap_line, rebuilt_lines
    from storage.rebuild import rebuild as make

    with measured(sys.stderr) as progress:
        made = make(place(config_path, archive_path), to=to, force=force, torn=torn, progress=progress)
    if as_json:
        print_json(asdict(made))
    else:
        for gap in made.gaps:
            click.echo(gap_line(gap))
        for line in rebuilt_lines(made):
            click.echo(line, err=True)
    if made.lost:
        click.get_current_context().exit(4)
