"""What a crawl leaves for those who did not watch it: its words, its exit code, its metrics."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper.cli.options import print_lines, show, tell
from storage.errors import ArchiveFull, ArchiveLocked, CampusnewsError, TargetRefused

if TYPE_CHECKING:
    from scraper.config import Config
    from storage.records import Run, SiteOutcome

TRY_EVERY = 5.0  # seconds between two tries at an archive that another run holds

log = logging.getLogger(__name__)


def stopped_by_signals() -> threading.Event:
    """Return what SIGINT and SIGTERM set from now on: a stop by systemd saves as Ctrl-C does."""
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    return stop


def waiting(start: Callable[[], Run], seconds: float, stop: threading.Event) -> Run:
    """Start a crawl, and again until `seconds` are over while another run holds the archive.

    Raises ArchiveLocked after that, and KeyboardInterrupt when `stop` is set.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            return start()
        except ArchiveLocked as held:
            left = deadline - time.monotonic()
            if left <= 0:
                raise
            log.info("%s; trying for another %.0f s", held, left)
        if stop.wait(min(left, TRY_EVERY)):
            raise KeyboardInterrupt


@dataclass(frozen=True, slots=True)
class Result:
    """A finished run with what it found changed and, by reason, how many addresses gave nothing."""

    run: Run
    outcomes: list[SiteOutcome]
    changes: dict[str, int]
    problems: dict[str, int]

    @classmethod
    def of(cls, config: Config, run: Run) -> Result:
        """Read what a run left in the archive."""
        from scraper.report import change_counts
        from storage import Archive

        with Archive.open(config.archive) as archive:
            return cls(
                run,
                archive.sites(run.id),
                change_counts(archive.changes(until_run=run.id)),
                dict(Counter(problem.reason for problem in archive.problems(run.id)).most_common()),
            )

    @property
    def wrong(self) -> bool:
        """Tell whether a person should look: a site failed or drifted."""
        from scraper.run_report import WRONG

        return any(outcome.outcome in WRONG for outcome in self.outcomes)

    def tell(self, *, as_json: bool, whole: bool) -> None:
        """Print the run: as JSON, as a report of each site (`whole`), or as one line and what is wrong."""
        from scraper.run_report import run_line, run_report, wrong_lines

        if as_json:
            sites = [asdict(outcome) for outcome in self.outcomes]
            found = {"run": asdict(self.run), "sites": sites}
            print_lines([found | {"changes": self.changes, "problems": self.problems}])
        elif whole:
            show(run_report(self.run, self.outcomes, self.changes, self.problems))
        else:
            click.echo(run_line(self.run, self.outcomes, self.changes, self.problems))
            for line in wrong_lines(self.outcomes):
                tell(line)


@contextmanager
def scored(config: Config, path: Path | None) -> Iterator[None]:
    """Write the metrics when the block ends: of a run that finished, was interrupted or found no space left.

    Raises TargetRefused before the block where they could not be written; without a path it does nothing.
    """
    if path is None:
        yield
        return
    place = path.absolute().parent
    if not (place.is_dir() and os.access(place, os.W_OK)):
        raise TargetRefused(f"{place} is no directory that can be written: make it so, or name another place")
    try:
        yield
    except (KeyboardInterrupt, ArchiveFull):
        try:
            _write_metrics(config, path)
        except CampusnewsError as error:  # the first fault is the one to tell of
            log.warning("no metrics: %s", error)
        raise
    _write_metrics(config, path)


def _write_metrics(config: Config, path: Path) -> None:
    from scraper.metrics import exposition
    from storage import Archive
    from storage.target import target

    names = {site.name for site in config.sites}  # a site taken out of the config is no longer told of
    with Archive.open(config.archive) as archive:
        run, standings = archive.last_visit(), archive.standings()
    if run is None:
        return  # stopped before it began
    text = exposition(run, [each for each in standings if each.outcome.site in names])
    with target(path, force=True, mode=0o644) as out:
        out.write(text.encode(errors="backslashreplace"))
