"""The request that asks a CMS how often an article was read, and how to read the answer. Pure.

A counter only reports; what *counts* a visit is a beacon and is never asked for (DESIGN §4).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin

from scraper.page import Page
from scraper.presets.preset import CounterRule, Preset

_LONGEST = 4096  # bytes: a count is short, an HTML shell in its place is none


@dataclass(frozen=True, slots=True)
class Counter:
    """A request for the views of one article: absolute `url`, `method`, `body`; `parse` reads the answer."""

    url: str
    method: str = "GET"
    body: bytes = b""
    answer: str = r"\s*(\d+)\s*"
    zero_means_unknown: bool = False

    def parse(self, answer: bytes) -> int | None:
        """Return the views, or None where the answer is none (an error text, an HTML shell, empty)."""
        match = re.match(self.answer, answer[:_LONGEST].decode("utf-8", "replace").strip(), re.DOTALL)
        if match is None or len(match[1]) > 12:
            return None
        views = int(match[1])
        return None if views == 0 and self.zero_means_unknown else views


def find_counter(page: Page, preset: Preset) -> Counter | None:
    """Return the request of the first of the preset's counters that the page names, or None."""
    for rule in preset.article.counters:
        if match := re.search(rule.pattern, page.text):
            try:
                return _request(rule, match, page.base_url)
            except ValueError:  # the page names no address
                continue
    return None


def _request(rule: CounterRule, match: re.Match[str], base: str) -> Counter:
    parts = {name: value.replace("&amp;", "&") for name, value in match.groupdict().items()}
    url = urljoin(base, rule.url.format(**parts))
    return Counter(url, rule.method, b"", rule.answer, rule.zero_means_unknown)
