"""docs/faults.md tells the truth: every test it names exists and names its case."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "faults.md"
ROWS = re.findall(r"^\| (.+?) \| .+? \| `(\w+\.py)::(\w+)` \|$", PAGE.read_text("utf-8"), re.MULTILINE)


@cache
def source(file: str) -> tuple[str, frozenset[str]]:
    """Return the text of a module of tests, and the names of its tests."""
    text = (HERE / file).read_text("utf-8")
    return text, frozenset(node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize(("case", "file", "test"), ROWS, ids=[row[0][:60] for row in ROWS])
def test_a_row_names_a_test_that_is_there_and_its_case(case: str, file: str, test: str) -> None:
    text, names = source(file)
    assert test in names
    for path in re.findall(r"`(/[^`]+)`", case):
        assert path in text or file == "test_feeds.py", path


def test_no_row_is_left_unread() -> None:
    rows = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]
    assert len(ROWS) == sum("::" in line for line in rows) > 80
