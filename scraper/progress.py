"""How a long crawl shows itself: a bar on a terminal, single lines elsewhere. Writes to the stream given."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from scraper.crawl import Progress
from scraper.terminal import safe

LINE_EVERY = 10.0  # seconds between lines of a log


@contextmanager
def watching(stream: TextIO) -> Iterator[Callable[[Progress], None]]:
    """Yield the function that a crawl calls after each page."""
    if stream.isatty():
        yield from _bar(stream)
    else:
        yield _lines(stream)


def _bar(stream: TextIO) -> Iterator[Callable[[Progress], None]]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("pages"),
        TimeElapsedColumn(),
    )
    with Bar(*columns, console=Console(file=stream), transient=True) as bar:
        task = bar.add_task("crawling", total=None)
        yield lambda at: bar.update(task, description=safe(at.site), completed=at.done, total=at.known)


def _lines(stream: TextIO) -> Callable[[Progress], None]:
    last = time.monotonic()

    def watch(at: Progress) -> None:
        nonlocal last
        if (now := time.monotonic()) - last >= LINE_EVERY:
            last = now
            stream.write(f"{at.done} of {at.known} pages known so far, at {safe(at.site)}\n")
            stream.flush()

    return watch
