"""The archive as of an earlier moment is what a copy of it, taken then, tells."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import Archive
from storage.choice import ALL, Choice
from storage.errors import InvalidChoice, UnknownRun

from .campus_days import Days, Seen, article
from .test_stream import SEEN

pytestmark = pytest.mark.usefixtures("catalogue")

Records = dict[str, dict[str, Any]]
MOVING = ("last_seen", "views_observed_at")  # with every look
DETAILS = ("author", "section", "capture", "provenance")  # without a version


@pytest.fixture
def days(tmp_path: Path) -> Days:
    return Days(tmp_path / "archive")


def records(archive: Archive, **choice: Any) -> Records:
    return {found.id: found.to_json() for found in archive.articles(**choice)}


def without(found: Records, *names: str) -> Records:
    return {key: {k: v for k, v in record.items() if k not in names} for key, record in found.items()}


def story() -> list[list[Seen]]:
    """A week in which articles appear, are edited, leave their list, vanish, come back and fail."""
    return [
        [article(1), article(2, section="Sports"), article(3, views=None, views_source=None)],
        [article(1, views=12), (article(2, section="Sports"), "unlisted"), ("a3", "gone")],
        [article(1, body="Edited."), ("a3", "gone"), article(4, site="library", release_time="2026-09-03")],
        [article(1, body="Edited.", views=12), ("a4", "error"), ("a2", "blocked")],
        [article(2, section="Sports"), article(3), article(4, site="library", release_time="2026-09-04")],
        [article(1, body="Edited twice.", title="Corrected", views=11)],
    ]


def lived(days: Days, looks: list[list[Seen]]) -> list[Records]:
    """Return what the archive held after each of these runs, the empty one before them first."""
    copies: list[Records] = [{}]
    for run in looks:
        days.run(*run)
        with days.open() as archive:
            copies.append(records(archive))
    return copies


def test_every_field_but_the_moving_ones_is_as_a_copy_of_that_moment_has_it(days: Days) -> None:
    copies = lived(days, story())
    with days.open() as archive:
        for run, copy in enumerate(copies):
            assert without(records(archive, as_of=run), *MOVING) == without(copy, *MOVING)


def test_the_last_moment_is_what_the_archive_tells_of_now(days: Days) -> None:
    *_, now = lived(days, story())
    with days.open() as archive:
        assert records(archive, as_of=len(story())) == now


def test_moving_times_are_never_later_than_they_were_and_never_before_the_article(days: Days) -> None:
    copies = lived(days, story())
    with days.open() as archive:
        for run, copy in enumerate(copies):
            for key, record in records(archive, as_of=run).items():
                assert record["first_seen"] <= record["last_seen"] <= copy[key]["last_seen"]
                if record["views"] is not None:
                    assert (
                        record["first_seen"] <= record["views_observed_at"] <= copy[key]["views_observed_at"]
                    )


def test_of_an_article_not_looked_at_since_the_moving_times_are_exact(days: Days) -> None:
    copies = lived(days, [[article(1), article(2)], [article(1), article(2)], [article(1, body="Edited.")]])
    with days.open() as archive:
        assert records(archive, as_of=2)["a2"] == copies[2]["a2"]


def test_a_look_that_read_nothing_is_not_taken_for_one_that_saw_it(days: Days) -> None:
    lived(days, [[article()], [("a1", "gone")], [article()]])
    with days.open() as archive:
        first, second = records(archive, as_of=1)["a1"], records(archive, as_of=2)["a1"]
    assert second["state"] == "missing"
    assert second["last_seen"] == first["first_seen"]


def test_a_record_read_again_from_its_capture_was_not_seen_then(days: Days) -> None:
    lived(days, [[article()]])
    days.now += timedelta(days=1)
    with Archive.open(days.path, write=True) as archive:
        archive.begin_run(days.now, ["campus"], kind="reextract")
        archive.reread(article(title="Read otherwise"), now=days.now)
        archive.end_run(days.now, "done", {})
    days.run(article(title="Read otherwise"))
    with days.open() as archive:
        first, second = records(archive, as_of=1)["a1"], records(archive, as_of=2)["a1"]
    assert (first["title"], second["title"]) == ("Notice 1", "Read otherwise")
    assert second["last_seen"] == first["last_seen"]


def test_details_that_make_no_version_are_those_last_read_for_it(days: Days) -> None:
    lived(days, [[article(language="a")], [article(language="b")], [article(language="c", body="Edited.")]])
    with days.open() as archive:
        assert [records(archive, as_of=run)["a1"]["language"] for run in (1, 2, 3)] == ["b", "b", "c"]


@given(st.lists(st.lists(SEEN, max_size=4), min_size=1, max_size=5))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happened_content_state_and_views_are_those_of_the_moment(
    tmp_path_factory: pytest.TempPathFactory, looks: list[list[Seen]]
) -> None:
    days = Days(tmp_path_factory.mktemp("days") / "archive")
    copies = lived(days, looks)
    with days.open() as archive:
        for run, copy in enumerate(copies):
            loose = (*MOVING, *DETAILS)
            assert without(records(archive, as_of=run), *loose) == without(copy, *loose)
        assert records(archive, as_of=len(looks)) == copies[-1]


def test_a_choice_is_made_of_the_records_as_they_were(days: Days) -> None:
    lived(days, story())
    with days.open() as archive:
        assert list(records(archive, as_of=3, site="library")) == ["a4"]
        assert list(records(archive, as_of=3, until="2026-09-03", since="2026-09-03")) == ["a4"]
        assert list(records(archive, as_of=6, until="2026-09-03", since="2026-09-03")) == []
        assert list(records(archive, as_of=3, since_run=2)) == ["a1", "a3", "a4"]
        assert list(records(archive, as_of=2, section="Sports")) == ["a2"]
        assert list(records(archive, as_of=3, text="EDITED")) == ["a1"]


def test_versions_views_runs_and_events_end_at_the_moment(days: Days) -> None:
    lived(days, story())
    with days.open() as archive:
        for choice in (Choice(as_of=2), Choice(as_of=2, until="2026-12-31")):
            assert [(v.article.id, v.number) for v in archive.histories(choice)] == [
                ("a1", 1),
                ("a2", 1),
                ("a3", 1),
            ]
            assert [(s.article_id, s.views) for s in archive.series(choice)] == [
                ("a1", 10),
                ("a1", 12),
                ("a2", 10),
            ]
            assert archive.spans(choice) == [
                ("campus", "hidden", 1, "2026-08-30", "2026-08-30"),
                ("campus", "live", 1, "2026-08-30", "2026-08-30"),
                ("campus", "missing", 1, "2026-08-30", "2026-08-30"),
            ]
        assert max(event.run for event in archive.events(choice=Choice(as_of=2))) == 2
        assert [run.id for run in archive.runs(as_of=2)] == [1, 2]
        assert archive.cursor(as_of=2) == max(e.cursor for e in archive.events(choice=Choice(as_of=2)))
        assert archive.spans(Choice(as_of=6)) == archive.spans(ALL)


def test_a_day_stands_for_the_last_run_that_had_finished_by_its_end(days: Days) -> None:
    lived(days, story())  # the first on 2 September, at eight
    with days.open() as archive:
        assert [archive.run_at(f"2026-09-0{day}") for day in (1, 2, 3, 7, 9)] == [0, 1, 2, 6, 6]
        assert archive.run_at(date(2026, 9, 3)) == 2
        second = datetime(2026, 9, 3, 8, tzinfo=UTC)
        assert archive.run_at(second) == 2
        assert archive.run_at(second - timedelta(seconds=1)) == 1
        assert records(archive, as_of="2026-09-03") == records(archive, as_of=2)
        assert list(archive.changes(since_run="2026-09-02", until_run=date(2026, 9, 4))) == list(
            archive.changes(since_run=1, until_run=3)
        )


def test_a_run_under_way_is_no_part_of_a_day(days: Days) -> None:
    days.run(article())
    days.now += timedelta(hours=1)
    with Archive.open(days.path, write=True) as archive:
        archive.begin_run(days.now, ["campus"])
        days.see(archive, article(2))
        archive.commit()
        with days.open() as reader:
            assert list(records(reader)) == ["a1", "a2"]
            assert list(records(reader, as_of=days.now.date())) == ["a1"]


@pytest.mark.parametrize(
    "moment", ["yesterday", "20260901", "2026-W01-1", "", datetime(2026, 9, 1), "2026-02-30"]
)
def test_what_is_no_moment_is_refused_at_once(days: Days, moment: Any) -> None:
    days.run(article())
    with days.open() as archive:
        with pytest.raises(InvalidChoice):
            archive.articles(as_of=moment)


@pytest.mark.parametrize("number", [2, -1])
def test_a_run_there_never_was_is_named_with_those_there_are(days: Days, number: int) -> None:
    days.run(article())
    with days.open() as archive:
        with pytest.raises(UnknownRun, match="the archive has runs 1 to 1"):
            archive.articles(as_of=number)
        with pytest.raises(UnknownRun):
            archive.changes(since_run=number)
