"""Writes the pages of docs/ made from the code: run `make docs` after changing a setting or a field."""

from __future__ import annotations

import json
from pathlib import Path

from scraper import states
from scraper.config import config_schema, settings_table
from scraper.config_schema import rules_table
from storage.export.tables import TABLES, Table
from storage.schema import change_schema, event_schema, record_schema

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

STATES_PAGE = """# What an address can give in place of an article

Made by `make docs` from `scraper/states.py`. The names are those of the problems in the catalogue, in the
summary of a run and in `campusnews status`. None of them changes an article that is kept, and one bad page
never fails its list. What it tells of the article that stood at the address:

* `gone`: missing, and withdrawn when a later run finds it gone again;
* `blocked`, `error`: shown as such until it can be read again; the record stays as it was. The next run looks again
  at an error that may have passed by then, and at one that lasts (a file, a shell) or is blocked as the age asks;
* nothing: nothing was asked of an article.

"""
STATES_SECTIONS = {
    "Answers that are no article": states.ANSWERED,
    "What an article misses beside its page": states.BESIDE,
    "No usable answer": states.BROKEN,
    "No request was made": states.NOT_ASKED,
    "Listings": states.LISTS,
    "Our own doubts and mistakes": states.OURS,
}


COLUMNS_PAGE = """# Columns of the exported tables

Made by `make docs` from `storage/export/tables.py`. CSV, Parquet and SQLite have the same columns; what they
are for is in [export.md](export.md). In Parquet `integer` is int64, `day` date32, `time` a timestamp in UTC,
`array` a list of structs (`fields` is JSON) and `object` a map; in SQLite and CSV lists and objects are JSON
and times ISO 8601.
"""


def pages() -> dict[str, str]:
    """Return every generated page by file name."""
    return {
        "record.schema.json": _json(record_schema()),
        "change.schema.json": _json(change_schema()),
        "event.schema.json": _json(event_schema()),
        "config.schema.json": _json(config_schema()),
        "columns.md": COLUMNS_PAGE + "".join(map(_columns, TABLES.values())),
        "states.md": STATES_PAGE + "\n".join(map(_states, STATES_SECTIONS)),
        "config.md": CONFIG_PAGE + settings_table() + RULES_SECTION + rules_table(),
    }


def _states(title: str) -> str:
    rows = [
        f"| `{name}` | {state.look or 'nothing'} | {state.means} | {state.do} |"
        for name, state in STATES_SECTIONS[title].items()
    ]
    head = "| name | tells of the article | what it is | what to do |"
    return "\n".join([f"## {title}", "", head, "|---|---|---|---|", *rows, ""])


def _columns(table: Table) -> str:
    rows = [f"| `{column.name}` | {column.kind} | {column.means} |" for column in table.columns]
    head = ["| column | kind | meaning |", "|---|---|---|"]
    return "\n".join(
        ["", f"## {table.name}", "", f"{table.title}. Key: {', '.join(table.key)}.", "", *head, *rows, ""]
    )


def _json(schema: object) -> str:
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")
