"""Damaged archives made, and found by `verify`: every way of `tests/damage.py`, then random places.

    python benchmarks/damage.py [--n 1000] [--seed 1] [--repair] [--json]

The archive is what two crawls of the sample campus leave, its edition turned between them, and a third in
which nothing changed. Each trial damages a copy; a tenth of a second each. The first line says what is done,
the last has the figures, with --json as one object. Exit code 1 if anything was missed, a sound archive
blamed, or a traceback met.

    made            archives that were damaged
    found           verify told a damage
    slack           it told none, and none is there: all rows and all records are what they were
    missed          it told none, though something differs
    tracebacks      verify, repair or the proof of slack raised what is no answer
    unplaced        damages of a WARC file of which no finding names that file
    false_alarms    findings on sound archives: after each run, vacuumed, indexed anew, under a writer
    kinds           ways of damaging among them

With --repair each damaged archive is repaired and verified again:

    mended          nothing is wrong any more
    marked          what is lost is known, and nothing else is wrong
    to_rebuild      the catalogue has to be made anew
    unrepaired      something else is wrong, or a second repair finds something to do
    bytes_gone      files of which some record is nowhere any more, though it could be read before
"""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from scraper.config import load_config
from scraper.crawl import crawl
from scraper.demo.campus import Campus
from storage import Archive
from storage.errors import ArchiveDamaged, CampusnewsError
from storage.findings import REMEDIES, remedies
from storage.repair import repair
from storage.verify import verify

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests import damage

NOW = datetime(2026, 11, 25, tzinfo=UTC)
FIGURES = ("made", "found", "slack", "missed", "tracebacks", "unplaced", "false_alarms", "kinds")
REPAIRED = ("mended", "marked", "to_rebuild", "unrepaired", "bytes_gone")


def sound(place: Path, counts: Counter[str]) -> Path:
    """Make the archive, and count what is told of it while it is sound."""
    root = place / "archive"
    with Campus() as campus:
        (place / "config.yaml").write_text(campus.config(str(root)), "utf-8")
        config = load_config(place / "config.yaml")
        for number, edition in enumerate((1, 2, 2)):
            campus.edition = edition
            crawl(config)
            counts["false_alarms"] += len(list(verify(root)))
            if number == 0:
                shutil.copytree(root, place / "old")
    shutil.move(place / "old", root / "old")
    with Archive.open(root, write=True) as archive:
        archive.begin_run(NOW, ["szqu"])
        counts["false_alarms"] += len(list(verify(root)))
    copy = place / "copy"
    for statement in ("VACUUM", "REINDEX", "ANALYZE"):
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(root, copy)
        with closing(sqlite3.connect(copy / damage.CATALOG)) as connection:
            connection.execute(statement)
        counts["false_alarms"] += len(list(verify(copy)))
    return root


def damages(root: Path, number: int, seed: int) -> Iterator[damage.Damage]:
    """Yield so many damages: each way once, without those of the hour's work, then random places.

    Fewer than there are ways are taken from all of them.
    """
    random = Random(seed)
    named = [each for each in damage.fixed(root) if "frontier" not in each.name]
    yield from named if number >= len(named) else random.sample(named, number)
    for _ in range(number - len(named)):
        yield damage.random_one(random)


def trial(
    root: Path, copy: Path, how: damage.Damage, seed: int, truth: Any, counts: Counter[str]
) -> str | None:
    """Damage a copy, verify it, and return what went wrong with that."""
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(root, copy)
    how.do(copy, Random(seed))
    counts["made"] += 1
    found = [finding for finding in verify(copy) if finding.damage]
    if found:
        counts["found"] += 1
        if how.area == "warc" and not any(finding.file.startswith("warc/") for finding in found):
            counts["unplaced"] += 1
            return "unplaced"
        return None
    if damage.contents(copy) == truth:
        counts["slack"] += 1
        return None
    counts["missed"] += 1
    return "missed"


def outcome(wrong: Callable[[], str | None], counts: Counter[str]) -> str | None:
    """Return what went wrong with a step, or the error it raised."""
    try:
        return wrong()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what we look for
        counts["tracebacks"] += 1
        last = traceback.extract_tb(error.__traceback__)[-1]
        return f"traceback: {error!r} at {Path(last.filename).name}:{last.lineno}"


def repaired(copy: Path, counts: Counter[str]) -> str | None:
    """Repair a damaged archive, and return what went wrong with that."""
    readable = records(copy)
    try:
        list(repair(copy, now=NOW))
    except ArchiveDamaged:
        counts["to_rebuild"] += 1
        return None
    except CampusnewsError as error:
        counts["unrepaired"] += 1
        return f"unrepaired: {error}"
    lost = readable - records(copy)
    counts["bytes_gone"] += bool(lost)
    again = [act for act in repair(copy, now=NOW) if act.action != "leave"]
    left = list(verify(copy))
    bad = [finding for finding in left if finding.damage]
    if again:
        counts["unrepaired"] += 1
        return f"a second repair does {again[0]}"
    if not bad:
        counts["marked" if left else "mended"] += 1
        return "bytes are gone" if lost else None
    kind = "to_rebuild" if REMEDIES["rebuild"] in remedies(bad) else "unrepaired"
    counts[kind] += 1
    return f"unrepaired: {bad[0]}" if kind == "unrepaired" else None


def records(root: Path) -> set[bytes]:
    """Return a digest of each record that can be read in any file of the archive, whatever its name."""
    from hashlib import sha256

    from storage.remake import stretches
    from storage.unpack import NoRecordsError, records_in

    found = set()
    for path in (root / "warc").iterdir():
        for each in stretches(path, path.stat().st_size) if path.is_file() else ():
            try:
                found |= {sha256(record).digest() for record in records_in(path, each.info) if each.sound}
            except (NoRecordsError, ValueError):
                continue
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--n", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repair", action="store_true")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    print(
        f"{arguments.n} damages of a crawled archive, each found by verify or proved to be none", flush=True
    )
    counts: Counter[str] = Counter()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        root = sound(Path(name), counts)
        truth, kinds = damage.contents(root), set()
        for seed, how in enumerate(damages(root, arguments.n, arguments.seed)):
            kinds.add(how.name)
            copy = Path(name) / "copy"
            wrong = outcome(partial(trial, root, copy, how, seed, truth, counts), counts)
            if wrong is None and arguments.repair:
                wrong = outcome(partial(repaired, copy, counts), counts)
            if wrong is not None:
                print(f"{how.area}: {how.name} (seed {seed}): {wrong}"[:300], file=sys.stderr)
            if counts["made"] % 100 == 0:
                print(f"{counts['made']} of {arguments.n}", file=sys.stderr)
    counts["kinds"] = len(kinds)
    figures: dict[str, object] = {name: counts[name] for name in FIGURES + REPAIRED * arguments.repair}
    figures["seconds"] = round(time.monotonic() - began, 1)
    print(
        json.dumps(figures)
        if arguments.json
        else " · ".join(f"{value} {key}" for key, value in figures.items())
    )
    sys.exit(any(counts[name] for name in ("missed", "tracebacks", "false_alarms")))


if __name__ == "__main__":
    main()
