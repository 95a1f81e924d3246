"""Every format brings back what went in, whatever the texts are, and says so to its own reader."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from lxml import etree

from storage import Archive
from storage.choice import Choice
from storage.errors import MissingExtra, TargetExists
from storage.export import FORMATS, TABLES, export, export_archive
from storage.export import tables as flat
from storage.export.commas import inert
from storage.export.jsonld import news_article
from storage.export.parquet import ROWS, schema
from storage.export.signs import for_xml, whole
from storage.records import Article, Attachment, Image

from .campus_days import Days, article
from .hostile import texts

pytestmark = pytest.mark.usefixtures("catalogue")

TEXTS = texts()
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def hostile(catalogue: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """An archive whose titles, bodies and names are everything that breaks things."""
    days = Days(tmp_path_factory.mktemp("hostile") / "archive")
    with Archive.open(days.path, write=True, create=True) as archive:
        run = archive.begin_run(days.now, ["campus"])
        for number, text in enumerate(TEXTS):
            short = text[:200]
            days.see(
                archive,
                article(
                    number,
                    id=f"a{number:04}",
                    title=text,
                    body=short,
                    author=short,
                    section=short,
                    images=(Image("http://news.example.edu/1.jpg", short),),
                    attachments=(Attachment("http://news.example.edu/1.pdf", short),),
                    provenance={"title": short, short or "x": "css"},
                ),
            )
        archive.end_run(days.now, "done", {})
        assert run.id == 1
    with days.open() as archive:
        yield archive


@pytest.fixture
def days(tmp_path: Path) -> Days:
    days = Days(tmp_path / "archive")
    days.run(article(1, views=5, images=(Image("http://news.example.edu/1.jpg"),)), article(2), article(3))
    days.run(article(1, views=9, body="Edited."), article(2, views=11), ("a3", "gone"))
    return days


def written(archive: Archive, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    from storage.export import exporter, taken

    told: dict[str, Any] = {"table": "articles", "limit": None, "url": None}
    items, rest = taken(archive, form, Choice(), **told | options)
    exporter(form)(items, out, **rest)
    return out.getvalue()


def rows_of_csv(data: bytes) -> list[dict[str, str]]:
    csv.field_size_limit(10**7)
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def released(cell: str) -> str:
    """Take the apostrophe away, as docs/export.md says."""
    return cell[1:] if cell.startswith("'") else cell


def opened(data: bytes, place: Path) -> sqlite3.Connection:
    (place / "export.sqlite").write_bytes(data)
    return sqlite3.connect(place / "export.sqlite")


# What goes in comes back


def test_there_are_more_than_515_of_them() -> None:
    assert len(TEXTS) > 515


def test_jsonl_brings_every_record_back(hostile: Archive) -> None:
    lines = written(hostile, "jsonl").decode().splitlines()
    assert [Article.from_json(json.loads(line)) for line in lines] == list(hostile.articles())
    assert [json.loads(line)["title"] for line in lines] == TEXTS


def test_csv_brings_every_text_back_and_has_a_row_for_each_article(hostile: Archive) -> None:
    rows = rows_of_csv(written(hostile, "csv"))
    assert [released(row["title"]) for row in rows] == TEXTS
    assert [released(row["author"]) for row in rows] == [text[:200] for text in TEXTS]
    for row, found in zip(rows, hostile.articles(), strict=True):
        record = found.to_json()
        assert json.loads(row["images"]) == record["images"]
        assert json.loads(row["provenance"]) == record["provenance"]
        assert row["views"] == str(record["views"])


def test_no_cell_of_a_csv_is_a_formula(hostile: Archive) -> None:
    blanks = "\0\ufeff\u200b"
    for row in rows_of_csv(written(hostile, "csv")):
        for name, cell in row.items():
            told = f"{name}: {cell[:40]!r}"
            assert not cell.startswith(("\t", "\r", "\n")), told
            assert not cell.strip().strip(blanks).strip().startswith(tuple("=+-@＝＋－＠")), told


@pytest.mark.parametrize("text", ["", "plain", "a=1", "'", "''", "=1", "＝1", " \t=1", "\ufeff@x", "\n"])
def test_an_apostrophe_goes_only_before_what_needs_it_and_comes_off_again(text: str) -> None:
    assert released(inert(text)) == text
    assert (inert(text) == text) == (text in ("", "plain", "a=1"))


def test_parquet_brings_every_record_back_in_the_schema_that_is_stated(hostile: Archive) -> None:
    table = pq.read_table(io.BytesIO(written(hostile, "parquet")))
    assert table.schema.equals(schema())
    assert table.column("title").to_pylist() == TEXTS
    for row, found in zip(table.to_pylist(), hostile.articles(), strict=True):
        record = found.to_json()
        assert row["images"] == record["images"]
        assert row["attachments"] == record["attachments"]
        assert dict(row["provenance"]) == record["provenance"]
        assert row["first_seen"].isoformat() == record["first_seen"]
        assert row["release_day"].isoformat() == record["release_time"]
        assert row["capture_warc"] == record["capture"]["warc"]


def test_sqlite_brings_every_text_back(hostile: Archive, tmp_path: Path) -> None:
    database = opened(written(hostile, "sqlite"), tmp_path)
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    found = database.execute("SELECT title, author, images FROM articles ORDER BY id").fetchall()
    assert [title for title, _, _ in found] == TEXTS
    assert [author for _, author, _ in found] == [text[:200] for text in TEXTS]
    assert [json.loads(images)[0]["alt"] for _, _, images in found] == [text[:200] for text in TEXTS]
    database.close()


def test_json_ld_brings_every_text_back_and_can_stand_in_a_page(hostile: Archive) -> None:
    data = written(hostile, "jsonld")
    found = json.loads(data)
    assert found["@context"] == "https://schema.org"
    assert [each.get("headline", "") for each in found["@graph"]] == TEXTS
    assert b"<" not in data


def test_feeds_bring_back_what_their_form_can_hold(hostile: Archive) -> None:
    titles = [for_xml(text or f"http://news.example.edu/{number}.htm") for number, text in enumerate(TEXTS)]
    feed = json.loads(written(hostile, "jsonfeed", limit=2000))
    assert [item["title"] for item in feed["items"]] == titles[::-1]
    parsed = etree.fromstring(written(hostile, "atom", limit=2000), etree.XMLParser(huge_tree=True))
    assert [entry.findtext(f"{ATOM}title") for entry in parsed.iter(f"{ATOM}entry")] == titles[::-1]


@pytest.mark.parametrize("form", [form for form in FORMATS if form not in ("wacz", "cdxj")])
def test_an_author_with_a_lone_surrogate_breaks_no_format(days: Days, form: str) -> None:
    with days.open() as archive:
        (first, *_) = archive.events(0)
        odd = replace(first.article, author="\ud800", section="x\udfff")
    out = io.BytesIO()
    from storage.export import exporter
    from storage.export.feed import About

    write = exporter(form)
    if form in ("atom", "jsonfeed"):
        write([replace(first, article=odd)], out, About("News", first.observed_at))
    elif form == "sqlite":
        write(
            [
                (flat.RUNS, []),
                (flat.ARTICLES, [odd]),
                (flat.VERSIONS, []),
                (flat.VIEWS, []),
                (flat.CHANGES, []),
            ],
            out,
        )
    else:
        write([odd], out)
    assert b"\xed" not in out.getvalue() or form in ("parquet", "sqlite")


def test_signs_that_a_form_cannot_hold_become_the_replacement_sign() -> None:
    assert whole("a\ud800b") == "a\ufffdb"
    assert for_xml("\x00\x08\t\n\r\x1f\ufffe\U0001f393") == "\ufffd\ufffd\t\n\r\ufffd\ufffd\U0001f393"


# The tables


@pytest.mark.parametrize("table", TABLES)
def test_a_table_has_the_same_rows_in_every_format(days: Days, table: str, tmp_path: Path) -> None:
    with days.open() as archive:
        lines = [json.loads(line) for line in written(archive, "jsonl", table=table).splitlines()]
        cells = rows_of_csv(written(archive, "csv", table=table))
        parts = pq.read_table(io.BytesIO(written(archive, "parquet", table=table)))
        database = opened(written(archive, "sqlite"), tmp_path)
    key = flat.TABLES[table].key
    kept = database.execute(f"SELECT {', '.join(key)} FROM {table}").fetchall()
    database.close()
    assert len(lines) > 1
    assert sorted(tuple(line[name] for name in key) for line in lines) == sorted(kept)
    assert sorted(tuple(str(value) for value in row) for row in kept) == sorted(
        tuple(row[name] for name in key) for row in cells
    )
    assert parts.select(list(key)).num_rows == len(lines)
    assert parts.schema.equals(schema(flat.TABLES[table]))


def test_the_names_of_the_tables_are_those_the_command_offers() -> None:
    assert set(TABLES) == set(flat.TABLES)


def test_the_series_of_views_and_the_changes_are_in_their_tables(days: Days) -> None:
    with days.open() as archive:
        views = [json.loads(line) for line in written(archive, "jsonl", table="views").splitlines()]
        changes = [json.loads(line) for line in written(archive, "jsonl", table="changes").splitlines()]
    assert [(row["article_id"], row["views"]) for row in views] == [
        ("a1", 5), ("a1", 9), ("a2", 10), ("a2", 11), ("a3", 10),
    ]  # fmt: skip
    assert [(row["article_id"], row["kind"]) for row in changes][3:] == [("a1", "changed"), ("a3", "missing")]
    assert [field["field"] for field in changes[3]["fields"]] == ["body", "images"]


def test_an_export_can_be_narrowed_to_a_site_to_days_and_to_what_moved_since_a_run(days: Days) -> None:
    days.run(article(8, site="other", release_time="2026-09-03"))

    def ids(**chosen: Any) -> list[str]:
        with days.open() as archive:
            return [found.id for found in archive.chosen(Choice(**chosen))]

    assert ids(site="other") == ids(since="2026-09-01") == ids(since_run=2) == ["a8"]
    assert ids(since_run=1) == ["a1", "a3", "a8"]
    assert ids(until="2026-08-30", since_run=0) == ["a1", "a2", "a3"]


# SQLite for Datasette


def test_a_plain_sqlite_can_search_join_and_find_by_index(days: Days, tmp_path: Path) -> None:
    days.run(article(1, body="图书馆延长开放时间"))
    with days.open() as archive:
        database = opened(written(archive, "sqlite"), tmp_path)
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    search = "SELECT a.id FROM articles_fts f JOIN articles a ON a.rowid = f.rowid WHERE articles_fts MATCH ?"
    assert database.execute(search, ["延长开放"]).fetchall() == [("a1",)]
    edits = database.execute("SELECT body FROM versions WHERE article_id = 'a1' ORDER BY number").fetchall()
    assert [body for (body,) in edits] == ["Body of notice 1.", "Edited.", "图书馆延长开放时间"]
    series = "EXPLAIN QUERY PLAN SELECT * FROM views WHERE article_id = 'a1' ORDER BY observed_at"
    plan = database.execute(series)
    assert "USING INDEX" in plan.fetchall()[0][3]
    database.close()


# JSON-LD


def test_a_news_article_has_the_names_of_schema_org_and_leaves_out_what_is_unknown(days: Days) -> None:
    with days.open() as archive:
        found = archive.article("a1")
        assert found is not None
        told = news_article(replace(found, author="A", source="The office", language="zh-CN"))
        new = archive.article("a2")
        assert new is not None
        assert "dateModified" not in news_article(new)
        assert "author" not in news_article(new)
    assert told["@type"] == "NewsArticle"
    assert told["datePublished"] == "2026-08-30"  # no midnight is made up
    assert told["dateModified"] == found.last_changed
    assert told["author"] == {"@type": "Person", "name": "A"}
    assert told["interactionStatistic"]["userInteractionCount"] == 9
    assert told["isPartOf"] == {"@type": "WebSite", "name": "campus"}


# Extras, places, memory


def test_without_pyarrow_the_error_names_the_line_that_installs_it(days: Days, tmp_path: Path) -> None:
    code = "import sys; sys.modules['pyarrow'] = None\nfrom scraper.cli import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", code, "export", "-a", str(days.path), "--format"]
    result = subprocess.run(
        [*command, "parquet", "-o", str(tmp_path / "x.parquet")], capture_output=True, text=True
    )
    assert result.returncode == 2
    assert "pip install 'campusnews[parquet]'" in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "x.parquet").exists()
    dataset = subprocess.run([*command, "parquet", "--dataset", str(tmp_path / "news")], capture_output=True)
    assert (dataset.returncode, (tmp_path / "news").exists()) == (2, False)
    assert subprocess.run([*command, "csv"], capture_output=True).returncode == 0


def test_a_missing_extra_is_an_error_a_person_can_act_on() -> None:
    assert MissingExtra.exit_code == 2


@pytest.mark.parametrize("form", FORMATS)
def test_no_format_writes_over_a_file_by_accident(days: Days, form: str, tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.write_text("precious")
    with days.open() as archive:
        with pytest.raises(TargetExists):
            export_archive(archive, form, target)
        assert target.read_text() == "precious"
        assert export_archive(archive, form, target, force=True) >= 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["archive", "out"]


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_the_same_bytes_each_time_and_to_a_pipe(
    days: Days, form: str, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    with days.open() as archive:
        export_archive(archive, form, tmp_path / "file")
        export_archive(archive, form)
    first = (tmp_path / "file").read_bytes()
    assert capsysbinary.readouterr().out == first
    with days.open() as archive:
        assert written(archive, form) == first


@pytest.mark.parametrize("form", FORMATS)
def test_of_an_archive_without_articles_every_format_is_whole(form: str, tmp_path: Path) -> None:
    days = Days(tmp_path / "archive")
    days.run()
    with days.open() as archive:
        data = written(archive, form)
    if form in ("jsonld", "jsonfeed"):
        assert json.loads(data)
    elif form == "atom":
        assert etree.fromstring(data).findtext(f"{ATOM}updated") == "2026-09-02T08:00:00+00:00"
    elif form == "parquet":
        assert pq.read_table(io.BytesIO(data)).num_rows == 0
    elif form == "csv":
        assert rows_of_csv(data) == []
    else:
        assert (data == b"") == (form in ("jsonl", "cdxj"))


@pytest.mark.parametrize("form", FORMATS)
def test_a_name_that_ends_in_gz_packs_it_to_the_same_bytes_each_time(
    days: Days, form: str, tmp_path: Path
) -> None:
    with days.open() as archive:
        for name in ("one.gz", "two.gz"):
            export_archive(archive, form, tmp_path / name)
        assert gzip.decompress((tmp_path / "one.gz").read_bytes()) == written(archive, form)
    assert (tmp_path / "one.gz").read_bytes() == (tmp_path / "two.gz").read_bytes()


def test_rows_past_a_group_are_written_in_the_next(tmp_path: Path) -> None:
    many = (article(1, id=f"a{number:06}", body="") for number in range(ROWS + 1))
    assert export(many, "parquet", tmp_path / "x.parquet") == ROWS + 1
    told = pq.ParquetFile(tmp_path / "x.parquet").metadata
    assert [told.row_group(at).num_rows for at in range(told.num_row_groups)] == [ROWS, 1]


def test_the_types_of_parquet_are_stated() -> None:
    types = {field.name: field.type for field in schema()}
    assert types["views"] == pa.int64()
    assert types["release_time"] == pa.string()  # as precise as the page states it
    assert types["release_day"] == pa.date32()
    assert types["last_seen"] == pa.timestamp("ms", tz="UTC")
    assert types["provenance"] == pa.map_(pa.string(), pa.string())
    assert schema().field("id").metadata[b"comment"].startswith(b"Stable name")


MEMORY = """
import sys
from tests.campus_days import article
from storage.export import export
from pathlib import Path

form, count, path = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
body = "一段正文，足够长，像一篇新闻那样。" * 40
items = (article(1, id=f"a{n:07}", title=f"第{n}条", body=body) for n in range(count))
if form == "sqlite":
    from storage.export.tables import TABLES
    items = [(table, items if table.name == "articles" else []) for table in TABLES.values()]
assert export(items, form, path) == count
(told,) = [line for line in open("/proc/self/status") if line.startswith("VmHWM")]
print(int(told.split()[1]) // 1024)  # getrusage would tell the most its parent had
"""


@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet", "jsonld", "sqlite"])
def test_memory_does_not_grow_with_the_articles(form: str, tmp_path: Path) -> None:
    def peak(count: int) -> int:
        command = [sys.executable, "-c", MEMORY, form, str(count), str(tmp_path / f"{count}.{form}")]
        root = Path(__file__).parents[1]
        return int(subprocess.run(command, check=True, capture_output=True, text=True, cwd=root).stdout)

    few, many = peak(200), peak({"jsonl": 100_000, "parquet": 20_000}.get(form, 8_000))
    room = {"parquet": 120, "sqlite": 30}.get(form, 8)  # MB: a row group and its columns; pages of the cache
    assert many - few < room
