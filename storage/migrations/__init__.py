"""The catalogue's schema, step by step: alembic's scripts, shipped with the package."""
