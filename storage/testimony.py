"""What the metadata records of WARC files tell of versions and states, held against the catalogue. Reads.

The records are heard in the order they were written in, each once: memory is eight bytes a version.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, bindparam, select

from storage import findings
from storage.catalog import sightings, versions
from storage.findings import Finding
from storage.journal import ARTICLE, RUN
from storage.members import RecordInfo
from storage.statement import Statement, is_kept, rows
from storage.warc import BLANK, read_record

_VERSION = Statement(
    select(versions.c.content_digest).where(
        versions.c.article_id == bindparam("key"), versions.c.number == bindparam("at")
    )
)
# A version may be another after a rebuild that lacked records: the nearest that is there.
_POINT = ("article_id", "run_id", "observed_at", "standing", "state", "views", "reason")
_SIGHTING = Statement(
    select(*(sightings.c[name] for name in _POINT)).where(sightings.c.id == bindparam("key"))
)
_NOTHING = ("", "")
_NONSENSE = (ValueError, KeyError, TypeError, AttributeError, RecursionError)
TOLD = frozenset(problem.name for problem in findings.TOLD)

Row = dict[str, Any]


class Testimony:
    """What an archive's files tell; a run of which something cannot be heard is no witness against others."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._told = array("Q")
        self._runs: set[int] = set()
        self._doubtful: set[int] = set()
        self._otherwise: dict[str, Finding] = {}  # unless a later record tells it as it is

    def doubt(self, run: int) -> None:
        """Take in that something is wrong with a file of a run."""
        self._doubtful.add(run)

    def hear(self, path: Path, name: str, run: int, info: RecordInfo) -> Iterator[Finding]:
        """Yield what a sound record tells that the catalogue does not have."""
        subject = info.headers.get("warc-target-uri", "")
        if info.headers.get("warc-type") != "metadata" or not subject.startswith((ARTICLE, RUN)):
            return
        self._runs.add(run)
        block = read_record(path, info.offset, info.length).partition(BLANK)[2]
        try:
            found = list(self._held(json.loads(block), name, info.offset))
        except _NONSENSE as error:
            found = [Finding(name, info.offset, subject, "nonsense", f"it cannot be read: {error!r}")]
        yield from found

    def _held(self, told: Row, name: str, offset: int) -> Iterator[Finding]:
        """Hold one object against the catalogue; of two that tell of the same thing the later counts."""
        points = told.get("sightings", ())
        if told["campusnews"] == "article":
            points = [told["sighting"]] if told["sighting"] else ()
            key, number = told["version"]["article_id"], told["version"]["number"]
            self._told.append(_digest(key, number))
            what = self._version(key, number, told["record"]["content_digest"])
            record = f"{key} version {number}"
            yield from self._found(record, Finding(name, offset, record, *what))
        for point in points:
            what = self._point(point)
            event = f"event {point['id']}"  # another article's where a later run knew nothing of this one
            yield from self._found(event, Finding(name, offset, f"{point['article_id']} {event}", *what))

    def _found(self, thing: str, finding: Finding) -> Iterator[Finding]:
        self._otherwise.pop(thing, None)
        if finding.problem == "told_otherwise":
            self._otherwise[thing] = finding
        elif finding.problem:
            yield finding

    def _version(self, key: str, number: int, digest: str) -> tuple[str, str]:
        """Return problem and detail of a version that is not as told, else nothing in both."""
        found = _VERSION.run(self._connection, {"key": key, "at": number}).fetchone()
        if found is None:
            return "forgotten", "the catalogue does not have it"
        told = f"content digest {digest} is told, the catalogue has {found[0]}"
        return ("told_otherwise", told) if found[0] != digest else _NOTHING

    def _point(self, point: Row) -> tuple[str, str]:
        """Return problem and detail of a point of a history that is not as told, else nothing in both."""
        found = _SIGHTING.run(self._connection, {"key": point["id"]}).fetchone()
        kept = dict(zip(_POINT, found, strict=True)) if found else {}
        names = [name for name in _POINT if kept.get(name) != point[name]]
        if not names or not is_kept(self._connection, point["article_id"]):
            return _NOTHING  # a rebuild that lacks an article's record lacks its history too
        if found is None:
            return "forgotten", "the catalogue does not have it"
        told = (f"{name} {point[name]} is told, the catalogue has {kept[name]}" for name in names)
        return "told_otherwise", "; ".join(told)

    def rest(self, file: str) -> Iterator[Finding]:
        """Yield what is known once every file was heard; `file` is what has the catalogue."""
        if not self._doubtful:
            yield from self._otherwise.values()
        told = array("Q", sorted(self._told))
        every = select(versions.c.article_id, versions.c.number, versions.c.run_id)
        witnesses = self._runs - self._doubtful
        for row in rows(self._connection, every, 1000):
            place = bisect_left(told, digest := _digest(row.article_id, row.number))
            known = place < len(told) and told[place] == digest
            if not known and row.run_id in witnesses:
                detail = f"no metadata record of run {row.run_id}, which made it, tells of it"
                yield Finding(file, None, f"{row.article_id} version {row.number}", "untold", detail)


def _digest(key: str, number: int) -> int:
    return int.from_bytes(blake2b(f"{number} {key}".encode("utf-8", "surrogatepass"), digest_size=8).digest())
