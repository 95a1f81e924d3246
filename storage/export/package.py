"""What is in a dataset, as a Frictionless Data Package: every file, its columns, bytes and hash. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from storage.choice import Choice
from storage.export.tables import Column, Kind, Table
from storage.reader import Reader
from storage.records import SCHEMA_VERSION

RECORD_SCHEMA = "record.schema.json"
PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_TYPES: dict[Kind, dict[str, str]] = {
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "day": {"type": "date"},
    "time": {"type": "datetime", "format": "%Y-%m-%dT%H:%M:%S%z"},
    "array": {"type": "array"},
    "object": {"type": "object"},
}


@dataclass(frozen=True, slots=True)
class Resource:
    """One file of a dataset, or the parts of one: by path, bytes and SHA-256. No table: not of rows."""

    format: str
    media_type: str
    table: Table | None
    files: dict[str, tuple[int, str]]
    count: int

    @property
    def name(self) -> str:
        """The resource's name in the package, unique."""
        return f"{self.table.name}-{self.format}" if self.table else self.format


def package(archive: Reader, choice: Choice, resources: list[Resource]) -> dict[str, Any]:
    """Return `datapackage.json` as a dict of JSON values; of one moment of an archive always the same."""
    found = {
        "$schema": PROFILE,
        "name": f"campusnews-{choice.site}" if choice.site else "campusnews",
        **about(archive, choice),
        "campusnews:schema_version": SCHEMA_VERSION,
        "resources": [_described(resource) for resource in resources if resource.files],
    }
    return {name: value for name, value in found.items() if value is not None}


def about(archive: Reader, choice: Choice) -> dict[str, Any]:
    """Return what is told of any package of an archive: its title, and as of which moment it is."""
    runs = archive.runs(as_of=choice.as_of)
    created = max((run.finished_at or run.started_at for run in runs), default=None)
    return {
        "title": f"University news: {choice.site}" if choice.site else "University news",
        "description": "Articles of university news sites with release time, views, versions and changes.",
        "created": created and created.replace("+00:00", "Z"),
        "campusnews:last_run": runs[-1].id if runs else None,
        "campusnews:cursor": archive.cursor(as_of=choice.as_of),
    }


def _described(resource: Resource) -> dict[str, Any]:
    paths = list(resource.files)
    sizes = [size for size, _ in resource.files.values()]
    found: dict[str, Any] = {
        "name": resource.name,
        "title": resource.table.title if resource.table else None,
        "path": paths[0] if len(paths) == 1 else paths,
        "format": resource.format,
        "mediatype": resource.media_type,
        "encoding": "utf-8",
        "bytes": sum(sizes),
        "hash": f"sha256:{resource.files[paths[0]][1]}" if len(paths) == 1 else None,
        "campusnews:records": resource.count,
        "campusnews:files": [
            {"path": path, "bytes": size, "hash": f"sha256:{digest}"}
            for path, (size, digest) in resource.files.items()
        ],
    }
    return {name: value for name, value in (found | _shape(resource)).items() if value is not None}


def _shape(resource: Resource) -> dict[str, Any]:
    """Return what a resource's rows look like; Parquet says it itself, the records have a JSON Schema."""
    if resource.table is None:
        return {}
    if resource.format == "parquet":
        return {"type": "file"}  # the reference implementation's word for: hand it on as it is
    if (resource.format, resource.table.name) == ("jsonl", "articles"):
        return {"type": "file", "campusnews:schema": RECORD_SCHEMA}
    return {"type": "table", "schema": table_schema(resource.table)}


def table_schema(table: Table) -> dict[str, Any]:
    """Return a table's columns as a Frictionless Table Schema."""
    return {"fields": [_field(column) for column in table.columns], "primaryKey": list(table.key)}


def _field(column: Column) -> dict[str, Any]:
    found: dict[str, Any] = {"name": column.name, **_TYPES[column.kind], "description": column.means}
    return found | ({"constraints": {"required": True}} if column.needed else {})
