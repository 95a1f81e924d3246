"""The archive: what is acknowledged survives, growth follows change, and the history tells what happened."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select

from storage import Archive
from storage.catalog import metadata
from storage.errors import (
    ArchiveDamaged,
    ArchiveError,
    ArchiveLocked,
    ArchiveNotFound,
    ArchiveReadOnly,
)
from storage.ladder import Look
from storage.lock import Lock, is_local
from storage.records import (
    Article,
    Change,
    Exchange,
    Extractor,
    Image,
    Line,
    Link,
    Problem,
    SiteOutcome,
    Task,
)
from storage.verify import verify
from tests.campus_days import START, article

pytestmark = pytest.mark.usefixtures("catalogue")
DAY = timedelta(days=1)
SEED = "http://news.example.edu/list.htm"


def exchange(url: str, body: bytes, now: datetime, status: int = 200, head: str = "") -> Exchange:
    request = f"GET {url} HTTP/1.1\r\n\r\n".encode()
    return Exchange(
        url, "GET", request, f"HTTP/1.1 {status} X\r\n{head}\r\n".encode(), body, status, now, "192.0.2.1"
    )


class Campus:
    """An archive and the day it is; each `run` is a day later."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.now = START

    def run(self, *looks: Article | tuple[str, Look], sites: Iterable[str] = ("campus",)) -> int:
        """Write a run that read these articles, or had these looks, and return its number."""
        self.now += DAY
        with Archive.open(self.path, write=True, create=True) as archive:
            run = archive.begin_run(self.now, list(sites))
            for look in looks:
                self.see(archive, look)
            archive.end_run(self.now, "done", {"articles": len(looks)})
            return run.id

    def see(self, archive: Archive, look: Article | tuple[str, Look], **options: Any) -> Any:
        if isinstance(look, tuple):
            return archive.look(look[0], look[1], now=self.now, reason=f"http_{look[1]}")
        capture = archive.capture(exchange(look.url, look.body.encode(), self.now))
        return archive.put(look, capture, now=self.now, **options)

    def kinds(self, **window: Any) -> list[tuple[str, str]]:
        with Archive.open(self.path) as archive:
            return [(change.article_id, change.kind) for change in archive.changes(**window)]

    def state(self, key: str = "a1") -> str | None:
        with Archive.open(self.path) as archive:
            found = archive.article(key)
            return found.state if found else None

    def rows(self) -> dict[str, int]:
        with Archive.open(self.path) as archive:
            connection = archive._connection
            return {
                table.name: connection.scalar(select(func.count()).select_from(table)) or 0
                for table in metadata.sorted_tables
            }


@pytest.fixture
def campus(tmp_path: Path) -> Campus:
    return Campus(tmp_path / "archive")


# Reading back


def test_a_record_comes_back_with_what_the_archive_knows_of_it(campus: Campus) -> None:
    campus.run(article())
    with Archive.open(campus.path) as archive:
        (found,) = archive.articles()
        assert found.capture is not None
        assert archive.payload(found.capture)[1] == b"Body of notice 1."
        assert archive.kept(found.url) == found.capture
    assert (found.state, found.version, found.views) == ("live", 1, 10)
    assert found.first_seen == found.last_seen == found.last_changed == found.views_observed_at
    assert Article.from_json(found.to_json()) == found
    assert found.content_digest == article().content_digest


def test_articles_are_chosen_by_site_section_time_and_text_and_come_sorted(campus: Campus) -> None:
    campus.run(
        article(3, section="News", release_time="2026-09-02T13:00+08:00"),
        article(1, title="学术报告", section="Talks", release_time="2026-09-01"),
        article(2, site="other", body="A MIXED case text", release_time=None),
    )

    def ids(**wanted: Any) -> list[str]:
        with Archive.open(campus.path) as archive:
            return [found.id for found in archive.articles(**wanted)]

    assert ids() == ["a1", "a3", "a2"]
    assert ids(site="campus") == ["a1", "a3"]
    assert ids(section="Talks") == ["a1"]
    assert ids(since="2026-09-02") == ["a3"]
    assert ids(until=date(2026, 9, 1)) == ["a1"]
    assert ids(since=date(2026, 9, 2), until="2026-09-02") == ["a3"]
    assert ids(text="学术") == ["a1"]
    assert ids(text="mixed CASE") == ["a2"]


