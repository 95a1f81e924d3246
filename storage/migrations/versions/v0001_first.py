"""The first schema: runs, captures, articles with their versions and sightings, listings, the frontier."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables of schema 0001. Frozen: what comes later is a migration of its own."""
    for make in (_runs, _evidence, _articles, _history, _listings):
        make()


def _must(name: str, kind: Any = sa.Text, *rest: Any, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, *rest, nullable=False, **options)


def _may(name: str, kind: Any = sa.Text) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True)


def _key(name: str, kind: Any = sa.Integer, *rest: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, *rest, primary_key=True)


def _run(name: str = "run_id") -> sa.Column[Any]:
    return _must(name, sa.Integer, sa.ForeignKey("runs.id"))


def _runs() -> None:
    op.create_table(
        "runs",
        _key("id"),
        _must("started_at"),
        _may("finished_at"),
        _must("outcome"),
        _must("counts", sa.JSON),
    )
    op.create_table(
        "run_sites",
        _key("run_id", sa.Integer, sa.ForeignKey("runs.id")),
        _key("site", sa.Text),
        _may("outcome"),
        _may("problem"),
        _must("counts", sa.JSON),
    )
    op.create_table(
        "problems",
        _key("run_id", sa.Integer, sa.ForeignKey("runs.id")),
        _key("url", sa.Text),
        *map(_must, ("site", "reason", "detail", "observed_at")),
    )
    op.create_table(
        "frontier",
        _key("run_id", sa.Integer, sa.ForeignKey("runs.id")),
        _key("url", sa.Text),
        *map(_must, ("host", "site", "kind")),
        _must("detail", sa.JSON),
        _must("state"),
    )


def _evidence() -> None:
    op.create_table(
        "warcs",
        _key("file", sa.Text),
        _run(),
        _must("length", sa.BigInteger),
        _must("records", sa.Integer),
        _must("closed", sa.Boolean),
        _may("sha256"),
    )
    op.create_table(
        "captures",
        _key("id"),
        _run(),
        _must("last_run", sa.Integer),
        _must("url"),
        _must("status", sa.Integer),
        _may("media_type"),
        _must("fetched_at"),
        _must("warc"),
        _must("offset", sa.BigInteger),
        _must("length", sa.BigInteger),
        _must("record_id", sa.Text, unique=True),
        _must("payload_digest"),
        _may("etag"),
        _may("last_modified"),
    )
    op.create_index("captures_url_payload_digest", "captures", ["url", "payload_digest"])
    op.create_index("captures_warc_offset", "captures", ["warc", "offset"])


def _articles() -> None:
    op.create_table(
        "articles",
        _key("id", sa.Text),
        _must("site"),
        _must("url"),
        _may("section"),
        _may("release_time"),
        _must("standing"),
        _run("standing_run"),
        _must("state"),
        _must("version", sa.Integer),
        _may("views", sa.BigInteger),
        _may("views_source"),
        _may("views_observed_at"),
        *map(_must, ("first_seen", "last_seen", "last_changed")),
        _must("last_run", sa.Integer),
    )
    op.create_index("articles_site_id", "articles", ["site", "id"])
    op.create_index("articles_url", "articles", ["url"])
    op.create_table(
        "versions",
        _key("article_id", sa.Text, sa.ForeignKey("articles.id")),
        _key("number"),
        _run(),
        *map(_must, ("created_at", "reason", "content_digest", "field_digests", "extractor", "record")),
        _must("capture_id", sa.Integer, sa.ForeignKey("captures.id")),
    )


def _history() -> None:
    op.create_table(
        "sightings",
        _key("id", sa.Integer().with_variant(sa.BigInteger(), "postgresql")),
        _must("article_id", sa.Text, sa.ForeignKey("articles.id")),
        _run(),
        *map(_must, ("observed_at", "standing", "state")),
        _must("version", sa.Integer),
        _may("views", sa.BigInteger),
        _may("views_source"),
        _must("reason"),
        _must("moved", sa.Boolean),
        sqlite_autoincrement=True,
    )
    op.create_index("sightings_article_id_id", "sightings", ["article_id", "id"])
    moved: dict[str, Any] = {"sqlite_where": sa.text("moved = 1"), "postgresql_where": sa.text("moved")}
    op.create_index("sightings_moved_run", "sightings", ["run_id", "id"], **moved)
    op.create_index("sightings_moved_article", "sightings", ["article_id", "id"], **moved)


def _listings() -> None:
    op.create_table("listings", _key("id"), _must("site"), _must("seed"), sa.UniqueConstraint("site", "seed"))
    op.create_table(
        "listed",
        _key("article_id", sa.Text),
        _key("listing_id", sa.Integer, sa.ForeignKey("listings.id")),
        _must("run_id", sa.Integer),
    )
