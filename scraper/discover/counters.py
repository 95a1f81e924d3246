"""A listing page in, the requests that tell the views of its items out, and their answers read. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit, urlunsplit

from scraper.page import Page
from scraper.presets.preset import ListCounterRule

_LONGEST = 65536  # bytes of an answer that is one: a list has some hundred counts at most
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class ListCounter:
    """A request for the views of several items: absolute `url`, `method`, `body`; `parse` reads the answer.

    `asked` are the article numbers in the order asked, each with the address of its item.
    """

    url: str
    asked: tuple[tuple[str, str], ...]
    method: str = "GET"
    body: bytes = b""
    keys: tuple[str, str] | None = None

    def parse(self, answer: bytes) -> dict[str, int]:
        """Return the views by the address of the item; nothing where the answer does not fit the question."""
        text = answer[:_LONGEST].decode("utf-8", "replace").strip()
        counts = self._by_number(text) if self.keys else self._in_order(text)
        return {url: count for number, url in self.asked if (count := counts.get(number)) is not None}

    def _in_order(self, text: str) -> dict[str, int]:
        counts = [_count(part) for part in text.split(",")]
        numbers = [number for number, _ in self.asked]
        if len(counts) != len(numbers):
            return {}
        return {number: count for number, count in zip(numbers, counts, strict=True) if count is not None}

    def _by_number(self, text: str) -> dict[str, int]:
        number, count = self.keys or ("", "")
        try:
            rows = json.loads(text)
        except (ValueError, RecursionError):
            return {}
        rows = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        read = ((str(row.get(number)), _count(str(row.get(count)))) for row in rows)
        return {key: value for key, value in read if value is not None}


def find_counters(page: Page, rules: Iterable[ListCounterRule], urls: Sequence[str]) -> Iterator[ListCounter]:
    """Yield the counters of a page's CMS that name items of its list."""
    for rule in rules:
        named = {number for found in re.findall(rule.ids, page.text) for number in _DIGITS.findall(found)}
        asked = tuple(
            {number: url for url in urls if (number := _number(rule.item, url)) in named and number}.items()
        )
        if asked and (url := _address(rule, page, ",".join(number for number, _ in asked))):
            yield ListCounter(url, asked, rule.method, keys=rule.keys)


def _number(pattern: str, url: str) -> str | None:
    match = re.search(pattern, url)
    return next(filter(None, match.groups()), None) if match else None


def _address(rule: ListCounterRule, page: Page, ids: str) -> str | None:
    """Return the request's address, filled with what the page states."""
    facts = dict.fromkeys(re.findall(r"\{(\w+)\}", rule.url), "") | {"ids": ids}
    for pattern in rule.facts:
        if match := re.search(pattern, page.text):
            facts |= {name: value or "" for name, value in match.groupdict().items()}
    try:
        parts = urlsplit(rule.url.format(**facts).replace("//", "/"))
        query = "&".join(pair for pair in parts.query.split("&") if not pair.endswith("="))
        return urljoin(page.base_url, urlunsplit(parts._replace(query=query)))
    except ValueError:  # the page has no address to be relative to
        return None


def _count(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else None