def test_an_article_is_found_by_id_by_address_and_by_an_address_it_once_had(campus: Campus) -> None:
    campus.run(article())
    moved = article(url="http://news.example.edu/moved/1.htm", body="New body.")
    campus.run(moved)
    with Archive.open(campus.path) as archive:
        for key in ("a1", article().url, moved.url):
            found = archive.find(key)
            assert found is not None
            assert found.url == article().url, "a known article keeps its address"
        assert archive.find("http://news.example.edu/unknown") is None


# Growth follows change


def test_an_unchanged_run_adds_only_the_run_itself(campus: Campus) -> None:
    many = [article(number) for number in range(1, 6)]
    campus.run(*many)
    before = campus.rows()
    campus.run(*many)
    grown = {name: count - before[name] for name, count in campus.rows().items() if count != before[name]}
    assert grown == {"runs": 1, "run_sites": 1, "warcs": 1}
    assert campus.kinds() == []
    with Archive.open(campus.path) as archive:
        assert {found.last_seen for found in archive.articles()} == {campus.now.isoformat(timespec="seconds")}


def test_views_alone_make_a_point_of_the_series_and_no_change(campus: Campus) -> None:
    for views in (10, 12, 12, 11, None, 15):
        campus.run(article(views=views))
    with Archive.open(campus.path) as archive:
        assert [seen.views for seen in archive.views("a1")] == [10, 12, 11, 15]
        assert len(list(archive.versions("a1"))) == 1
        assert list(archive.changes(since_run=1)) == []
        found = archive.article("a1")
    assert found is not None
    assert found.views_observed_at == found.last_seen
    assert campus.rows()["captures"] == 1


def test_a_version_is_made_only_when_somebody_edited_the_article(campus: Campus) -> None:
    campus.run(article())
    campus.run(article(language="en", body_html="<p>same</p>", section="Moved"))
    campus.run(article(title="Notice one"))
    with Archive.open(campus.path) as archive:
        first, second = archive.versions("a1")
        found = archive.article("a1")
    assert (first.number, first.reason, first.article.section) == (1, "new", "Moved")
    assert (second.number, second.reason, second.run) == (2, "edit", 3)
    assert found is not None
    assert (found.version, found.title, found.last_changed) == (2, "Notice one", found.last_seen)


def test_what_only_looks_otherwise_makes_no_version_and_the_record_follows(campus: Campus) -> None:
    here = "http://news.example.edu/i/1.jpg"
    campus.run(article(body="On 1 May, at noon.", images=(Image(here),)))
    campus.run(article(body="On 1 May，at  noon。", images=(Image(here + "?v=2"),)))
    with Archive.open(campus.path) as archive:
        (version,) = archive.versions("a1")
        found = archive.article("a1")
        assert list(archive.changes(since_run=1)) == []
    assert found is not None
    assert (version.number, found.body, found.images[0].url) == (1, "On 1 May，at  noon。", here + "?v=2")


def test_links_that_an_old_record_does_not_know_of_are_no_edit_and_are_known_from_then_on(
    campus: Campus,
) -> None:
    campus.run(article(links=None))
    campus.run(article(links=(Link("http://news.example.edu/join", "join"),)))
    campus.run(article(links=(Link("http://bonus.example.com/join", "join"),)))
    with Archive.open(campus.path) as archive:
        assert list(archive.changes(since_run=1, until_run=2)) == []
        (change,) = archive.changes(since_run=2)
    assert [(field.field, field.severity) for field in change.fields] == [("links", "substantive")]


def test_not_modified_answers_are_kept_as_revisits_of_what_is_known(campus: Campus) -> None:
    campus.run()
    with Archive.open(campus.path, write=True) as archive:
        archive.begin_run(START, ["campus"])
        url = article().url
        first = archive.capture(exchange(url, b"<p>", START, head='ETag: W/"7"\r\nLast-Modified: Mon\r\n'))
        assert archive.validators(url) == ('W/"7"', "Mon")
        assert archive.payload(first)[1] == b"<p>", "readable before it is committed"
        again = archive.capture(exchange(url, b"", START, status=304, head='ETag: W/"8"\r\n'))
        assert again == first
        assert archive.validators(url) == ('W/"8"', "Mon")
        assert archive.validators("http://news.example.edu/never") == (None, None)
        archive.commit()
    assert campus.rows()["captures"] == 1


def test_the_same_payload_under_another_status_is_a_capture_of_its_own(campus: Campus) -> None:
    with Archive.open(campus.path, write=True, create=True) as archive:
        archive.begin_run(START, ["campus"])
        found, lost = (archive.capture(exchange(SEED, b"same", START, status)) for status in (200, 404))
    assert (found.status, lost.status) == (200, 404)


# Rules and edits


