"""Text and a width in, lines with hanging indents out, East Asian widths known. Pure: no printing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import StringIO

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.text import Text

from storage.sameness import CJK

_NARROWEST = 20
# A line may break between CJK characters, but not before a closing sign or after an opening one.
_OPEN = r"(?:\[-|\{\+|[（《「『【“‘(\[])*"
_CLOSE = r"(?:-\]|\+\}|[，。、；：！？）》」』】”’…,.;:!?)\]])*"
_UNIT = re.compile(rf"\s+|{_OPEN}[{CJK}]{_CLOSE}|[^\s{CJK}]+")
_FACT = re.compile(r"(?:\S|(?<![,:·])\s)+|\s+")  # `3 lists · 12 kB, 4 new` breaks after the signs alone


@dataclass(frozen=True, slots=True)
class Hanging:
    """Text wrapped to the right of its label; past `lines` it ends in `…`. `below` continues the label.

    `facts` are short ones between dots and commas, each kept in one piece.
    """

    text: Text
    label: Text = field(default_factory=Text)
    below: str | None = None
    lines: int | None = None
    facts: bool = False

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield one unbreakable line after the other."""
        width = max(options.max_width - self.label.cell_len, _NARROWEST)
        rows = list(self.text.divide(breaks(self.text.plain, width, _FACT if self.facts else _UNIT)))
        shown = rows[: self.lines]
        if len(shown) < len(rows):
            shown[-1].truncate(width - 1)
            shown[-1].append("…")
        below = " " * self.label.cell_len if self.below is None else self.below
        for number, row in enumerate(shown):
            row.rstrip()
            yield unbroken(Text.assemble(Text(below) if number else self.label, row))


@dataclass(frozen=True, slots=True)
class Shaded:
    """What reads one way where there is colour and another way where there is none: `build(color)`."""

    build: Callable[[bool], RenderableType]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield what suits the console."""
        yield self.build(console.color_system is not None and not console.no_color)


def unbroken(text: Text) -> Text:
    """Return the text as one line that is never wrapped or cut: an address stays whole, to be copied."""
    text.no_wrap, text.overflow = True, "ignore"
    return text


def breaks(text: str, width: int, unit: re.Pattern[str] = _UNIT) -> list[int]:
    """Return the offsets at which new lines of at most `width` terminal cells begin.

    A `unit` that fits into a line is not torn.
    """
    found, used = [], 0
    for start, size in _pieces(text, width, unit):
        if used and used + size > width and not text[start].isspace():
            found.append(start)
            used = 0
        used += size
    return found


def _pieces(text: str, width: int, unit: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Yield offset and cells of all that holds together; what is wider than a line falls into characters."""
    for piece in unit.finditer(text):
        size = cell_len(piece[0])
        if size <= width:
            yield piece.start(), size
        else:
            yield from ((piece.start() + at, cell_len(character)) for at, character in enumerate(piece[0]))


def to_text(renderable: RenderableType, width: int = 80) -> str:
    """Return what a terminal without colour would show, less trailing spaces; equal values, equal text."""
    console = Console(file=StringIO(), width=width, color_system=None, legacy_windows=False, _environ={})
    with console.capture() as capture:
        console.print(renderable, soft_wrap=True)
    return "".join(line.rstrip() + "\n" for line in capture.get().split("\n")[:-1])
