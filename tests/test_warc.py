"""WARC files: what is written is read by every reader, and what is damaged is named and skipped."""

from __future__ import annotations

import gzip
import hashlib
import io
import uuid
import zlib
from collections.abc import Iterator
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType
from warcio.checker import Checker

from storage import makers
from storage.errors import ArchiveDamaged, ArchiveNotFound
from storage.files import cut
from storage.members import RecordInfo, iter_records
from storage.records import Capture, Exchange
from storage.warc import WarcWriter, read_exchange

NOW = datetime(2026, 9, 1, 8, 30, tzinfo=UTC)
REQUEST = b"GET /news/1 HTTP/1.1\r\nHost: news.example.edu\r\n\r\n"
HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Campus: \xe6\xa0\xa1\xe5\x9b\xad \xff\r\n"
    b"Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n"
)


def exchange(
    number: int = 1, body: bytes = b"<p>body</p>", head: bytes = HEAD, status: int = 200, **more: object
) -> Exchange:
    url = f"http://news.example.edu/news/{number}"
    when = NOW + timedelta(seconds=number)
    return Exchange(url, "GET", REQUEST, head, body, status, when, "192.0.2.7", "text/html", **more)  # type: ignore[arg-type]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "warc").mkdir()
    return tmp_path


def write(root: Path, *exchanges: Exchange, **options: object) -> list[Capture]:
    writer = WarcWriter(root, 7, **options)  # type: ignore[arg-type]
    captures = [writer.write(one) for one in exchanges]
    writer.finish()
    writer.sync()
    writer.settle()
    return captures


def only(root: Path) -> Path:
    (path,) = (root / "warc").glob("*.warc.gz")
    return path


def flaws(path: Path) -> list[tuple[int, str]]:
    return [(info.offset, name) for info in iter_records(path) for name, _ in info.flaws]


def spans(path: Path) -> list[RecordInfo]:
    return list(iter_records(path))


def test_what_was_written_is_read_back_byte_for_byte(root: Path) -> None:
    body = gzip.compress(b"<p>content coding stays</p>")
    (capture,) = write(root, exchange(body=body))
    assert read_exchange(root / capture.warc, capture.offset, capture.length) == (HEAD, body)
    assert capture.payload_digest == "sha256:" + hashlib.sha256(body).hexdigest()
    assert capture.fetched_at == "2026-09-01T08:30:01+00:00"


def test_a_file_opens_with_warcinfo_and_pairs_request_with_response(root: Path) -> None:
    (capture,) = write(root, exchange())
    info, response, request = (span.headers for span in iter_records(only(root)))
    assert [h["warc-type"] for h in (info, response, request)] == ["warcinfo", "response", "request"]
    assert info["warc-filename"] == only(root).name == "20260901083001-r7-1.warc.gz"
    assert request["warc-concurrent-to"] == response["warc-record-id"] == f"<{capture.record_id}>"
    assert response["warc-ip-address"] == "192.0.2.7"
    assert response["warc-date"] == "2026-09-01T08:30:01Z"
    assert response["warc-target-uri"] == request["warc-target-uri"] == "http://news.example.edu/news/1"


def test_warcio_check_passes(root: Path) -> None:
    original = write(root, exchange())[0]
    writer = WarcWriter(root, 8)
    writer.write(exchange(2), revisit_of=original)
    writer.write(exchange(3, b"", b"HTTP/1.1 304 Not Modified\r\n\r\n", 304), revisit_of=original)
    writer.finish()
    writer.sync()
    writer.settle()
    for path in (root / "warc").iterdir():
        checker = Checker(SimpleNamespace(inputs=[str(path)], verbose=True))
        with redirect_stdout(io.StringIO()) as said:
            checker.process_all()
        assert checker.exit_value == 0, said.getvalue()
        assert "digest pass" in said.getvalue()


