"""How new a line of a listing is among the others, which lists without days do not print."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add a column; lines get their rank when they are listed again."""
    op.add_column("listed", sa.Column("rank", sa.BigInteger, nullable=True))
