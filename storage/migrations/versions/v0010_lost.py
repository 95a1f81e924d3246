"""What is lost is found without looking at every capture."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the index of lost captures."""
    there = sa.text("lost IS NOT NULL")
    op.create_index("captures_lost", "captures", ["lost"], sqlite_where=there, postgresql_where=there)
