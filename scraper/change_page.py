"""Changes in, one self-contained HTML page out: edits side by side, for a browser or a printer. Pure.

No script, no address that is loaded, every word that came from a page escaped. Both colour themes; on paper
and to whoever sees no colour the marks differ in their lines. What is shown is chosen by boxes CSS reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from importlib.resources import files
from itertools import groupby
from typing import Any

from scraper.change_overview import choice, class_of, overview
from scraper.edits import stated
from scraper.gist import gist
from scraper.report import KINDS, change_counts, told_kind
from scraper.side_by_side import side_by_side
from scraper.terminal import safe
from storage.records import Change, FieldChange

_ORDER = {
    kind: at
    for at, kind in enumerate(
        ("changed", "withdrawn", "missing", "hidden", "restored", "new", "reread", "blocked", "error")
    )
}
_WEIGHT = {"substantive": 0, "minor": 1, "cosmetic": 2, None: 3}
_FIELDS = {"release_time": "released", "body": "text", "images": "pictures", "attachments": "files"}
_NONE = '<span class="faint">none</span>'
_HAN, _KANA_OR_HANGUL = re.compile("[\u4e00-\u9fff]"), re.compile("[\u3040-\u30ff\uac00-\ud7af]")

_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>{title}</title><style>{style}</style></head><body>
<a class="skip" href="#changes">Skip to the changes</a>
<header><h1>{title}</h1><p class="faint">{counts}</p>{overview}{legend}</header>
<main id="changes">
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_COLUMNS = "".join(f'<th scope="col">{name}</th>' for name in ("field", "before", "after"))
_LEGEND = (
    '<p class="faint"><del>taken out</del> · <ins>put in</ins> · <del class=moved>moved from here</del> '
    "<ins class=moved>to here</ins>; where there are several, a number says which belong together. Views, "
    "how wide or many spaces are, and the shapes of signs are no edit; a space between two words and a "
    "paragraph break are cosmetic ones.</p>"
)


def change_page(changes: Sequence[Change], title: str) -> Iterator[str]:
    """Yield the page in pieces: an overview, then by site, the gravest edits first."""
    counted = change_counts(changes)
    counts = " · ".join(f"{number:,} {kind}" for kind, number in counted.items()) or "nothing changed"
    ordered = sorted(changes, key=lambda change: (change.site, *_rank(change)))
    sites = [(site, list(group)) for site, group in groupby(ordered, lambda change: change.site)]
    yield _HEAD.format(
        policy=_POLICY,
        title=_text(title),
        style=files("scraper").joinpath("change_page.css").read_text("utf-8"),
        counts=counts,
        overview=choice(changes) + overview(sites),
        legend=_LEGEND if counted.keys() & {"changed", "reread"} else "",
    )
    for at, (site, group) in enumerate(sites):
        yield f'<section id="site-{at}"><h2>{_text(site)}</h2>'
        yield from _site(group)
        yield "</section>\n"
    yield "</main></body></html>\n"


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
            f'<article class="is-{kind}"><h3 class="{kind}">{kind}</h3>'
            + (f"<p class=faint>{_text(meaning)}</p>" if meaning else "")
            + f"<ul>{told}</ul></article>"
        )


def _listed(change: Change) -> str:
    seen = f"<span class=meta>{_moment(change.observed_at)}</span>"
    return f"<li{_language(change.title)}>{_link(change)} {seen}</li>"


def _edited(change: Change) -> str:
    rows = "".join(row for field in change.fields for row in _rows(field, change))
    weight = change.severity or "minor"
    badges = f'<span class="badge {weight}">{weight}</span>'
    if change.release_time_moved_back:
        badges += ' <span class="badge back">release time moved back</span>'
    if change.reason == "rules":  # then neither is the university's doing
        badges = '<span class="badge">read by newer rules; the page did not change</span>'
    versions = f"version {change.from_version} → {change.to_version}, seen {_moment(change.observed_at)}"
    return (
        f'<article class="is-{class_of(change)}"><h3{_language(change.title)}>{_link(change)}</h3>'
        f'<p class="gist">{_text(gist(change))}.</p>'
        f"<p class=meta>{badges} {versions} in run {change.run}<br>{_text(change.url)}</p>"
        f"<table><thead><tr>{_COLUMNS}</tr></thead><tbody{_language(change.title)}>{rows}</tbody></table></article>\n"
    )


def _rows(field: FieldChange, change: Change) -> Iterator[str]:
    name = _text(_FIELDS.get(field.field, field.field.replace("_", " ")))
    weight = "" if change.reason == "rules" else f'<br><span class="meta">{field.severity}</span>'
    head = f'<th scope="row">{name}{weight}</th>'
    sides, whole = side_by_side(field.segments) if field.segments else (_sides(field), None)
    for before, after in sides:
        yield f"<tr>{head}{_cell('before', before)}{_cell('after', after)}</tr>"
        head = "<th></th>"
    if whole is not None:
        opens = f"<details><summary>the whole text now</summary>{whole}</details>"
        yield f'<tr class="whole"><th></th><td colspan=2>{opens}</td></tr>'


def _sides(field: FieldChange) -> Iterator[tuple[str, str]]:
    """Yield what stands side by side of what is no text: times, items of a list."""
    if isinstance(field.before, list):
        yield from (
            (_item(old, "del", new), _item(new, "ins", old))
            for old, new in zip(field.before, field.after, strict=True)
        )
    else:
        yield _time(field.before, "del"), _time(field.after, "ins")


def _time(moment: str | None, mark: str) -> str:
    return f"<{mark}>{_text(stated(moment))}</{mark}>" if moment else _NONE


def _item(item: Mapping[str, Any] | None, mark: str, other: Mapping[str, Any] | None) -> str:
    """Return a picture, file or link: its words and facts, marked where the other side says otherwise."""
    if item is None:
        return _NONE
    return "<br>".join(
        f"<{mark}>{_fact(name, value)}</{mark}>"
        if other is None or other[name] != value
        else _fact(name, value)
        for name, value in _facts(item)
    )


def _facts(item: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    order = ("name", "alt", "text", "url", "size", "sha256")
    yield from ((name, item[name]) for name in order if item.get(name) is not None)


def _fact(name: str, value: Any) -> str:
    if name == "size":
        return f"{value:,} bytes"
    return f"sha256 {_text(str(value))[:12]}…" if name == "sha256" else _text(str(value))


def _cell(side: str, content: str) -> str:
    return f'<td data-side="{side}">{content}</td>'


def _language(text: str) -> str:
    """Return the attribute that lets a browser choose Chinese letter forms; nothing for other languages."""
    return ' lang="zh"' if _HAN.search(text) and not _KANA_OR_HANGUL.search(text) else ""


def _link(change: Change) -> str:
    words = _text(change.title) or "untitled"
    if not change.url.startswith(("http://", "https://")):
        return words
    return f'<a href="{escape(change.url)}" rel="noreferrer noopener">{words}</a>'


def _moment(moment: str) -> str:
    return f"{_text(moment)[:16].replace('T', ' ')} UTC"


def _text(text: str) -> str:
    return escape(safe(text))
