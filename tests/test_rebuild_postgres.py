"""A catalogue in a PostgreSQL made anew from the WARC files."""

from __future__ import annotations

import shutil
from itertools import count
from pathlib import Path

import pytest

from storage import Archive
from storage.database import CATALOG
from storage.errors import ArchiveError, ArchiveLocked, ArchiveUnreachable
from storage.place import DEED, Deed, Place
from storage.postgres import Postgres
from storage.rebuild import rebuild
from storage.verify import verify
from tests.campus_days import Days, article
from tests.postgres_server import Database
from tests.test_compact import killed_at, lines_of
from tests.test_postgres import address, schemas
from tests.test_rebuild import days, tables

__all__ = ["days"]

pytestmark = [pytest.mark.usefixtures("catalogue"), pytest.mark.postgres]


def deed_of(root: Path) -> Deed:
    deed = Deed.read(root)
    assert deed is not None
    return deed


def test_a_catalogue_in_a_postgresql_comes_back_too(days: Days, database: Database) -> None:
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


@pytest.mark.parametrize(
    "damage",
    [
        "DROP TABLE sightings",
        "ALTER TABLE articles RENAME COLUMN state TO status",
        "ALTER TABLE articles ALTER version TYPE text",
        "UPDATE articles SET version = 9 WHERE id = 'a1'",
        "UPDATE versions SET record = 'no json' WHERE article_id = 'a2'",
        "UPDATE alembic_version SET version_num = 'none'",
        "ALTER TABLE alembic_version RENAME version_num TO number",
    ],
)
def test_a_catalogue_that_fails_a_check_is_made_anew_without_force(
    days: Days, database: Database, damage: str
) -> None:
    before = tables(days.path)
    schema = deed_of(days.path).schema
    for table in ("sightings", "articles", "versions", "alembic_version"):
        damage = damage.replace(f" {table} ", f" {schema}.{table} ").replace(
            f"TABLE {table}", f"TABLE {schema}.{table}"
        )
    database.ask(damage)
    rebuild(days.path)
    assert tables(days.path) == before
    assert list(verify(days.path)) == []


# ---- whose it is


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """Another archive, in the same database."""
    other = Days(tmp_path / "theirs")
    other.run(article(20), article(21))
    return other.path


@pytest.mark.parametrize("force", [True, False])
@pytest.mark.parametrize("lost", ["nothing", "deed"])
def test_the_catalogue_of_another_archive_is_never_replaced(
    days: Days, theirs: Path, database: Database, lost: str, force: bool
) -> None:
    before, there = tables(theirs), schemas(database)
    if lost == "deed":
        (days.path / DEED).unlink()
    place = Place.of(days.path, address(database, schema=deed_of(theirs).schema))
    with pytest.raises(ArchiveError, match=r"is the catalogue of another archive.*: name"):
        rebuild(place, force=force)
    assert tables(theirs) == before
    assert list(verify(theirs)) == []
    assert schemas(database) == there


@pytest.mark.parametrize("lost", ["nothing", "deed"])
def test_the_tables_of_another_program_are_never_replaced(days: Days, database: Database, lost: str) -> None:
    database.ask("CREATE SCHEMA campus_program")
    database.ask("CREATE TABLE campus_program.warcs (file text, notes text)")
    if lost == "deed":
        (days.path / DEED).unlink()
    place = Place.of(days.path, address(database, schema="campus_program"))
    with pytest.raises(ArchiveError, match="belongs to another program: name a schema of its own"):
        rebuild(place, force=True)
    assert database.ask("SELECT count(*) FROM campus_program.warcs") == [(0,)]
    database.ask("DROP SCHEMA campus_program CASCADE")


def test_without_its_deed_a_catalogue_is_known_by_the_files_it_names(days: Days) -> None:
    deed, before = deed_of(days.path), tables(days.path)
    (days.path / DEED).unlink()
    rebuild(days.path)
    assert deed_of(days.path) == deed, "so that a copy of the directory stays of one mind with it"
    assert tables(days.path) == before


