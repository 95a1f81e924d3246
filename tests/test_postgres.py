"""The catalogue in a PostgreSQL: one archive's alone, as safe as the file, told of without secrets."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from storage import Archive
from storage import database as opening
from storage.catalog import metadata
from storage.errors import (
    ArchiveError,
    ArchiveLocked,
    ArchiveUnreachable,
    CampusnewsError,
)
from storage.place import DEED, DEFAULT, SQLITE, Deed, Place, masked
from storage.postgres import Postgres
from storage.records import Article
from storage.verify import verify
from tests.campus_days import Days, article
from tests.postgres_server import Database, binaries

pytestmark = [pytest.mark.usefixtures("catalogue"), pytest.mark.postgres]


@pytest.fixture
def days(tmp_path: Path) -> Days:
    return Days(tmp_path / "archive")


@pytest.fixture
def role(database: Database) -> Iterator[str]:
    """A role that may connect with its password and do nothing else."""
    database.ask("CREATE ROLE guarded LOGIN PASSWORD 'geheim'")
    yield "guarded"
    database.ask("DROP OWNED BY guarded")
    database.ask("DROP ROLE guarded")


def address(database: Database, name: str = "", *, user: str = "campusnews", **options: str) -> str:
    """Return the URL of the tests' server for another user, database or option."""
    head, _, query = database.url.partition("?")
    scheme, _, rest = head.partition("://")
    _, _, there = rest.rpartition("@")
    host, _, named = there.partition("/")
    more = "".join(f"&{key}={value}" for key, value in options.items())
    return f"{scheme}://{user}@{host}/{name or named}?{query}{more}"


def schemas(database: Database) -> set[str]:
    return {name for (name,) in database.ask("SELECT nspname FROM pg_namespace WHERE nspname ~ '^campus'")}


def told(*arguments: Any, **options: Any) -> str:
    """Return the error of opening an archive."""
    with pytest.raises(CampusnewsError) as caught:
        Archive.open(*arguments, **options)
    assert "geheim" not in str(caught.value) + repr(caught.value.__cause__)
    return f"{type(caught.value).__name__}: {caught.value}"


# ---- whose it is


def test_a_directory_tells_which_catalogue_it_has_and_is_not_opened_without_it(
    days: Days, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    days.run(article())
    kept = json.loads((days.path / DEED).read_text())
    assert kept["schema"] in schemas(database)
    monkeypatch.delenv(DEFAULT)
    for write in (False, True):
        said = told(days.path, write=write, create=write)
        assert said.startswith("ArchiveNotFound: ")
        assert kept["catalog"] in said
        assert DEFAULT in said
    assert not (days.path / SQLITE).exists()
    with Archive.open(days.path, catalog=database.url) as archive:
        assert len(list(archive.articles())) == 1


def test_the_deed_and_what_is_shown_have_no_password_in_them(tmp_path: Path, database: Database) -> None:
    url = address(database, user="campusnews:geheim")
    with Archive.open(tmp_path / "archive", catalog=url, write=True, create=True) as archive:
        assert "geheim" not in repr(archive) + archive._catalogue.shown
    assert "campusnews:***@" in (tmp_path / "archive" / DEED).read_text()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://news:geheim@db.example.edu/news", "postgresql://news:***@db.example.edu/news"),
        ("postgresql://news:ge@he/im@db.example.edu/news", "postgresql://news:***@db.example.edu/news"),
        (
            "postgresql://news@db.example.edu/news?password=geheim&a=b",
            "postgresql://news@db.example.edu/news?password=***&a=b",
        ),
        ("postgresql:///news?sslpassword=geheim", "postgresql:///news?password=***"),
        ("postgresql+psycopg://db.example.edu:5433/news", "postgresql+psycopg://db.example.edu:5433/news"),
    ],
)
def test_an_address_is_shown_without_its_password(url: str, shown: str) -> None:
    assert masked(url) == shown


