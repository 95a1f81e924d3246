"""When an article was last looked at, how far a listing was met, and what on it gave no article."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add columns and a table; a listing counts as not yet met whole, so the next run walks it to its end."""
    op.add_column("articles", sa.Column("looked_at", sa.Text, nullable=False, server_default=""))
    op.execute("UPDATE articles SET looked_at = last_seen")
    op.create_index("articles_site_looked_at", "articles", ["site", "looked_at"])
    op.add_column("listings", sa.Column("whole", sa.Boolean, nullable=False, server_default=sa.false()))
    for name in ("line", "released"):
        op.add_column("listed", sa.Column(name, sa.Text, nullable=True))
    op.create_index("listed_listing_id_run_id", "listed", ["listing_id", "run_id"])
    op.create_table(
        "unread",
        sa.Column("article_id", sa.Text, primary_key=True),
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("released", sa.Text, nullable=True),
        sa.Column("look", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("looked_at", sa.Text, nullable=False),
    )
