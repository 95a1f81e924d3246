"""Two texts in, the stretches kept, deleted, inserted and moved out: by word, by character in CJK. Pure.

Joining the equal and inserted stretches and those moved to there gives the new text back, the equal and
deleted ones and those moved from there the old, but for what is no edit: that is shown as it is now.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby, zip_longest
from typing import NamedTuple

from storage.alignment import BUDGET, Matcher, anchors, trim
from storage.records import Segment
from storage.sameness import CJK, plain

_PARAGRAPH = re.compile(r"([^\n]*)(\n*)")
_BREAKS = re.compile(r"\n+")
_SENTENCE = re.compile(r".+?(?:[。！？；]+[”’」』]*|[.!?;]+\s+|\n+|\Z)", re.DOTALL)
# Numbers, dates and compounds hold together: 1,200 and 13:00 and 2023-09-23 are one token each.
_TOKEN = re.compile(rf"\s+|[{CJK}]|[^\W{CJK}]+(?:[.,:/'’-][^\W{CJK}]+)*|.", re.DOTALL)

_Paragraphs = list[tuple[str, str]]  # each and the line breaks after it
LEAST_MOVED = 20  # characters from which on a paragraph is known again elsewhere


class _Block(NamedTuple):
    """What stands in the old text, and what in its place in the new one; a `moved` one stands in both."""

    old: str
    new: str
    moved: bool = False


def tokens(text: str) -> list[str]:
    """Return the words, CJK characters, signs and white spaces of a text; they join to it again."""
    return _TOKEN.findall(text)


def segments(old: str, new: str) -> tuple[Segment, ...]:
    """Return the stretches in reading order; a deletion stands before what was inserted in its place.

    Aligned by paragraph, then by sentence where paragraphs differ, then by token where sentences do.
    """
    blocks: Iterable[_Block] = _with_moves(list(_by_paragraph(old, new)))
    for split in (_SENTENCE.findall, tokens):
        blocks = _refine(blocks, split)
    told = [_without_noise(block) for block in blocks if block.old or block.new]
    return tuple(_name(_slid(_tidy(_without_ends(told)))))


def excerpt(shown: Iterable[Segment], context: int = 40) -> tuple[Segment, ...]:
    """Return the stretches with at most `context` kept characters beside each change, `…` for the rest."""
    parts = tuple(shown)
    return tuple(
        Segment("equal", _ends(part.text, context if at else 0, context if at < len(parts) - 1 else 0))
        if part.op == "equal"
        else part
        for at, part in enumerate(parts)
    )


def _ends(text: str, head: int, tail: int) -> str:
    if len(text) <= head + tail + 1:
        return text
    # A word that the cut would go through is left out: one character more shows whether it does.
    opening, closing = tokens(text[: head + 1])[:-1], tokens(text[len(text) - tail - 1 :])[1:]
    return "".join(opening) + "…" + "".join(closing)


def _by_paragraph(old: str, new: str) -> Iterator[_Block]:
    """Yield the texts aligned at the paragraphs that occur once in each, as many in order as there are."""
    before, after = _paragraphs(old), _paragraphs(new)
    i = k = 0
    for at, to in [*anchors([text for text, _ in before], [text for text, _ in after]), (None, None)]:
        yield from _between(before[i:at], after[k:to])
        if at is not None and to is not None:
            yield _Block(before[at][0], after[to][0])
            yield _Block(before[at][1], after[to][1])
            i, k = at + 1, to + 1


def _between(old: _Paragraphs, new: _Paragraphs) -> Iterator[_Block]:
    """Yield what lies between anchors: one by one where as many paragraphs are each alike, else as one."""
    if (
        len(old) != len(new)
        or len(old) < 2
        or not all(_alike(one, other) for (one, _), (other, _) in zip(old, new, strict=True))
    ):
        yield _Block(_text(old), _text(new))
        return
    for one, other in zip(old, new, strict=True):
        yield from map(_Block, one, other)


def _alike(old: str, new: str) -> bool:
    """Tell whether two paragraphs share most of their words, wherever these stand."""
    left, right = (Counter(filter(str.strip, tokens(text))) for text in (old, new))
    return 2 * (left & right).total() > max(left.total(), right.total())


def _paragraphs(text: str) -> _Paragraphs:
    """Return each paragraph and the line breaks after it."""
    return _PARAGRAPH.findall(text)[:-1]  # the last match is the end


def _text(paragraphs: Iterable[tuple[str, str]]) -> str:
    return "".join(text + breaks for text, breaks in paragraphs)


def _with_moves(blocks: Sequence[_Block]) -> Iterator[_Block]:
    """Yield the blocks, each paragraph that left one of them for another as a block of its own."""
    differ = [block for block in blocks if block.old != block.new]
    gone = Counter(text for block in differ for text, _ in _paragraphs(block.old))
    come = Counter(text for block in differ for text, _ in _paragraphs(block.new))
    moved = Counter({text: n for text, n in (gone & come).items() if len(text) >= LEAST_MOVED})
    left, right = moved.copy(), moved.copy()
    for block in blocks:
        if block.old == block.new or not moved:
            yield block
            continue
        pairs = zip_longest(*_level(_parted(block.old, left), _parted(block.new, right)), fillvalue="")
        for at, (old, new) in enumerate(pairs):
            yield from (_Block(old, "", True), _Block("", new, True)) if at % 2 else (_Block(old, new),)


def _level(old: list[str], new: list[str]) -> tuple[list[str], list[str]]:
    """Return the two, one with nothing put before it, so that the longest of what stays are level."""
    at, to = _longest(old), _longest(new)
    return [""] * max(0, to - at) + old, [""] * max(0, at - to) + new


def _longest(parted: list[str]) -> int:
    return max(range(0, len(parted), 2), key=lambda at: len(parted[at]), default=0)


def _parted(text: str, moved: Counter[str]) -> list[str]:
    """Return what stays of a text and what moved, by turns, what stays first; counts down what moved."""

    def has_moved(paragraph: tuple[str, str]) -> bool:
        moved[paragraph[0]] -= 1
        return moved[paragraph[0]] >= 0

    runs = [(key, _text(parts)) for key, parts in groupby(_paragraphs(text), has_moved)]
    return ["", *(run for _, run in runs)] if runs and runs[0][0] else [run for _, run in runs]


def _refine(blocks: Iterable[_Block], split: Callable[[str], list[str]]) -> Iterator[_Block]:
    """Yield the blocks with every pair that differs split and aligned, as far as the budget goes."""
    budget = BUDGET
    for block in blocks:
        if block.old == block.new or not block.old or not block.new:
            yield block
            continue
        head, old, new, tail = trim(split(block.old), split(block.new))
        matcher = Matcher(old, new, budget)
        yield _join(head, head)
        yield from (_join(old[i:j], new[k:n]) for _, i, j, k, n in matcher.get_opcodes())
        budget = matcher.budget
        yield _join(tail, tail)


def _join(old: Iterable[str], new: Iterable[str]) -> _Block:
    return _Block("".join(old), "".join(new))


def _without_noise(block: _Block) -> _Block:
    """Return the block, one in which nobody edited anything as it is now; a line break is an edit."""
    if block.old == block.new or block.moved or ("\n" in block.old) != ("\n" in block.new):
        return block
    return _Block(block.new, block.new) if plain(block.old) == plain(block.new) else block


def _without_ends(blocks: Sequence[_Block]) -> Iterator[_Block]:
    """Yield the blocks, without the breaks that a paragraph needs where it moved to, or from, an end."""
    for at, block in enumerate(blocks):
        beside = any(each.moved for each in (*blocks[max(0, at - 1) : at], *blocks[at + 1 : at + 2]))
        both = block.old + block.new
        is_end = beside and not block.moved and block.old != block.new and not both.strip("\n")
        yield _Block(block.new, block.new) if is_end else block


def _tidy(blocks: Iterable[_Block]) -> list[_Block]:
    """Return the blocks with neighbours of one kind joined, and edits over a rest too short to read."""
    kept: list[_Block] = []
    for block in (block for block in blocks if block.old or block.new):
        kept.append(block)
        while count := _joinable(kept):
            kept[-count:] = [
                _join((each.old for each in kept[-count:]), (each.new for each in kept[-count:]))
            ]
    return kept


def _joinable(kept: list[_Block]) -> int:
    """Return how many of the last blocks make one: 2 of a kind, 3 with a short rest between edits, or 0."""
    if any(block.moved for block in kept[-3:]):
        return 0
    edited = [block.old != block.new for block in kept[-3:]]
    if len(edited) > 1 and edited[-1] == edited[-2]:
        return 2
    if len(edited) == 3 and edited[-1] and _short(kept[-2].old, kept[-3], kept[-1]):
        return 3
    return 0


def _short(rest: str, before: _Block, after: _Block) -> bool:
    edits = min(max(len(block.old), len(block.new)) for block in (before, after))
    return "\n" not in rest and (rest.isspace() or 2 * len(rest) <= edits)


def _slid(blocks: list[_Block]) -> list[_Block]:
    """Return the blocks, what was only put in or taken out from the start of a paragraph where it may be.

    Between `more` and `. The end.` both `. New` and, one sign further on, `New. ` were put in.
    """
    for at in range(1, len(blocks) - 1):
        before, edit, after = blocks[at - 1 : at + 2]
        if before.old != before.new or after.old != after.new or edit.moved or (edit.old and edit.new):
            continue
        text, whole = edit.old or edit.new, before.new + (edit.old or edit.new) + after.new
        start = len(before.new) + _slide(before.new, text, after.new)
        if 0 < start < len(whole) - len(text):
            shifted = whole[start : start + len(text)]
            blocks[at - 1] = _Block(whole[:start], whole[:start])
            blocks[at] = _Block(shifted if edit.old else "", shifted if edit.new else "")
            blocks[at + 1] = _Block(whole[start + len(text) :], whole[start + len(text) :])
    return blocks


def _slide(before: str, text: str, after: str) -> int:
    """Return how far on (less than 0: back) the text stands as well, and begins a paragraph."""
    if before.endswith("\n"):
        return 0
    if (breaks := _BREAKS.search(text)) and after.startswith(text[: breaks.end()]):
        return breaks.end()
    tail = text[text.rfind("\n") + 1 :]
    begins = before.endswith(tail) and before[: len(before) - len(tail)].endswith("\n")
    return -len(tail) if begins and tail != text else 0


def _name(blocks: Iterable[_Block]) -> Iterator[Segment]:
    for old, new, moved in blocks:
        if old == new:
            yield Segment("equal", old)
            continue
        if old:
            yield Segment("moved_from" if moved else "deleted", old)
        if new:
            yield Segment("moved_to" if moved else "inserted", new)
