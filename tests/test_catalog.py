"""The catalogue: its schema, its migrations, and opening a database that is not what it should be."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from storage import database
from storage.archive import Archive
from storage.catalog import metadata
from storage.errors import ArchiveDamaged, ArchiveError, ArchiveNotFound
from storage.sqlite import connect


@pytest.fixture
def root(tmp_path: Path) -> Path:
    Archive.open(tmp_path / "archive", write=True, create=True).close()
    return tmp_path / "archive"


def flip(file: Path, at: int, data: bytes) -> None:
    with file.open("r+b") as stream:
        stream.seek(at)
        stream.write(data)


def test_the_migrations_make_exactly_the_tables_that_are_declared(tmp_path: Path) -> None:
    with connect(tmp_path / database.CATALOG, write=True) as connection:
        database.migrate(connection)
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_head_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    assert ScriptDirectory.from_config(config).get_current_head() == database.HEAD


def test_the_tables_are_understood_by_postgresql() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    for table in metadata.sorted_tables:
        assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=dialect))
        for index in table.indexes:
            assert "CREATE" in str(CreateIndex(index).compile(dialect=dialect))


def test_a_writing_connection_survives_power_cuts_and_keeps_its_references(root: Path) -> None:
    with connect(root / database.CATALOG, write=True) as connection:
        modes = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert modes == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_reading_connection_cannot_write(root: Path) -> None:
    with (
        connect(root / database.CATALOG, write=False) as connection,
        pytest.raises(Exception, match="readonly"),
    ):
        connection.execute(text("DELETE FROM runs"))


def test_a_newer_schema_is_refused_with_advice(root: Path) -> None:
    with sqlite3.connect(root / database.CATALOG) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    for write in (False, True):
        with pytest.raises(ArchiveError, match="upgrade campusnews"):
            Archive.open(root, write=write)


@pytest.mark.parametrize("write", [False, True])
@pytest.mark.parametrize("content", [b"", b"no database at all, but some text\n" * 100])
def test_a_catalogue_lost_beside_warc_files_is_damage_and_never_made_anew(
    root: Path, content: bytes, write: bool
) -> None:
    (root / "warc" / "20260101000000-r1-1.warc.gz").write_bytes(b"evidence")
    for left in root.glob("catalog.sqlite-*"):
        left.unlink()
    (root / database.CATALOG).write_bytes(content)
    with pytest.raises(ArchiveDamaged, match="campusnews rebuild"):
        Archive.open(root, write=write, create=write)
    assert (root / database.CATALOG).read_bytes() == content


def test_a_missing_catalogue_beside_warc_files_is_damage(root: Path) -> None:
    (root / "warc" / "20260101000000-r1-1.warc.gz").write_bytes(b"evidence")
    (root / database.CATALOG).unlink()
    with pytest.raises(ArchiveDamaged, match="put it back"):
        Archive.open(root, write=True, create=True)


def test_the_catalogue_of_another_program_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / database.CATALOG) as raw:
        raw.execute("CREATE TABLE theirs (id)")
    raw.close()
    with pytest.raises(ArchiveDamaged, match="another program"):
        Archive.open(tmp_path, write=True, create=True)


def test_an_empty_catalogue_alone_is_an_archive_killed_at_birth(tmp_path: Path) -> None:
    (tmp_path / database.CATALOG).touch()
    with pytest.raises(ArchiveNotFound):
        Archive.open(tmp_path)
    Archive.open(tmp_path, write=True, create=True).close()
    Archive.open(tmp_path).close()


def test_a_damaged_tree_is_found_before_anything_is_written(root: Path) -> None:
    size = (root / database.CATALOG).stat().st_size
    for page in range(1, size // 4096):
        flip(root / database.CATALOG, page * 4096, b"\xff" * 64)
    with pytest.raises(ArchiveDamaged, match="campusnews rebuild"):
        Archive.open(root, write=True)


@pytest.mark.parametrize("place", ["nothing", "a_file"])
def test_where_no_archive_is_none_is_made_without_asking(tmp_path: Path, place: str) -> None:
    (tmp_path / "a_file").touch()
    with pytest.raises(ArchiveNotFound):
        Archive.open(tmp_path / place)
    with pytest.raises(ArchiveNotFound):
        Archive.open(tmp_path / place, write=True)
    assert not (tmp_path / "nothing").exists()
