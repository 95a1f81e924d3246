"""The catalogue of an archive, open to questions. Reads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Executable, Select

from storage.errors import ArchiveClosed
from storage.faults import translated
from storage.rows import AnyRow
from storage.statement import rows


class Asking:
    """Opened for reading it shows one moment, that of its opening, while a crawl goes on writing."""

    def __init__(self, root: Path, connection: Connection) -> None:
        self.path = root
        self._connection = connection

    def __repr__(self) -> str:
        state = "closed, " if self._connection.closed else ""
        return f"<{type(self).__name__} {state}{str(self.path)!r}>"

    def refresh(self) -> None:
        """Let go of the moment that is shown: the next question sees what was committed until then."""
        self._connection.rollback()

    def _row(self, query: Select[Any], **values: Any) -> AnyRow | None:
        """Return the first row of a query that was made once: building one takes longer than answering it."""
        with self._reading():
            return self._connection.execute(query, values).first()

    def _rows(self, query: Executable) -> Iterator[AnyRow]:
        with self._reading():
            for row in rows(self._connection, query):
                yield row
                self._expect_open()

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Ask the open catalogue, or say in the archive's own words why not."""
        self._expect_open()
        with translated(self.path):
            yield

    def _expect_open(self) -> None:
        if self._connection.closed:
            raise ArchiveClosed(f"{self.path}: was closed: open it again, and read within its `with`")
