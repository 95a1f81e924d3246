"""Every damage of FAULTS.md, made by `damage`, is found by verify, and mended or marked by repair."""

from __future__ import annotations

import shutil
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from scraper.config import load_config
from scraper.crawl import crawl
from scraper.demo.campus import Campus
from storage.archive import Archive
from storage.errors import ArchiveDamaged
from storage.findings import PROBLEMS, remedies
from storage.records import (
    Article,
    Exchange,
    Extractor,
    Layout,
    Line,
    Problem,
    Ruling,
    SiteOutcome,
    Task,
    Unread,
)
from storage.repair import repair
from storage.verify import verify

from . import damage

NOW = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
SITE = "http://news.example.edu"
SOUND = {"VACUUM", "REINDEX", "ANALYZE"}  # what a person may do to a database and leave every row


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of three runs with a row in every table, and what it was after the first in `old/`."""
    root = tmp_path_factory.mktemp("small") / "archive"
    run(root, "First", 12)
    shutil.copytree(root, root.parent / "old")
    run(root, "Second", 14)
    run(root, "Second", 14)
    shutil.move(root.parent / "old", root / "old")
    return root


def run(root: Path, edition: str, count: int) -> None:
    with Archive.open(root, write=True, create=True) as archive:
        archive.begin_run(NOW, ["campus"])
        for number in range(count):
            keep(archive, number, edition if number < 6 else "The same")
        archive.listed(
            "campus",
            f"{SITE}/list.htm",
            {f"a{number:02}": Line("1", "2026-09-01") for number in range(count)},
        )
        archive.pass_over(Unread("b1", "campus", f"{SITE}/b", "2026-09-01", "error", "timeout"), now=NOW)
        archive.report_problem(
            Problem("campus", f"{SITE}/b", "timeout", "no answer", "2026-09-01T08:00:00+00:00")
        )
        archive.rule(
            Ruling(
                "news.example.edu", "rules", f"{SITE}/robots.txt", 200, "2026-09-01T08:00:00+00:00", None, 1.0
            )
        )
        revision = len(archive.layouts("campus")) + 1
        archive.keep_layout(
            Layout("campus", revision, f"{SITE}/list.htm", "2026-09-01", {"body": [".a"]}, ("1",))
        )
        archive.enqueue([Task(f"{SITE}/later", "news.example.edu", "campus", "article", {}, 0)])
        archive.report_site(SiteOutcome("campus", "done", None, {"articles": count}, (), {}))
        archive.end_run(NOW, "done", {"articles": count})


def keep(archive: Archive, number: int, edition: str) -> None:
    head = b'HTTP/1.1 200 OK\r\nETag: "1"\r\n\r\n'
    body = f"<p>{edition} text of {number}</p>".encode() * 50
    url = f"{SITE}/{number}.htm"
    capture = archive.capture(
        Exchange(url, "GET", b"GET / HTTP/1.1\r\nUser-Agent: a\r\n\r\n", head, body, 200, NOW, "198.51.100.7")
    )
    text = f"{edition} text of {number}. " * 40
    article = Article(
        f"a{number:02}",
        url,
        "campus",
        "Title",
        Extractor("generic", 1),
        section="News",
        body=text,
        views=number,
    )
    archive.put(article, capture, now=NOW)


@pytest.fixture(scope="module")
def campus_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two crawls of the sample campus leave, its edition turned between them."""
    place = tmp_path_factory.mktemp("campus")
    with Campus() as campus:
        (place / "config.yaml").write_text(campus.config(str(place / "archive")), "utf-8")
        config = load_config(place / "config.yaml")
        crawl(config)
        shutil.copytree(place / "archive", place / "old")
        campus.edition = 2
        crawl(config)
    shutil.move(place / "old", place / "archive" / "old")
    return place / "archive"


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "copy"
    shutil.rmtree(tmp_path / "copy", ignore_errors=True)


def damaged(sound: Path, copy: Path, how: damage.Damage, seed: int) -> Path:
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(sound, copy)
    how.do(copy, Random(seed))
    return copy


def named(areas: str) -> list[str]:
    tables = {"warc": damage.WARC, "bytes": damage.CATALOG_BYTES, "hand": damage.BY_HAND, "both": damage.BOTH}
    return [name for area in areas.split() for name in tables[area]]


EVERY = damage.WARC | damage.CATALOG_BYTES | damage.BY_HAND | damage.BOTH


def test_a_sound_archive_gives_no_finding_and_nothing_to_repair(small: Path, campus_archive: Path) -> None:
    for root in (small, campus_archive):
        assert list(verify(root)) == []
        assert list(repair(root, now=NOW, dry_run=True)) == []
        assert list(repair(root, now=NOW)) == []


