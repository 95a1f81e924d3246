"""What a person sees of a run under way, on a terminal and in a log."""

from __future__ import annotations

import io
import json
import logging
from dataclasses import replace

import pytest

from scraper.frontier import Task
from scraper.pace import Amount, Lane, Queue, View
from scraper.progress import LINE_EVERY, duration, facts, lines, view_bars, view_line, watching
from scraper.wrapping import to_text

LIB = Lane("lib", Amount(40, 100), 0.5, 120.0)
ARTS = Lane("arts", Amount(1, 3), None, None)
SEEN = View(131.4, Lane("all", Amount(41, 103), 1.25, 120.0), (LIB, ARTS), 2, 0)
WALKING = View(131.4, Lane("all", Amount(41, 103), 123.4, None), (), 1, 3)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_line_of_the_log_has_pages_rate_queue_time_left_and_the_longest_sites() -> None:
    assert view_line(SEEN) == (
        "41 of 103 pages known so far in 0:02:11, 1.2 a second, 62 waiting at 2 hosts, about 2 min left; "
        "longest: lib 40 of 100 (2 min), arts 1 of 3"
    )


def test_while_a_site_may_still_add_to_its_queue_the_time_left_is_a_least_one() -> None:
    assert "at least 2 min left" in view_line(replace(SEEN, least=True))


def test_when_all_that_is_known_was_taken_in_no_time_is_told() -> None:
    ended = View(9.0, Lane("all", Amount(88, 88), 7.3, 0.0), (), 0, 0, least=True)
    assert view_line(ended).endswith("7.3 a second, nothing waiting")


def test_a_time_that_nobody_can_know_is_called_unknown_and_why() -> None:
    assert view_line(WALKING).endswith(
        "123 a second, 62 waiting at 1 host, time left unknown: 3 lists still being walked"
    )


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "1 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (12_000, "3 h 20 min"),
        (200_000, "2 d 7 h"),
    ],
)
def test_a_duration_has_one_or_two_units(seconds: float, told: str) -> None:
    assert duration(seconds) == told


def test_bars_show_the_sites_that_take_longest_and_the_whole() -> None:
    rows = to_text(view_bars(SEEN)).splitlines()
    assert [row.split()[0] for row in rows] == ["lib", "arts", "41"]
    assert "40/100" in rows[0]
    assert "0.5/s" in rows[0]
    assert rows[-1] == "41 of 103 pages · 1.2/s · about 2 min left · 0:02:11"
    many = View(1.0, LIB, tuple(Lane(f"site-{n}", Amount(0, 1), None, None) for n in range(200)), 200, 0)
    shown = to_text(view_bars(many)).splitlines()
    assert len(shown) == 12
    assert "and 190 more sites" in shown[-2]


def test_a_terminal_gets_bars_and_a_log_gets_lines_only_now_and_then(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    now, queue = 0.0, Queue()
    tasks = [Task("lib", "article", f"http://lib.example.edu/{n}", "") for n in range(100)]
    for task in tasks:
        queue.found(task)
    watch = lines(lambda: now)
    for task in tasks:
        now += LINE_EVERY / 10
        watch(queue.took(task))
    told = [record for record in caplog.records if record.name == "scraper.progress"]
    assert len(told) == 10
    assert told[0].getMessage().startswith("10 of 100 pages")
    assert json.dumps(told[0].progress)  # type: ignore[attr-defined]
    terminal = Terminal()
    for task in tasks:
        queue.found(task)
    with watching(terminal, drawn=True) as watch:
        watch(queue.took(tasks[0]))
    assert "lib" in terminal.getvalue()


def test_the_facts_are_json_with_null_for_what_is_unknown() -> None:
    found = json.loads(json.dumps(facts(SEEN)))
    assert (found["done"], found["known"], found["left"], found["hosts"]) == (41, 103, 120, 2)
    assert found["sites"]["arts"] == {"done": 1, "known": 3, "rate": None, "left": None}
