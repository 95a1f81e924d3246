"""A file that is written whole or not at all, and never over another without leave. Does I/O."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from storage.errors import TargetExists, TargetRefused


@contextmanager
def target(path: Path | None, *, force: bool = False, mode: int | None = None) -> Iterator[BinaryIO]:
    """Open `path`, or standard output, to write to; what stands there is replaced once all is written.

    Raises `TargetExists` when there is such a file and `force` was not given, `TargetRefused` when the place
    cannot be written. `mode` are the permissions of a new file, whatever the umask.
    """
    if path is None:
        with _refusals("standard output"):
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
        return
    with _refusals(path):
        if path.is_dir():
            raise TargetRefused(f"{path} is a directory: name a file in it")
        if path.exists() and not path.is_file():
            yield from _written(path)  # /dev/null or a named pipe: nothing to replace
        elif path.exists() and not force:
            raise TargetExists(f"{path} exists: overwrite it with --force, or name another file")
        else:
            yield from _replaced(path.resolve(), mode)


@contextmanager
def _refusals(path: Path | str) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise TargetRefused(
            f"{path} cannot be written: {error.strerror}; make room or name another place"
        ) from error


def _replaced(path: Path, mode: int | None) -> Iterator[BinaryIO]:
    """Yield a file beside the target, and put it in its place once it is whole and on the disk."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    out = part.open("wb")
    try:
        with out:
            if mode is not None:
                os.fchmod(out.fileno(), mode)
            yield out
            out.flush()
            os.fsync(out.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _written(path: Path) -> Iterator[BinaryIO]:
    with path.open("wb") as out:
        yield out
