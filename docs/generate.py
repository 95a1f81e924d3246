"""Writes the pages of docs/ made from the code: run `make docs` after changing a setting or a field."""

from __future__ import annotations

import json
from pathlib import Path

from scraper.config import config_schema, settings_table
from storage.schema import change_schema, record_schema

DOCS = Path(__file__).parent

CONFIG_PAGE = """# Settings of config.yaml

Made by `make docs` from the models in `scraper/settings.py`. An editor that knows JSON Schema completes and
checks the file with [config.schema.json](config.schema.json). Every mistake is told at once, with its line.

"""


def pages() -> dict[str, str]:
    """Return every generated page by file name."""
    return {
        "record.schema.json": _json(record_schema()),
        "change.schema.json": _json(change_schema()),
        "config.schema.json": _json(config_schema()),
        "config.md": CONFIG_PAGE + settings_table(),
    }


def _json(schema: object) -> str:
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")
