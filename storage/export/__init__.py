"""Articles in, a file in one of `FORMATS` out: whole or not at all, never over another without leave."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import BinaryIO, cast

from storage.errors import TargetExists, TargetRefused
from storage.records import Article

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
    with _target(path, force) as out:
        return write(articles, out)


def exporter(format: str) -> Exporter:
    """Return the function that writes a format."""
    module, _, name = FORMATS[format].partition(":")
    return cast(Exporter, getattr(import_module(module), name))


@contextmanager
def _target(path: Path | None, force: bool) -> Iterator[BinaryIO]:
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with _refusals(path):
        if path.is_dir():
            raise TargetRefused(f"{path} is a directory: name a file in it")
        if path.exists() and not path.is_file():
            yield from _written(path)  # /dev/null or a named pipe: nothing to replace
        elif path.exists() and not force:
            raise TargetExists(f"{path} exists: overwrite it with --force, or name another file")
        else:
            yield from _replaced(path.resolve())


@contextmanager
def _refusals(path: Path) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise TargetRefused(
            f"{path} cannot be written: {error.strerror}; make room or name another place"
        ) from error


def _replaced(path: Path) -> Iterator[BinaryIO]:
    """Yield a file beside the target, and put it in its place once it is whole and on the disk."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    out = part.open("wb")
    try:
        with out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _written(path: Path) -> Iterator[BinaryIO]:
    with path.open("wb") as out:
        yield out