@pytest.mark.parametrize("statement", sorted(SOUND))
def test_what_leaves_every_row_as_it_was_is_no_damage(small: Path, copy: Path, statement: str) -> None:
    shutil.copytree(small, copy)
    with closing(sqlite3.connect(copy / damage.CATALOG)) as connection:
        connection.execute(statement)
    assert list(verify(copy)) == []


@pytest.mark.parametrize("name", named("warc bytes hand both"))
def test_a_damage_is_found_with_its_place_and_something_to_do(small: Path, copy: Path, name: str) -> None:
    truth = damage.contents(small)
    for seed in range(3 if name in damage.RANDOM_WARC + damage.RANDOM_CATALOG else 1):
        root = damaged(small, copy, damage.Damage("", name, EVERY[name]), seed)
        found = [finding for finding in verify(root) if finding.damage]
        assert found or damage.contents(root) == truth, f"seed {seed}"
        assert all((root / finding.file).parent in (root, root / "warc") for finding in found)
        assert {finding.problem for finding in found} <= set(PROBLEMS)
        assert bool(remedies(found)) == bool(found)


def test_every_value_of_the_catalogue_is_watched_over(small: Path, copy: Path) -> None:
    edits = [
        each for each in damage.fixed(small) if each.name.endswith((" edited", " gone")) and "." in each.name
    ]
    assert len(edits) > 80
    missed = [
        each.name
        for seed, each in enumerate(edits)
        if not each.name.startswith("frontier")
        and each.name not in EVERY
        and not any(finding.damage for finding in verify(damaged(small, copy, each, seed)))
    ]
    assert missed == []


def test_rows_deleted_by_hand_are_missed_in_their_table(small: Path, copy: Path) -> None:
    for seed, each in enumerate(damage.fixed(small)):
        if (
            each.name.startswith(("a row of", "rows of"))
            and each.name not in EVERY
            and "frontier" not in each.name
        ):
            assert any(finding.damage for finding in verify(damaged(small, copy, each, seed))), each.name


def test_damage_at_random_places_of_a_crawled_archive_is_found_or_slack(
    campus_archive: Path, copy: Path
) -> None:
    truth = damage.contents(campus_archive)
    random = Random(7)
    for seed in range(25):
        how = damage.random_one(random)
        root = damaged(campus_archive, copy, how, seed)
        assert any(finding.damage for finding in verify(root)) or damage.contents(root) == truth, (
            how.name,
            seed,
        )


# ---- repair

EXACT = (
    "07 garbage after the end",
    "08 a record twice",
    "08 a record again at the end",
    "09 one gzip stream",
    "09 two records in one member",
    "10 not compressed",
    "10 one record not compressed",
    "gzip time",
    "compressed otherwise",
    "a tail of zeros",
    "garbage before",
    "an empty member between",
    "two files change names",
    "a file renamed",
    "capture points elsewhere",
    "two captures change places",
    "an index dropped",
)
STRANGE = ("a file nobody knows", "a directory for a file")  # left as they are


