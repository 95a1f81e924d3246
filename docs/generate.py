"""Writes the pages of docs/ made from the code: run `make docs` after changing a setting or a field."""

from __future__ import annotations

import json
from pathlib import Path

from diff_examples import OF_NONE, OF_RULES, shown

from scraper import states
from scraper.config import config_schema, settings_table
from scraper.config_schema import rules_table
from storage import findings
from storage.export.tables import TABLES, Table
from storage.schema import change_schema, event_schema, record_schema
from storage.severity import RULES, Rule

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
* `blocked`, `error`: shown as such until it can be read again; the record stays as it was. The next run looks
  again at an error that may have passed, but as the age asks at one that lasts (a file) or is blocked;
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


REPAIR_PAGE = """# Checking an archive, and mending it

Made by `make docs` from `storage/findings.py`.

    campusnews verify              hold everything against everything; exit code 4 for damage
    campusnews repair --dry-run    say what could be done, change nothing
    campusnews repair              do it, and verify

`verify` reads every record of every WARC file and every row of the catalogue, and prints each fault with
file, offset and record; with `--json` one object a line. It may run beside a crawl. What has `damage: false`
needs nothing done: it is what a killed run left for the next, or what `repair` has marked as lost.

`repair` takes these steps, each told before it is taken, in `repairs.jsonl` of the archive too:

"""
REPAIR_END = """
A lost capture keeps its row, and articles their records. Its address is asked for without a condition, and
the articles read from it are due at once: the next crawl fetches them, `campusnews status` tells of them
until `repair` finds their payload again. A file that returns from a copy is put in its place and `repair` run
again: what was lost with it is found.

Nothing is deleted that is not elsewhere, byte for byte or record by record. A repair can be killed at any
moment and run again; run twice, it does nothing the second time. It holds the archive as a crawl does.

## What to do

"""
REPAIR_SECTIONS = {
    "Records of a WARC file": findings.RECORDS,
    "WARC files": findings.FILES,
    "Captures and their records": findings.CAPTURES,
    "The catalogue": findings.CATALOG,
    "What metadata records tell": findings.TOLD,
}

COLUMNS_PAGE = """# Columns of the exported tables

Made by `make docs` from `storage/export/tables.py`. CSV, Parquet and SQLite have the same columns; what they
are for is in [export.md](export.md). In Parquet `integer` is int64, `day` date32, `time` a timestamp in UTC,
`array` a list of structs (`fields` is JSON) and `object` a map; in SQLite and CSV lists and objects are JSON
and times ISO 8601.
"""

DIFF_PAGE = """# What changed

Made by `make docs` from `storage/severity.py` and `docs/diff_examples.py`; a test holds every example
against the rules.

    campusnews diff                      # the last run that asked for something against the one before it
    campusnews diff 7 9 --site szqu      # what stands otherwise after run 9 than after run 7
    campusnews diff --html changes.html  # one page, side by side, for a browser or a printer
    campusnews diff --json               # one change a line: change.schema.json
    campusnews changes --after CURSOR    # every edit as an event with its record: event.schema.json

A run compares what it reads with what the archive keeps, field by field: title, release time, body, images,
attachments, links, author, source and editor. If anything of it was edited there is a new *version*, and
the change says which fields differ, what was there before, what is there now, and how much it matters.
Views are never an edit: they are a series of their own. The section is none either, since a column that is
renamed would edit every article in it: the record follows, and the stream of changes tells it as
`refreshed`.

In a terminal the words that went and came are red and green, or `[-so-]{+so+}` where there is no colour; a
paragraph that moved is `[<from here<]{>to here>}`. The HTML page needs nothing from elsewhere and no script:
boxes at its top choose what is shown, both colour themes and paper are provided for, and every word of a
page in it is text. Each edited paragraph has a row; of several edits each has its number, the same on both
sides.

* **Words.** `segments` are the stretches of a text in reading order: `equal`, `deleted`, `inserted`, and
  for a paragraph that stands elsewhere now `moved_from` and `moved_to`. Chinese is compared by character,
  other languages by word; figures, dates and times are one word each. All but the deleted and moved-from
  ones give the new text.
* **Images, attachments, links** stand side by side: `before[i]` became `after[i]`, and null is where one
  was added or removed. Attachments know their bytes where the site has `assets: content`, so that a file
  replaced behind its address is told too.
* **Release times** are compared at the precision both pages state. One that became earlier sets
  `release_time_moved_back`.
* **Our rules, their page.** Where the rules that read a page changed, the kept page is read again by the
  new ones and compared with that: what only we read otherwise has the reason `rules`, and is never counted
  as an edit.

## Severity

The first rule of a field that holds gives its severity, the gravest field that of the change.

| field | what was edited | severity | before | after |
|---|---|---|---|---|
"""

