"""The text of config.yaml and a new site in, the text with that site out; every old byte stays. Pure.

Lines are only put in, never rewritten: comments, quotes, indentation and line ends remain a person's own. The
one exception is the empty value of `sites: []` or `sites: null`, which goes. A result that does not mean the
old settings plus the site is refused, not returned.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from scraper.errors import ConfigError

Setting = Mapping[str, Any]

_BOM = "\ufeff"
_BREAK = re.compile(r"\r\n|\n|\r")
_PLACEHOLDER = re.compile(r"^#[ \t]?contact:[^\r\n]*", re.MULTILINE)
_NOTHING = re.compile(r"|~|null|\[[ \t]*\]")
# A letter first: no number, no date. No blank: nothing that a colon or `#` could turn into something else.
_PLAIN = re.compile(r"[A-Za-z][\w./+:-]*[\w/]", re.ASCII)
_SWITCHES = frozenset(("true", "false", "yes", "no", "on", "off", "null"))
_FIRST = """\
# campusnews: which sites to crawl, and how gently. Every setting: docs/config.md.

# Where everything is kept. Relative to this file.
archive: archive

# Who is crawling: a mail address or URL for the people who run the sites. No site but your own is crawled
# without it.
#contact: news-archive@example.edu
"""
_INDENT = 2


class _UnsafeError(Exception):
    """Why a text cannot be added to."""


def with_site(text: str | None, site: Setting, contact: str | None = None) -> str:
    """Return the text with the site as the last one, and with a contact where it has none; None is no file.

    Takes what `load_config` takes. Raises `ConfigError` where the text is written in a way that cannot be
    added to safely.
    """
    old = _FIRST if text is None else text
    try:
        new = _with_contact(old, contact) if contact else old
        new = _with_block(new, site)
        if _meaning(new) != _expected(old, site, contact):
            raise _UnsafeError("the result would not mean the same")
    except (_UnsafeError, yaml.YAMLError, RecursionError) as error:
        why = str(error).partition("\n")[0]
        raise ConfigError([f"not written, the file is yours to edit here: {why}"]) from None
    return new


def block(site: Setting, indent: int = _INDENT) -> str:
    """Return the site as an item of a YAML list, its dash in column `indent`."""
    rows = (row for key, value in site.items() for row in _rows(key, value))
    return "".join(f"{' ' * indent}{'  ' if n else '- '}{row}\n" for n, row in enumerate(rows))


def _rows(key: str, value: Any) -> Iterator[str]:
    if key != "seeds":
        yield f"{key}: {_scalar(value)}"
        return
    yield "seeds:"
    for seed in value:
        pairs = "" if isinstance(seed, str) else ", ".join(f"{k}: {_quoted(v)}" for k, v in seed.items())
        yield f"  - {{{pairs}}}" if pairs else f"  - {_scalar(seed)}"


def _scalar(value: object) -> str:
    plain = isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _SWITCHES
    return str(value) if plain else _quoted(value)


def _quoted(value: object) -> str:
    """Return a value as JSON, which YAML reads the same way; what does not print is escaped."""
    shown = json.dumps(value, ensure_ascii=False)
    return "".join(sign if sign.isprintable() else f"\\U{ord(sign):08x}" for sign in shown)


def _with_block(text: str, site: Setting) -> str:
    """Return the text with the lines of the site where they belong."""
    root = _root(text)
    found = None if root is None else _value(root, "sites")
    if found is None:
        column = 0 if root is None else root.start_mark.column
        return _put(text, len(text), f"\n{' ' * column}sites:\n{block(site, column + _INDENT)}")
    key, value = found
    start, end = value.start_mark.index, value.end_mark.index
    if isinstance(value, yaml.SequenceNode) and not value.flow_style:
        column = value.start_mark.column
        return _put(text, _own_comments(text, _line_end(text, _end(value)), column), block(site, column))
    if not _NOTHING.fullmatch(text[start:end]):
        raise _UnsafeError("its sites stand in brackets: write them as a list of dashes")
    emptied = text[:start].rstrip(" \t") + text[end:] if end > start else text
    at = _line_end(emptied, key.end_mark.index + 1)
    return _put(emptied, at, block(site, key.start_mark.column + _INDENT))


def _with_contact(text: str, contact: str) -> str:
    """Return the text with a contact: below the commented one, else above everything else."""
    root = _root(text)
    if root is not None and _value(root, "contact") is not None:
        raise _UnsafeError("its `contact` is empty: write the address there")
    line = f"{' ' * (root.start_mark.column if root else 0)}contact: {_scalar(contact)}\n"
    if waiting := _PLACEHOLDER.search(text):
        return _put(text, _line_end(text, waiting.end()), line)
    return _put(text, _line_start(text, root.start_mark.index) if root else len(text), line)


def _root(text: str) -> yaml.MappingNode | None:
    """Return the mapping a text holds, None where all of it is comment."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if root is None:
        return None
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        raise _UnsafeError("it is no list of `key: value` lines")
    return root


def _value(root: yaml.MappingNode, name: str) -> tuple[yaml.Node, yaml.Node] | None:
    return next(((key, value) for key, value in root.value if key.value == name), None)


def _end(node: yaml.Node) -> int:
    """Return the offset where a node's last sign ends; a block's own mark lies below the next comments."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    return int(node.end_mark.index)


def _own_comments(text: str, at: int, column: int) -> int:
    """Return the offset behind the comment lines that go on with the item above: those set in deeper."""
    deeper = re.compile(rf"(?:[ ]{{{column + 1},}}#[^\r\n]*(?:\r\n|\n|\r|\Z))*")
    found = deeper.match(text, at)
    return found.end() if found else at


def _line_start(text: str, at: int) -> int:
    return max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1


def _line_end(text: str, at: int) -> int:
    """Return the offset of the line after the one `at` is in; `at` itself where a line begins there."""
    if at and text[at - 1] in "\r\n":
        return at
    found = _BREAK.search(text, at)
    return found.end() if found else len(text)


def _put(text: str, at: int, lines: str) -> str:
    """Return the text with whole lines put in, ended as its own lines are."""
    own = found[0] if (found := _BREAK.search(text)) else "\n"
    before = text[:at] + ("" if not at or text[:at].endswith(("\n", "\r", _BOM)) else own)
    return before + lines.replace("\n", own) + text[at:]


def _meaning(text: str) -> dict[str, Any]:
    return yaml.safe_load(text) or {}


def _expected(text: str, site: Setting, contact: str | None) -> dict[str, Any]:
    old = _meaning(text)
    sites = [*(old.get("sites") or ()), json.loads(json.dumps(site))]
    return old | {"sites": sites} | ({"contact": contact} if contact else {})