def test_new_rules_and_an_edit_in_one_run_are_told_apart(campus: Campus) -> None:
    campus.run(article(body="Menu. Body."))
    rules = Extractor("generic", 2)
    campus.now += DAY
    with Archive.open(campus.path, write=True) as archive:
        archive.begin_run(campus.now, ["campus"])
        kept = archive.article("a1")
        assert kept is not None
        new = article(body="Body, corrected.", extractor=rules)
        made = campus.see(archive, new, baseline=article(body="Body.", extractor=rules))
        archive.end_run(campus.now, "done", {})
        assert [version.reason for version in archive.versions("a1")] == ["new", "rules", "edit"]
        assert (made.number, made.reason) == (3, "edit")
        first, reread, _ = archive.versions("a1")
        assert first.article.capture == reread.article.capture == kept.capture
        told = [(c.reason, c.from_version, c.to_version, texts(c)) for c in archive.changes()]
        assert told == [
            ("rules", 1, 2, ("Menu. Body.", "Body.")),
            ("edit", 2, 3, ("Body.", "Body, corrected.")),
        ]
        (event,) = archive.events(1)
        assert (event.kinds, event.reason) == (("changed",), "edit")
        assert (event.fields[0].before, event.fields[0].after) == ("Body.", "Body, corrected.")


def test_edits_on_both_sides_of_new_rules_are_told_apart_from_them(campus: Campus) -> None:
    rules = Extractor("generic", 2)
    campus.run(article(body="Menu. Body."))
    campus.run(article(body="Menu. Body!"))
    campus.now += DAY
    with Archive.open(campus.path, write=True) as archive:
        archive.begin_run(campus.now, ["campus"])
        new = article(body="Body!", extractor=rules)
        campus.see(archive, new, baseline=new)
        archive.end_run(campus.now, "done", {})
    campus.run(article(body="Body?", extractor=rules))
    with Archive.open(campus.path) as archive:
        told = [(c.reason, c.from_version, c.to_version, texts(c)) for c in archive.changes(since_run=1)]
    assert told == [
        ("edit", 1, 2, ("Menu. Body.", "Menu. Body!")),
        ("rules", 2, 3, ("Menu. Body!", "Body!")),
        ("edit", 3, 4, ("Body!", "Body?")),
    ]


def texts(change: Change) -> tuple[str, str]:
    (body,) = change.fields
    return body.before, body.after


def test_new_rules_alone_are_no_edit(campus: Campus) -> None:
    campus.run(article(body="Menu. Body."))
    reread = article(body="Body.", extractor=Extractor("generic", 2))
    campus.now += DAY
    with Archive.open(campus.path, write=True) as archive:
        archive.begin_run(campus.now, ["campus"])
        campus.see(archive, reread, baseline=reread)
        archive.end_run(campus.now, "done", {})
        found = archive.article("a1")
        (change,) = archive.changes()
    assert (change.kind, change.reason) == ("changed", "rules")
    assert found is not None
    assert found.last_changed == (START + DAY).isoformat(timespec="seconds")


def test_rules_that_read_the_same_leave_no_trace_but_their_revision(campus: Campus) -> None:
    campus.run(article())
    campus.run(article(extractor=Extractor("generic", 2)))
    with Archive.open(campus.path) as archive:
        (version,) = archive.versions("a1")
    assert version.article.extractor.revision == 2
    assert campus.kinds() == []


# States and changes


def test_an_article_walks_the_ladder_and_every_step_is_a_change(campus: Campus) -> None:
    campus.run(article())
    for look, state, change in [
        ("gone", "missing", "missing"),
        ("error", "error", "error"),
        ("gone", "withdrawn", "withdrawn"),
        ("seen", "restored", "restored"),
        ("seen", "live", None),
        ("blocked", "blocked", "blocked"),
        ("seen", "live", None),
    ]:
        campus.run(article() if look == "seen" else ("a1", look))  # type: ignore[arg-type]
        assert campus.state() == state
        assert campus.kinds() == ([("a1", change)] if change else [])
    with Archive.open(campus.path) as archive:
        assert len(list(archive.versions("a1"))) == 1, "no look but a read one touches the record"


def test_two_gone_looks_in_one_run_confirm_nothing(campus: Campus) -> None:
    campus.run(article())
    campus.run(("a1", "gone"), ("a1", "gone"))
    assert campus.state() == "missing"


def test_a_comeback_with_an_edit_is_two_changes(campus: Campus) -> None:
    campus.run(article())
    campus.run(("a1", "gone"))
    campus.run(article(body="Rewritten."))
    assert campus.kinds() == [("a1", "restored"), ("a1", "changed")]


