"""Statements of the catalogue compiled once, and run on the driver's own cursor: for what every page costs.

SQLAlchemy takes 20 µs around each statement that SQLite answers in 3; a page has ten of them. They stay
written in its Core, for whatever database it speaks to. Does I/O.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from sqlalchemy import ClauseElement, Connection, Executable, Insert, Row, Table, bindparam, select, text

from storage.catalog import articles, upsert


class Statement:
    """A statement over columns of plain types, nothing of which is filled in by SQLAlchemy.

    `columns` are those an insert gives.
    """

    def __init__(self, statement: ClauseElement, *columns: str) -> None:
        self._statement, self._columns = statement, columns
        self._compiled: dict[str, tuple[str, tuple[str, ...], dict[str, Any]]] = {}

    def run(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        """Run it in the connection's transaction, begun if need be, and return the driver's cursor."""
        if not connection.in_transaction():
            connection.begin()
        words, names, fixed = self._compiled.get(connection.dialect.name) or self._compile(connection)
        cursor = connection.connection.cursor()
        cursor.execute(words, [values[name] if name in values else fixed[name] for name in names])
        return cursor

    def _compile(self, connection: Connection) -> tuple[str, tuple[str, ...], dict[str, Any]]:
        compiled = self._statement.compile(
            dialect=connection.dialect, column_keys=list(self._columns) or None
        )
        names = tuple(compiled.positiontup or ())  # type: ignore[attr-defined]
        made = self._compiled[connection.dialect.name] = (str(compiled), names, dict(compiled.params))
        return made


_SAVE, _TAKE_BACK, _RELEASE = (
    Statement(text(f"{what} attempt")) for what in ("SAVEPOINT", "ROLLBACK TO SAVEPOINT", "RELEASE SAVEPOINT")
)


class Savepoint:
    """A moment of a transaction that can be gone back to: in PostgreSQL the only way on after a failure."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        _SAVE.run(connection, {})

    def take_back(self) -> None:
        """Go back to it; it still has to be released."""
        _TAKE_BACK.run(self._connection, {})

    def release(self) -> None:
        """Let what came after it stand as a part of the transaction."""
        _RELEASE.run(self._connection, {})


def rows(connection: Connection, query: Executable, room: int = 200) -> Generator[Row[Any], None, None]:
    """Iterate the rows of a query, `room` at a time; the cursor is let go of when the asking ends."""
    found = connection.execute(query.execution_options(yield_per=room))
    try:
        yield from found
    finally:
        # Who stops in the middle may close the archive first; SQLite's cursors are gone then, others warn.
        if not connection.closed or connection.dialect.name != "sqlite":
            found.close()


_IS_KEPT = Statement(select(articles.c.id).where(articles.c.id == bindparam("key")))


def is_kept(connection: Connection, article_id: str) -> bool:
    """Tell whether an article is kept."""
    return _IS_KEPT.run(connection, {"key": article_id}).fetchone() is not None


def put_over(connection: Connection, table: Table) -> Insert:
    """Return the insert that writes whole rows over those of the same key."""
    insert = upsert(connection, table)
    rest = {c.name: insert.excluded[c.name] for c in table.c if not c.primary_key}
    return insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=rest)


class RunRows:
    """Rows of one run, written over the ones already there."""

    def __init__(self, connection: Connection, run: int) -> None:
        self._connection, self._run = connection, run
        self._over: dict[str, Insert] = {}  # by table: a statement takes longer to build than to run

    def put(self, table: Table, rows: list[dict[str, Any]]) -> None:
        """Write rows of a table, without their run."""
        if rows:
            if table.name not in self._over:
                self._over[table.name] = put_over(self._connection, table)
            self._connection.execute(self._over[table.name], [row | {"run_id": self._run} for row in rows])
