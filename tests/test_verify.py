"""Fixity: a sound archive gives no finding, and each kind of damage gives its own, never a traceback."""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from scraper.cli import main
from storage import database
from storage.archive import Archive
from storage.errors import ArchiveNotFound, ArchiveUnreachable
from storage.files import OPEN
from storage.findings import Finding
from storage.members import iter_records
from storage.records import Article, Attachment, Exchange, Extractor
from storage.verify import verify

from .catalogue_sql import sql

pytestmark = pytest.mark.usefixtures("catalogue")

NOW = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An archive of two runs: one closed file with 20 articles, one with revisits."""
    path = tmp_path / "archive"
    for _ in range(2):
        with Archive.open(path, write=True, create=True) as archive:
            archive.begin_run(NOW, ["campus"])
            for number in range(20):
                keep(archive, number)
            archive.end_run(NOW, "done", {})
    assert list(verify(path)) == []
    return path


def keep(archive: Archive, number: int) -> None:
    url = f"http://news.example.edu/{number}.htm"
    head, body = b"HTTP/1.1 200 OK\r\n\r\n", f"<p>{number}</p>".encode() * 100
    capture = archive.capture(Exchange(url, "GET", b"GET / HTTP/1.1\r\n\r\n", head, body, 200, NOW))
    files = (Attachment("http://news.example.edu/a.pdf", "a"),)
    rules, text = Extractor("generic", 1), f"Body {number}. " * 100
    article = Article(f"a{number:02}", url, "campus", "T", rules, body=text, attachments=files)
    archive.put(article, capture, now=NOW)


def first(root: Path) -> Path:
    return min((root / "warc").glob("*-r1-1.warc.gz"))


def problems(root: Path) -> set[str]:
    return {finding.problem for finding in verify(root)}


def test_there_must_be_an_archive(tmp_path: Path) -> None:
    with pytest.raises(ArchiveNotFound):
        list(verify(tmp_path / "nothing"))


def test_progress_names_each_file_and_ends_at_the_whole(root: Path) -> None:
    said: list[tuple[str, int, int]] = []
    list(verify(root, lambda *step: said.append(step)))
    names, done, total = zip(*said, strict=True)
    assert [name.rpartition("-")[0][-2:] for name in names[:-1]] == ["r1", "r2"]
    assert (done[0], done[-1]) == (0, total[-1])
    assert list(done) == sorted(done)


# WARC files against the catalogue, and back


def torn(data: bytes, at: int, length: int) -> bytes:
    return data[: at + length - 5]


def flipped(data: bytes, at: int, length: int) -> bytes:
    middle = at + length // 2
    return data[:middle] + bytes([data[middle] ^ 4]) + data[middle + 1 :]


def hole(data: bytes, at: int, length: int) -> bytes:
    return data[:at] + bytes(length) + data[at + length :]


def doubled(data: bytes, at: int, length: int) -> bytes:
    return data + data[at : at + length]


def one_stream(data: bytes, _at: int, _length: int) -> bytes:
    return gzip.compress(gzip.decompress(data))


def plain(data: bytes, _at: int, _length: int) -> bytes:
    return gzip.decompress(data)


def emptied(_data: bytes, _at: int, _length: int) -> bytes:
    return b""


def rewritten(old: bytes, new: bytes) -> Callable[[bytes, int, int], bytes]:
    """Return damage that edits inside one record and compresses it soundly again."""

    def damage(data: bytes, at: int, length: int) -> bytes:
        record = gzip.decompress(data[at : at + length])
        assert old in record
        return data[:at] + gzip.compress(record.replace(old, new)) + data[at + length :]

    return damage


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (torn, "short_file"),
        (flipped, "bad_gzip"),
        (hole, "hole"),
        (doubled, "long_file"),
        (one_stream, "several_records"),
        (plain, "not_compressed"),
        (emptied, "short_file"),
        (rewritten(b"<p>7</p>", b"<p>8</p>"), "block_digest"),
        (rewritten(b"<p>7</p>", b"<p>8</p>"), "payload_digest"),
        (rewritten(b"Content-Length: ", b"Content-Length: 1"), "content_length"),
        (rewritten(b"Content-Length: ", b"Content-Length: -"), "content_length"),
        (rewritten(b"2026-09-01T", b"2026-99-01T"), "bad_date"),
        (rewritten(b"WARC-Payload-Digest: sha256:", b"WARC-Payload-Digest: sha256:0"), "payload_digest"),
        (rewritten(b"/7.htm\r\n", b"/7.htm\r\nWARC-Type: warcinfo\r\n"), "repeated_header"),
        (rewritten(b"/7.htm", b"/x.htm"), "url"),
        (rewritten(b"urn:uuid:", b"urn:uuid:0"), "record_id"),
    ],
)
def test_damage_to_a_record_is_named_with_its_place(
    root: Path, damage: Callable[[bytes, int, int], bytes], problem: str
) -> None:
    warc = first(root)
    with Archive.open(root) as archive:
        article = archive.article("a07")
    assert article is not None
    assert article.capture is not None
    at, length = article.capture.offset, article.capture.length
    warc.write_bytes(damage(warc.read_bytes(), at, length))
    found = list(verify(root))
    assert problem in {finding.problem for finding in found}
    assert "file_digest" in {finding.problem for finding in found}, "a closed file never changes"
    assert {finding.file for finding in found} == {f"warc/{warc.name}"}
    assert all(finding.damage for finding in found)
    if damage not in (doubled, one_stream, plain, emptied):
        assert article.capture.record_id in {finding.record for finding in found}


def test_a_flipped_bit_anywhere_is_seen(root: Path) -> None:
    warc = first(root)
    data = warc.read_bytes()
    for at in range(0, len(data), 397):
        warc.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        assert problems(root) >= {"file_digest"}, at


def test_records_after_the_damage_stay_in_reach(root: Path) -> None:
    warc = first(root)
    info = list(iter_records(warc))[9]
    warc.write_bytes(hole(warc.read_bytes(), info.offset, info.length))
    with Archive.open(root) as archive:
        captures = [found.capture for found in archive.articles() if found.capture]
        rest = [archive.payload(capture) for capture in captures if capture.offset != info.offset]
    assert len(rest) >= 19


def test_a_missing_file_and_an_unknown_one_are_found(root: Path) -> None:
    first(root).rename(first(root).with_name("20200101000000-r9-1.warc.gz"))
    found = {(finding.problem, finding.file) for finding in verify(root)}
    assert {problem for problem, _ in found} == {"missing_file", "missing_record", "unknown_file"}


def test_a_file_of_a_run_under_way_is_no_damage(root: Path) -> None:
    with Archive.open(root, write=True) as archive:
        archive.begin_run(NOW, ["campus"])
        keep(archive, 99)
        archive.commit()
        assert list(verify(root)) == []
    (root / "warc" / f"20260901000000-r9-1.warc.gz{OPEN}").write_bytes(b"begun")
    (finding,) = verify(root)
    assert (finding.problem, finding.damage) == ("uncommitted", False)


def test_a_record_the_catalogue_forgot_is_counted(root: Path) -> None:
    sql(root, "UPDATE warcs SET records = records + 1 WHERE run_id = 1")
    assert problems(root) - {"rows"} == {"record_count"}


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ('UPDATE captures SET "offset" = "offset" + 1 WHERE id = 8', "missing_record"),
        ("UPDATE captures SET length = 5 WHERE id = 8", "record_length"),
        ("UPDATE captures SET payload_digest = 'sha256:0' WHERE id = 8", "payload_digest"),
        ("UPDATE captures SET warc = 'warc/other.warc.gz' WHERE id = 8", "missing_record"),
        ("UPDATE warcs SET sha256 = '0' WHERE run_id = 1", "file_digest"),
        ("UPDATE warcs SET length = length - 5 WHERE run_id = 1", "torn"),
        ("UPDATE articles SET version = 9 WHERE id = 'a07'", "no_version"),
        ("UPDATE versions SET content_digest = 'sha256:0' WHERE article_id = 'a07'", "content_digest"),
        ("UPDATE versions SET record = 'no json' WHERE article_id = 'a07'", "record_json"),
        ("UPDATE versions SET record = '[]' WHERE article_id = 'a07'", "record_json"),
        ("UPDATE versions SET record = '{}' WHERE article_id = 'a07'", "record_json"),
    ],
)
def test_a_catalogue_that_names_what_is_not_there_is_found(root: Path, statement: str, problem: str) -> None:
    sql(root, statement)
    assert problem in problems(root)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "Another"),
        ("body", ""),
        ("author", "Somebody"),
        ("attachments", []),
        ("url", "http://evil.example"),
        ("content_digest", "sha256:0"),
    ],
)
def test_a_record_edited_by_hand_is_named_with_its_field(root: Path, field: str, value: object) -> None:
    ((record,),) = sql(root, "SELECT record FROM versions WHERE article_id = 'a07'")
    edited = json.dumps(json.loads(record) | {field: value})
    sql(root, "UPDATE versions SET record = :edited WHERE article_id = 'a07'", edited=edited)
    found = list(verify(root))
    assert Finding(database.catalogue_of(root).file, None, "a07 version 1", "record_field", field) in found
    assert {finding.record for finding in found} <= {"a07 version 1", "versions a07 1"}


@pytest.mark.sqlite
def test_a_capture_that_is_gone_while_nobody_looked_leaves_references_to_nothing(root: Path) -> None:
    with closing(sqlite3.connect(root / "catalog.sqlite", isolation_level=None)) as catalogue:
        catalogue.execute("DELETE FROM captures WHERE id = 8")
    assert "foreign_key" in problems(root)


# A damaged catalogue


@pytest.mark.parametrize(
    ("statements", "unmade"),
    [
        (["DROP TABLE sightings"], {"history"}),
        (["ALTER TABLE articles RENAME COLUMN standing TO stood"], {"history"}),
        (["ALTER TABLE captures RENAME COLUMN url TO address"], {"homeless captures"}),
        (["ALTER TABLE warcs RENAME TO files"], {"homeless captures"}),
        (
            ["ALTER TABLE articles RENAME COLUMN version TO number", "DROP TABLE sightings"],
            {"newest versions", "history"},
        ),
    ],
)
def test_a_check_that_cannot_be_made_is_named_and_the_others_are_made(
    root: Path, statements: list[str], unmade: set[str]
) -> None:
    sql(root, "UPDATE versions SET record = 'no json' WHERE article_id = 'a07'")
    warc = first(root)
    warc.write_bytes(warc.read_bytes()[:-4])
    for statement in statements:
        sql(root, statement)
    found = list(verify(root))
    assert {"schema", "unreadable", "record_json", "torn"} <= {finding.problem for finding in found}
    told = {finding.detail.partition(" cannot be checked: ")[0] for finding in found}
    assert unmade <= told
    done = CliRunner().invoke(main, ["verify", "-a", str(root)])
    assert done.exit_code == 4, done.output
    assert "campusnews rebuild" in done.output


@pytest.mark.postgres
def test_a_column_of_another_type_ends_its_own_checks_alone(root: Path) -> None:
    sql(root, "UPDATE versions SET record = 'no json' WHERE article_id = 'a07'")
    sql(root, "ALTER TABLE articles ALTER version TYPE text")
    found = list(verify(root))
    assert [finding.problem for finding in found] == ["unreadable", "unreadable", "record_json"]


@pytest.mark.postgres
def test_a_server_that_is_lost_is_no_damage(root: Path, database: Any) -> None:
    findings = verify(root, lambda *_: database.cut_off())
    with pytest.raises(ArchiveUnreachable):
        list(findings)


def damaged(root: Path, change: Callable[[bytes], bytes]) -> list[Finding]:
    path = root / "catalog.sqlite"
    path.write_bytes(change(path.read_bytes()))
    return list(verify(root))


@pytest.mark.sqlite
@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"",
        lambda data: b"X" * 100 + data[100:],
        lambda data: b"some text " * 1000,
        lambda data: data[:100],
        lambda data: data[: len(data) // 2],
        lambda data: data[:4096] + (b"\xff" * 64 + data[4160:8192]) * (len(data) // 4096 - 1),
        lambda data: data[:28] + (1).to_bytes(4, "big") + data[32:],
    ],
    ids=["empty", "header", "text", "cut-100", "cut-half", "trees", "page-count"],
)
def test_a_damaged_catalogue_is_a_finding(root: Path, change: Callable[[bytes], bytes]) -> None:
    found = damaged(root, change)
    assert found
    assert found[0].file == "catalog.sqlite"
    assert all(finding.damage for finding in found)


@pytest.mark.sqlite
def test_with_a_lost_catalogue_the_warc_files_are_still_checked(root: Path) -> None:
    warc = first(root)
    warc.write_bytes(warc.read_bytes()[:-4])
    assert [finding.problem for finding in damaged(root, lambda data: b"")] == ["unreadable", "torn"]


@pytest.mark.sqlite
def test_a_data_byte_sqlite_does_not_see_is_seen_by_the_digests(root: Path) -> None:
    found = damaged(root, lambda data: data.replace(b"Body 7.", b"Body 1.", 1))
    assert {finding.problem for finding in found} == {"record_field", "content_digest", "rows"}


def test_a_file_that_cannot_be_read_spares_the_others(root: Path) -> None:
    warc = first(root)
    warc.unlink()
    warc.mkdir()
    found = list(verify(root))
    assert {finding.file for finding in found} == {f"warc/{warc.name}"}
    assert "unreadable" in {finding.problem for finding in found}


@pytest.mark.sqlite
def test_a_write_ahead_log_that_lost_its_end_leaves_the_warc_ahead(root: Path) -> None:
    with Archive.open(root, write=True) as archive:
        archive.begin_run(NOW, ["campus"])
        keep(archive, 50)
        archive.commit()
        before = {path: path.read_bytes() for path in root.glob("catalog.sqlite*")}
        keep(archive, 51)
        archive.commit()
    for path in root.glob("catalog.sqlite*"):
        path.unlink()
    for path, data in before.items():
        if not path.name.endswith("-shm"):
            path.write_bytes(data)
    (finding,) = verify(root)
    assert (finding.problem, finding.damage) == ("uncommitted", False)
    with Archive.open(root, write=True) as archive:
        assert archive.article("a51") is None
        archive.begin_run(NOW, ["campus"])
        keep(archive, 51)
        archive.end_run(NOW, "done", {})
    assert list(verify(root)) == []