def test_changes_compare_two_moments_whatever_lies_between(campus: Campus) -> None:
    campus.run(article(1), article(2), article(4))
    campus.run(article(1, body="Edited."), ("a2", "gone"), ("a4", "gone"), article(3))
    campus.run(article(1), ("a2", "error"), article(4))
    campus.run(article(4))
    assert campus.kinds(since_run=1, until_run=4) == [("a3", "new"), ("a2", "missing"), ("a2", "error")]
    assert campus.kinds(since_run=2, until_run=4) == [("a1", "changed"), ("a2", "error"), ("a4", "restored")]
    assert campus.kinds(since_run=0, until_run=1) == [("a1", "new"), ("a2", "new"), ("a4", "new")]
    assert campus.kinds(since_run=2, site="other") == []


def test_a_change_says_what_differs_and_how_grave_it_is(campus: Campus) -> None:
    campus.run(article())
    campus.run(article(title="Notice 1 (corrected)", release_time="2026-08-01"))
    with Archive.open(campus.path) as archive:
        (change,) = archive.changes()
    assert {field.field for field in change.fields} == {"title", "release_time"}
    assert (change.from_version, change.to_version, change.reason) == (1, 2, "edit")
    assert change.release_time_moved_back
    assert change.severity is not None


def test_a_reader_goes_on_from_its_cursor(campus: Campus) -> None:
    campus.run(article(1))
    with Archive.open(campus.path) as archive:
        (first,) = archive.changes(cursor=0)
    campus.run(article(1, body="Edited."), article(2))
    campus.run(article(1, body="Edited.", views=99), article(2))
    assert campus.kinds(cursor=first.cursor) == [("a1", "changed"), ("a2", "new")]


def test_an_edit_taken_back_in_between_is_no_change(campus: Campus) -> None:
    campus.run(article())
    campus.run(article(body="Edited."))
    campus.run(article())
    assert campus.kinds(since_run=1, until_run=3) == []
    assert campus.kinds() == [("a1", "changed")]
    with Archive.open(campus.path) as archive:
        assert [version.number for version in archive.versions("a1")] == [1, 2, 3]


@pytest.mark.sqlite
def test_what_is_looked_at_for_changes_does_not_grow_with_the_archive(campus: Campus) -> None:
    campus.run(*(article(number) for number in range(1, 40)))
    campus.run(article(1, body="Edited."))
    with sqlite3.connect(campus.path / "catalog.sqlite") as raw:
        plan = raw.execute(
            "EXPLAIN QUERY PLAN SELECT article_id, min(id), max(id) FROM sightings "
            "WHERE moved = 1 AND run_id > 1 AND run_id <= 2 GROUP BY article_id ORDER BY max(id)"
        ).fetchall()
    raw.close()
    assert "sightings_moved_run" in plan[0][3], plan


def test_a_clock_set_back_reverses_nothing(campus: Campus) -> None:
    campus.run(article())
    campus.now -= 3 * DAY
    campus.run(article(body="Edited."))
    with Archive.open(campus.path) as archive:
        found = archive.article("a1")
        assert [version.number for version in archive.versions("a1")] == [1, 2]
    assert found is not None
    assert found.first_seen is not None
    assert found.last_seen is not None
    assert found.first_seen <= found.last_seen
    assert campus.kinds() == [("a1", "changed")]


def test_only_whole_listings_can_tell_that_an_article_left_them(campus: Campus) -> None:
    campus.run()
    listings = {SEED: ["a1", "a2"], SEED + "?2": ["a2", "a3"]}

    def crawl(shown: dict[str, list[str]], seeds: list[str]) -> list[str]:
        whole = dict.fromkeys(seeds, "")
        campus.now += DAY
        with Archive.open(campus.path, write=True) as archive:
            archive.begin_run(campus.now, ["campus"])
            for seed, ids in shown.items():
                archive.listed("campus", seed, {key: Line("", None) for key in ids})
            for number in (1, 2, 3, 4):
                campus.see(archive, article(number))
            left = [key for key, _ in archive.unlisted("campus", whole)]
            assert all(archive.is_unlisted(key, "campus", whole) for key in left)
            assert not archive.is_unlisted("a4", "campus", whole), "it never stood on a listing"
            archive.end_run(campus.now, "done", {})
            return left

    one, two = listings
    assert crawl(listings, [one, two]) == []
    assert crawl({one: ["a1"], two: ["a3"]}, [one]) == []
    assert crawl({one: [], two: ["a3"]}, [one]) == ["a1"]
    assert crawl({one: [], two: ["a2"]}, [one, two]) == ["a1", "a3"]


