"""Fixity of compacted files: every damage is found, named with its place, and never a traceback."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from storage import Archive
from storage import compact as compacting
from storage.compact import compact
from storage.errors import ArchiveDamaged
from storage.findings import PROBLEMS
from storage.frame_members import iter_records
from storage.frames import DICTIONARY, Codec, FrameError, engine, skippable
from storage.records import Capture
from storage.restore import members, origin
from storage.verify import verify

from .catalogue_sql import sql
from .compacting import archive_of, captures, exchange

pytestmark = [
    pytest.mark.usefixtures("catalogue"),
    pytest.mark.skipif(
        find_spec("zstandard") is None, reason="zstandard is not installed: pip install 'campusnews[zstd]'"
    ),
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A compacted archive of twenty pages, half of them kept unpacked."""
    stories = [exchange("news", number, packed=number % 2 == 0) for number in range(20)]
    path = archive_of(tmp_path / "archive", stories)
    with Archive.open(path, write=True) as archive:
        list(compact(archive))
    assert list(verify(path)) == []
    return path


def only(root: Path) -> Path:
    (path,) = (root / "warc").iterdir()
    return path


def seventh(root: Path) -> Capture:
    with Archive.open(root) as archive:
        return captures(archive)["http://news.example.edu/7.htm"]


def problems(root: Path) -> set[str]:
    return {finding.problem for finding in verify(root)}


def flipped(data: bytes, at: int, bit: int = 4) -> bytes:
    return data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :]


def turned(data: bytes, at: int) -> bytes:
    """Return the file with bytes turned over: one bit alone may name another place with the same text."""
    return data[:at] + bytes(byte ^ 0xFF for byte in data[at : at + 8]) + data[at + 8 :]


def again(data: bytes, capture: Capture, **how: object) -> bytes:
    """Return the file with one frame made anew, another way."""
    library = engine()
    size = int.from_bytes(data[4:8], "little")
    held = library.ZstdCompressionDict(library.ZstdDecompressor().decompress(data[8 : 8 + size]))
    reader = library.ZstdDecompressor(dict_data=held)
    record = reader.decompress(data[capture.offset : capture.offset + capture.length])
    record = how.pop("edit", lambda record: record)(record)  # type: ignore[operator]
    options = {"write_checksum": True, "dict_data": held} | how
    frame = library.ZstdCompressor(**options).compress(record)
    return data[: capture.offset] + frame + data[capture.offset + capture.length :]


