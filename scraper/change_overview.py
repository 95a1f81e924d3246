"""Changes in, the head of their page out: what there is of each site, boxes that choose. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape

from scraper.gist import weights
from scraper.report import KINDS, told_kind
from scraper.terminal import safe
from storage.records import Change
from storage.severity import SEVERITIES

_HEAVIEST_FIRST = SEVERITIES[::-1]
_PICKS = {name: f"{name} edits" for name in SEVERITIES} | {"reread": "read by newer rules"}


def choice(changes: Sequence[Change]) -> str:
    """Return a box for each severity and kind there is, by which it is shown."""
    counts: Counter[str] = Counter(map(class_of, changes))
    names = (*_HEAVIEST_FIRST, *KINDS)
    boxes = "".join(
        f'<label class="pick {name}"><input type="checkbox" id="show-{name}" checked> '
        f"<b>{counts[name]:,}</b> {_PICKS.get(name, name)}</label>"
        for name in names
        if counts[name]
    )
    return f'<fieldset class="picks"><legend>Show</legend>{boxes}</fieldset>' if boxes else ""


def class_of(change: Change) -> str:
    """Return the name by which a change is chosen: an edit by its severity, any other by its kind."""
    kind = told_kind(change)
    return change.severity or "minor" if kind == "changed" else kind


def overview(sites: Sequence[tuple[str, Sequence[Change]]]) -> str:
    """Return a table of what there is of each site, where there are several."""
    if len(sites) < 2:
        return ""
    rows = "".join(
        f'<tr><th scope="row"><a href="#site-{at}">{escape(safe(site))}</a></th>'
        + "".join(f"<td>{weights(group).get(name) or '·'}</td>" for name in _HEAVIEST_FIRST)
        + f"<td>{sum(change.kind == 'new' for change in group) or '·'}</td>"
        + f"<td>{sum(change.kind not in ('new', 'changed') for change in group) or '·'}</td></tr>"
        for at, (site, group) in enumerate(sites)
    )
    heads = "".join(
        f'<th scope="col">{name}</th>' for name in ("site", *_HEAVIEST_FIRST, "new", "taken down, …")
    )
    return (
        '<nav aria-label="Sites"><table class="overview">'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></nav>"
    )
