"""Old captures from WARC files of any tool: each becomes what a crawl would have made of it then."""

from __future__ import annotations

import gzip
import json
import random
import shutil
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from warcio.archiveiterator import ArchiveIterator

from scraper.cli import main
from scraper.config import Config, load_config
from scraper.crawl import backfill, crawl
from scraper.errors import SourceRefused
from storage import Archive
from storage.compact import compact
from storage.errors import MissingExtra
from storage.records import Article, Run, Version
from storage.verify import verify
from tests.past import CODINGS, HOST, SEED, Warc, address, article, chunked, config_for, listing

pytestmark = pytest.mark.usefixtures("catalogue")

NOW = datetime(2026, 12, 20, 1, 30, tzinfo=UTC)
Y2015, Y2016, Y2017 = "2015-03-04T05:06:07Z", "2016-01-02T03:04:05Z", "2017-01-02T03:04:05Z"


class Desk:
    """An archive and a WARC file to fill it from."""

    def __init__(self, place: Path) -> None:
        self.config: Config = config_for(place / "archive")
        self.warc = Warc(place / "other.warc.gz")

    def fill(self, *paths: Path, **options: Any) -> Run:
        return backfill(self.config, "past", warcs=paths or (self.warc.path,), now=lambda: NOW, **options)

    def versions(self, number: int) -> list[Version]:
        with Archive.open(self.config.archive) as archive:
            found = archive.find(address(number))
            return list(archive.versions(found.id)) if found else []

    def articles(self) -> dict[str, Article]:
        with Archive.open(self.config.archive) as archive:
            return {each.url: each for each in archive.articles()}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_captures_become_versions_with_their_own_times(desk: Desk) -> None:
    desk.warc.response(address(1), article(1, "as it was corrected"), Y2016)
    desk.warc.response(address(1), article(1), Y2015)
    desk.warc.response(address(1), article(1, "as it was corrected"), Y2017)
    run = desk.fill()
    first, second = desk.versions(1)
    assert (first.created_at, first.reason) == ("2015-03-04T05:06:07+00:00", "new")
    assert (second.created_at, second.reason) == ("2016-01-02T03:04:05+00:00", "edit")
    assert "corrected" in second.article.body
    assert "corrected" not in first.article.body
    (kept,) = desk.articles().values()
    assert (kept.state, kept.first_seen[:4], kept.last_seen[:4]) == ("live", "2015", "2017")  # type: ignore[index]
    assert first.article.capture is not None
    assert first.article.capture.fetched_at == first.created_at
    assert (run.kind, run.outcome, run.started_at[:4]) == ("backfill", "done", "2026")
    assert {name: run.counts[name] for name in ("read", "articles", "new", "edit", "same")} == {
        "read": 3, "articles": 3, "new": 1, "edit": 1, "same": 1,
    }  # fmt: skip
    assert not list(verify(desk.config.archive))


def test_the_same_file_again_adds_nothing(desk: Desk) -> None:
    for when, text in ((Y2015, "first"), (Y2016, "then")):
        desk.warc.response(address(1), article(1, text), when)
    desk.fill()
    again = desk.fill()
    assert (again.counts["older"], again.counts.get("articles", 0)) == (2, 0)
    (made,) = Path(desk.config.archive, "warc").glob(f"*-r{again.id}-*")
    with made.open("rb") as file:
        assert [record.rec_type for record in ArchiveIterator(file)] == ["warcinfo", "metadata", "metadata"]
    assert len(desk.versions(1)) == 2


def test_what_a_crawl_saw_later_stays_as_it_is(small: Any, tmp_path: Path) -> None:
    small.listing("/list.htm", [1, 2])
    small.articles([1, 2])
    config = small.config(tmp_path / "archive")
    crawl(config, now=lambda: NOW)
    before = _records(config)
    warc = Warc(tmp_path / "old.warc.gz")
    warc.response(f"{small.base}/news/1.html", article(1, "another text"), Y2015)
    warc.response(f"{small.base}/news/9.html", article(9), Y2015)
    asked = len(small.asked)
    run = backfill(config, "small", warcs=[warc.path], now=lambda: NOW)
    after = _records(config)
    assert (run.counts["older"], run.counts["new"]) == (1, 1)
    assert {url: after[url] for url in before} == before
    assert f"{small.base}/news/9.html" in after
    assert len(small.asked) == asked, "nothing is asked of the network"


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("packed", [True, False], ids=["warc.gz", "warc"])
def test_every_way_of_writing_a_body_down_is_read(
    desk: Desk, tmp_path: Path, packed: bool, coding: str
) -> None:
    encode, headers = CODINGS[coding]
    warc = Warc(tmp_path / ("a.warc.gz" if packed else "a.warc"), packed=packed)
    warc.response(f"{HOST}/picture.png", b"\x89PNG" * 100, Y2015, media="image/png")
    warc.response(address(1), encode(article(1)), Y2015, *headers)
    warc.response(address(2), encode(article(2)), Y2016, *headers)
    desk.fill(warc.path)
    assert set(desk.articles()) == {address(1), address(2)}
    assert "story 2, as it was first told" in desk.articles()[address(2)].body
    assert not list(verify(desk.config.archive))


