"""Parquet: one schema with stable types, zstd, one file or a file for each site and year. Needs `pyarrow`.

Lists and objects are nested types. Rows are held until a row group is full, so memory stays the same however
many there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

from storage.errors import MissingExtra
from storage.export.signs import json_line, whole
from storage.export.tables import ARTICLES, Column, Row, Table
from storage.records import Article
from storage.target import target

try:
    import pyarrow as pa
    import pyarrow.parquet as pq
except ImportError as error:
    raise MissingExtra(
        "Parquet needs pyarrow: run `pip install 'campusnews[parquet]'`, or export another format"
    ) from error

ROWS, SIGNS = 10_000, 8_000_000  # of a row group: whichever is reached first
NO_YEAR = "__HIVE_DEFAULT_PARTITION__"  # what readers of such directories take for null
_FILE = [("url", pa.string()), ("name", pa.string()), ("media_type", pa.string()), ("size", pa.int64())]
_NESTED = {
    "images": pa.list_(pa.struct([("url", pa.string()), ("alt", pa.string())])),
    "attachments": pa.list_(pa.struct([*_FILE, ("sha256", pa.string())])),
    "links": pa.list_(pa.struct([("url", pa.string()), ("text", pa.string())])),
    "provenance": pa.map_(pa.string(), pa.string()),
    "counts": pa.map_(pa.string(), pa.int64()),
    "fields": pa.string(),  # JSON: before and after are texts of some fields, lists of others
}
_TYPES = {
    "text": pa.string(),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
    "day": pa.date32(),
    "time": pa.timestamp("ms", tz="UTC"),
}
# Few different values: a dictionary makes them small. It would only cost where every value is another.
_FEW = {
    "site",
    "section",
    "author",
    "source",
    "editor",
    "language",
    "state",
    "extractor_preset",
    "article_id",
}


def schema(table: Table = ARTICLES) -> pa.Schema:
    """Return the table's schema; the description of each column is in its metadata."""
    return pa.schema(
        [
            pa.field(
                column.name, _type(column), nullable=not column.needed, metadata={"comment": column.means}
            )
            for column in table.columns
        ]
    )


def write_parquet(items: Iterable[Any], out: BinaryIO, table: Table = ARTICLES) -> int:
    """Write the rows of the table as one file and return how many."""
    with _Groups(out, table) as groups:
        for item in items:
            for row in table.rows(item):
                groups.add(row)
    return groups.count


def write_partitions(articles: Iterable[Article], directory: Path) -> tuple[list[Path], int]:
    """Write `site=…/year=…/articles.parquet` below a directory; return the files and how many articles.

    The articles have to come site by site; of one site all years are open at a time.
    """
    files, count = [], 0
    for site, of_site in groupby(articles, lambda article: article.site):
        with ExitStack() as stack:
            years: dict[str, _Groups] = {}
            for article in of_site:
                year = article.release_time[:4] if article.release_time else NO_YEAR
                if year not in years:
                    path = directory / _place(site, year) / "articles.parquet"
                    path.parent.mkdir(parents=True, exist_ok=True)
                    files.append(path)
                    out = stack.enter_context(target(path, force=True))
                    years[year] = stack.enter_context(_Groups(out, ARTICLES))
                for row in ARTICLES.rows(article):
                    years[year].add(row)
                if sum(groups.signs for groups in years.values()) > 2 * SIGNS:
                    max(years.values(), key=lambda groups: groups.signs).flush()
                count += 1
    return sorted(files), count


def _place(site: str, year: str) -> str:
    return f"site={quote(site, safe='')}/year={quote(year, safe='')}"


class _Groups:
    """A Parquet file that is written row group by row group."""

    def __init__(self, out: BinaryIO, table: Table) -> None:
        self.count = self.signs = 0
        self._table, self._schema, self._rows = table, schema(table), list[Row]()
        few = [name for name in table.names if name in _FEW]
        self._writer = pq.ParquetWriter(out, self._schema, compression="zstd", use_dictionary=few)

    def __enter__(self) -> _Groups:
        return self

    def __exit__(self, kind: object, *rest: object) -> None:
        if kind is None:
            self.flush()
            self._writer.close()

    def add(self, row: Row) -> None:
        """Take a row."""
        self._rows.append(row)
        self.count += 1
        self.signs += sum(len(value) for value in row if isinstance(value, str))
        if len(self._rows) >= ROWS or self.signs >= SIGNS:
            self.flush()

    def flush(self) -> None:
        """Write what was taken as a row group."""
        if self._rows:
            columns = zip(self._table.columns, zip(*self._rows, strict=True), strict=True)
            arrays = [pa.array(list(_values(column, values)), _type(column)) for column, values in columns]
            self._writer.write_table(pa.table(arrays, self._schema))
        self._rows.clear()
        self.signs = 0


def _type(column: Column) -> pa.DataType:
    return _NESTED[column.name] if column.kind in ("array", "object") else _TYPES[column.kind]


def _values(column: Column, values: Iterable[Any]) -> Iterator[Any]:
    read = _READ.get(column.name) or _READ.get(column.kind)
    return (None if value is None else read(value) if read else value for value in values)


def _mapping(value: dict[str, Any]) -> list[tuple[str, Any]]:
    return sorted((whole(name), _whole(held)) for name, held in value.items())


def _whole(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _whole(part) for name, part in value.items()}
    return whole(value) if isinstance(value, str) else value


# Of a column's name, else of its kind: what pyarrow takes for it.
_READ: dict[str, Any] = {
    "text": whole,
    "day": date.fromisoformat,
    "time": datetime.fromisoformat,
    "object": _mapping,
    "array": lambda value: [_whole(item) for item in value],
    "fields": lambda value: json_line(value).decode().rstrip("\n"),
}
