"""CDXJ: the index by which pywb and others find a capture in the WARC files. Writes only to `out`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO

from storage.cdxj import Sorted, lines
from storage.packed import Packed


def write_cdxj(files: Iterable[tuple[str, Iterable[Packed]]], out: BinaryIO) -> int:
    """Write a line for each capture, sorted by SURT and time, and return how many."""
    count = 0
    with Sorted() as index:
        for file, records in files:
            index.add(lines(file.rpartition("/")[2], records))
        for line in index:
            out.write(line)
            count += 1
    return count
