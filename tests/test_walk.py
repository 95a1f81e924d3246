"""How far a listing is walked, and what being absent from it proves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.walk import Seen, Walk

NOW = datetime(2026, 10, 1, 2, 0, tzinfo=UTC)
FALLING = [f"2026-09-{day:02}" for day in range(28, 8, -1)]


def walked(*pages: list[tuple[str | None, bool]], stops: bool = True) -> Walk:
    walk = Walk(stops)
    for page in pages:
        walk.take([Seen(*line) for line in page], NOW)
        if walk.met:
            break
    return walk


def page(news: int, days: list[str] | None = None) -> list[tuple[str | None, bool]]:
    return [(day, at >= news) for at, day in enumerate(FALLING if days is None else days)]


@pytest.mark.parametrize(("news", "met"), [(0, True), (15, True), (16, False), (20, False)])
def test_a_walk_ends_after_a_stretch_of_known_lines(news: int, met: bool) -> None:
    assert walked(page(news)).met == met


def test_a_short_page_has_to_be_known_whole() -> None:
    assert walked(page(0, FALLING[:3])).met
    assert not walked(page(1, FALLING[:3])).met


def test_pinned_lines_that_are_known_are_no_stretch() -> None:
    pinned = [("2025-01-01", True)] * 8
    assert not walked([*pinned, *page(12, FALLING[:12])]).met
    assert walked([*pinned, *page(4, FALLING[:12])]).met


def test_a_walk_after_one_that_was_cut_short_goes_to_the_end() -> None:
    walk = walked(page(0), stops=False)
    assert not walk.met
    assert walk.whole


@pytest.mark.parametrize(
    "days", [FALLING[::-1], [FALLING[at * 7 % 20] for at in range(20)]], ids=["oldest first", "jumbled"]
)
def test_a_list_that_does_not_run_from_the_newest_down_is_walked_to_its_end(days: list[str]) -> None:
    assert not walked(page(0, days)).met


def test_a_list_without_days_is_taken_to_run_from_the_newest_down_and_proves_nothing() -> None:
    walk = walked([(None, True)] * 10)
    assert walk.met
    assert walk.proof() is None


def test_a_walk_in_order_proves_absence_down_to_its_last_day() -> None:
    assert walked(page(3)).proof() == FALLING[-1]
    two = walked(page(10, FALLING[:10]), page(0, FALLING[10:]))
    assert two.proof() == FALLING[-1]


def test_one_line_out_of_order_proves_nothing_but_ends_the_walk() -> None:
    days = [*FALLING[:14], "2026-10-01", *FALLING[14:]]
    walk = walked(page(0, days))
    assert walk.met
    assert walk.proof() is None


def test_pages_that_overlap_out_of_order_prove_nothing() -> None:
    assert walked(page(10, FALLING[10:]), page(0, FALLING[:10])).proof() is None


@given(st.lists(st.lists(st.tuples(st.none() | st.dates().map(str), st.booleans()), max_size=30), max_size=4))
def test_no_page_breaks_a_walk(pages: list[list[tuple[str | None, bool]]]) -> None:
    walk = walked(*pages)
    assert walk.proof() is None or isinstance(walk.proof(), str)


def test_a_walk_that_paused_for_long_or_lacks_its_beginning_proves_nothing() -> None:
    down = FALLING[-1]
    for pause, proof in (
        (timedelta(hours=1), down),
        (timedelta(hours=9), None),
        (timedelta(hours=-48), down),
    ):
        walk = Walk()
        walk.take([Seen(*line) for line in page(10, FALLING[:10])], NOW)
        walk.take([Seen(*line) for line in page(10, FALLING[10:])], NOW + pause)
        assert walk.proof() == proof
    assert Walk(torn=True).proof() is None
