"""The nouns of the archive, as values: frozen, slotted, the same words as in the tables and in the JSON.

Pure: no I/O. `Article.to_json` is the published record (DESIGN §5); its JSON Schema is `storage.schema`.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

SCHEMA_VERSION = "1.0"

State = Literal["live", "hidden", "missing", "withdrawn", "restored", "blocked", "error"]
ViewsSource = Literal["static", "counter"]
Severity = Literal["cosmetic", "minor", "substantive"]
ChangeKind = Literal["new", "changed", "hidden", "missing", "withdrawn", "restored", "blocked", "error"]
EventKind = Literal[ChangeKind, "settled", "refreshed", "views"]
REEXTRACT: Literal["reextract"] = (
    "reextract"  # the kind of a run that asks nobody: it reads again what is kept
)
REFRESHED = "refreshed"  # why there is a sighting: what moved is no edit
Proof = str | int
"""How far absence from a listing proves something: "" all the way, else down to a day or a rank."""
DIGESTED = ("title", "release_time", "body", "images", "attachments")


@dataclass(frozen=True, slots=True)
class Image:
    """A picture in the body."""

    url: str
    alt: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file the article offers; media type, size in bytes and sha256 are known once it was fetched."""

    url: str
    name: str | None = None
    media_type: str | None = None
    size: int | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A link in the body, with its words; files and pictures are not among them."""

    url: str
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Capture:
    """Where a kept response lies: the WARC file (relative to the archive), byte offset and length in it."""

    warc: str
    offset: int
    length: int
    record_id: str
    payload_digest: str
    status: int
    fetched_at: str


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A WARC file as the catalogue has it: how many bytes and records of it are committed, by which run.

    `sha256` is null until the file is closed; `flaws` counts what `repair` found lost in it for good.
    """

    file: str
    run_id: int
    length: int
    records: int
    closed: bool
    sha256: str | None
    flaws: int | None = None


@dataclass(frozen=True, slots=True)
class Extractor:
    """The rules that read the page."""

    preset: str
    revision: int


