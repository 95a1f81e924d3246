"""What the robots.txt of a host allowed in a run."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add a table."""
    op.create_table(
        "rulings",
        sa.Column("host", sa.Text, primary_key=True),
        sa.Column("run_id", sa.Integer, sa.ForeignKey("runs.id"), primary_key=True),
        sa.Column("decision", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=True),
        sa.Column("status", sa.Integer, nullable=True),
        sa.Column("read_at", sa.Text, nullable=False),
        sa.Column("crawl_delay", sa.Float, nullable=True),
        sa.Column("delay", sa.Float, nullable=False),
    )
    op.create_index("rulings_run_id", "rulings", ["run_id"])
