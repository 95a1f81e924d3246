"""How a long crawl shows itself: bars on a terminal, else now and then one line of the log."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from scraper.pace import Lane, Pace, Progress, View
from scraper.terminal import safe

log = logging.getLogger(__name__)

LINE_EVERY = 30.0  # seconds between two lines of the log
SHOWN = 10  # sites with a bar of their own: those that will take longest
NAMED = 3  # sites named in a line of the log

# Seconds from which a unit is used, how many it has, and the smaller unit told beside it.
_UNITS = ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 0, ""), (1, "s", 0, ""))


@contextmanager
def watching(stream: TextIO, *, drawn: bool = True) -> Iterator[Callable[[Progress], None]]:
    """Yield the function that a crawl calls after each page.

    Bars are drawn on a stream that is a terminal; where it is none, or they are not wanted, the log has lines
    in their place, and shows them where INFO is asked for.
    """
    if drawn and stream.isatty():
        yield from _bars(stream)
    else:
        yield lines()


@contextmanager
def measured(stream: TextIO) -> Iterator[Callable[[str, int, int], None]]:
    """Yield the function to call with a file's name, its bytes done and in all; a bar on a terminal."""
    if not stream.isatty():
        yield lambda file, done, total: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Bars(*columns, console=Console(file=stream), transient=True) as bars:
        task = bars.add_task("")
        yield lambda file, done, total: bars.update(task, description=file, completed=done, total=total)


def lines(monotonic: Callable[[], float] = time.monotonic) -> Callable[[Progress], None]:
    """Return a watcher that logs how the run is doing, every `LINE_EVERY` seconds while pages come."""
    pace = Pace(monotonic)
    last = monotonic()

    def watch(at: Progress) -> None:
        nonlocal last
        pace.take(at)
        if (now := monotonic()) - last >= LINE_EVERY:
            last = now
            seen = pace.view()
            log.info("%s", view_line(seen), extra={"progress": facts(seen)})

    return watch


def view_line(seen: View) -> str:
    """Return how a run is doing, as one line: overall, then the sites that will take longest."""
    amount, rate = seen.all.amount, _rate(seen.all)
    parts = [f"{amount.done:,} of {amount.known:,} pages known so far in {_clock(seen.elapsed)}"]
    parts += [f"{rate} a second"] if rate else []
    hosts = f" at {seen.hosts:,} host{'' if seen.hosts == 1 else 's'}"
    parts += [f"{amount.waiting:,} waiting{hosts}"] if amount.waiting else []
    busy = ", ".join(_site(lane) for lane in seen.busy[:NAMED])
    return safe(", ".join([*parts, left_words(seen)]) + (f"; longest: {busy}" if busy else ""))


def left_words(seen: View) -> str:
    """Return how long the run may still take, or why nobody can say."""
    if seen.all.amount.known and not seen.all.amount.waiting:
        return "nothing waiting"
    if seen.all.left is not None:
        return f"{'at least' if seen.least else 'about'} {duration(seen.all.left)} left"
    if seen.lists:
        return f"time left unknown: {seen.lists:,} list{'' if seen.lists == 1 else 's'} still being walked"
    return "time left unknown"


def duration(seconds: float) -> str:
    """Return a time in one or two units: it is an estimate."""
    whole = max(1, round(seconds))
    size, unit, part, small = next(row for row in _UNITS if whole >= row[0])
    rest = whole % size // part if part else 0
    return f"{whole // size} {unit}" + (f" {rest} {small}" if rest else "")


def facts(seen: View) -> dict[str, object]:
    """Return the same as JSON values, for a log that programs read; null is unknown."""
    return {
        "elapsed": round(seen.elapsed, 1),
        **_lane_facts(seen.all),
        "hosts": seen.hosts,
        "lists": seen.lists,
        "least": seen.least,
        "sites": {lane.name: _lane_facts(lane) for lane in seen.busy},
    }


def _lane_facts(lane: Lane) -> dict[str, object]:
    return {
        "done": lane.amount.done,
        "known": lane.amount.known,
        "rate": None if lane.rate is None else round(lane.rate, 3),
        "left": None if lane.left is None else round(lane.left),
    }


def _bars(stream: TextIO) -> Iterator[Callable[[Progress], None]]:
    pace = Pace()
    with Live(
        get_renderable=lambda: view_bars(pace.view()),
        console=Console(file=stream),
        refresh_per_second=4,
        transient=True,
    ):
        yield pace.take


def view_bars(seen: View) -> Group:
    """Return how a run is doing, as bars of the sites that will take longest and a line on the whole."""
    bars = Table.grid(padding=(0, 1))
    for lane in seen.busy[:SHOWN]:
        amount = lane.amount
        bars.add_row(
            Text(safe(lane.name)),
            ProgressBar(total=amount.known, completed=amount.done, width=20),
            Text(f"{amount.done:,}/{amount.known:,}", justify="right"),
            Text(f"{rate}/s" if (rate := _rate(lane)) else "", justify="right"),
            Text(duration(lane.left) if lane.left is not None else "", "dim"),
        )
    more = len(seen.busy) - SHOWN
    rest = [Text(f"and {more:,} more sites", "dim")] if more > 0 else []
    rate = f"{_rate(seen.all)}/s · " if seen.all.rate else ""
    whole = f"{seen.all.amount.done:,} of {seen.all.amount.known:,} pages · {rate}{left_words(seen)}"
    return Group(bars, *rest, Text(f"{whole} · {_clock(seen.elapsed)}"))


def _site(lane: Lane) -> str:
    left = f" ({duration(lane.left)})" if lane.left is not None else ""
    return f"{lane.name} {lane.amount.done:,} of {lane.amount.known:,}{left}"


def _rate(lane: Lane) -> str | None:
    if lane.rate is None:
        return None
    return f"{lane.rate:,.0f}" if lane.rate >= 10 else f"{lane.rate:.2g}"


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
