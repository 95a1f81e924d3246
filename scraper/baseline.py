"""What a new record is held against, so that only the university's doing counts as an edit. Pure.

The kept record was read by the rules of its day, with the files that could be fetched then. Where either is
better known now, the baseline is the kept record as it would be read today.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from scraper.normalize.text import squash
from storage.diff import COMPARED
from storage.records import Article, Attachment, Image, Link
from storage.sameness import target_of


def with_details(items: tuple[Attachment, ...], known: tuple[Attachment, ...]) -> tuple[Attachment, ...]:
    """Return the attachments, those not fetched with what is known of the same address.

    A file that could not be had is as it was: only a look at it can say otherwise.
    """
    fetched = {item.url: item for item in known if item.sha256 is not None}
    return tuple(_detailed(item, fetched.get(item.url)) for item in items)


def baseline_of(kept: Article, article: Article, reread: Article | None) -> Article | None:
    """Return what the new record is held against, or None where that is the kept one itself.

    `reread` is the kept capture extracted again, given when its rules are no longer those of `article`. Where
    even so other rules read it (the site was redesigned, and each design has a layout of its own), a field
    counts as edited only when no reading of the old page says what the new page says.
    """
    old = reread or kept
    if reread is not None and reread.extractor != article.extractor:
        old = _agreeing(kept, reread, article)
    if reread is None and _is_read_otherwise(kept, article):
        old = replace(kept, release_time=article.release_time)
    attachments = with_details(with_details(old.attachments, kept.attachments), article.attachments)
    if old is kept and attachments == kept.attachments:
        return None
    if old.release_time is None:
        dated = (one for one in (kept, article) if one.provenance.get("release_time") == "listing")
        old = replace(old, release_time=next(dated, old).release_time)
    return replace(old, attachments=attachments)


def _is_read_otherwise(kept: Article, article: Article) -> bool:
    """Tell whether the page prints the time it printed, and only its order of day and month is known now."""
    printed, differs = kept.release_time_raw, kept.release_time != article.release_time
    return differs and printed is not None and printed == article.release_time_raw


def _agreeing(kept: Article, reread: Article, article: Article) -> Article:
    """Return the kept record, with the new values of the fields in which an old reading says the same."""
    same = {
        name: getattr(article, name)
        for name in COMPARED
        if any(_says(name, getattr(old, name), getattr(article, name)) for old in (kept, reread))
    }
    return replace(kept, **same)


def _says(name: str, old: Any, new: Any) -> bool:
    """Tell whether two designs of a page say the same in a field: layout, precision and folders aside."""
    if name in ("title", "body", "author", "source", "editor"):
        return squash(old or "") == squash(new or "")
    if name == "release_time":
        return old == new or (None not in (old, new) and (old.startswith(new) or new.startswith(old)))
    # A record from before links were read says nothing of them.
    return None in (old, new) or [_file(item) for item in old] == [_file(item) for item in new]


def _file(item: Image | Attachment | Link) -> str:
    if isinstance(item, Link):
        return target_of(item.url)
    return item.url.partition("?")[0].rpartition("/")[2] or item.url


def _detailed(item: Attachment, known: Attachment | None) -> Attachment:
    if known is None or item.sha256 is not None:
        return item
    return replace(item, media_type=known.media_type, size=known.size, sha256=known.sha256)
