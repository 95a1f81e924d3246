"""Two versions of an article in, the fields that differ out, with severity and the words that moved. Pure."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import asdict
from operator import attrgetter
from typing import Any

from storage.records import Article, Attachment, FieldChange, Image, Link, Severity
from storage.sameness import file_of, plain, target_of
from storage.segments import excerpt, segments
from storage.severity import SEVERITIES, Edit, at_one_precision, judge

__all__ = [
    "COMPARED",
    "compare",
    "excerpt",
    "is_edited",
    "release_time_moved_back",
    "segments",
    "severity_of",
]

COMPARED = ("title", "release_time", "body", "images", "attachments", "links", "author", "source", "editor")
_WORDED = ("title", "body", "author", "source", "editor")

_Item = Image | Attachment | Link
_Pair = tuple[_Item | None, _Item | None]


def _file(item: Image | Attachment) -> str:
    return file_of(item.url)


def _target(link: Link) -> str:
    return target_of(link.url)


# What makes two items of a list the same one, surest first.
_KEYS: dict[str, tuple[Callable[[Any], Hashable], ...]] = {
    "images": (attrgetter("url"), _file, attrgetter("alt")),
    "attachments": (lambda file: file, attrgetter("url"), _file, attrgetter("name")),
    "links": (attrgetter("url"), _target, attrgetter("text")),
}
# What of two items of a list has to be the same for nothing to be edited.
_SAID: dict[str, Callable[[Any], tuple[str, ...]]] = {
    "images": lambda image: (_file(image), plain(image.alt or "")),
    "attachments": lambda file: (_file(file), plain(file.name or "")),
    "links": lambda link: (_target(link),),
}


def compare(old: Article, new: Article) -> tuple[FieldChange, ...]:
    """Return the fields of `COMPARED` that somebody edited; views, section and provenance are no edit.

    What `storage.sameness` takes for the same is none either. Of images, attachments and links `before` and
    `after` hold only the items that differ, as dicts side by side: `before[i]` became `after[i]`, and None
    stands where an item was added or removed. When nothing but the order of images or attachments differs,
    they hold both lists whole. A record kept before links were read says nothing of them.
    """
    body = max(old.body, new.body, key=len)
    return tuple(_change(name, before, after, body) for name, before, after in _edited(old, new))


def is_edited(old: Article, new: Article) -> bool:
    """Tell whether `compare` finds anything, without the words."""
    return any(True for _ in _edited(old, new))


def severity_of(changes: Iterable[FieldChange]) -> Severity | None:
    """Return the gravest severity among the fields, None when there are none."""
    return max((change.severity for change in changes), key=SEVERITIES.index, default=None)


def release_time_moved_back(changes: Iterable[FieldChange]) -> bool:
    """Tell whether the release time became earlier, compared at the precision both pages state."""
    moments = [
        at_one_precision(change.before, change.after) for change in changes if change.field == "release_time"
    ]
    return any(pair is not None and pair[1] < pair[0] for pair in moments)


def _edited(old: Article, new: Article) -> Iterator[tuple[str, Any, Any]]:
    for name in COMPARED:
        before, after = _sides(name, getattr(old, name), getattr(new, name))
        if before != after:
            yield name, before, after


def _change(name: str, before: Any, after: Any, body: str) -> FieldChange:
    shown = segments(before or "", after or "") if name in _WORDED else ()
    return FieldChange(name, before, after, judge(name, Edit(before, after, shown, body)), shown)


def _sides(name: str, old: Any, new: Any) -> tuple[Any, Any]:
    """Return what differs of a field on both sides, equal ones where nothing was edited."""
    if old == new or (name in _KEYS and None in (old, new)):
        return None, None
    if name in _WORDED:
        return (None, None) if plain(old or "") == plain(new or "") else (old, new)
    if name == "release_time":
        return old, new
    return _items(old, new, _KEYS[name], _SAID[name], ordered=name != "links")  # the body has their order


def _items(
    old: Sequence[Any],
    new: Sequence[Any],
    keys: Sequence[Callable[[Any], Hashable]],
    said: Callable[[Any], tuple[str, ...]],
    *,
    ordered: bool,
) -> tuple[Any, Any]:
    pairs = _pair(old, new, keys)
    moved = [pair for pair in pairs if not _same(*pair, said)]
    if not moved and ordered and [after for _, after in pairs] != list(new):
        moved = list(zip(old, new, strict=True))
    return [_as_dict(before) for before, _ in moved], [_as_dict(after) for _, after in moved]


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
    if isinstance(old[0] if old else None, Image):  # another picture in the same place stands for it
        for at in range(min(len(old), len(new))):
            if at not in became and at in free:
                became[at] = at
                del free[at]
    kept: list[_Pair] = [(item, new[became[at]] if at in became else None) for at, item in enumerate(old)]
    return kept + [(None, new[at]) for at in free]


def _same(before: _Item | None, after: _Item | None, said: Callable[[Any], tuple[str, ...]]) -> bool:
    """Tell whether nothing about the item was edited; what only one side knows of a file did not move."""
    if before is None or after is None or said(before) != said(after):
        return False
    if not isinstance(before, Attachment) or not isinstance(after, Attachment):
        return True
    return before.sha256 == after.sha256 or None in (before.sha256, after.sha256)


def _as_dict(item: _Item | None) -> dict[str, Any] | None:
    return None if item is None else asdict(item)
