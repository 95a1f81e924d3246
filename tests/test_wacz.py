"""WACZ packages: every file's content and digest, the same bytes each time, of a choice only what it needs.

`CAMPUSNEWS_WACZ` names the program of the package `wacz` (`pip install wacz`; it brings fifty packages, so it
is no dependency of the tests): its `validate` is then asked too. Replay in a browser is in `test_replay`.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest
from fastwarc.warc import ArchiveIterator
from sqlalchemy import text

from scraper.assets import shown
from scraper.config import load_config
from scraper.crawl import crawl
from storage import Archive, database
from storage.choice import ALL, Choice
from storage.errors import ArchiveDamaged, TargetExists
from storage.export import export_archive
from storage.members import iter_records

from .campus_days import Days, article
from .conftest import StagedCampus, write_config

pytestmark = pytest.mark.usefixtures("catalogue")

WACZ = os.environ.get("CAMPUSNEWS_WACZ")
PAPER = "/_css/images/paper.png"


@pytest.fixture(scope="module")
def crawled(catalogue: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The archive of the sample campus after two days, with all files."""
    place = tmp_path_factory.mktemp("wacz")
    with StagedCampus() as campus:
        path = write_config(place, campus, "archive", assets="all")
        crawl(load_config(path))
        campus.edition = 2
        crawl(load_config(path))
        assert campus.beacons_hit == []
    return place / "archive"


@pytest.fixture
def made(crawled: Path, tmp_path: Path) -> Callable[..., ZipFile]:
    def make(name: str = "news.wacz", **choice: Any) -> ZipFile:
        with Archive.open(crawled) as archive:
            told = {"choice": Choice(**choice), "shown": shown}
            export_archive(archive, "wacz", tmp_path / name, force=True, **told)
        return ZipFile(tmp_path / name)

    return make


def lines(package: ZipFile, path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in package.read(path).decode().splitlines()]


def index(package: ZipFile) -> list[tuple[str, str, dict[str, str]]]:
    told = gzip.decompress(package.read("indexes/index.cdx.gz")).decode().splitlines()
    return [(key, stamp, json.loads(fields)) for key, stamp, fields in (line.split(" ", 2) for line in told)]


def addresses(package: ZipFile) -> set[str]:
    """The paths of what is in the package, by any record."""
    found = set()
    for name in package.namelist():
        if name.startswith("archive/"):
            for record in ArchiveIterator(io.BytesIO(package.read(name)), parse_http=False):
                url = record.headers.get("WARC-Target-URI", "")
                found.add("/" + url.split("/", 3)[3] if url.startswith("http") else url)
    return found


def test_every_file_is_described_by_bytes_and_digest_and_the_description_by_its_own(
    made: Callable[..., ZipFile],
) -> None:
    package = made()
    described = json.loads(package.read("datapackage.json"))
    listed = {each["path"]: each for each in described["resources"]}
    assert set(package.namelist()) - set(listed) == {"datapackage.json", "datapackage-digest.json"}
    for path, told in listed.items():
        data = package.read(path)
        assert (told["bytes"], told["hash"]) == (len(data), f"sha256:{hashlib.sha256(data).hexdigest()}")
    assert (described["profile"], described["wacz_version"]) == ("data-package", "1.1.1")
    assert described["created"].endswith("Z")
    assert json.loads(package.read("datapackage-digest.json")) == {
        "path": "datapackage.json",
        "hash": f"sha256:{hashlib.sha256(package.read('datapackage.json')).hexdigest()}",
    }
    assert package.testzip() is None


def test_what_is_packed_already_is_stored_and_the_rest_is_packed(made: Callable[..., ZipFile]) -> None:
    for entry in made().infolist():
        stored = entry.filename.startswith("archive/") or entry.filename.endswith(".gz")
        assert entry.compress_type == (ZIP_STORED if stored else ZIP_DEFLATED)


def test_the_whole_archive_is_packed_as_it_lies_on_the_disk(
    crawled: Path, made: Callable[..., ZipFile]
) -> None:
    package = made()
    files = {f"archive/{path.name}": path.read_bytes() for path in (crawled / "warc").iterdir()}
    assert len(files) == 2
    assert {name: package.read(name) for name in package.namelist() if name in files} == files


def test_the_index_leads_to_every_capture(crawled: Path, made: Callable[..., ZipFile]) -> None:
    package = made()
    for key, stamp, told in index(package):
        member = package.read(f"archive/{told['filename']}")
        raw = member[int(told["offset"]) : int(told["offset"]) + int(told["length"])]
        assert told["recordDigest"] == f"sha256:{hashlib.sha256(raw).hexdigest()}"
        head = gzip.decompress(raw).decode("latin-1")
        assert f"WARC-Target-URI: {told['url']}\r\n" in head
        assert (
            head.splitlines()[1] in ("WARC-Type: response", "WARC-Type: revisit") or "WARC-Type: re" in head
        )
        assert key.startswith("1,0,0,127:")
        assert len(stamp) == 14
    count = sum(
        info.headers["warc-type"] in ("response", "revisit")
        for path in (crawled / "warc").iterdir()
        for info in iter_records(path)
    )
    assert 200 < len(index(package)) < count


