"""The models of the settings -> their JSON Schema, the table for the docs, words for error messages. Pure."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from scraper.settings import Config
from scraper.yaml_lines import Loc

_Node = dict[str, Any]

_KINDS = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "object": "a mapping",
    "string": "text",
}
_LIMITS = {
    "maxLength": " of at most {maxLength} characters",
    "minItems": " of at least {minItems}",
    "minimum": " from {minimum} to {maximum}",
}

_RULES = {
    "Article": "article",
    "Counter": "article.counters",
    "Problem": "article.problems",
    "Listing": "listing",
}


def config_schema() -> dict[str, object]:
    """Return the JSON Schema (2020-12) of config.yaml, for editors and for the docs."""
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:campusnews:schema:config:1",
    }
    return {**head, **_schema(), "title": "campusnews config.yaml"}


def settings_table() -> str:
    """Return every setting as a Markdown table: name, where it is written, values, default and meaning."""
    top: _Node = _schema()["properties"]
    models = ("ArchivePlace", "Site", "Seed", "Recheck")
    archive, site, seed, recheck = (_properties(model) for model in models)
    rows = [_row(name, "top, site" if name in site else "top", node) for name, node in top.items()]
    rows += [_row(name, "archive", node) for name, node in archive.items()]
    rows += [_row(name, "site", node) for name, node in site.items() if name not in top]
    rows += [_row(name, "seed", node) for name, node in seed.items()]
    rows += [_row(name, "recheck", node) for name, node in recheck.items()]
    return "\n".join(["| setting | where | value | default | meaning |", "|---|---|---|---|---|", *rows, ""])


def rules_table() -> str:
    """Return what a site's `rules` may hold as a Markdown table, like `settings_table`."""
    rows = [
        _row(name, where, node)
        for model, where in _RULES.items()
        for name, node in _properties(model).items()
    ]
    return "\n".join(["| rule | where | value | default | meaning |", "|---|---|---|---|---|", *rows, ""])


def setting(loc: Loc) -> _Node:
    """Return the part of the schema that describes the value at `loc`."""
    node = _schema()
    for key in loc:
        inner = _container(node)
        node = inner["items"] if isinstance(key, int) else inner["properties"][key]
    return node


def inner_names(loc: Loc) -> tuple[str, ...]:
    """Return the names of the settings that the mapping at `loc` may hold."""
    return tuple(_container(setting(loc))["properties"])


def kind(node: _Node) -> str:
    """Return in words what a part of the schema allows."""
    if "enum" in node:
        return "one of " + ", ".join(filter(None, node["enum"]))
    if "anyOf" in node:
        return " or ".join(kind(option) for option in node["anyOf"] if option.get("type") != "null")
    limits = (words.format_map(node) for limit, words in _LIMITS.items() if limit in node)
    return "".join([_KINDS[node.get("type", "object")], *limits])


def _container(node: _Node) -> _Node:
    """Return the list or mapping a setting can be, past null and shorthands."""
    options = [option for option in node.get("anyOf", [node]) if option.get("type") not in ("null", "string")]
    inner: _Node = options[0]
    if "$ref" in inner:
        inner = _schema()["$defs"][inner["$ref"].rpartition("/")[2]]
    return inner


def _properties(model: str) -> _Node:
    properties: _Node = _schema()["$defs"][model]["properties"]
    return properties


def _row(name: str, where: str, node: _Node) -> str:
    default = (
        "required"
        if "default" not in node
        else "–"
        if node["default"] is None or isinstance(node["default"], dict)
        else _code(node["default"])
    )
    return f"| `{name}` | {where} | {kind(node)} | {default} | {node['description']} |"


def _code(value: object) -> str:
    return f"`{json.dumps(value)}`"


@cache
def _schema() -> _Node:
    return Config.model_json_schema()
