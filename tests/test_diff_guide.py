"""docs/diff.md: every example of it is what the rules say, and every rule has one."""

from __future__ import annotations

import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from storage.diff import compare
from storage.records import Article, Extractor
from storage.severity import RULES, Edit

DOCS = Path(__file__).parents[1] / "docs"
EXAMPLES = runpy.run_path(str(DOCS / "diff_examples.py"))
OF_RULES: dict[str, Any] = EXAMPLES["OF_RULES"]

PLAIN = Article("a1", "https://www.example.edu/1", "s", "Title", Extractor("generic", 1), body="Word. " * 60)


def edited(field: str, before: object, after: object) -> tuple[Any, ...]:
    return compare(replace(PLAIN, **{field: before}), replace(PLAIN, **{field: after}))  # type: ignore[arg-type]


def test_every_rule_has_one_example() -> None:
    assert {field: len(rules) for field, rules in RULES.items()} == {
        field: len(of_field) for field, of_field in OF_RULES.items()
    }


@pytest.mark.parametrize(
    ("field", "at"),
    [(field, at) for field, of_field in OF_RULES.items() for at in range(len(of_field))],
)
def test_an_example_is_an_edit_and_is_judged_by_its_rule(field: str, at: int) -> None:
    (change,) = edited(field, *OF_RULES[field][at])
    body = "" if (field, at) == ("images", 1) else PLAIN.body  # a poster: there is no text
    edit = Edit(change.before, change.after, change.segments, body)
    assert [rule.holds(edit) for rule in RULES[field]].index(True) == at
    assert body == "" or change.severity == RULES[field][at].severity


@pytest.mark.parametrize(("field", "before", "after"), [example[1:] for example in EXAMPLES["OF_NONE"]])
def test_what_is_called_no_edit_is_none(field: str, before: object, after: object) -> None:
    assert edited(field, before, after) == ()