def test_archives_share_a_database_each_with_a_schema_of_its_own(tmp_path: Path, database: Database) -> None:
    before = schemas(database)
    for name in ("one/archive", "two/archive", "Dritter Versuch"):
        Days(tmp_path / name).run(article())
    made = schemas(database) - before
    assert len(made) == 3
    assert {name.rpartition("_")[0] for name in made} == {"campusnews_archive", "campusnews_dritter_versuch"}
    for name in ("one/archive", "two/archive", "Dritter Versuch"):
        with Archive.open(tmp_path / name) as archive:
            assert [found.id for found in archive.articles()] == ["a1"]


def test_a_schema_can_be_named_and_is_remembered(tmp_path: Path, database: Database) -> None:
    url = address(database, schema="campus_of_mine")
    Archive.open(tmp_path / "archive", catalog=url, write=True, create=True).close()
    assert "campus_of_mine" in schemas(database)
    Archive.open(tmp_path / "archive").close()
    (tmp_path / "archive").rename(tmp_path / "moved")
    Archive.open(tmp_path / "moved", write=True).close()


def test_the_catalogue_of_another_archive_is_refused_in_both_directions(
    tmp_path: Path, database: Database
) -> None:
    Days(tmp_path / "one").run(article())
    Days(tmp_path / "two").run(article())
    (deed := Deed.read(tmp_path / "one"))
    assert deed is not None
    theirs = address(database, schema=deed.schema)
    assert "of another archive" in told(tmp_path / "new", catalog=theirs, write=True, create=True)
    for write in (False, True):
        assert "of another archive than" in told(tmp_path / "two", catalog=theirs, write=write)
    assert not (tmp_path / "new" / DEED).exists()


def test_the_schema_of_another_program_is_left_alone(tmp_path: Path, database: Database) -> None:
    database.ask("CREATE SCHEMA campus_theirs")
    database.ask("CREATE TABLE campus_theirs.runs (id int)")
    url = address(database, schema="campus_theirs")
    assert "another program" in told(tmp_path / "archive", catalog=url, write=True, create=True)
    assert database.ask("SELECT count(*) FROM pg_tables WHERE schemaname = 'campus_theirs'") == [(1,)]


def test_an_archive_that_has_an_sqlite_keeps_it(tmp_path: Path, database: Database) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(DEFAULT)
        Days(tmp_path).run(article())
    with Archive.open(tmp_path) as archive:  # what the environment names is for others
        assert len(list(archive.articles())) == 1
    assert "leave `archive.catalog` out" in told(tmp_path, catalog=database.url)


def test_a_catalogue_lost_beside_warc_files_is_damage_and_never_made_anew(
    days: Days, database: Database
) -> None:
    days.run(article())
    deed = Deed.read(days.path)
    assert deed is not None
    database.ask(f"DROP SCHEMA {deed.schema} CASCADE")
    for write in (False, True):
        assert told(days.path, write=write).startswith("ArchiveDamaged: ")
    assert deed.schema not in schemas(database)
    assert [finding.problem for finding in verify(days.path)] == ["unreadable"]
    (days.path / DEED).unlink()
    assert "put it back" in told(days.path, write=True, create=True)