def test_without_its_comment_a_catalogue_is_known_by_the_files_it_names(
    days: Days, database: Database
) -> None:
    deed = deed_of(days.path)
    database.ask(f"COMMENT ON SCHEMA {deed.schema} IS NULL")
    rebuild(days.path, force=True)
    assert deed_of(days.path) == deed
    assert list(verify(days.path)) == []


def test_a_catalogue_made_anew_in_another_schema_is_found_there(days: Days, database: Database) -> None:
    before = tables(days.path)
    database.empty()
    rebuild(Place.of(days.path, address(database, schema="campusnews_elsewhere")))
    assert deed_of(days.path).schema == "campusnews_elsewhere"
    assert tables(days.path) == before


def test_what_stands_where_it_is_made_is_replaced_only_if_it_was_half_made(
    days: Days, database: Database
) -> None:
    making = f"{deed_of(days.path).schema}_rebuilding"
    database.ask(f"CREATE SCHEMA {making}")
    with pytest.raises(ArchiveError, match=f"{making}.*: rename or drop it"):
        rebuild(days.path, force=True)
    assert making in schemas(database)
    database.ask(f"DROP SCHEMA {making}")
    with pytest.raises(KeyboardInterrupt):
        rebuild(days.path, force=True, progress=interrupted)
    assert making in schemas(database)
    rebuild(days.path, force=True)
    assert making not in schemas(database)


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("name", ["campusnews_" + "学" * 15, "campusnews_" + "n" * 52])
def test_long_names_of_schemas_leave_room_for_what_is_made_and_kept(
    days: Days, database: Database, name: str
) -> None:
    database.empty()
    place = Place.of(days.path, address(database, schema=name))
    kept = [rebuild(place, force=True).old for _ in range(3)]
    assert kept[0] is None
    assert len(set(kept)) == 3
    assert {name for name in kept if name} <= schemas(database)
    assert list(verify(place)) == []


# ---- nobody writes meanwhile


def test_no_run_begins_elsewhere_until_the_new_one_is_in_place(days: Days, tmp_path: Path) -> None:
    shutil.copytree(days.path, tmp_path / "mounted")  # as a machine sees it whose locks are its own
    refused = []

    def write(*_: object) -> None:
        with pytest.raises(ArchiveLocked):
            Archive.open(tmp_path / "mounted", write=True)
        refused.append(True)

    rebuild(days.path, force=True, progress=write)
    assert len(refused) > 5
    Archive.open(tmp_path / "mounted", write=True).close()


def test_a_run_elsewhere_is_waited_for_before_anything_is_made(
    days: Days, tmp_path: Path, database: Database
) -> None:
    there = schemas(database)
    shutil.copytree(days.path, tmp_path / "mounted")
    with Archive.open(tmp_path / "mounted", write=True):
        for force in (True, False):
            with pytest.raises(ArchiveLocked):
                rebuild(days.path, force=force)
    assert schemas(database) == there


def test_whoever_loses_the_server_on_the_way_leaves_the_old_one_in_place(
    days: Days, database: Database
) -> None:
    before = tables(days.path)

    def lose(file: str, *_: object) -> None:
        if not file:  # at its end
            database.cut_off()

    with pytest.raises(ArchiveUnreachable):
        rebuild(days.path, force=True, progress=lose)
    assert tables(days.path) == before
    rebuild(days.path, force=True)
    assert tables(days.path) == before


@pytest.mark.parametrize("lost", ["nothing", "deed", "both"])
def test_a_kill_at_any_step_leaves_what_can_be_gone_on_with(
    tmp_path: Path, database: Database, lost: str
) -> None:
    days = Days(tmp_path / "archive")
    days.run(article(1))
    before, schema = tables(days.path), deed_of(days.path).schema
    lines = lines_of(Postgres.held, Postgres.beside, Postgres.give_way, Deed.write)
    for step in count(1, 3):
        if lost != "nothing":
            (days.path / DEED).unlink()
        if lost == "both":
            database.ask(f"DROP SCHEMA {schema} CASCADE")
        if not killed_at(days.path, lambda root: rebuild(root, force=True), lines, step):
            break
        rebuild(days.path, force=True)
        assert tables(days.path) == before, step
        assert list(verify(days.path)) == [], step
    assert step > 20
    assert f"{schema}_rebuilding" not in schemas(database)
    assert tables(days.path) == before