def test_the_index_of_blocks_says_where_each_begins_and_what_it_is(
    made: Callable[..., ZipFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.export.wacz.BLOCK", 100)
    package = made()
    whole = package.read("indexes/index.cdx.gz")
    meta, *blocks = package.read("indexes/index.idx").decode().splitlines()
    assert meta == '!meta 0 {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}'
    found = b""
    for line in blocks:
        place = json.loads(line[line.index("{") :])
        block = whole[place["offset"] : place["offset"] + place["length"]]
        assert place["digest"] == f"sha256:{hashlib.sha256(block).hexdigest()}"
        plain = gzip.decompress(block)
        assert plain.decode().startswith(line[: line.index(" {")] + " {")
        assert plain.count(b"\n") <= 100
        found += plain
    assert len(blocks) == 3
    assert found == gzip.decompress(whole)


def test_each_page_stands_in_the_index_under_its_address_and_time(
    crawled: Path, made: Callable[..., ZipFile]
) -> None:
    package = made()
    known = {(told["url"], stamp) for _, stamp, told in index(package) if told["status"] == "200"}
    first, *pages = lines(package, "pages/pages.jsonl")
    assert first == {"format": "json-pages-1.0", "id": "pages", "title": "Articles", "hasText": True}
    assert {(page["url"], "".join(filter(str.isdigit, page["ts"]))) for page in pages} <= known
    with Archive.open(crawled) as archive:
        versions = [each.article for each in archive.histories()]
        assert len(versions) > len(list(archive.articles())) > 70
    assert [(page["title"], page["text"]) for page in pages] == [(each.title, each.body) for each in versions]
    assert len({page["id"] for page in pages}) == len(pages)


def test_the_same_archive_gives_the_same_bytes(made: Callable[..., ZipFile]) -> None:
    whole = [Path(made(name).filename or "").read_bytes() for name in ("one.wacz", "two.wacz")]
    part = [Path(made(name, site="hcu").filename or "").read_bytes() for name in ("one.wacz", "two.wacz")]
    assert whole[0] == whole[1]
    assert part[0] == part[1]
    assert len(part[0]) < len(whole[0])


def test_a_compacted_archive_gives_the_same_bytes(crawled: Path, tmp_path: Path) -> None:
    pytest.importorskip("zstandard", reason="compaction needs campusnews[zstd]")
    from storage.compact import compact, undo

    def exported() -> list[bytes]:
        with Archive.open(crawled) as archive:
            for form, choice in (("wacz", ALL), ("wacz", Choice(site="hcu")), ("cdxj", ALL)):
                path = tmp_path / f"{choice.site}.{form}"
                export_archive(archive, form, path, choice=choice, shown=shown, force=True)
        return [path.read_bytes() for path in sorted(tmp_path.iterdir())]

    before = exported()
    with Archive.open(crawled, write=True) as archive:
        assert [each.why for each in compact(archive)] == [None, None]
    try:
        assert not list((crawled / "warc").glob("*.warc.gz"))
        assert exported() == before
    finally:
        with Archive.open(crawled, write=True) as archive:
            list(undo(archive))


# ---- a choice of articles


def test_a_choice_has_its_pages_with_their_files_styles_and_pictures_and_nothing_else(
    crawled: Path, made: Callable[..., ZipFile]
) -> None:
    package = made(since="2026-10-01", site="szqu")
    listed = [page["url"] for page in lines(package, "pages/pages.jsonl")[1:]]
    with Archive.open(crawled) as archive:
        chosen = list(archive.articles(site="szqu", since="2026-10-01"))
        everything = list(archive.articles())
    assert set(listed) == {each.url for each in chosen}
    assert 0 < len(chosen) < len(everything)
    there = addresses(package)
    paths = {"/" + each.url.split("/", 3)[3] for each in chosen}
    assert paths <= there
    assert {"/_css/_system/system.css", "/_upload/tpl/00/19/25/template25/images/logo.png", PAPER} <= there
    for each in chosen:
        for file in (*each.images, *each.attachments):
            assert "/" + file.url.split("/", 3)[3] in there
    assert "/robots.txt" not in there
    assert not [path for path in there if "list" in path or "visitcount" in path]
    others = {"/" + each.url.split("/", 3)[3] for each in everything} - paths
    assert not there & others


def test_the_records_of_a_choice_are_those_of_the_archive_and_sound(
    crawled: Path, made: Callable[..., ZipFile], tmp_path: Path
) -> None:
    package = made(site="hcu")
    kept = {info.record_id: info for path in (crawled / "warc").iterdir() for info in iter_records(path)}
    for name in package.namelist():
        if name.startswith("archive/"):
            package.extract(name, tmp_path)
            records = list(iter_records(tmp_path / name))
            assert [info.flaws for info in records] == [()] * len(records)
            assert records[0].headers["warc-filename"] == name.removeprefix("archive/")
            assert all(info.headers == kept[info.record_id].headers for info in records)
    assert {told["filename"] for _, _, told in index(package)} == {
        name.removeprefix("archive/") for name in package.namelist() if name.startswith("archive/")
    }


def test_what_the_runs_said_of_the_chosen_articles_comes_with_them(
    crawled: Path, made: Callable[..., ZipFile]
) -> None:
    with Archive.open(crawled) as archive:
        ids = {each.id for each in archive.articles(site="szqu")}
    told = {name for name in addresses(made(site="szqu")) if name.startswith("urn:")}
    assert told == {f"urn:campusnews:article:{each}" for each in ids}
    whole = made()
    assert "urn:campusnews:run:1" in addresses(whole)
    assert not [key for key, _, _ in index(whole) if key.startswith("urn:")]


def test_a_revisit_comes_with_what_it_refers_to(made: Callable[..., ZipFile]) -> None:
    package = made(site="szqu")
    records: dict[str, set[str]] = {
        "WARC-Record-ID": set(),
        "WARC-Refers-To": set(),
        "WARC-Concurrent-To": set(),
    }
    for name in package.namelist():
        if name.startswith("archive/"):
            for record in ArchiveIterator(io.BytesIO(package.read(name)), parse_http=False):
                for field, found in records.items():
                    found |= {record.headers[field]} if field in record.headers else set()
    assert records["WARC-Refers-To"]
    assert records["WARC-Refers-To"] | records["WARC-Concurrent-To"] <= records["WARC-Record-ID"]


def test_without_eyes_for_pages_a_choice_has_the_files_of_its_records(crawled: Path, tmp_path: Path) -> None:
    with Archive.open(crawled) as archive:
        export_archive(archive, "wacz", tmp_path / "a.wacz", choice=Choice(site="szqu"))
    there = addresses(ZipFile(tmp_path / "a.wacz"))
    assert "/_upload/article/images/5c/2e/lanterns.png" in there
    assert not [path for path in there if path.endswith(".css")]


def test_nothing_chosen_is_a_package_without_pages(made: Callable[..., ZipFile]) -> None:
    package = made(site="nowhere")
    assert len(lines(package, "pages/pages.jsonl")) == 1
    assert index(package) == []
    assert addresses(package) == set()


# ---- what is hostile


def test_a_name_that_leads_out_of_the_package_is_refused(tmp_path: Path) -> None:
    days = Days(tmp_path / "archive")
    days.run(article(1))
    (file,) = (days.path / "warc").iterdir()
    evil = "..\\..\\evil.warc.gz"
    file.rename(days.path / "warc" / evil)
    with database.opened(days.path, write=True) as catalog:
        for table, column in (("warcs", "file"), ("captures", "warc")):
            catalog.execute(
                text(f"UPDATE {table} SET {column} = :name"), {"name": "warc/..\\..\\evil.warc.gz"}
            )
        catalog.commit()
    with days.open() as archive, pytest.raises(ArchiveDamaged, match="no name of a WARC file"):
        export_archive(archive, "wacz", tmp_path / "out.wacz")
    assert not (tmp_path / "out.wacz").exists()


def test_texts_of_any_kind_stay_in_their_line(tmp_path: Path) -> None:
    days = Days(tmp_path / "archive")
    naughty = 'a "quoted" \u2028 line\r\nbreak </script> \x00 \U0001f600'
    days.run(article(1, title=naughty, body=naughty))
    with days.open() as archive:
        export_archive(archive, "wacz", tmp_path / "out.wacz")
    told = ZipFile(tmp_path / "out.wacz").read("pages/pages.jsonl")
    assert told.count(b"\n") == 2
    assert json.loads(told.splitlines()[1])["title"] == naughty


def test_a_file_that_is_there_is_not_replaced_unasked(crawled: Path, tmp_path: Path) -> None:
    (tmp_path / "out.wacz").write_text("precious")
    with Archive.open(crawled) as archive, pytest.raises(TargetExists):
        export_archive(archive, "wacz", tmp_path / "out.wacz", choice=ALL)


# ---- as people use it


def test_the_command_writes_it_to_a_file_and_to_a_pipe(crawled: Path, tmp_path: Path) -> None:
    start = "from scraper.cli import main; main()"
    command = [sys.executable, "-c", start, "export", "-a", str(crawled), "--format", "wacz"]
    target = str(tmp_path / "a.wacz")
    said = subprocess.run([*command, "-o", target], capture_output=True, text=True, check=True)
    assert "78 pages written to" in said.stderr
    piped = subprocess.run(command, capture_output=True, check=True).stdout
    assert Path(target).read_bytes() == piped


@pytest.mark.skipif(WACZ is None, reason="CAMPUSNEWS_WACZ does not name the wacz program")
@pytest.mark.parametrize("choice", [{}, {"site": "szqu"}, {"since_run": 1}])
def test_wacz_validate_finds_the_package_valid(
    made: Callable[..., ZipFile], tmp_path: Path, choice: dict[str, Any]
) -> None:
    path = made(**choice).filename
    assert WACZ is not None
    assert path is not None
    said = subprocess.run([WACZ, "validate", "-f", path], capture_output=True, text=True, check=False)
    assert (said.returncode, "is valid" in said.stdout) == (0, True), said.stdout + said.stderr
