"""What a run learned about an article goes in; rows of article, version and sighting come out.

A version is written only when `storage.diff.compare` finds an edit, a sighting only when state, version or
views move or details do that are no edit; everything else is updated in place.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from storage.catalog import articles, captures, sightings, unread, upsert, versions
from storage.diff import compare
from storage.ladder import Look, step
from storage.records import REFRESHED, Article, Capture, State, Unread, Version, canonical_json
from storage.statement import Statement

_KNOWN = (
    select(
        articles,
        versions.c.record,
        versions.c.field_digests,
        versions.c.extractor,
        versions.c.capture_id,
    )
    .join(versions, (versions.c.article_id == articles.c.id) & (versions.c.number == articles.c.version))
    .where(articles.c.id == bindparam("key"))
)
_CAPTURE_ID = Statement(select(captures.c.id).where(captures.c.record_id == bindparam("record")))
_READ = Statement(unread.delete().where(unread.c.article_id == bindparam("key")))
_KEEP, _WRITE = (Statement(table.insert(), *table.c.keys()) for table in (articles, versions))
_SIGHT = Statement(sightings.insert(), *(set(sightings.c.keys()) - {"id"}))
_IS_THERE = Statement(select(articles.c.id).where(articles.c.id == bindparam("key")))
_MARK = articles.update().where(articles.c.id == bindparam("key"))
_REFRESH = versions.update().where(
    versions.c.article_id == bindparam("key"), versions.c.number == bindparam("at")
)
# Known only as of a moment: the catalogue's columns hold them, so the kept record leaves them empty.
_LIVE = ("version", "state", "first_seen", "last_seen", "last_changed", "capture")
_VIEWS = ("views", "views_observed_at", "views_source")


class Ledger:
    """What one run learns about articles; `now` is a time as `storage.warc.stamp` writes it."""

    def __init__(self, connection: Connection, run: int) -> None:
        self._connection = connection
        self._run = run

    def put(
        self,
        article: Article,
        capture: Capture,
        now: str,
        look: Look,
        baseline: Article | None,
        *,
        moved: bool = False,
    ) -> Version | None:
        """Keep a record that was read; return the newest version it made, if any."""
        row = (
            self._known(article.id)
            if _IS_THERE.run(self._connection, {"key": article.id}).fetchone()
            else None
        )
        if row is None:
            return self._first(article, capture, now, look)
        if not moved:
            article = replace(article, url=row.url)
        same = field_digests(kept(article)) == row.field_digests
        made = [] if same else self._advance(row, article, capture, now, baseline)
        refreshed = not made and not same
        if refreshed:
            values = self._kept_values(article) | {"capture_id": self._capture_id(capture)}
            self._connection.execute(_REFRESH, {"key": row.id, "at": row.version} | values)
        self._mark(row, article, now, look, made, refreshed=refreshed)
        return made[-1] if made else None

    def look(self, article_id: str, look: Look, now: str, reason: str) -> State | None:
        """Record a look that read nothing; return the state shown, null for an article never kept."""
        row = self._known(article_id)
        if row is None:
            return None
        values = self._stood(row, look) | {"last_run": self._run, "looked_at": now}
        self._sight(row, values, now, reason)
        self._connection.execute(_MARK, {"key": article_id} | values)
        state: State = values["state"]
        return state

    def pass_over(self, passed: Unread, now: str) -> None:
        """Write a listed address that gave no article."""
        values = asdict(passed) | {"looked_at": now}
        insert = upsert(self._connection, unread).values(values)
        self._connection.execute(insert.on_conflict_do_update(index_elements=["article_id"], set_=values))

    def viewed(self, article_id: str, views: int, observed_at: str, now: str) -> None:
        """Write views that were told without a look, where a counter told them before."""
        row = self._known(article_id)
        if row is None or row.views_source != "counter" or row.views == views:
            return
        values = {"views": views, "views_source": "counter", "views_observed_at": observed_at}
        self._sight(row, values, now, "listing")
        self._connection.execute(_MARK, {"key": article_id} | values)

    def _known(self, article_id: str) -> Row[Any] | None:
        return self._connection.execute(_KNOWN, {"key": article_id}).first()

    def _first(self, article: Article, capture: Capture, now: str, look: Look) -> Version:
        standing, state = step(None, look)
        live: dict[str, Any] = {"standing": standing, "standing_run": self._run, "state": state, "version": 1}
        live |= {"first_seen": now, "last_seen": now, "last_changed": now, "last_run": self._run}
        live["looked_at"] = now
        live |= {name: getattr(article, name) for name in ("site", "url", "section", "release_time")}
        live |= _views(article, now)
        _KEEP.run(self._connection, {"id": article.id} | live)
        _READ.run(self._connection, {"key": article.id})
        version = self._write(article, self._capture_id(capture), now, 1, "new")
        self._insert_sighting(article.id, live, now, "new", moved=True)
        return version

    def _advance(
        self, row: Row[Any], article: Article, capture: Capture, now: str, baseline: Article | None
    ) -> list[Version]:
        """Write a version for each step at which the content moved: first our rules, then the university."""
        same_rules = baseline is not None or row.extractor == _rules(article)
        steps: list[tuple[Article, int, Any]] = []
        if baseline is not None:
            steps.append((replace(baseline, url=row.url), row.capture_id, "rules"))
        steps.append((article, self._capture_id(capture), "edit" if same_rules else "rules"))
        before, made = Article.from_json(json.loads(row.record)), list[Version]()
        for record, capture_id, reason in steps:
            if compare(before, record):
                made.append(self._write(record, capture_id, now, row.version + len(made) + 1, reason))
            before = record
        return made

    def _write(self, article: Article, capture_id: int, now: str, number: int, reason: Any) -> Version:
        values = self._kept_values(article) | {
            "article_id": article.id,
            "number": number,
            "run_id": self._run,
            "created_at": now,
            "reason": reason,
            "capture_id": capture_id,
        }
        _WRITE.run(self._connection, values)
        return Version(number, self._run, now, reason, replace(article, version=number))

    def _mark(
        self,
        row: Row[Any],
        article: Article,
        now: str,
        look: Look,
        made: list[Version],
        *,
        refreshed: bool,
    ) -> None:
        """Bring the article's row up to this look; a clock set back never makes times run backwards."""
        edited = any(version.reason == "edit" for version in made)
        values = self._stood(row, look) | {
            "url": article.url,
            "version": made[-1].number if made else row.version,
            "section": article.section,
            "release_time": article.release_time,
            "last_seen": max(row.last_seen, now),
            "last_changed": max(row.last_changed, now) if edited else row.last_changed,
            "looked_at": now,
            "last_run": self._run,
        }
        if article.views is not None:
            values |= _views(article, now)
        self._sight(row, values, now, made[-1].reason if made else look, refreshed=refreshed)
        self._connection.execute(_MARK, {"key": article.id} | values)

    def _stood(self, row: Row[Any], look: Look) -> dict[str, Any]:
        standing, state = step(row.standing, look, later=row.standing_run != self._run)
        run = row.standing_run if standing == row.standing else self._run
        return {"standing": standing, "standing_run": run, "state": state}

    def _sight(
        self, row: Row[Any], values: dict[str, Any], now: str, reason: str, *, refreshed: bool = False
    ) -> None:
        """Write a sighting when anything worth one moved."""
        after = row._asdict() | values
        moved = any(after[name] != getattr(row, name) for name in ("standing", "state", "version"))
        if moved or refreshed or after["views"] != row.views:
            reason = REFRESHED if refreshed and not moved else reason
            self._insert_sighting(row.id, after, now, reason, moved=moved)

    def _insert_sighting(
        self, article_id: str, at: dict[str, Any], now: str, reason: str, *, moved: bool
    ) -> None:
        names = ("standing", "state", "version", "views", "views_source")
        values = {name: at[name] for name in names} | {"article_id": article_id, "run_id": self._run}
        values |= {"observed_at": now, "reason": reason, "moved": moved}
        _SIGHT.run(self._connection, values)

    def _kept_values(self, article: Article) -> dict[str, Any]:
        record = kept(article)
        return {
            "record": canonical_json(record).decode(),
            "field_digests": field_digests(record),
            "content_digest": record["content_digest"],
            "extractor": _rules(article),
        }

    def _capture_id(self, capture: Capture) -> int:
        (found,) = _CAPTURE_ID.run(self._connection, {"record": capture.record_id}).fetchone()
        return int(found)


def kept(article: Article) -> dict[str, Any]:
    """Return the record as the catalogue keeps it with its version."""
    return article.to_json() | dict.fromkeys(_LIVE)


def field_digests(record: dict[str, Any]) -> str:
    """Return a short digest of each field of a kept record as JSON; views move and are left out."""
    short = {
        name: _NULL if value is None else _short(canonical_json(value))
        for name, value in record.items()
        if name not in _VIEWS
    }
    return canonical_json(short).decode()


def _short(value: bytes) -> str:
    return hashlib.sha256(value).hexdigest()[:8]


_NULL = _short(b"null")  # most fields of most records


def _views(article: Article, now: str) -> dict[str, Any]:
    observed = article.views_observed_at or (now if article.views is not None else None)
    return {name: getattr(article, name) for name in _VIEWS} | {"views_observed_at": observed}


def _rules(article: Article) -> str:
    return f"{article.extractor.preset}/{article.extractor.revision}"
