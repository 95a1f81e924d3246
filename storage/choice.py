"""Which articles of an archive are meant, as a value and as conditions of a query. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select, true

from storage.catalog import articles, sightings


@dataclass(frozen=True, slots=True)
class Choice:
    """Articles of a site, of a section, released in a span of days (inclusive), moved after a run; or all.

    `since` and `until` are compared with the release time as the page gives it, to their own precision: an
    article without one lies in no span. Moved are articles that are new, have a new version or another state.
    """

    site: str | None = None
    section: str | None = None
    since: str | date | None = None
    until: str | date | None = None
    since_run: int | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return what rows of `articles` have to meet."""
        released = articles.c.release_time
        found: list[ColumnElement[bool]] = []
        if self.site is not None:
            found.append(articles.c.site == self.site)
        if self.section is not None:
            found.append(articles.c.section == self.section)
        if self.since is not None:
            found.append(released >= _iso(self.since))
        if self.until is not None:
            found.append(func.substr(released, 1, len(_iso(self.until))) <= _iso(self.until))
        if self.since_run is not None:
            moved = (sightings.c.moved == true(), sightings.c.run_id > self.since_run)
            found.append(articles.c.id.in_(select(sightings.c.article_id).where(*moved)))
        return found


ALL = Choice()


def _iso(day: str | date) -> str:
    return day if isinstance(day, str) else day.isoformat()
