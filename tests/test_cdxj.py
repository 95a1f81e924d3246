"""The CDXJ index: the keys and lines that replay tools expect, but for 304s those of cdxj-indexer.

`CAMPUSNEWS_CDXJ_INDEXER` names the program of that package where it is installed; without it the comparison
is skipped (it would bring thirty packages for one test), and what it once gave stands here.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from scraper.config import Config
from scraper.crawl import crawl
from storage import Archive
from storage.cdxj import Sorted
from storage.choice import Choice
from storage.errors import ArchiveDamaged
from storage.export import export_archive
from storage.files import OPEN
from storage.records import Exchange
from storage.surt import surt

from .campus_days import Days, article

INDEXER = os.environ.get("CAMPUSNEWS_CDXJ_INDEXER")
SESSION = "0123456789abcdef0123456789ABCDEF"
KEYS = {
    "https://www.szqu.edu.cn/2023/A.htm?b=2&a=1": "cn,edu,szqu)/2023/a.htm?a=1&b=2",
    "HTTP://News.SZQU.edu.cn:80": "cn,edu,szqu,news)/",
    "https://szqu.edu.cn:80/x/": "cn,edu,szqu:80)/x",
    "http://www2.a.example/%7Efoo/%e4%b8%ad?Q=%20x y": "example,a)/~foo/%e4%b8%ad?q=%20x%20y",
    "http://127.0.0.1:8000/A/b?": "1,0,0,127:8000)/a/b",
    "http://10.1/": "1,0,0,10)/",
    "http://3232235777/x": "1,1,168,192)/x",
    "http://1.2.3.400/": "400,3,2,1)/",
    "http://[::1]:80/": "::1)/",
    "http://中国.cn/中#top": "cn,xn--fiqs8s)/%e4%b8%ad",
    "http://a.example/x%2520y//z/../q/./": "example,a)/x%20y/q",
    "http://a.example/../x": "example,a)/../x",
    "http://a..example./a%23b": "example,a)/a%23b",
    "http://user:word@a.example:/x?&": "example,a)/x?&",
    "http://a.example/a?b&c=&a": "example,a)/a?a&b&c=",
    f"http://a.example/?sid={SESSION}&z=1": "example,a)/?z=1",
    f"http://a.example/?x&phpsessid={SESSION}": "example,a)/?&x",
    "http://a.example/(S(0123456789abcdef01234567))/x/y.aspx?a": "example,a)/x/y.aspx?a",
    "http://http://a.example/c": "example,a)/c",
    "urn:campusnews:run:1": "urn:campusnews:run:1",
    "urn:x:Y Z": "urn:x:y%20z",
}


@pytest.mark.parametrize("url", KEYS)
def test_an_address_has_the_key_that_replay_tools_look_it_up_under(url: str) -> None:
    assert surt(url) == KEYS[url]


def index(archive: Archive, choice: Choice | None = None, **options: Any) -> list[str]:
    from storage.export import exporter, taken

    out = io.BytesIO()
    told: dict[str, Any] = {"table": "articles", "limit": None, "url": None} | options
    items, rest = taken(archive, "cdxj", choice or Choice(), **told)
    count = exporter("cdxj")(items, out, **rest)
    lines = out.getvalue().decode().splitlines()
    assert count == len(lines)
    return lines


def fields(line: str) -> dict[str, str]:
    found: dict[str, str] = json.loads(line[line.index("{") :])
    return found


@pytest.fixture
def days(tmp_path: Path) -> Days:
    days = Days(tmp_path / "archive")
    days.run(article(1), article(2))
    days.run(article(1), article(2, body="Edited."))
    return days


def test_every_capture_and_revisit_has_a_line_in_the_order_of_keys_and_times(days: Days) -> None:
    with days.open() as archive:
        lines = index(archive)
    assert lines == sorted(lines)
    assert [(line.split()[0], line.split()[1][:8], fields(line).get("mime")) for line in lines] == [
        ("edu,example,news)/1.htm", "20260902", None),
        ("edu,example,news)/1.htm", "20260903", "warc/revisit"),
        ("edu,example,news)/2.htm", "20260902", None),
        ("edu,example,news)/2.htm", "20260903", None),
    ]
    assert list(fields(lines[1])) == ["url", "mime", "status", "digest", "length", "offset", "filename"]


def test_a_line_says_where_the_record_lies(days: Days) -> None:
    with days.open() as archive:
        (kept,) = [each.capture for each in archive.articles() if each.id == "a2" and each.capture]
        told = [fields(line) for line in index(archive)][3]
    assert (told["offset"], told["length"]) == (str(kept.offset), str(kept.length))
    assert (f"warc/{told['filename']}", told["digest"]) == (kept.warc, kept.payload_digest)
    assert (told["url"], told["status"]) == ("http://news.example.edu/2.htm", "200")


def test_a_choice_has_the_lines_of_its_articles_only(days: Days) -> None:
    with days.open() as archive:
        lines = index(archive, Choice(since_run=1))
    assert {line.split()[0] for line in lines} == {"edu,example,news)/2.htm"}
    assert len(lines) == 2


def test_a_304_has_no_line_since_nothing_could_be_shown_of_it(days: Days) -> None:
    request, url = b"GET /1.htm HTTP/1.1\r\n\r\n", "http://news.example.edu/1.htm"
    with Archive.open(days.path, write=True) as writer:
        writer.begin_run(days.now, ["campus"])
        writer.capture(
            Exchange(url, "GET", request, b"HTTP/1.1 304 Not Modified\r\n\r\n", b"", 304, days.now)
        )
        writer.commit()
        writer.end_run(days.now, "done", {})
    with days.open() as archive:
        assert sum(")/1.htm" in line for line in index(archive)) == 2


def test_what_is_not_committed_has_no_line_and_an_open_file_its_final_name(days: Days) -> None:
    request = b"GET /9 HTTP/1.1\r\n\r\n"
    with Archive.open(days.path, write=True) as writer:
        writer.begin_run(days.now, ["campus"])
        for number, text in enumerate((b"one", b"two")):
            url, head = (
                f"http://news.example.edu/9{number}",
                b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n",
            )
            writer.capture(Exchange(url, "GET", request, head, text, 200, days.now))
            if not number:
                writer.commit()
        with days.open() as archive:
            lines = [line for line in index(archive) if ")/9" in line]
        assert [path.name for path in (days.path / "warc").glob(f"*{OPEN}")] == [
            f"{fields(lines[0])['filename']}{OPEN}"
        ]
    assert [line.split()[0] for line in lines] == ["edu,example,news)/90"]


def test_a_record_that_cannot_be_read_is_named(days: Days) -> None:
    path = sorted((days.path / "warc").iterdir())[0]
    data = bytearray(path.read_bytes())
    data[3] ^= 0xFF
    path.write_bytes(data)
    with days.open() as archive, pytest.raises(ArchiveDamaged, match="offset 0 cannot be read"):
        index(archive)


def test_lines_are_sorted_by_their_bytes() -> None:
    with Sorted() as lines:
        lines.add([b"b\n", b"a\n"])
        lines.add([b"a \n", b"\xe4\n", b"A\n"])
        assert list(lines) == [b"A\n", b"a\n", b"a \n", b"b\n", b"\xe4\n"]


# ---- the other indexer


@pytest.mark.skipif(INDEXER is None, reason="CAMPUSNEWS_CDXJ_INDEXER does not name the cdxj-indexer program")
def test_the_index_of_a_crawl_is_that_of_cdxj_indexer_without_its_304s(
    config: Config, campus: Any, tmp_path: Path
) -> None:
    crawl(config)
    campus.edition = 2
    crawl(config)
    with Archive.open(config.archive) as archive:
        export_archive(archive, "cdxj", tmp_path / "ours.cdxj")
    files = sorted((Path(config.archive) / "warc").glob("*.warc.gz"))
    assert INDEXER is not None
    made = subprocess.run(
        [INDEXER, "--sort", "--records", "response,revisit", *map(str, files)],
        capture_output=True,
        check=True,
    )
    theirs = [line for line in made.stdout.splitlines() if b'"status": "304"' not in line]
    assert (tmp_path / "ours.cdxj").read_bytes().splitlines() == theirs
    assert len(theirs) > 200
    assert sum(b"warc/revisit" in line for line in theirs) == 8
