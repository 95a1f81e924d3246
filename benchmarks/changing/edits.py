"""What editors do to a page: (page, chance) in, the edited page and what a diff must say out. Pure.

Every kind is a function in `EDITS`; it returns None where a page gives no occasion.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from changing import blocks, facts, text, things
from changing.pages import Base
from changing.work import Made, Work

KINDS = (
    text.title_words, text.title_letter, text.title_capitals, text.letter, text.word, text.number,
    text.money, text.day_of_event, text.name, text.negation, text.called_off, text.sentence_added,
    text.sentence_removed, text.list_item, text.table_cell, blocks.paragraph_added,
    blocks.paragraph_removed, blocks.paragraph_moved, blocks.paragraph_split, blocks.paragraph_merged,
    blocks.stub, things.image_swapped, things.image_added, things.image_removed, things.caption,
    things.file_swapped, things.file_renamed, things.file_removed, things.file_bytes, things.link_target,
    things.link_hijacked, things.link_removed, facts.released_later, facts.released_earlier,
    facts.released_coarser, facts.author, facts.source, facts.editor, facts.section,
)  # fmt: skip
EDITS: dict[str, Callable[[Work], Made | None]] = {kind.__name__: kind for kind in KINDS}
# Two edits at once, the second made on the page the first left.
PAIRS = (
    ("title_words", "number"), ("released_earlier", "sentence_removed"), ("image_swapped", "letter"),
    ("link_hijacked", "paragraph_added"), ("file_swapped", "released_later"), ("paragraph_moved", "number"),
    ("author", "word"), ("title_letter", "image_removed"),
)  # fmt: skip
_GRAVITY = ("cosmetic", "minor", "substantive")


def both(first: str, second: str, base: Base, chance: random.Random) -> Made | None:
    """Make two edits one after the other."""
    one = EDITS[first](Work(base, chance))
    if one is None:
        return None
    # What the first edit changed is known of the page the second is made on.
    lines = (
        base.lines
        if not one.came
        else tuple(one.came if line and line in one.gone else line for line in base.lines)
    )
    title = one.came if "title" in one.fields else base.title
    day = None if "release_time" in one.fields else base.day
    two = EDITS[second](Work(replace(base, body=one.page, lines=lines, title=title, day=day), chance))
    if two is None:
        return None
    fields = dict(one.fields)
    for name_, severity in two.fields.items():
        fields[name_] = max(severity, fields.get(name_, severity), key=_GRAVITY.index)
    return replace(
        two, fields=fields, moved_back=one.moved_back or two.moved_back, gone="", came="", moved=one.moved
    )
