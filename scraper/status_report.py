"""How the sites of an archive stand in, what an operator reads of it out. Pure: rich values, no printing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from scraper.report import dotted, minute
from scraper.run_report import OUTCOME, WRONG
from scraper.states import STATES
from scraper.terminal import safe
from scraper.wrapping import Hanging, unbroken
from storage.records import Problem, Ruling, Run, Standing

EXAMPLES = 3  # addresses told of a reason, the rest is in the JSON
_COLUMN = 15

Addresses = defaultdict[tuple[str, str], list[str]]
"""What gave nothing in the last run, by site and reason."""


def status_report(
    run: Run | None,
    standings: Sequence[Standing],
    problems: Sequence[Problem],
    due: Mapping[str, int],
    lost: Sequence[tuple[str, str]] = (),
) -> Group:
    """Return how each site stands: articles by state, when it last went well, what went wrong since.

    `problems` are those of the last run, of which the first addresses of each site are told; `due` has the
    number of known articles that are due to be looked at, of the sites it is known of, `lost` what a repair
    has marked, as (address, when).
    """
    if run is None:
        return Group(Text("no run yet: `campusnews crawl` makes the first"))
    urls: Addresses = defaultdict(list)
    for problem in problems:
        urls[problem.site, problem.reason].append(problem.url)
    rows = [row for standing in standings for row in _site(standing, run, urls, due)]
    if lost:
        told = f"{len(lost):,} lost: pages articles were read from are damaged; the next crawl asks again"
        rows += [_marked(told, "yellow"), *_examples([url for url, _ in lost])]
    ended = f" at {minute(run.started_at)} UTC"
    return Group(*rows, Text.assemble(f"last run {run.id} ", (run.outcome, OUTCOME[run.outcome]), ended))


def status_json(
    run: Run | None,
    standings: Sequence[Standing],
    problems: Sequence[Problem],
    due: Mapping[str, int],
    rulings: Sequence[Ruling],
    lost: Sequence[tuple[str, str]] = (),
) -> dict[str, Any]:
    """Return the same as JSON values, and what the robots.txt of each host allowed in the last run.

    `sites` have the words of a run's outcome and of a standing.
    """

    def site(standing: Standing) -> dict[str, Any]:
        own = {name: value for name, value in asdict(standing).items() if name != "outcome"}
        return asdict(standing.outcome) | own | {"due": due.get(standing.outcome.site)}

    return {
        "run": run and asdict(run),
        "sites": [site(standing) for standing in standings],
        "problems": [asdict(problem) for problem in problems],
        "robots": [asdict(ruling) for ruling in rulings],
        "lost": [{"url": url, "found_at": moment} for url, moment in lost],
        "states": {standing.outcome.site: standing.states for standing in standings},
    }


def _site(standing: Standing, run: Run, urls: Addresses, due: Mapping[str, int]) -> Iterator[RenderableType]:
    outcome = standing.outcome
    parts = [Text(f"{number:,} {state}") for state, number in sorted(standing.states.items())]
    parts = parts or [Text("no articles")]
    parts += [Text(f"{due[outcome.site]:,} due", "dim")] if outcome.site in due else []
    parts += [Text(f"last well {minute(standing.well_at)} UTC" if standing.well_at else "never well", "dim")]
    yield Hanging(dotted(parts), Text(safe(outcome.site).ljust(_COLUMN - 1) + " ", "bold"), facts=True)
    yield from (_marked(line, "red") for line in _wrong(standing))
    if standing.run != run.id or outcome.outcome is None:
        went = outcome.outcome or "not finished"
        told = f"{went} in run {standing.run} of {minute(standing.started_at)} UTC"
        yield Hanging(Text(told, "dim"), Text(" " * _COLUMN))
    for reason, count in standing.reasons.items():
        yield _marked(_reason(reason, count), "yellow")
        yield from _examples(urls[outcome.site, reason])


def _reason(reason: str, count: int) -> str:
    """Return how many addresses gave nothing for a reason, what that means and what to do."""
    state = STATES.get(reason)
    return f"{count:,} {reason}" + (f": {state.means} · {state.do}" if state else "")


def _examples(urls: Sequence[str]) -> Iterator[Text]:
    for url in urls[:EXAMPLES]:
        yield unbroken(Text(f"    {safe(url)}", "dim"))
    if len(urls) > EXAMPLES:
        yield Text(f"    and {len(urls) - EXAMPLES:,} more: `campusnews status --json`", "dim")


def _wrong(standing: Standing) -> list[str]:
    outcome = standing.outcome
    went = [f"{outcome.outcome}: {outcome.problem}"] if outcome.outcome in WRONG else []
    return went + ([f"drift: {', '.join(outcome.drifts)}"] if outcome.drifts else [])


def _marked(line: str, style: str) -> Hanging:
    return Hanging(Text(safe(line), style), Text("  ! ", style))
