"""Compaction over SQLite and over PostgreSQL: one commit moves every capture, there and back."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from storage import Archive
from storage.compact import compact, undo
from storage.verify import verify

from .compacting import NOW, archive_of, everything, exchange, files, keep, payloads

pytestmark = [
    pytest.mark.usefixtures("catalogue"),
    pytest.mark.skipif(
        find_spec("zstandard") is None, reason="zstandard is not installed: pip install 'campusnews[zstd]'"
    ),
]


def test_every_file_comes_back_byte_for_byte(tmp_path: Path) -> None:
    root = archive_of(tmp_path / "archive", everything(), everything()[:3])
    before, pages = files(root), payloads(root)
    with Archive.open(root, write=True) as archive:
        assert all(result.into for result in compact(archive))
    assert not set(files(root)) & set(before)
    assert payloads(root) == pages
    assert list(verify(root)) == []
    with Archive.open(root, write=True) as archive:
        list(undo(archive))
    assert files(root) == before
    assert payloads(root) == pages
    assert list(verify(root)) == []


def test_a_crawl_goes_on_over_a_compacted_archive(tmp_path: Path) -> None:
    root = archive_of(tmp_path / "archive", everything())
    with Archive.open(root, write=True) as archive:
        list(compact(archive))
    with Archive.open(root, write=True) as archive:
        archive.begin_run(NOW, ["campus"])
        keep(archive, exchange("news", 1))  # a revisit of what lies in frames
        keep(archive, exchange("news", 99))
        archive.end_run(NOW, "done", {})
    assert list(verify(root)) == []
    assert len(payloads(root)) == 31
