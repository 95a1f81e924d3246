"""What a run learned about an article goes in; rows of article, version and sighting come out.

A version is written only when `storage.diff.compare` finds an edit, a sighting only when state, version or
views move or details do that are no edit; everything else is updated in place. The journal is told of it all.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from storage.catalog import articles, captures, sightings, unread, versions
from storage.comparison import pack
from storage.diff import compare
from storage.journal import Journal
from storage.kept import VIEWS, columns_of, field_digests, kept
from storage.ladder import Look, step
from storage.records import REFRESHED, Article, Capture, FieldChange, State, Unread, Version
from storage.rows import CAPTURE
from storage.statement import Statement, is_kept, put_over

_KNOWN = (
    select(
        articles,
        versions.c.field_digests,
        versions.c.extractor,
        versions.c.capture_id,
    )
    .join(versions, (versions.c.article_id == articles.c.id) & (versions.c.number == articles.c.version))
    .where(articles.c.id == bindparam("key"))
)
_CAPTURE_ID = Statement(select(captures.c.id).where(captures.c.record_id == bindparam("record")))
_CAPTURE = Statement(select(*CAPTURE).where(captures.c.id == bindparam("key")))
_READ = Statement(unread.delete().where(unread.c.article_id == bindparam("key")))
_KEEP, _WRITE = (Statement(table.insert(), *table.c.keys()) for table in (articles, versions))
_SIGHT = Statement(sightings.insert().returning(sightings.c.id), *(set(sightings.c.keys()) - {"id"}))
_KEPT = Statement(
    select(versions.c.record).where(
        versions.c.article_id == bindparam("key"), versions.c.number == bindparam("at")
    )
)
_MARK = articles.update().where(articles.c.id == bindparam("key"))
_REFRESH = versions.update().where(
    versions.c.article_id == bindparam("key"), versions.c.number == bindparam("at")
)
_ARTICLE = tuple(articles.c.keys())


class Ledger:
    """What one run learns about articles; `now` is a time as `storage.warc.stamp` writes it."""

    def __init__(self, connection: Connection, journal: Journal) -> None:
        self._connection, self._journal = connection, journal
        self._run = journal.run
        self._made: list[tuple[dict[str, Any], str, Capture]] = []  # of the look under way: version, record

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
        self._made = []
        row = self._known(article.id) if is_kept(self._connection, article.id) else None
        if row is None:
            return self._first(article, capture, now, look)
        if not moved:
            article = replace(article, url=row.url)
        same = field_digests(kept(article)) == row.field_digests
        made = [] if same else self._advance(row, article, capture, now, baseline)
        refreshed = not made and not same
        if refreshed:
            self._refresh(row, article, capture)
        self._mark(row, article, now, look, made, refreshed=refreshed)
        return made[-1] if made else None

    def reread(self, article: Article, now: str) -> Version | None:
        """Keep a record that the rules of now read from the kept capture; return the version it made, if any.

        Nobody looked at the article: when it was seen, and how it stands, stays as it is.
        """
        row = self._known(article.id)
        if row is None:
            return None
        self._made = []
        article, capture, made = replace(article, url=row.url), self._capture(row), None
        same = field_digests(kept(article)) == row.field_digests
        if not same and (fields := compare(self._kept(row), article)):
            made = self._write(article, capture, now, row.version + 1, "rules", fields)
        refreshed = not same and made is None
        if refreshed:
            self._refresh(row, article, capture)
        values = {"version": made.number if made else row.version, "section": article.section}
        values["release_time"] = article.release_time
        self._see(row, values, now, "rules", refreshed=refreshed)
        return made

    def look(
        self, article_id: str, look: Look, now: str, reason: str, *, lasting: bool = False
    ) -> State | None:
        """Record a look that read nothing; return the state shown, null for an article never kept."""
        row = self._known(article_id)
        if row is None:
            return None
        told = lasting or look != "error"
        values = self._stood(row, look) | {"last_run": self._run, "looked_at": now if told else ""}
        self._see(row, values, now, reason)
        state: State = values["state"]
        return state

    def pass_over(self, passed: Unread, now: str) -> None:
        """Write a listed address that gave no article."""
        values = asdict(passed) | {"looked_at": now}
        self._connection.execute(put_over(self._connection, unread), values)
        self._journal.tell("unread", passed.article_id, values)

    def viewed(self, article_id: str, views: int, observed_at: str, now: str) -> None:
        """Write views that were told without a look, where a counter told them before."""
        row = self._known(article_id)
        if row is None or row.views_source != "counter" or row.views == views:
            return
        values = {"views": views, "views_source": "counter", "views_observed_at": observed_at}
        self._see(row, values, now, "listing")

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
        version = self._write(article, capture, now, 1, "new")
        sighting = self._insert_sighting(article.id, live, now, "new", moved=True)
        self._tell({"id": article.id} | live, sighting, now)
        return version

    def _advance(
        self, row: Row[Any], article: Article, capture: Capture, now: str, baseline: Article | None
    ) -> list[Version]:
        """Write a version for each step at which the content moved: first our rules, then the university."""
        same_rules = baseline is not None or row.extractor == _rules(article)
        steps: list[tuple[Article, Capture, Any]] = []
        if baseline is not None:
            steps.append((replace(baseline, url=row.url), self._capture(row), "rules"))
        steps.append((article, capture, "edit" if same_rules else "rules"))
        before, made = self._kept(row), list[Version]()
        for record, read_from, reason in steps:
            if fields := compare(before, record):
                number = row.version + len(made) + 1
                made.append(self._write(record, read_from, now, number, reason, fields))
            before = record
        return made

    def _kept(self, row: Row[Any]) -> Article:
        """Return the record of an article's version of now, at its address of now."""
        (record,) = _KEPT.run(self._connection, {"key": row.id, "at": row.version}).fetchone()
        return Article.from_json(json.loads(record) | {"url": row.url})

    def _write(
        self,
        article: Article,
        capture: Capture,
        now: str,
        number: int,
        reason: Any,
        fields: tuple[FieldChange, ...] = (),
    ) -> Version:
        """Write a version, and what tells it from the one before."""
        values = columns_of(kept(article)) | {
            "compared": pack(fields) if fields else None,
            "article_id": article.id,
            "number": number,
            "run_id": self._run,
            "created_at": now,
            "reason": reason,
            "capture_id": self._capture_id(capture),
        }
        _WRITE.run(self._connection, values)
        about = {name: values[name] for name in ("article_id", "number", "created_at", "reason")}
        self._made.append((about, values["record"], capture))
        return Version(number, self._run, now, reason, replace(article, version=number))

    def _refresh(self, row: Row[Any], article: Article, capture: Capture) -> None:
        """Write new details into the version there is."""
        values = columns_of(kept(article)) | {"capture_id": self._capture_id(capture), "compared": None}
        self._connection.execute(_REFRESH, {"key": row.id, "at": row.version} | values)
        about = {"article_id": row.id, "number": row.version, "reason": REFRESHED}
        self._made.append((about, values["record"], capture))

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
        self._see(row, values, now, made[-1].reason if made else look, refreshed=refreshed)

    def _stood(self, row: Row[Any], look: Look) -> dict[str, Any]:
        standing, state = step(row.standing, look, later=row.standing_run != self._run)
        run = row.standing_run if standing == row.standing else self._run
        return {"standing": standing, "standing_run": run, "state": state}

    def _see(
        self, row: Row[Any], values: dict[str, Any], now: str, reason: str, *, refreshed: bool = False
    ) -> None:
        """Bring the article's row up to a look; write a sighting when anything worth one moved."""
        after, sighting = row._asdict() | values, None
        moved = any(after[name] != getattr(row, name) for name in ("standing", "state", "version"))
        if moved or refreshed or after["views"] != row.views:
            reason = REFRESHED if refreshed and not moved else reason
            sighting = self._insert_sighting(row.id, after, now, reason, moved=moved)
        self._connection.execute(_MARK, {"key": row.id} | values)
        if self._made or any(getattr(row, name) != value for name, value in values.items()):
            self._tell(after, sighting, now)

    def _insert_sighting(
        self, article_id: str, at: dict[str, Any], now: str, reason: str, *, moved: bool
    ) -> dict[str, Any]:
        names = ("standing", "state", "version", "views", "views_source")
        values = {name: at[name] for name in names} | {"article_id": article_id, "run_id": self._run}
        values |= {"observed_at": now, "reason": reason, "moved": moved}
        ((number,),) = _SIGHT.run(self._connection, values).fetchall()
        return values | {"id": number}

    def _tell(self, after: dict[str, Any], sighting: dict[str, Any] | None, now: str) -> None:
        """Let the journal tell what a look made, the article's row with the last of it."""
        made, self._made = self._made, []
        row = {name: after[name] for name in _ARTICLE}
        if not made:
            self._journal.looked(row, sighting, now)
        for version, record, capture in made[:-1]:
            self._journal.read(version, record, capture, None, None, now)
        for version, record, capture in made[-1:]:
            self._journal.read(version, record, capture, row, sighting, now)

    def _capture(self, row: Row[Any]) -> Capture:
        """Return what the article's version was read from."""
        return Capture(*_CAPTURE.run(self._connection, {"key": row.capture_id}).fetchone())

    def _capture_id(self, capture: Capture) -> int:
        (found,) = _CAPTURE_ID.run(self._connection, {"record": capture.record_id}).fetchone()
        return int(found)


def _views(article: Article, now: str) -> dict[str, Any]:
    observed = article.views_observed_at or (now if article.views is not None else None)
    return {name: getattr(article, name) for name in VIEWS} | {"views_observed_at": observed}


def _rules(article: Article) -> str:
    return f"{article.extractor.preset}/{article.extractor.revision}"
