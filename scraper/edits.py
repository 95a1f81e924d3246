"""One changed field in, the lines that show what moved in it out. Pure: rich values, no printing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from rich.text import Text

from scraper.terminal import safe
from storage.records import FieldChange, Segment
from storage.sameness import domain_of, name_of
from storage.segments import excerpt

CONTEXT = 24  # kept characters shown beside a change
LONGEST = 240  # characters shown of one stretch, its ends
_MARKS = {
    "equal": ("", "", ""),
    "deleted": ("[-", "-]", "red strike"),
    "inserted": ("{+", "+}", "green"),
    "moved_from": ("[<", "<]", "magenta strike"),
    "moved_to": ("{>", ">}", "magenta"),
}
_DETAILS = {"media_type": "type", "url": "address"}

_Item = Mapping[str, Any]


def edit_lines(field: FieldChange, *, color: bool = False, moved_back: bool = False) -> Iterator[Text]:
    """Yield the lines: words marked in their context, times side by side, a line for each item of a list."""
    if isinstance(field.before, list):
        yield from _items(field.before, field.after)
    elif field.field == "release_time":
        back = ("  moved back", "bold red") if moved_back else ""
        if field.before is None or field.after is None:
            gone = f"not given any more, was {stated(field.before)}"
            yield Text(gone if field.after is None else f"{stated(field.after)}, not given before")
        else:
            yield Text.assemble(stated(field.before), " → ", stated(field.after), back)
    else:
        yield _words(excerpt(field.segments, CONTEXT), color)
        if field.severity == "cosmetic":
            yield Text("only capitals, spaces or paragraph breaks", "dim")


def named(item: _Item) -> str:
    """Return what a person would call a picture or file: its name, its caption, the end of its address."""
    path = item["url"].partition("?")[0]
    return safe(
        item.get("name")
        or item.get("alt")
        or item.get("text")
        or unquote(path.rstrip("/").rpartition("/")[2])
    )


def done(old: _Item | None, new: _Item | None) -> str:
    """Return what was done to a picture, file or link, as a word that follows its name."""
    if old is None or new is None:
        return "added" if old is None else "removed"
    if "text" in new:
        here, there = domain_of(old["url"]), domain_of(new["url"])
        return "leads elsewhere" if here == there else f"leads to {safe(there)} now"
    if old.get("sha256") != new.get("sha256"):
        return "replaced under the same name" if old["name"] == new["name"] else "replaced"
    if old["url"] == new["url"]:
        return "renamed" if old.get("name") != new.get("name") else "changed"
    return "moved" if old.get("sha256") or name_of(old["url"]) == name_of(new["url"]) else "replaced"


def size(count: int) -> str:
    """Return a number of bytes in the unit that suits it."""
    for unit, scale in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= scale:
            return f"{count / scale:.1f} {unit}"
    return f"{count} B"


def stated(moment: str | None) -> str:
    """Return a release time as precise as the page states it."""
    return safe(moment).replace("T", " ") if moment else "none"


def _words(segments: Iterable[Segment], color: bool) -> Text:
    text = Text()
    for segment in segments:
        opening, closing, style = _MARKS[segment.op]
        words = _one_line(segment.text)
        text.append(words if color else opening + words + closing, style if color else "")
    return text


def _one_line(text: str) -> str:
    if len(text) > LONGEST:
        half = LONGEST // 2
        text = f"{text[:half]}… ({len(text) - 2 * half:,} more characters) …{text[-half:]}"
    return " ¶ ".join(map(safe, text.split("\n\n")))


def _items(before: Sequence[_Item | None], after: Sequence[_Item | None]) -> Iterator[Text]:
    if sorted(map(repr, before)) == sorted(map(repr, after)):
        yield Text("the same, in another order")
        return
    for old, new in zip(before, after, strict=True):
        if new is None:
            yield Text(f"removed {named(old or {})}", "red")
        elif old is None:
            yield Text(f"added {named(new)}", "green")
        else:
            yield Text(f"{named(old)} {done(old, new)}: {', '.join(_differences(old, new))}")


def _differences(old: _Item, new: _Item) -> Iterator[str]:
    for name in old:
        if old[name] != new[name]:
            yield f"{_DETAILS.get(name, name)} {_value(name, old[name])} → {_value(name, new[name])}"


def _value(name: str, value: Any) -> str:
    if value is None:
        return "unknown"
    if name == "size":
        return size(value)
    return safe(str(value))[:12] if name == "sha256" else safe(str(value))