def test_a_revisit_is_read_by_the_payload_it_refers_to(desk: Desk, tmp_path: Path) -> None:
    body = article(1)
    refers = desk.warc.response(address(1), body, Y2015)
    desk.warc.revisit(address(1), Y2016, {"WARC-Refers-To": refers})
    digest = desk.warc.digest_of(article(2))
    another = Warc(tmp_path / "another.warc.gz")
    another.revisit(address(2), Y2017, {"WARC-Payload-Digest": digest})
    desk.warc.response(address(2), article(2), Y2016)
    another.revisit(address(1), Y2017, {}, status="304 Not Modified")
    another.revisit(address(3), Y2017, {"WARC-Payload-Digest": "sha1:AAAA", "WARC-Refers-To": "<urn:uuid:1>"})
    run = desk.fill(another.path, desk.warc.path)
    assert (run.counts["unresolved"], run.counts["articles"], run.counts["read"]) == (1, 5, 5)
    seen = {url: kept.last_seen for url, kept in desk.articles().items()}
    assert seen == {address(1): "2017-01-02T03:04:05+00:00", address(2): "2017-01-02T03:04:05+00:00"}
    assert not list(verify(desk.config.archive))


def test_which_pages_are_articles(desk: Desk) -> None:
    desk.warc.response(SEED, listing([3, 4, 5, 6, 7, 8]), Y2016)
    desk.warc.response(address(3), article(3, day=None), Y2015)  # listed later, prints no day itself
    desk.warc.response(f"{HOST}/about.html", article(1, day=None), Y2015)
    desk.warc.response(f"{HOST}/info/1011/2.htm", article(2, day=None), Y2015)  # VSB numbers articles so
    desk.warc.response(f"{HOST}/list2.htm", listing(range(9, 20)), Y2015)
    desk.warc.response(address(20), article(20), Y2015)
    desk.warc.response(address(21), b"<html><h1>404 Not Found</h1></html>", Y2015, status="404 Not Found")
    desk.warc.response("http://www.elsewhere.example/1.html", article(1), Y2015)
    run = desk.fill()
    kept = desk.articles()
    assert set(kept) == {address(3), f"{HOST}/info/1011/2.htm", address(20)}
    assert kept[address(3)].release_time == "2015-03-03", "the day its list prints"
    assert (run.counts["not_articles"], run.counts["out_of_scope"], run.counts["articles"]) == (4, 1, 3)


def test_only_captures_between_two_days_are_taken(desk: Desk) -> None:
    for number, when in enumerate((Y2015, Y2016, Y2017), start=1):
        desk.warc.response(address(number), article(number), when)
    run = desk.fill(since="2016-01-01", until="2016-12-31")
    assert set(desk.articles()) == {address(2)}
    assert run.counts["other_days"] == 2


def test_an_article_of_several_pages_is_read_whole_or_not_at_all(desk: Desk) -> None:
    def page(number: int, following: str) -> bytes:
        way = f'<div class="pages"><a href="{following}">下一页</a></div>' if following else ""
        return article(number).replace(b"</div></body>", f"{way}</div></body>".encode())

    desk.warc.response(address(1), page(1, "/news/1_2.html"), Y2015)
    desk.warc.response(f"{HOST}/news/1_2.html", article(1, "told to its end"), "2015-03-04T05:06:09Z")
    desk.warc.response(address(2), page(2, "/news/2_2.html"), Y2015)
    run = desk.fill()
    assert set(desk.articles()) == {address(1)}
    assert "told to its end" in desk.articles()[address(1)].body
    assert run.counts["unresolved"] == 1


def test_the_request_another_tool_sent_is_kept_with_its_answer(desk: Desk) -> None:
    beside = desk.warc.response(address(1), article(1), Y2015)
    desk.warc.request(address(1), Y2015, beside)
    desk.fill()
    (path,) = Path(desk.config.archive, "warc").glob("*.warc.gz")
    assert b"User-Agent: Another/1.0" in gzip.decompress(path.read_bytes())


