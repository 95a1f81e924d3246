"""Sums over the rows of each table, and what of WARC files is known to be lost."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the table of sums and mark no capture."""
    op.create_table(
        "tallies",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("bucket", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("total", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", "bucket", name="tallies_pkey"),
    )
    op.add_column("warcs", sa.Column("flaws", sa.Integer, nullable=True))
    op.add_column("captures", sa.Column("lost", sa.Text, nullable=True))
