"""campusnews: crawl university news, keep the evidence, find the edits.

Names are loaded when first used, so that `campusnews --help` answers at once.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scraper.config import Config, load_config
    from scraper.crawl import crawl
    from scraper.discover import Item, Listing, discover
    from scraper.extract import Counter, Extraction, extract
    from storage.errors import CampusnewsError

__all__ = [
    "CampusnewsError",
    "Config",
    "Counter",
    "Extraction",
    "Item",
    "Listing",
    "crawl",
    "discover",
    "extract",
    "load_config",
]

_HOMES = {
    "CampusnewsError": "storage.errors",
    "Config": "scraper.config",
    "Counter": "scraper.extract",
    "Extraction": "scraper.extract",
    "Item": "scraper.discover",
    "Listing": "scraper.discover",
    "crawl": "scraper.crawl",
    "discover": "scraper.discover",
    "extract": "scraper.extract",
    "load_config": "scraper.config",
}


class _Package(ModuleType):
    """Keeps the functions `extract`, `discover` and `crawl` from being hidden by the modules of those names.

    Python binds a submodule to its package once it is loaded; here the public function has the older right.
    """

    def __getattr__(self, name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(_HOMES[name]), name)
        super().__setattr__(name, value)
        return value

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
