"""The journal: what the catalogue gains is told in the WARC, before the commit and as little as can be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastwarc.warc import ArchiveIterator as Fast
from warcio.archiveiterator import ArchiveIterator

from storage import Archive
from storage.kept import kept
from storage.records import Attachment, Layout, Line, Problem, SiteOutcome, Task, Unread
from storage.verify import verify
from tests.campus_days import START, Days, article

pytestmark = pytest.mark.usefixtures("catalogue")

SEED = "http://news.example.edu/list.htm"


def notes(root: Path, run: int | None = None) -> Iterator[tuple[str, str | None, dict[str, Any]]]:
    """Yield (subject, record it refers to, object) of the metadata records, of one run or of all."""
    for path in sorted((root / "warc").glob(f"*-r{run or '*'}-*.warc.gz*")):
        with path.open("rb") as file:
            for record in ArchiveIterator(file):
                if record.rec_type == "metadata":
                    header = record.rec_headers.get_header
                    told = json.loads(record.content_stream().read())
                    yield header("WARC-Target-URI"), header("WARC-Refers-To"), told


def told(
    root: Path, run: int | None = None, subject: str = "urn:campusnews:article:"
) -> list[dict[str, Any]]:
    return [what for name, _, what in notes(root, run) if name.startswith(subject)]


def rows(root: Path, table: str, run: int | None = None) -> list[dict[str, Any]]:
    return [row for what in told(root, run, "urn:campusnews:run:") for row in what.get(table, [])]


@pytest.fixture
def days(tmp_path: Path) -> Days:
    return Days(tmp_path / "archive")


def test_a_new_article_is_told_whole_beside_the_response_it_was_read_from(days: Days) -> None:
    days.run(article())
    ((subject, refers_to, what),) = [note for note in notes(days.path) if "article" in note[0]]
    assert subject == "urn:campusnews:article:a1"
    with days.open() as archive:
        capture = archive.article("a1").capture  # type: ignore[union-attr]
        (seen,) = archive.sightings("a1")
    assert refers_to == f"<{capture.record_id}>"  # type: ignore[union-attr]
    assert what["record"] == kept(article())
    assert what["version"] == {
        "article_id": "a1",
        "number": 1,
        "reason": "new",
        "created_at": "2026-09-02T08:00:00+00:00",
    }
    assert (what["sighting"]["id"], what["sighting"]["views"], what["article"]["state"]) == (
        seen.id,
        10,
        "live",
    )


def test_an_unchanged_run_adds_the_two_records_of_the_run_itself(days: Days) -> None:
    articles = [article(number) for number in range(30)]
    days.run(*articles)
    run = days.run(*articles)
    subjects = [subject for subject, _, _ in notes(days.path, run)]
    assert subjects == [f"urn:campusnews:run:{run}"] * 2
    assert {row["id"] for row in rows(days.path, "articles", run)} == {each.id for each in articles}


def test_moved_views_a_state_and_new_details_are_told_in_their_commit(days: Days) -> None:
    days.run(article(1), article(2), article(3))
    days.now += timedelta(days=1)
    with Archive.open(days.path, write=True) as archive:
        run = archive.begin_run(days.now, ["campus"]).id
        days.see(archive, article(1, views=11))
        days.see(archive, ("a2", "gone"))
        days.see(archive, article(3, section="Office"))
        archive.commit()
        seen = [(row["article_id"], row["state"], row["views"]) for row in rows(days.path, "sightings", run)]
        assert seen == [("a1", "live", 11), ("a2", "missing", 10)]
        (detail,) = told(days.path, run)
        assert (detail["version"]["reason"], detail["record"]["section"]) == ("refreshed", "Office")


def test_rules_and_an_edit_in_one_look_are_told_as_two_versions(days: Days) -> None:
    days.run(article())
    days.now += timedelta(days=1)
    with Archive.open(days.path, write=True) as archive:
        run = archive.begin_run(days.now, ["campus"]).id
        old = archive.article("a1")
        assert old is not None
        assert old.capture is not None
        new = replace(article(), extractor=replace(article().extractor, revision=2), body="Two. Three.")
        archive.put(new, old.capture, now=days.now, baseline=replace(new, body="Two."))
        archive.end_run(days.now, "done", {})
    first, second = told(days.path, run)
    assert [what["version"]["reason"] for what in (first, second)] == ["rules", "edit"]
    assert (first["sighting"], first["article"]) == (None, None)
    assert second["sighting"]["version"] == second["article"]["version"] == 3


def test_what_is_taken_back_is_not_told(days: Days) -> None:
    with Archive.open(days.path, write=True, create=True) as archive:
        archive.begin_run(START, ["campus"])
        days.see(archive, article(1))
        with pytest.raises(ZeroDivisionError):
            _fail(archive, days)
        archive.end_run(START, "done", {})
    assert [what["version"]["article_id"] for what in told(days.path)] == ["a1"]


def _fail(archive: Archive, days: Days) -> None:
    with archive.attempt():
        days.see(archive, article(2))
        raise ZeroDivisionError


def test_every_file_of_a_run_tells_the_run_and_its_listings_and_the_last_one_its_end(days: Days) -> None:
    with Archive.open(days.path, write=True, create=True, max_warc_bytes=2000) as archive:
        run = archive.begin_run(START, ["campus"], kind="backfill").id
        archive.listed("campus", SEED, {"a1": Line("d1", "2026-08-30")})
        for number in range(8):
            days.see(archive, article(number))
            archive.commit()
        archive.set_whole("campus", SEED, True)
        archive.report_problem(
            Problem("campus", f"{SEED}?2", "empty", "an empty page", "2026-09-01T08:00:00")
        )
        archive.report_site(SiteOutcome("campus", "done", counts={"articles": 8}))
        archive.end_run(START, "done", {"articles": 8})
    files = sorted((days.path / "warc").iterdir())
    assert len(files) > 2
    for path in files:
        with path.open("rb") as file:
            first, second, *_ = (
                (each.rec_type, each.content_stream().read()) for each in ArchiveIterator(file)
            )
        assert (first[0], second[0]) == ("warcinfo", "metadata")
        preface = json.loads(second[1])
        assert (preface["run"], preface["runs"][0]["kind"]) == (run, "backfill")
        assert preface["run_sites"][0]["site"] == "campus"
        assert [row["seed"] for row in preface["listings"]] == [SEED]
    assert rows(days.path, "runs")[-1]["outcome"] == "done"
    assert rows(days.path, "listings")[-1]["whole"] is True
    assert [row["reason"] for row in rows(days.path, "problems")] == ["empty"]
    assert [row["line"] for row in rows(days.path, "listed")] == ["d1"]
    assert rows(days.path, "run_sites")[-1]["counts"] == {"articles": 8}


def test_a_line_of_a_listing_is_told_when_it_is_new_or_changes(days: Days) -> None:
    lines = {f"a{number}": Line(f"d{number}") for number in range(5)}
    for changes in ({}, {}, {"a2": Line("other")}):
        days.now += timedelta(days=1)
        lines |= changes
        with Archive.open(days.path, write=True, create=True) as archive:
            archive.begin_run(days.now, ["campus"])
            assert archive.listed("campus", SEED, lines) == 5
            assert archive.listed("campus", SEED, lines) == 0
            archive.end_run(days.now, "done", {})
    assert [len(rows(days.path, "listed", run)) for run in (1, 2, 3)] == [5, 0, 1]


def test_listings_that_are_walked_no_more_and_articles_of_another_site_are_told(days: Days) -> None:
    with Archive.open(days.path, write=True, create=True) as archive:
        archive.begin_run(START, ["campus", "old"])
        days.see(archive, article(1, site="old"))
        archive.listed("campus", SEED, {"a1": Line("d")})
        archive.adopt("campus", ["a1"], ["old"])
        archive.keep_listings("campus", [])
        archive.keep_listings("campus", [])
        archive.end_run(START, "done", {})
    assert rows(days.path, "adopted") == [{"site": "campus", "article_ids": ["a1"], "strays": ["old"]}]
    assert rows(days.path, "forgotten") == [{"site": "campus", "seeds": []}]


def test_what_a_killed_run_did_not_come_to_tell_the_next_one_does(days: Days) -> None:
    days.run(article(1), article(2))
    days.now += timedelta(days=1)
    archive = Archive.open(days.path, write=True)
    killed = archive.begin_run(days.now, ["campus"]).id
    days.see(archive, article(1))
    archive.pass_over(
        Unread("a9", "campus", "http://news.example.edu/9.pdf", None, "none", "pdf_bytes"), now=days.now
    )
    archive.report_problem(Problem("campus", SEED, "empty", "an empty page", "2026-09-01T08:00:00"))
    archive.listed("campus", SEED, {"a1": Line("d1")})
    archive.commit()
    archive.close()
    assert rows(days.path, "articles", killed) == []
    days.now += timedelta(days=1)
    with Archive.open(days.path, write=True) as archive:
        run = archive.begin_run(days.now, ["campus", "other"]).id
        archive.end_run(days.now, "done", {})
    assert [(row["id"], row["last_run"]) for row in rows(days.path, "articles", run)] == [("a1", killed)]
    assert [row["url"] for row in rows(days.path, "problems", run)] == [SEED]
    assert [row["article_id"] for row in rows(days.path, "unread", run)] == ["a9"]
    assert [row["article_id"] for row in rows(days.path, "listed", run)] == ["a1"]
    ended = [(row["id"], row["outcome"]) for row in rows(days.path, "runs", run)]
    assert (killed, "incomplete") in ended


def test_looks_do_not_wait_without_end(days: Days) -> None:
    known = [
        Unread(f"a{n}", "campus", f"http://news.example.edu/{n}", None, "none", "pdf_bytes")
        for n in range(2500)
    ]
    with Archive.open(days.path, write=True, create=True) as archive:
        archive.begin_run(START, ["campus"])
        for unread in known[:999]:
            archive.pass_over(unread, now=START)
        archive.commit()
        assert rows(days.path, "unread") == []
        for unread in known[999:]:
            archive.pass_over(unread, now=START)
        archive.commit()
        assert len(rows(days.path, "unread")) == len(known)


def test_layouts_and_what_is_left_to_the_next_run_are_told(days: Days) -> None:
    with Archive.open(days.path, write=True, create=True) as archive:
        archive.begin_run(START, ["campus"])
        archive.keep_layout(
            Layout("campus", 1, SEED, "2026-09-01T08:00:00+00:00", {"title": ["h1"]}, ("a1",))
        )
        archive.enqueue([Task(f"http://x/{n}", "x", "campus", "article") for n in range(3)])
        archive.end_run(START, "interrupted", {})
    (layout,) = rows(days.path, "layouts")
    assert (layout["revision"], layout["rules"]) == (1, {"title": ["h1"]})
    assert rows(days.path, "waiting") == [{"run_id": 1, "site": "campus", "addresses": 3}]


def test_the_files_stay_what_readers_of_warc_take(days: Days) -> None:
    days.run(article(attachments=(Attachment("http://news.example.edu/a.pdf"),)), article(2, title="新闻"))
    days.run(article(views=12))
    for path in sorted((days.path / "warc").iterdir()):
        with path.open("rb") as file:
            kinds = [
                record.rec_type
                for record in ArchiveIterator(file, check_digests="raise")
                if record.content_stream().read() is not None
            ]
        assert kinds[:2] == ["warcinfo", "metadata"]
        with path.open("rb") as file:
            assert all(record.verify_block_digest() for record in Fast(file, parse_http=False))
    assert list(verify(days.path)) == []