# Runs and the frontier


def test_a_run_keeps_its_sites_problems_and_counts(campus: Campus) -> None:
    with Archive.open(campus.path, write=True, create=True) as archive:
        archive.begin_run(START, ["campus", "other"])
        archive.report_site(SiteOutcome("campus", "failed", "no list was found", {"articles": 0}))
        problem = Problem("campus", SEED, "timeout", "no answer", "2026-09-01T08:00:00+00:00")
        archive.report_problem(problem)
        archive.report_problem(problem)
        ended = archive.end_run(START + DAY, "incomplete", {"requests": 1})
    with Archive.open(campus.path) as archive:
        assert archive.runs() == [ended]
        failed, untouched = archive.sites(ended.id)
        assert list(archive.problems(ended.id)) == [problem]
    assert (failed.site, failed.outcome, failed.counts) == ("campus", "failed", {"articles": 0})
    assert untouched == SiteOutcome("other", None)


def test_a_killed_run_goes_on_where_its_last_commit_was(campus: Campus) -> None:
    tasks = [Task(f"{SEED}?{n}", "news.example.edu", "campus", "article", {"n": n}) for n in range(4)]
    with Archive.open(campus.path, write=True, create=True) as archive:
        run = archive.begin_run(START, ["campus"])
        assert archive.enqueue([*tasks, tasks[0]]) == tasks
        archive.done(tasks[0].url)
        archive.commit()
        archive.done(tasks[1].url)
    with Archive.open(campus.path, write=True) as archive:
        assert archive.begin_run(START + DAY, ["campus"]) == run
        assert archive.pending() == tasks[1:]
        assert archive.enqueue(tasks) == []
        archive.end_run(START + DAY, "interrupted", {})
    with Archive.open(campus.path, write=True) as archive:
        assert archive.begin_run(START + DAY, ["campus"]).id == run.id
        assert archive.pending() == tasks[1:]
        for task in tasks[1:]:
            archive.done(task.url)
        archive.end_run(START + DAY, "done", {})
    assert campus.rows()["frontier"] == 0


def test_what_a_run_left_is_taken_over_by_the_next_of_its_kind_over_the_site(campus: Campus) -> None:
    mine, other = Task(SEED, "h", "campus", "listing"), Task(f"{SEED}?2", "h", "other", "listing")
    with Archive.open(campus.path, write=True, create=True) as archive:
        archive.begin_run(START, ["campus", "other"])
        archive.enqueue([mine, other])
        archive.end_run(START, "done", {})
        assert archive.begin_run(START, ["campus"], kind="backfill").kind == "backfill"
        assert archive.pending() == []
        archive.end_run(START, "done", {})
        archive.begin_run(START + DAY, ["campus"])
        assert archive.pending() == [mine]
        archive.end_run(START, "interrupted", {})
        archive.begin_run(START, ["campus", "other"])
        assert archive.pending() == [mine, other]


def test_addresses_wait_in_the_order_they_came_and_some_go_first(campus: Campus) -> None:
    tasks = [Task(f"{SEED}?{n}", "h", "campus", "article", first=n == 2) for n in range(4)]
    with Archive.open(campus.path, write=True, create=True) as archive:
        archive.begin_run(START, ["campus"])
        archive.enqueue(tasks)
        assert archive.waiting() == [("campus", "h", 4)]
        assert archive.pending(before=0) == [tasks[2]]
        first = archive.pending("h", after=0, limit=2)
        assert first == [tasks[0], tasks[1]]
        assert archive.pending("h", after=first[-1].place) == [tasks[3]]


def test_an_address_that_two_earlier_runs_left_is_taken_over_once(campus: Campus) -> None:
    task = Task(SEED, "h", "one", "article")
    with Archive.open(campus.path, write=True, create=True) as archive:
        for site in ("one", "two"):
            archive.begin_run(START, [site])
            archive.enqueue([replace(task, site=site)])
            archive.end_run(START, "incomplete", {})
        archive.begin_run(START + DAY, ["one", "two"])
        assert [left.site for left in archive.pending()] == ["two"]
        assert archive.waiting() == [("two", "h", 1)]