def test_fastwarc_verifies_every_digest(root: Path) -> None:
    write(root, exchange(1), exchange(2, b""), exchange(3, b"x" * 300_000))
    verified = 0
    with only(root).open("rb") as stream:
        for record in ArchiveIterator(stream, parse_http=False):
            assert record.verify_block_digest()
            if record.record_type != WarcRecordType.warcinfo:
                record.parse_http(auto_decode="none")
                assert record.verify_payload_digest()
                verified += 1
    assert verified == 6


def test_an_unchanged_payload_becomes_a_revisit_of_the_first(root: Path) -> None:
    writer = WarcWriter(root, 7)
    first = writer.write(exchange())
    again = writer.write(exchange(), revisit_of=first)
    writer.sync()
    writer.close()
    headers = spans(root / (first.warc + ".open"))[3].headers
    assert headers["warc-type"] == "revisit"
    assert headers["warc-profile"].endswith("/1.1/revisit/identical-payload-digest")
    assert headers["warc-refers-to"] == f"<{first.record_id}>"
    assert headers["warc-refers-to-target-uri"] == exchange().url
    assert headers["warc-refers-to-date"] == "2026-09-01T08:30:01Z"
    assert headers["warc-payload-digest"] == first.payload_digest
    assert read_exchange(root / (again.warc + ".open"), again.offset, again.length) == (HEAD, b"")


def test_not_modified_becomes_a_revisit_of_its_own_profile(root: Path) -> None:
    writer = WarcWriter(root, 7)
    first = writer.write(exchange())
    writer.write(exchange(1, b"", b"HTTP/1.1 304 Not Modified\r\n\r\n", 304), revisit_of=first)
    writer.sync()
    writer.close()
    headers = spans(root / (first.warc + ".open"))[3].headers
    assert headers["warc-profile"].endswith("/server-not-modified")
    assert headers["warc-payload-digest"] == first.payload_digest
    assert headers["warc-refers-to-date"] == "2026-09-01T08:30:01Z"


def test_a_cut_off_body_says_why(root: Path) -> None:
    write(root, exchange(truncated="length"))
    assert spans(only(root))[1].headers["warc-truncated"] == "length"


@pytest.mark.parametrize("tail", ["\r\nWARC-Type: warcinfo", "\n", "\x00", " and more", "\x7f"])
def test_no_address_can_write_headers_of_its_own(root: Path, tail: str) -> None:
    evil = exchange()
    evil = Exchange(evil.url + tail, *[getattr(evil, name) for name in evil.__slots__[1:]])
    writer = WarcWriter(root, 7)
    with pytest.raises(ValueError, match="WARC-Target-URI"):
        writer.write(evil)
    writer.close()
    assert list((root / "warc").iterdir()) == []


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\nA: b\r\n\r\n", b""])
def test_a_head_that_would_move_the_payload_is_refused(root: Path, head: bytes) -> None:
    with pytest.raises(ValueError, match="blank line"):
        WarcWriter(root, 7).write(exchange(head=head))


def test_a_full_file_is_followed_by_the_next(root: Path) -> None:
    captures = write(root, *(exchange(n, bytes([n]) * 5000) for n in range(1, 4)), max_bytes=500)
    assert [capture.warc.rpartition("-")[2] for capture in captures] == [
        "1.warc.gz",
        "2.warc.gz",
        "3.warc.gz",
    ]
    assert all(capture.offset > 0 for capture in captures), "each begins with its own warcinfo"


def test_ids_and_time_are_arguments_so_files_repeat_byte_for_byte(tmp_path: Path) -> None:
    def ids() -> Iterator[uuid.UUID]:
        yield from (uuid.UUID(int=number) for number in range(100))

    contents = []
    for name in ("a", "b"):
        (tmp_path / name / "warc").mkdir(parents=True)
        write(tmp_path / name, exchange(), new_id=ids().__next__)
        contents.append(only(tmp_path / name).read_bytes())
    assert contents[0] == contents[1]


