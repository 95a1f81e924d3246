"""The small markup of the sample articles: text in, the HTML a CMS editor would leave out. Pure.

    # heading      - list item      | cell | cell |      ![caption](file.png)      > signature, to the right

Blocks are separated by a blank line; anything else is a paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

_IMAGE = re.compile(r"!\[(.*)\]\((.+)\)")


@dataclass(frozen=True, slots=True)
class Look:
    """How a CMS writes a paragraph (`{}` is the text) and where it keeps pictures (`{}` is the file)."""

    paragraph: str
    picture: str


def to_html(markup: str, look: Look) -> str:
    """Return the blocks as HTML, one after the other."""
    return "\n".join(_WRITERS.get(block[0], _paragraph)(block, look) for block in blocks(markup))


def blocks(markup: str) -> list[str]:
    """Return the blocks, stripped."""
    return [block.strip() for block in re.split(r"\n\s*\n", markup.strip()) if block.strip()]


def paragraphs(markup: str) -> tuple[str, ...]:
    """Return the running text: the paragraphs that are no list, table, picture, heading or signature."""
    return tuple(block for block in blocks(markup) if block[0] not in _WRITERS)


def pictures(markup: str) -> tuple[str, ...]:
    """Return the files of the pictures, in order."""
    return tuple(match[2] for match in _IMAGE.finditer(markup))


def _paragraph(block: str, look: Look) -> str:
    return look.paragraph.format(escape(block, quote=False))


def _heading(block: str, look: Look) -> str:
    return look.paragraph.format(f"<strong>{escape(block[2:], quote=False)}</strong>")


def _list(block: str, look: Look) -> str:
    items = "".join(f"<li><p>{escape(line[2:], quote=False)}</p></li>" for line in block.splitlines())
    return f'<ul class=" list-paddingleft-2">{items}</ul>'


def _table(block: str, look: Look) -> str:
    rows = (
        "".join(f"<td>{escape(cell.strip())}</td>" for cell in line.strip("| ").split("|"))
        for line in block.splitlines()
    )
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f'<table border="1" cellspacing="0" cellpadding="4"><tbody>{body}</tbody></table>'


def _picture(block: str, look: Look) -> str:
    caption, file = _IMAGE.fullmatch(block).groups()  # type: ignore[union-attr]  # a malformed one should fail loudly
    source = look.picture.format(file)
    return (
        f'<p style="text-align:center;"><img src="{source}" alt="{escape(caption)}" width="64" height="40" />'
        "</p>\n"
        f'<p style="text-align:center;">{escape(caption, quote=False)}</p>'
    )


def _signature(block: str, look: Look) -> str:
    lines = (line.removeprefix("> ") for line in block.splitlines())
    return "\n".join(f'<p style="text-align:right;">{escape(line, quote=False)}</p>' for line in lines)


_WRITERS: dict[str, Callable[[str, Look], str]] = {
    "#": _heading,
    "-": _list,
    "|": _table,
    "!": _picture,
    ">": _signature,
}