@dataclass(frozen=True, slots=True)
class Article:
    """One news article as of one capture: the record, schema 1.0.

    `version`, `state`, `first_seen`, `last_seen`, `last_changed` and `capture` are null until it is archived;
    `links` is null in records kept before links were read.
    Times are ISO 8601; `release_time` has the page's own precision, all others are UTC with seconds.
    """

    id: str
    url: str
    site: str
    title: str
    extractor: Extractor
    section: str | None = None
    release_time: str | None = None
    release_time_raw: str | None = None
    views: int | None = None
    views_observed_at: str | None = None
    views_source: ViewsSource | None = None
    body: str = ""
    body_html: str = ""
    author: str | None = None
    source: str | None = None
    editor: str | None = None
    language: str | None = None
    images: tuple[Image, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    links: tuple[Link, ...] | None = None
    version: int | None = None
    state: State | None = None
    first_seen: str | None = None
    last_seen: str | None = None
    last_changed: str | None = None
    capture: Capture | None = None
    provenance: dict[str, str] = field(default_factory=dict)

    @property
    def content_digest(self) -> str:
        """`sha256:` and hex over title, release_time, body, images and attachments; never over views."""
        return _content_digest({name: _plain(getattr(self, name)) for name in DIGESTED})

    def to_json(self) -> dict[str, Any]:
        """Return the record of schema 1.0 as a dict of JSON values, fields in the schema's order."""
        values = {name: _plain(getattr(self, name)) for name in FIELD_ORDER if name not in _DERIVED}
        values["schema_version"] = SCHEMA_VERSION
        values["content_digest"] = _content_digest({name: values[name] for name in DIGESTED})
        return {name: values[name] for name in FIELD_ORDER}

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> Article:
        """Read a record that `to_json` wrote; the digest and schema version are derived, not read."""
        values = {name: record[name] for name in FIELD_ORDER if name not in _DERIVED and name != "links"}
        values["images"] = tuple(Image(**image) for image in record["images"])
        values["attachments"] = tuple(Attachment(**item) for item in record["attachments"])
        values["links"] = (
            None if record.get("links") is None else tuple(Link(**each) for each in record["links"])
        )
        values["extractor"] = Extractor(**record["extractor"])
        values["capture"] = Capture(**record["capture"]) if record["capture"] else None
        return cls(**values)


FIELD_ORDER = (
    "schema_version", "id", "url", "site", "section", "title", "release_time", "release_time_raw",
    "views", "views_observed_at", "views_source", "body", "body_html", "author", "source", "editor",
    "language", "images", "attachments", "links", "content_digest", "version", "state", "first_seen",
    "last_seen", "last_changed", "capture", "extractor", "provenance",
)  # fmt: skip
_DERIVED = frozenset({"schema_version", "content_digest"})


@dataclass(frozen=True, slots=True)
class Copy:
    """That an exchange is a copy: the URI of the capture it was made from, and when."""

    source: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Exchange:
    """One HTTP request and its response as they went over the wire, ready to be kept as WARC.

    `request` is request line, headers and body. `head` is status line and headers as received, ending in the
    blank line. `body` is what remains after removing only the transfer coding: the content coding is kept
    (WARC 1.1 §5.9 digests exactly these bytes). `truncated` is null or a reason of WARC 1.1 §5.13. `copy` is
    null unless others captured it; then the request may be unknown, and empty.
    """

    url: str
    method: str
    request: bytes
    head: bytes
    body: bytes
    status: int
    fetched_at: datetime
    ip: str | None = None
    media_type: str | None = None
    truncated: Literal["length", "time", "disconnect", "unspecified"] | None = None
    copy: Copy | None = None


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a WARC says beside its captures: one JSON object about a subject (a URI), said at a time.

    `about` is the id of the response it was read from, if any.
    """

    subject: str
    block: bytes
    at: str
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """An article's content as of a capture; a new one only when `storage.diff.compare` finds an edit.

    `reason` is `new`, `edit` (the university changed it) or `rules` (our extraction rules did).
    """

    number: int
    run: int
    created_at: str
    reason: Literal["new", "edit", "rules"]
    article: Article


@dataclass(frozen=True, slots=True)
class Sighting:
    """One point of an article's history: kept only when state, version, views or a kept detail moved."""

    id: int
    article_id: str
    run: int
    observed_at: str
    state: State
    version: int | None
    views: int | None
    views_source: ViewsSource | None


@dataclass(frozen=True, slots=True)
class Run:
    """One run; `finished_at` is null while it runs or when it was killed.

    `kind` says what it was for: a `crawl` of what is new and due, a `backfill` of what lies before, a
    `reextract` of what is kept, by the rules of then.
    """

    id: int
    started_at: str
    finished_at: str | None
    outcome: Literal["running", "done", "incomplete", "interrupted"]
    counts: dict[str, int] = field(default_factory=dict)
    kind: str = "crawl"


@dataclass(frozen=True, slots=True)
class SiteOutcome:
    """How one site of a run went; `outcome` is null while it is under way, `problem` says why it failed.

    `drifted` is a site that answered, but whose pages no longer read as they did: `drifts` names how.
    `coverage` is what the run found, by seed: the articles read, the share of them that shows each field.
    """

    site: str
    outcome: Literal["done", "failed", "drifted"] | None
    problem: str | None = None
    counts: dict[str, int] = field(default_factory=dict)
    drifts: tuple[str, ...] = ()
    coverage: dict[str, dict[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a site stands after the newest run that was over it, which began at `started_at`.

    `well_at` is when the newest run began in which it was done. `reasons` counts the addresses that gave
    nothing in this run, `states` the site's articles.
    """

    run: int
    started_at: str
    outcome: SiteOutcome
    well_at: str | None = None
    reasons: dict[str, int] = field(default_factory=dict)
    states: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the fields stand in a site's pages, as learned from pages of the listing that begins at `seed`.

    `revision` counts per site, so that a record's extractor names one layout. `rules` are JSON values whose
    meaning is the crawl's own; `samples` are the ids of the articles they were learned from.
    """

    site: str
    revision: int
    seed: str
    learned_at: str
    rules: dict[str, Any]
    samples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """A URL that gave nothing in a run, and why."""

    site: str
    url: str
    reason: str
    detail: str
    observed_at: str


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the robots.txt of a host allowed in a run, read then or less than a day before.

    `decision` is `allowed` (it has none, or no rules), `rules`, or `unreachable`, which forbids all. `url`
    and `status` are of the answer it rests on, null where there was none. `crawl_delay` is what it asks for,
    `delay` what was kept to, in seconds.
    """

    host: str
    decision: Literal["allowed", "rules", "unreachable"]
    url: str | None
    status: int | None
    read_at: str
    crawl_delay: float | None
    delay: float


@dataclass(frozen=True, slots=True)
class Task:
    """A URL still to fetch in a run; `kind` and `detail` (JSON values) are the crawl's own.

    `place` orders those of a host, and is given on the frontier: below 0 for what goes `first`.
    An address is fetched once in a run, or once in each `turn`.
    """

    url: str
    host: str
    site: str
    kind: str
    detail: dict[str, Any] = field(default_factory=dict)
    place: int = field(default=0, compare=False)
    first: bool = field(default=False, compare=False)
    turn: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Band:
    """Articles dated since a day (ISO 8601) are due when last looked at no later than `looked_before` (UTC).

    Of several bands the first that holds an article's day decides; one without a band is never due.
    """

    since: str
    looked_before: str


@dataclass(frozen=True, slots=True)
class Line:
    """How an article stands on a listing: a digest of what is printed there, and the day that is printed.

    Of two lines of a listing from the newest down the older has the lower `rank`; null where nobody knows.
    """

    digest: str
    released: str | None = None
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a listed address before it is asked for.

    `state` is null for one that gave no article. `line` is the digest it stood on this listing with when last
    listed, null when it never did, `rank` how new it is there. `url` is the article's own address, `site`
    whose it is: of two sites that list an article, the one that met it first.
    """

    article_id: str
    site: str
    url: str
    state: State | None
    due: bool
    line: str | None
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class Unread:
    """A listed address that gave no article: what the look at it was (see `storage.ladder`), and why.

    `error` passes, so it is asked for in the next run; `none` was answered otherwise, by a file perhaps;
    an `alias` leads to an article that is kept under another id. `released` is the day the listing prints.
    """

    article_id: str
    site: str
    url: str
    released: str | None
    look: str
    reason: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of compared text: in both, only in the old (`deleted`), only in the new (`inserted`).

    A paragraph that stands elsewhere in the new text is `moved_from` where it stood and `moved_to` where it
    stands now.
    """

    op: Literal["equal", "deleted", "inserted", "moved_from", "moved_to"]
    text: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that differs between two versions; `segments` show the words for text fields."""

    field: str
    before: Any
    after: Any
    severity: Severity
    segments: tuple[Segment, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one article between two runs: a pair of versions and the fields that differ.

    `cursor` is the id of the newest sighting it rests on, so a reader can go on from there. `from_version` is
    null for a new article. `reason` tells an edit by the university from new extraction rules.
    """

    cursor: int
    kind: ChangeKind
    article_id: str
    site: str
    url: str
    title: str
    run: int
    observed_at: str
    from_version: int | None = None
    to_version: int | None = None
    from_state: State | None = None
    to_state: State | None = None
    reason: str | None = None
    severity: Severity | None = None
    release_time_moved_back: bool = False
    fields: tuple[FieldChange, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the change as a dict of JSON values."""
        return shallow(self) | {"fields": [_field_json(field) for field in self.fields]}


@dataclass(frozen=True, slots=True)
class Event:
    """One point of an article's history, with the record as it stood then: a line of the change stream.

    `kinds` are those of its changes; `settled` is none, only a state that went on (an error passed),
    `refreshed` moved what is no edit, `views` only the views. A `tombstone` is an article that
    the university took down (withdrawn) or off its lists (hidden). `reason`, `severity` and `fields` are
    those of the edit, if there was one.
    """

    cursor: int
    kinds: tuple[EventKind, ...]
    tombstone: bool
    run: int
    observed_at: str
    from_version: int | None
    from_state: State | None
    reason: str
    severity: Severity | None
    release_time_moved_back: bool
    fields: tuple[FieldChange, ...]
    article: Article

    def to_json(self) -> dict[str, Any]:
        """Return the event as a dict of JSON values."""
        values = shallow(self) | {"kinds": list(self.kinds), "article": self.article.to_json()}
        return values | {"fields": [_field_json(field) for field in self.fields]}


_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def canonical_json(value: object) -> bytes:
    """Return the one byte form of a JSON value: sorted keys, no spaces, UTF-8."""
    return _CANONICAL.encode(value).encode()


def shallow(value: Any) -> dict[str, Any]:
    """Return the fields of a value by name as they are; `asdict` takes thirty times as long to copy them."""
    return {name: getattr(value, name) for name in value.__slots__}


def _content_digest(content: dict[str, Any]) -> str:
    return "sha256:" + hashlib.sha256(canonical_json(content)).hexdigest()


def _plain(value: Any) -> Any:
    """Return a field of a record as JSON has it; `asdict` would copy every text on the way."""
    if isinstance(value, tuple):
        return [shallow(each) for each in value]
    if isinstance(value, dict):
        return dict(value)
    return shallow(value) if isinstance(value, Extractor | Capture) else value


def _field_json(field: FieldChange) -> dict[str, Any]:
    shown = [{"op": part.op, "text": part.text} for part in field.segments]  # the many: by name, for speed
    return shallow(field) | {"segments": shown}


def with_views(article: Article, views: int, source: ViewsSource, observed_at: str) -> Article:
    """Return the article with these views."""
    return replace(article, views=views, views_source=source, views_observed_at=observed_at)