@pytest.mark.parametrize("name", EXACT)
def test_what_can_be_proved_is_put_right_byte_for_byte(small: Path, copy: Path, name: str) -> None:
    root = damaged(small, copy, damage.Damage("", name, EVERY[name]), 1)
    assert list(repair(root, now=NOW)), "something is done"
    assert list(verify(root)) == []
    assert damage.contents(root) == damage.contents(small)
    for path in damage.warcs(small):
        assert (root / "warc" / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("name", [name for name in damage.WARC if name not in STRANGE])
def test_after_a_repair_only_what_is_lost_is_told_and_no_byte_is_gone(
    small: Path, copy: Path, name: str
) -> None:
    root = damaged(small, copy, damage.Damage("", name, damage.WARC[name]), 2)
    before = {path.name: path.read_bytes() for path in damage.warcs(root)}
    planned = [(act.file, act.action) for act in repair(root, now=NOW, dry_run=True)]
    assert {path.name: path.read_bytes() for path in damage.warcs(root)} == before, (
        "a dry run changes nothing"
    )
    assert [(act.file, act.action) for act in repair(root, now=NOW)] == planned
    assert [finding for finding in verify(root) if finding.damage] == []
    assert list(repair(root, now=NOW)) == [], "nothing is left to do"
    for old in before.values():
        assert is_kept(root, old), "every byte is in its file, beside it, or a record of it"
    with Archive.open(root) as archive:
        assert len(list(archive.articles())) == 14


def is_kept(root: Path, old: bytes) -> bool:
    """Tell whether the bytes of a file stand in one, in one and what was cut off it, or all it held does."""
    there = {path.name: path.read_bytes() for path in sorted((root / "warc").iterdir())}
    torn = b"".join(data for name, data in there.items() if ".torn" in name)
    if any(old in (data, data + torn) for data in there.values()):
        return True
    whole = b"".join(unpacked(data) for data in there.values())
    return all(record in whole for record in unpacked(old).split(b"WARC/1.1\r\n"))


def unpacked(data: bytes) -> bytes:
    """Return what a file holds, in whatever form its records are."""
    found = b""
    while data:
        if data.startswith(b"\x1f\x8b"):
            inflater = zlib.decompressobj(wbits=31)
            found += inflater.decompress(data)
            data = inflater.unused_data
        else:
            at = data.find(b"\x1f\x8b\x08")
            found, data = found + data[: max(at, 0) or None], data[at:] if at > 0 else b""
    return found


def test_what_is_lost_is_marked_and_fetched_again(tmp_path: Path, campus_archive: Path) -> None:
    root = tmp_path / "archive"
    shutil.copytree(campus_archive, root)
    with Archive.open(root) as archive:
        article = next(each for each in archive.articles() if archive.kept(each.url) == each.capture)
    assert article.capture is not None
    path = root / article.capture.warc
    data = bytearray(path.read_bytes())
    data[article.capture.offset + article.capture.length // 2] ^= 0xFF
    path.write_bytes(data)
    list(repair(root, now=NOW))
    with Archive.open(root) as archive:
        assert archive.kept(article.url) != article.capture
        assert archive.validators(article.url) == (None, None)
        assert archive.article(article.id) is not None, "the record stays"
    (lost,) = [finding for finding in verify(root) if finding.problem == "lost"]
    assert (lost.record, lost.damage) == (article.capture.record_id, False)


def test_a_payload_that_was_lost_and_fetched_again_carries_its_versions(small: Path, copy: Path) -> None:
    root = damaged(small, copy, damage.Damage("", "01 empty file", damage.WARC["01 empty file"]), 0)
    list(repair(root, now=NOW))
    run(root, "Second", 14)
    acts = list(repair(root, now=NOW))
    assert [act.action for act in acts] == ["renew"]
    assert [finding for finding in verify(root) if finding.damage] == []
    with Archive.open(root) as archive:
        for article in archive.articles():
            assert article.capture is not None
            archive.payload(article.capture)


def test_a_file_that_comes_back_is_taken_with_all_that_was_lost_with_it(small: Path, copy: Path) -> None:
    root = damaged(small, copy, damage.Damage("", "a file gone", damage.WARC["a file gone"]), 0)
    list(repair(root, now=NOW))
    assert {finding.problem for finding in verify(root)} == {"missing_file", "lost"}
    for path in damage.warcs(small):
        shutil.copyfile(path, root / "warc" / path.name)
    assert [act.action for act in repair(root, now=NOW)] == ["accept"]
    assert list(verify(root)) == []


def test_a_repair_tells_its_steps_in_the_archive(small: Path, copy: Path) -> None:
    root = damaged(small, copy, damage.Damage("", "08 a record twice", damage.WARC["08 a record twice"]), 0)
    acts = list(repair(root, now=NOW))
    lines = (root / "repairs.jsonl").read_text().splitlines()
    assert len(lines) == len(acts)
    assert '"at": "2026-09-01T08:00:00+00:00"' in lines[0]


@pytest.mark.parametrize(
    "name", ["02 header overwritten", "06 text in its place", "11 gone", "a table dropped"]
)
def test_a_catalogue_that_cannot_be_read_is_left_to_a_rebuild(small: Path, copy: Path, name: str) -> None:
    root = damaged(small, copy, damage.Damage("", name, EVERY[name]), 0)
    files = {path.name: path.read_bytes() for path in damage.warcs(root)}
    with pytest.raises(ArchiveDamaged):
        list(repair(root, now=NOW))
    assert {path.name: path.read_bytes() for path in damage.warcs(root)} == files


def test_a_repair_that_stops_after_any_step_is_gone_on_with(small: Path, copy: Path) -> None:
    """Steps are taken one by one; what a kill within one leaves is tried by `kill -9` below."""
    names = ("09 one gzip stream", "02 last record torn", "two files change names", "a record gone")
    for name in names:
        root = damaged(small, copy, damage.Damage("", name, damage.WARC[name]), 3)
        for count in range(9):
            steps = repair(root, now=NOW)
            taken = [act for act, _ in zip(steps, range(count + 1), strict=False)]
            steps.close()
            if len(taken) <= count:
                break
        list(repair(root, now=NOW))
        assert [finding for finding in verify(root) if finding.damage] == []


def test_offsets_named_by_verify_are_where_the_damage_is(small: Path, copy: Path) -> None:
    path = damage.warcs(small)[0]
    spans = damage.members(path.read_bytes())
    for (at, length), (following, _) in pairwise(spans):
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(small, copy)
        data = bytearray(path.read_bytes())
        data[at + length // 2] ^= 0x10
        (copy / "warc" / path.name).write_bytes(data)
        assert at in {finding.offset for finding in verify(copy)}, following
