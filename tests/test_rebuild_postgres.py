"""A catalogue in a PostgreSQL made anew from the WARC files."""

from __future__ import annotations

from typing import Any

import pytest

from storage.database import CATALOG
from storage.place import DEED
from storage.rebuild import rebuild
from storage.verify import verify
from tests.campus_days import Days, article
from tests.test_rebuild import days, tables

__all__ = ["days"]


@pytest.mark.postgres
def test_a_catalogue_in_a_postgresql_comes_back_too(catalogue: str, days: Days, database: Any) -> None:
    assert not (days.path / CATALOG).exists()
    before = tables(days.path)
    for lose in (lambda: None, lambda: database.empty(), lambda: (days.path / DEED).unlink()):
        lose()
        made = rebuild(days.path, force=True)
        assert (made.lost, made.gaps) == (0, [])
        assert tables(days.path) == before
        assert list(verify(days.path)) == []
    assert made.old is not None
    days.run(article(1), article(40))
