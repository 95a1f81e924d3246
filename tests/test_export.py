"""Exports: lossless, the same bytes each time, whole or not there, never over another file by accident."""

from __future__ import annotations

import io
import json
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from storage.errors import TargetExists, TargetRefused
from storage.export import FORMATS, export, exporter
from storage.export.jsonl import write_jsonl
from storage.records import Article, Attachment, Extractor, Image
from storage.schema import record_schema

PLAIN = Article("a1", "https://news.example.edu/1", "example", "Title", Extractor("generic", 1))
NAUGHTY = [
    "",
    "null",
    "\\",
    "\"quoted\", 'twice'",
    "\x00 nul \x07 bell \x1b[31m escape \x7f",
    "one\r\ntwo\nthree\x0bfour\x0cfive",
    "line\u2028separator, paragraph\u2029separator, next\u0085line, group\x1dseparator",
    "\ufeffmark, \u200bnothing, \u202eback, \u2066aside\u2069",
    "=1+1",
    "]]> <![CDATA[ <script>&amp;</script>",
    "'; DROP TABLE articles; --",
    "${HOME} $(ls) `ls` %s {0} %00",
    "../../etc/hosts",
    "田中さん 部落格 사회과학원 𠜎𠜱𠝹 ﷽",
    "👩🏽‍🎓 🇨🇳 e\u0301 ﬁ ① ½",
    "\U000f0000\U0010ffff\ufffe",
    "\ud800 alone",
]


def many() -> Iterator[Article]:
    for number in range(1000):
        yield replace(
            PLAIN,
            id=f"a{number}",
            url=f"https://news.example.edu/{number}",
            title=f"第{number}条新闻",
            body="正文。\n\nSecond paragraph." * (number % 7),
            images=(Image("https://news.example.edu/1.jpg", "图"),) * (number % 3),
            attachments=(Attachment("https://news.example.edu/1.pdf", "表"),) * (number % 2),
            provenance={"title": "h1", "body": "css"} if number % 2 else {"body": "css", "title": "h1"},
        )


def lines(articles: list[Article]) -> list[bytes]:
    out = io.BytesIO()
    assert write_jsonl(articles, out) == len(articles)
    return out.getvalue().splitlines()


@pytest.mark.parametrize("text", NAUGHTY, ids=range(len(NAUGHTY)))
def test_any_text_comes_back_from_its_one_line(text: str) -> None:
    if "\ud800" in text:  # has no UTF-8 form, so no digest: only where none is taken
        article = replace(PLAIN, author=text, section=text, provenance={"author": text})
    else:
        article = replace(PLAIN, title=text, body=text, section=text, attachments=(Attachment("u", text),))
    (line,) = lines([article])
    assert Article.from_json(json.loads(line)) == article
    assert len(line.decode().splitlines()) == 1


def test_a_line_keeps_the_fields_in_the_order_of_the_schema() -> None:
    (line,) = lines([PLAIN])
    assert list(json.loads(line)) == record_schema()["required"]


def test_chinese_is_written_as_it_reads() -> None:
    (line,) = lines([replace(PLAIN, title="学校新闻")])
    assert '"title": "学校新闻"' in line.decode()


def test_a_thousand_articles_are_exported_twice_to_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    assert export(many(), "jsonl", first) == 1000
    assert export(many(), "jsonl", second) == 1000
    assert first.read_bytes() == second.read_bytes()
    assert sorted(tmp_path.iterdir()) == [first, second]


def test_every_exported_record_is_valid(tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    export(many(), "jsonl", target)
    valid = Draft202012Validator(record_schema())
    assert all(valid.is_valid(json.loads(line)) for line in target.read_bytes().splitlines())


def test_equal_articles_give_equal_bytes_whatever_order_their_provenance_was_noted_in() -> None:
    one, two = {"title": "h1", "body": "css"}, {"body": "css", "title": "h1"}
    first, second = lines([replace(PLAIN, provenance=one), replace(PLAIN, provenance=two)])
    assert first == second


def test_nothing_to_export_is_an_empty_file(tmp_path: Path) -> None:
    assert export([], "jsonl", tmp_path / "out.jsonl") == 0
    assert (tmp_path / "out.jsonl").read_bytes() == b""


def test_an_existing_file_is_kept_unless_forced(tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    target.write_text("precious")
    with pytest.raises(TargetExists, match="--force"):
        export([PLAIN], "jsonl", target)
    assert target.read_text() == "precious"
    assert export([PLAIN], "jsonl", target, force=True) == 1
    assert target.read_bytes().splitlines() == lines([PLAIN])


def test_an_export_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    def broken() -> Iterator[Article]:
        yield PLAIN
        raise RuntimeError("the archive went away")

    target = tmp_path / "out.jsonl"
    target.write_text("precious")
    with pytest.raises(RuntimeError):
        export(broken(), "jsonl", target, force=True)
    assert target.read_text() == "precious"
    assert list(tmp_path.iterdir()) == [target]


def test_nothing_shows_under_the_name_before_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"

    def watched() -> Iterator[Article]:
        assert not target.exists()
        yield PLAIN
        assert not target.exists()

    export(watched(), "jsonl", target)
    assert target.exists()


def test_a_link_is_followed_and_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.jsonl", tmp_path / "link.jsonl"
    real.write_text("old")
    link.symlink_to(real)
    export([PLAIN], "jsonl", link, force=True)
    assert link.is_symlink()
    assert real.read_bytes().splitlines() == lines([PLAIN])


@pytest.mark.parametrize("target", ["", "nowhere/out.jsonl", "file/out.jsonl"])
def test_a_place_that_cannot_be_written_is_refused_with_advice(tmp_path: Path, target: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(TargetRefused, match="name a"):
        export([PLAIN], "jsonl", tmp_path / target)


def test_a_named_pipe_is_written_through_and_stays(tmp_path: Path) -> None:
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    export([PLAIN], "jsonl", pipe)
    reader.join()
    assert read[0].splitlines() == lines([PLAIN])
    assert pipe.is_fifo()


def test_without_a_path_the_records_go_to_standard_output(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert export([PLAIN], "jsonl") == 1
    assert capsysbinary.readouterr().out.splitlines() == lines([PLAIN])


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_of_the_table_has_its_exporter(name: str) -> None:
    assert callable(exporter(name))
