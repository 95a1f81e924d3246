from __future__ import annotations

import gzip
import sys
import zlib
from functools import partial
from importlib.util import find_spec

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.codings import CodingError, decode

MIB = 1024 * 1024
PAGE = "校园新闻".encode() * 500
packed = partial(gzip.compress, mtime=0)


def unpacked(body: bytes, coding: str, most: int = 50 * MIB, ratio: int = 200) -> bytes:
    return decode(body, coding, most, ratio)


def refusal(body: bytes, coding: str, most: int = 50 * MIB, ratio: int = 200) -> str:
    with pytest.raises(CodingError) as caught:
        decode(body, coding, most, ratio)
    return caught.value.reason


SENT = {
    "plain": (PAGE, ""),
    "identity": (PAGE, "identity"),
    "a charset for a coding": (PAGE, "utf-8"),
    "gzip": (packed(PAGE), "gzip"),
    "x-gzip": (packed(PAGE), "X-GZIP"),
    "identity and gzip": (packed(PAGE), "identity, gzip"),
    "deflate": (zlib.compress(PAGE), "deflate"),
    "deflate without the zlib header": (zlib.compress(PAGE)[2:-4], "deflate"),
    "three codings": (zlib.compress(packed(packed(PAGE))), "gzip, gzip, deflate"),
    "gzip in two members": (packed(PAGE[:600]) + packed(PAGE[600:]), "gzip"),
    "gzip with padding": (packed(PAGE) + b"\0\0\0", "gzip"),
    "gzip that is plain": (PAGE, "gzip"),
}


@pytest.mark.parametrize(("body", "coding"), SENT.values(), ids=SENT)
def test_every_way_a_server_sends_a_page_gives_the_page(body: bytes, coding: str) -> None:
    assert unpacked(body, coding) == PAGE


def test_nothing_unpacks_to_nothing() -> None:
    assert unpacked(b"", "gzip") == b""


@given(st.binary(max_size=3000))
def test_packing_and_unpacking_is_the_identity(data: bytes) -> None:
    assert unpacked(packed(data), "gzip") == data
    assert unpacked(zlib.compress(data), "deflate") == data


@given(st.integers(min_value=2, max_value=len(packed(PAGE)) - 1))
def test_a_gzip_body_cut_anywhere_is_truncated(cut: int) -> None:
    assert refusal(packed(PAGE)[:cut], "gzip") == "truncated"


def test_a_flipped_byte_is_bad_encoding() -> None:
    body = bytearray(packed(PAGE))
    body[-6] ^= 0xFF
    assert refusal(bytes(body), "gzip") == "bad_encoding"
    assert refusal(b"\xff" * 100, "deflate") == "bad_encoding"


@pytest.mark.parametrize("coding", ["br", "compress", "gzip, br"])
def test_a_coding_nobody_asked_for_is_bad_encoding(coding: str) -> None:
    assert refusal(PAGE, coding) == "bad_encoding"


@pytest.mark.skipif(find_spec("zstandard") is None, reason="zstandard is not installed")
def test_what_others_captured_in_zstandard_is_read_within_the_same_limits() -> None:
    import zstandard

    once = zstandard.ZstdCompressor().compress(PAGE)
    halves = b"".join(zstandard.ZstdCompressor().compress(half) for half in (PAGE[:600], PAGE[600:]))
    streamed = zstandard.ZstdCompressor(write_content_size=False, write_checksum=True).compress(PAGE)
    for body in (once, halves, streamed):
        assert unpacked(body, "zstd") == PAGE
        assert unpacked(gzip.compress(body), "zstd, gzip") == PAGE
        assert refusal(body[:-3], "zstd") == "truncated"
    assert refusal(streamed[:-1] + bytes([streamed[-1] ^ 1]), "zstd") == "bad_encoding"
    bomb = zstandard.ZstdCompressor().compress(b"\0" * (8 * MIB))
    assert refusal(bomb, "zstd", ratio=100) == "too_large"
    wide = zstandard.ZstdCompressionParameters.from_level(3, window_log=25)
    spread = zstandard.ZstdCompressor(compression_params=wide).compress(b"\0\1" * (20 * MIB))
    assert refusal(spread, "zstd", ratio=10**6) == "bad_encoding", "a window no browser takes"


def test_without_the_library_a_zstandard_body_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(CodingError, match=r"campusnews\[zstd\]") as caught:
        decode(PAGE, "zstd", MIB, 200)
    assert caught.value.reason == "bad_encoding"


def test_ten_stacked_codings_are_refused() -> None:
    body = PAGE
    for _ in range(10):
        body = packed(body)
    assert refusal(body, ", ".join(["gzip"] * 10)) == "bad_encoding"


def test_a_bomb_stops_at_the_cap_and_at_the_ratio() -> None:
    bomb = packed(b"\0" * (8 * MIB))
    assert refusal(bomb, "gzip", most=4 * MIB, ratio=10_000) == "too_large"
    assert refusal(bomb, "gzip", ratio=100) == "too_large"
    assert refusal(packed(bomb), "gzip, gzip") == "too_large"
    assert len(unpacked(bomb, "gzip", ratio=10_000)) == 8 * MIB


def test_many_small_members_share_one_cap() -> None:
    member = packed(b"\0" * 100_000)
    assert refusal(member * 30, "gzip", most=2 * MIB, ratio=10_000) == "too_large"


def test_a_small_page_of_spaces_is_no_bomb() -> None:
    assert len(unpacked(packed(b" " * 500_000), "gzip", ratio=10)) == 500_000
