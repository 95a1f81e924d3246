"""The change stream: every event once, in order, however it is read, and in the end what an export has."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from scraper.config import load_config
from scraper.crawl import crawl
from scraper.demo.campus import Campus
from storage import Archive
from storage.choice import Choice
from storage.errors import UnknownCursor
from storage.schema import event_schema, record_schema

from .campus_days import Days, Seen, article

pytestmark = pytest.mark.usefixtures("catalogue")

ALWAYS_NEW = ("last_seen", "views_observed_at")  # move with every look, and tell nothing


@pytest.fixture
def days(tmp_path: Path) -> Days:
    return Days(tmp_path / "archive")


class Consumer:
    """Keeps what the stream tells, and knows the archive by nothing else."""

    def __init__(self) -> None:
        self.cursor = 0
        self.read: list[int] = []
        self.records: dict[str, dict[str, Any]] = {}
        self.shown: set[str] = set()

    def poll(self, archive: Archive, limit: int | None = None) -> None:
        for event in islice(archive.events(self.cursor, views=True), limit):
            self.cursor = event.cursor
            self.read.append(event.cursor)
            self.records[event.article.id] = event.article.to_json()
            (self.shown.discard if event.tombstone else self.shown.add)(event.article.id)


def lasting(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in ALWAYS_NEW}


def exported(archive: Archive) -> dict[str, dict[str, Any]]:
    return {found.id: lasting(found.to_json()) for found in archive.articles()}


def kinds(archive: Archive, after: int = 0, **options: Any) -> list[tuple[str, tuple[str, ...]]]:
    return [(event.article.id, event.kinds) for event in archive.events(after, **options)]


SEEN = st.builds(
    lambda number, words, author, views, look: (
        (
            article(number, body=words, author=author, views=views)
            if look in ("seen", "unlisted")
            else f"a{number}"
        ),
        look,
    ),
    st.integers(1, 3),
    st.sampled_from(["One text.", "Another text.", "A third."]),
    st.sampled_from([None, "A", "B"]),
    st.sampled_from([None, 1, 2]),
    st.sampled_from(["seen", "seen", "seen", "unlisted", "gone", "blocked", "error"]),
)
POLLS = st.lists(st.one_of(st.none(), st.integers(1, 4)), max_size=3)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(runs=st.lists(st.tuples(st.lists(SEEN, max_size=5), POLLS), min_size=1, max_size=4))
def test_any_split_of_polling_ends_in_what_an_export_has(
    tmp_path_factory: pytest.TempPathFactory,
    runs: list[tuple[list[Seen], list[int | None]]],
) -> None:
    days, consumer = Days(tmp_path_factory.mktemp("days") / "archive"), Consumer()
    for looks, polls in runs:
        days.run(*looks)
        for limit in polls:
            with days.open() as archive:
                consumer.poll(archive, limit)
    with days.open() as archive:
        consumer.poll(archive)
        at_once = Consumer()
        at_once.poll(archive)
        assert consumer.read == at_once.read == sorted(set(at_once.read))
        assert {key: lasting(record) for key, record in consumer.records.items()} == exported(archive)
        hidden = {found.id for found in archive.articles() if found.state in ("hidden", "withdrawn")}
        assert not consumer.shown & hidden


def test_who_polls_while_a_run_writes_loses_nothing_and_reads_nothing_twice(days: Days) -> None:
    days.run(article(1))
    consumer = Consumer()
    with Archive.open(days.path, write=True) as writer:
        writer.begin_run(days.now, ["campus"])
        for number in range(2, 8):
            days.see(writer, article(number))
            days.see(writer, article(1, body=f"Edited {number} times."))
            if number % 2:
                writer.commit()  # the others wait for the next one
            with days.open() as reader:
                consumer.poll(reader, limit=1 if number < 6 else None)
        writer.end_run(days.now, "done", {})
    with days.open() as reader:
        consumer.poll(reader)
        assert consumer.read == [event.cursor for event in reader.events(0, views=True)]
        assert {key: lasting(record) for key, record in consumer.records.items()} == exported(reader)


def test_a_copy_kept_while_crawls_of_a_campus_go_on_is_what_an_export_has(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    with Campus() as campus:
        path.write_text(campus.config("archive"), "utf-8")
        config, consumer = load_config(path), Consumer()
        crawl(config)
        for edition in (2, 1, 2):
            campus.edition = edition
            going = threading.Thread(target=crawl, args=(config,), kwargs={"whole": True})
            going.start()
            while going.is_alive():
                with Archive.open(tmp_path / "archive") as archive:
                    consumer.poll(archive, limit=7)
            going.join()
    with Archive.open(tmp_path / "archive") as archive:
        consumer.poll(archive)
        assert consumer.read == [event.cursor for event in archive.events(0, views=True)]
        assert {key: lasting(record) for key, record in consumer.records.items()} == exported(archive)
        assert {"new", "changed", "missing", "restored", "views"} <= {
            kind for event in archive.events(0, views=True) for kind in event.kinds
        }


def test_what_was_never_committed_is_never_told_and_its_place_is_not_skipped(days: Days) -> None:
    days.run(article(1))
    with Archive.open(days.path, write=True) as writer:
        writer.begin_run(days.now, ["campus"])
        days.see(writer, article(2))  # and the power goes
    with days.open() as reader:
        assert reader.cursor() == 1
    days.run(article(3))
    with days.open() as reader:
        assert kinds(reader, after=1) == [("a3", ("new",))]


def test_an_article_that_was_not_yet_told_of_comes_as_new_however_late_it_was_edited(days: Days) -> None:
    days.run(article(1), article(2))
    days.run(article(1, body="Edited."))
    with days.open() as archive:
        (first,) = islice(archive.events(0), 1)
        rest = list(archive.events(first.cursor))
    assert [(event.article.id, event.kinds) for event in rest] == [("a2", ("new",)), ("a1", ("changed",))]


def test_each_edit_is_an_event_of_its_own_also_one_that_was_taken_back(days: Days) -> None:
    days.run(article())
    days.run(article(body="Edited."))
    days.run(article())
    with days.open() as archive:
        events = list(archive.events(0))
    assert [event.kinds for event in events] == [("new",), ("changed",), ("changed",)]
    assert [event.article.version for event in events] == [1, 2, 3]
    assert [event.from_version for event in events] == [None, 1, 2]
    assert [event.article.body for event in events] == ["Body of notice 1.", "Edited.", "Body of notice 1."]
    assert [event.reason for event in events] == ["new", "edit", "edit"]


def test_the_changes_after_a_cursor_are_those_of_the_events(days: Days) -> None:
    days.run(article(1), article(2))
    days.run(article(1, body="Edited."), ("a2", "gone"))
    days.run(article(1), ("a2", "gone"))
    with days.open() as archive:
        told = [(change.article_id, change.kind) for change in archive.changes(cursor=0)]
        (first, *_) = archive.changes(cursor=0)
        after = [(change.article_id, change.kind) for change in archive.changes(cursor=first.cursor)]
    edits = [("a1", "changed"), ("a2", "missing"), ("a1", "changed"), ("a2", "withdrawn")]
    assert told == [("a1", "new"), ("a2", "new"), *edits]
    assert after == [("a2", "new"), *edits]


def test_what_is_taken_down_is_a_tombstone_until_it_is_back(days: Days) -> None:
    days.run(article(1), article(2))
    days.run(("a1", "gone"), (article(2), "unlisted"))
    days.run(("a1", "gone"), ("a2", "error"))
    days.run(article(1), article(2))
    with days.open() as archive:
        told = [(event.article.id, event.kinds, event.tombstone) for event in archive.events(2)]
    assert told == [
        ("a1", ("missing",), False),
        ("a2", ("hidden",), True),
        ("a1", ("withdrawn",), True),
        ("a2", ("error",), True),  # a look that failed does not bring it back
        ("a1", ("restored",), False),
        ("a2", ("restored",), False),
    ]


def test_an_edit_of_an_article_that_left_its_lists_is_one_event_with_both(days: Days) -> None:
    days.run(article())
    days.run((article(body="Edited."), "unlisted"))
    with days.open() as archive:
        (event,) = archive.events(1)
    assert event.kinds == ("hidden", "changed")
    assert event.tombstone
    assert event.article.body == "Edited."
    assert [field.field for field in event.fields] == ["body"]


def test_a_state_that_only_goes_on_is_settled(days: Days) -> None:
    days.run(article())
    days.run(("a1", "error"))
    days.run(article())
    with days.open() as archive:
        assert [event.kinds for event in archive.events(0)] == [("new",), ("error",), ("settled",)]
        assert [event.article.state for event in archive.events(0)] == ["live", "error", "live"]


def test_details_that_make_no_version_are_told_as_refreshed(days: Days) -> None:
    days.run(article())
    days.run(article(section="The press office"))
    days.run(article(section="The press office"))
    with days.open() as archive:
        (event,) = archive.events(1)
    assert (event.kinds, event.reason, event.fields) == (("refreshed",), "refreshed", ())
    assert (event.article.section, event.article.version) == ("The press office", 1)


def test_views_are_told_only_to_who_asks(days: Days) -> None:
    days.run(article(views=10))
    days.run(article(views=11))
    days.run(article(views=11))
    with days.open() as archive:
        assert kinds(archive) == [("a1", ("new",))]
        assert kinds(archive, views=True) == [("a1", ("new",)), ("a1", ("views",))]
        assert [event.article.views for event in archive.events(0, views=True)] == [10, 11]


def test_events_are_chosen_by_site_run_and_day_and_turned_round(days: Days) -> None:
    days.run(article(1), article(2, site="other"), article(3, release_time="2026-09-02"))
    days.run(article(1, body="Edited."))
    with days.open() as archive:
        assert kinds(archive, choice=Choice(site="other")) == [("a2", ("new",))]
        assert kinds(archive, choice=Choice(since_run=1)) == [("a1", ("changed",))]
        assert kinds(archive, choice=Choice(since="2026-09-01")) == [("a3", ("new",))]
        assert kinds(archive, newest_first=True)[0] == ("a1", ("changed",))


@pytest.mark.parametrize("cursor", [-1, 2, 10**12])
def test_a_cursor_of_another_archive_is_refused(days: Days, cursor: int) -> None:
    days.run(article())
    with days.open() as archive, pytest.raises(UnknownCursor, match="begin again from 0"):
        list(archive.events(cursor))


def test_every_event_is_as_its_schema_says(days: Days) -> None:
    days.run(article(1), article(2, author="A"))
    days.run(article(1, title="Another", release_time="2026-08-01"), ("a2", "gone"))
    days.run(article(1, views=99), article(2, author="B"))
    record = Resource.from_contents(record_schema())
    registry: Registry[Any] = Registry().with_resource(record_schema()["$id"], record)
    validator = Draft202012Validator(event_schema(), registry=registry)
    with days.open() as archive:
        events = [json.loads(json.dumps(event.to_json())) for event in archive.events(0, views=True)]
    assert len(events) == 6
    for event in events:
        validator.validate(event)
    assert not validator.is_valid(events[0] | {"article": events[0]["article"] | {"more": 1}})


@pytest.mark.sqlite
@pytest.mark.parametrize("site", [None, "campus"])
@pytest.mark.parametrize("newest_first", [False, True])
def test_a_poll_reads_from_its_cursor_on_and_sorts_nothing(
    days: Days, site: str | None, newest_first: bool
) -> None:
    days.run(*(article(number) for number in range(9)))
    with days.open() as archive:
        told = plans(archive, lambda: archive.events(5, Choice(site=site), newest_first=newest_first))
    stream = [plan for plan in told if any("sightings" in step for step in plan) and len(plan) > 2]
    assert stream
    assert all(plan[0] == "SEARCH sightings USING INTEGER PRIMARY KEY (rowid>?)" for plan in stream)
    assert not any("TEMP B-TREE" in step for plan in stream for step in plan)


@pytest.mark.sqlite
@pytest.mark.parametrize(
    "choice", [Choice(), Choice(site="campus"), Choice(since_run=0), Choice(since="2026")]
)
@pytest.mark.parametrize("what", ["chosen", "histories", "series"])
def test_an_export_never_has_the_database_sort_the_records(days: Days, what: str, choice: Choice) -> None:
    days.run(*(article(number) for number in range(9)))
    with days.open() as archive:
        told = plans(archive, lambda: getattr(archive, what)(choice), least=" IN (")
    assert not any("TEMP B-TREE" in step for plan in told for step in plan)


def plans(archive: Archive, ask: Callable[[], Iterable[object]], *, least: str = "\0") -> list[list[str]]:
    """Return how SQLite answers each question that is asked; not those that hold `least` or read only ids."""
    asked: list[tuple[str, Any]] = []
    connection = archive._connection

    def note(_c: object, _cursor: object, statement: str, values: Any, *_: object) -> None:
        if least not in statement and not statement.startswith("SELECT articles.id \n"):
            asked.append((statement, values))

    sqlalchemy.event.listen(connection.engine, "before_cursor_execute", note)
    assert list(ask())
    sqlalchemy.event.remove(connection.engine, "before_cursor_execute", note)
    raw = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    plan = "EXPLAIN QUERY PLAN "
    return [[row[3] for row in raw.execute(plan + statement, values)] for statement, values in asked]
