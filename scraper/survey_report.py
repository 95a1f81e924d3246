"""What a survey found in, what a person reads of it, or a program, out. Pure: rich values and plain ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from scraper.config_edit import block
from scraper.report import article_lines
from scraper.scout import Survey, Tried
from scraper.survey import Section
from scraper.terminal import safe
from scraper.wrapping import unbroken

_FAINT = "dim"
_SHOWN = 8  # links that were not looked at
_FROM = {"country": "from the domain", "language": "from the language: check it"}


def survey_report(found: Survey) -> Group:
    """Return what was found: CMS, language, zone, the lists, three articles with their rules."""
    return Group(*_facts(found), "", *_lists(found), "", *_articles(found))


def yaml_report(found: Survey) -> Group:
    """Return the lines for config.yaml as they are, to be read or pasted, and how many requests they took."""
    answers = Counter(status for _, _, status in found.asked)
    told = ", ".join(f"{count} × {status}" for status, count in sorted(answers.items()))
    lines = (unbroken(Text(line)) for line in block(found.proposal.setting()).splitlines())
    return Group("", *lines, "", Text(f"{len(found.asked)} requests were made ({told})", _FAINT))


def survey_json(found: Survey, written: str | None) -> dict[str, Any]:
    """Return everything as one JSON object; `written` is the file the site went into."""
    return {
        "site": found.proposal.setting(),
        "yaml": block(found.proposal.setting()),
        "written": written,
        "url": found.url,
        "timezone_from": found.proposal.timezone_from,
        "sections": [_section_json(section) for section in found.sections],
        "not_taken": [asdict(unfit) for unfit in found.unfit],
        "not_looked_at": [{"url": link.url, "label": link.label} for link in found.left],
        "second_page": found.second,
        "feeds": list(found.feeds),
        "articles": [
            {"url": each.url, "problem": each.problem, "article": each.article and each.article.to_json()}
            for each in found.tried
        ],
        "requests": [dict(zip(("method", "url", "status"), each, strict=True)) for each in found.asked],
    }


def _section_json(section: Section) -> dict[str, Any]:
    listing = section.listing
    return {
        "url": section.url,
        "section": section.name,
        "language": section.language,
        "items": len(listing.items),
        "newest": section.newest,
        "next": listing.next,
        "total_pages": listing.total_pages,
        "total_items": listing.total_items,
        "preset": listing.preset,
        "provenance": listing.provenance,
    }


def _facts(found: Survey) -> Iterator[RenderableType]:
    proposal = found.proposal
    presets = Counter(section.listing.preset for section in found.sections)
    told = ", ".join(f"{name} ({count} of {presets.total()} lists)" for name, count in presets.most_common())
    yield unbroken(Text(safe(found.url), "bold"))
    yield _row("CMS", told.replace("generic", "none that is known"))
    yield _row("language", proposal.language or "more than one, or unknown: each page tells its own")
    zone = f"{proposal.timezone}, {_FROM[proposal.timezone_from or '']}" if proposal.timezone else ""
    yield _row("time zone", zone or "not told by domain or language: add `timezone:` yourself")
    if found.feeds:
        yield _row("feeds", ", ".join(found.feeds))


def _lists(found: Survey) -> Iterator[RenderableType]:
    yield Text(f"{len(found.sections)} lists")
    for section in found.sections:
        yield Text.assemble("  ", (safe(section.name or "without a name"), "bold"), f"  {_size(section)}")
        yield unbroken(Text.assemble("    ", (safe(section.url), "blue")))
        rules = ", ".join(f"{field}: {rule}" for field, rule in section.listing.provenance.items())
        yield Text(f"    {safe(rules)}", _FAINT)
    if found.second:
        yield Text(f"  second page: {safe(found.second)}")
    for unfit in found.unfit:
        yield Text(f"  not taken: {safe(unfit.label or unfit.url)}: {safe(unfit.why)}", "yellow")
    if found.left:
        names = ", ".join(safe(link.label or link.url) for link in found.left[:_SHOWN])
        more = f" and {len(found.left) - _SHOWN} more" if len(found.left) > _SHOWN else ""
        yield Text(f"  not looked at: {names}{more}", _FAINT)


def _size(section: Section) -> str:
    listing = section.listing
    parts = [f"{len(listing.items)} items"]
    parts += [f"{listing.total_pages:,} pages"] if listing.total_pages else []
    parts += [f"{listing.total_items:,} items in all"] if listing.total_items else []
    parts += [] if listing.total_pages else ["goes on" if listing.next else "one page"]
    return ", ".join([*parts, f"newest {section.newest or 'without a date'}"])


def _articles(found: Survey) -> Iterator[RenderableType]:
    read = sum(each.article is not None for each in found.tried)
    yield Text(f"{read} of {len(found.tried)} articles that were tried could be read")
    for each in found.tried:
        yield ""
        yield from _article(each)


def _article(tried: Tried) -> Iterator[RenderableType]:
    if tried.article is None:
        yield Text(f"  no article: {safe(tried.detail or tried.problem or '')}", "yellow")
        return
    yield article_lines(tried.article)
    rules = " · ".join(f"{field} {rule}" for field, rule in tried.article.provenance.items())
    yield Text(f"  rules: {safe(rules)}", _FAINT)


def _row(label: str, value: str) -> Text:
    return Text.assemble((f"  {label}".ljust(14), _FAINT), safe(value))
