"""What reading kept records again came to in, what a person or a program reads of it out. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import takewhile
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from scraper.edits import edit_lines
from scraper.report import dotted
from scraper.rereads import Example, Found
from scraper.states import STATES
from scraper.terminal import safe
from scraper.wrapping import Hanging, Shaded, unbroken
from storage.diff import COMPARED, compare
from storage.records import Article, Run

_COLUMN = 15
_SHOWN, _AROUND = 80, 1  # characters shown of a long value, and of what it shares with the other before
_FAINT = "dim"
# What came of records, as people say it; in this order.
_WORDS = {
    "same": "read the same",
    "rules": "read otherwise",
    "refreshed": "in details",
    "drift": "held back",
    "refused": "refused",
    "damaged": "damaged",
    "current": "left out",
    "layouts": "layouts learned again",
}


def reread_report(run: Run | None, sites: Sequence[Found]) -> Shaded:
    """Return what came of each site, and an example or so of each field that moved.

    Without a run it is what would come of it.
    """
    return Shaded(lambda color: Group(*_lines(run, sites, color)))


def reread_json(run: Run | None, sites: Iterable[Found]) -> dict[str, Any]:
    """Return the same as JSON values; an example has the value of its field before and after."""
    return {"run": run and asdict(run), "sites": [_site_json(found) for found in sites]}


def _lines(run: Run | None, sites: Sequence[Found], color: bool) -> Iterator[RenderableType]:
    for found in sites:
        yield Hanging(
            _counts(found.counts), Text(safe(found.site).ljust(_COLUMN - 1) + " ", "bold"), facts=True
        )
        for name, why in found.drifts().items():
            yield Hanging(Text(f"drift: {safe(name)}: {why}", "red"), Text("  ! ", "red"))
        for reason, count in found.stays.items():
            yield from _stay(reason, count, found.urls[reason])
        for name, count in found.moved.most_common():
            yield from _field(name, count, found.examples.get(name, ()), color)
    whole = sum((found.counts for found in sites), Counter[str]())
    told = f"run {run.id} {run.outcome}" if run else "a dry run: nothing was written"
    yield dotted([Text(told), _counts(whole)]) if len(sites) != 1 else Text(told)


def _counts(counts: Mapping[str, int]) -> Text:
    parts = [f"{counts.get('read', 0):,} read"]
    parts += [f"{counts[name]:,} {words}" for name, words in _WORDS.items() if counts.get(name)]
    return dotted(map(Text, parts))


def _stay(reason: str, count: int, urls: Sequence[str]) -> Iterator[RenderableType]:
    state = STATES.get(reason)
    told = f"{count:,} {safe(reason)}" + (f": {state.means}" if state else "")
    yield Hanging(Text(f"{told}; the records stay as they were", "yellow"), Text("  ! ", "yellow"))
    for url in urls:
        yield unbroken(Text(f"    {safe(url)}", _FAINT))


def _field(name: str, count: int, examples: Iterable[Example], color: bool) -> Iterator[RenderableType]:
    yield Text.assemble(f"  {safe(name)}".ljust(_COLUMN), f"{count:,} record{'' if count == 1 else 's'}")
    for example in examples:
        yield unbroken(Text(f"    {safe(example.url)}", _FAINT))
        for line in _moved(name, example, color):
            yield Hanging(line, Text(" " * _COLUMN), lines=4)


def _moved(name: str, example: Example, color: bool) -> Iterator[Text]:
    """Yield what moved in an example: words marked where it is a text, else one value and the other."""
    if name in COMPARED:
        new = example.article
        old = Article.from_json(new.to_json() | {name: example.before})
        for change in compare(old, new):
            yield from edit_lines(change, color=color)
    elif isinstance(example.before, dict):
        yield from map(Text, _entries(example.before, _after(name, example)))
    else:
        yield Text(" → ".join(_apart(example.before, _after(name, example))))


def _entries(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted({*before, *after}):
        if before.get(key) != after.get(key):
            yield f"{safe(key)}: {' → '.join(_apart(before.get(key), after.get(key)))}"


def _apart(before: Any, after: Any) -> tuple[str, str]:
    """Return two values as they are shown: of long texts what follows where they part."""
    old, new = ("none" if value is None else safe(str(value)).replace("\n", " ") for value in (before, after))
    alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
    same = max(0, alike - _AROUND) if max(len(old), len(new)) > _SHOWN else 0
    return _shown(old, same), _shown(new, same)


def _shown(text: str, start: int) -> str:
    return ("…" if start else "") + text[start : start + _SHOWN] + ("…" if len(text) > start + _SHOWN else "")


def _after(name: str, example: Example) -> Any:
    return example.article.to_json()[name]


def _site_json(found: Found) -> dict[str, Any]:
    fields = {
        name: {
            "records": count,
            "examples": [
                {"url": each.url, "before": each.before, "after": _after(name, each)}
                for each in found.examples.get(name, ())
            ],
        }
        for name, count in found.moved.most_common()
    }
    stays = {reason: {"records": count, "urls": found.urls[reason]} for reason, count in found.stays.items()}
    counts = dict(found.counts)
    return {"site": found.site, "counts": counts, "drifts": found.drifts(), "fields": fields, "stays": stays}
