"""What is told of a run and of the sites: in a terminal, in the one line of a log, and as JSON."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from scraper.counts import DEEDS, PURPOSES, TRAFFIC, deed_words, deeds, purposes, traffic_line
from scraper.gather import Purpose
from scraper.past.reading import Refusal
from scraper.rereads import Came
from scraper.run_report import run_line, run_report, runs_table, seconds_of, took, wrong_lines
from scraper.states import Told
from scraper.status_report import status_json, status_report
from scraper.wrapping import to_text
from storage.records import Problem, Run, SiteOutcome, Standing, Version

pytestmark = pytest.mark.usefixtures("catalogue")

ROOT = Path(__file__).parents[1]
ASKED = {
    "requests": 41,
    "bytes": 1_234_567,
    "not_modified": 12,
    "for_robots": 1,
    "for_listings": 4,
    "for_articles": 30,
    "for_looks": 4,
    "for_retries": 2,
}
RUN = Run(
    1,
    "2023-10-01T08:00:00+00:00",
    "2023-10-01T08:03:12+00:00",
    "done",
    {"articles": 1320, "new": 60, "edit": 0} | ASKED,
)
LIBRARY = SiteOutcome("library", "done", None, {"articles": 12, "edit": 0} | ASKED)
SCHOOL = SiteOutcome("school", "failed", "the host is down")
ARTS = SiteOutcome("arts", "drifted", "views: no longer shown", {}, ("field_lost:views",))
TOLD = "41 requests, 1.2 MB, 12 not modified: 1 robots.txt, 4 listings, 30 articles, 4 looks again, 2 retries"


def test_what_was_asked_for_is_told_apart_from_what_was_done() -> None:
    assert traffic_line(LIBRARY.counts) == TOLD
    assert deeds(LIBRARY.counts) == {"articles": 12}
    assert traffic_line({"requests": 1, "bytes": 900}) == "1 request, 900 B"
    assert traffic_line({"articles": 3}) == ""


def test_every_count_that_a_run_can_have_has_words() -> None:
    """Names come from the types of what comes of a page, and stand where they are counted."""
    reasons = get_type_hints(Version)["reason"]
    typed = {name for kind in (Told, Came, Refusal, reasons) for name in names_of(kind)}
    code = "".join(file.read_text("utf-8") for file in (ROOT / "scraper").rglob("*.py"))
    counted = {*re.findall(r"\bcounts\[\"(\w+)\"\]", code), *re.findall(r"\btold\[\"(\w+)\"\]", code)}
    assert {"articles", "layouts", "requests"} <= counted
    assert (typed | counted) - TRAFFIC <= set(DEEDS)
    assert not any("_" in word for words in DEEDS.values() for word in words)


def names_of(kind: Any) -> set[str]:
    """Return the names of a type of literals."""
    return {name for each in get_args(kind) for name in ({each} if isinstance(each, str) else names_of(each))}


def test_one_of_a_thing_is_told_as_one() -> None:
    counts = {"articles": 1, "edit": 2, "layouts": 1, "out_of_scope": 3, "alias": 0}
    assert deed_words(counts) == ["1 article", "2 edited", "1 layout learned", "3 links to other sites"]
    assert traffic_line({"requests": 1, "for_retries": 1}) == "1 request, 0 B: 1 retry"


def test_a_fact_stays_in_one_line() -> None:
    counts = {"listings": 21, "articles": 69, "new": 69}
    assert to_text(run_report(RUN, [SiteOutcome("arts", "done", None, counts)], {}, {}), 44).startswith(
        "arts           21 listings · 69 articles ·\n               69 new\n"
    )


def test_every_purpose_has_a_word() -> None:
    assert set(PURPOSES) == {f"for_{purpose}" for purpose in get_args(Purpose)}
    assert len(purposes(dict.fromkeys(PURPOSES, 1))) == len(PURPOSES) == len(set(PURPOSES.values()))


def test_a_run_tells_what_each_site_did_and_asked_for_and_why_one_failed() -> None:
    run = replace(RUN, outcome="incomplete")
    assert to_text(run_report(run, [LIBRARY, SCHOOL], {"new": 2}, {}), 120) == (
        "library        12 articles\n"
        f"               {TOLD}\n"
        "school\n"
        "  ! the host is down\n"
        "run 1 incomplete in 0:03:12 · 2 new\n"
        f"{TOLD}\n"
    )


def test_a_run_of_one_site_tells_its_requests_once() -> None:
    assert to_text(run_report(RUN, [LIBRARY], {}, {}), 120).count("requests") == 1


def test_the_names_of_what_gave_nothing_are_in_the_report_of_a_run() -> None:
    told = to_text(run_report(RUN, [LIBRARY], {}, {"captcha": 2, "tls_old": 1}), 120)
    assert "3 problems (2 captcha, 1 tls_old): `campusnews status` says what to do" in told


def test_the_line_of_a_run_has_the_same_words_every_night() -> None:
    assert run_line(RUN, [LIBRARY], {}, {}) == (
        "run 1 done at 2023-10-01 08:03 UTC in 0:03:12: 1 site, 0 new, 0 changed, 0 withdrawn, "
        "41 requests, 1.2 MB, 12 not modified, 0 problems"
    )


def test_the_line_of_a_run_names_the_sites_that_failed_or_drifted_and_the_other_lines_why() -> None:
    run = replace(RUN, outcome="incomplete")
    line = run_line(run, [LIBRARY, SCHOOL, ARTS], {"new": 4, "blocked": 1}, {"captcha": 2, "dns": 1})
    assert "3 sites, 4 new, 0 changed, 0 withdrawn, 1 blocked, " in line
    assert line.endswith("3 problems (2 captcha, 1 dns); failed: school; drifted: arts")
    assert wrong_lines([LIBRARY, SCHOOL, ARTS]) == [
        "school failed: the host is down",
        "arts drifted: views: no longer shown",
    ]


def test_a_line_of_a_run_stays_one_line_whatever_a_site_said() -> None:
    nasty = SiteOutcome("x\r\nrun 2 done", "failed", "a\nb\x1b[2J")
    for line in (run_line(RUN, [nasty], {}, {}), *wrong_lines([nasty])):
        assert len(line.splitlines()) == 1
        assert line.isprintable()


def test_the_runs_stand_in_a_table() -> None:
    running = Run(12, "2023-10-02T08:00:00+00:00", None, "running")
    assert to_text(runs_table([RUN, running]), 120) == (
        "run  started (UTC)     took     outcome  counts\n"
        "  1  2023-10-01 08:00  0:03:12  done     "
        "41 requests · 1.2 MB · 12 not modified · 1,320 articles · 60 new\n"
        " 12  2023-10-02 08:00  –        running\n"
    )  # fmt: skip


def test_the_table_says_which_run_was_a_backfill() -> None:
    told = to_text(runs_table([replace(RUN, kind="backfill")]), 120)
    assert "done     backfill · 41 requests · " in told


def test_a_clock_that_was_set_back_makes_no_negative_time() -> None:
    back = replace(RUN, finished_at="2023-09-29T08:00:00+00:00")
    assert (took(back), seconds_of(back)) == ("0:00:00", 0.0)


# ---- status

WELL = Standing(7, "2023-10-07T02:00:00+00:00", LIBRARY, "2023-10-07T02:00:00+00:00", {}, {"live": 90})
DOWN = Standing(
    7, "2023-10-07T02:00:00+00:00", SCHOOL, "2023-10-01T02:00:00+00:00", {"timeout": 9, "dns": 1}, {"live": 3}
)
MOVED = Standing(7, "2023-10-07T02:00:00+00:00", ARTS, None)
LAST = replace(RUN, id=7, started_at="2023-10-07T02:00:00+00:00", outcome="incomplete")
PROBLEMS = [
    Problem("school", f"http://school.example.edu/{n}", "timeout", "too slow", "2023-10-07T02:01:00+00:00")
    for n in range(9)
]


def test_the_status_says_when_each_site_last_went_well_and_what_went_wrong_by_reason() -> None:
    rows = to_text(status_report(LAST, [MOVED, WELL, DOWN], PROBLEMS, {"library": 12}), 100).splitlines()
    assert rows[:3] == [
        "arts           no articles · never well",
        "  ! drifted: views: no longer shown",
        "  ! drift: field_lost:views",
    ]
    assert rows[3] == "library        90 live · 12 due · last well 2023-10-07 02:00 UTC"
    assert rows[4:6] == [
        "school         3 live · last well 2023-10-01 02:00 UTC",
        "  ! failed: the host is down",
    ]
    assert rows[6].startswith("  ! 9 timeout: ")
    assert "the next run tries again" in " ".join(rows[6:8])
    assert "    http://school.example.edu/0" in rows
    assert "    and 6 more: `campusnews status --json`" in rows
    assert any(row.startswith("  ! 1 dns: ") for row in rows)
    assert rows[-1] == "last run 7 incomplete at 2023-10-07 02:00 UTC"


def test_a_site_that_the_last_run_was_not_over_tells_which_run_was() -> None:
    later = replace(LAST, id=8)
    rows = to_text(status_report(later, [WELL], [], {}), 100).splitlines()
    assert rows[1] == "               done in run 7 of 2023-10-07 02:00 UTC"
    stopped = replace(WELL, outcome=replace(LIBRARY, outcome=None))
    assert "not finished in run 7" in to_text(status_report(LAST, [stopped], [], {}), 100)


def test_the_status_before_the_first_run_says_what_to_do() -> None:
    assert "campusnews crawl" in to_text(status_report(None, [], [], {}))


def test_the_status_as_json_has_the_outcome_of_each_site_and_how_it_stands() -> None:
    found = json.loads(json.dumps(status_json(LAST, [WELL, DOWN], PROBLEMS, {"school": 2}, [])))
    assert set(found) == {"run", "sites", "problems", "states", "robots", "lost"}
    school = found["sites"][1]
    assert (school["site"], school["outcome"], school["run"]) == ("school", "failed", 7)
    assert (school["due"], found["sites"][0]["due"]) == (2, None)
    assert school["reasons"] == {"timeout": 9, "dns": 1}
    assert school["well_at"] == "2023-10-01T02:00:00+00:00"
    assert found["states"] == {"library": {"live": 90}, "school": {"live": 3}}


@pytest.mark.parametrize("text", ["\x1b[31m", "a\r\nb"])
def test_no_reason_of_a_site_can_speak_to_the_terminal(text: str) -> None:
    told = replace(DOWN, outcome=replace(SCHOOL, problem=text), reasons={text: 1})
    shown = to_text(status_report(LAST, [told], [], {}), 100)
    assert "\x1b" not in shown
    assert "\r" not in shown
