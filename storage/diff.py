"""Two versions of an article in, the fields that differ out, with severity and the words that moved. Pure."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import asdict, fields
from operator import attrgetter
from typing import Any

from storage.records import Article, Attachment, FieldChange, Image, Severity
from storage.segments import excerpt, segments
from storage.severity import SEVERITIES, at_one_precision, judge

__all__ = ["COMPARED", "compare", "excerpt", "release_time_moved_back", "segments", "severity_of"]

COMPARED = ("title", "release_time", "body", "images", "attachments", "author", "source", "editor")
_WORDED = ("title", "body", "author", "source", "editor")

_Item = Image | Attachment
_Pair = tuple[_Item | None, _Item | None]
# What makes two items of a list the same one, surest first.
_KEYS: dict[str, tuple[Callable[[Any], Hashable], ...]] = {
    "images": (lambda image: image, attrgetter("url"), attrgetter("alt")),
    "attachments": (lambda file: file, attrgetter("url"), attrgetter("name")),
}


def compare(old: Article, new: Article) -> tuple[FieldChange, ...]:
    """Return the fields of `COMPARED` that differ; views, section and provenance are no edit.

    Of images and attachments `before` and `after` hold only the items that differ, as dicts side by side:
    `before[i]` became `after[i]`, and None stands where an item was added or removed. When nothing but their
    order differs, they hold both lists whole.
    """
    return tuple(
        _change(name, before, after)
        for name in COMPARED
        for before, after in [_sides(name, getattr(old, name), getattr(new, name))]
        if before != after
    )


def severity_of(changes: Iterable[FieldChange]) -> Severity | None:
    """Return the gravest severity among the fields, None when there are none."""
    return max((change.severity for change in changes), key=SEVERITIES.index, default=None)


def release_time_moved_back(changes: Iterable[FieldChange]) -> bool:
    """Tell whether the release time became earlier, compared at the precision both pages state."""
    moments = [
        at_one_precision(change.before, change.after) for change in changes if change.field == "release_time"
    ]
    return any(pair is not None and pair[1] < pair[0] for pair in moments)


def _change(name: str, before: Any, after: Any) -> FieldChange:
    shown = segments(before or "", after or "") if name in _WORDED else ()
    return FieldChange(name, before, after, judge(name, before, after, shown), shown)


def _sides(name: str, old: Any, new: Any) -> tuple[Any, Any]:
    if name not in _KEYS:
        return old, new
    pairs = _pair(old, new, _KEYS[name])
    moved = [pair for pair in pairs if not _same(*pair)]
    if not moved and [after for _, after in pairs] != list(new):
        moved = list(zip(old, new, strict=True))
    return [_plain(before) for before, _ in moved], [_plain(after) for _, after in moved]


def _pair(
    old: Sequence[_Item], new: Sequence[_Item], keys: Sequence[Callable[[Any], Hashable]]
) -> list[_Pair]:
    """Return every old item beside the new one it became, then the items that were added."""
    became: dict[int, int] = {}
    free = dict.fromkeys(range(len(new)))
    for key in keys:
        waiting: defaultdict[Hashable, deque[int]] = defaultdict(deque)
        for at in free:
            waiting[key(new[at])].append(at)
        for at, item in enumerate(old):
            if at not in became and key(item) and waiting[key(item)]:
                became[at] = waiting[key(item)].popleft()
                del free[became[at]]
    kept: list[_Pair] = [(item, new[became[at]] if at in became else None) for at, item in enumerate(old)]
    return kept + [(None, new[at]) for at in free]


def _same(before: _Item | None, after: _Item | None) -> bool:
    """Tell whether nothing about the item moved; what only one side knows of a file did not move."""
    if before is None or after is None:
        return False
    values = [(getattr(before, part.name), getattr(after, part.name)) for part in fields(before)]
    return all(old == new for old, new in values) or (
        isinstance(before, Attachment)
        and values[:2] == [(before.url, before.url), (before.name, before.name)]
        and all(None in pair or pair[0] == pair[1] for pair in values[2:])
    )


def _plain(item: _Item | None) -> dict[str, Any] | None:
    return None if item is None else asdict(item)
