"""Writes the pages of docs/ made from the code: run `make docs` after changing a setting or a field."""

from __future__ import annotations

import json
from pathlib import Path

from scraper.config import config_schema, settings_table
from scraper.config_schema import rules_table
from storage.schema import change_schema, record_schema

DOCS = Path(__file__).parent

CONFIG_PAGE = """# Settings of config.yaml

Made by `make docs` from the models in `scraper/settings.py`. An editor that knows JSON Schema completes and
checks the file with [config.schema.json](config.schema.json). Every mistake is told at once, with its line.

"""

RULES_SECTION = """
## Rules of a site

What `rules` of a site may hold: `article` and `listing`, in the words of the form every preset is written in
([presets.md](presets.md)). They are laid over the preset the site has or is found to have: what is stated is
tried before the preset's own, and an empty list takes the preset's own away. A place is a CSS selector or a
list of them. Records then name the preset like `vsb+config-1f3a9c`; the last part changes with the rules, so
that pages read by other rules are read again before they are compared.

"""


def pages() -> dict[str, str]:
    """Return every generated page by file name."""
    return {
        "record.schema.json": _json(record_schema()),
        "change.schema.json": _json(change_schema()),
        "config.schema.json": _json(config_schema()),
        "config.md": CONFIG_PAGE + settings_table() + RULES_SECTION + rules_table(),
    }


def _json(schema: object) -> str:
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")
