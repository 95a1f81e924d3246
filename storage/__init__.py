"""The archive of campusnews: captures, records, versions and changes. It knows nothing of the web."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.archive import Archive

__all__ = ["Archive"]


def __getattr__(name: str) -> object:
    """Import the archive when it is first asked for: the database layer is slow to load."""
    if name == "Archive":
        from storage.archive import Archive

        return Archive
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
