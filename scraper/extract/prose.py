"""The lines of an article in, its text out: paragraphs apart, the cells of a row side by side. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise

from scraper.extract.document import Line
from scraper.index import Element

_CELLS = ("td", "th")
_WIDEST = 120  # characters of a cell beyond which a table only lays the page out


def prose(lines: Sequence[Line]) -> str:
    """Return the text: paragraphs separated by a blank line, the rows of one table by a line break."""
    blocks = groupby(((_row_of(line), line) for line in lines), key=lambda each: _table_of(each[0]))
    return "\n\n".join(
        "\n\n".join(line.text for _, line in group) if table is None else _tabled(list(group))
        for table, group in blocks
    )


def _tabled(lines: list[tuple[Element | None, Line]]) -> str:
    """Return a table as rows; one with a row whose cells hold more than a line each as plain paragraphs."""
    rows = [[line for _, line in row] for _, row in groupby(lines, key=lambda each: each[0])]
    if not all(_is_row(row) for row in rows) or all(len(row) == 1 for row in rows):
        return "\n\n".join(line.text for row in rows for line in row)
    return "\n".join(" | ".join(line.text for line in row) for row in rows)


def _is_row(row: list[Line]) -> bool:
    cells = [_cell_of(line) for line in row]
    one_each = all(one is not next_one for one, next_one in pairwise(cells))
    return one_each and all(len(line.text) <= _WIDEST for line in row)


def _cell_of(line: Line) -> Element | None:
    """Return the cell a line is alone in its block in: the block itself or the one around it."""
    block: Element | None = line.block
    for _ in range(2):
        if block is None or block.tag in _CELLS:
            break
        block = block.getparent()
    return block if block is not None and block.tag in _CELLS else None


def _row_of(line: Line) -> Element | None:
    cell = _cell_of(line)
    return cell.getparent() if cell is not None else None


def _table_of(row: Element | None) -> Element | None:
    return row.getparent() if row is not None and row.tag == "tr" else None
