"""What WARC files tell of versions and states is what the catalogue has, and the other way round."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from storage import Archive
from storage.findings import Finding
from storage.kept import columns_of
from storage.members import iter_records
from storage.records import Article, Metadata
from storage.testimony import TOLD
from storage.verify import verify
from storage.warc import WarcWriter
from tests.campus_days import Days, article
from tests.catalogue_sql import sql

pytestmark = pytest.mark.usefixtures("catalogue")


@pytest.fixture
def days(tmp_path: Path) -> Days:
    """An archive of three runs: new, edited, refreshed, gone and back."""
    days = Days(tmp_path / "archive")
    days.run(*(article(number) for number in range(6)))
    days.run(article(1, body="Edited."), article(2, views=11), ("a3", "gone"))
    days.run(article(4, body="Body  of notice 4."), article(3), article(1, body="Edited."))
    assert list(verify(days.path)) == []
    return days


def told(root: Path) -> list[Finding]:
    """Return what is found about what is told; the rest, as SQLite's sums, is for others."""
    return [finding for finding in verify(root) if finding.problem in TOLD]


def places(root: Path, run: int, subject: str) -> set[tuple[str, int | None]]:
    """Return file and offset of a run's records about a subject."""
    (path,) = (root / "warc").glob(f"*-r{run}-1.warc.gz")
    found = (info for info in iter_records(path) if info.headers.get("warc-target-uri") == subject)
    return {(f"warc/{path.name}", info.offset) for info in found}


def test_a_version_that_was_taken_out_is_named_with_the_record_that_tells_of_it(days: Days) -> None:
    sql(days.path, "DELETE FROM versions WHERE article_id = 'a1' AND number = 1")
    (found,) = told(days.path)
    assert (found.problem, found.record) == ("forgotten", "a1 version 1")
    assert (found.file, found.offset) in places(days.path, 1, "urn:campusnews:article:a1")


def test_a_record_edited_together_with_its_digests_is_told_otherwise(days: Days) -> None:
    ((record,),) = sql(days.path, "SELECT record FROM versions WHERE article_id = 'a2'")
    other = Article.from_json(json.loads(record) | {"body": "By another hand."})
    values = columns_of(json.loads(record) | {"body": other.body, "content_digest": other.content_digest})
    names = ("record", "field_digests", "content_digest")
    put = ", ".join(f"{name} = :{name}" for name in names)
    sql(
        days.path,
        f"UPDATE versions SET {put} WHERE article_id = 'a2'",
        **{name: values[name] for name in names},
    )
    (found,) = told(days.path)
    assert (found.problem, found.record) == ("told_otherwise", "a2 version 1")
    assert other.content_digest in found.detail
    assert (found.file, found.offset) in places(days.path, 1, "urn:campusnews:article:a2")


def test_of_a_version_told_twice_the_later_record_counts(days: Days) -> None:
    ((record, digest),) = sql(
        days.path, "SELECT record, content_digest FROM versions WHERE article_id = 'a4'"
    )
    assert json.loads(record)["body"] == "Body  of notice 4.", "no edit, but what the third run tells"
    assert digest != article(4).content_digest
    assert told(days.path) == []


@pytest.mark.parametrize(
    ("statement", "problem", "detail"),
    [
        ("UPDATE sightings SET state = 'live' WHERE id = {id}", "told_otherwise", "state missing is told"),
        ("UPDATE sightings SET run_id = 1 WHERE id = {id}", "told_otherwise", "run_id 2 is told"),
        ("DELETE FROM sightings WHERE id = {id}", "forgotten", "does not have it"),
    ],
)
def test_a_point_of_a_history_that_was_changed_is_named(
    days: Days, statement: str, problem: str, detail: str
) -> None:
    ((number,),) = sql(days.path, "SELECT id FROM sightings WHERE article_id = 'a3' AND run_id = 2")
    sql(days.path, statement.format(id=number))
    (found,) = told(days.path)
    assert (found.problem, found.record) == (problem, f"a3 event {number}")
    assert detail in found.detail
    assert (found.file, found.offset) in places(days.path, 2, "urn:campusnews:run:2")


INVENTED = """INSERT INTO versions SELECT article_id, 2, 2, created_at, 'edit', {rest} FROM versions
    WHERE article_id = 'a5'"""


def invent(root: Path) -> None:
    """Write a second version of an article, of the second run, as another hand would."""
    given = ("article_id", "number", "run_id", "created_at", "reason")
    from storage.catalog import versions

    rest = [name for name in versions.c.keys() if name not in given]  # noqa: SIM118
    names = ", ".join((*given, *rest))
    into = INVENTED.format(rest=", ".join(rest)).replace("INTO versions", f"INTO versions ({names})")
    sql(root, into)


def test_a_version_that_no_record_tells_of_is_named(days: Days) -> None:
    invent(days.path)
    (found,) = told(days.path)
    assert (found.problem, found.record, found.offset) == ("untold", "a5 version 2", None)
    assert "run 2" in found.detail


def test_a_run_whose_file_is_damaged_is_no_witness(days: Days) -> None:
    invent(days.path)
    (path,) = (days.path / "warc").glob("*-r2-1.warc.gz")
    info = [info for info in iter_records(path) if info.headers.get("warc-type") == "metadata"][-1]
    data = bytearray(path.read_bytes())
    data[info.offset + info.length // 2] ^= 4
    path.write_bytes(data)
    assert told(days.path) == []
    path.unlink()
    assert told(days.path) == []


def test_a_record_that_tells_nonsense_is_named(days: Days) -> None:
    blocks = (b"[]", b"{", b'{"journal": 1, "run": 4, "campusnews": "article", "version": 3}')
    with Archive.open(days.path, write=True) as archive:
        archive.begin_run(days.now, ["campus"])
        writer = archive._desk.warc
        assert isinstance(writer, WarcWriter)
        for block in blocks:
            writer.describe(Metadata("urn:campusnews:run:4", block, "2026-09-09T08:00:00+00:00"))
        archive.end_run(days.now, "done", {})
    assert [finding.problem for finding in verify(days.path)] == ["nonsense"] * 3