def test_without_isal_plain_zlib_writes_the_same_records(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(makers, "igzip_lib", None)
    (capture,) = write(root, exchange())
    assert read_exchange(root / capture.warc, capture.offset, capture.length)[1] == b"<p>body</p>"
    assert flaws(only(root)) == []


def test_a_file_deleted_under_the_writer_is_not_acknowledged(root: Path) -> None:
    writer = WarcWriter(root, 7)
    capture = writer.write(exchange())
    (root / (capture.warc + ".open")).unlink()
    with pytest.raises(ArchiveNotFound, match="vanished"):
        writer.sync()
    writer.close()


def test_reading_where_no_response_is_names_the_offset(root: Path) -> None:
    (capture,) = write(root, exchange())
    with pytest.raises(ArchiveDamaged, match="offset 3"):
        read_exchange(root / capture.warc, 3, capture.length)


def test_cutting_keeps_what_was_cut(root: Path) -> None:
    path = root / "warc" / "x.warc.gz.open"
    path.write_bytes(b"committed" + b"torn tail")
    assert cut(path, 9) == 9
    assert (path.read_bytes(), (root / "warc" / "x.warc.gz.torn").read_bytes()) == (
        b"committed",
        b"torn tail",
    )
    assert cut(path, 9) == 0
    path.write_bytes(b"committed" + b"again")
    cut(path, 9)
    assert (root / "warc" / "x.warc.gz.torn").read_bytes() == b"torn tail"
    assert (root / "warc" / "x.warc.gz.torn2").read_bytes() == b"again"


# Damage, made here: each case takes a sound file of five exchanges and returns the flaws it must show.


@pytest.fixture
def sound(root: Path) -> Path:
    write(root, *(exchange(number, f"<p>{number}</p>".encode() * 20) for number in range(1, 6)))
    path = only(root)
    assert flaws(path) == []
    return path


def test_an_empty_file_holds_nothing_and_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "x.warc.gz").touch()
    assert spans(tmp_path / "x.warc.gz") == []


@pytest.mark.parametrize("left", [1, 2, 11, 60, 200, -8, -1])
def test_a_torn_last_record_is_found_and_the_rest_is_read(sound: Path, left: int) -> None:
    last = spans(sound)[-1]
    end = last.offset + (left if left > 0 else last.length + left)
    sound.write_bytes(sound.read_bytes()[:end])
    assert flaws(sound) == [(last.offset, "torn")]


@pytest.mark.parametrize("byte", [0, 2, 3, 12, 60, 150, 200, -1, -4, -5, -8])
def test_a_flipped_bit_costs_one_record(sound: Path, byte: int) -> None:
    before = spans(sound)
    hurt = before[3]
    at = hurt.offset + byte % hurt.length
    data = bytearray(sound.read_bytes())
    data[at] ^= 0x10
    sound.write_bytes(data)
    after = spans(sound)
    assert [info.offset for info in after if info.flaws] in ([hurt.offset], [])
    assert {info.offset for info in before[4:]} <= {info.offset for info in after}
    if byte not in (3,):  # gzip's flags may take a bit without harm
        assert after != before


def test_a_hole_is_named_with_where_it_ends(sound: Path) -> None:
    hurt = spans(sound)[4]
    data = bytearray(sound.read_bytes())
    data[hurt.offset : hurt.offset + hurt.length] = bytes(hurt.length)
    sound.write_bytes(data)
    assert flaws(sound) == [(hurt.offset, "hole")]
    assert len(spans(sound)) == 11


def test_a_cut_in_the_middle_leaves_what_follows_in_reach(sound: Path) -> None:
    hurt = spans(sound)[4]
    data = sound.read_bytes()
    sound.write_bytes(data[: hurt.offset + 40] + data[hurt.offset + hurt.length :])
    damaged = flaws(sound)
    assert [offset for offset, _ in damaged] == [hurt.offset]
    assert len(spans(sound)) == 11


def test_a_record_written_twice_is_found(sound: Path) -> None:
    twice = spans(sound)[3]
    data = sound.read_bytes()
    sound.write_bytes(data + data[twice.offset : twice.offset + twice.length])
    assert flaws(sound) == [(len(data), "duplicate_id")]


