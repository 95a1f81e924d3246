"""A dataset: a directory that describes itself truly, and in which nothing of anybody else's is touched."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow.dataset
import pyarrow.parquet as pq
import pytest
import yaml
from jsonschema import Draft202012Validator

from storage.choice import Choice
from storage.errors import TargetExists, TargetRefused
from storage.export import FORMATS
from storage.export.dataset import write_dataset
from storage.export.parquet import SIGNS, schema, write_partitions
from storage.schema import record_schema

from .campus_days import Days, article

pytestmark = pytest.mark.usefixtures("catalogue")

# https://datapackage.org/standard/, written down as a schema as far as a dataset of ours goes.
NAME = {"type": "string", "pattern": "^[a-z0-9._-]+$"}
PATH = {"type": "string", "pattern": "^(?![./~])(?!.*\\.\\.)[^\\\\:]+$"}
HASH = {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}
FIELD = {
    "type": "object",
    "required": ["name", "type"],
    "properties": {
        "name": {"type": "string", "minLength": 1},
        "type": {"enum": ["string", "integer", "boolean", "date", "datetime", "array", "object"]},
        "format": {"type": "string"},
        "description": {"type": "string"},
        "constraints": {"type": "object", "properties": {"required": {"type": "boolean"}}},
    },
    "additionalProperties": False,
}
PACKAGE = {
    "type": "object",
    "required": ["$schema", "name", "resources"],
    "properties": {
        "$schema": {"const": "https://datapackage.org/profiles/2.0/datapackage.json"},
        "name": NAME,
        "created": {"type": "string", "pattern": "^[0-9-]{10}T[0-9:]{8}Z$"},
        "resources": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["name", "path"],
                "properties": {
                    "name": NAME,
                    "path": {"anyOf": [PATH, {"type": "array", "items": PATH, "minItems": 1}]},
                    "type": {"enum": ["table", "file"]},
                    "mediatype": {"type": "string", "pattern": "^(.+)/(.+)$"},
                    "bytes": {"type": "integer", "minimum": 0},
                    "hash": HASH,
                    "schema": {
                        "type": "object",
                        "required": ["fields"],
                        "properties": {
                            "fields": {"type": "array", "items": FIELD, "minItems": 1},
                            "primaryKey": {"type": "array", "items": {"type": "string"}},
                        },
                        "additionalProperties": False,
                    },
                },
            },
        },
    },
}
ALL = tuple(FORMATS)


@pytest.fixture
def days(tmp_path: Path) -> Days:
    days = Days(tmp_path / "archive")
    days.run(
        article(1, title="=1+1", release_time="2025-12-31T23:00+08:00"),
        article(2),
        article(3, site="other", release_time=None),
    )
    days.run(article(1, title="=1+1", body="Edited.", release_time="2025-12-31T23:00+08:00", views=99))
    return days


def made(days: Days, place: Path, *formats: str, **options: Any) -> dict[str, Any]:
    with days.open() as archive:
        write_dataset(archive, place, formats or ("jsonl", "csv"), **options)
    found: dict[str, Any] = json.loads((place / "datapackage.json").read_text("utf-8"))
    Draft202012Validator(PACKAGE).validate(found)
    names = [resource["name"] for resource in found["resources"]]
    assert len(set(names)) == len(names)
    return found


def files(place: Path) -> dict[str, bytes]:
    return {
        path.relative_to(place).as_posix(): path.read_bytes() for path in place.rglob("*") if path.is_file()
    }


READ = {
    "string": str,
    "integer": int,
    "boolean": {"true": True, "false": False}.__getitem__,
    "date": date.fromisoformat,
    "datetime": lambda cell: datetime.strptime(cell, "%Y-%m-%dT%H:%M:%S%z"),
    "array": lambda cell: list(json.loads(cell)),
    "object": lambda cell: dict(json.loads(cell)),
}


def check_table(resource: dict[str, Any], place: Path) -> None:
    """Hold every cell against the Table Schema: its type, what is required, and the key."""
    described = {field["name"]: field for field in resource["schema"]["fields"]}
    text = (place / resource["path"]).read_text("utf-8")
    is_csv = resource["format"] == "csv"
    rows = (
        list(csv.DictReader(io.StringIO(text, newline="")))
        if is_csv
        else list(map(json.loads, text.splitlines()))
    )
    keys = set()
    for row in rows:
        assert list(row) == list(described)
        for name, cell in row.items():
            if cell in ("", None):
                assert not described[name].get("constraints", {}).get("required"), name
            elif is_csv or described[name]["type"] in ("date", "datetime"):
                READ[described[name]["type"]](cell)
        keys.add(tuple(row[name] for name in resource["schema"]["primaryKey"]))
    assert len(keys) == len(rows) == resource["campusnews:records"]


def test_the_package_names_every_file_with_its_bytes_its_hash_and_its_columns(
    days: Days, tmp_path: Path
) -> None:
    place = tmp_path / "news"
    package = made(days, place, *ALL)
    there = files(place)
    told = {part["path"]: part for resource in package["resources"] for part in resource["campusnews:files"]}
    assert set(told) | {"datapackage.json", "README.md", "record.schema.json"} == set(there)
    for path, part in told.items():
        assert part["bytes"] == len(there[path])
        assert part["hash"] == "sha256:" + hashlib.sha256(there[path]).hexdigest()
    for resource in package["resources"]:
        paths = [resource["path"]] if isinstance(resource["path"], str) else resource["path"]
        assert resource["bytes"] == sum(len(there[path]) for path in paths)
        if resource.get("type") == "table":
            check_table(resource, place)
    assert {r["name"] for r in package["resources"] if r.get("type") == "table"} == {
        "views-jsonl", "changes-jsonl", "articles-csv", "views-csv", "changes-csv",
    }  # fmt: skip


def test_the_records_are_as_the_schema_beside_them_says(days: Days, tmp_path: Path) -> None:
    made(days, tmp_path / "news")
    assert json.loads((tmp_path / "news/record.schema.json").read_text("utf-8")) == record_schema()
    valid = Draft202012Validator(record_schema())
    lines = (tmp_path / "news/articles.jsonl").read_text("utf-8").splitlines()
    assert len(lines) == 3
    assert all(valid.is_valid(json.loads(line)) for line in lines)


def test_a_dataset_made_twice_of_one_moment_is_the_same_bytes(days: Days, tmp_path: Path) -> None:
    made(days, tmp_path / "one", *ALL)
    made(days, tmp_path / "two", *ALL)
    assert files(tmp_path / "one") == files(tmp_path / "two")


def test_parquet_is_parted_by_site_and_year_and_read_as_one_table(days: Days, tmp_path: Path) -> None:
    made(days, tmp_path / "news", "parquet")
    parts = sorted(
        path.relative_to(tmp_path / "news").as_posix()
        for path in (tmp_path / "news/articles").rglob("*.parquet")
    )
    assert parts == [
        "articles/site=campus/year=2025/articles.parquet",
        "articles/site=campus/year=2026/articles.parquet",
        "articles/site=other/year=__HIVE_DEFAULT_PARTITION__/articles.parquet",
    ]
    whole = pyarrow.dataset.dataset(tmp_path / "news/articles", partitioning="hive")
    table = whole.to_table(columns=["id", "site", "year"])
    assert sorted(map(tuple, (row.values() for row in table.to_pylist())), key=str) == [
        ("a1", "campus", 2025), ("a2", "campus", 2026), ("a3", "other", None),
    ]  # fmt: skip
    for part in parts:
        assert pq.ParquetFile(tmp_path / "news" / part).schema_arrow.equals(schema())


def test_years_of_a_site_that_take_turns_are_written_in_bounded_groups(tmp_path: Path) -> None:
    body = "x" * (SIGNS // 8)
    many = (article(n, body=body, release_time=f"{2000 + n % 4}-01-01") for n in range(40))
    paths, count = write_partitions(many, tmp_path)
    assert (len(paths), count) == (4, 40)
    groups = [pq.ParquetFile(path).metadata.num_row_groups for path in paths]
    assert all(found > 1 for found in groups)
    assert sum(pq.ParquetFile(path).metadata.num_rows for path in paths) == 40


def test_the_card_tells_portals_and_people_what_is_there(days: Days, tmp_path: Path) -> None:
    made(days, tmp_path / "news", "jsonl", "csv", "parquet")
    card = (tmp_path / "news/README.md").read_text("utf-8")
    _, head, text = card.split("---\n", 2)
    found = yaml.safe_load(head)
    assert [config["config_name"] for config in found["configs"]] == ["articles", "views", "changes"]
    for config in found["configs"]:
        assert list((tmp_path / "news").glob(config["data_files"])), config
    assert "| campus | live | 2 | 2025-12-31 | 2026-08-30 |" in text
    assert "| other | live | 1 |  |  |" in text
    assert "| `release_day` | day |" in text


def test_what_the_card_says_about_loading_works(
    days: Days, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(days, tmp_path / "news", "jsonl", "csv", "parquet")
    monkeypatch.chdir(tmp_path / "news")
    found: dict[str, Any] = {}
    for code in re.findall(r"```python\n(.*?)```", Path("README.md").read_text("utf-8"), re.DOTALL):
        exec(code, found)
    assert len(found["articles"]) == len(found["rows"]) == found["table"].num_rows == 3


def test_a_dataset_can_be_narrowed_and_says_so(days: Days, tmp_path: Path) -> None:
    package = made(days, tmp_path / "news", choice=Choice(site="campus", since="2026-01-01"))
    assert package["name"] == "campusnews-campus"
    assert [r["campusnews:records"] for r in package["resources"] if r["name"] == "articles-csv"] == [1]
    assert "only those released from 2026-01-01" in (tmp_path / "news/README.md").read_text("utf-8")


def test_of_an_archive_without_articles_a_dataset_is_whole(tmp_path: Path) -> None:
    days = Days(tmp_path / "archive")
    days.run()
    package = made(days, tmp_path / "news", *ALL)
    assert {resource["campusnews:records"] for resource in package["resources"]} == {0}
    assert (tmp_path / "news/README.md").exists()


def test_a_site_of_any_name_stays_in_its_place(days: Days, tmp_path: Path) -> None:
    paths, _ = write_partitions([article(1, site="../../a b/校")], tmp_path / "news")
    assert [path.relative_to(tmp_path / "news").parts[0] for path in paths] == [
        "site=..%2F..%2Fa%20b%2F%E6%A0%A1"
    ]
    table = pyarrow.dataset.dataset(tmp_path / "news", partitioning="hive").to_table(columns=["site"])
    assert table.to_pylist() == [{"site": "../../a b/校"}]


# What is there already


def test_a_directory_with_anything_in_it_is_left_alone_unless_forced(days: Days, tmp_path: Path) -> None:
    place = tmp_path / "news"
    place.mkdir()
    made(days, place)  # an empty one is fine
    before = files(place)
    with pytest.raises(TargetExists, match="--force"):
        made(days, place)
    assert files(place) == before


def test_a_dataset_made_anew_replaces_its_own_files_and_no_others(days: Days, tmp_path: Path) -> None:
    place = tmp_path / "news"
    made(days, place, "jsonl", "parquet")
    (place / ".git").mkdir()
    (place / ".git/HEAD").write_text("ref")
    (place / "notes.txt").write_text("mine")
    (place / "articles/mine.txt").write_text("mine")
    days.run(article(1, title="=1+1", release_time="2024-01-01"))
    made(days, place, "parquet", force=True)
    there = files(place)
    assert "articles.jsonl" not in there
    assert "articles/site=campus/year=2025/articles.parquet" not in there
    assert "articles/site=campus/year=2024/articles.parquet" in there
    assert {there[".git/HEAD"], there["notes.txt"], there["articles/mine.txt"]} == {b"ref", b"mine"}


@pytest.mark.parametrize(
    "path", ["../precious", "/precious", "articles/../../precious", "link/precious", ".git/precious"]
)
def test_a_package_that_names_files_elsewhere_removes_none_of_them(
    days: Days, tmp_path: Path, path: str
) -> None:
    place = tmp_path / "news"
    place.mkdir()
    (tmp_path / "precious").write_text("precious")
    (place / "link").symlink_to(tmp_path)
    (place / ".git").mkdir()
    (place / ".git/precious").write_text("precious")
    named = str(tmp_path / "precious") if path.startswith("/") else path
    (place / "datapackage.json").write_text(
        json.dumps({"resources": [{"campusnews:files": [{"path": named}]}]})
    )
    made(days, place, force=True)
    assert (tmp_path / "precious").read_text() == (place / ".git/precious").read_text() == "precious"


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"resources": 1}', '{"resources": [{"campusnews:files": [1]}]}']
)
def test_a_package_of_somebody_else_is_written_over_and_nothing_removed(
    days: Days, tmp_path: Path, text: str
) -> None:
    place = tmp_path / "news"
    place.mkdir()
    (place / "datapackage.json").write_text(text)
    (place / "data.csv").write_text("mine")
    made(days, place, force=True)
    assert (place / "data.csv").read_text() == "mine"


def test_the_package_is_written_last_so_that_one_who_reads_meanwhile_can_tell(
    days: Days, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "news"
    made(days, place)
    old = (place / "datapackage.json").read_bytes()
    days.run(article(4))
    (place / "README.md").unlink()
    (place / "README.md").mkdir()  # fails after the data, before the package
    with pytest.raises(TargetRefused):
        made(days, place, force=True)
    assert (place / "datapackage.json").read_bytes() == old
    (told,) = [r for r in json.loads(old)["resources"] if r["name"] == "articles-jsonl"]
    assert told["hash"] != "sha256:" + hashlib.sha256((place / "articles.jsonl").read_bytes()).hexdigest()


@pytest.mark.parametrize("place", ["file", "nowhere/news"])
def test_a_place_for_no_dataset_is_refused(days: Days, tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(TargetRefused, match="name a"):
        made(days, tmp_path / place)
