"""Articles in, a file in one of `FORMATS` out: whole or not at all, never over another without leave."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from typing import BinaryIO, cast

from storage.records import Article
from storage.target import target

Exporter = Callable[[Iterable[Article], BinaryIO], int]

# Where the exporter of each format lives; imported when asked for, since some need an extra.
FORMATS = {
    "jsonl": "storage.export.jsonl:write_jsonl",
}


def export(articles: Iterable[Article], format: str, path: Path | None = None, *, force: bool = False) -> int:
    """Write the articles to `path`, or to standard output, and return how many.

    Raises `TargetExists` when there is such a file and `force` was not given, `TargetRefused` when the place
    cannot be written. A reader that closes the pipe early raises BrokenPipeError, which is no fault.
    """
    write = exporter(format)
    with target(path, force=force) as out:
        return write(articles, out)


def exporter(format: str) -> Exporter:
    """Return the function that writes a format."""
    module, _, name = FORMATS[format].partition(":")
    return cast(Exporter, getattr(import_module(module), name))
