"""A question or a change past the archive, put to whichever database has its catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import text

from storage import database


def sql(root: Path, statement: str, **values: object) -> list[Any]:
    with database.opened(root, write=True) as connection:
        found = connection.execute(text(statement), values)
        rows = [tuple(row) for row in found] if found.returns_rows else []
        connection.commit()
    return rows
