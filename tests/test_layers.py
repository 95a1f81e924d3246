"""The architecture document's table, held against the imports of the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TABLE = re.compile(r"^\| [^|]+ \| ((?:`[\w.]+` ?)+)\|$", re.MULTILINE)


@cache
def layers() -> dict[str, int]:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    rows = [re.findall(r"`([\w.]+)`", row) for row in TABLE.findall(text)]
    return {module: level for level, row in enumerate(rows) for module in row}


@cache
def modules() -> dict[str, Path]:
    files = [file for package in ("scraper", "storage") for file in (ROOT / package).rglob("*.py")]
    return {
        ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file
        for file in files
    }


def unit(module: str) -> str:
    """A package below `scraper` or `storage` counts as one module."""
    return ".".join(module.split(".")[:2])


def imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                full = f"{node.module}.{name.name}"
                yield full if full in modules() else node.module


@cache
def edges() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {unit(module): set() for module in modules()}
    for module, file in modules().items():
        found[unit(module)] |= {unit(name) for name in imports(file) if name in modules()} - {unit(module)}
    return found


def test_the_table_names_exactly_the_modules_there_are() -> None:
    assert set(layers()) == {unit(module) for module in modules()}


def test_no_module_imports_from_a_layer_below_its_own_in_the_table() -> None:
    upward = [
        f"{module} -> {name}"
        for module, names in edges().items()
        for name in names
        if layers()[name] > layers()[module]
    ]
    assert upward == []


def test_storage_never_imports_scraper() -> None:
    assert [
        module
        for module, names in edges().items()
        if module.startswith("storage") and any(n.startswith("scraper") for n in names)
    ] == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    left = {module: names - {"scraper", "storage"} for module, names in edges().items()}
    while free := [module for module, names in left.items() if not names & set(left)]:
        for module in free:
            del left[module]
    assert left == {}


@pytest.mark.parametrize(
    ("library", "allowed"),
    [
        ("httpx", {"scraper.fetch.wire"}),
        ("httpcore", {"scraper.fetch.wire", "scraper.fetch.line"}),
        ("sqlalchemy", {module for module in modules() if module.startswith("storage")}),
        ("click", {module for module in modules() if module.startswith("scraper.cli")}),
    ],
)
def test_a_library_is_imported_only_behind_its_door(library: str, allowed: set[str]) -> None:
    users = {
        module
        for module, file in modules().items()
        if any(name.split(".")[0] == library for name in imports(file))
    }
    assert users <= allowed
    assert users
