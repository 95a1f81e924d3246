"""A bug of our own costs the page it happens on, and no more. The one writer's thread only."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from scraper.gather import Failure
from storage import Archive
from storage.errors import CampusnewsError

TOLD = "%s: a bug of campusnews, please report it with this page"

log = logging.getLogger(__name__)


def mishap(url: str, error: Exception) -> Failure:
    """Return a bug of our own as the failure of the page it happened on."""
    return Failure(url, "internal_error", repr(error))


@contextmanager
def contained(archive: Archive, url: str, instead: Callable[[Failure], None]) -> Iterator[None]:
    """Take back what was written of a page when our own code fails on it, then do `instead`.

    Errors of the archive are none of the page's and go on their way.
    """
    try:
        with archive.attempt():
            yield
    except CampusnewsError:
        raise
    except Exception as error:
        log.exception(TOLD, url)
        instead(mishap(url, error))