def test_what_a_crawl_kept_fills_another_archive_alike(
    config: Config, config_in: Callable[[str], Path], tmp_path: Path
) -> None:
    crawl(config, now=lambda: NOW)
    other = load_config(config_in("another"))
    kept = sorted(Path(config.archive, "warc").glob("*.warc.gz"))
    for site in config.sites:
        backfill(other, site.name, warcs=kept, now=lambda: NOW)
    crawled, filled = _records(config), _records(other)
    assert set(crawled) <= set(filled)
    assert len(set(filled) - set(crawled)) <= 1, "the article of a site that only another site links to"
    alike = [url for url in crawled if crawled[url].body == filled[url].body]
    assert len(alike) >= 0.9 * len(crawled), "layouts are not learned from old captures"
    assert not list(verify(other.archive))


# Zstandard frames


@pytest.fixture
def frames_of() -> Any:
    """A function that writes the records of a file as frames: options are those of the compressor."""
    library = pytest.importorskip("zstandard", reason="zstandard is not installed")

    def write(path: Path, *, dictionary: bool = False, parts: int = 1, **options: Any) -> Path:
        records = [gzip.decompress(each) for each in members(path)]
        known = {}
        target, data = path.with_name("other.warc.zst"), b""
        if dictionary:
            pieces = [record[at : at + 99] for record in records for at in range(0, len(record), 99)]
            known = {"dict_data": library.train_dictionary(4096, pieces)}
            held = known["dict_data"].as_bytes()
            held = library.ZstdCompressor(write_checksum=True).compress(held) if parts == 1 else held
            data = (0x184D2A5D).to_bytes(4, "little") + len(held).to_bytes(4, "little") + held
        for record in records:
            size = -(-len(record) // parts)
            for at in range(0, len(record), size):
                data += library.ZstdCompressor(**options, **known).compress(record[at : at + size])
                data += b"\x50\x2a\x4d\x18\x04\0\0\0more" if parts > 1 else b""
        target.write_bytes(data)
        return target

    return write


def members(path: Path) -> Iterator[bytes]:
    data = path.read_bytes()
    while data:
        inflater = zlib.decompressobj(wbits=31)
        inflater.decompress(data)
        yield data[: len(data) - len(inflater.unused_data)]
        data = inflater.unused_data


@pytest.mark.parametrize(
    "options",
    [
        {"dictionary": True, "write_checksum": True},
        {"dictionary": True, "parts": 3},
        {"write_content_size": False},
        {"level": 19, "parts": 2},
    ],
)
def test_zstandard_frames_of_another_tool_are_read(desk: Desk, frames_of: Any, options: Any) -> None:
    for number in (1, 2, 3):
        beside = desk.warc.response(address(number), article(number), Y2015)
        desk.warc.request(address(number), Y2015, beside)
    desk.fill(frames_of(desk.warc.path, **options))
    assert set(desk.articles()) == {address(1), address(2), address(3)}


def test_a_compacted_archive_fills_another_as_the_files_it_was_made_of(
    desk: Desk, frames_of: Any, tmp_path: Path
) -> None:
    for number in range(1, 30):
        text = " ".join(f"{word:x}" for word in random.Random(number).choices(range(10**6), k=200))
        packed = gzip.compress(article(number, text), 6, mtime=0)
        desk.warc.response(address(number), packed, Y2015, ("Content-Encoding", "gzip"))
    desk.fill()
    kept = Path(desk.config.archive)
    with Archive.open(kept, write=True) as archive:
        (done,) = compact(archive)
    assert done.unpacked == 29
    other = Desk(tmp_path / "other")
    other.fill(kept / (done.into or ""))
    ours, theirs = ({url: each.body for url, each in one.articles().items()} for one in (desk, other))
    assert ours == theirs
    with Archive.open(other.config.archive) as archive:
        (head, body) = archive.payload(next(archive.articles()).capture or pytest.fail("no capture"))
    assert (b"Content-Encoding: gzip" in head, body[:2]) == (True, b"\x1f\x8b"), "as the server sent it"


def test_damaged_frames_are_told_and_the_rest_is_read(desk: Desk, frames_of: Any) -> None:
    for number in (1, 2, 3):
        desk.warc.response(address(number), article(number), Y2015)
    path = frames_of(desk.warc.path, write_checksum=True)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)
    run = desk.fill(path)
    assert set(desk.articles()) == {address(1), address(3)}, "it goes on behind the damage"
    with Archive.open(desk.config.archive) as archive:
        (outcome,) = archive.sites(run.id)
    assert "other.warc.zst: damaged after 0" in (outcome.problem or "")


