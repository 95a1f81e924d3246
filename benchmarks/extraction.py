"""What reading a page costs: campusnews against lxml's bare parse and against trafilatura, in one run.

    python benchmarks/extraction.py [FOLDER…] [--rounds N] [--profile] [--json]

Each round goes through all pages, and each page through all three one after the other, so that whatever the
machine does meanwhile hits all alike. A page's time is its best round in CPU seconds, the first round left
out. Without a folder the sample campus is read.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pages
import profiler
from lxml import html
from pages import Saved
from rivals import need

from scraper import extract

Times = dict[str, list[float]]  # tool -> seconds per page


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times one tool takes as long as another over the same pages."""

    above: list[float]
    below: list[float]

    @property
    def each(self) -> list[float]:
        """The ratio page by page."""
        return [one / other for one, other in zip(self.above, self.below, strict=True)]

    def figures(self) -> dict[str, float | int]:
        """Return the ratio of the sums, and the median and spread of the pages' own ratios."""
        each = sorted(self.each)
        return {
            "pages": len(each),
            "of_sums": round(sum(self.above) / sum(self.below), 3) if each else math.nan,
            "median": round(statistics.median(each), 3) if each else math.nan,
            "least": round(each[0], 3) if each else math.nan,
            "most": round(each[-1], 3) if each else math.nan,
        }


def tools() -> dict[str, Callable[[Saved], object]]:
    """Return what is measured; `trafilatura+metadata` also looks for title and date, as `extract` does."""
    bare_extraction = need("trafilatura").bare_extraction
    return {
        "parse": lambda page: html.document_fromstring(page.body),
        "extract": lambda page: extract(page.body, page.url),
        "trafilatura": lambda page: bare_extraction(page.body, url=page.url),
        "trafilatura+metadata": lambda page: bare_extraction(page.body, url=page.url, with_metadata=True),
    }


def measure(todo: list[Saved], rounds: int) -> Times:
    """Return each tool's best time for each page."""
    measured = tools()
    best = {name: [math.inf] * len(todo) for name in measured}
    for turn in range(rounds + 1):
        for at, page in enumerate(todo):
            for name, tool in measured.items():
                started = time.process_time()
                tool(page)
                took = time.process_time() - started
                if turn:
                    best[name][at] = min(best[name][at], took)
    return best


def articles(found: list[Saved]) -> tuple[list[Saved], list[Saved]]:
    """Return the pages read as articles, of a known CMS and of none; refusals are cheap, and left out."""
    known: list[Saved] = []
    unknown: list[Saved] = []
    for page in found:
        if page.kind != "article" or (extraction := extract(page.body, page.url)).article is None:
            continue
        (unknown if extraction.preset == "generic" else known).append(page)
    return known, unknown


def summary(known: Times, unknown: Times) -> dict[str, object]:
    """Return the figures; the two headline ratios are those of the sums."""
    parse = Ratio(known["extract"], known["parse"]).figures()
    rival = Ratio(unknown["trafilatura"], unknown["extract"]).figures()
    return {
        "known_cms_vs_parse": parse["of_sums"],
        "unknown_vs_trafilatura": rival["of_sums"],
        "known_cms": parse,
        "unknown": rival,
        "unknown_with_metadata": Ratio(unknown["trafilatura+metadata"], unknown["extract"]).figures(),
        "known_cms_vs_trafilatura": Ratio(known["trafilatura"], known["extract"]).figures(),
        "unknown_vs_parse": Ratio(unknown["extract"], unknown["parse"]).figures(),
        "ms_per_page": {
            group: {
                name: round(1000 * statistics.fmean(times), 3) for name, times in measured.items() if times
            }
            for group, measured in (("known_cms", known), ("unknown", unknown))
        },
    }


def table(figures: dict[str, object]) -> str:
    """Return the figures for a person."""
    lines = [f"{'ratio':<44}{'pages':>6}{'of sums':>9}{'median':>9}{'least':>9}{'most':>9}"]
    for name, label in (
        ("known_cms", "known CMS: extract / bare parse"),
        ("unknown", "unknown: trafilatura / extract"),
        ("unknown_with_metadata", "unknown: trafilatura with metadata / extract"),
        ("known_cms_vs_trafilatura", "known CMS: trafilatura / extract"),
        ("unknown_vs_parse", "unknown: extract / bare parse"),
    ):
        row = figures[name]
        assert isinstance(row, dict)
        lines.append(
            f"{label:<44}{row['pages']:>6}" + "".join(f"{value:>9.2f}" for value in list(row.values())[1:])
        )
    lines.append(f"ms per page: {json.dumps(figures['ms_per_page'])}")
    return "\n".join(lines)


def slowest(todo: list[Saved], ratio: Ratio, count: int = 8) -> str:
    """Return the pages on which a ratio is worst."""
    worst = sorted(zip(ratio.each, todo, ratio.above, strict=True), key=lambda row: -row[0])[:count]
    return "\n".join(
        f"  {each:6.2f}  {1000 * took:8.2f} ms  {len(page.body) // 1024:5} KB  {page.name}"
        for each, page, took in worst
    )


def main() -> None:
    """Measure the pages of the folders and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "folders", type=Path, nargs="*", help="folders of saved pages; none: the sample campus"
    )
    parser.add_argument("--rounds", type=int, default=7, help="rounds that count, after one that does not")
    parser.add_argument(
        "--profile", action="store_true", help="show where our own time goes, and nothing else"
    )
    parser.add_argument("--slowest", action="store_true", help="name the pages on which we do worst")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    found = [page for folder in arguments.folders for page in pages.saved(folder)] or pages.made()
    known, unknown = articles(found)
    if arguments.profile:
        for label, todo in (("known CMS", known), ("unknown", unknown)):
            print(profiler.report(label, todo, lambda page: extract(page.body, page.url), arguments.rounds))
        return
    left = len(found) - len(known) - len(unknown)
    print(f"{len(known)} pages of a known CMS, {len(unknown)} of none, {left} left out", file=sys.stderr)
    measured = measure(known, arguments.rounds), measure(unknown, arguments.rounds)
    figures = summary(*measured)
    print(json.dumps(figures) if arguments.json else table(figures))
    if arguments.slowest and not arguments.json:
        print("slowest against the bare parse, known CMS:")
        print(slowest(known, Ratio(measured[0]["extract"], measured[0]["parse"])))
        print("slowest against trafilatura, unknown:")
        print(slowest(unknown, Ratio(measured[1]["extract"], measured[1]["trafilatura"])))


if __name__ == "__main__":
    main()
