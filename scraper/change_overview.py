"""Changes in, the head of their page out: what there is of each site, boxes that choose. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from scraper.report import KINDS, told_kind
from scraper.terminal import safe
from storage.records import Change
from storage.severity import SEVERITIES

# What a change is chosen and counted by, the gravest first, and how that is told.
_NAMES = {name: f"{name} edits" for name in SEVERITIES[::-1]} | {kind: kind for kind in KINDS}
_NAMES["reread"] = "read by newer rules"


def choice(changes: Sequence[Change]) -> str:
    """Return a box for each severity and kind there is, by which it is shown."""
    boxes = "".join(
        f'<label class="pick {name}"><input type="checkbox" id="show-{name}" checked> '
        f"<b>{count:,}</b> {_NAMES[name]}</label>"
        for name, count in _counted(changes).items()
    )
    return f'<fieldset class="picks"><legend>Show</legend>{boxes}</fieldset>' if boxes else ""


def class_of(change: Change) -> str:
    """Return the name by which a change is chosen: an edit by its severity, any other by its kind."""
    kind = told_kind(change)
    return change.severity or "minor" if kind == "changed" else kind


def overview(sites: Sequence[tuple[str, Sequence[Change]]]) -> str:
    """Return a table of what there is of each site, where there are several: a column for each box."""
    if len(sites) < 2:
        return ""
    names = _counted([change for _, group in sites for change in group])
    heads = "".join(f'<th scope="col">{_NAMES.get(name, name)}</th>' for name in ("site", *names))
    rows = "".join(_row(at, site, _counted(group), names) for at, (site, group) in enumerate(sites))
    return (
        '<nav aria-label="Sites"><table class="overview">'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></nav>"
    )


def _counted(changes: Sequence[Change]) -> dict[str, int]:
    """Return how many changes there are by the name they are chosen by, of those that occur."""
    counts = Counter(map(class_of, changes))
    return {name: counts[name] for name in _NAMES if counts[name]}


def _row(at: int, site: str, counts: Mapping[str, int], names: Iterable[str]) -> str:
    head = f'<th scope="row"><a href="#site-{at}">{escape(safe(site))}</a></th>'
    cells = "".join(f"<td>{counts[name]:,}</td>" if name in counts else "<td>·</td>" for name in names)
    return f"<tr>{head}{cells}</tr>"