def test_one_gzip_stream_over_all_records_is_found(sound: Path) -> None:
    sound.write_bytes(gzip.compress(gzip.decompress(sound.read_bytes())))
    assert flaws(sound) == [(0, "several_records")]


def test_plain_content_is_told_by_its_bytes_not_its_name(sound: Path) -> None:
    sound.write_bytes(gzip.decompress(sound.read_bytes()))
    assert flaws(sound) == [(0, "not_compressed")]


RECORD = (
    b"WARC/1.1\r\nWARC-Type: resource\r\nWARC-Record-ID: <urn:uuid:5>\r\n"
    b"WARC-Date: 2026-09-01T08:30:00Z\r\nContent-Length: 5\r\n\r\nhello\r\n\r\n"
)


@pytest.mark.parametrize(
    ("old", "new", "flaw"),
    [
        (b"Content-Length: 5", b"Content-Length: 4", "content_length"),
        (b"Content-Length: 5", b"Content-Length: 50", "content_length"),
        (b"Content-Length: 5", b"Content-Length: -5", "content_length"),
        (b"Content-Length: 5", b"Content-Length: " + b"9" * 5000, "content_length"),
        (b"Content-Length: 5\r\n", b"", "missing_header"),
        (b"2026-09-01T08", b"2026-13-41T99", "bad_date"),
        (b"2026-09-01T08:30:00Z", b"yesterday", "bad_date"),
        (b"WARC/1.1", b"WARC/9.9", "no_record"),
        (b"Content-Length", b"WARC-Payload-Digest: sha1:AAAA\r\nContent-Length", "payload_digest"),
        (b"Content-Length", b"WARC-Block-Digest: sha256:00\r\nContent-Length", "block_digest"),
        (b"WARC-Date", b"WARC-Type: warcinfo\r\nWARC-Date", "repeated_header"),
        (b"WARC-Date", b"no colon here\r\nWARC-Date", "bad_header"),
        (b"WARC-Date", b"X-Evil: a\nb\r\nWARC-Date", "bad_header"),
        (b"WARC-Date", b"X-Long: " + b"x" * 400_000 + b"\r\nWARC-Date", "no_record"),
        (b"\r\n\r\n", b"", "no_record"),
    ],
)
def test_a_wrong_header_is_found(tmp_path: Path, old: bytes, new: bytes, flaw: str) -> None:
    path = tmp_path / "x.warc.gz"
    path.write_bytes(
        gzip.compress(RECORD) + gzip.compress(RECORD.replace(b"uuid:5", b"uuid:6").replace(old, new))
    )
    (found,) = flaws(path)
    assert found[1] == flaw


@pytest.mark.parametrize(
    "digest", ["sha1:VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2N", "sha1:aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"]
)
def test_digests_of_other_writers_are_checked_too(tmp_path: Path, digest: str) -> None:
    path = tmp_path / "x.warc.gz"
    line = f"WARC-Block-Digest: {digest}\r\nContent-Length".encode()
    path.write_bytes(gzip.compress(RECORD.replace(b"Content-Length", line)))
    assert flaws(path) == []


def test_a_long_but_bounded_header_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    path.write_bytes(
        gzip.compress(RECORD.replace(b"WARC-Date", b"X-Long: " + b"x" * 70_000 + b"\r\nWARC-Date"))
    )
    assert flaws(path) == []


def test_a_bomb_is_walked_through_in_bounded_memory(tmp_path: Path) -> None:
    packer = zlib.compressobj(9, wbits=31)
    parts = [packer.compress(RECORD.replace(b": 5", b": 1000000000"))]
    parts += [packer.compress(bytes(1 << 20)) for _ in range(64)]
    path = tmp_path / "x.warc.gz"
    path.write_bytes(b"".join(parts) + packer.flush())
    (info,) = spans(path)
    assert [name for name, _ in info.flaws] == ["content_length"]
