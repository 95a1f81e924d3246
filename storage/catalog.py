"""The catalogue's tables, the same words as `storage.records`. Pure declaration: `storage.database` opens it.

Nothing here is SQLite's alone. The migrations in `storage/migrations` make the schema and move it on; a test
holds them equal to these tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    event,
    false,
    text,
    true,
)
from sqlalchemy.dialects import sqlite

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s",
        "uq": "%(table_name)s_%(column_0_N_name)s",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "pk": "%(table_name)s_pkey",
    }
)

# Compared by its bytes whatever the database's own order: what is sorted is sorted alike everywhere.
TEXT = Text().with_variant(Text(collation="C"), "postgresql")
# Ids that only rise for as long as an archive lives; SQLite's every integer is as wide.
_LONG = Integer().with_variant(BigInteger(), "postgresql")


def _must(name: str, kind: Any = TEXT, *rest: Any, **options: Any) -> Column[Any]:
    return Column(name, kind, *rest, nullable=False, **options)


def _may(name: str, kind: Any = TEXT, *rest: Any) -> Column[Any]:
    return Column(name, kind, *rest, nullable=True)


runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    _must("started_at"),
    _may("finished_at"),
    _must("outcome"),
    _must("counts", JSON),
    _must("kind", server_default="crawl"),
)
run_sites = Table(
    "run_sites",
    metadata,
    Column("run_id", ForeignKey("runs.id"), primary_key=True),
    Column("site", TEXT, primary_key=True),
    _may("outcome"),
    _may("problem"),
    _must("counts", JSON),
    _may("drifts", JSON(none_as_null=True)),
    _may("coverage", JSON(none_as_null=True)),
)
problems = Table(
    "problems",
    metadata,
    Column("run_id", ForeignKey("runs.id"), primary_key=True),
    Column("url", TEXT, primary_key=True),
    _must("site"),
    _must("reason"),
    _must("detail"),
    _must("observed_at"),
)
# What is done stays to be recognised until its run ends; what is still to fetch then is taken over by the
# next run of its kind over the site. `place` is the order in which a host's addresses wait.
frontier = Table(
    "frontier",
    metadata,
    Column("run_id", ForeignKey("runs.id"), primary_key=True),
    Column("url", TEXT, primary_key=True),
    _must("host"),
    _must("site"),
    _must("kind"),
    _must("detail", JSON),
    _must("state"),
    _must("place", Integer, server_default="0"),
    _must("turn", Integer, server_default="1"),
    Index(None, "run_id", "state", "host", "place", "site"),  # all that is asked of a million at once
)
# `length` and `records` are what was committed: bytes past it were never acknowledged. `flaws` is how many
# stretches of the file were past mending when it was repaired.
warcs = Table(
    "warcs",
    metadata,
    Column("file", TEXT, primary_key=True),
    _must("run_id", Integer, ForeignKey("runs.id")),
    _must("length", BigInteger),
    _must("records", Integer),
    _must("closed", Boolean),
    _may("sha256"),
    _may("flaws", Integer),
)
# A kept payload. A revisit adds no row; it moves `last_run` and the validators of the row it refers to.
# `lost` is the time at which its bytes were found damaged: nothing is a revisit of it any more.
captures = Table(
    "captures",
    metadata,
    Column("id", Integer, primary_key=True),
    _must("run_id", Integer, ForeignKey("runs.id")),
    _must("last_run", Integer),
    _must("url"),
    _must("status", Integer),
    _may("media_type"),
    _must("fetched_at"),
    _must("warc"),
    _must("offset", BigInteger),
    _must("length", BigInteger),
    _must("record_id", unique=True),
    _must("payload_digest"),
    _may("etag"),
    _may("last_modified"),
    _may("lost"),
    Index(None, "url", "payload_digest"),
    Index(None, "warc", "offset"),
    Index("captures_lost", "lost", sqlite_where=text("lost IS NOT NULL")),
)
# The article as it stands now; its record is that of `version`. `looked_at` is when a look last told of it,
# empty after one that failed in passing: that is to be made again.
articles = Table(
    "articles",
    metadata,
    Column("id", TEXT, primary_key=True),
    _must("site"),
    _must("url"),
    _may("section"),
    _may("release_time"),
    _must("standing"),
    _must("standing_run", Integer, ForeignKey("runs.id")),
    _must("state"),
    _must("version", Integer),
    _may("views", BigInteger),
    _may("views_source"),
    _may("views_observed_at"),
    _must("first_seen"),
    _must("last_seen"),
    _must("last_changed"),
    _must("looked_at", server_default=""),
    _must("last_run", Integer),
    Index(None, "site", "id"),
    Index(None, "site", "looked_at"),
    Index(None, "url"),
)
# Listed addresses that gave no article, so that not every run asks for them again; `released` is what the
# listing prints. One whose article was kept under another id has the look `alias`.
unread = Table(
    "unread",
    metadata,
    Column("article_id", TEXT, primary_key=True),
    _must("site"),
    _must("url"),
    _may("released"),
    _must("look"),
    _must("reason"),
    _must("looked_at"),
)
# `content_digest` names the content; `field_digests` covers each field kept, so that one edited by
# hand is named. `compared` is what told it from the version before (see `storage.comparison`), null of the
# first, and where details moved since.
versions = Table(
    "versions",
    metadata,
    Column("article_id", ForeignKey("articles.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    _must("run_id", Integer, ForeignKey("runs.id")),
    _must("created_at"),
    _must("reason"),
    _must("content_digest"),
    _must("field_digests"),
    _must("extractor"),
    _must("record"),
    _must("capture_id", Integer, ForeignKey("captures.id")),
    _may("compared"),
)
# `moved` marks the rows that a change can rest on: state, standing or version moved, not only the views.
sightings = Table(
    "sightings",
    metadata,
    Column("id", _LONG, primary_key=True),
    _must("article_id", TEXT, ForeignKey("articles.id")),
    _must("run_id", Integer, ForeignKey("runs.id")),
    _must("observed_at"),
    _must("standing"),
    _must("state"),
    _must("version", Integer),
    _may("views", BigInteger),
    _may("views_source"),
    _must("reason"),
    _must("moved", Boolean),
    Index(None, "article_id", "id"),
    sqlite_autoincrement=True,
)
for _name, _columns in {"run": ("run_id", "id"), "article": ("article_id", "id")}.items():
    Index(
        f"sightings_moved_{_name}",
        *(sightings.c[column] for column in _columns),
        sqlite_where=sightings.c.moved == true(),
    )
# `whole`: everything on the listing was met, to its end or where `max_pages` ends it. False from where a walk
# lost a page until one has come to the end again: the next, stopping at what is known, would leave a gap.
listings = Table(
    "listings",
    metadata,
    Column("id", Integer, primary_key=True),
    _must("site"),
    _must("seed"),
    _must("whole", Boolean, server_default=false()),
    UniqueConstraint("site", "seed"),
)
# The last run in which the article stood on the listing, a digest of the line it stood there with, the day
# that line printed, and how new it is among the others. No foreign key: what is listed may be no article.
listed = Table(
    "listed",
    metadata,
    Column("article_id", TEXT, primary_key=True),
    Column("listing_id", ForeignKey("listings.id"), primary_key=True),
    _must("run_id", Integer),
    _may("line"),
    _may("released"),
    _may("rank", BigInteger),
    Index(None, "listing_id", "run_id"),
)
# What the robots.txt of a host allowed in a run; a run within a day of `read_at` rests on the same reading.
rulings = Table(
    "rulings",
    metadata,
    Column("host", TEXT, primary_key=True),
    Column("run_id", ForeignKey("runs.id"), primary_key=True),
    _must("decision"),
    _may("url"),
    _may("status", Integer),
    _must("read_at"),
    _may("crawl_delay", Float),
    _must("delay", Float),
    Index(None, "run_id"),
)
# What was learned of a site's pages. Revisions count per site, so that a record's extractor names one row;
# the newest row of a seed is its layout of now, the older ones explain older records.
layouts = Table(
    "layouts",
    metadata,
    Column("site", TEXT, primary_key=True),
    Column("revision", Integer, primary_key=True),
    _must("seed"),
    _must("learned_at"),
    _must("rules", JSON),
    _must("samples", JSON),
)
# Sums over the rows of each table, kept by `storage.tallies`.
tallies = Table(
    "tallies",
    metadata,
    Column("name", TEXT, primary_key=True),
    Column("bucket", Integer, primary_key=True, autoincrement=False),
    _must("rows", BigInteger),
    _must("total", BigInteger),
)


@event.listens_for(metadata, "before_create")
def _index_in_part(_metadata: MetaData, connection: Connection, **_: Any) -> None:
    """Let the indexes be of the same rows in any database; naming one above would load what speaks to it."""
    for index in (index for table in metadata.tables.values() for index in table.indexes):
        where = index.dialect_options["sqlite"]["where"]
        index.dialect_options[connection.dialect.name]["where"] = where


def upsert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return the insert that understands ON CONFLICT in the connection's dialect."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql  # takes a fiftieth of a second and 2 MB

        return postgresql.insert(table)
    return sqlite.insert(table)
