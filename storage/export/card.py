"""What is in a dataset, for who finds it: its card, in Markdown with the head that data portals read.

It reads the archive and writes nothing; of one moment of an archive it is always the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from storage.choice import Choice
from storage.export.package import Resource
from storage.export.tables import Table
from storage.moment import Moment
from storage.reader import Reader

PARTS = "articles/*/*/*.parquet"  # where the parts of a table lie
_LOADED = {"parquet": 0, "jsonl": 1, "csv": 2}  # what a portal shows of a table, the best first
_USE = {
    "jsonl": """import json

with open('{path}', encoding='utf-8') as lines:
    articles = [json.loads(line) for line in lines]""",
    "csv": """import csv

csv.field_size_limit(2**31 - 1)  # a cell may be longer than the 128 kB that Python expects
with open('{path}', encoding='utf-8', newline='') as cells:
    rows = list(csv.DictReader(cells))""",
    "parquet": """from pyarrow.dataset import dataset

table = dataset('articles', partitioning='hive').to_table()""",
    "sqlite": "datasette {path}",
}
_NOTES = """## To know before using it

* The texts are the universities' own. This dataset holds what they published, when, and what they changed;
  whether you may publish it again is between you and them.
* `release_time` is as precise as the page states it: a day, or a time with or without its offset. No midnight
  is made up. `release_day` is its day.
* `views` are what the page or its counter reported at `views_observed_at`, null when unknown; the table
  `views` holds the series.
* A `state` of `withdrawn` is an article that was taken down, `hidden` one that left its lists; the text is
  that of the last version seen. `blocked` and `error` say only that the last look failed.
* In CSV a text that begins like a formula, or with an apostrophe, has an apostrophe before it: take one away
  from each cell that begins with one. An empty cell is null or an empty text.
* `capture_*` name the WARC record an article was read from; the evidence lies in the archive.
* `datapackage.json` names bytes and SHA-256 of every file, and `campusnews:cursor` is where
  `campusnews changes --after` goes on from here.
"""


def card(archive: Reader, choice: Choice, resources: list[Resource]) -> str:
    """Return the card's text."""
    title = f"University news: {choice.site}" if choice.site else "University news"
    tables = {resource.table.name: resource.table for resource in resources if resource.table}
    parts = [_head(title, resources), f"# {title}", "", *_sites(archive, choice), *_files(resources), _NOTES]
    columns = (line for each in tables.values() for line in _columns(each))
    return "\n".join([*parts, *_uses(resources), *columns])


def _head(title: str, resources: list[Resource]) -> str:
    """Return the front matter: JSON values are YAML, and need no rules of quoting."""
    lines = ["---", f"pretty_name: {json.dumps(title, ensure_ascii=False)}", "tags: [news, universities]"]
    best: dict[str, Resource] = {}
    for resource in sorted(resources, key=lambda each: _LOADED.get(each.format, 9)):
        if resource.table and resource.files:
            best.setdefault(resource.table.name, resource)
    configs = [
        f"  - config_name: {name}\n    data_files: {json.dumps(_place(resource, PARTS))}"
        for name, resource in best.items()
    ]
    return "\n".join([*lines, *(["configs:", *configs] if configs else []), "---", ""])


def _sites(archive: Reader, choice: Choice) -> Iterator[str]:
    chosen = [
        (f"released from {choice.since}", choice.since),
        (f"released until {choice.until}", choice.until),
        (f"moved after run {choice.since_run}", choice.since_run is not None),
    ]
    told = [text for text, is_so in chosen if is_so]
    as_of = "stand now" if choice.as_of is None else f"stood {_moment(choice.as_of)}"
    yield f"Articles as they {as_of}" + (f", only those {' and '.join(told)}" if told else "") + ":"
    yield ""
    yield "| site | state | articles | from | to |"
    yield "|---|---|---:|---|---|"
    for site, state, count, first, last in archive.spans(choice):
        yield f"| {site} | {state} | {count:,} | {first or ''} | {last or ''} |"
    yield ""


def _moment(moment: Moment) -> str:
    return f"after run {moment}" if isinstance(moment, int) else f"at the end of {moment}, UTC"


def _files(resources: list[Resource]) -> Iterator[str]:
    yield from ("## Files", "", "| file | what | records | bytes |", "|---|---|---:|---:|")
    for each in resources:
        what = each.table.title if each.table else each.media_type
        size = sum(size for size, _ in each.files.values())
        yield f"| `{_place(each, PARTS)}` | {what} | {each.count:,} | {size:,} |"
    yield ""


def _place(resource: Resource, parts: str) -> str:
    return next(iter(resource.files)) if len(resource.files) == 1 else parts


def _uses(resources: list[Resource]) -> Iterator[str]:
    """Yield how to load the articles, a format once."""
    yield from ("## Loading it", "")
    for each in resources:
        if each.format in _USE and (each.table is None or each.table.name == "articles"):
            language = "sh" if each.format == "sqlite" else "python"
            yield f"```{language}\n{_USE[each.format].format(path=_place(each, PARTS))}\n```\n"


def _columns(table: Table) -> Iterator[str]:
    yield from (f"## Columns of `{table.name}`", "", f"{table.title}.", "")
    yield from ("| column | kind | meaning |", "|---|---|---|")
    for column in table.columns:
        yield f"| `{column.name}` | {column.kind} | {column.means} |"
    yield ""