@pytest.mark.parametrize(("sites", "resume"), [(["other"], True), (["campus"], False)])
def test_a_killed_run_of_other_sites_is_ended_and_a_new_one_begun(
    campus: Campus, sites: list[str], resume: bool
) -> None:
    with Archive.open(campus.path, write=True, create=True) as archive:
        archive.begin_run(START, ["campus"])
        archive.enqueue([Task(SEED, "h", "campus", "listing")])
        archive.commit()
    with Archive.open(campus.path, write=True) as archive:
        assert archive.begin_run(START + DAY, sites, resume=resume).id == 2
        assert archive.pending() == []
        assert [run.outcome for run in archive.runs()] == ["incomplete", "running"]


# Locks, readers, and a disk that says no


def test_a_second_writer_is_told_who_holds_the_archive(campus: Campus) -> None:
    with (
        Archive.open(campus.path, write=True, create=True),
        pytest.raises(ArchiveLocked, match=rf"pid {os.getpid()} on "),
    ):
        Archive.open(campus.path, write=True)
    Archive.open(campus.path, write=True).close()


def test_the_lock_of_a_dead_process_is_taken_over(campus: Campus, caplog: pytest.LogCaptureFixture) -> None:
    campus.run()
    (campus.path / "lock").write_text(f"pid 999999999 on {socket.gethostname()}")
    Archive.open(campus.path, write=True).close()
    assert "taken over" in caplog.text


def test_the_lock_of_another_machine_is_respected_where_that_machine_may_write(campus: Campus) -> None:
    campus.run()
    (campus.path / "lock").write_text("pid 1 on another.example.edu")
    with pytest.raises(ArchiveLocked, match=r"another\.example\.edu.*delete"):
        Lock(campus.path / "lock", local=False)


def test_on_a_disk_of_this_machine_the_lock_of_a_dead_container_is_taken_over(
    campus: Campus, caplog: pytest.LogCaptureFixture
) -> None:
    campus.run()
    (campus.path / "lock").write_text("pid 1 on 3f2a9c0d1e77")
    Lock(campus.path / "lock", local=True).release()
    assert "taken over from a run that died (pid 1 on 3f2a9c0d1e77)" in caplog.text
    assert not is_local(Path("/proc")), "what is not known to be local is not taken for it"


def test_a_number_that_another_process_has_now_keeps_no_archive(
    campus: Campus, caplog: pytest.LogCaptureFixture
) -> None:
    campus.run()
    (campus.path / "lock").write_text(f"pid {os.getpid()} on {socket.gethostname()}")
    Archive.open(campus.path, write=True).close()
    assert "taken over" in caplog.text


