"""Kept captures that cannot be read back: which errors say so, and telling of it once for each file."""

from __future__ import annotations

import logging

from scraper.codings import CodingError
from storage.errors import ArchiveDamaged, ArchiveNotFound
from storage.records import Capture

LOST = (ArchiveDamaged, ArchiveNotFound)
"""What getting the bytes of one capture can raise: none of these says anything of the others."""

UNREADABLE = (*LOST, CodingError)
"""What reading the page of one capture can raise: also where the bytes are there and nobody unpacks them."""

log = logging.getLogger(__name__)


class Losses:
    """What was found lost by one of those who read what is kept."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def tell(self, capture: Capture, error: Exception) -> None:
        """Log that a capture is lost, the first of its file; the rest of them would fill the log."""
        if capture.warc not in self._told:
            self._told.add(capture.warc)
            log.warning("%s; what is kept there counts as never kept: run `campusnews verify`", error)
