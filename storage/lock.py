"""One writer at a time: the file `lock` of an archive, held by the kernel, naming its holder. Does I/O.

The kernel lets go when the holder dies, so a dead process never keeps the archive. Network file systems do
not lock across hosts; there the name in the file does: one left by another host is not taken over.
"""

from __future__ import annotations

import fcntl
import logging
import os
import socket
from pathlib import Path

from storage.errors import ArchiveLocked

log = logging.getLogger(__name__)


class Lock:
    """The writer's hold on an archive; raises ArchiveLocked, naming the holder, when another has it."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a+", encoding="utf-8")
        try:
            self._take(path)
        except ArchiveLocked:
            self._file.close()
            raise

    def _take(self, path: Path) -> None:
        holder = self._holder()
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ArchiveLocked(
                f"{path.parent}: another run holds the archive ({holder or 'unnamed'}): wait for it to end"
            ) from None
        holder = self._holder()
        if holder and holder.rpartition(" ")[2] != socket.gethostname():
            raise ArchiveLocked(
                f"{path.parent}: a run on another machine holds the archive ({holder}): "
                f"if it is dead, delete {path} and run again"
            )
        if holder:
            log.warning("%s: taken over from %s, which is dead", path, holder)
        self._write(f"pid {os.getpid()} on {socket.gethostname()}")

    def _holder(self) -> str:
        self._file.seek(0)
        return self._file.read(200).strip()

    def _write(self, text: str) -> None:
        self._file.seek(0)
        self._file.truncate()
        self._file.write(text)
        self._file.flush()

    def release(self) -> None:
        """Let the archive go; the empty file stays, since deleting it would race with the next writer."""
        self._write("")
        self._file.close()
