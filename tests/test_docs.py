"""The generated pages are those the code makes now, and every file a document names is there."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def generated(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return the pages as running docs/generate.py would make them."""
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    pages: dict[str, str] = module.pages()
    return pages


@pytest.mark.parametrize(
    "name",
    [
        "change.schema.json",
        "columns.md",
        "event.schema.json",
        "config.md",
        "config.schema.json",
        "diff.md",
        "record.schema.json",
        "states.md",
    ],
)
def test_a_generated_page_is_up_to_date(name: str, generated: dict[str, str]) -> None:
    assert (ROOT / "docs" / name).read_text("utf-8") == generated[name], (
        "run `make docs` and commit what it wrote"
    )


def test_every_relative_link_of_the_documents_leads_somewhere() -> None:
    dead = [
        f"{page.name}: {link}"
        for page in (ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md"))
        for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text("utf-8"))
        if not (page.parent / link).exists()
    ]
    assert dead == []


def test_no_lock_file_or_document_holds_an_index_address_or_a_machine_path() -> None:
    files = [*ROOT.glob("requirements*.txt"), *ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.*")]
    found = [
        file.name
        for file in files
        if file.is_file()
        and re.search(
            r"--(?:extra-)?index-url|--find-links|file://|pypi\.org|/(?:root|home)/", file.read_text("utf-8")
        )
    ]
    assert found == []