@pytest.mark.parametrize("dictionary", [b"nonsense", b"\x28\xb5\x2f\xfd nonsense"])
def test_frames_whose_dictionary_is_none_are_refused(desk: Desk, frames_of: Any, dictionary: bytes) -> None:
    desk.warc.response(address(1), article(1), Y2015)
    path = frames_of(desk.warc.path)
    size = len(dictionary).to_bytes(4, "little")
    path.write_bytes(b"\x5d\x2a\x4d\x18" + size + dictionary + path.read_bytes())
    with pytest.raises(SourceRefused, match=r"dictionary|frame"):
        desk.fill(path)


def test_without_the_library_frames_say_what_to_install(
    desk: Desk, frames_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.warc.response(address(1), article(1), Y2015)
    path = frames_of(desk.warc.path)
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(MissingExtra, match="zstd"):
        desk.fill(path)


def test_a_file_damaged_at_its_end_gives_what_stands_before(desk: Desk) -> None:
    desk.warc.response(address(1), article(1), Y2015)
    desk.warc.response(address(2), article(2), Y2015)
    data = desk.warc.path.read_bytes()
    desk.warc.path.write_bytes(data[:-60] + bytes(40))
    run = desk.fill()
    assert set(desk.articles()) == {address(1)}, "what is cut off is no article"
    assert run.counts["unreadable"] == 1


def test_a_file_damaged_in_the_middle_says_so(desk: Desk) -> None:
    for number in (1, 2, 3):
        desk.warc.response(address(number), article(number), Y2015)
    data = bytearray(desk.warc.path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 60] = bytes(60)
    desk.warc.path.write_bytes(data)
    run = desk.fill()
    assert set(desk.articles()) == {address(1), address(3)}, "it goes on behind the damage"
    with Archive.open(desk.config.archive) as archive:
        (outcome,) = archive.sites(run.id)
    assert outcome.outcome == "done"
    assert "other.warc.gz: damaged after 0" in (outcome.problem or "")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (chunked(article(1))[:-60], {}),
        (article(1), {"WARC-Block-Digest": f"sha1:{'A' * 32}"}),
    ],
    ids=["last chunk", "digest"],
)
def test_a_response_that_is_not_whole_is_no_article(desk: Desk, body: bytes, fields: dict[str, str]) -> None:
    desk.warc.response(address(1), body, Y2015, ("Transfer-Encoding", "chunked"), fields=fields)
    desk.warc.response(address(2), article(2), Y2015)
    run = desk.fill()
    assert set(desk.articles()) == {address(2)}
    assert run.counts["unreadable"] == 1


def test_a_file_compressed_as_one_piece_says_how_to_mend_it(desk: Desk, tmp_path: Path) -> None:
    for number in (1, 2):
        desk.warc.response(address(number), article(number), Y2015)
    path = tmp_path / "one.warc.gz"
    path.write_bytes(gzip.compress(gzip.decompress(desk.warc.path.read_bytes())))
    with pytest.raises(SourceRefused, match="warcio recompress"):
        desk.fill(path)


def test_an_arc_file_of_the_old_days_is_read(desk: Desk, tmp_path: Path) -> None:
    block = b"HTTP/1.1 200 OK\nContent-Type: text/html\n\n" + article(1, day="2005-01-01")
    told = b"1 0 Campus\nURL IP-address Archive-date Content-type Archive-length\n"
    path = tmp_path / "old.arc"
    path.write_bytes(
        b"filedesc://old.arc 0.0.0.0 20050101000000 text/plain %d\n%s\n" % (len(told) - 1, told)
        + b"%s 192.0.2.1 20050102030405 text/html %d\n%s\n" % (address(1).encode(), len(block), block)
    )
    desk.fill(path)
    (version,) = desk.versions(1)
    assert version.created_at == "2005-01-02T03:04:05+00:00"
    assert not list(verify(desk.config.archive))


@pytest.mark.skipif(shutil.which("wget") is None, reason="wget is not installed")
def test_what_wget_itself_wrote_is_read(small: Any, tmp_path: Path) -> None:
    small.listing("/list.htm", [1, 2])
    small.articles([1, 2])
    urls = [f"{small.base}{path}" for path in ("/list.htm", "/news/1.html", "/news/2.html")]
    wget = ["wget", "--no-proxy", "--quiet", "--tries=1", "--warc-file=site", "-O", "page", *urls]
    subprocess.run(wget, cwd=tmp_path, check=True)
    config = small.config(tmp_path / "archive")
    backfill(config, "small", warcs=[tmp_path / "site.warc.gz"], now=lambda: NOW)
    assert {url.removeprefix(small.base) for url in _records(config)} == {"/news/1.html", "/news/2.html"}
    assert not list(verify(config.archive))


