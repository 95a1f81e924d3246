"""The flat tables that CSV, Parquet and SQLite share, each column stated once, and the rows of each noun.

A row holds plain values: text, numbers, ISO 8601 times, and lists or dicts where a column is of kind `json`.
What is null in the record is null here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from storage.choice import Choice
from storage.reader import Reader
from storage.records import Article, Change, Run, Sighting, Version, shallow
from storage.schema import change_schema, record_schema

Kind = Literal["text", "integer", "boolean", "day", "time", "array", "object"]
Row = tuple[Any, ...]


class Column(NamedTuple):
    """One column; `needed` has a value in every row."""

    name: str
    kind: Kind
    means: str
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table, its key, which nouns of an archive it is made of, and how the rows of one are."""

    name: str
    title: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    items: Callable[[Reader, Choice], Iterable[Any]]
    rows: Callable[[Any], Iterator[Row]]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names, in order."""
        return tuple(column.name for column in self.columns)


_RECORD = record_schema()
_TEXTS = {name: part["description"] for name, part in _RECORD["properties"].items()}
for _part in ("Capture", "Extractor"):
    _TEXTS |= {
        f"{_part.lower()}_{name}": field["description"]
        for name, field in _RECORD["$defs"][_part]["properties"].items()
    }
_CHANGE = {name: part["description"] for name, part in change_schema()["properties"].items()}
_KINDS: dict[str, Kind] = {
    **dict.fromkeys(("views", "version", "capture_offset", "capture_length", "capture_status"), "integer"),
    **dict.fromkeys(("views_observed_at", "first_seen", "last_seen", "last_changed"), "time"),
    **dict.fromkeys(("capture_fetched_at", "created_at", "observed_at"), "time"),
    **dict.fromkeys(
        ("cursor", "run", "number", "from_version", "to_version", "extractor_revision"), "integer"
    ),
    **dict.fromkeys(("images", "attachments", "links", "fields"), "array"),
    "release_day": "day",
    "provenance": "object",
    "release_time_moved_back": "boolean",
}
_OWN = {
    "release_day": "The day of the release time, as the page's own clock has it.",
    "article_id": "The article's id.",
    "number": "Number of the version, from 1.",
    "run": "The run that found it.",
    "created_at": "When the version was first seen (UTC).",
    "reason": "Why there is this version: new, the university's edit, or our new rules.",
    "cursor": "Place in the archive's history; it only rises.",
    "observed_at": "When it was found (UTC).",
}
_CAPTURE = ("warc", "offset", "length", "record_id", "payload_digest", "status", "fetched_at")


def _columns(names: str, needed: str, texts: dict[str, str]) -> tuple[Column, ...]:
    return tuple(
        Column(name, _KINDS.get(name, "text"), texts[name], name in needed.split()) for name in names.split()
    )


def _article(article: Article) -> Iterator[Row]:
    record = article.to_json()
    record["release_day"] = article.release_time[:10] if article.release_time else None
    record |= {f"extractor_{name}": value for name, value in record["extractor"].items()}
    record |= _captured(article)
    yield tuple(record[name] for name in ARTICLES.names)


def _captured(article: Article) -> dict[str, Any]:
    return {
        f"capture_{name}": getattr(article.capture, name) if article.capture else None for name in _CAPTURE
    }


def _version(version: Version) -> Iterator[Row]:
    record = version.article.to_json() | _captured(version.article)
    record |= {"article_id": version.article.id, "number": version.number, "run": version.run}
    record |= {"created_at": version.created_at, "reason": version.reason}
    yield tuple(record[name] for name in VERSIONS.names)


def _seen(sighting: Sighting) -> Iterator[Row]:
    values = shallow(sighting) | {"cursor": sighting.id}
    yield tuple(values[name] for name in VIEWS.names)


def _change(change: Change) -> Iterator[Row]:
    values = change.to_json()
    if change.kind != "changed":
        values |= {"release_time_moved_back": None, "fields": None}
    yield tuple(values[name] for name in CHANGES.names)


def _run(run: Run) -> Iterator[Row]:
    yield run.id, run.kind, run.started_at, run.finished_at, run.outcome, run.counts


ARTICLES = Table(
    "articles",
    "The articles as they stand now",
    ("id",),
    _columns(
        "schema_version id url site section title release_time release_day release_time_raw views "
        "views_observed_at views_source body body_html author source editor language images attachments "
        "links content_digest version state first_seen last_seen last_changed capture_warc capture_offset "
        "capture_length capture_record_id capture_payload_digest capture_status capture_fetched_at "
        "extractor_preset extractor_revision provenance",
        "schema_version id url site images attachments content_digest extractor_preset extractor_revision "
        "provenance",
        _TEXTS | _OWN,
    ),
    lambda archive, choice: archive.chosen(choice),
    _article,
)
VERSIONS = Table(
    "versions",
    "Every version of their content",
    ("article_id", "number"),
    _columns(
        "article_id number run created_at reason title release_time body images attachments links author "
        "source editor content_digest capture_warc capture_offset capture_length capture_payload_digest "
        "capture_fetched_at",
        "article_id number run created_at reason images attachments content_digest",
        _TEXTS | _OWN,
    ),
    lambda archive, choice: archive.histories(choice),
    _version,
)
VIEWS = Table(
    "views",
    "Their views over time, a row where they moved",
    ("cursor",),
    _columns(
        "cursor article_id run observed_at views views_source",
        "cursor article_id run observed_at views",
        _TEXTS | _OWN,
    ),
    lambda archive, choice: archive.series(choice),
    _seen,
)
CHANGES = Table(
    "changes",
    "What happened to them: new, changed, hidden, missing, withdrawn, restored, blocked, error",
    ("cursor", "kind"),
    _columns(
        "cursor kind article_id site url title run observed_at from_version to_version from_state to_state "
        "reason severity release_time_moved_back fields",
        "cursor kind article_id site url run observed_at to_version",
        _CHANGE,
    ),
    lambda archive, choice: archive.all_changes(choice),
    _change,
)
RUNS = Table(
    "runs",
    "The runs of the archive",
    ("id",),
    (
        Column("id", "integer", "Number of the run.", True),
        Column("kind", "text", "What it was for: a crawl, a backfill or a reextract.", True),
        Column("started_at", "time", "When it began (UTC).", True),
        Column("finished_at", "time", "When it ended (UTC); null when it was killed or still runs."),
        Column("outcome", "text", "How it ended.", True),
        Column("counts", "object", "What it asked for and found.", True),
    ),
    lambda archive, choice: archive.runs(as_of=choice.as_of),
    _run,
)
# What others refer to goes first.
TABLES = {table.name: table for table in (RUNS, ARTICLES, VERSIONS, VIEWS, CHANGES)}
