"""What a run adds to the catalogue, told in its WARC: rows go in, metadata records come out. Pure.

From these records and the captures beside them `storage.rebuild` makes the catalogue anew. They hold rows as
they stood, never what led to them, so that reading them asks for no rule of ours; see docs/warc.md.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from storage.records import Capture, Metadata, shallow

JOURNAL = 1  # the form of what the records hold
ARTICLE, RUN = "urn:campusnews:article:", "urn:campusnews:run:"
ENOUGH = 1000  # rows in one record, and how many wait for one at most

# What a look can move of an article whose record stays as it was.
LOOKED = (
    "id", "standing", "standing_run", "state", "views", "views_source", "views_observed_at",
    "last_seen", "looked_at", "last_run",
)  # fmt: skip

Row = Mapping[str, Any]
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))  # in the order it is told in


@dataclass(frozen=True, slots=True)
class _Entry:
    """A row of a table, or an article's record with its row; null drops what waits to be told of the key.

    A change of many rows at once keeps its place among what is told: it is `apart` in a record of its own.
    """

    table: str
    key: Hashable
    told: Row | Metadata | None
    urgent: bool = False
    apart: bool = False


class Journal:
    """What one run tells; `now` is the latest moment it was told of.

    News is in the records of the commit that acknowledges it. What only says that something was looked at
    waits until there is enough of it or the run ends: a run that finds nothing new adds one record, its own.
    """

    def __init__(self, run: int, now: str) -> None:
        self.run, self.now = run, now
        self._fresh: list[_Entry] = []
        self._waiting: dict[tuple[str, Hashable], Row] = {}

    def tell(self, table: str, key: Hashable, row: Row, *, urgent: bool = False) -> None:
        """Take in a row as it stands now; an `urgent` one does not wait."""
        self._fresh.append(_Entry(table, key, row, urgent))

    def change(self, what: str, values: Row) -> None:
        """Take in a change of many rows at once, told by what it was."""
        self._fresh.append(_Entry(what, self.mark, values, urgent=True, apart=True))

    def looked(self, article: Row, sighting: Row | None, now: str) -> None:
        """Take in a look at an article that left its record as it was."""
        self.now = max(self.now, now)
        self.tell("articles", article["id"], {name: article[name] for name in LOOKED})
        if sighting is not None:
            self.tell("sightings", sighting["id"], sighting, urgent=True)

    def read(
        self, version: Row, record: str, capture: Capture, article: Row | None, sighting: Row | None, now: str
    ) -> None:
        """Take in a version, or new details of one, with its record as JSON and the capture it was read from.

        `article` and `sighting` are null where the same look made a further version.
        """
        self.now = max(self.now, now)
        told = self._head("article") | {"version": version, "capture": shallow(capture)}
        told |= {"article": article, "sighting": sighting}
        block = f'{_JSON.encode(told)[:-1]},"record":{record}}}'.encode()
        key = version["article_id"]
        note = Metadata(ARTICLE + key, block, self.now, capture.record_id)
        self._fresh.append(_Entry("articles", key, note))
        if version["reason"] == "new":
            self._fresh.append(_Entry("unread", key, None))

    @property
    def mark(self) -> int:
        """Where what is told next begins."""
        return len(self._fresh)

    def take_back(self, mark: int) -> None:
        """Forget what was told since then."""
        del self._fresh[mark:]

    def settle(self, last: Iterable[tuple[str, Row]] | None = None) -> Iterator[Metadata]:
        """Yield the records to write before the next commit; with the `last` rows of a run nothing waits."""
        fresh, self._fresh = self._fresh, []
        for entry in fresh:
            if entry.apart:
                yield from self._wait_no_more()
            self._waiting.pop((entry.table, entry.key), None)  # what is said last stands last
            if isinstance(entry.told, Metadata):
                yield entry.told
            elif entry.told is not None:
                self._waiting[entry.table, entry.key] = entry.told
            if entry.apart:
                yield from self._wait_no_more()
        enough = len(self._waiting) >= ENOUGH or any(entry.urgent for entry in fresh)
        if enough or last is not None:
            yield from self._wait_no_more(last or ())

    def _wait_no_more(self, last: Iterable[tuple[str, Row]] = ()) -> Iterator[Metadata]:
        waiting, self._waiting = self._waiting, {}
        yield from self.records(chain(((table, row) for (table, _), row in waiting.items()), last))

    def records(self, rows: Iterable[tuple[str, Row]]) -> Iterator[Metadata]:
        """Yield records of these rows, each with its table."""
        left = iter(rows)
        while some := list(islice(left, ENOUGH)):
            told: dict[str, Any] = self._head("run")
            for table, row in some:
                told.setdefault(table, []).append(row)
            yield Metadata(f"{RUN}{self.run}", _JSON.encode(told).encode(), self.now)

    def _head(self, kind: str) -> dict[str, Any]:
        return {"campusnews": kind, "journal": JOURNAL, "run": self.run}
