"""Coverage of one run against an earlier one, and what a single record lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scraper.drift import Tally, drifts, expected, is_shown, losses, spread
from storage.records import Article, Extractor, SiteOutcome

KEPT = Article(
    "1",
    "http://szqu.example/1",
    "szqu",
    "Chairs repaired",
    Extractor("generic", 1),
    section="News",
    release_time="2026-10-01",
    body="The chairs of the library were repaired. " * 10,
    provenance={"release_time": "head", "section": "breadcrumb:.path"},
)
GOOD = {"articles": 20, "release_time": 1.0, "views": 0.9, "section": 1.0, "body": 800, "items": 20}


def names(before: dict[str, float], now: dict[str, float]) -> list[str]:
    return [name for name, _ in drifts(before, now)]


def test_a_tally_becomes_shares_and_the_median_length() -> None:
    tally = Tally(items=3)
    for body in ("a" * 10, "a" * 20, "a" * 90):
        tally.add(replace(KEPT, body=body))
    assert tally.coverage() == {
        "items": 3,
        "articles": 3,
        "body": 20,
        "release_time": 1.0,
        "views": 0.0,
        "section": 1.0,
    }


def test_what_the_list_lent_is_not_shown_by_the_page() -> None:
    assert is_shown(KEPT, "release_time")
    assert not is_shown(replace(KEPT, provenance={"release_time": "listing"}), "release_time")


def test_a_run_like_the_one_before_has_no_drift() -> None:
    assert names(GOOD, GOOD | {"views": 0.6, "body": 500, "items": 15}) == []


@pytest.mark.parametrize(
    ("fell", "name"),
    [
        ({"release_time": 0.4}, "field_lost:release_time"),
        ({"views": 0.0}, "field_lost:views"),
        ({"section": 0.1}, "field_lost:section"),
        ({"body": 100}, "bodies_shrank"),
        ({"items": 0}, "empty_listing"),
        ({"items": 6}, "listing_shrank"),
    ],
)
def test_each_way_to_fall_has_its_name(fell: dict[str, float], name: str) -> None:
    assert names(GOOD, GOOD | fell) == [name]


def test_few_articles_prove_nothing() -> None:
    assert names(GOOD, {"articles": 4, "release_time": 0.0, "views": 0, "section": 0, "body": 0}) == []


def test_a_list_not_walked_whole_proves_nothing() -> None:
    assert names(GOOD, {name: value for name, value in GOOD.items() if name != "items"}) == []


def test_what_is_expected_comes_from_the_newest_run_that_went_well() -> None:
    def run(outcome: str, **coverage: float) -> SiteOutcome:
        return SiteOutcome("szqu", outcome, coverage={"/list": coverage})  # type: ignore[arg-type]

    drifted = run("drifted", articles=9, body=5)
    outcomes = [drifted, run("done", articles=9, body=700), run("done", articles=9, body=900, items=30)]
    assert expected(outcomes) == {"/list": {"articles": 9, "body": 700, "items": 30}}


def test_a_run_that_looked_at_a_few_articles_only_sets_no_measure() -> None:
    few = SiteOutcome("szqu", "done", coverage={"/list": {"articles": 2.0, "body": 90.0, "day_first": 1.0}})
    many = SiteOutcome("szqu", "done", coverage={"/list": {"articles": 40.0, "body": 900.0}})
    assert expected([few, many]) == {"/list": {"articles": 40.0, "body": 900.0, "day_first": 1.0}}


@pytest.mark.parametrize(
    ("article", "lost"),
    [
        (KEPT, set()),
        (replace(KEPT, body=KEPT.body[:200]), set()),
        (replace(KEPT, body=KEPT.body[:60]), {"body"}),
        (replace(KEPT, title="Welcome"), {"title"}),
        (replace(KEPT, title="CHAIRS  repaired!"), set()),
        (replace(KEPT, release_time=None), {"release_time"}),
        (
            replace(KEPT, provenance={"release_time": "listing", "section": "config"}),
            {"release_time", "section"},
        ),
    ],
)
def test_what_a_record_lost(article: Article, lost: set[str]) -> None:
    assert losses(KEPT, article) == lost


@pytest.mark.parametrize(
    ("lost", "read", "is_drift"), [(1, 1, False), (1, 20, False), (2, 3, True), (3, 20, False), (6, 20, True)]
)
def test_a_loss_is_the_sites_when_many_share_it(lost: int, read: int, is_drift: bool) -> None:
    assert spread([frozenset(("body",))] * lost, read) == (frozenset(("body",)) if is_drift else frozenset())
