"""A crawl of the sample campus, killed at random moments and run again to its end, beside one that was not.

    python benchmarks/kill9.py [--n 100] [--seed 1] [--processes 1] [--json]

Every trial is a first run, or a second over the changed edition of the campus (edits, pages withdrawn); it is
killed one to three times (SIGKILL to its process group) at moments drawn over the length of a whole run, then
run to its end.

    lost, doubled     what the whole run kept and the killed one did not, and the other way round: articles
                      with state and content, versions, points of the history, changes, captures, runs
    reasked           requests after a kill for addresses whose exchange was committed before it, more often
                      than the whole run asks for them
    verify_failures   damage that `verify` finds after a kill, and anything it finds after the end
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scraper.demo.campus import Campus
from storage import Archive
from storage.database import CATALOG
from storage.errors import ArchiveNotFound
from storage.files import locate
from storage.findings import Finding
from storage.members import iter_records
from storage.verify import verify

HERE = Path(__file__).parents[1]
MOST_KILLS = 3  # of one trial
LIMIT = 120  # seconds after which a run that does not end is an error
LOOK = 0.002  # seconds between two looks at what the campus was asked
DELAY = 0.02  # seconds between two requests: a whole run takes a few seconds
# What must not depend on kills: ids, states and digests, never a moment or a row's number.
FACTS = {
    "articles": "SELECT id, site, standing, state, version, views, release_time FROM articles",
    "versions": "SELECT article_id, number, run_id, reason, content_digest FROM versions",
    "sightings": "SELECT article_id, run_id, state, version, views, reason FROM sightings WHERE moved",
    "captures": "SELECT run_id, url, payload_digest, status FROM captures",
    "runs": "SELECT id, kind, outcome FROM runs",
    "left": "SELECT url FROM frontier WHERE state = 'pending'",
}
FIGURES = ("n", "lost", "doubled", "reasked", "verify_failures")
Facts = Counter[tuple[Any, ...]]
Asked = Counter[str]


@dataclass(frozen=True, slots=True)
class Whole:
    """A run nobody killed: its number and edition, the archive it began with and what came of it.

    `times` are the seconds at which it made its requests and ended: a moment is told by them, so that a busy
    machine moves it along with the run.
    """

    run: int
    before: Path | None
    archive: Path
    facts: Facts
    asked: Asked
    times: list[float]

    def moment(self, share: float) -> tuple[int, float]:
        """Return after how many requests, and how many seconds after the last of them, that share is over."""
        at = share * self.times[-1]
        count = bisect(self.times, at)
        return count, at - (self.times[count - 1] if count else 0.0)


class Lab:
    """The campus, and crawls of it in processes of their own."""

    def __init__(self, campus: Campus, home: Path, processes: int) -> None:
        self._campus, self._home = campus, home
        self._config, self._told = home / "config.yaml", home / "stderr"
        told = campus.config("archive").replace("delay: 0\n", f"delay: {DELAY}\n")
        self._config.write_text(f"processes: {processes}\n{told}", "utf-8")

    def whole(self, run: int, before: Path | None = None) -> Whole:
        """Run to the end, beginning with nothing or with what another run left."""
        archive = self._fresh(f"whole-{run}", before)
        self._campus.edition = run
        mark, began, times = len(self._campus.requests), time.monotonic(), list[float]()
        child = self._crawl(archive)
        while child.poll() is None:
            time.sleep(LOOK)
            came = len(self._campus.requests) - mark - len(times)
            times += [time.monotonic() - began] * came
        times.append(time.monotonic() - began)
        self._end(child)
        return Whole(run, before, archive, facts(archive), self._asked(mark), times)

    def trial(self, whole: Whole, kills: list[float]) -> Iterator[tuple[str, object]]:
        """Kill a run at these moments, each the share of a whole run, and end it; yield kills and faults."""
        archive = self._fresh("killed", whole.before)
        self._campus.edition = whole.run
        kept, mark = Counter[str](), len(self._campus.requests)
        for moment in kills:
            if not self._kill(archive, *whole.moment(moment)):
                break
            yield "n", None
            yield from (("reasked", url) for url in self._again(whole, kept, mark))
            yield from (("verify_failures", each) for each in _findings(archive) if each.damage)
            kept, mark = committed(archive, whole.run), len(self._campus.requests)
            if _has_ended(archive, whole.run):
                break
        if not _has_ended(archive, whole.run):
            self._end(self._crawl(archive))
        if not _has_ended(archive, whole.run):
            raise SystemExit(f"a crawl came to no end:\n{self._told.read_text()}")
        yield from (("reasked", url) for url in self._again(whole, kept, mark))
        yield from (("verify_failures", each) for each in verify(archive))
        came = facts(archive)
        yield from (("lost", fact) for fact in (whole.facts - came).elements())
        yield from (("doubled", fact) for fact in (came - whole.facts).elements())

    def _again(self, whole: Whole, kept: Asked, mark: int) -> Iterator[str]:
        """Yield what was asked for since the mark though it was kept, if more often than in a whole run."""
        since = self._asked(mark)
        both = kept.keys() & since.keys()
        more = Counter({url: kept[url] + since[url] - whole.asked[url] for url in both})
        return (more & since).elements()

    def _fresh(self, name: str, before: Path | None) -> Path:
        archive = self._home / name
        shutil.rmtree(archive, ignore_errors=True)
        if before is not None:
            shutil.copytree(before, archive)
        return archive

    def _crawl(self, archive: Path) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", "from scraper.cli import main; main()"]
        command += ["crawl", "-c", str(self._config), "-a", str(archive), "--json"]
        with self._told.open("wb") as told:
            return subprocess.Popen(
                command, stdout=subprocess.DEVNULL, stderr=told, cwd=HERE, start_new_session=True
            )

    def _kill(self, archive: Path, requests: int, seconds: float) -> bool:
        """Kill a run so long after so many requests; tell whether it had not yet ended."""
        mark = len(self._campus.requests)
        run = self._crawl(archive)
        while run.poll() is None and len(self._campus.requests) - mark < requests:
            time.sleep(LOOK)
        try:
            run.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
        return run.returncode == -signal.SIGKILL

    def _end(self, run: subprocess.Popen[bytes]) -> None:
        if run.wait(LIMIT) not in (0, 1):  # 1: one section of the campus is closed in the second edition
            raise SystemExit(f"a crawl ended with exit code {run.returncode}:\n{self._told.read_text()}")

    def _asked(self, mark: int) -> Asked:
        asked = self._campus.requests[mark:]
        return Counter(self._campus.sites[key] + target for key, _, target in asked)


def facts(archive: Path) -> Facts:
    """Return what an archive holds, without moments."""
    found: Facts = Counter()
    for name, query in FACTS.items():
        found.update((name, *row) for row in _rows(archive, query))
    with Archive.open(archive) as opened:
        found.update(("changes", change.kind, change.article_id) for change in opened.changes())
    return found


def committed(archive: Path, run: int) -> Asked:
    """Return how often an exchange of each address was acknowledged by the run."""
    asked: Asked = Counter()
    if (archive / CATALOG).exists():
        for file, length in _rows(archive, f"SELECT file, length FROM warcs WHERE run_id = {run}"):
            records = (each.headers for each in iter_records(locate(archive, file), end=length))
            asked.update(
                head["warc-target-uri"] for head in records if head["warc-type"] in ("response", "revisit")
            )
    return asked


def _has_ended(archive: Path, run: int) -> bool:
    """Tell whether the run is over: killed while it took its leave, or faster than the whole one."""
    if not (archive / CATALOG).exists():
        return False
    return bool(_rows(archive, f"SELECT id FROM runs WHERE id = {run} AND finished_at IS NOT NULL"))


def _rows(archive: Path, query: str) -> list[tuple[Any, ...]]:
    """Ask the catalogue; one of which nothing was committed yet has no tables and no rows."""
    with closing(sqlite3.connect(f"file:{archive / CATALOG}?mode=ro", uri=True)) as catalogue:
        tables = catalogue.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        return catalogue.execute(query).fetchall() if tables else []


def _findings(archive: Path) -> list[Finding]:
    try:
        return list(verify(archive))
    except ArchiveNotFound:  # killed before there was any
        return []


def measured(
    n: int, seed: int, processes: int = 1, tell: Callable[[str], None] = lambda _: None
) -> Counter[str]:
    """Kill `n` times and return the figures; `tell` is told of every trial and every fault."""
    chance = random.Random(seed)
    figures = Counter(dict.fromkeys(FIGURES, 0))
    with Campus() as campus, tempfile.TemporaryDirectory() as home:
        lab = Lab(campus, Path(home), processes)
        first = lab.whole(1)
        wholes = (first, lab.whole(2, first.archive))
        tell("whole runs of " + " and ".join(f"{whole.times[-1]:.1f} s" for whole in wholes))
        while figures["n"] < n:
            whole = chance.choice(wholes)
            kills = [chance.random() for _ in range(min(chance.randint(1, MOST_KILLS), n - figures["n"]))]
            told = f"run {whole.run} killed at " + ", ".join(f"{each:.0%}" for each in kills)
            faults = list(lab.trial(whole, kills))
            figures.update(name for name, _ in faults)
            shown = [f"\n      {name}: {fault}" for name, fault in faults if fault is not None]
            tell(f"{figures['n']:>4}  {told}" + "".join(shown))
    return figures


def main() -> None:
    """Kill, run again, compare, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=100, help="how often a run is killed")
    parser.add_argument("--seed", type=int, default=1, help="of the moments")
    parser.add_argument("--processes", type=int, default=1, help="of the crawl")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    figures = measured(
        arguments.n,
        arguments.seed,
        arguments.processes,
        lambda line: print(line, file=sys.stderr, flush=True),
    )
    if arguments.json:
        print(json.dumps(figures))
    else:
        print(" · ".join(f"{count:,} {name}" for name, count in figures.items()))


if __name__ == "__main__":
    main()