def test_who_goes_on_in_a_copy_of_the_directory_is_warned(
    days: Days, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    days.run(article())
    shutil.copytree(days.path, tmp_path / "copy")
    days.run(article(body="Edited."))
    Archive.open(tmp_path / "copy", write=True).close()
    assert "or use the directory this one is a copy of" in caplog.text


# ---- as safe as the file


def test_a_second_writer_is_told_who_holds_the_archive_also_from_another_machine(
    days: Days, tmp_path: Path
) -> None:
    days.run(article())
    shutil.copytree(days.path, tmp_path / "mounted")  # as a machine sees it whose locks are its own
    with Archive.open(days.path, write=True):
        with pytest.raises(ArchiveLocked, match=r"another run holds the catalogue \(campusnews pid \d+ on "):
            Archive.open(tmp_path / "mounted", write=True)
        Archive.open(tmp_path / "mounted").close()
    Archive.open(days.path, write=True).close()


def test_a_connection_lost_in_a_run_takes_back_what_was_not_committed_and_the_run_goes_on(
    days: Days, database: Database
) -> None:
    with Archive.open(days.path, write=True, create=True) as archive:
        run = archive.begin_run(days.now, ["campus"])
        days.see(archive, article(1))
        archive.commit()
        days.see(archive, article(2))
        cut_off(database)
        with pytest.raises(ArchiveUnreachable, match="run the same command again to go on"):
            days.see(archive, article(3))
        with pytest.raises(ArchiveUnreachable):
            archive.commit()
    assert [finding for finding in verify(days.path) if finding.damage] == []
    with Archive.open(days.path, write=True) as archive:
        assert [found.id for found in archive.articles()] == ["a1"]
        assert archive.begin_run(days.now, ["campus"]).id == run.id
        days.see(archive, article(2))
        archive.end_run(days.now, "done", {})
    assert list(verify(days.path)) == []


def test_a_connection_lost_at_the_commit_leaves_evidence_that_nothing_names(
    days: Days, database: Database
) -> None:
    days.run(article(1))
    with Archive.open(days.path, write=True) as archive:
        archive.begin_run(days.now, ["campus"])
        days.see(archive, article(2))
        cut_off(database)
        with pytest.raises(ArchiveUnreachable):
            archive.commit()
    assert [(each.problem, each.damage) for each in verify(days.path)] == [("uncommitted", False)]
    Archive.open(days.path, write=True).close()
    assert list(verify(days.path)) == []


def cut_off(database: Database) -> None:
    database.ask(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name ~ '^campusnews pid'"
    )


def test_a_writer_commits_to_the_disk_whatever_the_role_has_set(days: Days, database: Database) -> None:
    with Archive.open(days.path, write=True, create=True) as archive:
        assert database.ask("SHOW synchronous_commit") == [("off",)]
        settings = [
            archive._connection.scalar(text(f"SHOW {name}")) for name in ("synchronous_commit", "jit")
        ]
    assert settings == ["on", "off"]


def test_a_server_that_syncs_nothing_is_told_of(days: Days, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "storage.session"):
        days.run(article())
    assert "fsync is off: a power cut can take back what was acknowledged" in caplog.text


def test_a_reading_connection_cannot_write_and_sees_one_moment(days: Days) -> None:
    days.run(article(1))
    with Archive.open(days.path) as before:
        assert len(list(before.articles())) == 1
        days.run(article(2))
        assert len(list(before.articles())) == 1
        before.refresh()
        assert len(list(before.articles())) == 2
        with pytest.raises(Exception, match="read-only transaction"):
            before._connection.execute(text("DELETE FROM runs"))


def test_cursors_only_rise_also_past_what_was_taken_back(days: Days) -> None:
    days.run(article(1))
    with Archive.open(days.path, write=True) as archive:
        archive.begin_run(days.now, ["campus"])
        with pytest.raises(ValueError, match="taken back"):
            see_and_fail(days, archive)
        days.see(archive, article(3))
        archive.commit()
        first = archive.cursor()
        days.see(archive, article(4))
    days.run(article(5))
    with Archive.open(days.path) as archive:
        events = [(event.cursor, event.article.id) for event in archive.events(0)]
        assert [key for _, key in events] == ["a1", "a3", "a5"]
        assert sorted(dict(events)) == [cursor for cursor, _ in events]
        assert [event.article.id for event in archive.events(first)] == ["a5"]


def see_and_fail(days: Days, archive: Archive) -> None:
    with archive.attempt():
        days.see(archive, article(2))
        raise ValueError("taken back")


def test_a_backup_of_the_catalogue_and_then_of_the_files_is_an_archive_again(
    days: Days, tmp_path: Path, database: Database
) -> None:
    days.run(article(1))
    deed = Deed.read(days.path)
    assert deed is not None
    with Archive.open(days.path, write=True) as archive:
        archive.begin_run(days.now, ["campus"])
        days.see(archive, article(2))
        archive.commit()
        url = database.url.replace("+psycopg", "")
        dump = ["-Fc", f"--schema={deed.schema}", "-f", tmp_path / "dump", url]
        subprocess.run([tool("pg_dump"), *dump], check=True, capture_output=True)
        days.see(archive, article(3))
        archive.commit()
        shutil.copytree(days.path, tmp_path / "backup")
    days.run(article(4))
    database.ask(f"DROP SCHEMA {deed.schema} CASCADE")
    shutil.rmtree(days.path)
    subprocess.run([tool("pg_restore"), "-d", url, tmp_path / "dump"], check=True, capture_output=True)
    shutil.copytree(tmp_path / "backup", days.path)
    assert [(found.problem, found.damage) for found in verify(days.path)] == [("uncommitted", False)]
    days.run(article(3))
    with days.open() as archive:
        assert [found.id for found in archive.articles()] == ["a1", "a2", "a3"]
        cursors = [event.cursor for event in archive.events(0)]
    assert cursors == sorted(set(cursors))
    assert list(verify(days.path)) == []


def tool(name: str) -> str:
    """Return a program of PostgreSQL; one beside the server's is as new as it."""
    place = binaries()
    return str(place / name) if place else name


# ---- the same in both


def test_both_catalogues_give_the_same_records_in_the_same_order(tmp_path: Path) -> None:
    # What a library's order of letters would sort otherwise, or take for the same.
    names = ["Zebra", "apfel", "Äpfel", "a-b", "a b", "ab", "学术", "_", "~", "\ud7ff", "\U0001f600"]
    looks = [
        article(n, id=f"{name}{n}".replace(" ", "+"), site=name, section=name, title=name, body=f"{name}.")
        for n, name in enumerate(names * 2)
    ]
    found = []
    for kind in ("sqlite", "postgres"):
        with pytest.MonkeyPatch.context() as patch:
            if kind == "sqlite":
                patch.delenv(DEFAULT)
            days = Days(tmp_path / kind)
            days.run(*looks, sites=names)
            days.run(*(each for each in looks[::2]), (looks[3].id, "gone"), sites=names)
            with Archive.open(days.path) as archive:
                found.append(
                    (
                        [bare(each) for each in archive.articles()],
                        [each.article.title for each in archive.histories()],
                        archive.spans(),
                        archive.states(),
                        [each.outcome.site for each in archive.standings()],
                        [(each.cursor, each.article_id, each.kind) for each in archive.changes(since_run=0)],
                    )
                )
    assert found[0] == found[1]


def bare(found: Article) -> dict[str, Any]:
    return {name: value for name, value in found.to_json().items() if name != "capture"}


def test_a_text_with_a_nul_comes_back_without_it_where_a_column_has_it(days: Days) -> None:
    days.run(article(title="a\0b", body="c\0d", section="e\0f"))
    with Archive.open(days.path) as archive:
        (found,) = archive.articles()
    assert (found.title, found.body, found.section) == ("a\0b", "c\0d", "e\ufffdf")
    assert list(verify(days.path)) == []


def test_the_migrations_make_exactly_the_tables_that_are_declared_in_the_order_of_bytes(
    tmp_path: Path, database: Database
) -> None:
    for name in ("declared", "migrated"):
        place = Place.of(tmp_path / name)
        place.path.mkdir()
        catalogue = Postgres(place, database.url)
        with closing(catalogue.connect(write=True)) as connection:
            catalogue.expect_ours(connection, write=True)
            catalogue.prepare(connection)
            if name == "declared":
                opening.declare(connection, catalogue.settle)
            else:
                opening.migrate(connection, catalogue.settle)
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, metadata) == []
            assert connection.execute(text(OTHER_ORDER)).fetchall() == []


