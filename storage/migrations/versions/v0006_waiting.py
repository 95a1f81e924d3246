"""What waits at each host is counted and found without reading the tasks themselves."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Put an index in the place of a narrower one."""
    op.drop_index("frontier_run_id_host_place", "frontier")
    columns = ["run_id", "state", "host", "place", "site"]
    op.create_index("frontier_" + "_".join(columns), "frontier", columns)
