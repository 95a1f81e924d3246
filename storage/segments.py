"""Two texts in, the stretches kept, deleted and inserted out: by word in Latin script, by character in CJK.

Pure. Joining the equal and deleted stretches gives the old text back, the equal and inserted ones the new.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from difflib import SequenceMatcher
from itertools import takewhile

from storage.records import Segment

# Steps that one level of one comparison may cost (see `_cost`): one to two seconds on texts made to be slow.
# It is reached when about 7,000 words, characters or lines lie between the first and the last that differ.
# Stretches past it stay as coarse as the level before left them.
BUDGET = 5_000_000
CJK = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_PARAGRAPH = re.compile(r"[^\n]*\n+|[^\n]+")
_SENTENCE = re.compile(r".+?(?:[。！？；]+[”’」』]*|[.!?;]+\s+|\n+|\Z)", re.DOTALL)
# Numbers, dates and compounds hold together: 1,200 and 13:00 and 2023-09-23 are one token each.
_TOKEN = re.compile(rf"\s+|[{CJK}]|[^\W{CJK}]+(?:[.,:/'’-][^\W{CJK}]+)*|.", re.DOTALL)

_Block = tuple[str, str]  # what stands in the old text, and what in its place in the new one


def tokens(text: str) -> list[str]:
    """Return the words, CJK characters, signs and white spaces of a text; they join to it again."""
    return _TOKEN.findall(text)


def segments(old: str, new: str) -> tuple[Segment, ...]:
    """Return the stretches in reading order; a deletion stands before what was inserted in its place.

    Aligned by paragraph, then by sentence where paragraphs differ, then by token where sentences do.
    """
    blocks: Iterable[_Block] = [(old, new)]
    for split in (_PARAGRAPH.findall, _SENTENCE.findall, tokens):
        blocks = _refine(blocks, split)
    return tuple(_name(_tidy(blocks)))


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


def _refine(blocks: Iterable[_Block], split: Callable[[str], list[str]]) -> Iterator[_Block]:
    """Yield the blocks with every pair that differs split and aligned, as far as the budget goes."""
    budget = BUDGET
    for block in blocks:
        if block[0] == block[1] or not all(block):
            yield block
            continue
        head, old, new, tail = _trim(split(block[0]), split(block[1]))
        cost = _cost(old, new)
        yield _join(head, head)
        if cost <= budget:
            budget -= cost
            yield from _align(old, new)
        else:
            yield _join(old, new)
        yield _join(tail, tail)


def _trim(old: list[str], new: list[str]) -> tuple[list[str], list[str], list[str], list[str]]:
    """Return the common head, both middles, the common tail."""
    head = _common(old, new)
    tail = _common(reversed(old[head:]), reversed(new[head:]))
    return old[:head], old[head : len(old) - tail], new[head : len(new) - tail], old[len(old) - tail :]


def _common(old: Iterable[str], new: Iterable[str]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))


def _cost(old: list[str], new: list[str]) -> int:
    """Return the steps difflib may take: the equal pairs it walks, and its scans past many small edits."""
    left, right = Counter(old), Counter(new)
    pairs = sum(count * right[part] for part, count in left.items() if not part.isspace())
    return pairs + len(old) * len(new) // 10


def _align(old: list[str], new: list[str]) -> Iterator[_Block]:
    # White space never seeds a match, else every word is weighed against every space.
    matcher = SequenceMatcher(str.isspace, old, new, autojunk=False)
    for _, i, j, k, n in matcher.get_opcodes():
        yield _join(old[i:j], new[k:n])


def _join(old: Iterable[str], new: Iterable[str]) -> _Block:
    return "".join(old), "".join(new)


def _tidy(blocks: Iterable[_Block]) -> list[_Block]:
    """Return the blocks with neighbours of one kind joined, and edits over a rest too short to read."""
    kept: list[_Block] = []
    for block in filter(any, blocks):
        kept.append(block)
        while count := _joinable(kept):
            kept[-count:] = [_join(*zip(*kept[-count:], strict=True))]
    return kept


def _joinable(kept: list[_Block]) -> int:
    """Return how many of the last blocks make one: 2 of a kind, 3 with a short rest between edits, or 0."""
    edited = [old != new for old, new in kept[-3:]]
    if len(edited) > 1 and edited[-1] == edited[-2]:
        return 2
    if len(edited) == 3 and edited[-1] and _short(kept[-2][0], kept[-3], kept[-1]):
        return 3
    return 0


def _short(rest: str, before: _Block, after: _Block) -> bool:
    edits = min(max(map(len, before)), max(map(len, after)))
    return "\n" not in rest and (rest.isspace() or 2 * len(rest) <= edits)


def _name(blocks: Iterable[_Block]) -> Iterator[Segment]:
    for old, new in blocks:
        if old == new:
            yield Segment("equal", old)
            continue
        if old:
            yield Segment("deleted", old)
        if new:
            yield Segment("inserted", new)
