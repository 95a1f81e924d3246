"""WARC files as files: made, synced, cut and named so that a crash leaves what can be told apart. Does I/O.

A file is `<name>.open` on the disk until all of it is committed; the catalogue knows only its final name.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from storage.errors import ArchiveNotFound

OPEN = ".open"
TORN = ".torn"
BEFORE = ".before-repair"
MAKING = ".repairing"
PART = ".part"  # a rewritten file until it is whole
_NAME = re.compile(r".*-r(\d+)-(\d+)\.warc\.(?:gz|zst)")
_TWINS = {".warc.gz": ".warc.zst", ".warc.zst": ".warc.gz"}


class WarcFile:
    """One file while it is written: `<name>.open` on disk until everything in it is committed."""

    def __init__(self, root: Path, name: str) -> None:
        self.name = name
        self.length = self.records = 0
        self.closed = False
        self._path = root / (name + OPEN)
        self._stream = self._path.open("xb", buffering=1 << 20)
        self._digest = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """The digest of all that was appended so far."""
        return self._digest.hexdigest()

    def append(self, member: bytes) -> int:
        """Write one gzip member and return its offset."""
        offset = self.length
        self._stream.write(member)
        self._digest.update(member)
        self.length += len(member)
        self.records += 1
        return offset

    def flush(self) -> None:
        """Let readers see what was appended."""
        self._stream.flush()

    def sync(self) -> None:
        """Bring bytes and directory entry to the disk; an error is fatal: the kernel reports it only once."""
        self._stream.flush()
        os.fsync(self._stream.fileno())
        here = self._path.exists() and self._path.stat()
        if not here or not os.path.samestat(here, os.fstat(self._stream.fileno())):
            raise ArchiveNotFound(f"{self._path}: vanished while it was written; nothing was recreated")
        sync_directory(self._path.parent)

    def close(self) -> None:
        """Let go of the file, under whatever name it has."""
        self._stream.close()

    def settle(self) -> None:
        """Give the file its final name."""
        finalise(self._path)


def locate(root: Path, name: str) -> Path:
    """Return where a WARC file lies: under its final name, or still `.open`."""
    final = root / name
    still = final.with_name(final.name + OPEN)
    return still if not final.exists() and still.exists() else final


def twin(name: str) -> str:
    """Return a WARC file's name in its other form: `.warc.gz` as written, `.warc.zst` compacted."""
    form = next(form for form in _TWINS if name.endswith(form))
    return name.removesuffix(form) + _TWINS[form]


def written(name: str) -> str:
    """Return the name a WARC file had when it was written, whatever form it has now."""
    return twin(name) if name.endswith(".warc.zst") else name


def warc_files(root: Path) -> Iterator[Path]:
    """Iterate an archive's WARC files, in no order: compacted or not, finished or not."""
    return (path for path in (root / "warc").glob("*.warc.*") if is_warc(path.name))


def is_warc(name: str) -> bool:
    """Tell whether that is the name of a WARC file in one of its forms, or of one still written."""
    return name.removesuffix(OPEN).endswith(tuple(_TWINS))


def numbers(name: str) -> tuple[int, int]:
    """Return run and number of a WARC file, as its name has them; zeros for one not named by us."""
    found = _NAME.fullmatch(name.removesuffix(OPEN))
    return (int(found[1]), int(found[2])) if found else (0, 0)


def cut(path: Path, length: int) -> int:
    """Cut what lies past `length` and keep it as `<file>.torn`; return how many bytes that were."""
    size = path.stat().st_size
    if size <= length:
        return 0
    aside = free_name(path)
    with path.open("r+b") as file:
        file.seek(length)
        try:
            _keep(file, aside)
        except OSError:  # a full disk: nothing is cut, and no piece is left to make it fuller
            aside.unlink(missing_ok=True)
            raise
        file.truncate(length)
        os.fsync(file.fileno())
    sync_directory(path.parent)
    return size - length


def _keep(rest: BinaryIO, path: Path) -> None:
    with path.open("xb") as kept:
        while piece := rest.read(1 << 20):
            kept.write(piece)
        kept.flush()
        os.fsync(kept.fileno())


def put_aside(path: Path) -> None:
    """Rename a file of which nothing was committed to `<file>.torn`."""
    path.rename(free_name(path))
    sync_directory(path.parent)


def replace(path: Path, pieces: Iterable[bytes]) -> Path:
    """Give a file other bytes and return where the old ones are kept, as `<file>.before-repair`.

    At every moment the name leads to the old or to the new file, whole.
    """
    making = path.with_name(path.name + MAKING)
    with making.open("wb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    before = free_name(path, BEFORE)
    os.link(path, before)
    sync_directory(path.parent)
    making.replace(path)
    sync_directory(path.parent)
    return before


def remove(path: Path) -> None:
    """Take a file away, durably: only one that holds nothing of its own."""
    path.unlink()
    sync_directory(path.parent)


def rename(moves: Mapping[Path, Path]) -> None:
    """Give files other names, also each other's; one that is killed leaves `<name>-moving.warc.gz`."""
    between = {
        old: new.with_name(new.name.removesuffix(".warc.gz") + "-moving.warc.gz")
        for old, new in moves.items()
    }
    for old, name in between.items():
        old.rename(name)
    for old, new in moves.items():
        between[old].rename(new)
        sync_directory(new.parent)


def free_name(path: Path, ending: str = TORN) -> Path:
    """Return a name to put a file aside under, free yet: what was put aside before stays."""
    names = (path.name.removesuffix(OPEN) + ending + suffix for suffix in ("", *map(str, range(2, 10_000))))
    return next(free for name in names if not (free := path.with_name(name)).exists())


def finalise(path: Path) -> Path:
    """Take `.open` off a file's name, durably, and return the new path."""
    final = path.with_name(path.name.removesuffix(OPEN))
    path.rename(final)
    sync_directory(path.parent)
    return final


def sync_directory(path: Path) -> None:
    """Bring a directory's entries to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