NO_EDIT_SECTION = """
## What is no edit

A CMS, a server or an encoding moves these on its own. They make no version; the record follows, so that it
shows what the page shows. What a page has around its article (menus, lists of the latest, neighbours, dates
of the day, greetings, tokens, counters, advertisements) is not part of the record at all.

| what moved | field | before | after |
|---|---|---|---|
"""

DIFF_LIMITS = """
## What the rules cannot know

* A **name** among few words is minor: no rule tells a name from a word in Chinese without a dictionary.
* A **typo in a title** is substantive: one letter can make it another title.
* A text that was **rewritten** and says the same is substantive.
* A page read by **no preset and no learned layout** can be read otherwise after a large cut: where half of
  a text is gone, another block of the page may look like the article.

How often this is right is measured: see `changes.py` in [benchmarks](../benchmarks/README.md)."""


def pages() -> dict[str, str]:
    """Return every generated page by file name."""
    return {
        "record.schema.json": _json(record_schema()),
        "change.schema.json": _json(change_schema()),
        "event.schema.json": _json(event_schema()),
        "config.schema.json": _json(config_schema()),
        "columns.md": COLUMNS_PAGE + "".join(map(_columns, TABLES.values())),
        "diff.md": _diff_page(),
        "repair.md": _repair_page(),
        "states.md": STATES_PAGE + "\n".join(map(_states, STATES_SECTIONS)),
        "config.md": CONFIG_PAGE + settings_table() + RULES_SECTION + rules_table(),
    }


def _diff_page() -> str:
    rules = "".join(
        _rule(field, rule, *sides)
        for field, of_field in RULES.items()
        for rule, sides in zip(of_field, OF_RULES[field], strict=True)
    )
    none = "".join(
        f"| {told} | {field} | {shown(old)} | {shown(new)} |\n" for told, field, old, new in OF_NONE
    )
    return DIFF_PAGE + rules + NO_EDIT_SECTION + none + DIFF_LIMITS


def _rule(field: str, rule: Rule, before: object, after: object) -> str:
    return f"| {field} | {rule.means} | {rule.severity} | {shown(before)} | {shown(after)} |\n"


def _repair_page() -> str:
    steps = "".join(f"| `{name}` | {text} |\n" for name, text in findings.STEPS.items())
    remedies = "".join(f"| {name} | {text} |\n" for name, text in findings.REMEDIES.items())
    todo = "| | |\n|---|---|\n" + remedies + "\n"
    head = "| step | what is done |\n|---|---|\n"
    return REPAIR_PAGE + head + steps + REPAIR_END + todo + "\n".join(map(_problems, REPAIR_SECTIONS))


def _problems(title: str) -> str:
    rows = [f"| `{each.name}` | {each.means} | {each.remedy} |" for each in REPAIR_SECTIONS[title]]
    head = ["| problem | what it means | what to do |", "|---|---|---|"]
    return "\n".join([f"## {title}", "", *head, *rows, ""])


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
