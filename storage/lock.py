"""One writer at a time: the file `lock` of an archive, held by the kernel, naming its holder. Does I/O.

The kernel lets go when the holder dies, so a dead process never keeps the archive, whatever process has its
number now. Not every network file system locks across hosts; there the name in the file does: one left by
another host is not taken over. On a disk of this machine the kernel's word is enough, also where the host has
another name each time, as a container has.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
import socket
from pathlib import Path

from storage.errors import ArchiveLocked

# File systems under one kernel, which knows every lock on them.
_LOCAL = frozenset(
    {"bcachefs", "btrfs", "exfat", "ext2", "ext3", "ext4", "f2fs", "jfs", "overlay", "ramfs", "reiserfs"}
    | {"tmpfs", "vfat", "xfs", "zfs"}
)
_ESCAPED = re.compile(r"\\(\d{3})")  # blanks in proc(5)
_MOUNTS = Path("/proc/self/mountinfo")

log = logging.getLogger(__name__)


class Lock:
    """The writer's hold on an archive; raises ArchiveLocked, naming the holder, when another has it.

    `local` says that no other machine writes there; left out, the mount tells.
    """

    def __init__(self, path: Path, *, local: bool | None = None) -> None:
        self._local = is_local(path.parent) if local is None else local
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
        if holder and not self._local and holder.rpartition(" ")[2] != socket.gethostname():
            raise ArchiveLocked(
                f"{path.parent}: a run on another machine holds the archive ({holder}): "
                f"if it is dead, delete {path} and run again"
            )
        if holder:
            log.warning("%s: taken over from a run that died (%s)", path, holder)
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


def is_local(path: Path) -> bool:
    """Tell whether only this machine can write at that path; False where that cannot be told."""
    try:
        lines = _MOUNTS.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return False
    kinds: dict[str, str] = {}  # of two mounts at one place the later counts
    for line in lines:
        before, _, after = line.partition(" - ")
        kinds[_ESCAPED.sub(lambda found: chr(int(found[1], 8)), before.split(" ")[4])] = after.split(" ")[0]
    real = path.resolve()
    over = next((place for place in (real, *real.parents) if str(place) in kinds), None)
    return over is not None and kinds[str(over)] in _LOCAL
