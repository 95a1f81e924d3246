"""Learned layouts, and what a run found on a site: its drifts and its coverage."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the table and the two columns; rows of older runs leave them null."""
    op.create_table(
        "layouts",
        sa.Column("site", sa.Text, primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True),
        sa.Column("seed", sa.Text, nullable=False),
        sa.Column("learned_at", sa.Text, nullable=False),
        sa.Column("rules", sa.JSON, nullable=False),
        sa.Column("samples", sa.JSON, nullable=False),
    )
    for name in ("drifts", "coverage"):
        op.add_column("run_sites", sa.Column(name, sa.JSON, nullable=True))
