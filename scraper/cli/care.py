"""The commands that look after an archive: verify, repair."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper.cli.options import ARCHIVE, CONFIG, JSON, place

if TYPE_CHECKING:
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
    done = f"{count:,} steps taken, told in {Path(root) / 'repairs.jsonl'}"
    click.echo(done if count else "nothing to mend", err=True)
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