Damage = Callable[[bytes, Capture], bytes]
DAMAGES: dict[str, tuple[Damage, str]] = {
    "bytes turned over": (lambda data, at: turned(data, at.offset + at.length // 2), "bad_frame"),
    "a flipped bit of the checksum": (lambda data, at: flipped(data, at.offset + at.length - 1), "bad_frame"),
    "a flipped bit of the magic": (lambda data, at: flipped(data, at.offset), "not_zstd"),
    "a torn tail": (lambda data, at: data[: at.offset + at.length - 5], "torn"),
    "cut after a record": (lambda data, at: data[: at.offset], "missing_record"),
    "a hole": (lambda data, at: data[: at.offset] + bytes(at.length) + data[at.offset + at.length :], "hole"),
    "a record twice": (lambda data, at: data + data[at.offset : at.offset + at.length], "long_file"),
    "text in its place": (lambda data, at: b"some text " * 900, "not_zstd"),
    "nothing": (lambda data, at: b"", "short_file"),
    "no checksum": (lambda data, at: again(data, at, write_checksum=False), "bad_frame"),
    "no size": (lambda data, at: again(data, at, write_content_size=False), "bad_frame"),
    "no dictionary": (lambda data, at: again(data, at, dict_data=None), "record_length"),
    "an edited page": (
        lambda data, at: again(data, at, edit=lambda record: record.replace(b"Story 7", b"Story 8")),
        "payload_digest",
    ),
    "an edited header": (
        lambda data, at: again(
            data, at, edit=lambda record: record.replace(b"/7.htm\r\nWARC", b"/8.htm\r\nWARC")
        ),
        "url",
    ),
    "a dictionary that is none": (
        lambda data, at: skippable(DICTIONARY, b"nonsense") + data,
        "bad_dictionary",
    ),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_named_with_its_file(name: str, root: Path) -> None:
    damage, problem = DAMAGES[name]
    path, capture = only(root), seventh(root)
    path.write_bytes(damage(path.read_bytes(), capture))
    found = list(verify(root))
    assert problem in {finding.problem for finding in found} <= set(PROBLEMS)
    assert "file_digest" in {finding.problem for finding in found}
    assert {finding.file for finding in found} == {f"warc/{path.name}"}
    assert all(finding.damage for finding in found)


@pytest.mark.parametrize("name", ["bytes turned over", "a hole", "a torn tail", "a flipped bit of the magic"])
def test_the_record_is_named_and_the_others_stay_in_reach(name: str, root: Path) -> None:
    path, capture = only(root), seventh(root)
    path.write_bytes(DAMAGES[name][0](path.read_bytes(), capture))
    found = list(verify(root))
    assert (capture.offset, capture.record_id) in {(finding.offset, finding.record) for finding in found}
    with Archive.open(root) as archive:
        there = captures(archive).values()
        for each in there:
            if each.offset < capture.offset or (each.offset > capture.offset and name != "a torn tail"):
                archive.payload(each)
        with pytest.raises(ArchiveDamaged):
            archive.payload(capture)


def test_a_flipped_bit_anywhere_is_seen(root: Path) -> None:
    path = only(root)
    data = path.read_bytes()
    for at in range(0, len(data), 211):
        path.write_bytes(flipped(data, at, 1))
        assert "file_digest" in problems(root), at


def test_a_flipped_bit_in_the_dictionary_is_told_once_and_no_wrong_page_is_given(root: Path) -> None:
    path, capture = only(root), seventh(root)
    data = path.read_bytes()
    size = int.from_bytes(data[4:8], "little")
    for at in range(8, 8 + size, size // 9):
        path.write_bytes(flipped(data, at))
        found = [finding for finding in verify(root) if finding.problem == "bad_dictionary"]
        assert [finding.offset for finding in found] == [0], at
        with Archive.open(root) as archive, pytest.raises(ArchiveDamaged, match="campusnews verify"):
            archive.payload(capture)


def test_a_large_file_has_its_dictionary_twice_and_is_read_by_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compacting, "_SPARE", 1.0)  # of what takes a minute to make, a large file
    root = archive_of(tmp_path / "archive", [exchange("news", number) for number in range(20)])
    with Archive.open(root, write=True) as archive:
        list(compact(archive))
        expected = archive.payload(captures(archive)["http://news.example.edu/7.htm"])
    path, capture = only(root), seventh(root)
    data = path.read_bytes()
    for at in (0, 5, 9, int.from_bytes(data[4:8], "little") - 3, len(data) - 9):
        path.write_bytes(flipped(data, at))
        found = list(verify(root))
        assert "file_digest" in {finding.problem for finding in found}, at
        assert "missing_record" not in {finding.problem for finding in found}, at
        with Archive.open(root) as archive:
            assert archive.payload(capture) == expected, at


def test_a_flipped_bit_of_a_frame_is_seen_or_changes_nothing(root: Path) -> None:
    path, capture = only(root), seventh(root)
    data, sound = path.read_bytes(), [info.headers for info in iter_records(path)]
    frame = range(capture.offset, capture.offset + capture.length)
    for at in frame[:: max(1, len(frame) // 150)]:
        path.write_bytes(flipped(data, at, 1 << at % 8))
        found = list(iter_records(path))
        assert any(info.flaws for info in found) or [info.headers for info in found] == sound, at


def test_cut_anywhere_it_is_torn_or_short(root: Path) -> None:
    path = only(root)
    data = path.read_bytes()
    for length in range(0, len(data), 307):
        path.write_bytes(data[:length])
        assert problems(root) & {"short_file", "torn", "bad_dictionary"}, length


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ('UPDATE captures SET "offset" = "offset" + 1 WHERE id = 8', "missing_record"),
        ("UPDATE captures SET length = 5 WHERE id = 8", "record_length"),
        ("UPDATE captures SET payload_digest = 'sha256:0' WHERE id = 8", "payload_digest"),
        ("UPDATE warcs SET records = records + 1", "record_count"),
        ("UPDATE warcs SET length = length - 5", "torn"),
    ],
)
def test_a_catalogue_that_names_what_is_not_there_is_found(root: Path, statement: str, problem: str) -> None:
    sql(root, statement)
    assert problem in problems(root)


def test_a_file_of_which_nobody_tells_what_it_was_is_not_restored(tmp_path: Path) -> None:
    path = tmp_path / "foreign.warc.zst"
    path.write_bytes(engine().ZstdCompressor(write_checksum=True).compress(b"WARC/1.1\r\n\r\n"))
    with pytest.raises(ArchiveDamaged, match="does not tell what it was compacted from"):
        origin(path)
    with pytest.raises(ArchiveDamaged):
        list(members(path))


def test_a_header_that_promises_the_moon_costs_no_memory() -> None:
    frame = bytearray(engine().ZstdCompressor(write_checksum=True).compress(b"x" * 100_000))
    assert frame[4] >> 6 == 2, "four bytes tell the size"
    huge = b"\x28\xb5\x2f\xfd" + bytes([frame[4] | 0xC0]) + (1 << 60).to_bytes(8, "little") + bytes(frame[9:])
    with pytest.raises(FrameError, match="none that can be"):
        Codec().content(huge)
