"""Kinds of runs, and the order and turn in which a host's addresses wait."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the columns; older runs were crawls, and what an interrupted one left waits as it was put there."""
    op.add_column("runs", sa.Column("kind", sa.Text, nullable=False, server_default="crawl"))
    op.add_column("frontier", sa.Column("place", sa.Integer, nullable=False, server_default="0"))
    if op.get_bind().dialect.name == "sqlite":  # no archive in a PostgreSQL is as old
        op.execute("UPDATE frontier SET place = CASE kind WHEN 'listing' THEN -rowid ELSE rowid END")
    op.add_column("frontier", sa.Column("turn", sa.Integer, nullable=False, server_default="1"))
    op.create_index("frontier_run_id_host_place", "frontier", ["run_id", "host", "place"])
