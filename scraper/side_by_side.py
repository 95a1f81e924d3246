"""The stretches of a text in, its edited paragraphs as two sides of marked HTML out. Pure."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from html import escape

from scraper.terminal import safe
from storage.records import Segment
from storage.segments import excerpt

CONTEXT = 160  # kept characters shown beside a change
_SIDES = {
    "before": {"equal": "{}", "deleted": "<del{1}>{0}</del>", "moved_from": "<del class=moved{1}>{0}</del>"},
    "after": {"equal": "{}", "inserted": "<ins{1}>{0}</ins>", "moved_to": "<ins class=moved{1}>{0}</ins>"},
}
_LINES = re.compile(r"[^\n]+\n*|\n+")
_PARAGRAPHS = re.compile(r".+?(?:\n\n+|\Z)", re.DOTALL)
_Part = tuple[Segment, int]  # and its number, by which the two sides of an edit are known


def side_by_side(segments: Sequence[Segment]) -> tuple[list[tuple[str, str]], str | None]:
    """Return each edited paragraph as it was and as it is, and all of the text as it is now.

    What stays in a paragraph is cut to its ends; where nothing was left out the text is null.
    """
    parts = _numbered(segments)
    pieces = list(map(_cut, _pieces(parts)))
    rows = [(_marked(piece, "before").strip(), _marked(piece, "after").strip()) for piece in pieces]
    shown = sum(len(part.text) for piece in pieces for part, _ in piece)
    is_cut = shown < sum(len(part.text) for part in segments)
    return rows, _marked(parts, "after") if is_cut else None


def _cut(piece: list[_Part]) -> list[_Part]:
    if all(number or len(part.text) <= 2 * CONTEXT for part, number in piece):
        return piece
    cut = excerpt([part for part, _ in piece], CONTEXT)
    return [(part, number) for part, (_, number) in zip(cut, piece, strict=True)]


def _numbered(segments: Sequence[Segment]) -> list[_Part]:
    """Return the stretches, each edit with a number that both sides of it have; 0 is for what stays.

    Paragraphs that moved are taken one by one, for they may have moved apart. A lone edit needs no number.
    """
    numbers: defaultdict[object, int] = defaultdict(lambda: len(numbers) + 1)
    met: Counter[tuple[str, str]] = Counter()
    parts: list[_Part] = []
    for at, part in enumerate(segments):
        if part.op in ("moved_from", "moved_to"):
            for text in _LINES.findall(part.text):
                told = text.strip()
                met[part.op, told] += 1
                parts.append((Segment(part.op, text), numbers[told, met[part.op, told]]))
        elif part.op == "equal":
            parts += [(Segment("equal", text), 0) for text in _PARAGRAPHS.findall(part.text)]
        else:
            replaces = part.op == "inserted" and at and segments[at - 1].op == "deleted"
            parts.append((part, numbers[at - 1 if replaces else at]))
    return parts if len(numbers) > 1 else [(part, 0) for part, _ in parts]


def _pieces(parts: Sequence[_Part]) -> Iterator[list[_Part]]:
    """Yield the stretches of each edited paragraph, so that both sides stay level."""
    piece: list[_Part] = []
    for at, (part, number) in enumerate(parts):
        piece.append((part, number))
        more = at + 1 < len(parts) and (parts[at + 1][0].op != "equal" and part.op != "equal")
        if not more and all(_is_whole(piece, side) for side in _SIDES):
            if any(each.op != "equal" for each, _ in piece):
                yield piece
            piece = []
    if any(each.op != "equal" for each, _ in piece):
        yield piece


def _is_whole(piece: Sequence[_Part], side: str) -> bool:
    """Tell whether a side of a piece ends with a paragraph."""
    last = next((part.text for part, _ in reversed(piece) if part.op in _SIDES[side]), "")
    return not last or last.endswith("\n\n")


def _marked(parts: Sequence[_Part], side: str) -> str:
    """Return one side of a text; where only the other has something of an edit, its number."""
    marks = _SIDES[side]
    here = {0, *(number for part, number in parts if part.op in marks)}
    return "".join(
        _mark(part.text, marks[part.op], number) if part.op in marks else f"<span data-n={number}></span>"
        for part, number in parts
        if part.op in marks or (number not in here and part.op in ("deleted", "inserted"))
    )


def _mark(text: str, mark: str, number: int) -> str:
    """Return a stretch marked, the breaks at its end outside; a break that is all of an edit can be seen."""
    words = text.rstrip("\n")
    shown = words or ("" if mark == "{}" else "¶")
    breaks = text[len(words) :]
    return mark.format(_text(shown), f" data-n={number}" if number else "") + breaks


def _text(text: str) -> str:
    return "\n".join(escape(safe(line)) for line in text.split("\n"))
