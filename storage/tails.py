"""What was cut off WARC files as never acknowledged, put back where it lay. Does I/O.

A catalogue that lost its last commits takes what they acknowledged for the torn tail of a killed run.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from storage.files import MAKING, OPEN, TORN, sync_directory
from storage.frame_members import iter_records

TAKEN = ".taken"


def tails(root: Path) -> Iterator[tuple[Path, int, int]]:
    """Yield each tail that was cut off: its file, how far it is sound, how many records in it tell something.

    A commit was at least tried where one does: nothing is told before.
    """
    for path in sorted((root / "warc").glob(f"*{TORN}*")):
        if not path.name.endswith(TAKEN):
            yield path, *_extent(path)


def take_back(root: Path) -> set[Path]:
    """Put back every tail in which something is told; return the files that got one.

    What stays unread at its end stays aside too; the tail is kept, renamed.
    """
    return {_put_back(path, length) for path, length, told in list(tails(root)) if told}


def _extent(path: Path) -> tuple[int, int]:
    end, told, before = 0, 0, ""
    for info in iter_records(path):
        if info.flaws:
            break
        kind = info.headers["warc-type"]
        told += kind == "metadata" and before != "warcinfo"  # every file begins with a word on its run
        end, before = info.offset + info.length, kind
    return end, told


def _put_back(tail: Path, length: int) -> Path:
    """Append a tail to its file, which at every moment is there as it was or whole."""
    file = tail.with_name(tail.name.partition(TORN)[0])
    still = file.with_name(file.name + OPEN)
    file = still if still.exists() else file
    if not _ends_with(file, tail, length):
        making = file.with_name(tail.name.partition(TORN)[0] + MAKING)
        with making.open("wb") as joined:
            for path in filter(Path.exists, (file, tail)):
                with path.open("rb") as part:
                    shutil.copyfileobj(part, joined)
            joined.truncate(joined.tell() - tail.stat().st_size + length)
            joined.flush()
            os.fsync(joined.fileno())
        making.replace(file)
        sync_directory(file.parent)
    tail.rename(tail.with_name(tail.name + TAKEN))
    return file


def _ends_with(file: Path, tail: Path, length: int) -> bool:
    """Tell whether a tail was put back before, and only its name stayed."""
    if not file.exists() or file.stat().st_size < length:
        return False
    with file.open("rb") as whole, tail.open("rb") as part:
        whole.seek(-length, os.SEEK_END)
        pieces = iter(lambda: part.read(min(1 << 20, length - part.tell())), b"")
        return all(whole.read(len(piece)) == piece for piece in pieces)
