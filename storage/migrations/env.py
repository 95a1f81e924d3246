"""What alembic runs: it takes the connection that `storage.catalog.migrate` hands over."""

from __future__ import annotations

from alembic import context

from storage.catalog import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
