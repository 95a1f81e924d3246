"""Who may have made a gzip member, each by its name, so that the same bytes can be made again. Pure.

Only the same library promises the same bytes, and ISA-L not even on another kind of processor.
"""

from __future__ import annotations

import platform
import zlib
from collections.abc import Callable

try:
    from isal import igzip_lib
except ImportError:
    igzip_lib = None  # type: ignore[assignment, unused-ignore]


def _isal(data: bytes) -> bytes:
    return bytes(igzip_lib.compress(data, 2, igzip_lib.COMP_GZIP))  # ISA-L's levels are 0 to 3


def _zlib(data: bytes) -> bytes:
    return zlib.compress(data, wbits=31)


MAKERS: dict[str, Callable[[bytes], bytes]] = {"isal": _isal, "zlib": _zlib}


def compress(data: bytes) -> bytes:
    """Return one gzip member without a time stamp, so that equal data give equal bytes."""
    return MAKERS["zlib" if igzip_lib is None else "isal"](data)


def here() -> list[str]:
    """Return who is installed, the fastest first."""
    return [name for name in MAKERS if name != "isal" or igzip_lib is not None]


def maker_of(member: bytes, data: bytes) -> str | None:
    """Return who, of those installed here, makes this member of these data."""
    return next((name for name in here() if MAKERS[name](data) == member), None)


def release(name: str) -> str:
    """Return the release of a maker that is installed, and the processor it runs on."""
    from importlib.metadata import PackageNotFoundError, version  # takes a hundredth of a second

    try:
        told = zlib.ZLIB_RUNTIME_VERSION if name == "zlib" else version(name)
    except PackageNotFoundError:
        told = "absent"
    return f"{name} {told} on {platform.machine()}"
