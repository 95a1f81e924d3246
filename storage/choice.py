"""Which articles of an archive are meant, and as of when: a value, and conditions of a query. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select, true

from storage.catalog import articles, sightings
from storage.errors import InvalidChoice
from storage.moment import Moment
from storage.records import Article

_STATED = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d(:\d\d(:\d\d)?)?)?)?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Choice:
    """Articles of a site, of a section, released in a span of days (inclusive), moved after a run; or all.

    `since` and `until` are compared with the release time as the page gives it, to their own precision: an
    article without one lies in no span. They are a date, or a text such as 2026, 2026-11 or 2026-11-20T13:00.
    Anything else raises InvalidChoice, and so does a span that ends before it begins. Moved are articles that
    are new, have a new version or another state. `as_of` takes the archive as it stood (`storage.asof`).
    """

    site: str | None = None
    section: str | None = None
    since: str | date | None = None
    until: str | date | None = None
    since_run: int | None = None
    as_of: Moment | None = None

    def __post_init__(self) -> None:
        since, until = self.span
        if since and until and since[: len(until)] > until:
            raise InvalidChoice(f"nothing lies between {since} and {until}: name the earlier one first")

    @property
    def span(self) -> tuple[str, str]:
        """The release times between which an article lies, as texts; empty where there is no bound."""
        return _iso(self.since), _iso(self.until)

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return what rows of `articles` have to meet, as they stand now."""
        released, (since, until) = articles.c.release_time, self.span
        found = self.lasting()
        if self.section is not None:
            found.append(articles.c.section == self.section)
        if since:
            found.append(released >= since)
        if until:
            found.append(func.substr(released, 1, len(until)) <= until)
        if self.since_run is not None:
            moved = (sightings.c.moved == true(), sightings.c.run_id > self.since_run)
            found.append(articles.c.id.in_(select(sightings.c.article_id).where(*moved)))
        return found

    def lasting(self) -> list[ColumnElement[bool]]:
        """Return what rows of `articles` have to meet at any moment: an article keeps its site."""
        return [] if self.site is None else [articles.c.site == self.site]

    def takes(self, article: Article) -> bool:
        """Tell whether section and release time of a record are those meant."""
        released, (since, until) = article.release_time, self.span
        if self.section is not None and article.section != self.section:
            return False
        if not (since or until):
            return True
        return released is not None and since <= released and (not until or released[: len(until)] <= until)


def _iso(bound: str | date | None) -> str:
    """Return a bound of a span as the text it is compared as; raises InvalidChoice."""
    if isinstance(bound, datetime):
        if bound.tzinfo is not None:
            raise InvalidChoice(
                f"{bound} has a zone, which most pages do not state: name a day, or leave it out"
            )
        return bound.isoformat(timespec="minutes")
    if bound is None or isinstance(bound, date):
        return bound.isoformat() if bound else ""
    try:
        if not (isinstance(bound, str) and _STATED.fullmatch(bound)):
            raise ValueError
        datetime.fromisoformat((bound + "-01-01"[len(bound) - 4 :])[:10] + bound[10:])
    except ValueError:
        raise InvalidChoice(f"{bound!r} is no day: write YYYY-MM-DD, or only the year or month") from None
    return bound


ALL = Choice()
