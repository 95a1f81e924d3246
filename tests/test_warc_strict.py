"""Every WARC file that a crawl makes is to the letter of the standard, whatever happened to the crawl.

The checker (`warc_grammar`) runs over what crawls leave behind, and is itself held against broken records.
warcio and fastwarc are asked too, and jwarc's `validate` where `CAMPUSNEWS_JWARC` names a command line that
begins it (as `java -cp DIRECTORY org.netpreserve.jwarc.tools.WarcTool`).
"""

from __future__ import annotations

import gzip
import io
import os
import re
import shlex
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fastwarc.warc import ArchiveIterator
from warcio.checker import Checker

from scraper.config import load_config
from scraper.crawl import backfill, crawl
from scraper.demo.reply import Reply
from storage import Archive
from storage.files import OPEN
from storage.records import Exchange

from .conftest import SmallSite, StagedCampus, write_config
from .past import Warc, address, article, config_for, listing
from .test_crawl import Trap
from .warc_grammar import Record, check

JWARC = os.environ.get("CAMPUSNEWS_JWARC")
NOW = datetime(2026, 12, 20, 1, 30, tzinfo=UTC)


def files(archive: str | Path) -> list[Path]:
    return sorted((Path(archive) / "warc").glob("*.warc.gz"))


def sound(archive: str | Path) -> list[Record]:
    """Return the records of an archive's files, of which the checker has nothing to say."""
    records, found = check(files(archive))
    assert found == []
    assert not list((Path(archive) / "warc").glob(f"*{OPEN}"))
    return records


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The archive of the sample campus after three runs over its two days, with all files."""
    place = tmp_path_factory.mktemp("strict")
    with StagedCampus() as campus:
        path = write_config(place, campus, "archive", assets="all")
        crawl(load_config(path))
        crawl(load_config(path))
        campus.edition = 2
        crawl(load_config(path))
    return place / "archive"


# ---- crawls


def test_the_days_of_the_campus_are_to_the_letter(crawled: Path) -> None:
    records = sound(crawled)
    kinds = Counter(record.kind for record in records)
    assert kinds["warcinfo"] == len(files(crawled)) == 3
    assert kinds["request"] == kinds["response"] + kinds["revisit"] > 300
    revisits = [record for record in records if record.kind == "revisit"]
    profiles = {record.fields["warc-profile"].rpartition("/")[2] for record in revisits}
    assert profiles == {"identical-payload-digest", "server-not-modified"}
    heads = {record.block.split(b" ", 2)[1] for record in records if record.kind == "response"}
    assert {b"200", b"302", b"404", b"503"} <= heads
    assert any(b"\r\nContent-Encoding: gzip" in record.block for record in records)
    assert any(record.fields.get("warc-target-uri", "").endswith(".css") for record in records)


def test_an_answer_that_was_cut_and_a_payload_that_is_left_out_are_both_named(
    small: SmallSite, tmp_path: Path
) -> None:
    small.articles(range(1, 3))
    small.listing("/list.htm", range(1, 3))
    small.pages["/robots.txt"] = Reply(b"# a robots.txt without an end\n" * 40_000, "text/plain")
    config = small.config(tmp_path / "archive")
    crawl(config, now=lambda: NOW)
    crawl(config, now=lambda: NOW.replace(day=23))
    cut = Counter(record.kind for record in sound(config.archive) if "warc-truncated" in record.fields)
    assert cut == {"response": 2, "revisit": 3}


@pytest.mark.parametrize("wait", [30, 120])
def test_what_a_killed_crawl_leaves_is_to_the_letter_once_it_was_gone_on_with(
    wait: int, campus: Any, config_in: Callable[[str], Path]
) -> None:
    path = config_in("archive")
    assert Trap(campus, path, wait, signal.SIGKILL).result()[0] == -signal.SIGKILL
    campus.on_request = lambda count: None
    config = load_config(path)
    crawl(config)
    assert len({record.file for record in sound(config.archive)}) == 2


def test_what_is_cut_off_a_torn_file_is_to_the_letter_up_to_the_tear(
    campus: Any, config_in: Callable[[str], Path]
) -> None:
    path = config_in("archive")
    assert Trap(campus, path, 60, signal.SIGKILL).result()[0] == -signal.SIGKILL
    (still,) = (Path(load_config(path).archive) / "warc").iterdir()
    with still.open("ab") as file:
        file.write(gzip.compress(b"WARC/1.1\r\nWARC-Type: response\r\n")[:20])
    with Archive.open(load_config(path).archive, write=True):
        pass
    sound(load_config(path).archive)


def test_files_of_one_run_that_turned_over_are_each_to_the_letter(tmp_path: Path) -> None:
    with Archive.open(tmp_path, write=True, create=True, max_warc_bytes=3000) as archive:
        archive.begin_run(NOW, ["campus"])
        for number in range(40):
            url = f"http://news.example.edu/{number % 30}?q=%E4%B8%AD"
            request = b"POST /%d HTTP/1.1\r\nHost: news.example.edu\r\n\r\na=1" % number
            head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
            archive.capture(Exchange(url, "POST", request, head, b"text " * 20, 200, NOW, "2001:db8::7"))
            archive.commit()
        archive.end_run(NOW, "done", {})
    assert len({record.file for record in sound(tmp_path)}) > 3


def test_what_others_kept_is_to_the_letter_in_our_files(tmp_path: Path) -> None:
    warc = Warc(tmp_path / "theirs.warc.gz")
    first = warc.response(address(1), article(1), "2015-03-04T05:06:07Z", ("Transfer-Encoding", "chunked"))
    warc.request(address(1), "2015-03-04T05:06:07Z", first)
    warc.response(address(1), article(1, "as it was corrected"), "2016-01-02T03:04:05Z")
    warc.response("http://news.example.edu/list.htm", listing([1]), "2016-01-02T03:04:06Z")
    config = config_for(tmp_path / "archive")
    backfill(config, "past", warcs=[warc.path], now=lambda: NOW)
    records = [record for path in files(config.archive) for record in check([path])[0]]
    _, found = check(files(config.archive))
    assert [each for each in found if "names no host" not in each] == []  # their request named none
    assert sum(record.kind == "response" for record in records) >= 2


# ---- the other validators


def test_warcio_and_fastwarc_find_nothing_either(crawled: Path) -> None:
    for path in files(crawled):
        checker = Checker(SimpleNamespace(inputs=[str(path)], verbose=True))
        with redirect_stdout(io.StringIO()) as said:
            checker.process_all()
        assert checker.exit_value == 0, said.getvalue()
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, parse_http=False):
                assert record.verify_block_digest()


@pytest.mark.skipif(JWARC is None, reason="CAMPUSNEWS_JWARC names no command line of jwarc")
def test_jwarc_finds_nothing_either(crawled: Path) -> None:
    assert JWARC is not None
    command = [*shlex.split(JWARC), "validate", *map(str, files(crawled))]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr) == (0, "")


# ---- the checker itself


BREACHES: dict[str, tuple[bytes, bytes, bytes, str]] = {
    "another version": (b"response", b"WARC/1.1", b"WARC/1.0", "begins with b'WARC/1.0'"),
    "no date": (b"response", b"WARC-Date: ", b"X-Date: ", "warc-date is missing"),
    "a field unknown": (b"response", b"WARC-Date: ", b"X-Date: ", "x-date is no field of the standard"),
    "a date with a zone": (b"response", b"Z\r\nWARC-IP", b"+00:00\r\nWARC-IP", "is not of its form"),
    "an id without brackets": (b"response", b"<urn:uuid:", b"urn:uuid:", "is not of its form"),
    "an address with a blank": (b"response", b"/news/1", b"/news 1", "is not of its form"),
    "an address in brackets": (b"response", b"URI: http://", b"URI: <http://", "is not of its form"),
    "a field of another type": (b"response", b"WARC-Date: ", b"WARC-Profile: a:b\r\nWARC-Date: ",
        "shall not be used"),
    "a field twice": (b"response", b"WARC-Date: ", b"WARC-Type: response\r\nWARC-Date: ", "stands 2 times"),
    "a folded field": (b"response", b"\r\nWARC-Date: ", b"\r\n folded\r\nWARC-Date: ", "is no field"),
    "a block digest that lies": (b"response", b"<p>", b"<q>", "warc-block-digest does not hold"),
    "a payload digest that lies": (b"response", b"<p>", b"<q>", "warc-payload-digest does not hold"),
    "a block that goes on": (b"response", b"</p>", b"</p>more", "after"),
    "no second line break": (b"response", b"</p>\r\n\r\n", b"</p>\r\n", "after"),
    "concurrent to nobody": (b"request", b"Concurrent-To: <urn:uuid:", b"Concurrent-To: <urn:uuid:0",
        "which is no answer"),
    "refers to nobody": (b"revisit", b"Refers-To: <urn:uuid:", b"Refers-To: <urn:uuid:0",
        "which is no answer"),
    "the wrong date": (b"revisit", b"Refers-To-Date: 2026", b"Refers-To-Date: 2025",
        "warc-refers-to-date is not"),
    "no profile": (b"revisit", b"WARC-Profile: ", b"WARC-Source-URI: ", "warc-profile is missing"),
    "another profile": (b"revisit", b"/identical", b"/similar", "is no profile of the standard"),
    "not told to be cut": (b"revisit", b"WARC-Truncated: length\r\n", b"", "is named in warc-truncated"),
    "no status line": (b"response", b"HTTP/1.1 200", b"HTTP/1.1 2000", "the HTTP head begins with"),
    "chunks": (b"response", b"Content-Type: text", b"Transfer-Encoding: text", "has a transfer coding"),
    "no host": (b"request", b"\r\nHost", b"\r\nGuest", "names no host"),
    "another name": (b"warcinfo", b"WARC-Filename: 2", b"WARC-Filename: 3", "in its warcinfo"),
    "no warcinfo": (b"warcinfo", b"WARC-Type: warcinfo", b"WARC-Type: metadata",
        "does not begin with its one"),
}  # fmt: skip


@pytest.fixture
def simple(tmp_path: Path) -> Path:
    """A file with an answer and its revisit, without flaw."""
    request = b"GET /news/1 HTTP/1.1\r\nHost: news.example.edu\r\n\r\n"
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    exchange = Exchange(
        "http://news.example.edu/news/1", "GET", request, head, b"<p>body</p>", 200, NOW, "192.0.2.7"
    )
    with Archive.open(tmp_path / "archive", write=True, create=True) as archive:
        archive.begin_run(NOW, ["campus"])
        archive.capture(exchange)
        archive.capture(exchange)
        archive.commit()
        archive.end_run(NOW, "done", {})
    (path,) = files(tmp_path / "archive")
    assert check([path])[1] == []
    return path


@pytest.mark.parametrize("breach", BREACHES)
def test_the_checker_names_each_breach(simple: Path, breach: str) -> None:
    kind, old, new, complaint = BREACHES[breach]
    members, at = [], 0
    data = simple.read_bytes()
    for record in check([simple])[0][1:]:
        members.append(data[at : record.offset])
        at = record.offset
    members = [gzip.decompress(member) for member in (*members, data[at:])]
    which = next(at for at, text in enumerate(members) if b"WARC-Type: " + kind in text)
    assert old in members[which]
    members[which] = members[which].replace(old, new, 1)
    simple.write_bytes(b"".join(gzip.compress(member, mtime=0) for member in members))
    _, found = check([simple])
    assert any(complaint in each for each in found), found


def test_the_checker_names_what_is_no_member_and_what_is_torn(simple: Path) -> None:
    whole = simple.read_bytes()
    simple.write_bytes(whole + b"junk")
    assert re.search("no gzip member", "\n".join(check([simple])[1]))
    simple.write_bytes(whole[:-5])
    assert re.search("torn", "\n".join(check([simple])[1]))
    again = simple.with_name("20270101000000-r1-1.warc.gz")
    simple.write_bytes(whole)
    again.write_bytes(whole)
    assert re.search("is the id of 2 records", "\n".join(check([simple, again])[1]))
