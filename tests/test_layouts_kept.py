"""What the catalogue keeps of learned layouts and of each run's coverage, also in an archive of before."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from storage import Archive, database
from storage.errors import ArchiveError, ArchiveReadOnly
from storage.records import Layout, SiteOutcome
from storage.sqlite import connect

pytestmark = pytest.mark.usefixtures("catalogue")

NOW = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
LIST = "http://szqu.example/list.htm"


def layout(revision: int, site: str = "szqu") -> Layout:
    return Layout(
        site, revision, LIST, "2026-09-01T08:00:00+00:00", {"places": {"title": ["h1"]}}, ("a", "b")
    )


def run(root: Path, *layouts: Layout, outcome: SiteOutcome | None = None) -> None:
    with Archive.open(root, write=True, create=True) as archive:
        archive.begin_run(NOW, ["szqu"])
        for each in layouts:
            archive.keep_layout(each)
        archive.report_site(outcome or SiteOutcome("szqu", "done"))
        archive.end_run(NOW, "done", {})


def test_layouts_come_back_by_site_oldest_first(tmp_path: Path) -> None:
    run(tmp_path, layout(1), layout(1, "hcu"))
    run(tmp_path, layout(2))
    with Archive.open(tmp_path) as archive:
        assert archive.layouts("szqu") == [layout(1), layout(2)]
        assert archive.layouts("hcu") == [layout(1, "hcu")]
        assert archive.layouts("dfu") == []


def test_a_revision_is_written_once(tmp_path: Path) -> None:
    run(tmp_path, layout(1))
    with pytest.raises(ArchiveError):
        run(tmp_path, layout(1))


def test_a_reader_keeps_no_layout(tmp_path: Path) -> None:
    run(tmp_path)
    with Archive.open(tmp_path) as archive, pytest.raises(ArchiveReadOnly):
        archive.keep_layout(layout(1))


def test_outcomes_of_a_site_come_newest_first_with_drifts_and_coverage(tmp_path: Path) -> None:
    first = SiteOutcome("szqu", "done", coverage={LIST: {"articles": 9, "views": 0.5}})
    second = SiteOutcome("szqu", "drifted", "field_lost:views: gone", {"drift": 9}, ("field_lost:views",))
    run(tmp_path, outcome=first)
    run(tmp_path, outcome=second)
    with Archive.open(tmp_path) as archive:
        assert list(archive.outcomes("szqu")) == [second, first]


def test_an_archive_of_before_layouts_is_brought_up_to_date_with_its_runs(tmp_path: Path) -> None:
    with connect(tmp_path / database.CATALOG, write=True) as connection:
        config = Config()
        config.set_main_option("script_location", "storage:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(
            text("INSERT INTO runs (id, started_at, outcome, counts) VALUES (1, '2026-08-01', 'done', '{}')")
        )
        connection.execute(
            text("INSERT INTO run_sites (run_id, site, outcome, counts) VALUES (1, 'szqu', 'done', '{}')")
        )
        connection.commit()
    with pytest.raises(ArchiveError, match="crawl once to bring it up to date"):
        Archive.open(tmp_path)
    run(tmp_path, layout(1))
    with Archive.open(tmp_path) as archive:
        assert archive.sites(1) == [SiteOutcome("szqu", "done")]
        assert archive.layouts("szqu") == [layout(1)]
