"""What told a version from the one before it is kept, so that a diff need not compare their texts again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add a column; where it is null, as of all versions so far, a diff compares as before."""
    op.add_column("versions", sa.Column("compared", sa.Text, nullable=True))
