"""A run and how the sites stand in, the text that Prometheus reads out. Pure.

The format is the text exposition format 0.0.4, for the textfile collector of node_exporter. Everything is a
gauge: a value of the last run, or of now, that may fall. Names and labels stay as they are once published.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from scraper.counts import PURPOSES, deeds
from scraper.run_report import OUTCOME, seconds_of
from storage.records import Run, Standing, State

_SITE_OUTCOMES = ("done", "failed", "drifted", "unfinished")
_RESULTS = ("new", "edit", "same")  # told as 0 too: a series that comes and goes has no sum over a month
_ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})

# Each metric, without `campusnews_`, and what it means: no text of a page stands in either.
HELP = {
    "run_number": "Number of the last run, as `campusnews runs` counts.",
    "run_started_timestamp_seconds": "When the last run began.",
    "run_finished_timestamp_seconds": "When the last run ended; not there for one that was killed.",
    "run_duration_seconds": "How long the last run took.",
    "run_outcome": "1 for how the last run ended, 0 for the others.",
    "site_last_run_timestamp_seconds": "When the newest run over the site began.",
    "site_last_success_timestamp_seconds": "When the newest run began in which it went well; 0 for never.",
    "site_outcome": "1 for how the site went in its newest run, 0 for the others.",
    "site_articles": "Articles of the site now, by state.",
    "site_results": "What the newest run did at the site, such as new, edit and same articles.",
    "site_requests": "Requests of the newest run to the site, by what they were for.",
    "site_received_bytes": "Bytes of the responses of the newest run, as they came.",
    "site_not_modified": "Responses of the newest run that said nothing changed (304).",
    "site_problems": "Addresses that gave nothing in the newest run, by reason.",
    "site_drift": "1 for each way in which the site no longer reads as it did.",
}


@dataclass(frozen=True, slots=True)
class Sample:
    """One value: `metric` is a key of `HELP`."""

    metric: str
    value: float
    labels: tuple[tuple[str, str], ...] = ()


def exposition(run: Run, standings: Iterable[Standing]) -> str:
    """Return the metrics as a text file, in the order of `HELP`, equal values giving equal text."""
    found: dict[str, list[Sample]] = {name: [] for name in HELP}
    for sample in (*_run(run), *(each for standing in standings for each in _site(standing))):
        found[sample.metric].append(sample)
    return "".join(_family(name, samples) for name, samples in found.items() if samples)


def _run(run: Run) -> Iterator[Sample]:
    yield Sample("run_number", run.id)
    yield Sample("run_started_timestamp_seconds", _seconds(run.started_at))
    if run.finished_at is not None:
        yield Sample("run_finished_timestamp_seconds", _seconds(run.finished_at))
        yield Sample("run_duration_seconds", seconds_of(run) or 0.0)
    yield from _one_of("run_outcome", run.outcome, OUTCOME)


def _site(standing: Standing) -> Iterator[Sample]:
    outcome, counts = standing.outcome, standing.outcome.counts
    site = ("site", outcome.site)
    well = _seconds(standing.well_at) if standing.well_at else 0.0
    yield Sample("site_last_run_timestamp_seconds", _seconds(standing.started_at), (site,))
    yield Sample("site_last_success_timestamp_seconds", well, (site,))
    yield from _one_of("site_outcome", outcome.outcome or "unfinished", _SITE_OUTCOMES, site)
    states = dict.fromkeys(get_args(State), 0) | standing.states
    yield from _each("site_articles", "state", states, site)
    yield from _each("site_results", "result", dict.fromkeys(_RESULTS, 0) | deeds(counts), site)
    yield from _each("site_requests", "purpose", _requests(counts), site)
    yield Sample("site_received_bytes", counts.get("bytes", 0), (site,))
    yield Sample("site_not_modified", counts.get("not_modified", 0), (site,))
    yield from _each("site_problems", "reason", standing.reasons, site)
    yield from _each("site_drift", "drift", dict.fromkeys(outcome.drifts, 1), site)


def _requests(counts: Mapping[str, int]) -> dict[str, int]:
    """Return the requests by purpose, every one of them: a rate of a series that comes and goes is wrong."""
    known = {name.removeprefix("for_"): counts.get(name, 0) for name in PURPOSES}
    return known | {"other": max(0, counts.get("requests", 0) - sum(known.values()))}


def _one_of(metric: str, holds: str, among: Iterable[str], *labels: tuple[str, str]) -> Iterator[Sample]:
    return _each(metric, "outcome", {name: int(name == holds) for name in among}, *labels)


def _each(metric: str, label: str, values: Mapping[str, int], *labels: tuple[str, str]) -> Iterator[Sample]:
    return (Sample(metric, value, (*labels, (label, name))) for name, value in values.items())


def _family(name: str, samples: Sequence[Sample]) -> str:
    full = f"campusnews_{name}"
    return f"# HELP {full} {HELP[name]}\n# TYPE {full} gauge\n" + "".join(map(_line, samples))


def _line(sample: Sample) -> str:
    labels = ",".join(f'{name}="{value.translate(_ESCAPES)}"' for name, value in sample.labels)
    return f"campusnews_{sample.metric}{f'{{{labels}}}' if labels else ''} {sample.value:.16g}\n"


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
