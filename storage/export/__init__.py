"""An archive in, a file in one of `FORMATS` out: whole or not at all, never over another without leave."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

from storage.target import target

if TYPE_CHECKING:  # the command's help needs the names of the formats, not the catalogue
    from storage.choice import Choice
    from storage.export.evidence import Shown
    from storage.reader import Reader

Exporter = Callable[..., int]


class Format(NamedTuple):
    """Where the exporter lives, imported when asked for since some need an extra; what it takes and makes."""

    writer: str
    takes: Literal["rows", "articles", "news", "tables", "records", "replay"]
    suffix: str
    media_type: str
    is_binary: bool = False


FORMATS = {
    "jsonl": Format("storage.export.jsonl:write_jsonl", "rows", ".jsonl", "application/jsonl"),
    "csv": Format("storage.export.commas:write_csv", "rows", ".csv", "text/csv"),
    "parquet": Format(
        "storage.export.parquet:write_parquet", "rows", ".parquet", "application/vnd.apache.parquet", True
    ),
    "sqlite": Format(
        "storage.export.sqlite:write_sqlite", "tables", ".sqlite", "application/vnd.sqlite3", True
    ),
    "jsonld": Format("storage.export.jsonld:write_jsonld", "articles", ".jsonld", "application/ld+json"),
    "atom": Format("storage.export.atom:write_atom", "news", ".atom", "application/atom+xml"),
    "jsonfeed": Format(
        "storage.export.jsonfeed:write_jsonfeed", "news", ".feed.json", "application/feed+json"
    ),
    "wacz": Format("storage.export.wacz:write_wacz", "replay", ".wacz", "application/wacz", True),
    "cdxj": Format("storage.export.cdxj:write_cdxj", "records", ".cdxj", "text/x-cdxj"),
}
IN_DATASET = ("jsonl", "csv")  # unless told otherwise
TABLES = ("articles", "versions", "views", "changes", "runs")  # `storage.export.tables` says of what


def export(
    items: Iterable[Any], format: str, path: Path | None = None, *, force: bool = False, **options: Any
) -> int:
    """Write what the format takes to `path`, or to standard output, and return how many records.

    A path that ends in `.gz` is packed, the same bytes each time.
    Raises `TargetExists` when there is such a file and `force` was not given, `TargetRefused` when the place
    cannot be written, `MissingExtra` when the format needs a part that is not installed. A reader that closes
    the pipe early raises BrokenPipeError, which is no fault.
    """
    write = exporter(format)
    with target(path, force=force) as out:
        if path is None or path.suffix != ".gz":
            return write(items, out, **options)
        with gzip.GzipFile("", "wb", 6, out, mtime=0) as packed:
            return write(items, packed, **options)


def export_archive(
    archive: Reader,
    format: str,
    path: Path | None = None,
    *,
    choice: Choice | None = None,
    table: str = "articles",
    limit: int | None = None,
    url: str | None = None,
    shown: Shown | None = None,
    force: bool = False,
) -> int:
    """Write what a choice takes of an archive, as `export` does.

    `table` is for the formats of rows, `limit` (entries, the newest) and `url` (where it will be published)
    for feeds. `shown` is for formats of WARC records: what beside the files of its record a page needs to
    look as it did (`scraper.assets.shown`); only a choice asks for it.
    """
    from storage.choice import ALL

    items, options = taken(archive, format, choice or ALL, table=table, limit=limit, url=url, shown=shown)
    return export(items, format, path, force=force, **options)


def exporter(format: str) -> Exporter:
    """Return the function that writes a format."""
    module, _, name = FORMATS[format].writer.partition(":")
    return cast(Exporter, getattr(import_module(module), name))


def taken(
    archive: Reader,
    format: str,
    choice: Choice,
    *,
    table: str,
    limit: int | None,
    url: str | None,
    shown: Shown | None = None,
) -> tuple[Iterable[Any], dict[str, Any]]:
    """Return what a format takes of an archive, and what its exporter has to be told beside."""
    takes = FORMATS[format].takes
    if takes == "articles":
        return archive.chosen(choice), {}
    if takes == "news":
        return _news(archive, choice, limit, url)
    if takes in ("records", "replay"):
        from storage.export.evidence import records

        return records(archive, choice, shown), _listed(archive, choice) if takes == "replay" else {}
    from storage.export.tables import TABLES

    if takes == "rows":
        return TABLES[table].items(archive, choice), {"table": TABLES[table]}
    return ((each, each.items(archive, choice)) for each in TABLES.values()), {}


def _news(
    archive: Reader, choice: Choice, limit: int | None, url: str | None
) -> tuple[Iterator[Any], dict[str, Any]]:
    from storage.export.feed import ENTRIES, About, is_news

    events = islice(filter(is_news, archive.events(choice=choice, newest_first=True)), limit or ENTRIES)
    newest = list(islice(events, 1))
    updated = newest[0].observed_at if newest else _began(archive)
    title = f"News and edits: {choice.site}" if choice.site else "News and edits"
    return chain(newest, events), {"about": About(title, updated, url)}


def _listed(archive: Reader, choice: Choice) -> dict[str, Any]:
    """Return what a package for replay says of its records: which pages they are of, and what they are."""
    from storage.export.evidence import pages
    from storage.export.package import about

    told = about(archive, choice) | {"description": "Pages of university news, as they were captured."}
    return {"pages": pages(archive, choice), "about": told}


def _began(archive: Reader) -> str:
    return next((run.started_at for run in archive.runs()), "1970-01-01T00:00:00+00:00")
