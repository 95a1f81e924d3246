"""The rules of one host's robots.txt (RFC 9309): status and bytes in, answers out. Pure; fetching is `fetch`.

Protego reads the rules; what a status means, the size, odd bytes and exact product tokens are decided here.
"""

from __future__ import annotations

import re
from typing import Literal

from protego import Protego

MAX_BYTES = 500 * 1024  # RFC 9309 §2.5: at least 500 KiB must be parsed
MAX_REDIRECTS = 5  # §2.3.1.2

_HTML = re.compile(rb"\s*(?:<!--.*?-->\s*)?<(?:!doctype|html|head|body|script)\b", re.IGNORECASE | re.DOTALL)
# Protego lets a group `camp` apply to `campusnews`; `!` at the end of both makes tokens match whole (§2.2.1).
_GROUP = re.compile(
    r"^([ \t]*user[- ]?agent[ \t]*:[ \t]*)([A-Za-z_-]+)[^\r\n]*", re.IGNORECASE | re.MULTILINE
)
_TOKEN = re.compile(r"[A-Za-z_-]+")


class Robots:
    """What one host allows; `unreachable` when its robots.txt could not be read, which forbids everything."""

    __slots__ = ("_rules", "unreachable")

    def __init__(self, rules: Protego | None = None, *, unreachable: bool = False) -> None:
        self._rules = rules
        self.unreachable = unreachable

    @classmethod
    def parse(cls, body: bytes) -> Robots:
        """Read the rules; never raises. An HTML page, or nothing, has none."""
        if _HTML.match(body[:4096].removeprefix(b"\xef\xbb\xbf")):
            return ALLOW_ALL
        text = _whole_lines(body).replace(b"\0", b"").decode("utf-8-sig", "replace")
        return cls(Protego.parse(_GROUP.sub(r"\1\2!", text)))

    @classmethod
    def from_response(cls, status: int | None, body: bytes = b"") -> Robots:
        """Return the rules a final answer stands for (§2.3.1); `None` is a network error.

        4xx allows all and 5xx forbids all; 429 asks for less, so it counts as unreachable. What is still a
        redirect after `MAX_REDIRECTS` hops counts as unavailable, which allows all.
        """
        if status is None or status == 429 or status >= 500:
            return UNREACHABLE
        return cls.parse(body) if 200 <= status < 300 else ALLOW_ALL

    @property
    def decision(self) -> Literal["allowed", "rules", "unreachable"]:
        """Tell in one word what it comes to: no rules, rules, or nothing that could be read."""
        return "unreachable" if self.unreachable else "allowed" if self._rules is None else "rules"

    def allows(self, url: str, user_agent: str) -> bool:
        """Tell whether `user_agent`, a product token or a User-Agent that begins with it, may fetch."""
        if self.unreachable:
            return False
        return self._rules is None or bool(self._rules.can_fetch(url, _token(user_agent)))

    def crawl_delay(self, user_agent: str) -> float | None:
        """Return the seconds asked for between requests; finite and not negative."""
        return None if self._rules is None else self._rules.crawl_delay(_token(user_agent))


ALLOW_ALL = Robots()
UNREACHABLE = Robots(unreachable=True)


def _token(user_agent: str) -> str:
    match = _TOKEN.match(user_agent)
    return f"{match[0]}!" if match else user_agent


def _whole_lines(body: bytes) -> bytes:
    """Cut at the size limit, and there before a torn line: half a path would forbid more than was meant."""
    return body if len(body) <= MAX_BYTES else body[: body.rfind(b"\n", 0, MAX_BYTES) + 1]