OTHER_ORDER = (
    "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema() "
    "AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'"
)


# ---- what a server can say


def test_a_server_that_is_not_there_is_told_with_its_address(tmp_path: Path) -> None:
    url = "postgresql+psycopg://news:geheim@127.0.0.1:1/news"
    said = told(tmp_path / "archive", catalog=url, write=True, create=True)
    assert said.startswith("ArchiveUnreachable: ")
    assert "127.0.0.1" in said
    assert "mend `archive.catalog`" in said


def test_a_wrong_password_is_told_without_it(tmp_path: Path, database: Database, role: str) -> None:
    url = address(database, user=f"{role}:geheimnis")
    said = told(tmp_path / "archive", catalog=url, write=True, create=True)
    assert said.startswith("ArchiveUnreachable: ")
    assert "PGPASSWORD" in said


def test_the_password_may_stand_in_the_environment(
    tmp_path: Path, database: Database, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.ask(f"GRANT CREATE ON DATABASE {database.name} TO {role}")
    monkeypatch.setenv("PGPASSWORD", "geheim")
    Archive.open(tmp_path / "archive", catalog=address(database, user=role), write=True, create=True).close()
    monkeypatch.delenv("PGPASSWORD")
    (tmp_path / "pgpass").write_text("*:*:*:*:geheim\n")
    (tmp_path / "pgpass").chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "pgpass"))
    Archive.open(tmp_path / "archive", catalog=address(database, user=role)).close()


