"""Bytes to text: which encoding a page is in, when labels and bytes disagree."""

from __future__ import annotations

import pytest

from scraper.page import Page

TEXT = "<p>新温室启用，欢迎参观。镕</p>"
META = '<meta charset="{}">'


@pytest.mark.parametrize(
    ("body", "content_type", "encoding", "rule"),
    [
        (META.format("gb2312").encode() + TEXT.encode("gbk"), None, "gb18030", "meta"),
        (TEXT.encode("gbk"), "text/html; charset=gb2312", "gb18030", "header"),
        (TEXT.encode("gbk"), "text/html; charset=utf-8", "gb18030", "bytes"),
        (b"\xef\xbb\xbf" + TEXT.encode(), "text/html; charset=gbk", "utf-8", "bom"),
        (META.format("utf-16").encode() + TEXT.encode(), None, "utf-8", "meta"),
        (
            b"<!--" + b" " * 2000 + b"-->" + META.format("gbk").encode() + TEXT.encode("gbk"),
            None,
            "gb18030",
            "*",
        ),
        (META.format("iso-2022-kr").encode() + TEXT.encode(), None, "utf-8", "bytes"),
        (META.format("x-no-such").encode() + TEXT.encode(), None, "utf-8", "bytes"),
        (TEXT.encode(), "text/html; charset=;;", "utf-8", "bytes"),
    ],
)
def test_the_bytes_decide_where_a_label_does_not_fit(
    body: bytes, content_type: str | None, encoding: str, rule: str
) -> None:
    page = Page("https://example.edu/", body, content_type=content_type)
    assert TEXT in page.text
    assert "\ufeff" not in page.text
    assert page.decoded.encoding == encoding
    assert rule in ("*", page.decoded.rule)


def test_a_torn_character_spoils_only_itself() -> None:
    page = Page("https://example.edu/", META.format("utf-8").encode() + TEXT.encode() * 100 + b"\xe6\x96")
    assert (page.decoded.encoding, page.text.count("\ufffd")) == ("utf-8", 1)


def test_what_the_config_says_goes_before_everything() -> None:
    page = Page("https://example.edu/", TEXT.encode("big5", "ignore"), declared_encoding="big5")
    assert page.decoded.rule == "config"


def test_control_characters_are_not_part_of_the_text() -> None:
    assert Page("https://example.edu/", b"a\x00\x1b[2Jb").text == "a[2Jb"


def test_what_was_decided_about_an_encoding_is_told_whole() -> None:
    body = "<p>图书馆今天重新开放，欢迎读者前来。</p>".encode("gb18030") * 40 + b"\xff"
    page = Page("https://news.example.edu/", body, content_type="text/html; charset=utf-8")
    assert page.decoded.decision == "bytes:gb18030, not header: utf-8, 1 bad bytes"
