"""Noise inside the text: wrappers of editors' programs, spaces, widths, shapes of signs. Pure."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from lxml import etree

from changing.pages import Base
from changing.work import Slot, Work, source, texts

_WIDE = str.maketrans("，。：；！？（）“”", ',.:;!?()""')


def wrappers(base: Base, chance: random.Random) -> str | None:
    """The editor's program puts font and span around the texts it saves."""
    work = Work(base, chance)
    for slot in work.slots:
        if not slot.tail and slot.text.strip():
            wrapper = etree.Element(chance.choice(("span", "font")), {"style": "font-size:16px"})
            wrapper.text, slot.node.text = slot.text, None
            for child in list(slot.node):
                wrapper.append(child)
            slot.node.append(wrapper)
    return source(work) if work.slots else None


def zero_width(base: Base, chance: random.Random) -> str | None:
    """Signs of no width stand between the characters."""
    return _in_texts(
        base, chance, lambda text: text[: len(text) // 2] + "\u200b" + text[len(text) // 2 :] + "\ufeff"
    )


def hard_spaces(base: Base, chance: random.Random) -> str | None:
    """Hard and wide spaces for plain ones, and more of them at the end of a paragraph."""
    return _in_texts(base, chance, lambda text: text.replace(" ", "\u00a0") + "\u3000\u00a0", whole=True)


def more_space(base: Base, chance: random.Random) -> str | None:
    """More white space, line breaks of the source, and blanks around Chinese signs."""
    return _in_texts(base, chance, lambda text: re.sub(r"([，。；])", "\\1 ", text).replace(" ", " \n\t "))


def width(base: Base, chance: random.Random) -> str | None:
    """Signs in half width for full ones."""
    return _in_texts(base, chance, lambda text: text.translate(_WIDE), title=True)


def full_width(base: Base, chance: random.Random) -> str | None:
    """Figures and signs in full width."""
    return _in_texts(base, chance, lambda text: re.sub("[1%,(]", lambda m: chr(ord(m[0]) + 0xFEE0), text))


def curly_quotes(base: Base, chance: random.Random) -> str | None:
    """A plug-in that makes quotes, dashes and dots typographic."""
    return _in_texts(
        base,
        chance,
        lambda text: re.sub(
            r"(?<=\w)-(?=\w)",
            "\u2010",
            text.replace("'", "’").replace("...", "…").replace("“", "「").replace("”", "」"),
        ),
    )


def _in_texts(
    base: Base,
    chance: random.Random,
    change: Callable[[str], str],
    *,
    title: bool = False,
    whole: bool = False,
) -> str | None:
    work = Work(base, chance)
    slots: list[Slot] = [
        slot for slot in work.slots if not whole or (slot.parent in work.blocks and not len(slot.parent))
    ]
    if title:
        slots += [slot for slot in texts(work.tree) if slot.text.strip() == base.title]
    moved = 0
    for slot in slots:
        new = change(slot.text)
        moved += new != slot.text
        slot.text = new
    return source(work) if moved else None