def test_a_role_that_may_not_make_a_schema_is_told_what_to_grant(
    tmp_path: Path, database: Database, role: str
) -> None:
    url = address(database, user=f"{role}:geheim")
    said = told(tmp_path / "archive", catalog=url, write=True, create=True)
    assert said.startswith("ArchiveReadOnly: ")
    assert "grant it CREATE on the database" in said


def test_a_database_that_is_not_there_is_told(tmp_path: Path, database: Database) -> None:
    said = told(tmp_path / "archive", catalog=address(database, "nowhere"), write=True, create=True)
    assert '"nowhere" does not exist' in said


def test_a_server_without_room_ends_the_run_as_a_full_disk_does(days: Days, database: Database) -> None:
    days.run(article(1))
    database.ask(
        "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$"
    )
    deed = Deed.read(days.path)
    assert deed is not None
    database.ask(f"CREATE TRIGGER no_room BEFORE INSERT ON {deed.schema}.versions EXECUTE FUNCTION no_room()")
    with Archive.open(days.path, write=True) as archive:
        archive.begin_run(days.now, ["campus"])
        with pytest.raises(ArchiveError, match="no space left for the catalogue's server") as caught:
            days.see(archive, article(2))
    assert caught.value.exit_code == 5
    database.ask("DROP FUNCTION no_room CASCADE")


def test_a_database_of_another_encoding_is_refused(tmp_path: Path, database: Database) -> None:
    ((version,),) = database.ask("SELECT current_setting('server_version_num')::int")
    libc = "LOCALE_PROVIDER libc" if version >= 150000 else ""
    database.ask(f"CREATE DATABASE campus_ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C' {libc}")
    try:
        said = told(tmp_path / "archive", catalog=address(database, "campus_ascii"), write=True, create=True)
    finally:
        database.ask("DROP DATABASE campus_ascii WITH (FORCE)")
    assert "ENCODING 'UTF8'" in said


def test_without_its_driver_the_error_names_the_line_that_installs_it(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from storage import Archive\n"
        "Archive.open(sys.argv[1], write=True, create=True)"
    )
    said = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert "MissingExtra: " in said.stderr
    assert "pip install 'campusnews[postgres]'" in said.stderr
