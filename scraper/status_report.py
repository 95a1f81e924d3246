"""How the sites of an archive stand in, what an operator reads of it out. Pure: rich values, no printing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from scraper.report import dotted, minute
from scraper.run_report import OUTCOME, WRONG
from scraper.terminal import safe
from scraper.wrapping import Hanging
from storage.records import Problem, Run, Standing

PROBLEMS = 5  # addresses told of a site, the rest is in the JSON
_COLUMN = 15


def status_report(
    run: Run | None, standings: Sequence[Standing], problems: Sequence[Problem], due: Mapping[str, int]
) -> Group:
    """Return how each site stands: articles by state, when it last went well, what went wrong since.

    `problems` are those of the last run, of which the first addresses of each site are told; `due` has the
    number of known articles that are due to be looked at, of the sites it is known of.
    """
    if run is None:
        return Group(Text("no run yet: `campusnews crawl` makes the first"))
    rows = [row for standing in standings for row in _site(standing, run, problems, due)]
    ended = f" at {minute(run.started_at)} UTC"
    return Group(*rows, Text.assemble(f"last run {run.id} ", (run.outcome, OUTCOME[run.outcome]), ended))


def status_json(
    run: Run | None, standings: Sequence[Standing], problems: Sequence[Problem], due: Mapping[str, int]
) -> dict[str, Any]:
    """Return the same as JSON values; `sites` have the words of a run's outcome and of a standing."""

    def site(standing: Standing) -> dict[str, Any]:
        own = {name: value for name, value in asdict(standing).items() if name != "outcome"}
        return asdict(standing.outcome) | own | {"due": due.get(standing.outcome.site)}

    return {
        "run": run and asdict(run),
        "sites": [site(standing) for standing in standings],
        "problems": [asdict(problem) for problem in problems],
        "states": {standing.outcome.site: standing.states for standing in standings},
    }


def _site(
    standing: Standing, run: Run, problems: Sequence[Problem], due: Mapping[str, int]
) -> list[RenderableType]:
    outcome, wrong = standing.outcome, standing.outcome.outcome in WRONG
    counts = [Text(f"{number:,} {state}") for state, number in sorted(standing.states.items())]
    well = Text(f"well {minute(standing.well_at)}" if standing.well_at else "never well", "dim")
    looks = [Text(f"{due[outcome.site]:,} due", "dim")] if outcome.site in due else []
    name = Text(safe(outcome.site).ljust(_COLUMN - 1) + " ", "bold")
    rows: list[RenderableType] = [Hanging(dotted([*(counts or [Text("no articles")]), *looks, well]), name)]
    rows += [_marked(line, "red") for line in _wrong(standing)]
    if standing.run != run.id or outcome.outcome is None:
        went = (
            f"{outcome.outcome or 'not finished'} in run {standing.run} of {minute(standing.started_at)} UTC"
        )
        rows.append(Hanging(Text(went, "" if wrong else "dim"), Text(" " * _COLUMN)))
    own = [problem for problem in problems if problem.site == outcome.site]
    if sum(standing.reasons.values()) > min(len(own), PROBLEMS):  # else each is told with its address
        told = (f"{count:,} {reason}" for reason, count in standing.reasons.items())
        rows.append(_marked("problems: " + ", ".join(told), "yellow"))
    rows += [_marked(f"{problem.reason}: {problem.url}", "yellow") for problem in own[:PROBLEMS]]
    if len(own) > PROBLEMS:
        rows.append(_marked(f"and {len(own) - PROBLEMS:,} more: `campusnews status --json`", "yellow"))
    return rows


def _wrong(standing: Standing) -> list[str]:
    outcome = standing.outcome
    went = [f"{outcome.outcome}: {outcome.problem}"] if outcome.outcome in WRONG else []
    return went + ([f"drift: {', '.join(outcome.drifts)}"] if outcome.drifts else [])


def _marked(line: str, style: str) -> Hanging:
    return Hanging(Text(safe(line), style), Text("  ! ", style))
