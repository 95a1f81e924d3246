"""CSV as RFC 4180 has it, in UTF-8, no cell of which a spreadsheet takes for a formula.

A text that begins like a formula, or with an apostrophe, gets an apostrophe before it: take one away from
each cell that begins with one, and the text is as it was. Lists and objects are JSON.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from typing import Any, BinaryIO

from storage.export.signs import json_line, whole
from storage.export.tables import ARTICLES, Kind, Table

# Also full-width, as East Asian spreadsheets read it, and behind blanks that are dropped on opening.
_FORMULA = re.compile("[\\s\\x00\u200b\ufeff]*[=+\\-@＝＋－＠]|[\t\r\n']")


def write_csv(items: Iterable[Any], out: BinaryIO, table: Table = ARTICLES) -> int:
    """Write a header and a row for each row of the table; return how many rows."""
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    try:
        writer = csv.writer(text)
        writer.writerow(table.names)
        kinds = [column.kind for column in table.columns]
        count = 0
        for item in items:
            for row in table.rows(item):
                writer.writerow([_cell(value, kind) for value, kind in zip(row, kinds, strict=True)])
                count += 1
    finally:
        text.detach()  # the file is the caller's to close
    return count


def _cell(value: Any, kind: Kind) -> str:
    if value is None:
        return ""
    if kind in ("integer", "boolean"):
        return str(value).lower()
    if kind in ("array", "object"):
        return json_line(value).decode().rstrip("\n")
    return inert(whole(value))


def inert(text: str) -> str:
    """Return the text so that a spreadsheet shows it and never runs it."""
    return "'" + text if _FORMULA.match(text) else text
