"""The command that makes WARC files smaller, or what they were: compact."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper.cli.options import ARCHIVE, CONFIG, JSON, place, print_lines
from storage.errors import ArchiveFull

if TYPE_CHECKING:
    from storage import Archive
    from storage.compact import Rewritten


@click.command()
@click.option("--undo", is_flag=True, help="Make the compacted files what they were, byte for byte.")
@click.option(
    "--recompress",
    is_flag=True,
    help="With --undo: where the same bytes cannot be made, take other gzip bytes of the same records.",
)
@click.option("--dry-run", is_flag=True, help="Only list the files, and the room it takes.")
@CONFIG
@ARCHIVE
@JSON
def compact(
    undo: bool,
    recompress: bool,
    dry_run: bool,
    config_path: Path | None,
    archive_path: Path | None,
    as_json: bool,
) -> None:
    """Make the WARC files several times smaller, or what they were.

    Rewrites each closed file as Zstandard frames with a dictionary of its sites, proves that the old file can
    be made again byte for byte, and only then takes it away. Every command reads both forms; exports have the
    old one.
    """
    from storage import Archive

    if recompress and not undo:
        raise click.UsageError("--recompress goes with --undo")
    where = place(config_path, archive_path)
    if dry_run:
        with Archive.open(where) as archive:
            _list_waiting(archive, undo, as_json)
        return
    with Archive.open(where, write=True) as archive:
        _rewrite(archive, undo, recompress, as_json)


def _list_waiting(archive: Archive, undo: bool, as_json: bool) -> None:
    """Print which files are to be rewritten, and the room it takes; ArchiveFull where there is none."""
    from scraper.edits import size
    from storage.compact import room, waiting

    files = waiting(archive, undo=undo)
    if as_json:
        print_lines(asdict(kept) for kept in files)
    else:
        for kept in files:
            click.echo(f"{kept.file}: {size(kept.length)}, {kept.records:,} records")
    needed, free = room(archive, undo=undo)
    whole = size(sum(kept.length for kept in files))
    told = (
        f"{len(files):,} files of {whole}: takes up to {size(needed)} more at a time, {size(free)} are free"
    )
    if needed > free:
        raise ArchiveFull(told)
    click.echo(told, err=True)


def _rewrite(archive: Archive, undo: bool, recompress: bool, as_json: bool) -> None:
    """Rewrite the files one by one and print what became of each."""
    from scraper.progress import measured
    from scraper.report import rewritten_line, rewritten_summary
    from storage import compact as work

    done: list[Rewritten] = []
    with measured(sys.stderr) as progress:
        results: Iterator[Rewritten] = (
            work.undo(archive, progress, recompress=recompress) if undo else work.compact(archive, progress)
        )
        for result in results:
            done.append(result)
            if as_json:
                print_lines([asdict(result)])
            else:
                click.echo(rewritten_line(result))
    click.echo(rewritten_summary(done), err=True)
