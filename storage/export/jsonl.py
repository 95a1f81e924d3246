"""Articles in, JSON Lines out: UTF-8, one record a line. Writes only to the file object given."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import BinaryIO

from storage.records import Article

# JSON allows these raw, but many readers of lines break at them.
_LINE_BREAKS = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}


def write_jsonl(articles: Iterable[Article], out: BinaryIO) -> int:
    """Write each article as one line and return how many; equal articles give equal bytes."""
    count = 0
    for article in articles:
        out.write(_line(article))
        count += 1
    return count


def _line(article: Article) -> bytes:
    record = article.to_json()
    record["provenance"] = dict(sorted(record["provenance"].items()))
    line = json.dumps(record, ensure_ascii=False).translate(_LINE_BREAKS) + "\n"
    return line.encode(errors="backslashreplace")  # a lone surrogate becomes its JSON escape
