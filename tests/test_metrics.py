"""The metrics: what node_exporter's textfile collector takes, held against the exposition format 0.0.4."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.metrics import HELP, exposition
from storage.records import Run, SiteOutcome, Standing

RUN = Run(12, "2026-11-25T02:00:00+00:00", "2026-11-25T02:03:12+00:00", "incomplete", {"requests": 50})
COUNTS = {"articles": 34, "new": 2, "same": 32, "requests": 41, "bytes": 1_234_567, "not_modified": 12}
COUNTS |= {"for_robots": 1, "for_listings": 4, "for_articles": 30, "for_retries": 2}
LIB = Standing(
    12,
    "2026-11-25T02:00:00+00:00",
    SiteOutcome("lib", "done", None, COUNTS),
    "2026-11-25T02:00:00+00:00",
    {"not_found": 3},
    {"live": 90, "withdrawn": 1},
)
ARTS = Standing(
    11,
    "2026-11-24T02:00:00+00:00",
    SiteOutcome("arts", "drifted", "no dates", {}, ("field_lost:release_time",)),
)

Series = dict[tuple[str, tuple[tuple[str, str], ...]], float]

_NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*"
_LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"'
_SAMPLE = re.compile(rf"({_NAME})(?:\{{((?:{_LABEL},?)*)\}})? (\S+)")


def parsed(text: str) -> Series:
    """Read an exposition as the format says, refusing what promtool refuses."""
    assert text.endswith("\n")
    typed: dict[str, str] = {}
    helped: set[str] = set()
    current = ""
    found: Series = {}
    for line in text.removesuffix("\n").split("\n"):
        if line.startswith("# HELP "):
            current = line.split(" ")[2]
            assert current not in helped, "one HELP a metric"
            assert len(line.split(" ", 3)[3]) > 10
            helped.add(current)
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name == current, "TYPE follows its HELP"
            typed[name] = kind
        else:
            match = _SAMPLE.fullmatch(line)
            assert match, line
            name, labels, value = match[1], match[2] or "", match[match.lastindex or 0]
            assert name == current, "the lines of a metric stand together, below its TYPE"
            pairs = tuple(sorted((key, unescaped(text)) for key, text in re.findall(_LABEL, labels)))
            assert len({key for key, _ in pairs}) == len(pairs)
            assert (name, pairs) not in found, "no series twice"
            found[name, pairs] = float(value)
    assert set(typed) == helped
    return found


def unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], text)


def value(found: Series, metric: str, **labels: str) -> float:
    return found[f"campusnews_{metric}", tuple(sorted(labels.items()))]


def test_a_run_and_its_sites_are_told_by_value() -> None:
    found = parsed(exposition(RUN, [ARTS, LIB]))
    assert value(found, "run_number") == 12
    assert value(found, "run_duration_seconds") == 192
    assert value(found, "run_started_timestamp_seconds") == 1_795_572_000
    assert value(found, "run_outcome", outcome="incomplete") == 1
    assert value(found, "run_outcome", outcome="done") == 0
    assert value(found, "site_outcome", site="arts", outcome="drifted") == 1
    assert value(found, "site_drift", site="arts", drift="field_lost:release_time") == 1
    assert value(found, "site_last_success_timestamp_seconds", site="arts") == 0
    assert value(found, "site_last_run_timestamp_seconds", site="arts") == 1_795_485_600
    assert value(found, "site_articles", site="lib", state="live") == 90
    assert value(found, "site_articles", site="lib", state="blocked") == 0
    assert value(found, "site_results", site="lib", result="new") == 2
    assert value(found, "site_results", site="arts", result="new") == 0
    assert value(found, "site_received_bytes", site="lib") == 1_234_567
    assert value(found, "site_not_modified", site="lib") == 12
    assert value(found, "site_problems", site="lib", reason="not_found") == 3


def test_the_requests_by_purpose_add_up_to_all_of_them() -> None:
    found = parsed(exposition(RUN, [LIB]))
    by_purpose = {
        dict(labels)["purpose"]: number
        for (name, labels), number in found.items()
        if name == "campusnews_site_requests"
    }
    assert sum(by_purpose.values()) == COUNTS["requests"]
    assert by_purpose["articles"] == 30
    assert by_purpose["other"] == 4
    assert by_purpose["looks"] == 0  # told as well: a series that comes and goes has no rate


def test_a_run_that_was_killed_has_no_end() -> None:
    found = parsed(exposition(replace(RUN, finished_at=None, outcome="running"), []))
    assert ("campusnews_run_finished_timestamp_seconds", ()) not in found
    assert value(found, "run_outcome", outcome="running") == 1


def test_equal_values_give_equal_text_in_the_order_of_the_table() -> None:
    text = exposition(RUN, [ARTS, LIB])
    assert text == exposition(RUN, [ARTS, LIB])
    assert re.findall("# TYPE campusnews_(.*) gauge", text) == list(HELP)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_label_can_end_its_line_or_begin_another_series(text: str) -> None:
    standing = replace(LIB, outcome=replace(LIB.outcome, site=text), reasons={text: 1})
    found = parsed(exposition(RUN, [standing]))
    assert value(found, "site_problems", site=text, reason=text) == 1


def test_the_parser_of_prometheus_itself_reads_the_same() -> None:
    parser = pytest.importorskip("prometheus_client.parser")
    nasty = replace(LIB, outcome=replace(LIB.outcome, site='a "b"\\n\n c'))
    text = exposition(RUN, [ARTS, LIB, nasty])
    theirs = {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in parser.text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert theirs == parsed(text)
