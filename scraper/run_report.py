"""Runs in, what a person reads of them out: in a terminal, and as the one line a log keeps. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from rich.console import Group
from rich.table import Table
from rich.text import Text

from scraper.counts import deed_words, traffic, traffic_line
from scraper.report import dotted, minute, summary_line
from scraper.terminal import safe
from scraper.wrapping import Hanging
from storage.records import Run, SiteOutcome

WRONG = ("failed", "drifted")
"""The outcomes of a site that make exit code 1."""

_COLUMN = 15
OUTCOME = {"running": "yellow", "done": "green", "incomplete": "yellow", "interrupted": "red"}
_ALWAYS = ("new", "changed", "withdrawn")  # told in the one line also when there were none


def site_lines(outcome: SiteOutcome) -> Group:
    """Return what a run did at one site and what it asked for, and below why it failed, if it did."""
    did = dotted(Text(safe(words)) for words in deed_words(outcome.counts))
    rows = [Hanging(did, Text(safe(outcome.site).ljust(_COLUMN - 1) + " ", "bold"), facts=True)]
    if asked := traffic_line(outcome.counts):
        rows.append(Hanging(Text(asked, "dim"), Text(" " * _COLUMN), facts=True))
    if outcome.problem is not None:
        rows.append(Hanging(Text(safe(outcome.problem), "red"), Text("  ! ", "red")))
    return Group(*rows)


def run_report(
    run: Run, outcomes: Sequence[SiteOutcome], changes: Mapping[str, int], problems: Mapping[str, int]
) -> Group:
    """Return what a run did: each site, then how it ended, what it found changed and what it asked for.

    `problems` has by reason how many addresses gave nothing.
    """
    end = Text.assemble(f"run {run.id} ", (run.outcome, OUTCOME[run.outcome]), f" in {took(run)} · ")
    asked = traffic_line(run.counts) if len(outcomes) > 1 else ""  # of one site it was just told
    met = [line for outcome in outcomes if run.kind == "backfill" for line in met_lines(outcome)]
    return Group(
        *map(site_lines, outcomes),
        *(Hanging(Text(line), Text("  ")) for line in met),
        Text.assemble(end, summary_line(changes)),
        *([Hanging(Text(asked, "dim"), facts=True)] if asked else []),
        *(
            [Text(f"{_problems(problems)}: `campusnews status` says what to do", "yellow")]
            if problems
            else []
        ),
    )


def met_lines(outcome: SiteOutcome) -> Iterator[str]:
    """Yield for each list that a backfill walked how much was met of what the list claims to have."""
    for seed, told in outcome.coverage.items():
        if "items" not in told:
            continue
        total, missed = told.get("total_items"), told.get("unread", 0)
        of = f" of {total:,.0f}" if total is not None else ""
        unread = f", {missed:,.0f} gave no article (`campusnews status`)" if missed else ""
        yield safe(f"{told['items']:,.0f}{of} items met{unread}: {seed}")


def run_line(
    run: Run, outcomes: Sequence[SiteOutcome], changes: Mapping[str, int], problems: Mapping[str, int]
) -> str:
    """Return what a run did as one line: the same words in the same order every night."""
    shown = {name: changes.get(name, 0) for name in _ALWAYS} | dict(changes)
    parts = [_some(len(outcomes), "site"), *(f"{count:,} {name}" for name, count in shown.items())]
    parts += [*(traffic(run.counts) or ["0 requests"]), _problems(problems)]
    ended = minute(run.finished_at or run.started_at)
    wrong = [
        f"; {name}: {', '.join(sites)}"
        for name in WRONG
        if (sites := [outcome.site for outcome in outcomes if outcome.outcome == name])
    ]
    whole = f"run {run.id} {run.outcome} at {ended} UTC in {took(run)}: {', '.join(parts)}"
    return safe(whole + "".join(wrong))


def wrong_lines(outcomes: Iterable[SiteOutcome]) -> list[str]:
    """Return a line for each site that failed or drifted: which, how, why."""
    return [
        safe(f"{outcome.site} {outcome.outcome}: {outcome.problem or 'no reason was kept'}")
        for outcome in outcomes
        if outcome.outcome in WRONG
    ]


def runs_table(runs: Iterable[Run]) -> Table:
    """Return the runs as a table, in the order given."""
    table = Table(
        "run", "started (UTC)", "took", "outcome", "counts", box=None, pad_edge=False, header_style="bold"
    )
    for run in runs:
        kind = [] if run.kind == "crawl" else [safe(run.kind)]
        counts = (*kind, *traffic(run.counts), *map(safe, deed_words(run.counts)))
        table.add_row(
            Text(str(run.id), justify="right"),
            Text(minute(run.started_at)),
            Text(took(run)),
            Text(run.outcome, OUTCOME[run.outcome]),
            Hanging(dotted(map(Text, counts)), facts=True),
        )
    return table


def took(run: Run) -> str:
    """Return how long a run took; a dash while it runs or when it was killed."""
    if run.finished_at is None:
        return "–"
    seconds = int(seconds_of(run) or 0)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def seconds_of(run: Run) -> float | None:
    """Return how many seconds a run took, or null; a clock that was set back gives 0."""
    if run.finished_at is None:
        return None
    between = datetime.fromisoformat(run.finished_at) - datetime.fromisoformat(run.started_at)
    return max(0.0, between.total_seconds())


def _problems(reasons: Mapping[str, int]) -> str:
    """Return how many addresses gave nothing, and for what reasons."""
    named = ", ".join(f"{count:,} {safe(reason)}" for reason, count in reasons.items())
    return _some(sum(reasons.values()), "problem") + (f" ({named})" if named else "")


def _some(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
