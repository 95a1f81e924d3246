"""Changes in, one self-contained HTML page out: edits side by side, for a browser or a printer. Pure.

No script, no address that is loaded, every word that came from a page escaped. Both colour themes; on paper
the marks stay readable without colour.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from importlib.resources import files
from itertools import groupby
from typing import Any

from scraper.edits import edit_lines, stated
from scraper.report import KINDS, change_counts, told_kind
from scraper.terminal import safe
from storage.records import Change, FieldChange, Segment
from storage.segments import excerpt

CONTEXT = 160  # kept characters shown beside a change; the whole text opens below
_ORDER = {
    kind: at
    for at, kind in enumerate(
        ("changed", "withdrawn", "missing", "hidden", "restored", "new", "reread", "blocked", "error")
    )
}
_WEIGHT = {"substantive": 0, "minor": 1, "cosmetic": 2, None: 3}
_SIDES = {
    "before": {"equal": "{}", "deleted": "<del>{}</del>", "moved_from": "<del class=moved>{}</del>"},
    "after": {"equal": "{}", "inserted": "<ins>{}</ins>", "moved_to": "<ins class=moved>{}</ins>"},
}
_FIELDS = {"release_time": "released"}

_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{title}</title><style>{style}</style></head><body>
<header><h1>{title}</h1><p class="faint">{counts}</p>{legend}</header>
"""
_LEGEND = (
    "<p class=faint><del>taken out</del> · <ins>put in</ins> · <del class=moved>moved from here</del> "
    "<ins class=moved>to here</ins>. Views are never an edit.</p>"
)


def change_page(changes: Sequence[Change], title: str) -> Iterator[str]:
    """Yield the page in pieces: by site, the gravest edits first."""
    counted = change_counts(changes)
    counts = " · ".join(f"{number:,} {kind}" for kind, number in counted.items()) or "nothing changed"
    legend = _LEGEND if counted.keys() & {"changed", "reread"} else ""
    style = files("scraper").joinpath("change_page.css").read_text("utf-8")
    yield _HEAD.format(title=_text(title), style=style, counts=counts, legend=legend)
    ordered = sorted(changes, key=lambda change: (change.site, *_rank(change)))
    sites = [(site, list(group)) for site, group in groupby(ordered, lambda change: change.site)]
    if len(sites) > 1:
        links = "".join(f'<a href="#{_text(site)}">{_text(site)} ({len(group)})</a>' for site, group in sites)
        yield f"<nav>{links}</nav>"
    for site, group in sites:
        yield f'<section id="{_text(site)}"><h2>{_text(site)}</h2>'
        yield from _site(group)
        yield "</section>"
    yield "</body></html>\n"


def _rank(change: Change) -> tuple[int, int, str]:
    return _ORDER[told_kind(change)], _WEIGHT[change.severity], change.title


def _site(changes: Iterable[Change]) -> Iterator[str]:
    for kind, group in groupby(changes, told_kind):
        if kind in ("changed", "reread"):
            yield from map(_edited, group)
            continue
        told = "".join(_listed(change) for change in group)
        meaning = KINDS[kind][1]
        yield (
            f'<article><h3 class="{kind}">{kind}</h3>'
            + (f"<p class=faint>{_text(meaning)}</p>" if meaning else "")
            + f"<ul>{told}</ul></article>"
        )


def _listed(change: Change) -> str:
    return f"<li>{_link(change)} <span class=meta>{_moment(change.observed_at)}</span></li>"


def _edited(change: Change) -> str:
    rows = "".join(_row(field, change) for field in change.fields)
    badges = f'<span class="badge {change.severity}">{change.severity}</span>'
    if change.release_time_moved_back:
        badges += ' <span class="badge back">release time moved back</span>'
    if change.reason == "rules":  # then neither is the university's doing
        badges = '<span class="badge">read by newer rules; the page did not change</span>'
    versions = f"version {change.from_version} → {change.to_version}, seen {_moment(change.observed_at)}"
    return (
        f"<article><h3>{_link(change)}</h3><p class=meta>{badges} {versions} in run {change.run}</p>"
        "<table><thead><tr><th>field<th>before<th>after</tr></thead>"
        f"<tbody>{rows}</tbody></table></article>"
    )


def _row(field: FieldChange, change: Change) -> str:
    name = _text(_FIELDS.get(field.field, field.field.replace("_", " ")))
    head = f'<tr><th>{name}<br><span class="meta">{field.severity}</span></th>'
    if field.segments:
        shown = excerpt(field.segments, CONTEXT)
        before, after = (_marked(shown, side) for side in _SIDES)
        whole = _whole(field.segments) if shown != field.segments else ""
        return f"{head}{_cell('before', before)}{_cell('after', after + whole)}</tr>"
    if field.field == "release_time":
        before, after = (_text(stated(moment)) for moment in (field.before, field.after))
        return f"{head}{_cell('before', before)}{_cell('after', after)}</tr>"
    told = "<br>".join(_text(line.plain) for line in edit_lines(field))
    return f"{head}<td colspan=2>{told}</td></tr>"


def _whole(segments: Sequence[Segment]) -> str:
    return f"<details><summary>the whole text now</summary>{_marked(segments, 'after')}</details>"


def _cell(side: str, content: str) -> str:
    return f'<td data-side="{side}">{content}</td>'


def _marked(segments: Iterable[Segment], side: str) -> str:
    marks: Mapping[str, Any] = _SIDES[side]
    return "".join(marks[part.op].format(_lines(part.text)) for part in segments if part.op in marks)


def _lines(text: str) -> str:
    return "\n".join(_text(line) for line in text.split("\n"))


def _link(change: Change) -> str:
    words = _text(change.title) or "untitled"
    if not change.url.startswith(("http://", "https://")):
        return words
    return f'<a href="{escape(change.url)}" rel="noreferrer noopener">{words}</a>'


def _moment(moment: str) -> str:
    return f"{_text(moment)[:16].replace('T', ' ')} UTC"


def _text(text: str) -> str:
    return escape(safe(text))
