"""The commands that look after an archive: verify."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from scraper.cli.options import ARCHIVE, CONFIG, JSON, place, print_lines


@click.command()
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

    findings = list(findings_of(place(config_path, archive_path)))
    if as_json:
        print_lines(asdict(finding) for finding in findings)
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
