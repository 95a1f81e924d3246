"""The command that takes a new site into the config: add."""

from __future__ import annotations

from pathlib import Path

import click

from scraper.cli.options import CONFIG, JSON, print_json, show
from scraper.terminal import safe


@click.command()
@click.argument("url")
@click.option("--name", help="Name of the site in the config.  [default: made of the host]")
@click.option(
    "--section",
    "sections",
    multiple=True,
    metavar="TEXT",
    help="Only lists whose link or address holds this text; may be given several times.",
)
@click.option("--contact", help="Your mail address or page, for a config that has none yet.")
@click.option("--allow-private", is_flag=True, help="The site is on this machine or in your own network.")
@click.option("--dry-run", is_flag=True, help="Write nothing; print what would be written.")
@CONFIG
@JSON
def add(
    url: str,
    name: str | None,
    sections: tuple[str, ...],
    contact: str | None,
    allow_private: bool,
    dry_run: bool,
    config_path: Path | None,
    as_json: bool,
) -> None:
    """Find out how a site is to be crawled, and take it into the config.

    URL is a home page or a list of news. Finds the lists, the CMS, the language and the time zone, tries
    three articles and shows them; then adds the site to the config, all that stands there kept, or makes
    the file. Some 25 requests at most, as politely as a crawl. Exit code 1, and nothing written, when no
    list or no article could be read.
    """
    from scraper.config_file import add_site, check_site, config_or_none, with_contact
    from scraper.errors import SurveyFailed
    from scraper.scout import survey
    from scraper.survey_report import survey_json, survey_report, yaml_report

    path = config_path or Path("config.yaml")
    config = config_or_none(path)
    found = survey(
        with_contact(config, contact),
        url if "://" in url else f"https://{url}",
        name=name,
        only=sections,
        allow_private=allow_private,
        watch=lambda address: click.echo(f"asking {safe(address)}", err=True),
    )
    if not as_json:
        show(survey_report(found))
        show(yaml_report(found))
    if found.works:
        (check_site if dry_run else add_site)(path, found.proposal.setting(), contact)
    if as_json:
        print_json(survey_json(found, None if dry_run or not found.works else str(path)))
    if not found.works:
        raise SurveyFailed("no article could be read, so nothing was written: see above why")
    if not as_json and dry_run:
        show(f"not written: without --dry-run these lines go into {path}")
    elif not as_json:
        show(f"written to {path}; next: campusnews crawl {found.proposal.name} -c {path}")
