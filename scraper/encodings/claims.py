"""A response's header and bytes in, the encodings they claim out, most trusted first. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from scraper.encodings.tables import LABELS

_EARLY = 1024  # bytes in which browsers look for a declaration before they parse
_LATE = 65536  # bytes in which one may stand that came too late
_LONGEST = 40
_CHARSET = re.compile(r"charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([^\s\"';,]+)", re.IGNORECASE)
_DECLARATION = re.compile(
    rb"<!--.*?(?:-->|\Z)|<meta[\s/](?P<meta>[^>]{0,1000})|<\?xml\s(?P<xml>[^>]{0,200})",
    re.IGNORECASE | re.DOTALL,
)
_SAYS = re.compile(rb"[Cc][Hh][Aa][Rr][Ss][Ee][Tt]|[Ee][Nn][Cc][Oo][Dd][Ii][Nn][Gg]")  # most metas do not
_ATTRIBUTE = re.compile(r"([^\s\"'>/=]{1,40})\s{0,9}=\s{0,9}(?:\"([^\"]*)|'([^']*)|([^\s\"'>]+))")


@dataclass(frozen=True, slots=True)
class Claim:
    """An encoding that somebody claims; `encoding` is None where `label` is none of the web's."""

    rule: str
    label: str
    encoding: str | None


def encoding_of(label: str) -> str | None:
    """Return the web's name of an encoding, as `gb18030` for `GB2312`; None for what browsers do not follow.

    Those are unknown labels, and encodings that hide markup (`iso-2022-kr`, `hz-gb-2312`, `utf-7`).
    """
    return LABELS.get(label.strip("\t\n\f\r ").lower())


def early_claims(body: bytes, content_type: str | None) -> tuple[Claim, ...]:
    """Return the claims of the Content-Type header and of the first bytes."""
    head = body[:_EARLY]
    return _of_header(content_type or "") + (_of_head(head) if b"=" in head else ())


def late_claims(body: bytes) -> tuple[Claim, ...]:
    """Return the claims of metas that stand further down than browsers look."""
    later = (label for at, label in _declarations(body[:_LATE]) if at >= _EARLY)
    return tuple(_claim("late meta", label) for label in later)


@lru_cache(maxsize=256)
def _of_header(content_type: str) -> tuple[Claim, ...]:
    match = _CHARSET.search(content_type[:1000])
    return (_claim("header", match[1]),) if match else ()


def _of_head(head: bytes) -> tuple[Claim, ...]:
    return tuple(_claim("meta", label) for _, label in _declarations(head))


def _declarations(head: bytes) -> Iterator[tuple[int, str]]:
    """Yield where a meta (or an XML declaration) outside of comments names an encoding, and its label."""
    for match in _DECLARATION.finditer(head):
        if match.lastgroup and _SAYS.search(match[match.lastgroup]):
            found = _ATTRIBUTE.findall(match[match.lastgroup].decode("latin-1"))
            attributes = {name.lower(): double or single or bare for name, double, single, bare in found}
            label = attributes.get("encoding" if match.lastgroup == "xml" else "charset")
            if not label and "type" in attributes.get("http-equiv", "").lower():
                content = _CHARSET.search(attributes.get("content", ""))
                label = content[1] if content else None
            if label:
                yield match.end(), label


def _claim(rule: str, label: str) -> Claim:
    encoding = encoding_of(label)
    if rule != "header" and encoding and encoding.startswith("utf-16"):
        encoding = "utf-8"  # who reads a meta as ASCII does not read UTF-16
    return Claim(rule, label.strip()[:_LONGEST], encoding)