def test_a_copy_names_what_it_was_made_from_and_lies_in_a_file_of_today(desk: Desk) -> None:
    made_from = desk.warc.response(address(1), article(1), Y2015)
    desk.fill()
    (path,) = Path(desk.config.archive, "warc").iterdir()
    told = gzip.decompress(path.read_bytes()).decode()
    assert path.name.startswith("2026")
    assert f"WARC-Source-URI: file:other.warc.gz#{made_from.strip('<>')}\r\n" in told
    assert "WARC-Creation-Date: 2026-12-20T01:30:00Z\r\n" in told
    assert f"WARC-Date: {Y2015}\r\n" in told
    assert "WARC-Type: request" not in told, "nobody knows what was asked"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "no WARC record in it"),
        (b"<html>no archive at all</html>" * 20, "no WARC"),
        (gzip.compress(b"something else" * 50, mtime=0), "no WARC"),
    ],
    ids=["empty", "a page", "a packed text"],
)
def test_a_file_that_is_no_warc_is_refused(desk: Desk, tmp_path: Path, data: bytes, told: str) -> None:
    path = tmp_path / "odd.warc.gz"
    path.write_bytes(data)
    with pytest.raises(SourceRefused, match=told):
        desk.fill(path)


def test_a_stopped_import_goes_on_where_it_was(desk: Desk) -> None:
    for number in range(1, 9):
        desk.warc.response(address(number), article(number), f"2015-04-0{number}T05:06:07Z")
    stop = threading.Event()
    with pytest.raises(KeyboardInterrupt):
        desk.fill(stop=stop, watch=lambda at: stop.set() if at.url == address(3) else None)
    assert len(desk.articles()) == 3
    run = desk.fill()
    assert len(desk.articles()) == 8
    assert (run.id, run.counts["older"]) == (1, 3)
    assert all(len(desk.versions(number)) == 1 for number in range(1, 9))


def test_a_walk_that_was_stopped_goes_on_after_an_import(small: Any, tmp_path: Path) -> None:
    small.listing("/list.htm", range(1, 29))
    small.articles(range(1, 29))
    config, stop = small.config(tmp_path / "archive"), threading.Event()
    with pytest.raises(KeyboardInterrupt):
        backfill(config, "small", now=lambda: NOW, stop=stop, watch=lambda at: at.listing or stop.set())
    warc = Warc(tmp_path / "old.warc.gz")
    warc.response(f"{small.base}/news/90.html", article(90), Y2015)
    backfill(config, "small", warcs=[warc.path], now=lambda: NOW)
    backfill(config, "small", now=lambda: NOW)
    assert len(_records(config)) == 29


def test_a_feed_tells_what_is_an_article_and_is_none(desk: Desk) -> None:
    day = "<pubDate>Wed, 04 Mar 2015 05:00:00 GMT</pubDate>"
    entry = f"<item><title>A story</title><link>{address(1)}</link>{day}</item>"
    feed = f"<rss version='2.0'><channel><title>News</title>{entry}</channel></rss>"
    desk.warc.response(f"{HOST}/feed.xml", feed.encode(), Y2015, media="application/rss+xml")
    desk.warc.response(address(1), article(1, day=None), Y2015)
    desk.fill()
    assert [kept.release_time for kept in desk.articles().values()] == ["2015-03-04T05:00:00+00:00"]


def test_the_command_tells_what_was_taken(desk: Desk, tmp_path: Path) -> None:
    desk.warc.response(address(1), article(1), Y2015)
    config = tmp_path / "config.yaml"
    site = f"  - name: past\n    seeds: [{{url: '{SEED}'}}]\n"
    archive = f"archive: {desk.config.archive}\ncontact: a@example.edu\n"
    config.write_text(f"{archive}sites:\n{site}", encoding="utf-8")
    runner, given = CliRunner(), ["backfill", "past", "-c", str(config), "--from-warc", str(desk.warc.path)]
    told = runner.invoke(main, given)
    assert told.exit_code == 0, told.output
    assert "1 article" in told.output
    assert "1 read" in told.output
    again = json.loads(runner.invoke(main, [*given, "--json"]).output)
    assert again["run"]["counts"]["older"] == 1
    assert runner.invoke(main, [*given, "--max-pages", "3"]).exit_code == 2


def _records(config: Config) -> dict[str, Article]:
    with Archive.open(config.archive) as archive:
        return {each.url: each for each in archive.articles()}
