"""What a long run asks of the interpreter and the C library, for a whole process. Changes that process.

A page makes thousands of small objects and lets nearly all go at once. Python's collector, as it comes, looks
for cycles at every page and now and then through all that was imported: a sixth of the time of reading.
"""

from __future__ import annotations

import ctypes
import gc
import sys

_THRESHOLDS = 5000, 10, 10  # objects more made than let go; Python's own are 700, 10, 10
_ARENA_MAX = -8  # M_ARENA_MAX of glibc's mallopt
_ARENAS = 2
_FILES = 10_000


def settle() -> None:
    """Collect never what is there, cycles less often, let threads share two heaps, take more open files.

    glibc gives each thread a heap of its own, which grows to its worst page; Python runs one thread at a
    time, so nobody waits for another. A connection to each host stays open through its delay, and a thousand
    are more files than most systems let a process have unless it asks.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(_ARENA_MAX, _ARENAS)
    _allow_files()


def _allow_files() -> None:
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