@pytest.mark.sqlite
def test_a_copy_made_while_a_run_holds_the_archive_is_an_archive_of_its_own(
    campus: Campus, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    campus.run(article(1))
    with Archive.open(campus.path, write=True):
        shutil.copytree(campus.path, tmp_path / "copy")
        with Archive.open(tmp_path / "copy", write=True) as copy:
            assert [found.id for found in copy.articles()] == ["a1"]
    assert "taken over" in caplog.text
    assert list(verify(tmp_path / "copy")) == []


def test_a_reader_sees_one_moment_while_a_crawl_writes(campus: Campus) -> None:
    campus.run(article(1))
    with Archive.open(campus.path) as before, Archive.open(campus.path, write=True) as archive:
        archive.begin_run(campus.now + DAY, ["campus"])
        campus.see(archive, article(2))
        archive.commit()
        assert [found.id for found in before.articles()] == ["a1"]
        with Archive.open(campus.path) as after:
            second = after.article("a2")
            assert second is not None
            assert second.capture is not None
            assert after.payload(second.capture)[1] == b"Body of notice 2.", "read from the .open file"


def test_another_thread_of_the_writer_may_write(campus: Campus) -> None:
    with Archive.open(campus.path, write=True, create=True) as archive:
        archive.begin_run(START, ["campus"])
        thread = threading.Thread(target=campus.see, args=(archive, article()))
        thread.start()
        thread.join()
        assert archive.article("a1") is not None


def test_an_archive_opened_for_reading_is_not_written(campus: Campus) -> None:
    campus.run()
    with Archive.open(campus.path) as archive, pytest.raises(ArchiveReadOnly, match="write=True"):
        archive.begin_run(START, ["campus"])


def test_writing_needs_a_run(campus: Campus) -> None:
    with (
        Archive.open(campus.path, write=True, create=True) as archive,
        pytest.raises(ArchiveError, match="begin_run"),
    ):
        archive.capture(exchange(SEED, b"", START))


READING = """
import os, sys
import sqlalchemy.dialects.sqlite, storage.archive
from storage.errors import ArchiveReadOnly
if os.getuid() == 0:
    os.setuid(65534)  # root may write anywhere
with storage.archive.Archive.open(sys.argv[1]) as archive:
    print(len(list(archive.articles())))
try:
    storage.archive.Archive.open(sys.argv[1], write=True)
except ArchiveReadOnly:
    print("read-only")
"""


@pytest.mark.sqlite
def test_a_read_only_directory_can_be_read_by_anybody() -> None:
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        path = Path(place) / "archive"
        Campus(path).run(article())
        paths = [path, *path.rglob("*")]
        for one in paths:
            one.chmod(0o555 if one.is_dir() else 0o444)
        said = subprocess.run(
            [sys.executable, "-c", READING, path], capture_output=True, text=True, check=False
        )
        for one in paths:
            one.chmod(0o755)
    assert said.stdout.split() == ["1", "read-only"], said.stderr


def test_an_archive_can_be_moved(campus: Campus, tmp_path: Path) -> None:
    campus.run(article())
    moved = campus.path.rename(tmp_path / "elsewhere")
    with Archive.open(moved) as archive:
        (found,) = archive.articles()
        assert found.capture is not None
        assert archive.payload(found.capture)[1]
    assert list(verify(moved)) == []


def test_a_directory_that_vanishes_is_not_made_again(campus: Campus, tmp_path: Path) -> None:
    with Archive.open(campus.path, write=True, create=True) as archive:
        archive.begin_run(START, ["campus"])
        campus.see(archive, article())
        archive.commit()
        campus.path.rename(tmp_path / "gone")
        campus.see(archive, article(2))
        with pytest.raises(ArchiveNotFound, match="nothing was recreated"):
            archive.commit()
        with pytest.raises(ArchiveNotFound):
            archive.commit()
    assert not campus.path.exists()


@pytest.mark.sqlite
def test_a_full_disk_is_named_and_what_was_committed_stays(campus: Campus) -> None:
    said = subprocess.run(
        [sys.executable, "-c", FILLING, campus.path], capture_output=True, text=True, check=False
    )
    assert said.stdout.split()[-1] == "ArchiveFull", said.stderr
    committed = int(said.stdout.split()[-2])
    assert [finding for finding in verify(campus.path) if finding.damage] == []
    Archive.open(campus.path, write=True).close()
    with Archive.open(campus.path) as archive:
        assert len(list(archive.articles())) == committed
    assert list(verify(campus.path)) == []


def test_a_failed_fsync_is_final(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> None:
    campus.run(article(1))
    with Archive.open(campus.path, write=True) as archive:
        archive.begin_run(campus.now, ["campus"])
        campus.see(archive, article(2))
        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", _input_output_error)
            with pytest.raises(ArchiveError, match="disk"):
                archive.commit()
        with pytest.raises(ArchiveError, match="disk"):
            archive.commit()
    with Archive.open(campus.path) as archive:
        assert [found.id for found in archive.articles()] == ["a1"]


def _input_output_error(_: int) -> None:
    raise OSError(5, "Input/output error")


def test_a_payload_that_is_not_the_captured_one_is_not_passed_on(campus: Campus) -> None:
    campus.run(article())
    with Archive.open(campus.path) as archive:
        capture = archive.kept(article().url)
        assert capture is not None
        with pytest.raises(ArchiveDamaged, match="not the one captured"):
            archive.payload(replace(capture, payload_digest="sha256:00"))


# Kills. The child writes articles without end, a commit each two, and says what it committed; it kills itself
# at the given call of the given function, so that every window of the write path is hit.

WRITING = """
import os, sys
from datetime import UTC, datetime
from storage import Archive
from storage.records import Article, Exchange, Extractor, Task

NOW = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)

def kill_at(owner, name, call):
    real, calls = getattr(owner, name), iter(range(1, 10**9))
    def counted(*args, **kwargs):
        if next(calls) == call:
            os.kill(os.getpid(), 9)
        return real(*args, **kwargs)
    setattr(owner, name, counted)

def write(archive, number):
    url = f"http://news.example.edu/{number}.htm"
    request = b"GET / HTTP/1.1\\r\\n\\r\\n"
    body = os.urandom(3000)
    capture = archive.capture(Exchange(url, "GET", request, b"HTTP/1.1 200 OK\\r\\n\\r\\n", body, 200, NOW))
    fields = {"body": f"Body {number}.", "views": 1, "views_source": "static"}
    article = Article(f"a{number:04}", url, "campus", "T", Extractor("generic", 1), **fields)
    archive.put(article, capture, now=NOW)
    archive.done(url)

def main(path, limit):
    with Archive.open(path, write=True, create=True, max_warc_bytes=20_000) as archive:
        run = archive.begin_run(NOW, ["campus"])
        archive.enqueue(Task(f"http://news.example.edu/{n}.htm", "h", "campus", "article") for n in range(40))
        archive.commit()
        for number, task in enumerate(list(archive.pending())[:limit]):
            write(archive, int(task.url.split("/")[-1].split(".")[0]))
            if number % 2:
                archive.commit()
                print(len(list(archive.articles())), flush=True)
        archive.end_run(NOW, "done", {})
"""
FILLING = (
    WRITING
    + """
import resource
from storage.errors import ArchiveError
Archive.open(sys.argv[1], write=True, create=True).close()
resource.setrlimit(resource.RLIMIT_FSIZE, (290_000, 290_000))
print(0)
try:
    main(sys.argv[1], 4000)
except ArchiveError as error:
    print(type(error).__name__)
"""
)
KILLED = (
    WRITING
    + """
from sqlalchemy import Connection
from pathlib import Path
if sys.argv[2]:
    kill_at({"fsync": os, "commit": Connection, "rename": Path}[sys.argv[2]], sys.argv[2], int(sys.argv[3]))
main(sys.argv[1], 40)
"""
)


def _killed(path: Path, function: str = "", call: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", KILLED, str(path), function, str(call)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_whatever_kills_a_run_what_was_acknowledged_survives_and_the_run_goes_on(campus: Campus) -> None:
    kills = [
        ("fsync", 1),
        ("commit", 6),
        ("fsync", 9),
        ("rename", 1),
        ("commit", 9),
        ("fsync", 12),
        ("rename", 2),
    ]
    acknowledged = 0
    for function, call in kills:
        died = _killed(campus.path, function, call)
        assert died.returncode == -9, died.stderr
        acknowledged = max(acknowledged, *map(int, died.stdout.split() or ["0"]))
        if acknowledged:
            assert [finding for finding in verify(campus.path) if finding.damage] == [], (function, call)
            with Archive.open(campus.path) as archive:
                assert len(list(archive.articles())) >= acknowledged
    ended = _killed(campus.path)
    assert ended.returncode == 0, ended.stderr
    assert list(verify(campus.path)) == []
    with Archive.open(campus.path) as archive:
        assert [found.id for found in archive.articles()] == [f"a{n:04}" for n in range(40)]
        assert all(found.version == 1 for found in archive.articles())
        assert [run.outcome for run in archive.runs()] == ["done"]
    assert campus.rows()["captures"] == 40, "no record twice"
    assert not list((campus.path / "warc").glob("*.open"))


def test_evidence_is_on_the_disk_before_the_catalogue_names_it(
    campus: Campus, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        order.append("fsync " + ("warc" if stat.S_ISREG(os.fstat(handle).st_mode) else "directory"))
        real(handle)

    with Archive.open(campus.path, write=True, create=True) as archive:
        archive.begin_run(START, ["campus"])
        campus.see(archive, article())
        monkeypatch.setattr(os, "fsync", fsync)
        event.listen(archive._connection.engine, "commit", lambda _: order.append("commit"))
        archive.end_run(START, "done", {})
    assert order == ["fsync warc", "fsync directory", "commit", "fsync directory"], "the last names the file"


def test_bytes_nobody_acknowledged_are_cut_off_and_kept_aside(campus: Campus) -> None:
    with Archive.open(campus.path, write=True, create=True) as archive:
        archive.begin_run(START, ["campus"])
        campus.see(archive, article(1))
        archive.commit()
    (still_open,) = (campus.path / "warc").glob("*.open")
    committed = still_open.read_bytes()
    still_open.write_bytes(committed + b"\x1f\x8b half a record")
    assert [(finding.problem, finding.damage) for finding in verify(campus.path)] == [("uncommitted", False)]
    Archive.open(campus.path, write=True).close()
    (final,) = (campus.path / "warc").glob("*.gz")
    assert final.read_bytes() == committed
    assert final.with_name(final.name + ".torn").read_bytes() == b"\x1f\x8b half a record"
    assert list(verify(campus.path)) == []


def test_lost_evidence_stops_the_next_run(campus: Campus) -> None:
    with Archive.open(campus.path, write=True, create=True) as archive:
        archive.begin_run(START, ["campus"])
        campus.see(archive, article(1))
        archive.commit()
    (still_open,) = (campus.path / "warc").glob("*.open")
    os.truncate(still_open, 100)
    with pytest.raises(ArchiveDamaged, match="were committed, 100 are there"):
        Archive.open(campus.path, write=True)
