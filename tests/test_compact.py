"""Compaction: several times smaller, read by everything, undone byte for byte, killed at any moment."""

from __future__ import annotations

import inspect
import os
import re
import shutil
import signal
import subprocess
import sys
import zlib
from argparse import Namespace
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from io import BytesIO
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from fastwarc.warc import ArchiveIterator
from warcio.checker import Checker

from storage import Archive, makers, recoding, restore
from storage import compact as compacting
from storage.compact import Rewritten, compact, room, undo, waiting
from storage.errors import ArchiveDamaged, ArchiveFull, ArchiveLocked, MissingExtra, NotRestored
from storage.frames import codec, dictionary, engine
from storage.verify import verify

from .catalogue_sql import sql
from .compacting import (
    NOW,
    archive_of,
    captures,
    everything,
    exchange,
    files,
    keep,
    payloads,
    picture,
)

pytestmark = [
    pytest.mark.usefixtures("catalogue"),
    pytest.mark.skipif(
        find_spec("zstandard") is None, reason="zstandard is not installed: pip install 'campusnews[zstd]'"
    ),
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An archive of one closed file and one with revisits of its pages."""
    return archive_of(tmp_path / "archive", everything(), everything()[:3])


def compacted(root: Path) -> list[Rewritten]:
    with Archive.open(root, write=True) as archive:
        return list(compact(archive))


def undone(root: Path, *, recompress: bool = False) -> list[Rewritten]:
    with Archive.open(root, write=True) as archive:
        return list(undo(archive, recompress=recompress))


def zst(root: Path) -> Path:
    return min((root / "warc").glob("*.warc.zst"))


def test_the_files_get_several_times_smaller_and_every_page_is_read_as_before(root: Path) -> None:
    before, pages = files(root), payloads(root)
    first, second = compacted(root)
    assert (first.unpacked, first.verbatim) == (10, 0)
    assert first.records >= 63, "a warcinfo, requests and responses, and what the archive adds"
    assert first.after < 0.8 * first.before, "a picture of 20 kB is in it"
    assert sorted(files(root)) == [Path(each.into or "").name for each in (first, second)]
    assert payloads(root) == pages
    assert list(verify(root)) == []
    assert len(before) == 2


def test_undo_makes_every_file_what_it_was_byte_for_byte(root: Path) -> None:
    before, pages = files(root), payloads(root)
    compacted(root)
    assert files(root) != before
    undone(root)
    assert files(root) == before
    assert payloads(root) == pages
    assert list(verify(root)) == []


def test_pages_alone_take_less_than_a_fifth(tmp_path: Path) -> None:
    root = archive_of(tmp_path / "archive", [exchange("news", number) for number in range(60)])
    (done,) = compacted(root)
    assert done.after < 0.45 * done.before


def test_what_is_compacted_already_is_left_alone(root: Path) -> None:
    compacted(root)
    before = files(root)
    assert compacted(root) == []
    assert files(root) == before
    undone(root)
    assert undone(root) == []


@pytest.mark.sqlite  # a copy has no catalogue of its own elsewhere
def test_the_same_file_gives_the_same_bytes(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root, tmp_path / "copy")
    compacted(root)
    compacted(tmp_path / "copy")
    assert files(root) == files(tmp_path / "copy")


def test_a_file_still_written_to_is_left_alone(root: Path) -> None:
    with Archive.open(root, write=True) as archive:
        archive.begin_run(NOW, ["campus"])
        for each in everything():
            keep(archive, each)
        archive.commit()
        assert len(waiting(archive)) == 2


def test_a_crawl_goes_on_over_a_compacted_archive(root: Path) -> None:
    compacted(root)
    with Archive.open(root, write=True) as archive:
        archive.begin_run(NOW, ["campus"])
        keep(archive, exchange("news", 1))  # a revisit of what lies in frames
        keep(archive, exchange("news", 99))
        archive.end_run(NOW, "done", {})
    assert list(verify(root)) == []
    assert len(payloads(root)) == 31


def test_a_capture_handed_out_before_is_found_after(root: Path) -> None:
    with Archive.open(root) as archive:
        before = captures(archive)
        compacted(root)
        archive.refresh()
        assert {url: archive.payload(capture) for url, capture in before.items()} == payloads(root)


def test_a_file_that_is_not_what_was_closed_is_not_touched(root: Path) -> None:
    file = min((root / "warc").iterdir())
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    before = files(root)
    with pytest.raises(ArchiveDamaged, match="campusnews verify"):
        compacted(root)
    assert files(root) == before


def test_a_capture_that_lies_nowhere_stops_it(root: Path) -> None:
    sql(root, 'UPDATE captures SET "offset" = "offset" + 1 WHERE id = 3')
    before = {name for name in files(root) if name.endswith(".gz")}
    with pytest.raises(ArchiveDamaged, match="1 captures are not where the catalogue says"):
        compacted(root)
    with Archive.open(root, write=True):
        pass
    assert set(files(root)) == before


def test_one_writer_at_a_time(root: Path) -> None:
    with Archive.open(root, write=True), pytest.raises(ArchiveLocked):
        compacted(root)


def test_a_file_with_next_to_nothing_in_it_stays(tmp_path: Path) -> None:
    root = archive_of(tmp_path / "archive", [picture(1)])
    (done,) = compacted(root)
    assert done.into is None


# Other tools


def test_other_tools_read_every_record_with_the_dictionary_of_the_file(root: Path) -> None:
    with _first(root).open("rb") as file:
        originals = {record.record_id for record in ArchiveIterator(file)}
    compacted(root)
    with zst(root).open("rb") as file:
        found = []
        for record in ArchiveIterator(file, parse_http=False):
            assert record.verify_block_digest()
            found.append((record.record_id, record.headers.get("Campusnews-Recoded")))
    assert {name for name, _ in found} == originals
    assert sum(recipe is not None for _, recipe in found) == 10


def test_what_is_in_the_frames_passes_warcio_check(root: Path, tmp_path: Path) -> None:
    compacted(root)
    plain = tmp_path / "plain.warc"
    plain.write_bytes(b"".join(contents(zst(root))))
    checker = Checker(Namespace(verbose=True, inputs=[str(plain)]))
    checker.process_all()
    assert checker.exit_value == 0


def test_the_file_is_laid_out_as_the_format_says(root: Path) -> None:
    compacted(root)
    data = zst(root).read_bytes()
    assert data[:4] == b"\x5d\x2a\x4d\x18"
    held = dictionary(zst(root))
    assert held is not None
    number = int.from_bytes(held[4:8], "little")
    assert 32768 <= number < 2**31
    for start in (member.offset for member in restore.members(zst(root))):
        told = engine().get_frame_parameters(data[start : start + 18])
        assert (told.dict_id, told.has_checksum) == (number, True)
        assert 0 < told.content_size < 100_000
        assert told.window_size <= 1 << 23


def contents(path: Path) -> Iterator[bytes]:
    reader, data = codec(path), path.read_bytes()
    for member in restore.members(path):
        yield reader.content(data[member.offset : member.offset + member.length])


def _first(root: Path) -> Path:
    return min((root / "warc").glob("*.warc.gz"))


# Bodies that servers packed


def test_a_page_whose_server_packed_it_is_kept_unpacked_and_given_back_packed(root: Path) -> None:
    compacted(root)
    kept = [record for record in contents(zst(root)) if recoding.is_unpacked(record)]
    assert all(b"<h1>Story" in record for record in kept)
    head, body = payloads(root)["http://news.example.edu/3.htm"]
    assert b"\r\nContent-Encoding: gzip\r\n" in head
    assert zlib.decompress(body, wbits=31) == exchange("news", 3).body


@pytest.mark.parametrize("level", range(1, 10))
def test_every_level_of_zlib_is_known(level: int) -> None:
    record = packed_record(exchange("news", 1).body * 3, level)
    made = recoding.Unpacker().unpacked(record)
    assert made is not None
    assert recoding.packed(made) == record


def packed_record(
    plain: bytes, level: int, head: bytes = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x04\x03"
) -> bytes:
    body = recoding.Way(level, 8, head).pack(plain)
    digest = recoding.hashlib.sha256(body).hexdigest()
    return (
        (
            f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Payload-Digest: sha256:{digest}\r\n"
            f"Content-Length: {len(body) + 45}\r\n\r\nHTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n"
        ).encode()
        + body
        + b"\r\n\r\n"
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda record: record.replace(b"gzip", b"br"),
        lambda record: record.replace(b"response", b"resource"),
        lambda record: record[:-5] + b"\1\r\n\r\n",
        lambda record: record[:-4] + b"trailing\r\n\r\n",
        lambda record: record.replace(b"\r\ncontent-", b"\r\nX-Archive-Orig-Server: a\r\ncontent-"),
        lambda record: record.replace(b"\x1f\x8b\x08\x00", b"\x1f\x8b\x08\x08"),
        lambda record: record.replace(b"\r\nWARC-Payload", b"\r\nX-WARC-Payload"),
    ],
)
def test_what_could_not_be_given_back_exactly_is_kept_as_it_is(change: Callable[[bytes], bytes]) -> None:
    record = change(packed_record(exchange("news", 1).body * 3, 6))
    assert recoding.Unpacker().unpacked(record) is None


def test_bodies_of_another_packer_are_tried_for_a_while_and_then_left_alone() -> None:
    unpacker = recoding.Unpacker()
    foreign = packed_record(exchange("news", 1).body * 3, 6).replace(b"\x1f\x8b", b"\x1f\x8b", 1)
    stored = zlib.compressobj(0, zlib.DEFLATED, 31)
    body = stored.compress(b"x" * 600) + stored.flush()
    foreign = foreign[: foreign.index(b"\x1f\x8b")] + body + b"\r\n\r\n"
    assert [unpacker.unpacked(foreign) for _ in range(70)] == [None] * 70
    assert unpacker.unpacked(packed_record(b"y" * 9000, 6)) is None, "given up"


def test_where_another_zlib_is_installed_pages_come_unpacked_and_no_damage_is_told(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compacted(root)
    monkeypatch.setattr(recoding.Way, "pack", lambda way, body: way.head + body[:9])
    head, body = payloads(root)["http://news.example.edu/3.htm"]
    assert body == exchange("news", 3).body
    assert b"\r\nX-Archive-Orig-Content-Encoding: gzip\r\n" in head
    found = list(verify(root))
    assert {(finding.problem, finding.damage) for finding in found if finding.problem == "other_zlib"} == {
        ("other_zlib", False)
    }
    with pytest.raises(NotRestored, match="another zlib"):
        undone(root)


# Who made the gzip members


def test_members_of_two_makers_are_all_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if len(makers.here()) < 2:
        pytest.skip("isal is not installed: one maker only")
    path, both = tmp_path / "archive", everything()[:20]
    with Archive.open(path, write=True, create=True) as archive:
        archive.begin_run(NOW, ["campus"])
        for number, each in enumerate(both):
            with monkeypatch.context() as patch:
                if number % 5 == 4:
                    patch.setattr(makers, "igzip_lib", None)
                keep(archive, each)
        archive.end_run(NOW, "done", {})
    before = files(path)
    (done,) = compacted(path)
    assert done.verbatim == 8, "request and response of each"
    assert list(verify(path)) == []
    undone(path)
    assert files(path) == before


def test_undo_names_the_release_it_needs_and_recompresses_only_when_asked(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages, before = payloads(root), files(root)
    compacted(root)
    packed = files(root)
    monkeypatch.setitem(makers.MAKERS, makers.here()[0], lambda data: zlib.compress(data, 1, wbits=31))
    with pytest.raises(NotRestored, match=re.escape(makers.release(makers.here()[0]))):
        undone(root)
    assert files(root) == packed, "nothing was touched"
    undone(root, recompress=True)
    assert set(files(root)) == set(before)
    assert files(root) != before
    assert payloads(root) == pages
    assert list(verify(root)) == []


def test_undo_without_the_library_that_made_it_says_so(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if makers.here()[0] != "isal":
        pytest.skip("isal is not installed: zlib made it")
    compacted(root)
    monkeypatch.setattr(makers, "igzip_lib", None)
    with pytest.raises(NotRestored, match=r"made by isal [0-9.]+ on \S+, which is not what is"):
        undone(root)


# Killed, full, without the library


def lines_of(*functions: Any) -> set[tuple[str, int]]:
    found = set()
    for function in functions:
        source, start = inspect.getsourcelines(function)
        name = inspect.getsourcefile(function) or ""
        found |= {(name, start + at) for at in range(len(source))}
    return found


STEPS = {
    "compact": (compact, compacting._compacted, compacting._undone, compacting._Part, compacting._remove),
    "undo": (undo, compacting._undone, compacting._Part, compacting._remove),
}


def killed_at(root: Path, work: Callable[[Path], object], lines: set[tuple[str, int]], step: int) -> bool:
    """Do the work in a process that is killed when it comes to its step-th new line; tell whether it was."""
    child = os.fork()
    if child == 0:
        seen: set[tuple[str, int]] = set()

        def trace(frame: FrameType, event: str, _argument: object) -> Any:
            place = (frame.f_code.co_filename, frame.f_lineno)
            if event == "line" and place in lines and place not in seen:
                seen.add(place)
                if len(seen) == step:
                    os.kill(os.getpid(), signal.SIGKILL)
            return trace

        sys.settrace(trace)
        try:
            work(root)
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("name", STEPS)
def test_a_kill_at_any_step_leaves_the_old_or_the_new_whole(
    name: str, catalogue: str, tmp_path: Path
) -> None:
    root = archive_of(tmp_path / "archive", everything()[:8])
    pages = payloads(root)
    work, back, done = (compacted, undone, "zst") if name == "compact" else (undone, compacted, "gz")
    lines, forms = lines_of(*STEPS[name], Archive.move, Archive.commit), set()
    for step in count(1, 1 if catalogue == "sqlite" else 3):
        if form(root) == done:
            back(root)
        if not killed_at(root, work, lines, step):
            break
        assert payloads(root) == pages, step
        with Archive.open(root, write=True):
            pass
        assert list(verify(root)) == [], step
        forms.add(form(root))
        assert payloads(root) == pages, step
    assert forms == {"gz", "zst"}, "some kills came before the commit, some after"
    assert list(verify(root)) == [], "and what no kill stopped is done"
    assert form(root) == done
    assert step > 25


def form(root: Path) -> str:
    (file,) = files(root)
    return file.rpartition(".")[2]


def test_what_a_kill_left_is_told_and_then_taken_away(root: Path) -> None:
    before = files(root)
    (root / "warc" / "20260901080000-r1-1.warc.zst.part").write_bytes(b"begun")
    _first(root).with_name(_first(root).name.replace(".gz", ".zst")).write_bytes(b"whole, uncommitted")
    found = list(verify(root))
    assert [(finding.problem, finding.damage) for finding in found] == [("leftover", False)] * 2
    with Archive.open(root, write=True):
        pass
    assert files(root) == before


def test_the_old_file_stays_where_the_new_one_was_damaged_since(root: Path) -> None:
    old = _first(root)
    data = old.read_bytes()
    compacted(root)
    old.write_bytes(data)
    zst(root).write_bytes(zst(root).read_bytes()[:-9])
    with Archive.open(root, write=True):
        pass
    assert old.read_bytes() == data


def test_too_little_room_is_told_before_anything_is_written(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Archive.open(root) as archive:
        needed, free = room(archive)
    assert needed == max(file.stat().st_size for file in (root / "warc").iterdir())
    assert free > needed
    little = type(shutil.disk_usage(root))(1, 1, 1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: little)
    before = files(root)
    with pytest.raises(ArchiveFull, match="1,000 are free"):
        compacted(root)
    assert files(root) == before


def test_a_disk_that_fills_up_all_the_same_leaves_the_old_file(root: Path) -> None:
    before = files(root)
    code = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (12_000, 12_000))\n"
        "from scraper.cli import main\n"
        "main(['compact', '-a', sys.argv[1]])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(root)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 5, done.stderr
    assert files(root) == before
    assert list(verify(root)) == []


def test_without_the_library_the_message_has_the_line_to_type(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = captures_of(root)
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(MissingExtra, match=r"pip install 'campusnews\[zstd\]'"):
        compacted(root)
    monkeypatch.undo()
    compacted(root)
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with Archive.open(root) as archive, pytest.raises(MissingExtra, match="zstd"):
        archive.payload(captures(archive)[next(iter(pages))])


def captures_of(root: Path) -> dict[str, object]:
    with Archive.open(root) as archive:
        return dict(captures(archive))


def test_many_threads_read_one_file(root: Path) -> None:
    expected = payloads(root)
    compacted(root)
    with Archive.open(root) as archive:
        places = captures(archive)
    from storage.warc import read_captured

    with ThreadPoolExecutor(16) as pool:
        for _ in range(20):
            found = pool.map(lambda each: read_captured(zst(root), each), places.values())
            assert dict(zip(places, found, strict=True)) == expected


def test_the_dictionary_of_many_sites_has_room_for_each(tmp_path: Path) -> None:
    stories = [exchange(f"site{number % 12}", number) for number in range(60)]
    root = archive_of(tmp_path / "archive", stories)
    (done,) = compacted(root)
    assert done.into
    assert done.after < 0.45 * done.before


def test_restored_bytes_are_the_file_for_whoever_exports_it(root: Path) -> None:
    data = _first(root).read_bytes()
    compacted(root)
    assert b"".join(member.data for member in restore.members(zst(root))) == data
    assert BytesIO(data).read(2) == b"\x1f\x8b"
