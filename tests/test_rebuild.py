"""The catalogue made anew: what the WARC files alone say is what the archive knew."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import OperationalError

from scraper.cli import main
from scraper.config import Config
from scraper.crawl import crawl
from scraper.past.own import take_unread
from scraper.settings import RECHECK
from storage import Archive, database, sqlite
from storage.catalog import metadata
from storage.database import CATALOG
from storage.errors import ArchiveDamaged, ArchiveError, ArchiveLocked, ArchiveNotFound, TargetExists
from storage.export.jsonl import write_jsonl
from storage.lock import Lock
from storage.members import iter_records
from storage.place import Place
from storage.rebuild import rebuild
from storage.records import Layout, Line, Problem, Ruling, SiteOutcome, Task, Unread
from storage.verify import verify
from tests.campus_days import START, Days, article
from tests.catalogue_sql import sql

SEED, OTHER = "http://news.example.edu/list.htm", "http://news.example.edu/other.htm"
# Not told in the WARC: the frontier, the run that met an unchanged line last, and so the sums over rows.
LEFT_OUT = {"frontier", "listed.run_id", "tallies"}


def tables(root: Path | Place) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of a catalogue, by table and key."""
    with closing(database.opened(root, write=False)) as connection:
        return rows_of(connection)


def rows_of(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    found = {}
    for table in metadata.sorted_tables:
        kept = [column for column in table.c if f"{table.name}.{column.name}" not in LEFT_OUT]
        if table.name not in LEFT_OUT:
            found[table.name] = sorted(map(tuple, connection.execute(select(*kept))), key=repr)
    return found


def tables_in(file: Path) -> dict[str, list[tuple[Any, ...]]]:
    with closing(sqlite.connect(file, write=False)) as connection:
        return rows_of(connection)


def lose_catalog(root: Path) -> None:
    """Take the catalogue away, as whoever deletes the wrong file does."""
    for path in root.glob(f"{CATALOG}*"):
        path.unlink()


def warcs(root: Path) -> list[Path]:
    return sorted((root / "warc").iterdir())


def exported(root: Path) -> list[dict[str, Any]]:
    """Return the records, but where their captures lie."""
    with Archive.open(root) as archive:
        return [each.to_json() | {"capture": None} for each in archive.articles()]


def jsonl(root: Path) -> bytes:
    out = BytesIO()
    with Archive.open(root) as archive:
        write_jsonl(archive.articles(), out)
    return out.getvalue()


def changes(root: Path, since: int, until: int) -> list[dict[str, Any]]:
    with Archive.open(root) as archive:
        found = (change.to_json() for change in archive.changes(since_run=since, until_run=until))
        return sorted((change | {"cursor": None} for change in found), key=lambda each: repr(each))


def events(root: Path) -> list[dict[str, Any]]:
    with Archive.open(root) as archive:
        return [event.to_json() for event in archive.events(views=True)]


@pytest.fixture
def days(tmp_path: Path) -> Days:
    """An archive of five runs that have everything an archive can have."""
    days = Days(tmp_path / "archive")
    days.run(*(article(number) for number in range(8)))
    days.run(article(1, body="Edited."), article(2, views=11), ("a3", "gone"), ("a4", "error"))
    days.run(article(5, author="Office"), ("a3", "gone"), article(4), (article(6), "unlisted"))
    days.now += timedelta(days=1)
    with Archive.open(days.path, write=True) as archive:
        archive.begin_run(days.now, ["campus", "old"], kind="backfill")
        archive.listed("campus", SEED, {f"a{n}": Line(f"d{n}", "2026-08-30") for n in range(8)})
        archive.listed("campus", OTHER, {"a1": Line("d1")})
        archive.set_whole("campus", SEED, True)
        archive.keep_listings("campus", [SEED])
        days.see(archive, article(9, site="old"))
        archive.listed("old", SEED, {"a9": Line("d9")})
        archive.adopt("campus", ["a9"], ["old"])
        archive.viewed("a7", 99, observed_at="2026-09-05T08:00:01+00:00", now=days.now)
        archive.pass_over(
            Unread("b1", "campus", f"{SEED}/b1", "2026-08-01", "none", "pdf_bytes"), now=days.now
        )
        days.see(archive, article(7, provenance={"title": "h2"}))
        archive.keep_layout(Layout("campus", 1, SEED, "2026-09-05T08:00:00+00:00", {"z": 1, "a": 2}, ("a1",)))
        archive.rule(Ruling("news.example.edu", "rules", SEED, 200, "2026-09-05T08:00:00+00:00", 1.5, 2.0))
        archive.report_problem(Problem("campus", SEED, "empty", "an empty page", "2026-09-05T08:00:00+00:00"))
        archive.report_site(
            SiteOutcome("campus", "done", counts={"z": 1, "a": 2}, coverage={SEED: {"items": 8}})
        )
        archive.end_run(days.now, "done", {"z": 1, "a": 2})
    new = replace(article(), extractor=replace(article().extractor, revision=2), body="New. Twice.")
    days.now += timedelta(days=1)
    with Archive.open(days.path, write=True) as archive:
        archive.begin_run(days.now, ["campus"])
        old = archive.article("a1")
        assert old is not None
        assert old.capture is not None
        archive.put(new, old.capture, now=days.now, baseline=replace(new, body="New."))
        archive.end_run(days.now, "done", {})
    return days


def test_a_lost_catalogue_comes_back_table_by_table(days: Days) -> None:
    before, record, told = tables(days.path), jsonl(days.path), events(days.path)
    lose_catalog(days.path)
    with pytest.raises(ArchiveDamaged):
        days.open()
    made = rebuild(days.path)
    assert (made.lost, made.gaps, made.old) == (0, [], None)
    assert tables(days.path) == before
    assert jsonl(days.path) == record
    assert events(days.path) == told
    assert list(verify(days.path)) == []


def test_a_crawl_after_a_rebuild_asks_and_finds_what_it_would_have(config: Config, campus: Any) -> None:
    """The campus over its days, beside an archive whose catalogue is made anew after each of them."""
    sites = tuple(site.model_copy(update={"recheck": RECHECK}) for site in config.sites)
    kept = config.model_copy(update={"sites": sites})
    lost = kept.model_copy(update={"archive": f"{kept.archive}-lost"})
    now = datetime(2027, 3, 1, 1, 30, tzinfo=UTC)
    for days, edition in ((0, 1), (1, 1), (31, 1), (31, 2), (1, 2)):
        now, campus.edition = now + timedelta(days=days), edition
        asked = []
        for each in (kept, lost):
            campus.requests.clear()
            crawl(each, now=lambda at=now: at)  # type: ignore[misc]
            asked.append(sorted(campus.requests))
        assert asked[0] == asked[1]
        root = Path(lost.archive)
        before = tables(root)
        lose_catalog(root)
        rebuild(root)
        assert tables(root) == before
        assert list(verify(root)) == []
        assert exported(root) == exported(Path(kept.archive))
    assert changes(Path(lost.archive), 3, 4) == changes(Path(kept.archive), 3, 4) != []


def test_a_sound_catalogue_is_not_made_anew_unless_forced_and_the_old_one_is_kept(days: Days) -> None:
    before = tables(days.path)
    with pytest.raises(ArchiveError, match="--force"):
        rebuild(days.path)
    made = rebuild(days.path, force=True)
    assert made.old == f"{CATALOG}.before-rebuild"
    assert tables_in(days.path / made.old) == tables(days.path) == before
    again = rebuild(days.path, force=True)
    assert again.old == f"{CATALOG}.before-rebuild2"


def test_a_damaged_catalogue_is_replaced_and_kept(days: Days) -> None:
    before = tables(days.path)
    damaged = b"no database, but somebody's notes"
    lose_catalog(days.path)
    (days.path / CATALOG).write_bytes(damaged)
    made = rebuild(days.path)
    assert made.old is not None
    assert (days.path / made.old).read_bytes() == damaged
    assert tables(days.path) == before


def test_a_catalogue_beside_leaves_the_archive_as_it_is(days: Days, tmp_path: Path) -> None:
    there = {path: path.stat().st_mtime_ns for path in days.path.rglob("*") if path.name != "lock"}
    made = rebuild(days.path, to=tmp_path / "new.sqlite")
    assert made.catalog == str(tmp_path / "new.sqlite")
    assert tables_in(tmp_path / "new.sqlite") == tables(days.path)
    after = {path: path.stat().st_mtime_ns for path in days.path.rglob("*") if path.name != "lock"}
    assert {path.name for path in after} - {f"{CATALOG}-shm", f"{CATALOG}-wal"} == {
        path.name for path in there
    }
    with pytest.raises(TargetExists):
        rebuild(days.path, to=tmp_path / "new.sqlite")


@pytest.mark.parametrize(
    "damage",
    [
        "DROP TABLE sightings",
        "ALTER TABLE articles RENAME COLUMN state TO status",
        "DROP INDEX captures_lost",
        "UPDATE versions SET record = 'no json' WHERE article_id = 'a2'",
    ],
)
def test_a_catalogue_that_fails_a_check_is_made_anew_without_force(days: Days, damage: str) -> None:
    before = tables(days.path)
    sql(days.path, damage)
    rebuild(days.path)
    assert tables(days.path) == before


def test_a_catalogue_beside_has_its_name_once_it_is_whole(days: Days, tmp_path: Path) -> None:
    new = tmp_path / "new.sqlite"
    child = os.fork()
    if child == 0:
        rebuild(days.path, to=new, progress=lambda file, *_: file or os.kill(os.getpid(), 9))
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 9
    assert not new.exists()
    assert (tmp_path / "new.sqlite.rebuilding").exists()
    assert rebuild(days.path, to=new).old is None
    assert tables_in(new) == tables(days.path)
    assert sorted(path.name for path in tmp_path.glob("new*")) == ["new.sqlite"]


def test_a_catalogue_that_cannot_be_begun_is_let_go_of(tmp_path: Path) -> None:
    catalogue = sqlite.Sqlite(tmp_path)
    with database.begun(catalogue):
        pass
    with pytest.raises(OperationalError, match="already exists") as caught, database.begun(catalogue):
        pass
    with closing(catalogue.connect(write=True)) as other:  # while the error, and all it holds, is there
        other.execute(text("PRAGMA busy_timeout = 0"))
        other.execute(text("DELETE FROM runs"))
    assert caught


def test_a_run_that_holds_the_archive_is_waited_for(days: Days) -> None:
    lock = Lock(days.path / "lock")
    with pytest.raises(ArchiveLocked):
        rebuild(days.path, force=True)
    lock.release()


def test_without_warc_files_there_is_nothing_to_make_one_from(tmp_path: Path) -> None:
    with pytest.raises(ArchiveNotFound):
        rebuild(tmp_path)


def test_what_was_half_made_before_is_made_again(days: Days) -> None:
    before = tables(days.path)
    lose_catalog(days.path)
    (days.path / f"{CATALOG}.rebuilding").write_bytes(b"half a database")
    rebuild(days.path)
    assert tables(days.path) == before
    assert not list(days.path.glob("*.rebuilding*"))


def test_a_missing_file_is_named_and_the_rest_stands(days: Days) -> None:
    lose_catalog(days.path)
    (second,) = (path for path in warcs(days.path) if "-r2-" in path.name)
    second.unlink()
    made = rebuild(days.path)
    assert {gap.problem for gap in made.gaps} == {"missing_file"}
    assert [gap.file for gap in made.gaps] == [f"warc/{second.name}", "warc/*-r2-*.warc.gz"]
    assert made.rows["articles"] == 9
    with days.open() as archive:
        assert [version.number for version in archive.versions("a1")] == [1, 3, 4]
        assert list(archive.changes(cursor=0))
        assert archive.article("a3").state == "withdrawn"  # type: ignore[union-attr]
    assert [finding.problem for finding in verify(days.path)] == ["missing_record"]  # what a1 was read from
    days.run(article(1), article(2))  # and it is gone on with


def test_a_version_whose_response_is_lost_says_where_it_should_lie(tmp_path: Path) -> None:
    days = Days(tmp_path / "archive")
    days.run(article())
    days.now += timedelta(days=1)
    with Archive.open(days.path, write=True) as archive:
        archive.begin_run(days.now, ["campus"])
        old = archive.article("a1")
        assert old is not None
        assert old.capture is not None
        rules = replace(article(), extractor=replace(article().extractor, revision=2), body="By new rules.")
        archive.put(rules, old.capture, now=days.now)
        archive.end_run(days.now, "done", {})
    lose_catalog(days.path)
    warcs(days.path)[0].unlink()
    assert rebuild(days.path).lost
    with days.open() as archive:
        assert archive.article("a1").body == "By new rules."  # type: ignore[union-attr]
    assert [(each.file, each.problem) for each in verify(days.path)] == [(old.capture.warc, "missing_record")]


def test_a_damaged_record_is_named_and_all_others_are_taken_in(days: Days) -> None:
    before = tables(days.path)
    lose_catalog(days.path)
    path = warcs(days.path)[0]
    hit = [info for info in iter_records(path) if info.headers["warc-type"] == "metadata"][3]
    raw = bytearray(path.read_bytes())
    raw[hit.offset + hit.length // 2] ^= 0xFF
    path.write_bytes(raw)
    made = rebuild(days.path)
    assert [(gap.file, gap.offset) for gap in made.gaps] == [
        (f"warc/{path.name}", hit.offset),
        (CATALOG, None),  # the article that is not there, but has a history
    ]
    after = tables(days.path)
    assert after["captures"] == before["captures"]
    lost = {row[0] for row in before["articles"]} - {row[0] for row in after["articles"]}
    assert len(lost) == 1
    assert [row for row in before["versions"] if row[0] not in lost] == after["versions"]


def test_a_record_that_says_nonsense_is_named(days: Days) -> None:
    lose_catalog(days.path)
    path = warcs(days.path)[0]
    from storage.records import Metadata
    from storage.warc import WarcWriter

    writer = WarcWriter(days.path, 6)
    for block in (b"[]", b'{"journal": 1, "run": 6, "campusnews": "article"}', b"{"):
        writer.describe(Metadata("urn:campusnews:run:6", block, "2026-09-09T08:00:00+00:00"))
    writer.finish()
    writer.sync()
    writer.settle()
    made = rebuild(days.path)
    assert [gap.problem for gap in made.gaps] == ["contradiction"] * 3
    assert path.exists()


def test_a_newer_form_of_the_journal_is_refused(days: Days) -> None:
    from storage.records import Metadata
    from storage.warc import WarcWriter

    before = tables(days.path)
    writer = WarcWriter(days.path, 6)
    writer.describe(
        Metadata("urn:campusnews:run:6", b'{"journal": 2, "run": 6}', "2026-09-09T08:00:00+00:00")
    )
    writer.finish()
    writer.sync()
    writer.settle()
    with pytest.raises(ArchiveError, match="upgrade"):
        rebuild(days.path, force=True)
    assert tables(days.path) == before


def test_nothing_becomes_hidden_by_what_is_missing(tmp_path: Path) -> None:
    """The article stands on two lists; the file that told of one of them is lost."""
    days = Days(tmp_path / "archive")
    for seed in (SEED, OTHER):
        days.now += timedelta(days=1)
        with Archive.open(days.path, write=True, create=True) as archive:
            archive.begin_run(days.now, ["campus"])
            days.see(archive, article(1))
            archive.listed("campus", seed, {"a1": Line("d1", "2026-08-30")})
            archive.set_whole("campus", seed, True)
            archive.end_run(days.now, "done", {})
    days.run()
    lose_catalog(days.path)
    warcs(days.path)[1].unlink()
    rebuild(days.path)
    days.now += timedelta(days=1)
    with Archive.open(days.path, write=True) as archive:
        archive.begin_run(days.now, ["campus"])
        assert archive.unlisted("campus", {SEED: ""}) == []
        assert [key for key, _ in archive.unlisted("campus", {SEED: "", OTHER: ""})] == ["a1"]


def test_lists_of_which_something_was_left_are_walked_to_their_end_again(tmp_path: Path) -> None:
    for left in ([], [Task("http://x/1", "x", "campus", "article")]):
        days = Days(tmp_path / f"archive{len(left)}")
        with Archive.open(days.path, write=True, create=True) as archive:
            archive.begin_run(START, ["campus"])
            archive.listed("campus", SEED, {"a1": Line("d1")})
            archive.set_whole("campus", SEED, True)
            archive.enqueue(left)
            archive.end_run(START, "interrupted", {})
        lose_catalog(days.path)
        rebuild(days.path)
        with Archive.open(days.path, write=True) as archive:
            archive.begin_run(START, ["campus"])
            assert archive.is_whole("campus", SEED) is not bool(left)


def test_a_run_that_is_gone_on_with_walks_its_lists_from_their_top(tmp_path: Path) -> None:
    days = Days(tmp_path / "archive")
    with Archive.open(days.path, write=True, create=True) as archive:
        archive.begin_run(START, ["campus"])
        archive.listed("campus", SEED, {"a1": Line("d1")})
        archive.end_run(START, "interrupted", {})
    lose_catalog(days.path)
    rebuild(days.path)
    with Archive.open(days.path, write=True) as archive:
        assert archive.begin_run(START, ["campus"]).id == 1
        assert archive.listed("campus", SEED, {"a1": Line("d1")}) == 1  # new to the walk, no page met twice


WRITER = """
import os, sys
from pathlib import Path
from datetime import timedelta
from storage import Archive
from tests.campus_days import Days, article
days = Days(Path(sys.argv[1]))
days.now += timedelta(days=1)
archive = Archive.open(days.path, write=True, create=True)
archive.begin_run(days.now, ["campus"])
for number in range(6):
    days.see(archive, article(number))
    if number % 2:
        archive.commit()
days.see(archive, article(7))
archive.payload(archive.article("a7").capture)  # so that its bytes are in the file
os.kill(os.getpid(), 9)
"""


def killed(path: Path) -> Days:
    """Return an archive whose run was killed (SIGKILL) with one article written and not committed."""
    place = Path(__file__).parents[1]
    run = subprocess.run(
        [sys.executable, "-c", WRITER, path], cwd=place, env=os.environ | {"PYTHONPATH": str(place)}
    )
    assert run.returncode == -9
    days = Days(path)
    days.now += timedelta(days=1)
    return days


def test_a_killed_run_is_gone_on_with_after_a_rebuild(tmp_path: Path) -> None:
    days = killed(tmp_path / "archive")
    lose_catalog(days.path)
    made = rebuild(days.path)
    assert made.lost == 0
    with days.open() as archive:
        assert [run.outcome for run in archive.runs()] == ["running"]
        assert [each.id for each in archive.articles()] == [f"a{number}" for number in range(6)]
    days.now -= timedelta(days=1)
    run = days.run(*(article(number) for number in range(8)))
    assert run == 1
    with days.open() as archive:
        assert [run.outcome for run in archive.runs()] == ["done"]
        assert [(each.id, each.version) for each in archive.articles()] == [(f"a{n}", 1) for n in range(8)]
    assert list(verify(days.path)) == []


def test_a_file_that_was_only_begun_makes_no_run(tmp_path: Path) -> None:
    days = Days(tmp_path / "archive")
    days.run(article())
    before = tables(days.path)
    (days.path / "warc" / "20260903080000-r2-1.warc.gz.open").touch()
    lose_catalog(days.path)
    rebuild(days.path)
    assert tables(days.path) == before
    assert days.run(article()) == 2


def test_after_a_kill_and_its_recovery_the_files_say_what_the_catalogue_does(tmp_path: Path) -> None:
    days = killed(tmp_path / "archive")
    days.run(*(article(number) for number in range(8)), sites=("campus", "other"))
    before = tables(days.path)
    lose_catalog(days.path)
    rebuild(days.path)
    assert tables(days.path) == before


def forget(days: Days, *looks: Any) -> dict[str, list[tuple[Any, ...]]]:
    """Let the catalogue forget a run, as a torn write-ahead log does; return what it knew with it."""
    saved = days.path.with_name("saved")
    shutil.copytree(days.path, saved)
    days.run(*looks)
    knew = tables(days.path)
    lose_catalog(days.path)
    shutil.copy(saved / CATALOG, days.path / CATALOG)
    return knew


def test_what_a_torn_log_lost_is_taken_from_the_files(days: Days) -> None:
    knew = forget(days, article(1, body="The lost edit."), article(30))
    made = rebuild(days.path)  # the catalogue is sound, but behind its files: no force is needed
    assert made.lost == 0
    assert tables(days.path) == knew


def test_commits_lost_in_the_middle_of_a_run_are_taken_from_its_file(tmp_path: Path) -> None:
    days, saved = Days(tmp_path / "archive"), tmp_path / "saved"
    archive = Archive.open(days.path, write=True, create=True)
    archive.begin_run(days.now, ["campus"])
    days.see(archive, article(1))
    archive.commit()
    shutil.copytree(days.path, saved)
    days.see(archive, article(2))
    archive.commit()
    archive.close()
    lose_catalog(days.path)
    for path in saved.glob(f"{CATALOG}*"):
        shutil.copy(path, days.path)
    rebuild(days.path)
    with days.open() as found:
        assert [each.id for each in found.articles()] == ["a1", "a2"]


def test_what_recovery_cut_off_as_torn_is_taken_back_when_asked_for(tmp_path: Path) -> None:
    days, saved = Days(tmp_path / "archive"), tmp_path / "saved"
    days.run(article(1), article(2))
    days.now += timedelta(days=1)
    archive = Archive.open(days.path, write=True)
    run = archive.begin_run(days.now, ["campus"]).id
    days.see(archive, article(1, body="Seen before the log tore."))
    archive.commit()
    shutil.copytree(days.path, saved)
    days.see(archive, article(2, body="Seen, and forgotten."))
    days.see(archive, article(3))
    archive.commit()
    archive.end_run(days.now, "done", {"articles": 3})
    archive.close()
    knew = tables(days.path)
    lose_catalog(days.path)
    for path in saved.glob(f"{CATALOG}*"):
        shutil.copy(path, days.path)
    Archive.open(days.path, write=True).close()  # it takes what the log forgot for a killed run's
    assert any(path.name.endswith(".torn") for path in warcs(days.path))
    with days.open() as found:
        assert [each.id for each in found.articles()] == ["a1", "a2"]
    assert rebuild(days.path, force=True).gaps[0].problem == "put_aside"
    made = rebuild(days.path, force=True, torn=True)
    assert (made.lost, made.gaps) == (0, [])
    assert tables(days.path) == knew
    assert list(verify(days.path)) == []
    with days.open() as found:
        assert found.runs()[run - 1].outcome == "done"


def test_a_tail_of_which_a_later_run_made_other_things_gives_what_is_missing(tmp_path: Path) -> None:
    days, saved = Days(tmp_path / "archive"), tmp_path / "saved"
    days.run(article(1), article(2))
    shutil.copytree(days.path, saved)
    days.run(article(1, body="Seen, and forgotten."), article(3), article(4))
    for name in ("warc", CATALOG):
        there = days.path / name
        if there.is_dir():
            newest = warcs(days.path)[-1]
            newest.rename(newest.with_name(newest.name + ".torn"))
        else:
            lose_catalog(days.path)
            shutil.copy(saved / CATALOG, there)
    days.run(article(1, body="Another edit."), article(4), article(5))
    made = rebuild(days.path, force=True, torn=True)
    assert made.lost == 0
    with days.open() as archive:
        assert [each.id for each in archive.articles()] == ["a1", "a2", "a3", "a4", "a5"]
        assert archive.article("a1").body == "Another edit."  # type: ignore[union-attr]
        assert {change.article_id for change in archive.changes(cursor=0)} == {"a1", "a2", "a3", "a4", "a5"}
    assert list(verify(days.path)) == []
    days.run(article(1, body="And on."), article(3, body="And on."))


def forget_notes(path: Path) -> None:
    """Make a WARC file what an older campusnews would have written."""
    raw, records = path.read_bytes(), list(iter_records(path))
    old = [info for info in records if info.headers["warc-type"] != "metadata"]
    path.write_bytes(b"".join(raw[info.offset : info.offset + info.length] for info in old))


def test_files_from_before_there_was_a_journal_give_captures_and_runs(days: Days) -> None:
    captures = tables(days.path)["captures"]
    lose_catalog(days.path)
    for path in warcs(days.path):
        forget_notes(path)
    made = rebuild(days.path)
    assert (made.lost, made.rows["articles"]) == (0, 0)
    assert [row[-5:] for row in tables(days.path)["captures"]] == [row[-5:] for row in captures]
    with days.open() as archive:
        assert [run.outcome for run in archive.runs()] == ["incomplete"] * 5
        assert all(run.finished_at for run in archive.runs())
    assert list(verify(days.path)) == []


def test_the_command_says_what_it_made_and_what_is_missing(days: Days) -> None:
    lose_catalog(days.path)
    result = CliRunner().invoke(main, ["rebuild", "--archive", str(days.path)])
    assert result.exit_code == 0, result.output
    assert "9 articles" in result.output
    result = CliRunner().invoke(main, ["rebuild", "--archive", str(days.path)])
    assert result.exit_code == 1
    assert "--force" in result.output
    warcs(days.path)[2].unlink()
    result = CliRunner().invoke(main, ["rebuild", "--archive", str(days.path), "--json"])
    assert result.exit_code == 4
    assert json.loads(result.stdout)["gaps"][0]["problem"] == "missing_file"


def test_articles_of_older_files_are_read_from_their_pages_again(config: Config) -> None:
    crawl(config, now=lambda: datetime(2027, 3, 1, 1, 30, tzinfo=UTC))
    root = Path(config.archive)
    before = exported(root)
    lose_catalog(root)
    for path in warcs(root):
        forget_notes(path)
    made = rebuild(root)
    assert made.unread >= len(before)
    for site in config.sites:
        take_unread(config, site.name, now=lambda: datetime(2027, 3, 2, 1, 30, tzinfo=UTC))
    told = {each["id"]: (each["title"], each["body"]) for each in before}
    assert {each["id"]: (each["title"], each["body"]) for each in exported(root)} == told


def test_compacted_files_tell_what_they_told(config: Config) -> None:
    pytest.importorskip("zstandard", reason="compacted files need the extra `zstd`")
    from storage.compact import compact

    crawl(config, now=lambda: datetime(2027, 3, 1, 1, 30, tzinfo=UTC))
    root = Path(config.archive)
    with Archive.open(root, write=True) as archive:
        done = list(compact(archive))
    assert [each.into for each in done if each.into]
    before = tables(root)
    lose_catalog(root)
    made = rebuild(root)
    assert (made.lost, made.gaps) == (0, [])
    assert tables(root) == before
    assert list(verify(root)) == []
