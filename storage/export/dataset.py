"""An archive in, a directory that describes itself out: data files, `datapackage.json`, a card. Does I/O.

`datapackage.json` goes last and names bytes and hash of every file: what does not match it was being written
anew. Of a directory that is there only the dataset's own files are replaced or, when no longer made, removed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storage.choice import ALL, Choice
from storage.errors import TargetExists, TargetRefused
from storage.export import FORMATS, IN_DATASET, export_archive, exporter
from storage.export.card import card
from storage.export.evidence import Shown
from storage.export.package import RECORD_SCHEMA, Resource, package
from storage.export.tables import TABLES
from storage.reader import Reader
from storage.schema import record_schema
from storage.target import target

PACKAGE, CARD = "datapackage.json", "README.md"
# What a format makes, by what it takes: the names of the files, and of the tables where it takes rows.
_NAMES = {
    "rows": ("articles", "views", "changes"),
    "articles": ("articles",),
    "tables": ("campusnews",),
    "news": ("news",),
    "records": ("captures",),
    "replay": ("pages",),
}


@dataclass(frozen=True, slots=True)
class _Made:
    """A file, or the parts of one, with how many records are in it."""

    format: str
    table: str
    paths: list[Path]
    count: int


def write_dataset(
    archive: Reader,
    directory: Path,
    formats: tuple[str, ...] = IN_DATASET,
    *,
    choice: Choice = ALL,
    limit: int | None = None,
    url: str | None = None,
    shown: Shown | None = None,
    force: bool = False,
) -> int:
    """Write the dataset and return how many articles are in it; the options are those of `export_archive`.

    Raises `TargetExists` for a directory that holds anything, unless forced, `TargetRefused`, `MissingExtra`.
    """
    for name in formats:
        exporter(name)  # a part that is not installed is missed before anything is written
    stale = _opened(directory, force)
    made = [each for name in formats for each in _made(archive, directory, name, choice, limit, url, shown)]
    with target(directory / RECORD_SCHEMA, force=True) as out:
        out.write(_json(record_schema()))
    resources = [_resource(each, directory) for each in made]
    facts = package(archive, choice, resources)
    with target(directory / CARD, force=True) as out:
        out.write(card(archive, choice, resources).encode(errors="backslashreplace"))
    for path in stale - {part for resource in resources for part in resource.files}:
        (directory / path).unlink(missing_ok=True)
    with target(directory / PACKAGE, force=True) as out:
        out.write(_json(facts))
    return sum(count for _, _, count, _, _ in archive.spans(choice))


def _opened(directory: Path, force: bool) -> set[str]:
    """Make the directory, or see whether it may be written to; return what an earlier dataset put there."""
    if directory.exists() and not directory.is_dir():
        raise TargetRefused(f"{directory} is a file: name a directory")
    try:
        directory.mkdir(exist_ok=True)
        found = any(directory.iterdir())
    except OSError as error:
        raise TargetRefused(f"{directory} cannot be written: {error.strerror}; name another place") from error
    if found and not force:
        raise TargetExists(f"{directory} is not empty: write into it with --force, or name another directory")
    return set(_earlier(directory))


def _earlier(directory: Path) -> Iterator[str]:
    """Yield the files an earlier dataset names, those that really lie in the directory."""
    try:
        described = json.loads((directory / PACKAGE).read_text("utf-8"))
        parts = [part for resource in described["resources"] for part in resource["campusnews:files"]]
        names = [str(part["path"]) for part in parts]
    except (OSError, ValueError, KeyError, TypeError):  # none there, or not ours: nothing to remove
        return
    root = directory.resolve()
    for name in names:
        path = (root / name).resolve()
        hidden = any(part.startswith(".") for part in Path(name).parts)
        if path.is_relative_to(root) and path.is_file() and not hidden:
            yield name


def _made(
    archive: Reader,
    directory: Path,
    form: str,
    choice: Choice,
    limit: int | None,
    url: str | None,
    shown: Shown | None,
) -> Iterator[_Made]:
    kind = FORMATS[form]
    if form == "parquet":
        from storage.export.parquet import write_partitions

        paths, count = write_partitions(archive.chosen(choice), directory / "articles")
        yield _Made(form, "articles", paths, count)
    for table in _NAMES[kind.takes]:
        if (form, table) != ("parquet", "articles"):
            path = directory / (table + kind.suffix)
            count = export_archive(
                archive,
                form,
                path,
                choice=choice,
                table=table,
                limit=limit,
                url=url,
                shown=shown,
                force=True,
            )
            yield _Made(form, table, [path], count)


def _resource(made: _Made, directory: Path) -> Resource:
    files: dict[str, tuple[int, str]] = {}
    for path in made.paths:
        with path.open("rb") as data:
            digest = hashlib.file_digest(data, "sha256").hexdigest()
            files[path.relative_to(directory).as_posix()] = (data.tell(), digest)
    table = TABLES[made.table] if FORMATS[made.format].takes == "rows" else None
    return Resource(made.format, FORMATS[made.format].media_type, table, files, made.count)


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode(errors="backslashreplace")
