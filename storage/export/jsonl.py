"""JSON Lines: UTF-8, one record a line, the lossless form. Writes only to the file object given."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, BinaryIO

from storage.export.signs import json_line
from storage.export.tables import ARTICLES, Table
from storage.records import Article


def write_jsonl(items: Iterable[Any], out: BinaryIO, table: Table = ARTICLES) -> int:
    """Write a line for each article (the record), or row of another table; return how many lines.

    Equal items give equal bytes.
    """
    count = 0
    for item in items:
        for line in _lines(item, table):
            out.write(json_line(line))
            count += 1
    return count


def _lines(item: Any, table: Table) -> Iterable[dict[str, Any]]:
    if table is ARTICLES:
        return [_record(item)]
    return (dict(zip(table.names, row, strict=True)) for row in table.rows(item))


def _record(article: Article) -> dict[str, Any]:
    record = article.to_json()
    record["provenance"] = dict(sorted(record["provenance"].items()))
    return record
