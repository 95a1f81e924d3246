"""Edits of paragraphs: added, removed, moved, split, merged, and a text cut to a stub. Pure."""

from __future__ import annotations

import copy
import re

from changing.text import sentence
from changing.work import ZH, Made, Node, Work, cut, folded


def paragraph_added(work: Work) -> Made | None:
    """A new paragraph."""
    block = work.pick(work.blocks)
    if block is None:
        return None
    new = copy.deepcopy(block)
    for child in list(new):
        new.remove(child)
    new.text, new.tail = ("　　" if work.zh else "") + sentence(work).strip(), "\n"
    block.addnext(new)
    return Made(work.page(), {"body": "substantive"}, came=new.text)


def paragraph_removed(work: Work) -> Made | None:
    """A paragraph less."""
    block = work.pick([block for block in work.blocks[1:] if _long(block)])
    if block is None:
        return None
    gone = block.text_content()
    cut(block)
    return Made(work.page(), {"body": "substantive"}, gone=gone)


def paragraph_moved(work: Work) -> Made | None:
    """A paragraph stands elsewhere."""
    long = [block for block in work.blocks if _long(block)]
    if len(long) < 3 or long[-1].getparent() is not long[0].getparent():
        return None
    block, place = long[0], long[-1]
    moved = block.text_content()
    cut(block)
    place.addnext(block)
    block.tail = place.tail
    return Made(work.page(), {"body": "minor"}, moved=moved)


def paragraph_split(work: Work) -> Made | None:
    """One paragraph made two."""
    stop = re.compile(r"(?<=。)(?=[^。]{6,})" if work.zh else r"(?<=\.)\s+(?=[A-Z]\w+\s)")
    block = work.pick([block for block in work.blocks if not len(block) and stop.search(block.text or "")])
    if block is None:
        return None
    first, second = stop.split(block.text, maxsplit=1)
    new = copy.deepcopy(block)
    block.text, new.text = first, second
    new.tail, block.tail = block.tail, "\n"
    block.addnext(new)
    return Made(work.page(), {"body": "cosmetic"})


def paragraph_merged(work: Work) -> Made | None:
    """Two paragraphs made one."""
    pairs = [
        (one, one.getnext())
        for one in work.blocks
        if one.getnext() in work.blocks
        and not len(one)
        and not len(one.getnext())
        and not (one.tail or "").strip()
    ]
    pair = work.pick(pairs)
    if pair is None:
        return None
    one, two = pair
    one.text = one.text.rstrip() + ("" if work.zh else " ") + two.text.lstrip()
    cut(two)
    return Made(work.page(), {"body": "cosmetic"})


def stub(work: Work) -> Made | None:
    """The text is cut down to its first paragraph."""
    if len(work.blocks) < 3 or sum(map(len, (folded(b.text_content()) for b in work.blocks[1:]))) < 60:
        return None
    gone = "\n".join(block.text_content() for block in work.blocks[1:])
    if any((value := getattr(work.base, who)) and value in gone for who in ("author", "source", "editor")):
        return None
    for block in work.blocks[1:]:
        cut(block)
    return Made(work.page(), {"body": "substantive"}, gone=gone)


def _long(block: Node) -> bool:
    text = block.text_content()
    return len(ZH.findall(text)) > 20 or len(text.split()) > 14
