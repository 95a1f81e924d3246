"""The commands that read one page: extract, discover, explain."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from scraper.cli.options import CONFIG, JSON, known_of, print_json, show


@click.command()
@click.argument("source", metavar="URL|FILE")
@click.option("--url", help="The address a saved page came from: links and counters are relative to it.")
@click.option("--markdown", is_flag=True, help="Print the article as Markdown.")
@CONFIG
@JSON
def extract(source: str, url: str | None, markdown: bool, config_path: Path | None, as_json: bool) -> None:
    """Read one article page.

    A saved file or an address; prints the record and the rule behind each field. A site of the config is
    read with its own settings. Exit code 1 when the page is no article; the reason is printed.
    """
    from scraper.extract import read_article
    from scraper.page_report import extraction_report

    if markdown and as_json:
        raise click.UsageError("--markdown and --json are two forms of one answer: choose one")
    known = known_of(source, url, config_path)
    extraction = read_article(
        known.page, known.preset, site=known.site, timezone=known.timezone, language=known.language
    )
    if as_json:
        counter = extraction.counter and {"url": extraction.counter.url, "method": extraction.counter.method}
        article = extraction.article and extraction.article.to_json()
        print_json({"article": article, "problem": extraction.problem, "counter": counter})
    elif markdown and extraction.article is not None:
        from scraper.markdown import to_markdown

        click.echo(to_markdown(extraction.article), nl=False)
    else:
        show(extraction_report(extraction))
    if extraction.article is None:
        click.get_current_context().exit(1)


@click.command()
@click.argument("source", metavar="URL|FILE")
@click.option("--url", help="The address a saved page came from: links are relative to it.")
@CONFIG
@JSON
def discover(source: str, url: str | None, config_path: Path | None, as_json: bool) -> None:
    """Read one listing page, feed or sitemap.

    A saved file or an address; prints its items, its totals and its next page, and the feeds that a page
    announces. Exit code 1 when it has no items (a sitemap index: no sitemaps).
    """
    from scraper.discover import read_listing
    from scraper.page_report import listing_report

    known = known_of(source, url, config_path)
    listing = read_listing(known.page, known.preset)
    if as_json:
        print_json(asdict(listing))
    else:
        show(listing_report(listing))
    if not listing.items and not listing.sitemaps:
        click.get_current_context().exit(1)


@click.command()
@click.argument("source", metavar="URL|FILE")
@click.option("--url", help="The address a saved page came from: it tells the country and the zone.")
@click.option("--listing", is_flag=True, help="Read the page as a listing.  [default: when it is no article]")
@CONFIG
@JSON
def explain(source: str, url: str | None, listing: bool, config_path: Path | None, as_json: bool) -> None:
    """Say how a page was read, field by field.

    What was found, by which rule, in which element; which other candidates there were and why they lost;
    what looks like a value and was refused. For a listing page the same of its items, its next page and its
    totals. Exit code 1 when the page is neither an article nor a listing.
    """
    from scraper.explain import explain_article, explain_listing, is_listing
    from scraper.explain_report import explanation_report

    known = known_of(source, url, config_path)
    page, preset = known.page, known.preset
    if listing or is_listing(page):
        found = explain_listing(page, preset)
    else:
        found = explain_article(page, preset, timezone=known.timezone)
    if as_json:
        print_json(asdict(found))
    else:
        show(explanation_report(found))
    if found.problem:
        click.get_current_context().exit(1)
