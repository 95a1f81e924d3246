"""The archive of campusnews: captures, records, versions and changes. It knows nothing of the web.

Names are loaded when first used: the database layer takes its time.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from storage.archive import Archive
    from storage.choice import Choice
    from storage.records import Article, Capture, Change, Event, Run, Sighting, Version

__all__ = ["Archive", "Article", "Capture", "Change", "Choice", "Event", "Run", "Sighting", "Version"]

_HOMES = {"Archive": "storage.archive", "Choice": "storage.choice"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES.get(name, "storage.records")), name)
